"""The request that ChatGPT would make of an operation, and what it could not make."""

from typing import Any

import pytest

from chalicelib.operations.routes import operation_routes
from openapi_document import build
from openapi_lint.text.document import Document
from ops.trying.limits import LimitBroken, Limits
from ops.trying.operation_request import (
    NotInDocument,
    find_operation,
    is_consequential,
    make_request,
)
from tests.support.example_app import app

DOCUMENT = Document(build({}, 'https://api.example.com/dev', operation_routes(app)))


def prepared(
    operation_id: str, parameters: dict[str, str], body: dict[str, Any] | None = None
) -> tuple[str | None, str | None, Any]:
    """Return method, URL and body of the request of an operation."""
    operation = find_operation(DOCUMENT, operation_id)
    request = make_request(DOCUMENT, operation, parameters, body).prepare()
    return request.method, request.url, request.body


def test_parameters_go_where_the_document_says() -> None:
    parameters = {'folder': 'a b/ü', 'limit': '5', 'order': 'old & new'}
    path, query = '/notes/a%20b%2F%C3%BC', 'limit=5&order=old+%26+new'

    assert prepared('findNotes', parameters) == (
        'GET',
        f'https://api.example.com/dev{path}?{query}',
        None,
    )


def test_body_goes_as_json() -> None:
    operation = find_operation(DOCUMENT, 'addNote')
    request = make_request(DOCUMENT, operation, {}, {'title': 'ü', 'stars': 4})

    assert request.headers == {'Content-Type': 'application/json'}
    assert prepared('addNote', {}, {'title': 'ü', 'stars': 4}) == (
        'POST',
        'https://api.example.com/dev/notes',
        '{"title": "ü", "stars": 4}'.encode(),
    )


@pytest.mark.parametrize(
    ('operation_id', 'parameters', 'body', 'said'),
    [
        ('unknown', {}, None, 'No operation unknown. There are: addNote, findNotes, administer'),
        ('findNotes', {'folder': 'a', 'page': '2'}, None, 'No parameter page. There are: folder,'),
        ('findNotes', {}, None, 'The parameter folder is missing'),
        ('findNotes', {'folder': 'a'}, {'limit': 1}, 'takes no body'),
        ('addNote', {'title': 'a'}, {'title': 'a'}, 'No parameter title. There are: none'),
        ('addNote', {}, None, 'The body field title is missing'),
        ('addNote', {}, {'stars': 1}, 'The body field title is missing'),
        ('addNote', {}, {'title': 'a', 'text': 'b'}, 'No body field text. There are: title,'),
        ('administer', {}, {}, 'takes no body'),
    ],
)
def test_refuses_what_the_document_does_not_have(
    operation_id: str, parameters: dict[str, str], body: dict[str, Any] | None, said: str
) -> None:
    with pytest.raises(NotInDocument, match=said):
        prepared(operation_id, parameters, body)


def test_request_has_fewer_characters_than_the_limit() -> None:
    operation = find_operation(DOCUMENT, 'addNote')
    body = {'title': 'ü' * 87}  # and 13 characters around it

    make_request(DOCUMENT, operation, {}, body, Limits(characters=101))
    with pytest.raises(LimitBroken, match='The request has 100 characters; fewer than 100'):
        make_request(DOCUMENT, operation, {}, body, Limits(characters=100))


def test_query_counts_as_the_request() -> None:
    operation = find_operation(DOCUMENT, 'findNotes')
    parameters = {'folder': 'a', 'order': 'x' * 100}

    with pytest.raises(LimitBroken, match='The request has 106 characters'):
        make_request(DOCUMENT, operation, parameters, None, Limits(characters=100))


@pytest.mark.parametrize(
    ('method', 'declared', 'asks'),
    [
        ('get', None, False),
        ('post', None, True),
        ('delete', None, True),
        ('get', True, True),
        ('post', False, False),
    ],
)
def test_asks_as_chatgpt_does(method: str, declared: bool | None, *, asks: bool) -> None:
    operation = {'operationId': 'it'}
    if declared is not None:
        operation['x-openai-isConsequential'] = declared  # type: ignore[assignment]
    document = Document({'openapi': '3.1.0', 'paths': {'/it': {method: operation}}})

    assert is_consequential(find_operation(document, 'it')) is asks
