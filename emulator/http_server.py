"""The threaded HTTP server in front of a WSGI application: every request gets an answer."""

import json
import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import closing, nullcontext, suppress
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from emulator.api_gateway.chunks import Chunks

_PATH = re.compile(r'/[!-~]*')


class CannotListen(Exception):
    """The address is taken or not to be had; the message names it."""


class RequestHandler(WSGIRequestHandler):
    """Hands the headers on as they were sent, and words in JSON what is no HTTP request."""

    timeout = 30  # of a client that stops in the middle of its request

    def make_environ(self) -> WSGIEnvironment:
        environ = super().make_environ()
        if environ.get('wsgi.input_terminated'):
            # Werkzeug's own reader shrinks the buffer that it is given when a chunk is not whole.
            environ['wsgi.input'] = Chunks(self.rfile)
        return {**environ, 'emulator.headers': self.headers.items()}

    def parse_request(self) -> bool:
        if not super().parse_request():
            return False
        if not _PATH.fullmatch(self.path):
            self.send_error(HTTPStatus.BAD_REQUEST)
            return False
        return True

    def handle_expect_100(self) -> bool:
        return True  # run_wsgi sends it, and it may be sent only once

    def send_error(self, code: int, *_: object, **__: object) -> None:
        body = json.dumps({'message': HTTPStatus(code).phrase}, separators=(',', ':')).encode()
        self.request_version = self.protocol_version  # what could not be read counts as HTTP/0.9
        self.send_response(code)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(body)))
        self.send_header('Connection', 'close')
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True
        self._let_the_client_read()

    def _let_the_client_read(self) -> None:
        """Take what the client still sends: closing over it would reset the connection."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            for _ in range(100):
                if not self.rfile.read1(65_536):
                    return

    def log_request(self, *_: object, **__: object) -> None:
        """Write nothing: a request line may hold what belongs in no log."""

    def log(self, *_: object, **__: object) -> None:
        """Write nothing: a message may quote the request line."""


def hanging_up(app: WSGIApplication) -> WSGIApplication:
    """Return an application whose answers end the connection, as their headers say.

    Werkzeug first waits for a rest of the request. Claude Code goes on with a connection that
    refused it something, whatever the headers say: its next request would be taken for that rest.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        names: set[str] = set()

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            names.update(name.lower() for name, _ in headers)
            return start_response(status, headers, exc_info)

        return ended(app(environ, start), names, environ['werkzeug.socket'])

    def ended(body: Any, names: set[str], connection: socket.socket) -> Iterator[bytes]:
        with closing(body) if hasattr(body, 'close') else nullcontext():
            yield from body
            yield b''  # sends the headers of an answer without a body
        if 'content-length' in names:  # else the end of the last chunk is still to come
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)

    return answer


class Server(ThreadedWSGIServer):
    """Serves until it is shut down or interrupted; raises CannotListen."""

    def __init__(self, host: str, port: int, app: WSGIApplication) -> None:
        super().__init__(host, port, hanging_up(app), RequestHandler)

    def server_bind(self) -> None:
        try:
            super().server_bind()
        except OSError as error:
            raise CannotListen(
                f'Cannot listen on {self.host}:{self.port}: {error.strerror}.'
            ) from error
