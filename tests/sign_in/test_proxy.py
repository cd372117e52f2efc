"""The pool's OAuth endpoints under the API's domain: they lead to the pool, and nowhere else."""

import json
import socket
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app import app
from chalicelib import observability
from chalicelib.sign_in import proxy
from chalicelib.sign_in.proxy import MAX_ANSWER_BYTES, MAX_FORM_BYTES, MAX_QUERY_CHARACTERS
from emulator.api_gateway import local_api
from tests.support.aws import tls_server
from tests.support.people import token_endpoint
from tests.support.people.token_endpoint import (
    ANSWER,
    TokenEndpoint,
    drip,
    http_answer,
    send_later,
    wait_for_the_end,
)
from tests.support.raw_http import Answer, post, send, serving

CLIENT = '4example0client'
FORM_TYPE = 'application/x-www-form-urlencoded'
FORM = {
    'grant_type': 'authorization_code',
    'client_id': CLIENT,
    'client_secret': 'the+secret/',
    'code': 'the-code',
    'redirect_uri': 'https://chatgpt.com/aip/g-1/oauth/callback',
}
ASKED = urlencode({'response_type': 'code', 'client_id': CLIENT, 'state': 's', 'scope': 'a b'})


def basic(credentials: str) -> str:
    """Return the Authorization header of an app client."""
    return f'Authorization: Basic {b64encode(credentials.encode()).decode()}'


@pytest.fixture(scope='module')
def pool() -> Iterator[TokenEndpoint]:
    """The pool's domain."""
    with token_endpoint.listening() as endpoint:
        yield endpoint


@pytest.fixture(scope='module')
def elsewhere() -> Iterator[TokenEndpoint]:
    """Another server, that nothing may be sent to."""
    with token_endpoint.listening() as endpoint:
        yield endpoint
        assert endpoint.requests == []


@pytest.fixture(scope='module')
def log() -> list[object]:
    return []


@pytest.fixture(scope='module')
def api(pool: TokenEndpoint, log: list[object]) -> Iterator[str]:
    """The app behind an API Gateway, which knows the pool's domain and one app client."""
    with pytest.MonkeyPatch.context() as patch, serving(local_api.gateway(app)) as url:
        patch.setattr(observability, '_write', log.append)
        patch.setenv('COGNITO_DOMAIN_URL', pool.url)
        patch.setenv('COGNITO_CLIENT_IDS', f'another,{CLIENT}')
        yield url


@pytest.fixture(autouse=True)
def _fresh(pool: TokenEndpoint) -> None:
    pool.answer = http_answer()
    pool.then = lambda _: None
    pool.requests.clear()


def authorize(api: str, query: str, *header_lines: str) -> Answer:
    """Ask for the sign-in page."""
    return send(api, f'GET /oauth2/authorize?{query} HTTP/1.1', 'Host: api', *header_lines)


def token(api: str, form: bytes | dict[str, str], *header_lines: str | bytes) -> Answer:
    """Send a token request."""
    body = form if isinstance(form, bytes) else urlencode(form).encode()
    types = (
        () if any('type' in str(line) for line in header_lines) else (f'Content-Type: {FORM_TYPE}',)
    )
    return post(api, *types, *header_lines, body=body, path='/oauth2/token')


def assert_refused(answer: Answer, status: int, error: str) -> str:
    """Check that a refusal is worded as OAuth does; return its description."""
    assert (answer.status, answer.json['error']) == (status, error)
    assert answer.json.keys() == {'error', 'error_description'}
    assert answer.headers['Content-Type'] == 'application/json'
    assert answer.headers['Cache-Control'] == 'no-store'
    return str(answer.json['error_description'])


@pytest.mark.parametrize(
    'query',
    [
        ASKED,
        f'{ASKED}&redirect_uri=https%3A%2F%2Fchatgpt.com%2Faip%2Fg-1%2Foauth%2Fcallback',
        f'{ASKED}&resource=https%3A%2F%2Fone&resource=https%3A%2F%2Ftwo',
        f'{ASKED}&lang=&prompt=',
        f'{ASKED}&login_hint=j%C3%BCrgen%2B1%40example.com&nonce=%22%3C%26%3D%25%2B',
        f'a=%0D%0ALocation%3A+https%3A%2F%2Fevil.example&{ASKED}&%0D%0Ax%3A=%00',
    ],
)
def test_browser_is_sent_to_the_sign_in_page_with_the_same_query(
    api: str, pool: TokenEndpoint, query: str
) -> None:
    answer = authorize(api, query)

    assert (answer.status, answer.body) == (302, b'')
    assert answer.headers.get_all('Location') == [f'{pool.url}/oauth2/authorize?{query}']
    assert answer.headers['Cache-Control'] == 'no-store'
    assert pool.requests == []


TEXT = st.text(st.characters(exclude_categories=['Cs'], exclude_characters='\ufffd'), max_size=20)


@given(st.lists(st.tuples(TEXT, TEXT).filter(lambda pair: pair[0] != 'client_id'), max_size=8))
@example([('redirect_uri', '//evil.example'), ('', ''), ('\r\n', '\x00')])
def test_any_query_arrives_as_it_was_and_nowhere_else(
    api: str, pool: TokenEndpoint, pairs: list[tuple[str, str]]
) -> None:
    pairs.insert(len(pairs) // 2, ('client_id', CLIENT))

    answer = authorize(api, urlencode(pairs))

    place, _, query = answer.headers['Location'].partition('?')
    arrived = parse_qsl(query, keep_blank_values=True)
    assert (answer.status, place) == (302, f'{pool.url}/oauth2/authorize')
    # API Gateway hands parameters on by name: those of one name in order, the names as they came.
    names = list(dict.fromkeys(name for name, _ in pairs))
    assert arrived == [pair for name in names for pair in pairs if pair[0] == name]


@pytest.mark.parametrize(
    ('query', 'status', 'error'),
    [
        ('', 400, 'invalid_request'),
        ('response_type=code', 400, 'invalid_request'),
        ('client_id=', 400, 'invalid_client'),
        ('client_id=4example0Client', 400, 'invalid_client'),
        (f'client_id={CLIENT}%20', 400, 'invalid_client'),
        (f'client_id={CLIENT}%0A', 400, 'invalid_client'),
        (f'client_id={CLIENT}/../other', 400, 'invalid_client'),
        (f'client_id={CLIENT}&client_id={CLIENT}', 400, 'invalid_request'),
        (f'client_id={CLIENT}&client_id=other', 400, 'invalid_request'),
        (f'client_id={CLIENT}&client%5Fid=other', 400, 'invalid_request'),
        (f'{ASKED}&a=%FF', 400, 'invalid_request'),
        (f'{ASKED}&a=%ED%A0%80', 400, 'invalid_request'),
        (f'{ASKED}&a=' + 'x' * MAX_QUERY_CHARACTERS, 414, 'invalid_request'),
    ],
)
def test_refuses_query(api: str, query: str, status: int, error: str) -> None:
    answer = authorize(api, query)

    assert_refused(answer, status, error)
    assert 'Location' not in answer.headers


def test_takes_the_longest_query(api: str) -> None:
    query = f'{ASKED}&a='.ljust(MAX_QUERY_CHARACTERS, 'x')

    assert authorize(api, query).status == 302


@pytest.mark.parametrize(
    'lines',
    [
        ['GET /oauth2/authorize?{0} HTTP/1.1', 'Host: {1}'],
        ['GET /oauth2/authorize?{0} HTTP/1.1', 'Host: api', 'X-Forwarded-Host: {1}'],
        ['GET /oauth2/authorize?{0} HTTP/1.1', 'Host: api', 'Forwarded: host={1}'],
        ['GET /oauth2/authorize?{0} HTTP/1.1', 'Host: api', 'X-Original-URL: http://{1}/'],
        ['GET /oauth2/authorize?{0} HTTP/1.1', 'Host: api', 'Referer: http://{1}/'],
        ['GET /oauth2/authorize?{0}&url=http://{1}/&host={1} HTTP/1.1', 'Host: api'],
        ['GET http://{1}/oauth2/authorize?{0} HTTP/1.1', 'Host: {1}'],
        ['GET //{1}/oauth2/authorize?{0} HTTP/1.1', 'Host: api'],
        ['GET /oauth2/authorize/@{1}/?{0} HTTP/1.1', 'Host: api'],
    ],
)
def test_no_request_sends_the_browser_elsewhere(
    api: str, pool: TokenEndpoint, elsewhere: TokenEndpoint, lines: list[str]
) -> None:
    host = elsewhere.url.removeprefix('http://')

    answer = send(api, *(line.format(ASKED, host) for line in lines))

    location = answer.headers.get('Location')
    assert (answer.status, location and location.partition('?')[0]) in {
        (302, f'{pool.url}/oauth2/authorize'),
        (400, None),
        (403, None),
    }


@pytest.mark.parametrize('method', ['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'])
def test_sign_in_page_is_asked_for_by_get_only(api: str, method: str) -> None:
    answer = send(api, f'{method} /oauth2/authorize?{ASKED} HTTP/1.1', 'Host: api')

    assert (answer.status, answer.headers.get('Location')) == (403, None)


@pytest.mark.parametrize(
    'body',
    [
        urlencode(FORM).encode(),
        b"&&client_id=4example0client&grant_type=refresh%5Ftoken&refresh_token=e.y-j_==~!*'()&a",
        b'grant_type=authorization_code&client_id=4example0client&code=%FF%00%zz&redirect_uri=http://a/?b=c@d',
        b'grant_type=refresh_token&client_id=4example0client&a='.ljust(MAX_FORM_BYTES, b'x'),
    ],
)
def test_token_request_is_forwarded_byte_for_byte(
    api: str, pool: TokenEndpoint, body: bytes
) -> None:
    spoofed = ['Cookie: a=b', 'X-Forwarded-For: 1.2.3.4', 'User-Agent: x', 'Accept-Encoding: gzip']

    answer = token(api, body, f'Content-Type: {FORM_TYPE}; charset=UTF-8', *spoofed)

    assert (answer.status, answer.body) == (200, ANSWER)
    assert pool.requests == [
        (
            b'POST /oauth2/token HTTP/1.1',
            {
                'Host': pool.url.removeprefix('http://'),
                'Accept-Encoding': 'identity',
                'Content-Length': str(len(body)),
                'Content-Type': FORM_TYPE,
                'Accept': 'application/json',
                'User-Agent': 'local',
            },
            body,
        )
    ]


@pytest.mark.parametrize('named_in_form', [{}, {'client_id': CLIENT}])
def test_basic_header_is_passed_on(
    api: str, pool: TokenEndpoint, named_in_form: dict[str, str]
) -> None:
    form = {'grant_type': 'refresh_token', 'refresh_token': 'rt', **named_in_form}
    line = basic(f'{CLIENT}:a:secret')

    assert token(api, form, line).status == 200

    ((_, headers, body),) = pool.requests
    assert f'Authorization: {headers["Authorization"]}' == line
    assert body == urlencode(form).encode()


@pytest.mark.parametrize(
    ('status', 'body', 'content_type'),
    [
        ('200 OK', ANSWER, 'application/json;charset=UTF-8'),
        ('200 OK', '{"a": "é\\u0000 "}\r\n'.encode(), 'application/json'),
        ('400 Bad Request', b'{"error":"invalid_grant"}', 'application/json;charset=UTF-8'),
        ('401 Unauthorized', b'{"error":"invalid_client"}', 'application/json'),
        ('403 Forbidden', b'<html>Blocked</html>', 'text/html; charset=utf-8'),
        ('429 Too Many Requests', b'', 'application/json'),
        ('500 Internal Server Error', b'oops', 'text/plain'),
        ('200 OK', b'"%b"' % (b'x' * (MAX_ANSWER_BYTES - 2)), 'application/json'),
    ],
)
def test_answer_comes_back_unchanged(
    api: str, pool: TokenEndpoint, status: str, body: bytes, content_type: str
) -> None:
    pool.answer = http_answer(
        body,
        'Cache-Control: no-store',
        'Pragma: no-cache',
        'Set-Cookie: XSRF-TOKEN=x',
        'Location: /login',
        'Access-Control-Allow-Origin: *',
        status=status,
        content_type=content_type,
    )

    answer = token(api, FORM)

    assert (answer.status, answer.body) == (int(status[:3]), body)
    passed_on = {name: answer.headers.get(name) for name in ('Content-Type', 'Cache-Control')}
    assert passed_on == {'Content-Type': content_type, 'Cache-Control': 'no-store'}
    assert answer.headers['Pragma'] == 'no-cache'
    for name in ('Set-Cookie', 'Location', 'Access-Control-Allow-Origin'):
        assert name not in answer.headers


def form_without(name: str, **changes: str) -> bytes:
    return urlencode({k: v for k, v in FORM.items() if k != name} | changes).encode()


@pytest.mark.parametrize(
    ('body', 'header_lines', 'status', 'error'),
    [
        (b'', [], 400, 'invalid_request'),
        (form_without('client_id'), [], 400, 'invalid_request'),
        (form_without('', client_id='other'), [], 400, 'invalid_client'),
        (form_without('', client_id=''), [], 400, 'invalid_client'),
        (form_without('', client_id=f'{CLIENT}\n'), [], 400, 'invalid_client'),
        (form_without('') + b'&client_id=other', [], 400, 'invalid_request'),
        (form_without('') + b'&client%5Fid=other', [], 400, 'invalid_request'),
        (form_without('') + b';client_id=other', [], 400, 'invalid_request'),
        (form_without('client_id'), [basic('other:secret')], 400, 'invalid_client'),
        (form_without(''), [basic('other:secret')], 400, 'invalid_request'),
        (form_without('', client_id='other'), [basic(f'{CLIENT}:x')], 400, 'invalid_request'),
        (
            form_without('') + f'&client_id={CLIENT}'.encode(),
            [basic(f'{CLIENT}:x')],
            400,
            'invalid_request',
        ),
        (form_without(''), [basic(CLIENT)], 400, 'invalid_client'),
        (form_without(''), [basic('')], 400, 'invalid_client'),
        (form_without(''), [basic(f'{CLIENT}é:x')], 400, 'invalid_client'),
        (form_without(''), ['Authorization: Basic !'], 400, 'invalid_client'),
        (form_without(''), ['Authorization: Basic abcde'], 400, 'invalid_client'),
        (form_without(''), ['Authorization:'], 400, 'invalid_client'),
        (form_without(''), ['Authorization: Bearer a.b.c'], 400, 'invalid_client'),
        (form_without('grant_type'), [], 400, 'invalid_request'),
        (form_without('', grant_type='client_credentials'), [], 400, 'unsupported_grant_type'),
        (form_without('', grant_type='password'), [], 400, 'unsupported_grant_type'),
        (form_without('') + b'&grant_type=client_credentials', [], 400, 'invalid_request'),
        (form_without(''), ['Content-Type: application/json'], 400, 'invalid_request'),
        (form_without(''), ['Content-Type: multipart/form-data'], 400, 'invalid_request'),
        (form_without(''), ['Content-Type:'], 400, 'invalid_request'),
        (form_without('') + b'&a=\xc3\xa9', [], 400, 'invalid_request'),
        (form_without('') + b'&a=\xff', [], 400, 'invalid_request'),
        (form_without('') + b'&a=b\r\nX: y', [], 400, 'invalid_request'),
        (form_without('') + b'\0', [], 400, 'invalid_request'),
        (urlencode(FORM).encode('utf-16'), [], 400, 'invalid_request'),
        (form_without('') + b'&a=' + b'x' * MAX_FORM_BYTES, [], 413, 'invalid_request'),
    ],
)
def test_refuses_token_request(  # noqa: PLR0917
    api: str, pool: TokenEndpoint, body: bytes, header_lines: list[str], status: int, error: str
) -> None:
    assert_refused(token(api, body, *header_lines), status, error)
    assert pool.requests == []


def test_parameters_stand_in_the_body_only(api: str, pool: TokenEndpoint) -> None:
    path = f'/oauth2/token?{urlencode(FORM)}'

    answer = post(api, f'Content-Type: {FORM_TYPE}', body=urlencode(FORM).encode(), path=path)

    assert 'not in the URL' in assert_refused(answer, 400, 'invalid_request')
    assert pool.requests == []


PART = st.sampled_from(
    [
        *(b'client_id', b'client%5fid', b'CLIENT_ID', b'=', b'&', b';', b'%', b'\r\n', b'\0', b'+'),
        *(b'other', CLIENT.encode(), b'grant_type=refresh_token', b'grant_type', b'password'),
    ]
)


@given(st.lists(st.one_of(PART, st.binary(max_size=3)), max_size=14).map(b''.join))
@example(b'grant_type=refresh_token&client_id=4example0client')
@example(b'client_id=4example0client&grant_type=refresh_token&x=;client_id=other')
def test_no_body_is_forwarded_that_is_not_of_one_app_client_of_the_api(
    api: str, pool: TokenEndpoint, body: bytes
) -> None:
    pool.requests.clear()

    answer = token(api, body)

    if answer.status == 200:
        ((_, _, forwarded),) = pool.requests
        fields = [field.partition(b'=') for field in forwarded.split(b'&')]
        named = [value for name, _, value in fields if name.replace(b'%5f', b'_') == b'client_id']
        assert (forwarded, named) == (body, [CLIENT.encode()])
    else:
        assert answer.json['error'] in {
            'invalid_request',
            'invalid_client',
            'unsupported_grant_type',
        }
        assert pool.requests == []


@pytest.mark.parametrize(
    'answer',
    [
        b'',
        b'\0\1\2\r\n\r\n',
        b'HTTP/1.1 200 OK\r\n',
        b'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1',
        http_answer(b'{}', content_type='image/png'),
        http_answer(b'{}', content_type='application/octet-stream'),
        http_answer(b'{}', content_type='application/json\r\n folded'),
        http_answer(b'{}', 'Cache-Control: no-store\r\n\tfolded'),
        http_answer(b'\xff\xfe'),
        http_answer(b'\x1f\x8b\x08', 'Content-Encoding: gzip'),
        http_answer(b'{}', status='204 No Content'),
        http_answer(b'{}', status='304 Not Modified'),
        http_answer(b'{').replace(b'Content-Length: 1', b'Content-Length: 2'),
        b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nx',
        http_answer(b'x' * (MAX_ANSWER_BYTES + 1)),
        b'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n' + b'x' * 5_000_000,
        b'HTTP/1.1 200 OK\r\nX: ' + b'x' * 500_000,
        b'HTTP/1.1 200 OK\r\n' + b'X: y\r\n' * 10_000,
    ],
    ids=range(18),
)
def test_what_no_token_endpoint_answers_is_not_passed_on(
    api: str, pool: TokenEndpoint, answer: bytes
) -> None:
    pool.answer = answer

    assert_refused(token(api, FORM), 503, 'temporarily_unavailable')


@pytest.mark.parametrize('status', ['301', '302', '303', '307', '308'])
def test_no_redirect_is_followed(
    api: str, pool: TokenEndpoint, elsewhere: TokenEndpoint, status: str
) -> None:
    pool.answer = http_answer(b'', f'Location: {elsewhere.url}/oauth2/token', status=status)

    answer = token(api, FORM)

    assert assert_refused(answer, 503, 'temporarily_unavailable').endswith(f': status {status}.')
    assert 'Location' not in answer.headers
    assert len(pool.requests) == 1


@pytest.mark.parametrize(
    ('begun', 'then'),
    [
        (b'', wait_for_the_end),
        (b'', drip),
        (b'HTTP/1.1 200 OK\r\nX: ', drip),
        (b'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n', drip),
        (http_answer(b'x' * 9_000)[:-8_000], drip),
        (http_answer(b'x' * 9_000)[:-8_000], wait_for_the_end),
    ],
)
def test_slow_answer_is_given_up(
    api: str,
    pool: TokenEndpoint,
    begun: bytes,
    then: Callable[[socket.socket], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(proxy, 'SECONDS', 0.3)
    pool.answer, pool.then = begun, then

    assert_refused(token(api, FORM), 503, 'temporarily_unavailable')


def test_answer_may_take_longer_than_the_connection(
    api: str, pool: TokenEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxy, '_CONNECT_SECONDS', 0.2)
    first, second = http_answer()[:-5], http_answer()[-5:]
    pool.answer, pool.then = first, lambda connection: send_later(connection, second, 0.4)

    answer = token(api, FORM)

    assert (answer.status, answer.body) == (200, ANSWER)


def test_addresses_that_do_not_answer_are_given_up_together(
    api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = socket.getaddrinfo

    def resolve(host: str, *how: Any, **more: Any) -> list[Any]:
        return [found] * 20 if host == 'localhost' else genuine(host, *how, **more)

    with socket.create_server(('127.0.0.1', 0), backlog=0) as listener:
        address = listener.getsockname()
        found = (socket.AF_INET, socket.SOCK_STREAM, 6, '', address)
        # The second connection is one too many for the listener: whoever comes now is left waiting.
        with socket.create_connection(address), socket.socket() as second:
            second.setblocking(False)
            second.connect_ex(address)
            monkeypatch.setenv('COGNITO_DOMAIN_URL', f'https://localhost:{address[1]}')
            monkeypatch.setattr(proxy, 'SECONDS', 0.3)
            monkeypatch.setattr(socket, 'getaddrinfo', resolve)
            answer = token(api, FORM)

    assert assert_refused(answer, 503, 'temporarily_unavailable').endswith(': too late.')


@pytest.mark.parametrize(
    ('domain', 'what'),
    [
        ('http://localhost:9', 'ConnectionRefusedError'),
        ('https://nowhere.invalid', 'gaierror'),
        (f'https://{"a" * 64}.example', 'UnicodeError'),
        ('https://localhost:99999', 'ValueError'),
    ],
)
def test_pool_that_cannot_be_reached_is_reported(
    api: str, domain: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('COGNITO_DOMAIN_URL', domain)

    assert assert_refused(token(api, FORM), 503, 'temporarily_unavailable').endswith(f': {what}.')


@pytest.mark.parametrize(
    'domain',
    [
        None,
        '',
        'auth.example.com',
        'http://auth.example.com',
        'https://user@auth.example.com',
        'https://auth.example.com/oauth2',
        'https://auth.example.com?a',
        'https://auth.example.com\r\nX: y',
        'javascript:alert(1)',
    ],
)
def test_setting_must_name_a_host(
    api: str, domain: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv('COGNITO_DOMAIN_URL')
    if domain is not None:
        monkeypatch.setenv('COGNITO_DOMAIN_URL', domain)

    for answer in (authorize(api, ASKED), token(api, FORM)):
        said = assert_refused(answer, 503, 'temporarily_unavailable')
        assert said.startswith('COGNITO_DOMAIN_URL is not set: ')
        assert 'Location' not in answer.headers


@pytest.mark.parametrize('ids', ['', None])
def test_without_client_ids_every_client_of_the_pool_is_served(
    api: str, ids: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv('COGNITO_CLIENT_IDS')
    if ids is not None:
        monkeypatch.setenv('COGNITO_CLIENT_IDS', ids)

    assert authorize(api, 'client_id=any0one').status == 302
    assert token(api, form_without('', client_id='any0one')).status == 200
    assert_refused(authorize(api, 'client_id=any%2Fone'), 400, 'invalid_client')
    assert_refused(token(api, form_without('', client_id='any/one')), 400, 'invalid_client')


def serve_tls(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(http_answer())


@pytest.mark.parametrize(
    ('name', 'trusted', 'status'),
    [('localhost', True, 200), ('localhost', False, 503), ('other.example', True, 503)],
)
def test_pool_must_prove_who_it_is(
    api: str, name: str, trusted: bool, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tls_server.running(serve_tls, name) as host:
        monkeypatch.setenv('COGNITO_DOMAIN_URL', f'https://localhost:{host.port}')
        if trusted:
            monkeypatch.setenv('SSL_CERT_FILE', str(host.certificate))
        answer = token(api, FORM)

    assert answer.status == status
    assert len(host.requests) == (status == 200)
    if status == 503:
        assert 'SSLCertVerificationError' in answer.json['error_description']


def test_log_says_what_was_called_and_nothing_of_it(
    api: str, pool: TokenEndpoint, log: list[object]
) -> None:
    log.clear()
    secrets = {'code': 'very-secret', 'state': 'very-secret', 'client_secret': 'very-secret'}

    authorize(api, urlencode({'client_id': CLIENT, **secrets}))
    authorize(api, urlencode({'client_id': 'very-secret', **secrets}))
    authorize(api, urlencode({'client_id': CLIENT, **secrets}) + '&a=%FF')
    token(api, form_without('', **secrets))
    token(api, form_without('client_id', **secrets), basic(f'{CLIENT}:very-secret'))
    token(api, form_without('client_id', **secrets), basic('very-secret:very-secret'))
    token(api, form_without('', grant_type='very-secret'))
    pool.answer = http_answer(b'{"error":"very-secret"}', status='400 very-secret')
    token(api, form_without('', **secrets))
    for broken in (b'very-secret', http_answer(b'very-secret\xff'), b'HTTP/1.1 very-secret\r\n'):
        pool.answer = broken
        token(api, form_without('', **secrets))

    said = json.dumps(log)
    assert len(log) == 11
    assert {line['operation'] for line in log if isinstance(line, dict)} == {
        'GET /oauth2/authorize',
        'POST /oauth2/token',
    }
    assert 'secret' not in said
    assert CLIENT not in said
