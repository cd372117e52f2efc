"""One HTTP request to what a stage has on the network, as somebody without a token makes it."""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import click
import msgspec
import requests
import urllib3

from ops.aws_errors import nothing_answers

_SECONDS = 10.0
_MAX_BYTES = 200_000
_CHUNK_BYTES = 65_536


class NoAnswer(click.ClickException):
    """What was asked did not answer, or not within bounds; the message names its URL."""


class Answer(NamedTuple):
    """An answer, read to its end; ``headers`` are found by their names in any case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def __str__(self) -> str:
        return f'{self.status} {self.content[:200].decode(errors="replace")}'.strip()

    @property
    def location(self) -> str:
        """Where a redirect leads; empty for any other answer."""
        return self.headers.get('Location', '') if 300 <= self.status < 400 else ''

    @property
    def json(self) -> dict[str, Any]:
        """The JSON object that it is; empty for anything else."""
        try:
            value = msgspec.json.decode(self.content)
        except (msgspec.DecodeError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


def probe(  # noqa: PLR0913 - as requests has them
    method: str,
    url: str,
    *,
    query: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = _SECONDS,
) -> Answer:
    """Send a request and return its answer; a redirect is an answer, not followed.

    Raises NoAnswer.
    """
    what = f'{method} {url}'
    deadline = time.monotonic() + seconds
    content = bytearray()
    try:
        with requests.request(
            method,
            url,
            params=query,
            data=form,
            headers=headers,
            auth=lambda request: request,  # or a ~/.netrc would add its own
            allow_redirects=False,
            stream=True,
            timeout=seconds,
        ) as response:
            # read1 returns what is there, so that a server which trickles is noticed.
            while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
                content += chunk
                if len(content) > _MAX_BYTES:
                    raise NoAnswer(f'{what} answered with more than {_MAX_BYTES:,} bytes.')
                if time.monotonic() > deadline:
                    raise NoAnswer(f'{what} took longer than {seconds:g} s.')
    except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise NoAnswer(f'{what} took longer than {seconds:g} s.') from error
    except requests.exceptions.SSLError as error:
        raise NoAnswer(f'{what} has no certificate that is trusted.') from error
    except requests.ConnectionError as error:
        raise NoAnswer(nothing_answers(url)) from error
    # A ValueError is what a redirect to no URL ends in, even where it is not followed.
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
        raise NoAnswer(f'{what} could not be read: {type(error).__name__}.') from error
    return Answer(response.status_code, response.headers, bytes(content))
