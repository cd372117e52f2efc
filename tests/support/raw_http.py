"""HTTP as it is written on the wire, for requests that no client library would send."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPMessage, HTTPResponse
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

from emulator.http_server import Server


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


@contextmanager
def serving(app: WSGIApplication) -> Iterator[str]:
    """Serve a WSGI application on a free port of this machine; gives its URL."""
    server = Server('127.0.0.1', 0, app)
    thread = Thread(target=server.serve_forever, kwargs={'poll_interval': 0.01})
    thread.start()
    try:
        yield f'http://127.0.0.1:{server.port}'
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def sent(url: str, *lines: str | bytes, body: bytes = b'') -> Iterator[socket.socket]:
    """Send a request line and header lines as they are, then the body; gives the connection."""
    head = b'\r\n'.join(line if isinstance(line, bytes) else line.encode() for line in lines)
    with socket.create_connection((urlsplit(url).hostname, urlsplit(url).port), 20) as connection:
        connection.sendall(head + b'\r\n\r\n' + body)
        yield connection


def send(url: str, *lines: str | bytes, body: bytes = b'', half_close: bool = False) -> Answer:
    """Send a request as it is, and return the answer."""
    with sent(url, *lines, body=body) as connection:
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        method = 'HEAD' if lines[0][:4] in {'HEAD', b'HEAD'} else 'GET'
        with HTTPResponse(connection, method=method) as response:
            response.begin()
            return Answer(response.status, response.headers, response.read())


def post(
    url: str, *header_lines: str | bytes, body: bytes = b'', path: str = '/my_route'
) -> Answer:
    """Send a POST request with a body of the right length."""
    length = f'Content-Length: {len(body)}'
    return send(url, f'POST {path} HTTP/1.1', 'Host: localhost', length, *header_lines, body=body)
