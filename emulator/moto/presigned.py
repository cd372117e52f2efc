"""Presigned URLs of S3 end when they say so, and carry a right signature; moto looks at neither.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

import hashlib
import hmac
import time
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends
from werkzeug import Response
from werkzeug.datastructures import EnvironHeaders

WEEK_SECONDS = 7 * 24 * 3600
_ERROR = """<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>{}</Code><Message>{}</Message></Error>"""


def refusal(environ: dict[str, str]) -> Response | None:
    """Return what S3 answers to a presigned URL that is not valid, or not any longer."""
    path, _, query = environ['RAW_URI'].partition('?')
    given = dict(parse_qsl(query, keep_blank_values=True))
    if 'X-Amz-Signature' not in given:
        return None
    try:
        signed_at = datetime.strptime(given['X-Amz-Date'], '%Y%m%dT%H%M%SZ').replace(tzinfo=UTC)
        lifetime_seconds = int(given['X-Amz-Expires'])
        signature = _signature(environ, path, given)
    except (KeyError, ValueError):
        return _error(
            400,
            'AuthorizationQueryParametersError',
            'Query-string authentication version 4 requires the X-Amz-Algorithm, '
            'X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and '
            'X-Amz-Expires parameters.',
        )
    if not 0 < lifetime_seconds <= WEEK_SECONDS:
        message = 'X-Amz-Expires must be less than a week (in seconds); that is, 604800 at most'
        return _error(400, 'AuthorizationQueryParametersError', message)
    if signed_at.timestamp() + lifetime_seconds < time.time():
        return _error(403, 'AccessDenied', 'Request has expired')
    if not hmac.compare_digest(signature, given['X-Amz-Signature'].encode()):
        return _error(
            403,
            'SignatureDoesNotMatch',
            'The request signature we calculated does not match the signature you provided. '
            'Check your key and signing method.',
        )
    return None


def _error(status: int, code: str, message: str) -> Response:
    return Response(_ERROR.format(code, message), status, content_type='application/xml')


def _signature(environ: dict[str, str], path: str, given: dict[str, str]) -> bytes:
    """Return the signature that a request should have; raises KeyError or ValueError."""
    key_id, *scope = given['X-Amz-Credential'].split('/')
    signed = given['X-Amz-SignedHeaders'].split(';')
    headers = EnvironHeaders(environ)
    pairs = sorted(
        (quote(name, safe='-_.~'), quote(value, safe='-_.~'))
        for name, value in given.items()
        if name != 'X-Amz-Signature'
    )
    request = [
        environ['REQUEST_METHOD'],
        path,
        '&'.join('='.join(pair) for pair in pairs),
        *(f'{name}:{" ".join(headers[name].split())}' for name in signed),
        '',
        given['X-Amz-SignedHeaders'],
        'UNSIGNED-PAYLOAD',
    ]
    hashed = hashlib.sha256('\n'.join(request).encode()).hexdigest()
    text = [given['X-Amz-Algorithm'], given['X-Amz-Date'], '/'.join(scope), hashed]
    key = f'AWS4{_secret(key_id)}'.encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), 'sha256')
    return hmac.digest(key, '\n'.join(text).encode(), 'sha256').hex().encode()


def _secret(key_id: str) -> str:
    """Return the secret of an access key; one that nobody made here is its own secret."""
    for account in sts_backends.values():
        for backend in account.values():
            role = backend.get_assumed_role_from_access_key(key_id)
            if role:
                return str(role.secret_access_key)
    for people in iam_backends.values():
        for keys in (iam.access_keys for iam in people.values()):
            if key_id in keys:
                return str(keys[key_id].secret_access_key)
    return key_id
