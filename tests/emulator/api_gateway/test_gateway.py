"""API Gateway around an app: what it answers by itself, and what the function gets and gives."""

import base64
import hashlib
import logging
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from chalice.app import Chalice, CORSConfig, IAMAuthorizer, Response
from chalice.app import Request as ChaliceRequest

from chalicelib.identity import authorizer
from emulator.api_gateway import local_api
from emulator.api_gateway.rest_api import Unsupported
from tests.support.people.pool import SUB, Pool, user_pool
from tests.support.raw_http import Answer, post, send, sent, serving

MISSING_TOKEN = b'{"message":"Missing Authentication Token"}'
MEBIBYTE = 1024 * 1024
PNG = b'\x89PNG\r\n\x1a\n'

app = Chalice('example', configure_logs=False)
released = threading.Event()


def current_request() -> ChaliceRequest:
    """Return the request that the view function is called for."""
    assert app.current_request
    return app.current_request


@app.route('/my_route', methods=['POST'], authorizer=authorizer, cors=True)
def my_route() -> Any:
    """Answer with the event that the function was called with."""
    return current_request().to_original_event()


@app.route('/open', methods=['GET', 'POST', 'PUT'], content_types=['*/*'])
def open_route() -> Any:
    """Answer with the event, to anybody."""
    return current_request().to_original_event()


@app.route('/things/{thing}', methods=['GET'])
def thing(thing: str) -> Any:
    """Answer with the path parameter, as it arrived."""
    return {'resource': current_request().path, 'thing': thing}


@app.route('/things/all_there_are', methods=['GET'])
def all_things() -> Any:
    """Answer with the resource."""
    return {'resource': current_request().path}


@app.route('/things/{thing}/secret', methods=['GET'], authorizer=authorizer)
def secret_thing(thing: str) -> Any:
    """Answer with the path parameter, to who is signed in."""
    return {'thing': thing}


@app.route('/', methods=['GET'])
def root() -> Any:
    """Answer with the resource."""
    return {'resource': current_request().path}


@app.route(
    '/partner',
    methods=['GET', 'PUT'],
    authorizer=authorizer,
    cors=CORSConfig(allow_origin='https://a.example', max_age=600, allow_credentials=True),
)
def partner() -> Any:
    """Answer a partner's pages."""
    return {}


@app.route('/headers', methods=['GET'])
def headers() -> Any:
    """Answer with headers that API Gateway does not all let through."""
    return Response(
        'text',
        headers={
            'Content-Type': 'text/plain',
            'Set-Cookie': ['a=1', 'b=2'],
            'WWW-Authenticate': 'Bearer',
            'Server': 'mine',
            'Transfer-Encoding': 'chunked',
            'X-Own': 'value',
        },
        status_code=418,
    )


@app.route('/picture', methods=['GET'])
def picture() -> Any:
    """Answer with bytes."""
    return Response(PNG, headers={'Content-Type': 'image/png'})


@app.route('/fail/{how}', methods=['GET'])
def fail(how: str) -> Any:
    """Fail in a way that Chalice does not catch."""
    if how == 'exit':
        raise SystemExit(1)
    if how == 'wait':
        released.wait()
    return {
        'bytes': Response(b'bytes of no binary type'),
        'status': Response('', status_code='no status'),  # type: ignore[arg-type]
        'header': Response('', headers={'X-Own': 'two\rlines'}),
        'size': Response('x' * 7 * MEBIBYTE),
        'wait': Response('late'),
    }[how]


@pytest.fixture(scope='module')
def pool() -> Iterator[Pool]:
    with user_pool() as pool:
        yield pool


@pytest.fixture(scope='module')
def api(pool: Pool) -> Iterator[str]:
    assert pool.issuer
    with serving(local_api.gateway(app, stage='dev')) as url:
        yield url


def get(url: str, path: str, *header_lines: str) -> Answer:
    """Send a GET request."""
    return send(url, f'GET {path} HTTP/1.1', 'Host: localhost', *header_lines)


def test_function_gets_the_event_that_api_gateway_sends(pool: Pool, api: str) -> None:
    token = f'Bearer {pool.access_token(iat=1683085806, auth_time=1, exp=4102444799)}'
    before = time.time()

    answer = post(
        api,
        f'Authorization: {token}',
        'Content-Type: application/json;charset=utf-8',
        'User-Agent: ChatGPT-User/1.0',
        'tEsT-HEADeR: aValUE',
        'X-Twice: one',
        'X-Twice: two',
        'Connection: close',
        body=b'{"a": "\xc3\xa9"}',
        path='/my_route/?price=10&price=20&plus=a+b%2Bc&empty=&%C3%A9=1',
    )

    event = answer.json
    context = event['requestContext']
    trace_id = event['headers'].get('X-Amzn-Trace-Id')
    port = api.rpartition(':')[2]
    assert re.fullmatch(r'Root=1-[0-9a-f]{8}-[0-9a-f]{24}', trace_id)
    assert re.fullmatch(r'\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000', context['requestTime'])
    assert before * 1000 - 1 <= context['requestTimeEpoch'] <= time.time() * 1000
    assert event == {
        'resource': '/my_route',
        'path': '/my_route/',
        'httpMethod': 'POST',
        'headers': {
            'Host': 'localhost',
            'Authorization': token,
            'Content-Type': 'application/json;charset=utf-8',
            'User-Agent': 'ChatGPT-User/1.0',
            'tEsT-HEADeR': 'aValUE',
            'X-Twice': 'two',
            'X-Amzn-Trace-Id': trace_id,
            'X-Forwarded-For': '127.0.0.1',
            'X-Forwarded-Port': port,
            'X-Forwarded-Proto': 'http',
        },
        'multiValueHeaders': {
            'Host': ['localhost'],
            'Authorization': [token],
            'Content-Type': ['application/json;charset=utf-8'],
            'User-Agent': ['ChatGPT-User/1.0'],
            'tEsT-HEADeR': ['aValUE'],
            'X-Twice': ['one', 'two'],
            'X-Amzn-Trace-Id': [trace_id],
            'X-Forwarded-For': ['127.0.0.1'],
            'X-Forwarded-Port': [port],
            'X-Forwarded-Proto': ['http'],
        },
        'queryStringParameters': {'price': '20', 'plus': 'a b+c', 'empty': '', 'é': '1'},
        'multiValueQueryStringParameters': {
            'price': ['10', '20'],
            'plus': ['a b+c'],
            'empty': [''],
            'é': ['1'],
        },
        'pathParameters': None,
        'stageVariables': None,
        'requestContext': {
            'accountId': '123456789012',
            'apiId': 'local',
            'authorizer': {
                'claims': {
                    'sub': SUB,
                    'iss': pool.issuer,
                    'version': '2',
                    'client_id': 'the-app-client',
                    'origin_jti': 'd5c1a2f4-6d1c-4a53-8a0b-0d5b1f2c3e4d',
                    'event_id': '0c6f9f4e-95b4-4e8f-a7c1-3f2b1a0d9e8c',
                    'token_use': 'access',
                    'scope': 'openid profile email',
                    'username': SUB,
                    'auth_time': '1',
                    'iat': 'Wed May 03 03:50:06 UTC 2023',
                    'exp': 'Thu Dec 31 23:59:59 UTC 2099',
                    'jti': 'f1e2d3c4',
                }
            },
            'deploymentId': 'local',
            'domainName': 'localhost',
            'domainPrefix': 'localhost',
            'extendedRequestId': answer.headers['x-amz-apigw-id'],
            'httpMethod': 'POST',
            'identity': {
                'accessKey': None,
                'accountId': None,
                'caller': None,
                'cognitoAuthenticationProvider': None,
                'cognitoAuthenticationType': None,
                'cognitoIdentityId': None,
                'cognitoIdentityPoolId': None,
                'principalOrgId': None,
                'sourceIp': '127.0.0.1',
                'user': None,
                'userAgent': 'ChatGPT-User/1.0',
                'userArn': None,
            },
            'path': '/my_route/',
            'protocol': 'HTTP/1.1',
            'requestId': answer.headers['x-amzn-RequestId'],
            'requestTime': context['requestTime'],
            'requestTimeEpoch': context['requestTimeEpoch'],
            'resourceId': hashlib.sha256(b'/my_route').hexdigest()[:6],
            'resourcePath': '/my_route',
            'stage': 'dev',
        },
        'body': '{"a": "é"}',
        'isBase64Encoded': False,
    }


def test_event_of_a_bare_request_has_null_for_what_is_not_there(api: str) -> None:
    event = get(api, '/open').json

    absent = {name for name, value in event.items() if value is None}
    assert absent == {
        'queryStringParameters',
        'multiValueQueryStringParameters',
        'pathParameters',
        'stageVariables',
        'body',
    }
    assert 'authorizer' not in event['requestContext']
    assert event['requestContext']['identity']['userAgent'] is None


@pytest.mark.parametrize(
    ('content_type', 'sent', 'body', 'encoded'),
    [
        ('application/json', '{"é": 1}'.encode(), '{"é": 1}', False),
        ('application/json', b'{"\xff": 1}', '{"�": 1}', False),
        ('text/plain', b'\0', '\0', False),
        ('image/png', PNG, base64.b64encode(PNG).decode(), True),
        ('Image/PNG; x=1', PNG, base64.b64encode(PNG).decode(), True),
        ('application/octet-stream', b'', None, False),
    ],
)
def test_body_is_text_or_base64_by_its_type(
    content_type: str, sent: bytes, body: str | None, encoded: bool, api: str
) -> None:
    event = post(api, f'Content-Type: {content_type}', path='/open', body=sent).json

    assert (event['body'], event['isBase64Encoded']) == (body, encoded)


@pytest.mark.parametrize(
    ('path', 'answer'),
    [
        ('/', {'resource': '/'}),
        ('/?x', {'resource': '/'}),
        ('//', {'resource': '/'}),
        ('/things/all_there_are', {'resource': '/things/all_there_are'}),
        ('/things/all_there_are/', {'resource': '/things/all_there_are'}),
        ('//things/all_there_are', {'resource': '/things/all_there_are'}),
        ('///things/all_there_are//', {'resource': '/things/all_there_are'}),
        ('/things/1', {'resource': '/things/{thing}', 'thing': '1'}),
        ('/things/a%2Fb', {'resource': '/things/{thing}', 'thing': 'a%2Fb'}),
        ('/things/jane%40a.b', {'resource': '/things/{thing}', 'thing': 'jane%40a.b'}),
        ('/things/a+b', {'resource': '/things/{thing}', 'thing': 'a+b'}),
        ('/things/%2e%2e', {'resource': '/things/{thing}', 'thing': '%2e%2e'}),
        ('/things/..', {'resource': '/things/{thing}', 'thing': '..'}),
        ('/things/%00', {'resource': '/things/{thing}', 'thing': '%00'}),
        ('/things/%zz', {'resource': '/things/{thing}', 'thing': '%zz'}),
        ('/things/{thing}', {'resource': '/things/{thing}', 'thing': '{thing}'}),
        (
            '/things/all_there_are;v=1',
            {'resource': '/things/{thing}', 'thing': 'all_there_are;v=1'},
        ),
    ],
)
def test_path_leads_to_the_resource_and_is_not_decoded(
    path: str, answer: dict[str, str], api: str
) -> None:
    assert get(api, path).json == answer


@pytest.mark.parametrize(
    'path',
    [
        '/nowhere',
        '/my_route/more',
        '/MY_ROUTE',
        '/%6dy_route',
        '/my_route%2F',
        '/my_route%00',
        '/my_route;a=b',
        '/./my_route',
        '/a/../my_route',
        '/%2e%2e/my_route',
        '/things',
        '/things//',
        '/things//secret',
        '/things/a/b/c',
        '/dev/my_route',
        '/' + 'x' * 60_000,
    ],
    ids=lambda path: path[:20],
)
@pytest.mark.parametrize('method', ['GET', 'POST', 'OPTIONS'])
def test_unknown_path_is_403_about_a_missing_token(method: str, path: str, api: str) -> None:
    answer = send(api, f'{method} {path} HTTP/1.1', 'Host: localhost')

    assert (answer.status, answer.body) == (403, MISSING_TOKEN)
    assert answer.headers['x-amzn-ErrorType'] == 'MissingAuthenticationTokenException'


@pytest.mark.parametrize(
    'method',
    [
        'GET',
        'PUT',
        'PATCH',
        'DELETE',
        'TRACE',
        'CONNECT',
        'PROPFIND',
        'INVENTED',
        'post',
        'P\x7fST',
    ],
)
def test_unknown_method_is_403_about_a_missing_token(method: str, api: str) -> None:
    answer = send(api, f'{method} /my_route HTTP/1.1', 'Host: localhost')

    assert (answer.status, answer.body) == (403, MISSING_TOKEN)
    assert answer.headers['x-amzn-ErrorType'] == 'MissingAuthenticationTokenException'


@pytest.mark.parametrize('path', ['/my_route', '/open', '/nowhere'])
def test_head_is_a_method_of_its_own_and_its_answer_has_no_body(path: str, api: str) -> None:
    answer = send(api, f'HEAD {path} HTTP/1.1', 'Host: localhost')

    assert (answer.status, answer.body) == (403, b'')


@pytest.mark.parametrize('path', ['/nowhere', '/my_route'])
@pytest.mark.parametrize('authorization', ['Bearer abc', 'anything', ''])
def test_unknown_route_with_authorization_is_403_about_a_signature(
    authorization: str, path: str, api: str
) -> None:
    answer = get(api, path, f'Authorization: {authorization}')

    digest = base64.b64encode(hashlib.sha256(authorization.encode()).digest()).decode()
    assert answer.status == 403
    assert answer.body.decode() == (
        '{"message":"Invalid key=value pair (missing equal-sign) in Authorization header '
        f"(hashed with SHA-256 and encoded with Base64): '{digest}'.\"}}"
    )
    assert answer.headers['x-amzn-ErrorType'] == 'IncompleteSignatureException'


def test_unknown_route_is_403_with_a_good_token_too(pool: Pool, api: str) -> None:
    assert get(api, '/nowhere', f'Authorization: {pool.access_token()}').status == 403


@pytest.mark.parametrize(
    ('path', 'cors'),
    [
        (
            '/my_route',
            {
                'Access-Control-Allow-Methods': 'POST,OPTIONS',
                'Access-Control-Allow-Origin': '*',
                'Access-Control-Allow-Headers': 'Authorization,Content-Type,X-Amz-Date,'
                'X-Amz-Security-Token,X-Api-Key',
            },
        ),
        (
            '/partner',
            {
                'Access-Control-Allow-Methods': 'GET,PUT,OPTIONS',
                'Access-Control-Allow-Origin': 'https://a.example',
                'Access-Control-Allow-Headers': 'Authorization,Content-Type,X-Amz-Date,'
                'X-Amz-Security-Token,X-Api-Key',
                'Access-Control-Max-Age': '600',
                'Access-Control-Allow-Credentials': 'true',
            },
        ),
    ],
)
@pytest.mark.parametrize('extra', [[], ['Authorization: Bearer garbage'], ['Origin: https://x.y']])
def test_preflight_needs_no_token(
    path: str, cors: dict[str, str], extra: list[str], api: str
) -> None:
    answer = send(api, f'OPTIONS {path} HTTP/1.1', 'Host: localhost', *extra)

    sent = {n: v for n, v in answer.headers.items() if n.startswith('Access-Control')}
    assert (answer.status, answer.body, sent) == (200, b'', cors)
    assert answer.headers['Content-Type'] == 'application/json'


@pytest.mark.parametrize('path', ['/open', '/things/1'])
def test_preflight_of_a_route_without_cors_is_an_unknown_method(path: str, api: str) -> None:
    assert send(api, f'OPTIONS {path} HTTP/1.1', 'Host: localhost').body == MISSING_TOKEN


def test_functions_answer_has_cors_headers_but_without_customisation_a_refusal_has_none(
    pool: Pool, api: str
) -> None:
    good = post(api, f'Authorization: {pool.access_token()}')
    refused = post(api)

    assert good.headers['Access-Control-Allow-Origin'] == '*'
    assert [name for name in refused.headers if name.startswith('Access-Control')] == []


def test_no_token_is_401_and_without_customisation_nothing_more(api: str) -> None:
    answer = post(api)

    assert (answer.status, answer.body) == (401, b'{"message":"Unauthorized"}')
    assert {name for name in answer.headers if name not in {'Server', 'Date'}} == {
        'Content-Type',
        'Content-Length',
        'Connection',
        'x-amzn-ErrorType',
        'x-amzn-RequestId',
        'x-amz-apigw-id',
    }


def test_every_answer_has_ids_of_its_own(api: str) -> None:
    answers = [get(api, '/nowhere'), post(api), get(api, '/open'), get(api, '/open')]

    assert len({answer.headers['x-amzn-RequestId'] for answer in answers}) == 4
    assert len({answer.headers['x-amz-apigw-id'] for answer in answers}) == 4
    for answer in answers:
        assert re.fullmatch(
            r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', answer.headers['x-amzn-RequestId']
        )
        assert re.fullmatch(r'[\w+/]{15}=', answer.headers['x-amz-apigw-id'])


def test_authorization_comes_before_content_type_and_size(api: str) -> None:
    no_token = post(api, 'Content-Type: text/plain', body=b'x' * (10 * MEBIBYTE + 1))
    wrong_length = send(api, 'POST /my_route HTTP/1.1', 'Host: localhost', 'Content-Length: x')

    assert (no_token.status, wrong_length.status) == (401, 401)


@pytest.mark.parametrize('size', [6 * MEBIBYTE, 10 * MEBIBYTE + 1])
def test_too_large_body_is_413(size: int, api: str) -> None:
    answer = post(api, path='/open', body=b'x' * size)

    assert (answer.status, answer.body) == (413, b'{"message":"Request Too Long"}')
    assert answer.headers['x-amzn-ErrorType'] == 'RequestTooLargeException'


def test_size_is_counted_in_bytes_of_utf_8(api: str) -> None:
    body = 'é'.encode() * 2 * MEBIBYTE
    lines = ['GET /things/1 HTTP/1.1', 'Host: localhost', f'Content-Length: {len(body)}']

    assert send(api, *lines, body=body).status == 200


def test_too_large_body_in_chunks_is_413(api: str) -> None:
    chunk = b'%x\r\n%b\r\n' % (MEBIBYTE, b'x' * MEBIBYTE)
    lines = ['POST /open HTTP/1.1', 'Host: localhost', 'Transfer-Encoding: chunked']

    answer = send(api, *lines, body=chunk * 11 + b'0\r\n\r\n')

    assert (answer.status, answer.body) == (413, b'{"message":"Request Too Long"}')


@pytest.mark.parametrize(
    ('line', 'body'),
    [
        (f'Content-Length: {10 * MEBIBYTE + 1}', b'x'),
        (f'Content-Length: {"9" * 18}', b'x'),
        ('Transfer-Encoding: chunked', b'ffffffffff\r\nx'),
        ('Transfer-Encoding: chunked', b'1\r\nx\r\n%x\r\nx' % (10 * MEBIBYTE)),
    ],
)
def test_announced_size_is_enough_for_413(line: str, body: bytes, api: str) -> None:
    request = ['POST /open HTTP/1.1', 'Host: localhost', line]

    assert send(api, *request, body=body, half_close=True).status == 413


def test_body_in_chunks_is_put_together(api: str) -> None:
    lines = ['POST /open HTTP/1.1', 'Host: localhost', 'Transfer-Encoding: chunked']

    event = send(api, *lines, body=b'3\r\n{"a\r\n5;of=2\r\n": 1}\r\n0\r\n\r\n').json

    assert event['body'] == '{"a": 1}'
    assert 'Transfer-Encoding' not in event['headers']


@pytest.mark.parametrize(
    'body',
    [
        *(b'', b'x\r\n', b'-1\r\n', b'0x1\r\nx\r\n0\r\n\r\n', b'%x' % 16**98),
        *(b'5\r\nab\r\n', b'3\r\nabcdef\r\n0\r\n\r\n', b'2\r\nab\r\n0\r\nx'),
    ],
)
def test_broken_chunks_are_400(body: bytes, api: str) -> None:
    lines = ['POST /open HTTP/1.1', 'Host: localhost', 'Transfer-Encoding: chunked']

    answer = send(api, *lines, body=body, half_close=True)

    assert (answer.status, answer.body) == (400, b'{"message":"Bad Request"}')


@pytest.mark.parametrize(
    'length', ['x', '-1', '+2', '1.0', '0x2', '٢', '2, 2', '', '1' * 5000, '9' * 20]
)
def test_invalid_length_is_400(length: str, api: str) -> None:
    answer = send(
        api, 'POST /open HTTP/1.1', 'Host: localhost', f'Content-Length: {length}', body=b'{}'
    )

    assert (answer.status, answer.body) == (400, b'{"message":"Bad Request"}')


def test_body_shorter_than_announced_is_400(api: str) -> None:
    lines = ['POST /open HTTP/1.1', 'Host: localhost', 'Content-Length: 100']

    answer = send(api, *lines, body=b'{}', half_close=True)

    assert (answer.status, answer.body) == (400, b'{"message":"Bad Request"}')


def test_body_longer_than_announced_is_cut(api: str) -> None:
    lines = ['POST /open HTTP/1.1', 'Host: localhost', 'Content-Length: 2']

    assert send(api, *lines, body=b'{}GET / HTTP/1.1\r\n\r\n', half_close=True).json['body'] == '{}'


def test_connection_ends_with_the_answer_whatever_else_comes(api: str) -> None:
    with sent(api, 'GET / HTTP/1.1', 'Host: localhost', body=b'x' * 20_000) as connection:
        answer = connection.makefile('rb').read()

    assert answer.endswith(b'\r\n\r\n{"resource":"/"}')


def test_expected_100_continue_is_said_once(api: str) -> None:
    lines = ['POST /open HTTP/1.1', 'Host: localhost', 'Content-Length: 2', 'Expect: 100-continue']

    with sent(api, *lines, body=b'{}') as connection:
        answer = connection.makefile('rb').read()

    assert re.findall(rb'HTTP/1.1 \d+', answer) == [b'HTTP/1.1 100', b'HTTP/1.1 200']
    assert b'"body":"{}"' in answer
    assert b'Expect' not in answer


@pytest.mark.parametrize(
    ('line', 'status'),
    [
        (b'GET /\xc3\xa9 HTTP/1.1', 400),
        (b'GET /a\0b HTTP/1.1', 400),
        (b'GET /a\x1b[2J HTTP/1.1', 400),
        (b'GET my_route HTTP/1.1', 400),
        (b'GET http://[ HTTP/1.1', 400),
        (b'GET http://localhost/open HTTP/1.1', 400),
        (b'OPTIONS * HTTP/1.1', 400),
        (b'CONNECT localhost:443 HTTP/1.1', 400),
        (b'GET /a b HTTP/1.1', 400),
        (b'GET / HTTP/x', 400),
        (b'GET / HTTP/2.0', 505),
        (b'GET /' + b'x' * 70_000 + b' HTTP/1.1', 414),
        (b'GET /' + b'x' * 5 * MEBIBYTE + b' HTTP/1.1', 414),
    ],
    ids=lambda value: value[:24] if isinstance(value, bytes) else value,
)
def test_malformed_request_is_refused_in_json(line: bytes, status: int, api: str) -> None:
    answer = send(api, line, 'Host: localhost')

    assert (answer.status, answer.headers['Content-Type']) == (status, 'application/json')
    assert answer.json.keys() == {'message'}


@pytest.mark.parametrize(
    'lines', [[f'X-{n}: 1' for n in range(101)], ['X: ' + 'x' * 70_000]], ids=['many', 'long']
)
def test_too_many_headers_are_431(lines: list[str], api: str) -> None:
    answer = get(api, '/open', *lines)

    assert (answer.status, answer.headers['Content-Type']) == (431, 'application/json')


@pytest.mark.parametrize('line', ['Host: [', 'Host: a b', 'Host: \0', 'X-Own: \xff', 'Cookie: ;;='])
def test_odd_header_is_handed_on(line: str, api: str) -> None:
    answer = send(api, 'GET /open HTTP/1.1', line.encode('latin-1'))

    name, _, value = line.partition(': ')
    assert answer.json['headers'][name] == value


def test_path_that_makes_the_method_arn_too_long_is_414(pool: Pool, api: str) -> None:
    path = f'/things/{"x" * 1600}/secret'

    answer = get(api, path, f'Authorization: {pool.access_token()}')

    assert (answer.status, answer.body) == (414, b'{"message":"Request-URI Too Long"}')
    assert get(api, path.removesuffix('/secret')).status == 200


def test_functions_answer_becomes_http(api: str) -> None:
    answer = get(api, '/headers')

    assert (answer.status, answer.body) == (418, b'text')
    assert answer.headers['Content-Type'] == 'text/plain'
    assert answer.headers.get_all('Set-Cookie') == ['a=1', 'b=2']
    assert answer.headers['X-Own'] == 'value'
    assert answer.headers['x-amzn-Remapped-WWW-Authenticate'] == 'Bearer'
    assert answer.headers['x-amzn-Remapped-Server'] == 'mine'
    assert answer.headers['WWW-Authenticate'] is None
    assert answer.headers['Transfer-Encoding'] is None


@pytest.mark.parametrize(
    ('accept', 'body'),
    [
        ('image/png', PNG),
        ('image/png, */*', PNG),
        ('text/html, image/png', base64.b64encode(PNG)),
    ],
)
def test_first_accepted_type_decides_whether_bytes_are_decoded(
    accept: str, body: bytes, api: str
) -> None:
    answer = get(api, '/picture', f'Accept: {accept}')

    assert (answer.status, answer.body) == (200, body)
    assert answer.headers['Content-Type'] == 'image/png'


@pytest.mark.parametrize('how', ['exit', 'bytes', 'status', 'header', 'size'])
def test_failing_function_is_502(how: str, api: str) -> None:
    answer = get(api, f'/fail/{how}')

    assert (answer.status, answer.body) == (502, b'{"message": "Internal server error"}')
    assert answer.headers['x-amzn-ErrorType'] == 'InternalServerErrorException'


@pytest.mark.parametrize(
    ('function_seconds', 'integration_seconds', 'status', 'body'),
    [
        (60, 0.01, 504, b'{"message": "Endpoint request timed out"}'),
        (0.01, 60, 502, b'{"message": "Internal server error"}'),
    ],
)
def test_slow_function_is_not_waited_for(
    function_seconds: float, integration_seconds: float, status: int, body: bytes
) -> None:
    released.clear()
    gateway = local_api.gateway(
        app,
        function_timeout_seconds=function_seconds,
        integration_timeout_seconds=integration_seconds,
    )
    with serving(gateway) as url:
        answer = get(url, '/fail/wait')
    released.set()

    assert (answer.status, answer.body) == (status, body)
    assert answer.headers['x-amzn-ErrorType'] == 'InternalServerErrorException'


def test_access_log_has_neither_path_nor_query_nor_headers(
    pool: Pool, api: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger='emulator')
    token = pool.access_token()

    post(api, f'Authorization: Bearer {token}', path='/my_route?email=jane@example.com')
    get(api, '/things/jane@example.com', 'Cookie: secret')
    get(api, '/jane@example.com')
    post(api)

    lines = [re.sub(r'\d+ ms', 'N ms', record.getMessage()) for record in caplog.records]
    assert lines == [
        '200 POST /my_route N ms',
        '200 GET /things/{thing} N ms',
        '403 no such route N ms',
        '401 POST /my_route N ms',
    ]


def test_api_with_an_authorizer_that_is_not_emulated_is_not_served() -> None:
    other = Chalice('other', configure_logs=False)
    other.route('/signed', authorizer=IAMAuthorizer())(root)

    with pytest.raises(Unsupported, match='GET /signed: only a Cognito authorizer'):
        local_api.gateway(other)


def test_api_with_an_api_key_is_not_served() -> None:
    other = Chalice('other', configure_logs=False)
    other.route('/keyed', api_key_required=True)(root)
    with pytest.raises(Unsupported, match='GET /keyed'):
        local_api.gateway(other)

    another = Chalice('another', configure_logs=False)
    another.route('/keyed', api_key_required=True, authorizer=authorizer)(root)
    with pytest.raises(Unsupported, match='GET /keyed'):
        local_api.gateway(another)
