"""The HTTP request of an operation, made and checked by what the OpenAPI document says of it."""

import json
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import click
import requests

from openapi_lint.text.document import Document, Node
from ops.trying.limits import CHATGPT, Limits, check_characters, check_transport


class NotInDocument(click.ClickException):
    """ChatGPT could not make this call from the document; the message says what could be."""


def find_operation(document: Document, operation_id: str) -> Node:
    """Return an operation by its id; raises NotInDocument."""
    by_id = {operation['operationId'].text: operation for operation in document.operations}
    if operation_id not in by_id:
        raise NotInDocument(f'No operation {operation_id}. There are: {", ".join(by_id)}.')
    return by_id[operation_id]


def is_consequential(operation: Node) -> bool:
    """Return whether ChatGPT asks the person before the call."""
    declared = operation['x-openai-isConsequential'].value
    return operation.name != 'get' if declared is None else bool(declared)


def make_request(
    document: Document,
    operation: Node,
    parameters: Mapping[str, str],
    body: dict[str, Any] | None,
    limits: Limits = CHATGPT,
) -> requests.Request:
    """Return the request that ChatGPT would send; raises NotInDocument or LimitBroken."""
    declared = {node['name'].text: node for node in document.parameters(operation)}
    _check_names('parameter', parameters, declared, _required_parameters(declared))
    _check_body(document, operation, body)
    server = document.root['servers']['0']['url'].text
    check_transport('The API', server, limits)
    path = operation.pointer[1]
    for name in (n for n in parameters if declared[n]['in'].text == 'path'):
        path = path.replace(f'{{{name}}}', quote(parameters[name], safe=''))
    request = requests.Request(
        method=operation.name.upper(),
        url=server + path,
        params={n: v for n, v in parameters.items() if declared[n]['in'].text == 'query'},
    )
    text = '' if body is None else json.dumps(body, ensure_ascii=False)
    if text:
        request.data = text.encode()
        request.headers['Content-Type'] = 'application/json'
    check_characters('The request', text or urlsplit(str(request.prepare().url)).query, limits)
    return request


def _required_parameters(declared: dict[str, Node]) -> list[str]:
    return [name for name, node in declared.items() if node['required'].value]


def _check_body(document: Document, operation: Node, body: dict[str, Any] | None) -> None:
    media_types = document.request_body(operation)
    if not media_types:
        if body is not None:
            raise NotInDocument('The operation takes no body: leave --body out.')
        return
    schema = document.resolve(media_types[0]['schema'])
    required = [node for node in schema['required'].value or [] if isinstance(node, str)]
    needs_body = document.resolve(operation['requestBody'])['required'].value
    if body is not None or needs_body:
        names = [node.name for node in schema['properties']]
        _check_names('body field', body or {}, names, required)


def _check_names(
    kind: str, given: Mapping[str, Any], known: Collection[str], required: list[str]
) -> None:
    listed = ', '.join(known) or 'none'
    for name in given:
        if name not in known:
            raise NotInDocument(f'No {kind} {name}. There are: {listed}.')
    for name in required:
        if name not in given:
            raise NotInDocument(f'The {kind} {name} is missing; it is required.')
