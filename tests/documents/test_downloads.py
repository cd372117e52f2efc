"""Files come over verified TLS from the hosts that are allowed, and no request goes elsewhere."""

import io
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.deadline import Deadline
from chalicelib.documents import downloads
from chalicelib.documents.downloads import Downloader
from chalicelib.documents.errors import NotDownloaded
from tests.support.aws import tls_server
from tests.support.aws.tls_server import HOST, PUBLIC_ADDRESS, FileHost

MAX_BYTES = 1_000
LINK = f'https://{HOST}/file-abc?se=2026&sig=a%2Bb%3D'
ANSWERS = {
    '/file-abc': b'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ncontent',
    '/largest': b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n' + b'x' * 1000,
    '/chunked': b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
    b'3\r\ncon\r\n4\r\ntent\r\n0\r\n\r\n',
    '/to-the-end': b'HTTP/1.0 200 OK\r\n\r\ncontent',
    '/empty': b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    '/too-large': b'HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n' + b'x' * 1001,
    '/lies': b'HTTP/1.0 200 OK\r\n\r\n' + b'x' * 500_000,
    '/lies-chunked': b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
    + b'100\r\n%b\r\n' % (b'x' * 256) * 500,
    '/breaks-off': b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx',
    '/breaks-off-chunked': b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\nx',
    '/moved': b'HTTP/1.1 302 Found\r\nLocation: https://169.254.169.254/\r\n'
    b'Content-Length: 0\r\n\r\n',
    '/moved-near': b'HTTP/1.1 307 Temporary Redirect\r\nLocation: /file-abc\r\n'
    b'Content-Length: 0\r\n\r\n',
    '/expired': b'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n',
    '/part': b'HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\n\r\nx',
    '/garbage': b'\0\1\2\r\n\r\n',
    '/endless-header': b'HTTP/1.1 200 OK\r\nX: ' + b'x' * 500_000,
}


def serve(connection: socket.socket, request: bytes) -> None:
    """Answer as the path asks for, or not at all."""
    path = request.split()[1].decode().partition('?')[0]
    if path in ANSWERS:
        connection.sendall(ANSWERS[path])
    elif path == '/silent':
        connection.recv(1)
    elif path == '/continuing':
        # In a row, the newer Pythons take no more than a hundred of them.
        connection.settimeout(0.05)
        while True:
            connection.sendall(b'HTTP/1.1 100 Continue\r\n\r\n')
            with suppress(TimeoutError):
                connection.recv(1)


@pytest.fixture(scope='module')
def host() -> Iterator[FileHost]:
    """Run a host of files."""
    with tls_server.running(serve) as running:
        yield running


def downloader(host: FileHost, *addresses: str, name: str = HOST) -> Downloader:
    """Return a downloader that is led to the host by any public address."""
    return Downloader(
        {name},
        resolve=lambda _: list(addresses or (PUBLIC_ADDRESS,)),
        connect=host.connect,
        tls=host.trusting,
    )


def fetch(downloader: Downloader, link: str, seconds: float = 30) -> bytes:
    """Return a file's content."""
    content = io.BytesIO()
    downloader.fetch(link, content, MAX_BYTES, Deadline(seconds))
    return content.getvalue()


def test_file_is_fetched_from_the_address_that_was_checked(host: FileHost) -> None:
    host.connected_to.clear()
    host.requests.clear()
    host.server_names.clear()

    assert fetch(downloader(host), LINK) == b'content'
    assert host.connected_to == [(PUBLIC_ADDRESS, 443)]
    assert host.server_names == [HOST]
    (request,) = host.requests
    assert request == (
        b'GET /file-abc?se=2026&sig=a%2Bb%3D HTTP/1.1\r\n'
        b'Host: files.oaiusercontent.com\r\n'
        b'Accept-Encoding: identity\r\n\r\n'
    )


@pytest.mark.parametrize(
    ('path', 'content'),
    [
        ('/largest', b'x' * 1000),
        ('/chunked', b'content'),
        ('/to-the-end', b'content'),
        ('/empty', b''),
        ('/file-abc#part', b'content'),
    ],
)
def test_content_comes_whole_in_any_framing(host: FileHost, path: str, content: bytes) -> None:
    assert fetch(downloader(host), f'https://{HOST}{path}') == content


@pytest.mark.parametrize(
    ('path', 'reason'),
    [
        ('/too-large', 'more than 1,000 bytes'),
        ('/lies', 'more than 1,000 bytes'),
        ('/lies-chunked', 'more than 1,000 bytes'),
        ('/breaks-off', 'arrived incomplete'),
        ('/breaks-off-chunked', 'could not be fetched'),
        ('/moved', 'answers 302'),
        ('/moved-near', 'answers 307'),
        ('/expired', 'answers 403.*attach the file again'),
        ('/part', 'answers 206'),
        ('/garbage', 'could not be fetched'),
        ('/endless-header', 'could not be fetched'),
        ('/nothing', 'could not be fetched'),
    ],
)
def test_answer_that_is_no_whole_file_is_refused(host: FileHost, path: str, reason: str) -> None:
    before = len(host.requests)

    with pytest.raises(NotDownloaded, match=reason):
        fetch(downloader(host), f'https://{HOST}{path}')
    assert len(host.requests) == before + 1


@pytest.mark.parametrize('path', ['/silent', '/continuing'])
def test_host_that_keeps_one_waiting_is_left_in_time(host: FileHost, path: str) -> None:
    with pytest.raises(NotDownloaded, match='took too long'):
        fetch(downloader(host), f'https://{HOST}{path}', seconds=0.3)


@pytest.mark.parametrize(
    'link',
    [
        '',
        'file-abc',
        'nonsense',
        '//files.oaiusercontent.com/a',
        f'http://{HOST}/a',
        f'ftp://{HOST}/a',
        'file:///etc/passwd',
        'data:text/plain,a',
        'gopher://169.254.169.254/',
        f'https://{HOST}:444/a',
        f'https://{HOST}:0/a',
        f'https://{HOST}:99999/a',
        f'https://{HOST}:a/a',
        f'https://user@{HOST}/a',
        f'https://user:password@{HOST}/a',
        f'https://@{HOST}/a',
        f'https://{HOST}@evil.example/a',
        f'https://evil.example\\@{HOST}/a',
        f'https://evil.example#@{HOST}/a',
        f'https://evil.example/{HOST}',
        f'https://evil.example?{HOST}',
        f'https://{HOST}.evil.example/a',
        f'https://{HOST}\\.evil.example/a',
        f'https://evil-{HOST}/a',
        f'https://{HOST}./a',
        f'https://.{HOST}/a',
        f'https://a_b.{HOST}/a',
        f'https://a%2e{HOST}/a',
        'https://files.oaiusercontent.c\u043em/a',
        'https://files\u3002oaiusercontent.com/a',
        'https://oaiusercontent.com/a',
        'https://localhost/a',
        'https://127.0.0.1/a',
        'https://169.254.169.254/latest/meta-data/',
        'https://[::1]/a',
        'https://[::ffff:127.0.0.1]/a',
        'https://[/a',
        'https://2130706433/a',
        'https://0x7f.1/a',
        f'https://{HOST}/a b',
        f'https://{HOST}/a\r\nX: y',
        f'https://{HOST}/a\tb',
        f'https://{HOST}/\u00e9',
        f' https://{HOST}/a',
        f'https://{HOST}/{"a" * 9000}',
    ],
)
def test_link_to_anywhere_else_is_refused_unseen(host: FileHost, link: str) -> None:
    resolved: list[str] = []
    host.connected_to.clear()

    def resolve(name: str) -> list[str]:
        resolved.append(name)
        return [PUBLIC_ADDRESS]

    with pytest.raises(NotDownloaded):
        fetch(Downloader({HOST}, resolve=resolve, connect=host.connect, tls=host.trusting), link)
    assert (resolved, host.connected_to) == ([], [])


@pytest.mark.parametrize(
    'link', [LINK.upper().replace('FILE-ABC', 'file-abc'), LINK.replace('.com', '.com:443')]
)
def test_link_written_otherwise_is_still_the_same(host: FileHost, link: str) -> None:
    assert fetch(downloader(host), link) == b'content'


@pytest.mark.parametrize('name', ['oaiusercontent.com', 'com'])
def test_subdomain_of_an_allowed_host_is_allowed(host: FileHost, name: str) -> None:
    assert fetch(downloader(host, name=name), LINK) == b'content'


def test_without_an_allowed_host_nothing_is_fetched(host: FileHost) -> None:
    with pytest.raises(NotDownloaded):
        fetch(Downloader(set(), connect=host.connect, tls=host.trusting), LINK)


@pytest.mark.parametrize(
    'address',
    [
        '127.0.0.1',
        '127.255.255.254',
        '0.0.0.0',
        '10.1.2.3',
        '172.16.0.1',
        '192.168.1.1',
        '169.254.169.254',
        '169.254.170.2',
        '100.64.0.1',
        '192.0.0.1',
        '198.18.0.1',
        '192.0.2.1',
        '224.0.0.1',
        '239.255.255.255',
        '240.0.0.1',
        '255.255.255.255',
        '::1',
        '::',
        'fe80::1',
        'fd00:ec2::254',
        'ff02::1',
        '::ffff:127.0.0.1',
        '::ffff:93.184.215.14',
        '64:ff9b::a9fe:a9fe',
        '2002:7f00:1::',
        '2606:2800:220:1:248:1893:25c8:1946',
        '127.1',
        '0177.0.0.1',
        '0x7f000001',
        'localhost',
        '',
    ],
)
def test_address_that_is_not_public_is_refused_unseen(host: FileHost, address: str) -> None:
    host.connected_to.clear()

    for addresses in ([address], [PUBLIC_ADDRESS, address], [address, PUBLIC_ADDRESS]):
        with pytest.raises(NotDownloaded, match='no public address'):
            fetch(downloader(host, *addresses), LINK)
    assert host.connected_to == []


@given(st.ip_addresses())
def test_address_that_is_taken_is_global_unicast(host: FileHost, address: object) -> None:
    reached: list[tuple[str, int]] = []

    def connect(to: tuple[str, int], timeout: float) -> socket.socket:  # noqa: ARG001
        reached.append(to)
        raise OSError

    with pytest.raises(NotDownloaded):
        fetch(
            Downloader(
                {HOST}, resolve=lambda _: [str(address)], connect=connect, tls=host.trusting
            ),
            LINK,
        )
    assert all(ip_address(to).is_global and not ip_address(to).is_multicast for to, _ in reached)


def test_name_is_resolved_once_so_that_it_cannot_change(host: FileHost) -> None:
    answers = iter([[PUBLIC_ADDRESS], ['127.0.0.1']])
    host.connected_to.clear()
    rebinding = Downloader(
        {HOST}, resolve=lambda _: next(answers), connect=host.connect, tls=host.trusting
    )

    assert fetch(rebinding, LINK) == b'content'
    assert host.connected_to == [(PUBLIC_ADDRESS, 443)]
    assert next(answers) == ['127.0.0.1']


def test_host_without_an_address_is_refused(host: FileHost) -> None:
    nowhere = Downloader({HOST}, resolve=lambda _: [], connect=host.connect, tls=host.trusting)

    with pytest.raises(NotDownloaded, match='no public address'):
        fetch(nowhere, LINK)


@pytest.mark.parametrize('error', [socket.gaierror('unknown'), UnicodeError('label too long')])
def test_name_that_cannot_be_resolved_is_reported(host: FileHost, error: Exception) -> None:
    def resolve(_: str) -> list[str]:
        raise error

    with pytest.raises(NotDownloaded, match='could not be fetched'):
        fetch(Downloader({HOST}, resolve=resolve, connect=host.connect), LINK)


def test_own_resolver_gives_addresses_of_version_4() -> None:
    assert set(downloads.resolve('localhost')) == {'127.0.0.1'}


def test_by_default_this_machine_is_out_of_reach() -> None:
    with pytest.raises(NotDownloaded, match='no public address'):
        fetch(
            Downloader({'localhost.localdomain'}, resolve=lambda _: downloads.resolve('localhost')),
            'https://localhost.localdomain/',
        )


@pytest.mark.parametrize(
    ('name', 'context'),
    [
        ('other.oaiusercontent.com', lambda host: host.trusting),
        (HOST, lambda _: None),
    ],
    ids=['of another name', 'signed by nobody'],
)
def test_certificate_that_is_not_the_hosts_is_refused(
    host: FileHost, name: str, context: Callable[[FileHost], ssl.SSLContext | None]
) -> None:
    before = len(host.requests)
    strict = Downloader(
        {name},
        resolve=lambda _: [PUBLIC_ADDRESS],
        connect=host.connect,
        tls=context(host),
    )

    with pytest.raises(NotDownloaded, match='could not be fetched'):
        fetch(strict, f'https://{name}/file-abc')
    assert len(host.requests) == before
