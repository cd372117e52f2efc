"""AWS that fails where a test wants it to: an error code, no connection, or no answer in time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from chalicelib import errors

FAULTS: list[tuple[str | Exception, type[Exception]]] = [
    ('ThrottlingException', errors.ServiceBusy),
    ('AccessDeniedException', errors.NotPermitted),
    ('InternalServerError', errors.ServiceUnavailable),
    (EndpointConnectionError(endpoint_url='http://internal'), errors.ServiceUnavailable),
    (ReadTimeoutError(endpoint_url='http://internal'), errors.ServiceUnavailable),
]


class _Body:
    """What an HTTP response is read from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


@contextmanager
def failing(client: Any, operation: str, fault: str | Exception) -> Iterator[None]:
    """Let an operation of a JSON service fail: by an error code, or as the connection would."""

    def fail(request: Any, **_: object) -> AWSResponse:
        if isinstance(fault, Exception):
            raise fault
        body = _Body(f'{{"__type": "{fault}", "message": "internal"}}'.encode())
        return AWSResponse(request.url, 400, HTTPHeaders(), body)

    event = f'before-send.{client.meta.service_model.service_id.hyphenize()}.{operation}'
    client.meta.events.register_first(event, fail)
    try:
        yield
    finally:
        client.meta.events.unregister(event, fail)
