"""What @operation does for every operation: reading, refusing, calling, answering."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.example_app import add_note, app
from tests.support.people.verified_calls import JANE, call


def test_body_becomes_the_request() -> None:
    response = call(app, 'POST', '/notes', body=b'{"title": "Tea", "tags": ["hot"]}')

    assert response.json_body == {'said': f"{JANE['username']} Tea 3 ['hot']"}


def test_path_and_query_become_the_request() -> None:
    response = call(app, 'GET', '/notes/work?limit=2&order=old')

    assert response.json_body == {'said': 'work 2 old'}


@pytest.mark.parametrize(
    ('path', 'folder'),
    [('a%2Fb', 'a/b'), ('50%25', '50%'), ('Gr%C3%BC%C3%9Fe', 'Grüße'), ('+', '+')],
)
def test_path_parameter_is_decoded(path: str, folder: str) -> None:
    assert call(app, 'GET', f'/notes/{path}').json_body == {'said': f'{folder} 10 new'}


@pytest.mark.parametrize(
    ('body', 'message'),
    [
        (b'', 'Object missing required field `title`'),
        (b'{}', 'Object missing required field `title`'),
        (b'[]', 'Expected `object`, got `array`'),
        (b'"title"', 'Expected `object`, got `str`'),
        (b'{"title": 1}', 'Expected `str`, got `int` - at `$.title`'),
        (b'{"title": null}', 'Expected `str`, got `null` - at `$.title`'),
        (b'{"title": "Tea", "stars": "3"}', 'Expected `int`, got `str` - at `$.stars`'),
        (b'{"title": "Tea", "stars": 6}', 'Expected `int` <= 5 - at `$.stars`'),
        (b'{"title": "Tea", "tags": [1]}', 'Expected `str`, got `int` - at `$.tags[0]`'),
        (b'{"title": "Tea", "Stars": 1}', 'Object contains unknown field `Stars`'),
    ],
)
def test_refusal_names_the_field(body: bytes, message: str) -> None:
    response = call(app, 'POST', '/notes', body=body)

    assert (response.status_code, response.json_body) == (
        400,
        {
            'Code': 'InvalidRequest',
            'Message': f'{message}. The fields are: title (required), stars, tags.',
        },
    )


@pytest.mark.parametrize(
    ('query', 'message'),
    [
        ('limit=many', 'Expected `int`, got `str` - at `$.limit`'),
        ('limit=', 'Expected `int`, got `str` - at `$.limit`'),
        ('order=best', "Invalid enum value 'best' - at `$.order`"),
        ('page=2', 'Object contains unknown field `page`'),
        ('limit=1&limit=2', 'The parameter `limit` may be given only once.'),
        ('folder=other', 'Only the path may hold folder.'),
    ],
)
def test_refuses_query(query: str, message: str) -> None:
    response = call(app, 'GET', f'/notes/work?{query}')

    assert response.status_code == 400
    assert response.json_body['Message'].startswith(message)


def test_refusal_of_a_huge_field_name_is_short() -> None:
    response = call(app, 'POST', '/notes', body=b'{"title": "", "' + b'x' * 90_000 + b'": 1}')

    assert response.status_code == 400
    assert len(response.body) < 1000


@given(st.binary(max_size=300) | st.text().map(str.encode))
def test_no_body_breaks_an_operation(body: bytes) -> None:
    assert call(app, 'POST', '/notes', body=body).status_code in (200, 400)


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=4))
def test_no_query_breaks_an_operation(query: dict[str, str]) -> None:
    response = call(app, 'GET', f'/notes/work?{urlencode(query, errors="replace")}')

    assert response.status_code in (200, 400)


def test_message_of_a_refusal_is_never_huge() -> None:
    body = '{"title": "", "' + '😀' * 40_000 + '": 1}'

    assert len(call(app, 'POST', '/notes', body=body.encode()).body) < 40_000


def test_unknown_failure_tells_nothing() -> None:
    response = call(app, 'POST', '/broken')

    assert (response.status_code, response.json_body) == (
        500,
        {'Code': 'InternalServerError', 'Message': 'An internal server error occurred.'},
    )


def test_docstring_is_what_the_model_reads() -> None:
    declared = add_note.operation

    assert declared.summary == 'Keeps a note.'
    assert declared.description == (
        'It is kept for the person who is signed in.\nAnd for nobody else.'
    )
