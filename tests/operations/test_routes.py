"""A mistake in a declaration is found when the app is imported, and told by its route."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import pytest
from chalice.app import Chalice
from msgspec import Meta

from app import app
from chalicelib.http_request import Request
from chalicelib.identity import authorizer
from chalicelib.operation import operation
from chalicelib.operations.routes import InvalidDeclaration, operation_routes
from tests.support import example_app
from tests.support.example_app import Answer, Search


class Undescribed(Request):
    """A request whose field says nothing."""

    name: str


class Undescribable(Request):
    """A request with a type that JSON does not know."""

    number: Annotated[complex, Meta(description='A number.')]


class Part(msgspec.Struct):
    """Something inside."""

    size: int


class Whole(msgspec.Struct):
    """An answer whose part says nothing."""

    part: Annotated[Part, Meta(description='The part.')]


class Listed(Request):
    """A request with a list."""

    names: Annotated[list[str], Meta(description='Names.')]


def view(request: Any = None, answer: Any = Answer, name: str = 'it') -> Callable[..., Any]:
    """Return a view function of such a name, with such argument and return types."""

    def function(**_: Any) -> Any:
        """Does something."""

    function.__name__ = name
    function.__annotations__ = {'return': answer} | ({'request': request} if request else {})
    return function


def undocumented() -> Answer:
    return Answer(said='')


@pytest.mark.parametrize(
    ('function', 'operation_id', 'route', 'problem'),
    [
        (view(), 'not an id', {}, 'its id must be'),
        (view(), 'x' * 65, {}, 'its id must be'),
        (view(), '2nd', {}, 'its id must be a letter, then'),
        (view(name='note'), 'addNote', {}, 'its function must be named add_note, not note'),
        (view(name='addNote'), 'addNote', {}, 'its function must be named add_note, not addNote'),
        (view(), 'read-S3File', {}, 'its function must be named read_s3_file, not it'),
        (view(name='import'), 'import', {}, 'its function must be named import_, not import'),
        (view(), 'it', {'authorizer': None}, 'it has no authorizer'),
        (undocumented, 'undocumented', {}, 'needs a docstring'),
        (view(request=str), 'it', {}, 'its argument request is neither'),
        (view(request=list[str]), 'it', {}, 'its argument request is neither'),
        (view(answer=dict), 'it', {}, 'what it returns is not'),
        (view(answer=None), 'it', {}, 'what it returns is not'),
        (view(request=Undescribed), 'it', {}, 'the field name of Undescribed needs a description'),
        (view(request=Undescribable), 'it', {}, 'a type that JSON Schema does not know'),
        (view(answer=Whole), 'it', {}, 'the field size of Part needs a description'),
        (view(request=Search), 'it', {'path': '/{it}'}, 'its path names it, which is no field'),
        (view(request=Search), 'it', {'path': '/{limit}'}, 'its path names limit, which is no'),
        (view(request=Listed), 'it', {'methods': ['GET']}, 'its query parameter names must be'),
    ],
)
def test_refuses_declaration(
    function: Callable[..., Any], operation_id: str, route: dict[str, Any], problem: str
) -> None:
    declared = Chalice('declared')
    options: dict[str, Any] = {'path': '/it', 'methods': ['POST'], 'authorizer': authorizer} | route
    declared.route(**options)(operation(operation_id)(function))

    with pytest.raises(InvalidDeclaration) as refusal:
        operation_routes(declared)

    named = f'{options["methods"][0]} {options["path"]} ({operation_id}): '
    assert str(refusal.value).startswith(named)
    assert problem in str(refusal.value)


def test_refuses_a_second_operation_of_one_id() -> None:
    declared = Chalice('declared')
    declared.route('/one', authorizer=authorizer)(operation('it')(view()))
    declared.route('/two', authorizer=authorizer)(operation('it')(view()))

    with pytest.raises(InvalidDeclaration, match=r'^GET /two \(it\): /one is called it already'):
        operation_routes(declared)


def test_tells_every_operation_and_where_it_is() -> None:
    assert [
        (route.method, route.path, route.path_parameters, route.operation.id)
        for route in operation_routes(example_app.app)
    ] == [
        ('POST', '/notes', [], 'addNote'),
        ('GET', '/notes/{folder}', ['folder'], 'findNotes'),
        ('POST', '/admin', [], 'administer'),
        ('POST', '/broken', [], 'breakDown'),
        ('POST', '/unset', [], 'needSetting'),
    ]


OPEN = {
    ('GET', '/oauth2/authorize'),
    ('POST', '/oauth2/token'),
    ('GET', '/.well-known/oauth-protected-resource'),
    ('GET', '/.well-known/oauth-protected-resource/mcp'),
    ('GET', '/.well-known/oauth-authorization-server'),
    ('GET', '/.well-known/openid-configuration'),
}
MCP = {('POST', '/mcp'), ('GET', '/mcp'), ('DELETE', '/mcp')}


def test_every_route_is_behind_the_authorizer_but_what_comes_before_a_sign_in() -> None:
    entries = [entry for methods in app.routes.values() for entry in methods.values()]
    operations = {(route.method, route.path) for route in operation_routes(app)}

    assert {(e.method, e.uri_pattern) for e in entries if e.authorizer is not authorizer} == OPEN
    assert {(e.method, e.uri_pattern) for e in entries} == operations | OPEN | MCP
    assert not operations & (OPEN | MCP)
