"""An operation called as an action of a GPT: by the HTTP request that its document describes."""

from dataclasses import dataclass

import requests

from ops.app_clients.connection import Connection, connect
from ops.stage.stage import Stage
from ops.trying.front import CallRefused, Preview, print_answer
from ops.trying.signed_in_call import SignedInCall


@dataclass(frozen=True)
class Action:
    """The request of an operation."""

    operation_id: str
    request: requests.Request
    token_file: str

    def preview(self) -> Preview:
        """Return the method, the URL and the body."""
        return Preview(f'{self.request.method} {self.request.prepare().url}', self.request.data)

    def connect(self, stage: Stage, wanted: str | None) -> Connection:
        """Read how a GPT signs people in."""
        return connect(stage, wanted)

    def call(self, send: SignedInCall) -> object:
        """Send the request; the answer itself names its files."""
        received, text = send(self.request)
        answer = print_answer(text)
        if received.status >= 400:
            raise CallRefused(f'{self.operation_id} answered {received.status}.')
        return answer
