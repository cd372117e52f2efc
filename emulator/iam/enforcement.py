"""AccessDenied, as on AWS, for what a role's session may not do.

    app = Enforcement(app)

The calls of a session are those signed with the access key that AssumeRole gave, also by a
presigned URL. Every other access key may do everything here. moto's own enforcement knows neither
resources nor conditions.
"""

import json
import re
from collections.abc import Iterable
from contextlib import closing, nullcontext
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import msgspec
from werkzeug import Request, Response

from emulator.iam import sessions
from emulator.iam.calls import ApiCall, UnknownCall, permissions
from emulator.iam.sessions import Session

_CREDENTIAL = re.compile(r'Credential=([^/]+)/[^/]*/[^/]*/([^/]+)/')
_OLDER_HEADER = re.compile(r'AWS ([^:]+):')
# What a request for an object may say beside its key, without being for something else of it.
_OF_OBJECTS = re.compile(
    r'x-amz-|response-|(x-id|AWSAccessKeyId|Signature|Expires)$', re.IGNORECASE
)
_STARTED = ('ExecuteStatement', 'BatchExecuteStatement')


class Enforcement:
    """An emulator of AWS that asks IAM first (WSGI)."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        # Whose a statement of the Data API is: nobody else keeps it.
        self._owners: dict[str, str] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, or refuse it."""
        access_key, service = _signed_by(environ)
        session = sessions.of_access_key(access_key) if access_key.startswith('ASIA') else None
        if session is None:
            return self._app(environ, start_response)
        body = b''
        if service != 's3':  # where a body may be large, and says nothing of what is asked
            body = Request(environ).get_data()
            environ['wsgi.input'] = BytesIO(body)
        answer = self._answer(session, service, Request(environ), body)
        return answer(environ, start_response)

    def _answer(self, session: Session, service: str, request: Request, body: bytes) -> Response:
        if session.is_over:
            return _refusal(service, 'ExpiredToken', 'The security token has expired.')
        try:
            call = _call(service, request, body)
            if self._may(session, call):
                answer = _answered(self._app, request)
                call.status = answer.status_code
                # What is not there is asked for once more: may the session know that?
                if call.status == 404 and not self._may(session, call):
                    return _denied(call)
                self._keep_owner(session, call, answer)
                return answer
        except UnknownCall as unknown:
            return _refusal(service, _code(service), str(unknown))
        return _denied(call)

    def _may(self, session: Session, call: ApiCall) -> bool:
        identity = session.identity
        statement = str(call.parameters.get('Id', '')).partition(':')[0]
        # One that nobody started is not refused but not found.
        owner = self._owners.get(statement, str(identity.circumstances['aws:userid']))
        return all(session.may(asked) for asked in permissions(call, identity, owner))

    def _keep_owner(self, session: Session, call: ApiCall, answer: Response) -> None:
        if call.operation in _STARTED and answer.status_code == 200:
            owner = str(session.identity.circumstances['aws:userid'])
            self._owners[json.loads(answer.get_data())['Id']] = owner


def _signed_by(environ: WSGIEnvironment) -> tuple[str, str]:
    """Return the access key that a request is signed with, and for which service; or nothing.

    S3 knows an older way to sign as well.
    """
    header = environ.get('HTTP_AUTHORIZATION', '')
    query = parse_qs(environ.get('QUERY_STRING', ''))
    (credential,) = query.get('X-Amz-Credential', [''])[:1]
    if found := _CREDENTIAL.search(header) or _CREDENTIAL.search(f'Credential={credential}'):
        return found[1], found[2]
    older = _OLDER_HEADER.match(header)
    (access_key,) = [older[1]] if older else query.get('AWSAccessKeyId', [''])[:1]
    return access_key, 's3'


def _call(service: str, request: Request, body: bytes) -> ApiCall:
    """Return which call of AWS's API a request is."""
    if service == 's3':
        return _call_of_s3(request)
    operation = request.headers.get('X-Amz-Target', '').rpartition('.')[2]
    if not operation:
        raise UnknownCall(f'Say here what IAM asks for that call of {service}.')
    try:
        return ApiCall(service, operation, msgspec.json.decode(body or b'{}', type=dict[str, Any]))
    except msgspec.DecodeError as error:
        raise UnknownCall('The request is not JSON.') from error


def _call_of_s3(request: Request) -> ApiCall:
    host, path = request.host.partition(':')[0], request.path.lstrip('/')
    bucket, dot, _ = host.rpartition('.localhost')
    if not dot:
        bucket, _, path = path.partition('/')
    query = request.args
    others = [name for name in query if not _OF_OBJECTS.match(name)]
    if path and not others and 'X-Amz-Copy-Source' not in request.headers:
        operation = {'GET': 'GetObject', 'HEAD': 'HeadObject', 'PUT': 'PutObject'}
        if request.method in operation:
            return ApiCall('s3', operation[request.method], {'Bucket': bucket, 'Key': path})
    if request.method == 'GET' and not path and query.get('list-type') == '2':
        given = {'Prefix': query['prefix']} if 'prefix' in query else {}
        return ApiCall('s3', 'ListObjectsV2', {'Bucket': bucket, **given})
    raise UnknownCall(f'Say here what IAM asks for {request.method} of {sorted(query)} in S3.')


def _answered(app: WSGIApplication, request: Request) -> Response:
    """Return the answer of an application as a whole."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
        started[:] = [status, headers]
        return lambda _: None

    body: Any = app(request.environ, start_response)
    with closing(body) if hasattr(body, 'close') else nullcontext():
        content = b''.join(body)
    status, headers = started
    answer = Response(content, status)
    answer.headers.clear()
    answer.headers.extend(headers)
    return answer


def _denied(call: ApiCall) -> Response:
    said = f'The session is not authorized to perform: {call.service}:{call.operation}'
    return _refusal(call.service, _code(call.service), said)


def _code(service: str) -> str:
    return 'AccessDenied' if service in ('s3', 'sts') else 'AccessDeniedException'


def _refusal(service: str, code: str, message: str) -> Response:
    """Return an error as the service words it."""
    error = f'<Code>{code}</Code><Message>{message}</Message>'
    if service == 's3':
        return Response(f'<Error>{error}</Error>', 403, content_type='application/xml')
    if service in ('dynamodb', 'states', 'redshift-data'):
        body = json.dumps({'__type': code, 'message': message})
        return Response(body, 400, content_type='application/x-amz-json-1.1')
    xml = f'<ErrorResponse><Error><Type>Sender</Type>{error}</Error></ErrorResponse>'
    return Response(xml, 403, content_type='text/xml')
