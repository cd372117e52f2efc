"""AWS that fails where a test wants it to: an error code, no connection, or no answer in time."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from urllib3 import HTTPResponse

from chalicelib import errors

# Of a client that fails at once, where it would try again and again.
AT_ONCE = Config(retries={'total_max_attempts': 1})
FAULTS: list[tuple[str | Exception, type[Exception]]] = [
    ('ThrottlingException', errors.ServiceBusy),
    ('AccessDeniedException', errors.NotPermitted),
    ('InternalServerError', errors.ServiceUnavailable),
    (EndpointConnectionError(endpoint_url='http://internal'), errors.ServiceUnavailable),
    (ReadTimeoutError(endpoint_url='http://internal'), errors.ServiceUnavailable),
]


@contextmanager
def failing(
    client: Any, operation: str, fault: str | Exception, *, after: int = 0
) -> Iterator[None]:
    """Let an operation fail: by an error code, as its service words it, or as the connection would.

    Its first calls, as many as ``after`` says, still succeed.
    """
    model = client.meta.service_model
    left = iter(range(after))

    def fail(request: Any, **_: object) -> AWSResponse | None:
        if next(left, None) is not None:
            return None
        if isinstance(fault, Exception):
            raise fault
        body = f'{{"__type": "{fault}", "message": "internals of AWS"}}'
        if model.protocol == 'rest-xml':
            body = f'<Error><Code>{fault}</Code><Message>internals of AWS</Message></Error>'
        raw = HTTPResponse(BytesIO(body.encode()), preload_content=False)
        return AWSResponse(request.url, 400, HTTPHeaders(), raw)

    event = f'before-send.{model.service_id.hyphenize()}.{operation}'
    client.meta.events.register_first(event, fail)
    try:
        yield
    finally:
        client.meta.events.unregister(event, fail)
