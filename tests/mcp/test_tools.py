"""How an operation is described as a tool: to the letter of its declaration, and to ChatGPT."""

import json
from typing import Annotated, Any

import pytest
from chalice.app import Chalice
from jsonschema import Draft202012Validator
from msgspec import Meta, Struct

from app import app
from chalicelib.http_request import Request
from chalicelib.identity import authorizer
from chalicelib.mcp import tools as listing
from chalicelib.operation import operation
from chalicelib.operations.routes import operation_routes
from chalicelib.success import Success
from tests.support import example_app
from tests.support.mcp.calls import ask, call_tool, new_app, result

OPERATIONS = {route.operation.id: route.operation for route in operation_routes(app)}
SCHEMES = [{'type': 'oauth2', 'scopes': ['openid', 'email', 'profile']}]


def tools(of: Chalice = app) -> dict[str, dict[str, Any]]:
    """Return the tools by name."""
    return {tool['name']: tool for tool in result('tools/list', app=of)['tools']}


TOOLS = tools()


def test_whole_tool() -> None:
    assert tools(example_app.app)['addNote'] == {
        'name': 'addNote',
        'title': 'Keeps a note',
        'description': (
            'Keeps a note.\nIt is kept for the person who is signed in.\nAnd for nobody else.'
        ),
        'inputSchema': {
            'type': 'object',
            'title': 'Note',
            'description': 'A note to keep.',
            'properties': {
                'title': {'description': 'Its title.', 'type': 'string', 'maxLength': 20},
                'stars': {
                    'description': 'How good it is.',
                    'type': 'integer',
                    'minimum': 1,
                    'maximum': 5,
                    'default': 3,
                },
                'tags': {
                    'description': 'Words to find it by.',
                    'type': 'array',
                    'items': {'type': 'string'},
                    'default': [],
                },
            },
            'required': ['title'],
            'additionalProperties': False,
        },
        'outputSchema': {
            'type': 'object',
            'title': 'Answer',
            'description': 'What the operation was called with.',
            'properties': {
                'said': {'description': 'The request, as Python shows it.', 'type': 'string'}
            },
            'required': ['said'],
        },
        'annotations': {
            'readOnlyHint': False,
            'destructiveHint': True,
            'idempotentHint': False,
            'openWorldHint': False,
        },
        'securitySchemes': SCHEMES,
        '_meta': {'securitySchemes': SCHEMES},
    }


def test_every_operation_is_a_tool_in_the_order_of_declaration() -> None:
    assert list(TOOLS) == list(OPERATIONS)


@pytest.mark.parametrize('tool', TOOLS.values(), ids=TOOLS.keys())
def test_schemas_stand_on_their_own(tool: dict[str, Any]) -> None:
    for schema in (tool['inputSchema'], tool['outputSchema']):
        Draft202012Validator.check_schema(schema)
        assert schema['type'] == 'object'
        refs = {part.partition('"')[0] for part in json.dumps(schema).split('"$ref": "')[1:]}
        assert refs == {f'#/$defs/{name}' for name in schema.get('$defs', {})}
    assert tool['inputSchema']['additionalProperties'] is False
    assert 'additionalProperties' not in tool['outputSchema']


@pytest.mark.parametrize('tool', TOOLS.values(), ids=TOOLS.keys())
def test_tool_says_who_may_call_it(tool: dict[str, Any]) -> None:
    assert tool['securitySchemes'] == tool['_meta']['securitySchemes'] == SCHEMES


def hints(name: str) -> list[bool]:
    """Return whether a tool only reads, destroys, may be repeated and reaches out."""
    names = ('readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint')
    return [TOOLS[name]['annotations'][hint] for hint in names]


@pytest.mark.parametrize('name', [n for n, each in OPERATIONS.items() if not each.consequential])
def test_what_only_reads_says_so(name: str) -> None:
    assert hints(name) == [True, False, True, False]


def test_hints_are_declared() -> None:
    declared = new_app('declared')

    @declared.route('/again', methods=['POST'], authorizer=authorizer)
    @operation('again', consequential=True, idempotent=True, destructive=False)
    def again() -> Success:
        """Does it again."""
        return Success(success=True)

    assert tools(declared)['again']['annotations'] == {
        'readOnlyHint': False,
        'destructiveHint': False,
        'idempotentHint': True,
        'openWorldHint': False,
    }


class Folder(Struct):
    """A folder with folders in it."""

    name: Annotated[str, Meta(description='Its name.')]
    folders: Annotated[list['Folder'], Meta(description='What is in it.')]


class FolderRequest(Request):
    """Which folder."""

    inside: Annotated[Folder | None, Meta(description='Where to look.')] = None


def test_struct_that_contains_itself_is_described() -> None:
    nested = new_app('nested')

    @nested.route('/folder', methods=['POST'], authorizer=authorizer)
    @operation('getFolder')
    def get_folder(request: FolderRequest) -> Folder:
        """Gets a folder."""
        return request.inside or Folder(name='a', folders=[])

    tool = tools(nested)['getFolder']
    sent = {'name': 'top', 'folders': [{'name': 'in', 'folders': []}]}

    Draft202012Validator(tool['inputSchema']).validate({'inside': sent})
    Draft202012Validator(tool['outputSchema']).validate(sent)
    assert not Draft202012Validator(tool['outputSchema']).is_valid({'name': 'x', 'folders': [{}]})
    assert call_tool('getFolder', {'inside': sent}, app=nested)['structuredContent'] == sent


def test_all_tools_are_on_one_small_page() -> None:
    answer = ask('tools/list')

    assert 'nextCursor' not in answer.json['result']
    assert len(answer.text) < 40_000


def test_page_is_encoded_once() -> None:
    first, again = (listing.page(app, None) for _ in range(2))

    assert first['tools'] is again['tools']
