"""What `ops try` asks of a front, which is a way in which ChatGPT reaches an operation."""

import json
from typing import NamedTuple, Protocol

import click

from ops.app_clients.connection import Connection
from ops.app_clients.mcp_connection import McpConnection
from ops.stage.stage import Stage
from ops.terminal import printable
from ops.trying.signed_in_call import SignedInCall


class CallRefused(click.ClickException):
    """The call was not made, or the API answered with an error."""


class Preview(NamedTuple):
    """A call before it is made, for the person who is asked to allow it."""

    what: str
    sent: str | bytes


class Front(Protocol):
    """One operation with its arguments, by one of the two ways to call it."""

    @property
    def token_file(self) -> str:
        """The name of the file for its tokens: each front has an app client of its own."""
        ...

    def preview(self) -> Preview:
        """Return what a call would send."""
        ...

    def connect(self, stage: Stage, wanted: str | None) -> Connection | McpConnection:
        """Read how to sign in; raises NotConnectable, StageNotUsable or AppClientNotFound."""
        ...

    def call(self, send: SignedInCall) -> object:
        """Make the call, print its answer, and return what names the files of it.

        Raises CallRefused where the answer is an error.
        """
        ...


def print_answer(text: str) -> object:
    """Print an answer, JSON indented, and return what it holds."""
    try:
        answer = json.loads(text)
        shown = json.dumps(answer, indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        answer, shown = None, text
    click.echo(printable(shown).encode())
    return answer
