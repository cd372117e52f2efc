"""The rules of ChatGPT's editor: each broken by one edit of a document that keeps them all."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from openapi_lint import Finding, lint, lint_text

TEXT = {'type': 'string'}
CLEAN: dict[str, Any] = yaml.safe_load("""
openapi: 3.1.0
info:
  title: Notes
  description: Keeps notes.
  version: 1.0.0
servers:
  - url: https://api.example.com/dev
paths:
  /notes:
    post:
      operationId: addNote
      summary: Adds a note.
      x-openai-isConsequential: true
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                title: {type: string}
                place: {enum: [first, last]}
                openaiFileIdRefs: {type: array, items: {type: string}}
      responses:
        '200':
          description: The note.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Note'}
  /notes/{note_id}:
    get:
      operationId: getNote
      description: Gets a note.
      x-openai-isConsequential: false
      parameters:
        - {name: note_id, in: path, required: true, schema: {type: string}}
        - {name: page, in: query, schema: {type: integer}}
      responses:
        '200':
          description: The note, as files.
          content:
            application/json:
              schema:
                properties:
                  openaiFileResponse: {type: array, items: {type: string}}
components:
  schemas:
    Note:
      type: object
      properties:
        title: {type: string}
  securitySchemes:
    cognito:
      type: oauth2
      flows:
        authorizationCode:
          authorizationUrl: https://auth.example.com/oauth2/authorize
          tokenUrl: https://auth.example.com/oauth2/token
          scopes: {}
""")
SERVER = 'servers 0 url'
POST = 'paths /notes post'
GET = 'paths /notes/{note_id} get'
BODY = f'{POST} requestBody content application/json schema'
ANSWER = f'{GET} responses 200 content application/json schema'
SCHEMA = 'components schemas Note properties title'
FILES_IN = f'{BODY} properties openaiFileIdRefs'
FILES_OUT = f'{ANSWER} properties openaiFileResponse'
NOTE = '#/components/schemas/Note'
PAGE = '#/components/parameters/Page'
GONE = ...


def edited(edits: dict[str, Any]) -> dict[str, Any]:
    """Return the clean document with the value at each path, told in words, set or gone."""
    document = copy.deepcopy(CLEAN)
    for path, value in edits.items():
        *parents, last = path.split()
        holder: Any = document
        for key in parents:
            holder = holder[int(key)] if isinstance(holder, list) else holder[key]
        if value is GONE:
            del holder[last]
        elif isinstance(holder, list):
            holder[int(last) :] = [value]
        else:
            holder[last] = value
    return document


def place(path: str) -> str:
    """Return how a finding names the place at a path."""
    keys = path.split()
    if len(keys) == 3 and keys[2] in ('get', 'post', 'put'):
        return f'{keys[2].upper()} {keys[1]}'
    return '#' + ''.join('/' + key.replace('/', '~1') for key in keys)


# Each row: the rule that the edit breaks, the edit, and where.
BROKEN: list[tuple[str, dict[str, Any], str]] = [
    ('openapi-version', {'openapi': GONE}, ''),
    ('openapi-version', {'openapi': '3.0.3'}, 'openapi'),
    ('openapi-version', {'openapi': 3.1}, 'openapi'),
    ('openapi-version', {'openapi': '2.0'}, 'openapi'),
    ('other-format', {'openapi': GONE, 'swagger': '2.0'}, 'swagger'),
    ('document-size', {f'{SCHEMA} example': 'é' * 500_000}, ''),
    ('info-description', {'info description': ' '}, 'info description'),
    ('info-fields', {'info': None}, 'info'),
    ('server-count', {'servers': []}, 'servers'),
    ('server-count', {'servers': GONE}, 'servers'),
    ('server-several', {'servers 1': {'url': 'https://api.example.com'}}, 'servers'),
    ('server-url', {SERVER: 'http://api.example.com'}, SERVER),
    ('server-url', {SERVER: 'https://api.example.com/'}, SERVER),
    ('server-url', {SERVER: 'https://api.example.com/{stage}'}, SERVER),
    ('server-url', {SERVER: 'https://api.example.com:8443'}, SERVER),
    ('server-url', {SERVER: 'https://api.example.com:port'}, SERVER),
    ('server-url', {SERVER: 'https://api.example.com?stage=dev'}, SERVER),
    ('server-url', {SERVER: 'https://jane@api.example.com'}, SERVER),
    ('server-url', {SERVER: '/dev'}, SERVER),
    ('server-url', {SERVER: 443}, SERVER),
    ('server-url', {SERVER: 'https://[::1'}, SERVER),
    ('server-domain', {SERVER: 'https://192.0.2.1/dev'}, SERVER),
    ('server-domain', {SERVER: 'https://intranet/dev'}, SERVER),
    ('server-localhost', {SERVER: 'http://localhost:8000'}, SERVER),
    ('server-localhost', {SERVER: 'https://127.0.0.1'}, SERVER),
    ('server-localhost', {SERVER: 'http://[::1]:8000/'}, SERVER),
    ('oauth-domain', {SERVER: 'https://api.example.org'}, SERVER),
    ('operation-count', {'paths': {}}, 'paths'),
    ('operation-count', {'paths': GONE}, 'paths'),
    ('path-parameters', {'paths /notes parameters': []}, 'paths /notes parameters'),
    ('path-key', {'paths /notes POST': {}}, 'paths /notes POST'),
    ('path-key', {'paths /notes $ref': '#/paths/~1other'}, 'paths /notes $ref'),
    ('path-text', {'paths /notes summary': 'Notes.'}, 'paths /notes summary'),
    ('path-text', {'paths /notes servers': []}, 'paths /notes servers'),
    ('operation-id', {f'{POST} operationId': GONE}, POST),
    ('operation-id', {f'{POST} operationId': 7}, POST),
    ('operation-id-form', {f'{POST} operationId': 'add note'}, POST),
    ('operation-id-form', {f'{POST} operationId': 'x' * 65}, POST),
    ('operation-id-form', {f'{POST} operationId': 'addNote\n'}, POST),
    ('operation-id-unique', {f'{GET} operationId': 'addNote'}, GET),
    ('operation-text', {f'{POST} summary': GONE}, POST),
    ('operation-text-length', {f'{POST} summary': 'x' * 301}, POST),
    ('operation-text-length', {f'{POST} description': 'x' * 301}, POST),
    ('consequential', {f'{POST} x-openai-isConsequential': GONE}, POST),
    ('consequential-type', {f'{POST} x-openai-isConsequential': 'true'}, POST),
    ('parameter-name', {f'{GET} parameters 1 name': GONE}, f'{GET} parameters 1'),
    ('parameter-name', {f'{GET} parameters 1 name': 1}, f'{GET} parameters 1'),
    ('parameter-location', {f'{GET} parameters 1 in': 'header'}, f'{GET} parameters 1 in'),
    ('parameter-location', {f'{GET} parameters 1 in': 'cookie'}, f'{GET} parameters 1 in'),
    ('parameter-location', {f'{GET} parameters 1 in': GONE}, f'{GET} parameters 1'),
    ('parameter-path', {f'{GET} parameters': []}, GET),
    ('parameter-path', {f'{GET} parameters 1 in': 'path'}, f'{GET} parameters 1'),
    ('parameter-path', {f'{GET} parameters 0 required': False}, f'{GET} parameters 0'),
    ('parameter-duplicate', {f'{GET} parameters 1 name': 'note_id'}, GET),
    (
        'parameter-duplicate',
        {f'{POST} parameters': [{'name': 'title', 'in': 'query', 'schema': TEXT}]},
        POST,
    ),
    (
        'parameter-text-length',
        {f'{GET} parameters 1 description': 'x' * 701},
        f'{GET} parameters 1 description',
    ),
    (
        'parameter-text-length',
        {f'{BODY} properties title': {**TEXT, 'description': 'x' * 701}},
        f'{BODY} properties title description',
    ),
    ('parameter-reference', {f'{GET} parameters 1': {'$ref': PAGE}}, f'{GET} parameters 1'),
    (
        'query-array',
        {f'{GET} parameters 1 schema': {'type': 'array', 'items': TEXT}},
        f'{GET} parameters 1',
    ),
    (
        'body-of-get',
        {
            f'{GET} requestBody': {
                'content': {'application/json': {'schema': {'properties': {'title': TEXT}}}}
            }
        },
        f'{GET} requestBody',
    ),
    ('body-object', {BODY: TEXT}, BODY),
    ('body-object', {BODY: {'type': 'array', 'items': TEXT}}, BODY),
    ('body-object', {BODY: {'type': ['object', 'string'], 'properties': {'title': TEXT}}}, BODY),
    ('body-object', {f'{POST} requestBody': {}}, f'{POST} requestBody'),
    (
        'media-type',
        {f'{GET} responses 200 content image/png': {'schema': TEXT}},
        f'{GET} responses 200 content image/png',
    ),
    ('media-type-schema', {ANSWER: GONE}, f'{GET} responses 200 content application/json'),
    ('media-type-schema', {BODY: None}, f'{POST} requestBody content application/json'),
    ('object-properties', {SCHEMA: {'type': 'object'}}, SCHEMA),
    ('object-properties', {SCHEMA: {'type': 'object', 'properties': []}}, SCHEMA),
    ('object-properties', {ANSWER: {'type': 'object', 'additionalProperties': TEXT}}, ANSWER),
    ('object-empty', {ANSWER: {'type': 'object', 'properties': {}}}, ANSWER),
    ('array-items', {SCHEMA: {'type': 'array'}}, SCHEMA),
    ('array-items', {SCHEMA: {'type': 'array', 'items': False}}, SCHEMA),
    ('enum-empty', {f'{SCHEMA}': {'enum': []}}, SCHEMA),
    ('schema-type', {SCHEMA: {}}, SCHEMA),
    ('schema-type', {f'{GET} parameters 1 schema': GONE}, f'{GET} parameters 1 schema'),
    ('schema-type', {SCHEMA: None}, SCHEMA),
    ('schema-type', {SCHEMA: {'type': 'array', 'items': {}}}, f'{SCHEMA} items'),
    ('schema-null', {SCHEMA: {'type': ['string', 'null']}}, SCHEMA),
    ('schema-null', {SCHEMA: {'type': 'string', 'nullable': True}}, SCHEMA),
    ('schema-null', {SCHEMA: {'anyOf': [TEXT, {'type': 'null'}]}}, f'{SCHEMA} anyOf 1'),
    ('reference-broken', {SCHEMA: {'$ref': '#/components/schemas/Nothing'}}, SCHEMA),
    (
        'reference-circular',
        {f'{SCHEMA}': {'type': 'array', 'items': {'$ref': NOTE}}},
        'components schemas Note',
    ),
    (
        'reference-composed',
        {ANSWER: {'anyOf': [TEXT, {'$ref': NOTE}]}},
        f'{ANSWER} anyOf 1',
    ),
    (
        'reference-target',
        {f'{GET} responses 404': {'$ref': '#/paths/~1notes/post/responses/200'}},
        f'{GET} responses 404',
    ),
    ('file-request', {f'{FILES_IN}': TEXT}, FILES_IN),
    ('file-request', {f'{FILES_IN} items': {'type': 'integer'}}, FILES_IN),
    (
        'file-request',
        {'paths /notes': {'put': CLEAN['paths']['/notes']['post']}},
        'paths /notes put',
    ),
    ('file-request', {f'{GET} parameters 1 name': 'openaiFileIdRefs'}, GET),
    ('file-response', {FILES_OUT: TEXT}, FILES_OUT),
    ('file-response', {f'{FILES_OUT} items': {'type': 'integer'}}, FILES_OUT),
    ('file-response', {f'{FILES_OUT} items': {'properties': {'name': TEXT}}}, FILES_OUT),
]


def test_clean_document_has_no_finding() -> None:
    assert lint(CLEAN) == []


@pytest.mark.parametrize(('rule', 'edits', 'path'), BROKEN, ids=lambda value: repr(value)[:60])
def test_edit_breaks_one_rule(rule: str, edits: dict[str, Any], path: str) -> None:
    found = {(finding.rule, finding.place) for finding in lint(edited(edits))}

    assert found == {(rule, place(path))}


def test_finds_everything_at_once() -> None:
    edits = {'servers': [], f'{POST} operationId': GONE, SCHEMA: {'type': 'array'}}

    assert '\n'.join(map(str, lint(edited(edits)))) == (
        'error: #/servers: it names no server. '
        'Name the one server that ChatGPT is to call. [server-count]\n'
        'error: POST /notes: it has no operationId, so it is skipped. '
        'Give it an operationId: the model calls the operation by it. [operation-id]\n'
        'error: #/components/schemas/Note/properties/title: it is an array without items. '
        'Give the schema of its items. [array-items]'
    )


@pytest.mark.parametrize(
    'edits',
    [
        {'openapi': '3.1.1'},
        {f'{GET} parameters 1 schema': {'$ref': NOTE}},
        {f'{FILES_OUT} items': {'properties': {'name': TEXT, 'mime_type': TEXT, 'content': TEXT}}},
        {f'{GET} parameters 1 description': 'x' * 700, f'{POST} description': 'x' * 300},
        {SERVER: 'https://api.example.com:443'},
        {SERVER: 'https://example.com'},
        {SCHEMA: {'properties': {'$ref': TEXT, 'anyOf': TEXT, 'enum': TEXT, 'type': TEXT}}},
        {SCHEMA: {'enum': [0]}, f'{POST} x-note': {'schema': {}}, 'paths /notes x-note': 1},
        {
            'components schemas Tree': {
                'properties': {'note': {'$ref': NOTE}, 'other': {'$ref': NOTE}}
            }
        },
    ],
)
def test_takes(edits: dict[str, Any]) -> None:
    assert lint(edited(edits)) == []


@pytest.mark.parametrize(
    ('count', 'rules'), [(1, []), (30, []), (31, ['operation-count'])], ids=str
)
def test_counts_operations(count: int, rules: list[str]) -> None:
    get = CLEAN['paths']['/notes/{note_id}']['get'] | {'parameters': []}
    paths = {f'/{i}': {'get': get | {'operationId': f'get{i}'}} for i in range(count)}

    assert [finding.rule for finding in lint(CLEAN | {'paths': paths})] == rules


@pytest.mark.parametrize(
    ('api', 'sign_in', 'shared'),
    [
        ('api.example.com', 'auth.example.com', True),
        ('example.com', 'EXAMPLE.com', True),
        ('api.example.co.uk', 'auth.example.co.uk', True),
        ('api.example.co.uk', 'auth.other.co.uk', False),
        ('a1.execute-api.us-east-1.amazonaws.com', 'x.auth.us-east-1.amazoncognito.com', False),
        ('a1.execute-api.us-east-1.amazonaws.com', 'b2.execute-api.us-east-1.amazonaws.com', True),
        ('api.example.com', 'accounts.google.com', True),
        ('api.example.com', 'login.microsoftonline.com', True),
        ('api.example.com', 'ims-na1.adobelogin.com', True),
        ('api.example.com', 'google.com.example.org', False),
        ('api.example.com', 'localhost:9400', False),
        ('api.example.com', '192.0.2.1', False),
    ],
)
def test_oauth_shares_the_root_domain(api: str, sign_in: str, shared: bool) -> None:
    document = edited({SERVER: f'https://{api}', 'components securitySchemes': GONE})
    found = lint(
        document,
        authorization_url=f'https://{sign_in}/oauth2/authorize',
        token_url=f'https://{api}/oauth2/token',
    )

    assert [finding.rule for finding in found] == ([] if shared else ['oauth-domain'])


def test_given_oauth_urls_go_before_the_document_s() -> None:
    url = 'https://auth.example.org/oauth2/token'

    assert [finding.problem for finding in lint(CLEAN, token_url=url)] == [
        'its root domain is example.com, that of the tokenUrl example.org'
    ]


def test_json_and_yaml_are_the_same() -> None:
    broken = edited({SERVER: 'http://api.example.com', f'{POST} operationId': GONE})
    numbered = yaml.safe_dump(broken).replace("'200'", '200')

    assert len(lint(broken)) == 2
    assert lint_text(json.dumps(broken).encode()) == lint(broken)
    assert lint_text(numbered.encode()) == lint(broken)[::-1]  # its keys are sorted
    assert lint_text(b'\xef\xbb\xbf' + json.dumps(broken, indent='\t').encode()) == lint(broken)


@pytest.mark.parametrize(
    'text',
    [
        b'',
        b'\xff',
        b'\x00',
        b'null',
        b'[]',
        b'"openapi"',
        b'{',
        b'a: b: c',
        b'a: 1\n---\nb: 2',
        b'<!doctype html><html></html>',
        b'*nothing',
        b'!!python/object/apply:os.system [id]',
        b'a: !!int many',
        b'a: !!timestamp now',
        b'a: !!bool perhaps',
        b'a: !!binary \xc3\xa9',
        b'? [a]\n: b',
        b'[' * 100_000,
        b'{"a":' * 100_000,
        b'[' * 50_000 + b']' * 50_000,
        b'{"a":' * 200 + b'1' + b'}' * 200,
        b'- ' * 50_000,
        b'a: &a [*a]',
        b'a: &a {b: *a}',
        b'a: &a [x, x, x, x, x, x, x, x, x]\n'
        + b''.join(
            b'%c: &%c [%s]\n' % (c, c, b', '.join([b'*%c' % (c - 1)] * 9)) for c in b'bcdefghij'
        ),
        b'a: &a {' + b', '.join(b'k%d: 1' % i for i in range(1000)) + b'}\n'
        b'b: {<<: [' + b', '.join([b'*a'] * 2001) + b']}',
        b'a: &a ' + b'x' * 100_000 + b'\nb: [' + b'*a, ' * 1000 + b']',
        b'x' * 5_000_000,
    ],
    ids=lambda text: repr(text[:30]),
)
def test_unreadable_text_is_a_finding(text: bytes) -> None:
    assert [finding.rule for finding in lint_text(text)] == ['unreadable']


@pytest.mark.parametrize(
    'text',
    [
        b'openapi: 0x' + b'f' * 5000,
        b'openapi: .nan',
        b'openapi: 2026-11-22',
        b'openapi: !!set {a, b}',
        b'openapi: 2024-13-45',
        b'openapi: ' + b'1:' * 200 + b'1.5',
        b'openapi: !!binary aGk=',
        b'{"openapi": "\\ud800"}',
        b'1: 1\ntrue: 2\n2026-11-22: 3\nnull: 4\n1.5: 5',
        b'a: &a {k: 1}\nopenapi: &b {<<: [*a, *a], k: 2}\nc: {<<: *b}',
    ],
)
def test_odd_values_read_as_json(text: bytes) -> None:
    found = lint_text(text)

    assert 'openapi-version' in {finding.rule for finding in found}
    json.dumps([str(finding) for finding in found], ensure_ascii=False).encode()


def test_finding_is_one_short_line_of_plain_text() -> None:
    name = '\x1b[31m\n\ud800' + 'x' * 10_000
    lines = [
        str(f) for f in lint(CLEAN | {'paths': {name: {name: 1, 'get': {'operationId': name}}}})
    ]

    assert lines
    assert all(line.isprintable() and len(line) < 800 for line in lines)


WORDS = sorted({word for rule, edits, path in BROKEN for words in edits for word in words.split()})
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(['object', 'array', 'string', 'path', 'query', 'https://[', '#', '#/', NOTE]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*WORDS, 'type', 'items', '$ref', 'anyOf']), inner)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=20,
)


def paths_below(value: Any) -> Iterator[str]:
    """Yield the path of everything that a value holds."""
    members = enumerate(value) if isinstance(value, list) else value.items()
    for key, member in members:
        yield str(key)
        if isinstance(member, dict | list):
            yield from (f'{key} {path}' for path in paths_below(member))


@settings(deadline=None)
@given(VALUES)
def test_no_value_breaks_the_linter(value: Any) -> None:
    assert all(isinstance(finding, Finding) for finding in lint(value))


@settings(deadline=None)
@given(st.sampled_from(list(paths_below(CLEAN))), VALUES)
def test_no_value_anywhere_breaks_the_linter(path: str, value: Any) -> None:
    assert all(isinstance(finding, Finding) for finding in lint(edited({path: value})))


@settings(deadline=None)
@given(
    st.binary(max_size=200)
    | st.text(alphabet='{}[]&*!|>-:?,"\'ab01 \n', max_size=60).map(str.encode)
)
def test_no_text_breaks_the_linter(text: bytes) -> None:
    assert all(isinstance(finding, Finding) for finding in lint_text(text))


@settings(deadline=None)
@given(st.text() | st.text(alphabet='https:/.[]@a1%é', max_size=30))
def test_no_url_breaks_the_linter(url: str) -> None:
    found = lint(edited({SERVER: url}), authorization_url=url, token_url=f'https://{url}')

    assert all(isinstance(finding, Finding) for finding in found)
