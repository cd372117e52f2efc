"""An HTTP connection that is over at a deadline, however slowly the other side goes on."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection

from chalicelib.deadline import Deadline


@contextmanager
def over(
    raw: socket.socket, host: str, deadline: Deadline, tls: ssl.SSLContext | None
) -> Iterator[HTTPConnection]:
    """Speak HTTP to a host, whose name its certificate must hold, over a connected socket.

    After the deadline all that is read ends, as if the host had closed the connection.
    """
    left = max(deadline.seconds_left, 0.001)
    raw.settimeout(left)
    with _channel(raw, host, tls) as channel:
        # A timeout begins anew with every byte; this ends it all.
        alarm = threading.Timer(left, _shut_down, [channel])
        alarm.start()
        try:
            if isinstance(channel, ssl.SSLSocket):
                channel.do_handshake()
            connection = HTTPConnection(host)
            connection.sock = channel
            yield connection
        finally:
            alarm.cancel()


def _channel(raw: socket.socket, host: str, tls: ssl.SSLContext | None) -> socket.socket:
    if tls is None:
        return raw
    return tls.wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False)


def _shut_down(channel: socket.socket) -> None:
    # Not SSLSocket's own method: it takes the TLS state away from the thread that is reading.
    with suppress(OSError):
        socket.socket.shutdown(channel, socket.SHUT_RD)
