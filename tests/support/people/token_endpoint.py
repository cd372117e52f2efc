"""A server that stands where the token endpoint would, keeps what it is sent and answers bytes."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.parser import BytesParser
from itertools import repeat

ANSWER = b'{"access_token":"at","expires_in":3600,"token_type":"Bearer"}'


def http_answer(
    body: bytes = ANSWER,
    *header_lines: str,
    status: str = '200 OK',
    content_type: str = 'application/json;charset=UTF-8',
) -> bytes:
    """Return a whole answer, as it goes over the wire."""
    lines = [f'HTTP/1.1 {status}', f'Content-Type: {content_type}', f'Content-Length: {len(body)}']
    return '\r\n'.join([*lines, *header_lines, '', '']).encode() + body


class TokenEndpoint:
    """What it answers, and which requests it got."""

    def __init__(self, port: int) -> None:
        self.url = f'http://localhost:{port}'
        self.answer = http_answer()
        self.then: Callable[[socket.socket], None] = lambda _: None
        self.requests: list[tuple[bytes, dict[str, str], bytes]] = []

    def serve(self, connection: socket.socket) -> None:
        """Read one request, answer it and do whatever comes then."""
        connection.settimeout(10)
        with suppress(OSError), connection, connection.makefile('rb') as reading:
            line = reading.readline().rstrip()
            head = b''.join(iter(reading.readline, b'\r\n'))
            headers = dict(BytesParser().parsebytes(head).items())
            body = reading.read(int(headers.get('Content-Length', 0)))
            self.requests.append((line, headers, body))
            connection.sendall(self.answer)
            self.then(connection)


def drip(connection: socket.socket) -> None:
    """Send a byte now and then, for ever."""
    wait = threading.Event()
    for byte in repeat(b'x'):
        connection.sendall(byte)
        wait.wait(0.05)


def send_later(connection: socket.socket, data: bytes, seconds: float) -> None:
    """Send something after a while."""
    threading.Event().wait(seconds)
    connection.sendall(data)


def wait_for_the_end(connection: socket.socket) -> None:
    """Send nothing more, until the other side leaves."""
    connection.recv(1)


@contextmanager
def listening() -> Iterator[TokenEndpoint]:
    """Run the server on a free port of this machine."""
    with socket.create_server(('localhost', 0)) as listener:
        endpoint = TokenEndpoint(listener.getsockname()[1])

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    answering = threading.Thread(target=endpoint.serve, args=(connection,))
                    answering.start()

        thread = threading.Thread(target=accept)
        thread.start()
        yield endpoint
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
