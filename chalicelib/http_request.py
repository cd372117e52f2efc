"""From an HTTP request to the struct that an operation asks for, or an error a model can mend."""

from typing import Any
from urllib.parse import unquote

import msgspec
from chalice.app import Request as HttpRequest

from chalicelib import json_text
from chalicelib.errors import InvalidRequest, RequestTooLarge

# ChatGPT sends and takes less than this: https://platform.openai.com/docs/actions/production
MAX_CHARACTERS = 100_000
# Their parameters stand in the query; those of every other method in a JSON body.
QUERY_METHODS = ('GET', 'DELETE')


class Request(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What an operation is asked: subclass it, with a description on every field."""


def read(
    http: HttpRequest, path_parameters: dict[str, str], request_type: type[Request] | None
) -> Request | None:
    """Return what the operation is asked, or None where it takes no request.

    Raises InvalidRequest, which names the field and what was expected, or RequestTooLarge.
    """
    from_query = http.method in QUERY_METHODS
    sent = _query(http) if from_query else json_body(http)
    if request_type is None:
        return None
    sent = {} if sent is None else sent
    if isinstance(sent, dict):
        if sent.keys() & path_parameters.keys():
            raise InvalidRequest(f'Only the path may hold {", ".join(path_parameters)}.')
        # API Gateway hands path parameters on as they stand in the URL, percent signs and all.
        sent |= {name: unquote(value) for name, value in path_parameters.items()}
    return convert(sent, request_type, strict=not from_query)


def convert(sent: Any, request_type: type[Request], *, strict: bool = True) -> Request:
    """Return what was sent as what an operation is asked; raises InvalidRequest.

    Unless ``strict``, texts may stand for numbers and booleans.
    """
    try:
        return msgspec.convert(sent, request_type, strict=strict)
    except msgspec.ValidationError as error:
        expected = ', '.join(
            f.encode_name + (' (required)' if f.required else '')
            for f in msgspec.structs.fields(request_type)
        )
        raise InvalidRequest(f'{str(error)[:300]}. The fields are: {expected}.') from error


def _query(http: HttpRequest) -> dict[str, str]:
    parameters = http.query_params
    if parameters is None:
        return {}
    for name in parameters:
        if len(parameters.getlist(name)) > 1:
            raise InvalidRequest(f'The parameter `{name[:100]}` may be given only once.')
    return dict(parameters)


def json_body(http: HttpRequest) -> Any:
    """Return what the JSON body says, or None when there is none.

    Raises InvalidRequest or RequestTooLarge.
    """
    try:
        body = http.raw_body
        text = body if isinstance(body, str) else body.decode()
        # API Gateway replaces bytes that are not UTF-8 by U+FFFD; escaped, JSON can still hold it.
        if '\ufffd' in text:
            raise InvalidRequest('The body is not UTF-8 text. Send JSON in UTF-8.')
        if len(text) >= MAX_CHARACTERS:
            raise RequestTooLarge(
                f'The body has {len(text):,} characters; send fewer than {MAX_CHARACTERS:,}.'
            )
        return json_text.decode(text) if text.strip() else None
    except UnicodeError as error:
        raise InvalidRequest('The body is not UTF-8 text. Send JSON in UTF-8.') from error
    except json_text.NestedTooDeeply as error:
        raise InvalidRequest('The body is nested too deeply. Send flatter JSON.') from error
    except ValueError as error:
        raise InvalidRequest(f'The body is not JSON: {error}.') from error
