"""`ops doctor` and what answers it otherwise than it should: bounded, printable, told in a line."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest import mock
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from werkzeug.wrappers import Request, Response

import app
from chalicelib.operations.routes import operation_routes
from ops.checks import CHECKS, Facts, Finding, ask
from ops.gateway import ip_allow_list
from ops.inspection import probe
from ops.inspection.probe import NoAnswer
from ops.stage.stage import Stage, enter_stage
from tests.support.raw_http import serving
from tests.support.stages.ops_commands import local_stage

CLOSED = b'{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on it"}'


@pytest.fixture(autouse=True, scope='module')
def aws() -> Iterator[None]:
    """The stage local, whose AWS is the emulator."""
    with local_stage():
        # The models of the services take their time, once for each session.
        session = enter_stage('local').session()
        with mock.patch.object(Stage, 'session', return_value=session):
            yield


def asked(name: str, url: str) -> list[Finding]:
    """Ask one check about an API at a URL."""
    check = next(check for check in CHECKS if check.name == name)
    return ask(check, Facts(replace(enter_stage('local'), url=url)))


def answering(status: int, headers: dict[str, str], body: bytes) -> WSGIApplication:
    """Return an application that answers every request with this, whatever it is."""

    def answer(_: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response(f'{status} Any', list(headers.items()))
        return [body]

    return answer


@pytest.mark.parametrize(
    ('check', 'status', 'headers', 'body', 'found'),
    [
        ('bad-token', 200, {}, b'x' * 300_000, 'answered with more than 200,000 bytes.'),
        ('bad-token', 401, {}, b'\x1b[2J\xff\x00\n', 'POST /my_route answers 401 ?[2J'),
        ('bad-token', 302, {'Location': 'https://a.example'}, b'', 'answers 302'),
        ('bad-token', 200, {'Content-Encoding': 'gzip'}, b'no gzip', 'could not be read'),
        ('unknown-path', 403, {}, b'[' * 100_000, 'answers 403 [[['),
        ('mcp-metadata', 200, {}, b'[' * 100_000, 'is about None'),
        ('mcp-metadata', 200, {}, b'"text"', 'is about None'),
        ('mcp-metadata', 200, {}, b'{"scopes_supported": [{}, 1]}', 'the scopes [{}, 1]'),
        ('mcp-challenge', 401, {'WWW-Authenticate': 'Basic'}, b'', 'is Basic, not Bearer'),
        ('api-token', 200, {}, b'{"error": "invalid_client"}', 'without the secret it'),
        ('api-token', 400, {}, b'NaN', 'without the secret it answers 400 NaN'),
        ('api-authorize', 302, {'Location': '/?error=a%1b[2Jb'}, b'', 'is refused: a?[2Jb'),
        ('api-authorize', 302, {'Location': 'http://[::1'}, b'', 'could not be read: ValueError.'),
        ('api-foreign-callback', 302, {'Location': '//evil'}, b'', 'leads to http://evil'),
    ],
)
def test_answer_is_reported_in_a_printable_line(
    check: str, status: int, headers: dict[str, str], body: bytes, found: str
) -> None:
    with serving(answering(status, headers, body)) as url:
        findings = asked(check, url)

    assert any(found in finding.found for finding in findings), findings
    for finding in findings:
        assert finding.level == 'error'
        assert len(finding.found) < 600
        assert finding.found.isprintable()


def test_redirect_is_not_followed() -> None:
    paths = []

    @Request.application
    def away(request: Request) -> Response:
        paths.append(request.path)
        return Response(status=302, headers={'Location': '/elsewhere'})

    with serving(away) as url:
        for check in ('bad-token', 'unknown-path', 'mcp-metadata', 'api-authorize'):
            asked(check, url)

    assert '/elsewhere' not in paths


def test_secret_is_not_sent_to_an_address_that_was_typed_in() -> None:
    bodies = []

    @Request.application
    def listening(request: Request) -> Response:
        bodies.append(request.get_data(as_text=True))
        return Response('{}', 400)

    with serving(listening) as url:
        for check in CHECKS:
            if check.subject in ('API', 'MCP', 'Sign-in through the API'):
                asked(check.name, url)

    assert any('client_id=' in body for body in bodies)
    assert not any('client_secret' in body for body in bodies)


def test_login_of_a_netrc_file_is_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / 'netrc').write_text('machine 127.0.0.1 login jane password secret')
    monkeypatch.setenv('NETRC', str(tmp_path / 'netrc'))
    sent = []

    @Request.application
    def listening(request: Request) -> Response:
        sent.append(request.headers.get('Authorization'))
        return Response()

    with serving(listening) as url:
        probe.probe('GET', url)

    assert sent == [None]


@contextmanager
def dripping() -> Iterator[str]:
    """Serve an answer that never ends, a byte at a time."""
    with socket.create_server(('127.0.0.1', 0)) as listener:
        stop = threading.Event()

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n')
                while not stop.wait(0.05):
                    connection.sendall(b'x')

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield f'http://127.0.0.1:{listener.getsockname()[1]}/'
        finally:
            stop.set()
            thread.join()


def test_answer_that_never_ends_is_given_up() -> None:
    with dripping() as url, pytest.raises(NoAnswer, match=r'took longer than 0\.3 s'):
        probe.probe('GET', url, seconds=0.3)


@pytest.mark.parametrize(
    'answer', [b'', b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx', b'x\r\n']
)
def test_invalid_answer_is_reported(answer: bytes) -> None:
    with socket.create_server(('127.0.0.1', 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(NoAnswer):
            probe.probe('GET', f'http://127.0.0.1:{listener.getsockname()[1]}/')
        thread.join()


def test_api_that_is_closed_on_purpose_cannot_be_asked() -> None:
    kept = mock.patch.object(ip_allow_list, 'kept', return_value=['20.0.0.0/24'])
    with serving(answering(403, {}, CLOSED)) as url, kept:
        names = ('no-token', 'mcp-metadata', 'mcp-get', 'api-token')
        levels = {asked(check, url)[0].level for check in names}

    assert levels == {'not applicable'}


def test_api_that_is_closed_by_mistake_is_red() -> None:
    with serving(answering(403, {}, CLOSED)) as url:
        (found,) = asked('no-token', url)

    assert found.level == 'error'
    others = len(operation_routes(app.app)) - 1
    more = f' and {others} more' if others > 1 else ''
    assert re.match(rf'POST /my_route.*{more}: 403 {{"Message":"User: anonymous', found.found)
