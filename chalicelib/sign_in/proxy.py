"""Sign-in under the API's own domain: the OAuth endpoints of the user pool, and nothing else.

ChatGPT takes OAuth URLs only under the root domain of the API, and neither execute-api's nor
amazoncognito's is. So one endpoint here sends the browser on and the other forwards what ChatGPT
sends, both to the domain that is set and for the app clients that are set. Nobody is signed in
yet, so nothing that passes is trusted, kept or logged.
Errors: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
"""

import base64
import json
import re
import socket
import ssl
from collections.abc import Callable
from functools import wraps
from http.client import HTTPException, HTTPResponse
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from chalice.app import Request, Response

from chalicelib import settings, timed_connection
from chalicelib.deadline import Deadline

MAX_QUERY_CHARACTERS = 8_000
MAX_FORM_BYTES = 16_000
MAX_ANSWER_BYTES = 100_000
SECONDS = 10.0
# ChatGPT signs people in and renews their tokens; what a machine does for itself goes to the pool.
GRANT_TYPES = ('authorization_code', 'refresh_token')

_CONNECT_SECONDS = 3.0
_FORM_TYPE = 'application/x-www-form-urlencoded'
# Printable ASCII but for the semicolon, which some take for an ampersand.
_FORM = re.compile(rb'[!-:<-~]*')
_BASIC = re.compile(r'basic ([A-Za-z0-9+/]+={0,2})', re.IGNORECASE)
_CLIENT_ID = re.compile(r'[A-Za-z0-9_+]{1,128}')
# What API Gateway makes of bytes that are not UTF-8, encoded again.
_REPLACED = '%EF%BF%BD'
_ANSWERED = {
    'Content-Type': re.compile(r'(text/|application/json)[ -~]{0,100}', re.IGNORECASE),
    'Cache-Control': re.compile('[ -~]{0,100}'),
    'Pragma': re.compile('[ -~]{0,100}'),
}
_NO_STORE = {'Cache-Control': 'no-store', 'Pragma': 'no-cache'}


class RequestRefused(Exception):
    """A request or its answer is not passed on; ``error`` is a code of OAuth's."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.status = status


def _refusing(endpoint: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """Answer refusals, and a missing setting, in OAuth's form."""

    @wraps(endpoint)
    def answer(request: Request) -> Response:
        try:
            return endpoint(request)
        except RequestRefused as refusal:
            return _error(refusal.error, str(refusal), refusal.status)
        except settings.MissingSetting as error:
            return _error('temporarily_unavailable', str(error), error.STATUS_CODE)

    return answer


@_refusing
def authorize(request: Request) -> Response:
    """Send the browser on to the sign-in page, with the same query."""
    sent = request.query_params
    pairs = [(name, value) for name in sent for value in sent.getlist(name)] if sent else []
    _check_client(_only('client_id', pairs))
    try:
        query = urlencode(pairs)
    except UnicodeError:
        query = _REPLACED
    if _REPLACED in query:
        raise RequestRefused('invalid_request', 'The query is not UTF-8.')
    if len(query) > MAX_QUERY_CHARACTERS:
        raise RequestRefused('invalid_request', 'The query is too long.', 414)
    location = f'{settings.cognito_domain_url()}/oauth2/authorize?{query}'
    return Response('', {'Location': location, **_NO_STORE}, 302)


@_refusing
def token(request: Request) -> Response:
    """Forward a token request byte for byte and give its answer back unchanged."""
    form = _form(request)
    pairs = parse_qsl(form.decode('ascii'), keep_blank_values=True)
    named = [pair for pair in pairs if pair[0] == 'client_id']
    headers = {'Content-Type': _FORM_TYPE, 'Accept': 'application/json'}
    if 'authorization' in request.headers:
        headers['Authorization'] = request.headers['authorization']
        in_header = ('client_id', _client_of(headers['Authorization']))
        named += [] if named == [in_header] else [in_header]
    _check_client(_only('client_id', named))
    if _only('grant_type', pairs) not in GRANT_TYPES:
        raise RequestRefused('unsupported_grant_type', f'It may be {" or ".join(GRANT_TYPES)}.')
    return _forward(urlsplit(settings.cognito_domain_url()), form, headers)


def _form(request: Request) -> bytes:
    media_type = request.headers.get('content-type', '').partition(';')[0].strip().lower()
    if media_type != _FORM_TYPE:
        raise RequestRefused('invalid_request', f'Send the parameters as {_FORM_TYPE}.')
    if request.query_params:
        raise RequestRefused('invalid_request', 'Send the parameters in the body, not in the URL.')
    try:
        form = request.raw_body
    except ValueError as error:
        raise RequestRefused('invalid_request', 'The body is not a form.') from error
    if len(form) > MAX_FORM_BYTES:
        raise RequestRefused('invalid_request', 'The body is too large.', 413)
    if not isinstance(form, bytes) or not _FORM.fullmatch(form):
        raise RequestRefused('invalid_request', 'The body is not a form.')
    return form


def _client_of(authorization: str) -> str:
    found = _BASIC.fullmatch(authorization)
    try:
        credentials = base64.b64decode(found[1] if found else '').decode('ascii')
    except ValueError:
        credentials = ''
    client_id, colon, _ = credentials.partition(':')
    if not colon:
        raise RequestRefused('invalid_client', 'The Authorization header is not a Basic one.')
    return client_id


def _only(name: str, pairs: list[tuple[str, str]]) -> str:
    values = [value for given, value in pairs if given == name]
    if len(values) != 1:
        raise RequestRefused('invalid_request', f'Give one {name}.')
    return values[0]


def _check_client(client_id: str) -> None:
    """Raise RequestRefused for an app client whose tokens the API would not take."""
    allowed = settings.cognito_client_ids()
    if not _CLIENT_ID.fullmatch(client_id) or (allowed and client_id not in allowed):
        raise RequestRefused('invalid_client', 'This API has no such app client.')


def _forward(pool: SplitResult, form: bytes, headers: dict[str, str]) -> Response:
    deadline = Deadline(SECONDS)
    # A firewall in front of the pool may refuse a client without a name.
    headers |= {'Host': pool.netloc, 'User-Agent': settings.function_name()}
    try:
        with (
            _connected(pool, deadline) as raw,
            timed_connection.over(raw, str(pool.hostname), deadline, _tls(pool)) as connection,
        ):
            connection.request('POST', '/oauth2/token', form, headers)
            with connection.getresponse() as response:
                answer = _read(response)
    except (OSError, HTTPException, ValueError) as error:
        # Which UnicodeError a host that is no name raises depends on the Python.
        kind = UnicodeError if isinstance(error, UnicodeError) else type(error)
        raise _unavailable('too late' if deadline.is_over else kind.__name__) from error
    if deadline.is_over:
        raise _unavailable('too late')
    return answer


def _connected(pool: SplitResult, deadline: Deadline) -> socket.socket:
    """Connect to the first of the pool's addresses that answers, all of them by the deadline."""
    problem = OSError()
    port = pool.port or (443 if pool.scheme == 'https' else 80)
    for *_, address in socket.getaddrinfo(pool.hostname, port, type=socket.SOCK_STREAM):
        seconds = min(_CONNECT_SECONDS, deadline.seconds_left)
        try:
            return socket.create_connection((str(address[0]), port), seconds)
        except OSError as error:
            problem = error
    raise problem


def _tls(pool: SplitResult) -> ssl.SSLContext | None:
    return ssl.create_default_context() if pool.scheme == 'https' else None


def _read(response: HTTPResponse) -> Response:
    """Return an answer as it is; raises RequestRefused for what is no token endpoint's."""
    headers = {name: response.headers.get(name, '') for name in _ANSWERED}
    if not all(_ANSWERED[name].fullmatch(value) for name, value in headers.items()):
        raise _unavailable(f'status {response.status} without text')
    if response.status < 400 and response.status != 200:
        raise _unavailable(f'status {response.status}')
    body = response.read(MAX_ANSWER_BYTES + 1)
    if len(body) > MAX_ANSWER_BYTES:
        raise _unavailable('too much')
    # Where the length is known, http.client passes over an end that comes too early.
    if response.length:
        raise _unavailable('not all of it')
    given: dict[str, str | list[str]] = {name: value for name, value in headers.items() if value}
    return Response(body.decode(), given, response.status)


def _unavailable(what: str) -> RequestRefused:
    return RequestRefused(
        'temporarily_unavailable', f'The sign-in service gave a wrong answer: {what}.', 503
    )


def _error(code: str, description: str, status: int) -> Response:
    body = json.dumps({'error': code, 'error_description': description})
    return Response(body, {'Content-Type': 'application/json', **_NO_STORE}, status)
