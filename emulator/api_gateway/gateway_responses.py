"""Gateway responses: what API Gateway answers by itself, and what an API may change about that.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

# By response type: what PutGatewayResponse and the Swagger extension of that name hold.
Customisations = Mapping[str, Mapping[str, Any]]

_HEADER = 'gatewayresponse.header.'
_STATIC = re.compile(r"'[^'\r\n]*'")
_DEFAULT_TEMPLATE = re.compile(r'\{"message": ?\$context\.error\.messageString\}')
_CANNOT_BE_CUSTOMISED = {'REQUEST_TOO_LARGE'}


class GatewayResponse(Exception):
    """An answer that API Gateway gives by itself, of one of the types that it has for them.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
    """

    def __init__(self, response_type: str, status: int, error_type: str, message: str) -> None:
        super().__init__(message)
        self.response_type = response_type
        self.status = status
        self.error_type = error_type

    def response(self, customisations: Customisations) -> Response:
        """Return it as HTTP, byte for byte as AWS: a failed integration has a space in its JSON."""
        separators = None if self.status >= 500 else (',', ':')
        name = 'Message' if self.response_type == 'ACCESS_DENIED' else 'message'
        body = json.dumps({name: str(self)}, separators=separators)
        changed = self._customisation(customisations)
        status = int(changed.get('statusCode') or self.status)
        response = Response(body, status, content_type='application/json')
        response.headers['x-amzn-ErrorType'] = self.error_type
        for name, value in (changed.get('responseParameters') or {}).items():
            response.headers[name.removeprefix(_HEADER)] = value[1:-1]
        return response

    def _customisation(self, customisations: Customisations) -> Mapping[str, Any]:
        """Return the one of its type, which takes nothing from the default, else the default."""
        if self.response_type in _CANNOT_BE_CUSTOMISED:
            return {}
        default = 'DEFAULT_5XX' if self.status >= 500 else 'DEFAULT_4XX'
        return customisations.get(self.response_type) or customisations.get(default) or {}


def unsupported(customisations: Customisations) -> str | None:
    """Return which customisation is not emulated, in words: only fixed headers and statuses are."""
    for response_type, changed in customisations.items():
        for name, value in (changed.get('responseParameters') or {}).items():
            if not name.startswith(_HEADER) or not _STATIC.fullmatch(value):
                return f'{response_type}: {name} is no header with a fixed value.'
        for template in (changed.get('responseTemplates') or {}).values():
            if not _DEFAULT_TEMPLATE.fullmatch(template):
                return f'{response_type}: it has a template of its own.'
    return None


def with_headers(headers: Mapping[str, Mapping[str, str]]) -> Customisations:
    """Return the customisations that set these headers, by response type."""
    return {
        response_type: {
            'responseParameters': {f'{_HEADER}{name}': f"'{value}'" for name, value in set_.items()}
        }
        for response_type, set_ in headers.items()
    }
