"""The limits of ChatGPT for a call of an Action; the first one that is broken ends the call.

From https://platform.openai.com/docs/actions/production and, for files,
https://platform.openai.com/docs/actions/sending-files. Neither speaks of redirects: that none is
followed is chosen here, since an access token must not go where a response says.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlsplit

import click
import requests
import urllib3

from ops.aws_errors import nothing_answers

_CHUNK_BYTES = 65_536
_UTF8_MAX_BYTES = 4


@dataclass(frozen=True)
class Limits:
    """ChatGPT's limits; "MB" is read as the smaller, decimal one.

    ``localhost`` lets a stage on this machine do without TLS; no other may lead a request here.
    """

    characters: int = 100_000
    round_trip_seconds: float = 45
    files: int = 10
    file_bytes: int = 10_000_000
    file_seconds: float = 10
    localhost: bool = False


CHATGPT = Limits()


class LimitBroken(click.ClickException):
    """ChatGPT would not have taken this; the message says which limit it broke."""

    def __init__(self, broken: str) -> None:
        super().__init__(f'ChatGPT would not take this: {broken}')


@dataclass(frozen=True)
class Received:
    """A response that was read to its end."""

    status: int
    headers: Message
    content: bytes

    @property
    def media_type(self) -> str:
        """The type and subtype, such as text/csv; empty if the response names none."""
        return self.headers.get_content_type() if 'content-type' in self.headers else ''


def check_characters(what: str, text: str, limits: Limits) -> None:
    """Raise LimitBroken for a payload that is too long."""
    if len(text) >= limits.characters:
        raise LimitBroken(
            f'{what} has {len(text):,} characters; fewer than {limits.characters:,} are taken.'
        )


def check_transport(what: str, url: str, limits: Limits) -> None:
    """Raise LimitBroken for a URL without TLS, but for one on this machine where that is right."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise LimitBroken(f'{what} has a URL that cannot be read: {error}.') from error
    is_here = limits.localhost and (parts.scheme, parts.hostname) == ('http', 'localhost')
    if parts.scheme != 'https' and not is_here:
        raise LimitBroken(f'{what} has no https URL.')


def check_type(what: str, media_type: str) -> None:
    """Raise LimitBroken for images and video."""
    if media_type.lower().startswith(('image/', 'video/')):
        raise LimitBroken(f'{what} is {media_type}; images and video are not taken.')


def receive_text(
    what: str, send: Callable[..., requests.Response], limits: Limits
) -> tuple[Received, str]:
    """Receive an API's answer and return it as text too; raises LimitBroken."""
    received = receive(
        what,
        send,
        seconds=limits.round_trip_seconds,
        max_bytes=limits.characters * _UTF8_MAX_BYTES,
    )
    check_type(what, received.media_type)
    try:
        text = received.content.decode()
    except UnicodeDecodeError as error:
        raise LimitBroken(f'{what} is not text in UTF-8.') from error
    check_characters(what, text, limits)
    return received, text


def receive(
    what: str, send: Callable[..., requests.Response], *, seconds: float, max_bytes: int
) -> Received:
    """Send a request and read the whole response.

    ``send`` is given the keyword arguments of requests.request that this needs. Raises LimitBroken
    if it takes longer, is larger, or is a redirect.
    """
    deadline = time.monotonic() + seconds
    content = bytearray()
    with (
        _failures_told(what, seconds),
        send(stream=True, timeout=seconds, allow_redirects=False) as response,
    ):
        if response.is_redirect:
            raise LimitBroken(f'{what} is a redirect ({response.status_code}): none is followed.')
        # read1 returns what is there, so that a server which trickles is noticed.
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            content += chunk
            if len(content) > max_bytes:
                raise LimitBroken(f'{what} is larger than {max_bytes:,} bytes.')
            if time.monotonic() > deadline:
                raise TimeoutError
        if time.monotonic() > deadline:
            raise TimeoutError
        headers = Message()
        for name, value in response.headers.items():
            headers[name] = value
        return Received(response.status_code, headers, bytes(content))


@contextmanager
def _failures_told(what: str, seconds: float) -> Iterator[None]:
    try:
        yield
    except (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise LimitBroken(f'{what} took longer than {seconds:g} s.') from error
    except requests.ConnectionError as error:
        url = error.request.url if error.request else None
        raise click.ClickException(nothing_answers(url or what)) from error
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise click.ClickException(f'{what} could not be read: {error}') from error
