"""The listener that a sign-in ends at."""

import socket
from collections.abc import Callable
from threading import Thread

import pytest
import requests

from ops.trying.loopback import SignInFailed, redirect_uri, wait_for_code


@pytest.fixture
def port() -> int:
    with socket.create_server(('127.0.0.1', 0)) as listener:
        found: int = listener.getsockname()[1]
        return found


class Browser:
    """Comes back with a query, in a thread of its own, and keeps the pages that it got."""

    def __init__(self, port: int, *queries: str) -> None:
        self.pages: list[requests.Response] = []
        self._urls = [redirect_uri(port) + query for query in queries]
        self._thread = Thread(target=self._visit)

    def _visit(self) -> None:
        self.pages += [requests.get(url, timeout=10) for url in self._urls]

    def __enter__(self) -> Callable[[], None]:
        return self._thread.start

    def __exit__(self, *_: object) -> None:
        self._thread.join()


def test_code_is_returned_and_the_window_can_be_closed(port: int) -> None:
    browser = Browser(port, '?code=the-code&state=s')
    with browser as start:
        code = wait_for_code(port, 's', start)

    (page,) = browser.pages
    assert code == 'the-code'
    assert page.status_code == 200
    assert 'You can close this window.' in page.text


@pytest.mark.parametrize(
    ('query', 'said'),
    [
        ('?code=theirs&state=other', 'The state is not the one that was sent'),
        ('?code=theirs', 'The state is not the one that was sent'),
        ('?code=theirs&state=s&state=s', 'The state is not the one that was sent'),
        ('?code=theirs&state=%C3%A9', 'The state is not the one that was sent'),
        ('?error=access_denied&error_description=no+way&state=s', 'refused: access_denied: no way'),
        ('?error=%1b[31m&state=s', 'refused: ?[31m'),
        ('?state=s', 'brought no authorization code'),
    ],
)
def test_refusal_is_reported_here_and_on_the_page(port: int, query: str, said: str) -> None:
    browser = Browser(port, query)
    with browser as start, pytest.raises(SignInFailed) as refused:
        wait_for_code(port, 's', start)

    (page,) = browser.pages
    assert said in refused.value.message
    assert page.status_code == 400
    assert said in page.text


def test_page_shows_no_markup_of_the_query(port: int) -> None:
    browser = Browser(port, '?error=%3Cscript%3E&state=s')
    with browser as start, pytest.raises(SignInFailed):
        wait_for_code(port, 's', start)

    assert '<script>' not in browser.pages[0].text
    assert '&lt;script&gt;' in browser.pages[0].text


def test_other_paths_are_not_the_callback(port: int) -> None:
    browser = Browser(port, '/../favicon.ico', 's?code=1&state=s', '?code=the-code&state=s')
    with browser as start:
        code = wait_for_code(port, 's', start)

    assert code == 'the-code'
    assert [page.status_code for page in browser.pages] == [404, 404, 200]


def test_odd_request_ends_nothing(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    browser = Browser(port, '?code=the-code&state=s')

    def ask_oddly_and_start() -> None:
        with socket.create_connection(('127.0.0.1', port)) as odd:
            odd.sendall(b'GET http://[/callback?code=theirs HTTP/1.1\r\n\r\n')
            with odd.makefile('rb') as answer:
                assert answer.read().startswith(b'HTTP/1.0 404')
        start()

    with browser as start:
        assert wait_for_code(port, 's', ask_oddly_and_start) == 'the-code'
    assert capfd.readouterr().err == ''


def test_silent_connection_keeps_nobody_waiting(port: int) -> None:
    browser = Browser(port, '?code=the-code&state=s')
    silent = socket.socket()

    def connect_and_start() -> None:
        silent.connect(('127.0.0.1', port))
        start()

    with silent, browser as start:
        assert wait_for_code(port, 's', connect_and_start) == 'the-code'


def test_window_that_is_closed_at_once_has_brought_its_code(
    port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    def come_and_leave() -> None:
        with socket.create_connection(('127.0.0.1', port)) as window:
            window.sendall(b'GET /callback?code=the-code&state=s HTTP/1.1\r\n\r\n')

    assert wait_for_code(port, 's', come_and_leave, seconds=5) == 'the-code'
    assert capfd.readouterr().err == ''


def test_ends_when_nobody_signs_in(port: int) -> None:
    with pytest.raises(SignInFailed, match='Nobody signed in within'):
        wait_for_code(port, 's', lambda: None, seconds=0.01)


def test_port_in_use_is_named() -> None:
    with socket.create_server(('127.0.0.1', 0)) as listener:
        port = listener.getsockname()[1]

        with pytest.raises(
            SignInFailed, match=rf'Cannot listen on port {port} \(Address already in use\)'
        ):
            wait_for_code(port, 's', lambda: None)


def test_listens_on_the_loopback_address_only(port: int) -> None:
    addresses: list[str] = []

    def look() -> None:
        for address in ('127.0.0.1', '127.0.0.2'):
            with socket.socket() as probe:
                if probe.connect_ex((address, port)) == 0:
                    addresses.append(address)

    with pytest.raises(SignInFailed):
        wait_for_code(port, 's', look, seconds=0.01)

    assert addresses == ['127.0.0.1']
