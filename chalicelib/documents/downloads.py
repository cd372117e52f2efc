"""Files of a conversation fetched from OpenAI's hosts, and from nowhere else.

The address is whatever a language model says, so this is where server-side request forgery would
happen: https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
Only https on port 443 of a host that is allowed; its name is resolved once, every address must be
public, and the connection goes to the very address that was checked. No redirect is followed.
"""

import re
import socket
import ssl
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import IPv4Address
from typing import IO
from urllib.parse import SplitResult, urlsplit

from chalicelib import timed_connection
from chalicelib.deadline import Deadline
from chalicelib.documents.errors import NotDownloaded

PORT = 443

_CHUNK_BYTES = 65_536
_NOT_ALLOWED = 'Its link leads to no host of conversation files. Only attached files can be saved.'
_TOO_SLOW = 'It took too long to fetch. Save fewer files at once.'
# A URL as RFC 3986 has it; no space, control character or letter beyond ASCII.
_URL = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{1,8000}")
_HOST = re.compile(r'[a-z0-9-]+(\.[a-z0-9-]+)+')


def resolve(host: str) -> list[str]:
    """Return the IPv4 addresses of a host. With IPv6 an address can hide another within it."""
    found = socket.getaddrinfo(host, PORT, socket.AF_INET, socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Downloader:
    """Fetches files from the hosts that are allowed and their subdomains."""

    def __init__(
        self,
        hosts: Collection[str],
        *,
        resolve: Callable[[str], list[str]] = resolve,
        connect: Callable[[tuple[str, int], float], socket.socket] = socket.create_connection,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._hosts = hosts
        self._resolve = resolve
        self._connect = connect
        self._tls = tls or ssl.create_default_context()

    def fetch(self, url: str, into: IO[bytes], max_bytes: int, deadline: Deadline) -> None:
        """Write a file's content ``into`` another.

        Raises NotDownloaded when the URL is not allowed, the host fails, the file has more than
        ``max_bytes`` or it takes until after the deadline.
        """
        parts = self._checked(url)
        try:
            with self._connection(parts, deadline) as connection:
                connection.request('GET', _target(parts), headers={'Accept-Encoding': 'identity'})
                with connection.getresponse() as response:
                    _save(response, into, max_bytes)
        except (OSError, HTTPException, ValueError) as error:
            if deadline.is_over:
                raise NotDownloaded(_TOO_SLOW) from error
            raise NotDownloaded(
                'It could not be fetched from its host. Attach the file again.'
            ) from error
        if deadline.is_over:
            raise NotDownloaded(_TOO_SLOW)

    def _checked(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise NotDownloaded('Its link is not a URL. Attach the file again.') from error
        if not _URL.fullmatch(url) or parts.scheme != 'https' or not parts.hostname:
            raise NotDownloaded('Its link is not an https URL. Attach the file again.')
        if port not in (None, PORT) or '@' in parts.netloc:
            raise NotDownloaded('Its link names a port or a user, which is not allowed.')
        if not self._is_allowed(parts.hostname):
            raise NotDownloaded(_NOT_ALLOWED)
        return parts

    def _is_allowed(self, host: str) -> bool:
        return bool(_HOST.fullmatch(host)) and any(
            host == allowed or host.endswith(f'.{allowed}') for allowed in self._hosts
        )

    def _address(self, host: str) -> str:
        addresses = self._resolve(host)
        if not addresses or not all(_is_public(address) for address in addresses):
            raise NotDownloaded('Its host has no public address.')
        return addresses[0]

    @contextmanager
    def _connection(self, parts: SplitResult, deadline: Deadline) -> Iterator[HTTPConnection]:
        """Connect by address, but with the host's name in the certificate and the Host header."""
        host = parts.hostname or ''
        address = self._address(host)
        left = max(deadline.seconds_left, 0.001)
        with (
            self._connect((address, PORT), left) as raw,
            timed_connection.over(raw, host, deadline, self._tls) as connection,
        ):
            yield connection


def _is_public(address: str) -> bool:
    try:
        ip = IPv4Address(address)
    except ValueError:
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _target(parts: SplitResult) -> str:
    return f'{parts.path or "/"}?{parts.query}' if parts.query else parts.path or '/'


def _save(response: HTTPResponse, into: IO[bytes], max_bytes: int) -> None:
    if response.status != 200:
        raise NotDownloaded(
            f'Its host answers {response.status}. Links expire soon: attach the file again.'
        )
    left = max_bytes
    while chunk := response.read(_CHUNK_BYTES):
        left -= len(chunk)
        if left < 0:
            raise NotDownloaded(f'It has more than {max_bytes:,} bytes.')
        into.write(chunk)
    # Where the length is known, http.client passes over an end that comes too early.
    if response.length:
        raise NotDownloaded('It arrived incomplete. Try again.')
