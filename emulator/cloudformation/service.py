"""The CloudFormation API as boto3 calls it, for stacks of what is on this machine.

moto has one, but it knows no Cognito, skips what it doesn't know and takes back nothing that fails.
docs/emulator.md says what is served here.
"""

import re
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from moto.core.exceptions import ServiceException
from moto.core.parse import QueryParser
from moto.core.serialize import QuerySerializer
from moto.core.utils import get_service_model
from werkzeug import Request, Response

from emulator.cloudformation.change_sets import ChangeSetOperations
from emulator.cloudformation.functions import Invalid

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

    from moto.core.model import OperationModel

_SCOPE = re.compile(r'Credential=[^/]+/\d+/([a-z0-9-]+)/cloudformation/')
# What reading raises when a template is not built like one.
_MALFORMED = (AttributeError, LookupError, RecursionError, TypeError, ValueError)


class CloudFormation:
    """The API as a WSGI application; close() it when done."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._regions: dict[str, ChangeSetOperations] = {}
        self._lock = threading.Lock()

    def __call__(
        self, environ: 'WSGIEnvironment', start_response: 'StartResponse'
    ) -> Iterable[bytes]:
        """Serve a request."""
        request = Request(environ)
        model = get_service_model('cloudformation')
        action = request.form.get('Action', '')
        if action not in model.operation_names:
            action = 'ListStacks'  # whose form an error can have
        operation = model.operation_model(action)
        answer: Any
        try:
            answer = self._answer(request, operation)
        except ServiceException as error:
            answer = error
        except _MALFORMED as error:
            answer = Invalid(f'Template format error: {type(error).__name__}: {error}')
        serialized = QuerySerializer(operation).serialize(answer)
        response = Response(serialized['body'], serialized['status_code'], serialized['headers'])
        return response(environ, start_response)

    def close(self) -> None:
        """Wait until nothing is running."""
        for operations in self._regions.values():
            operations.wait()

    def _answer(self, request: Request, operation: 'OperationModel') -> Any:
        scope = _SCOPE.search(request.headers['Authorization'])
        region = scope[1] if scope else ''
        asked = QueryParser(operation).parse(
            {
                'method': 'POST',
                'values': request.form,
                'headers': request.headers,
                'body': b'',
                'url_path': '/',
                'url_params': {},
            }
        )
        with self._lock:
            operations = self._regions.setdefault(region, ChangeSetOperations(self._url, region))
            act = getattr(operations, xform_name(operation.name), None)
            if not act or operation.name != request.form.get('Action'):
                raise Invalid('This action is not emulated.')
            return act(asked)
