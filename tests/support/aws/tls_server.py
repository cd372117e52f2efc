"""A host over TLS on this machine, whose certificate says files.oaiusercontent.com, or another."""

import re
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = 'files.oaiusercontent.com'
PUBLIC_ADDRESS = '93.184.215.14'

Handler = Callable[[socket.socket, bytes], None]


class FileHost:
    """What a running host is reached by, and what has been asked of it."""

    def __init__(self, port: int, certificate: Path) -> None:
        self.port = port
        self.certificate = certificate
        self.trusting = ssl.create_default_context(cafile=certificate)
        self.connected_to: list[tuple[str, int]] = []
        self.requests: list[bytes] = []
        self.server_names: list[str | None] = []

    def connect(self, address: tuple[str, int], timeout: float) -> socket.socket:
        """Connect to this host, whatever the address, and remember the address."""
        self.connected_to.append(address)
        return socket.create_connection(('localhost', self.port), timeout)


@contextmanager
def running(handle: Handler, name: str = HOST) -> Iterator[FileHost]:
    """Run a host that gives each connection and its request to ``handle``."""
    with tempfile.TemporaryDirectory() as folder:
        certificate = Path(folder, 'certificate.pem')
        certificate.write_bytes(_certificate(name))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        with socket.create_server(('localhost', 0)) as listener:
            host = FileHost(listener.getsockname()[1], certificate)
            context.sni_callback = lambda _, name, __: host.server_names.append(name)
            thread = threading.Thread(target=_serve, args=(listener, context, handle, host))
            thread.start()
            yield host
            listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _serve(
    listener: socket.socket, context: ssl.SSLContext, handle: Handler, host: FileHost
) -> None:
    answering = []
    with suppress(OSError):
        while True:
            raw, _ = listener.accept()
            answering.append(threading.Thread(target=_answer, args=(raw, context, handle, host)))
            answering[-1].start()
    for thread in answering:
        thread.join()


def _answer(raw: socket.socket, context: ssl.SSLContext, handle: Handler, host: FileHost) -> None:
    # A client that refuses the certificate, or leaves early, is not this side's trouble.
    with suppress(OSError), raw, context.wrap_socket(raw, server_side=True) as secured:
        request = b''
        # To leave something unread would reset the connection under the answer.
        while not _is_whole(request):
            received = secured.recv(65_536)
            if not received:
                return
            request += received
        host.requests.append(request)
        handle(secured, request)


def _is_whole(request: bytes) -> bool:
    head, end, body = request.partition(b'\r\n\r\n')
    length = re.search(rb'(?i)\r\ncontent-length: *(\d+)', head)
    return bool(end) and len(body) >= (int(length[1]) if length else 0)


def _certificate(host: str) -> bytes:
    """Return a key and a certificate signed with it, in PEM form."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)
