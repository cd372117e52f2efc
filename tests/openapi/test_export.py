"""The OpenAPI document that operations become, and the command that prints it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal
from unittest import mock

import pytest
import yaml
from chalice.app import Chalice
from click.testing import CliRunner, Result
from msgspec import Meta, Struct, field
from openapi_spec_validator import OpenAPIV31SpecValidator

import openapi_document
from chalicelib.http_request import Request
from chalicelib.identity import authorizer
from chalicelib.operation import operation
from chalicelib.operations.routes import operation_routes
from openapi_export import as_json, as_yaml, main
from openapi_lint import lint
from tests.support import example_app

INFO_ALONE = {'title': 'Things', 'version': '1.0.0'}
INFO = {'title': 'Things', 'description': 'Keeps things.', 'version': '1.0.0'}
URL = 'https://api.example.com/dev'


def described(text: str) -> Meta:
    """Return the description of a field."""
    return Meta(description=text)


class Colour(Enum):
    """A colour."""

    RED = 'red'
    BLUE = 'blue'


class Size(Struct):
    """A width.

    And its unit.
    """

    width: Annotated[int, Meta(description='In millimetres.', ge=1, le=9)]
    unit: Annotated[Literal['mm', 'in'] | None, described('The unit.')] = 'mm'


class ThingRequest(Request):
    """A thing to keep."""

    shelf: Annotated[str, described('The shelf.')]
    name: Annotated[str, Meta(description='Its name.', min_length=1, pattern='^[a-z]+$')]
    size: Annotated[Size, described('How large it is.')]
    lid: Annotated[Size | None, described('How large its lid is.')] = None
    colour: Annotated[Colour, described('Its colour.')] = Colour.RED
    labels: Annotated[list[str], described('Its labels.')] = field(default_factory=list)
    price: Annotated[Decimal | None, described('Its price.')] = None
    made: Annotated[datetime | None, described('When it was made.')] = None
    code: Annotated[int | str, described('Its code.')] = 0
    corner: Annotated[tuple[int, int], described('Where it stands.')] = (0, 0)
    fragile: Annotated[bool, described('Whether it breaks.')] = False
    # Keywords of JSON Schema are names like any others.
    title: Annotated[str | None, described('Its title.')] = None
    required: Annotated[bool | None, described('Whether it is missed.')] = None


class FindRequest(Request):
    """Which things to find."""

    shelf: Annotated[str, described('The shelf.')]
    words: Annotated[str, described('What to look for.')]
    limit: Annotated[Annotated[int, Meta(le=50)] | None, described('At most so many.')] = 20
    order: Annotated[Literal['new', 'old'], described('Which first.')] = 'new'


class ShelfRequest(Request):
    """Which shelf."""

    shelf: Annotated[str, described('The shelf.')]


class Things(Struct):
    """The things that were found."""

    things: Annotated[list[Size], described('The things.')]
    cursor: Annotated[str | None, described('Where to go on.')] = None


class Nothing(Struct):
    done: Annotated[bool, described('Always true.')]


app = Chalice('things', configure_logs=False)


@app.route('/shelves/{shelf}/things', methods=['POST'], authorizer=authorizer)
@operation('addThing', consequential=True)
def add_thing(_request: ThingRequest) -> Nothing:
    """Adds a thing."""
    return Nothing(done=True)


@app.route('/shelves/{shelf}/things', methods=['GET'], authorizer=authorizer)
@operation('findThings')
def find_things(_request: FindRequest) -> Things:
    """Finds things.

    The newest come first, unless
    they are asked for otherwise.

    At most 50.
    """
    return Things(things=[])


@app.route('/shelves/{shelf}', methods=['PUT'], authorizer=authorizer)
@operation('addShelf', consequential=True)
def add_shelf(_request: ShelfRequest) -> Nothing:
    """Adds a shelf."""
    return Nothing(done=True)


class Tree(Struct):
    """A tree."""

    branches: Annotated[list['Tree'], described('Its branches.')]


class Counts(Struct):
    """How many there are."""

    by_name: Annotated[dict[str, int | None], described('The counts.')]


ADD_THING = """
operationId: addThing
summary: Adds a thing.
x-openai-isConsequential: true
parameters:
  - name: shelf
    in: path
    description: The shelf.
    required: true
    schema: {type: string}
requestBody:
  required: true
  content:
    application/json:
      schema:
        type: object
        description: A thing to keep.
        properties:
          name: {type: string, description: Its name., minLength: 1, pattern: '^[a-z]+$'}
          size:
            type: object
            description: How large it is.
            properties: &size
              width: {type: integer, description: In millimetres., minimum: 1, maximum: 9}
              unit: {type: string, enum: [in, mm], description: The unit., default: mm}
            required: [width]
          lid:
            type: object
            description: How large its lid is.
            properties: *size
            required: [width]
          colour: {type: string, enum: [blue, red], description: Its colour., default: red}
          labels: {type: array, description: Its labels., items: {type: string}, default: []}
          price: {type: string, description: Its price., format: decimal}
          made: {type: string, description: When it was made.}
          code:
            description: Its code.
            anyOf: [{type: integer}, {type: string}]
            default: 0
          corner:
            type: array
            description: Where it stands.
            items: {type: integer}
            minItems: 2
            maxItems: 2
            default: [0, 0]
          fragile: {type: boolean, description: Whether it breaks., default: false}
          title: {type: string, description: Its title.}
          required: {type: boolean, description: Whether it is missed.}
        required: [name, size]
responses:
  '200':
    description: Adds a thing.
    content:
      application/json:
        schema:
          type: object
          properties:
            done: {type: boolean, description: Always true.}
"""
FIND_THINGS = """
operationId: findThings
summary: Finds things.
description: |-
  The newest come first, unless they are asked for otherwise.
  At most 50.
x-openai-isConsequential: false
parameters:
  - name: shelf
    in: path
    description: The shelf.
    required: true
    schema: {type: string}
  - name: words
    in: query
    description: What to look for.
    required: true
    schema: {type: string}
  - name: limit
    in: query
    description: At most so many.
    required: false
    schema: {type: integer, default: 20, maximum: 50}
  - name: order
    in: query
    description: Which first.
    required: false
    schema: {type: string, enum: [new, old], default: new}
responses:
  '200':
    description: The things that were found.
    content:
      application/json:
        schema:
          type: object
          properties:
            things:
              type: array
              description: The things.
              items:
                type: object
                description: A width. And its unit.
                properties:
                  width: {type: integer, description: In millimetres., minimum: 1, maximum: 9}
                  unit: {type: string, enum: [in, mm], description: The unit., default: mm}
            cursor: {type: string, description: Where to go on.}
"""


def document_of(chalice_app: Chalice) -> dict[str, Any]:
    """Return the document of an app's operations."""
    return openapi_document.build(INFO, URL, operation_routes(chalice_app))


@pytest.mark.parametrize(
    ('path', 'method', 'expected'),
    [
        ('/shelves/{shelf}/things', 'post', ADD_THING),
        ('/shelves/{shelf}/things', 'get', FIND_THINGS),
    ],
)
def test_operation_is_described(path: str, method: str, expected: str) -> None:
    assert document_of(app)['paths'][path][method] == yaml.safe_load(expected)


def test_request_that_is_all_path_has_no_body() -> None:
    described_as = document_of(app)['paths']['/shelves/{shelf}']['put']

    assert [parameter['name'] for parameter in described_as['parameters']] == ['shelf']
    assert 'requestBody' not in described_as


@pytest.mark.parametrize('chalice_app', [app, example_app.app], ids=['things', 'example'])
def test_document_is_openapi_that_chatgpt_takes(chalice_app: Chalice) -> None:
    document = document_of(chalice_app)

    OpenAPIV31SpecValidator(document).validate()
    assert lint(document) == []
    assert yaml.safe_load(as_yaml(document)) == document
    assert json.loads(as_json(document)) == document


def answering(answer: type[Struct]) -> Chalice:
    """Return an app with one operation that answers so."""

    def get_it() -> Any:
        """Gets it."""

    get_it.__annotations__['return'] = answer
    one = Chalice('one', configure_logs=False)
    one.route('/it', methods=['GET'], authorizer=authorizer)(operation('getIt')(get_it))
    return one


def test_map_is_an_object_and_warned_of() -> None:
    document = document_of(answering(Counts))
    answer = document['paths']['/it']['get']['responses']['200']['content']['application/json']

    assert answer['schema']['properties']['by_name'] == {
        'type': 'object',
        'description': 'The counts.',
        'properties': {},
        'additionalProperties': {'type': 'integer'},
    }
    assert [finding.rule for finding in lint(document)] == ['object-empty']


def test_struct_that_contains_itself_is_refused() -> None:
    with pytest.raises(openapi_document.NotExportable, match='a struct contains itself'):
        document_of(answering(Tree))


def test_yaml_is_as_people_write_it() -> None:
    texts = {'200': ['a: b'], 'x': 'long ' * 50 + '.', 'y': 'one\ntwo'}

    assert as_yaml({'paths': texts, 'z': [INFO, INFO]}) == (
        'paths:\n'
        "  '200':\n"
        "    - 'a: b'\n"
        f'  x: {"long " * 50}.\n'
        '  y: |-\n'
        '    one\n'
        '    two\n'
        'z:\n' + '  - title: Things\n    description: Keeps things.\n    version: 1.0.0\n' * 2
    )


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """Undo what a stage sets in the environment."""
    with mock.patch.dict(os.environ):
        os.environ.pop('API_PORT', None)
        yield


def run(*arguments: str, **options: Any) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, arguments, **options)


def test_my_route_is_as_openai_documents_it() -> None:
    """The document of OpenAI's page on AWS Lambda, and what it leaves to ChatGPT to assume."""
    exported = run('--stage', 'local', '--url', f'{URL}/')
    document = yaml.safe_load(exported.stdout)

    assert (exported.exit_code, exported.stderr) == (0, '')
    assert list(document) == ['openapi', 'info', 'servers', 'paths', 'components']
    assert document['openapi'] == '3.1.0'
    assert list(document['info']) == ['title', 'description', 'version']
    assert document['servers'] == [{'url': URL}]
    assert document['components'] == {'schemas': {}}
    assert document['paths']['/my_route'] == yaml.safe_load("""
        post:
          operationId: postSuccess
          summary: Returns a success message.
          description: Endpoint to check the success status.
          x-openai-isConsequential: false
          responses:
            '200':
              description: A JSON object indicating success.
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      success:
                        type: boolean
                        description: Always true.
                        example: true
    """)


def test_json_is_the_same_document() -> None:
    as_yaml_text = run('--stage', 'local', '--url', URL).stdout
    as_json_text = run('--stage', 'local', '--url', URL, '--format', 'json').stdout

    assert json.loads(as_json_text) == yaml.safe_load(as_yaml_text)
    assert as_json_text.startswith('{\n  "openapi": "3.1.0",\n')


def test_stage_on_this_machine_is_exported_with_a_warning() -> None:
    exported = run('--stage', 'local')

    assert exported.exit_code == 0
    assert yaml.safe_load(exported.stdout)['servers'] == [{'url': 'http://localhost:8000'}]
    assert exported.stderr.startswith('warning: #/servers/0/url: ChatGPT cannot reach')
    assert exported.stderr.count('\n') == 1


def test_broken_rules_are_all_listed_and_nothing_is_exported(tmp_path: Path) -> None:
    output = tmp_path / 'openapi.yaml'
    output.write_text('as it was')
    exported = run(
        *('--stage', 'local', '--url', 'http://api.example.com:8080', '--output', str(output)),
        *('--token-url', 'https://x.auth.us-east-1.amazoncognito.com/oauth2/token'),
    )

    assert (exported.exit_code, exported.stdout) == (1, '')
    assert [line.split('[')[-1] for line in exported.stderr.splitlines()] == [
        'server-url]',
        'server-url]',
        'oauth-domain]',
        'Error: ChatGPT would not take this document: 3 error(s).',
    ]
    assert output.read_text() == 'as it was'


def test_output_goes_to_the_file(tmp_path: Path) -> None:
    output = tmp_path / 'openapi.yaml'
    exported = run('--stage', 'local', '--url', URL, '--output', str(output))

    assert (exported.exit_code, exported.stdout) == (0, '')
    assert lint(yaml.safe_load(output.read_text())) == []


@pytest.mark.parametrize(
    ('arguments', 'status', 'message'),
    [
        ([], 2, 'Error: Give either --stage or --lint.'),
        (['--stage', 'local', '--lint', '-'], 2, 'Error: Give either --stage or --lint.'),
        (['--stage', 'nowhere'], 1, 'Error: There is no stage nowhere in .chalice/config.json'),
        (['--lint', 'no-such-file'], 2, 'Error: no-such-file: No such file or directory'),
        (['--stage', 'local', '--url', URL, '--output', '/no/dir/f'], 1, "'/no/dir/f': No such"),
    ],
)
def test_failure_is_one_clear_line(arguments: list[str], status: int, message: str) -> None:
    failed = run(*arguments)

    assert (failed.exit_code, failed.stdout) == (status, '')
    assert message in failed.stderr.splitlines()[-1]


def test_lints_a_file(tmp_path: Path) -> None:
    file = tmp_path / 'openapi.json'
    info = {'title': 'Things', 'version': '1'}
    file.write_text(json.dumps({**document_of(app), 'servers': [], 'info': info}, indent=1))
    linted = run('--lint', str(file))

    assert linted.exit_code == 1
    assert linted.stdout == (
        f'{file}:3:2: warning: #/info: it has no description. '
        'Say there what the API is for: the model decides by it. [info-description]\n'
        f'{file}:7:2: error: #/servers: it names no server. '
        'Name the one server that ChatGPT is to call. [server-count]\n'
        f'{file}: 1 error, 1 warning\n'
    )
    assert linted.stderr == 'Error: ChatGPT would not take this document: 1 error(s).\n'


def test_lints_every_file(tmp_path: Path) -> None:
    broken, clean = tmp_path / 'broken.yaml', tmp_path / 'clean.yaml'
    broken.write_text(as_yaml({**document_of(app), 'servers': []}))
    clean.write_text(as_yaml(document_of(app)))

    for files in ([broken, clean], [clean, broken]):
        linted = run(*(argument for file in files for argument in ('--lint', str(file))))
        assert linted.exit_code == 1
        assert linted.stdout.splitlines()[-1] == '2 documents: 1 error'
    assert run('--lint', str(clean), '--lint', str(clean)).stdout == f'{clean}: no findings\n'


def test_lints_standard_input_as_json() -> None:
    document = document_of(app)
    clean = run('--lint', '-', '--format', 'json', input=as_yaml(document))
    broken = run('--lint', '-', '--format', 'json', input=as_yaml({**document, 'info': INFO_ALONE}))

    assert (clean.exit_code, json.loads(clean.stdout)) == (0, [])
    assert broken.exit_code == 0
    assert json.loads(broken.stdout) == [
        {
            'file': '<stdin>',
            'line': 2,
            'column': 1,
            'rule': 'info-description',
            'severity': 'warning',
            'place': '#/info',
            'problem': 'it has no description',
            'remedy': 'Say there what the API is for: the model decides by it.',
            'page': 'docs/openapi_rules.md#info-description',
        }
    ]


def test_lint_refuses_localhost() -> None:
    document = as_yaml({**document_of(app), 'servers': [{'url': 'http://localhost:8000'}]})

    assert run('--lint', '-', input=document).exit_code == 1


def test_runs_in_an_empty_environment(tmp_path: Path) -> None:
    program = Path(__file__).parent.parent.parent / 'openapi_export.py'
    exported = subprocess.run(
        [sys.executable, program, '--stage', 'local', '--format', 'json'],
        cwd=tmp_path,
        env={},
        check=True,
        capture_output=True,
        text=True,
    )

    assert json.loads(exported.stdout)['paths']['/my_route']
