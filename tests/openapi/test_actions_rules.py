"""What ChatGPT's editor is known to refuse or drop: the finding, its line and its severity."""

import json

import pytest
import yaml

from openapi_lint import RULES, Finding, lint_text
from openapi_lint.findings.rule import ACTIONS
from tests.openapi.notes import NOTES, edited


def part(start: str, end: str) -> str:
    """Return the part of the document between two texts."""
    begin = NOTES.index(start)
    return NOTES[begin : NOTES.index(end, begin)]


LONG = 'x' * 301
SMALL_BODY = (
    '{content: {application/json: {schema: {type: object, properties: {a: {type: string}}}}}}'
)
INFO = part('info:', 'servers:')
SERVER = 'https://api.example.com/dev'
SERVERS = part('servers:', 'paths:')
TITLE = '                title:\n                  type: string\n'
PLACE = '                place:\n                  type: string\n'
BODY = part('              type: object\n', '      responses:\n')
CONTENT = part('        content:\n', '      responses:\n')
RESPONSES = part('      responses:\n', '  /notes/{note_id}')
PARAMETERS = part('        - name: note_id', '      responses:\n')
QUERY = part('        - name: page', '      responses:\n')
ANSWER = part('              schema:\n                type: object\n', "        '404'")
MISSING = part("          $ref: '#/components/responses", 'components:')
COMPONENTS = NOTES[NOTES.index('components:\n') :]
SCHEMAS = part('  schemas:\n', '  responses:\n    Missing')
AUTHOR = '        author: {type: string}\n'
NOTE = '#/components/schemas/Note'
NEXT = '  /notes/{note_id}:\n'


def post(name: str) -> str:
    """Return an operation like the first one, under another name."""
    return part('    post:\n', NEXT).replace('addNote', name)


# The rule that an edit breaks, the edit, and what the line of the finding starts with.
ERRORS: list[tuple[str, str, str, str]] = [
    *[
        ('openapi-version', '3.1.0', version, f'openapi: {version}')
        for version in ('3.0.0', '3.0.1', '3.0.3', '3.1.2', '3.2.0', '3.1', '"3.1"', '[3.1.0]')
    ],
    ('openapi-version', 'openapi: 3.1.0\n', '', 'info:'),
    ('info-fields', '  version: 1.0.0\n', '', 'info:'),
    ('info-fields', '  title: Notes\n', '', 'info:'),
    ('info-fields', 'title: Notes', "title: ''", "title: ''"),
    ('info-fields', 'title: Notes', 'title: [Notes]', 'title: [Notes]'),
    ('info-fields', INFO, '', 'openapi: 3.1.0'),
    ('info-fields', INFO, 'info: Notes\n', 'info: Notes'),
    *[
        ('path-key', '  /notes:\n', f'  /notes:\n    {key}: {{}}\n', f'{key}: {{}}')
        for key in ('head', 'options', 'trace', 'GET', 'query', 'gets')
    ],
    *[
        ('path-slash', '  /notes:\n', f'  {path}:\n', f'{path}:')
        for path in ('notes', 'a/b', 'https://api.example.com/notes', "''")
    ],
    ('path-item', '  /notes:\n', '  /a: {get: x}\n  /notes:\n', '/a: {get: x}'),
    ('path-item', '  /notes:\n', '  /a: get\n  /notes:\n', '/a: get'),
    ('path-parameters', '  /notes:\n', '  /notes:\n    parameters: []\n', 'parameters: []'),
    *[
        ('server-case', SERVER, url, f'- url: {url}')
        for url in ('https://API.example.com/dev', 'https://Api.Example.Com', 'HTTPS://example.com')
    ],
    *[
        ('server-url', SERVER, url, f'- url: {url[:20]}')
        for url in (
            *('/dev', 'api.example.com', 'http://api.example.com', 'https://api.example.com/'),
            *('https://api.example.com:8443', 'https://api.example.com/{stage}', '443'),
            *('"https://api.example.com/a b"', '" https://api.example.com"'),
            *('"https://api.example.com\\n"', '"https://api.exam\\tple.com"'),
        )
    ],
    ('server-url', SERVER, '|\n      https://api.example.com', '- url: |'),
    ('server-domain', SERVER, 'https://192.0.2.1', '- url: https://192'),
    ('server-localhost', SERVER, 'http://localhost:8000', '- url: http://localhost'),
    ('oauth-domain', SERVER, 'https://api.example.org', '- url: https://api.example.org'),
    ('server-count', SERVERS, '', 'openapi: 3.1.0'),
    ('server-count', SERVERS, 'servers: []\n', 'servers: []'),
    ('server-count', SERVERS, f'servers: {{url: {SERVER}}}\n', 'servers: {url'),
    ('duplicate-key', '  /notes:\n', f'  /notes:\n{post("b")}', 'post:'),
    ('duplicate-key', NEXT, f'  /notes:\n{post("b")}{NEXT}', '/notes:'),
    ('duplicate-key', AUTHOR, f'{AUTHOR}        title: {{type: string}}\n', 'title: {type'),
    ('duplicate-key', AUTHOR, f'{AUTHOR}      "type": object\n', '"type": object'),
    *[
        (
            'schema-type-name',
            AUTHOR,
            f'        author: {{type: {kind}}}\n',
            f'author: {{type: {kind}',
        )
        for kind in ('date', 'strng', 'String', 'null', 'file', '[string, text]', '7', '[]')
    ],
    ('schema-required', PLACE, f'{PLACE}                  required: true\n', 'required: true'),
    ('schema-required', '[title, place,', '[titel, place,', 'required: [titel'),
    ('schema-required', '[title, place,', '[7, place,', 'required: [7'),
    ('schema-required', AUTHOR, f'{AUTHOR}      required: author\n', 'required: author'),
    *[
        ('file-spelling', BODY, BODY.replace('openaiFileIdRefs', name), f'{name}: {{type')
        for name in ('openaiFileIdRef', 'openAIFileIDRefs', 'openai_file_id_refs', 'openaiFileIds')
    ],
    *[
        ('file-spelling', 'openaiFileResponse:', f'{name}:', f'{name}:')
        for name in ('openaiFileResponses', 'openai_file_response', 'openAIFileResponse')
    ],
    *[
        ('consequential-spelling', 'x-openai-isConsequential', key, f'{key}: true')
        for key in (
            *('x-openai-isconsequential', 'x-openai-is-consequential', 'x-openAI-isConsequential'),
            *('x-openai-isConsequentail', 'openai-isConsequential', 'x-openapi-isConsequential'),
        )
    ],
    ('consequential-type', 'isConsequential: true', 'isConsequential: "yes"', 'x-openai-isC'),
    ('responses', RESPONSES, '', 'post:'),
    ('responses', RESPONSES, '      responses: {}\n', 'responses: {}'),
    ('responses', RESPONSES, '      responses:\n', 'responses:'),
    # What is no OpenAPI is named, and nothing else of it is looked at.
    *[
        ('other-format', 'openapi: 3.1.0', line, line)
        for line in (
            *('swagger: "2.0"', 'swagger: 2.0', 'swaggerVersion: "1.2"', 'asyncapi: 3.0.0'),
            *('openrpc: 1.2.6', '_type: export', 'name_for_model: notes', 'arazzo: 1.0.0'),
            *('AWSTemplateFormatVersion: 2010-09-09', 'mcpServers: {}', 'overlay: 1.0.0'),
        )
    ],
    ('other-format', 'openapi: 3.1.0\ninfo:\n', 'info:\n  _postman_id: 1\n', '_postman_id: 1'),
    ('operation-count', part('paths:', 'components:'), 'paths: {}\n', 'paths: {}'),
    ('operation-id', '      operationId: getNote\n', '', 'get:'),
    ('operation-id-form', 'operationId: getNote', 'operationId: get note', 'operationId: get n'),
    ('operation-id-unique', 'operationId: getNote', 'operationId: addNote', 'operationId: addN'),
    ('operation-text-length', 'Gets a note.', LONG, 'description: xxx'),
    ('parameters-list', PARAMETERS, '        name: note_id\n', 'parameters:'),
    ('parameter-reference', QUERY, '        - $ref: "#/components/parameters/Page"\n', '- $ref:'),
    ('parameter-name', 'name: page', 'nam: page', '- nam: page'),
    ('parameter-location', 'in: query', 'in: header', 'in: header'),
    ('parameter-location', 'in: query', 'in: cookie', 'in: cookie'),
    ('parameter-location', 'in: query', 'in: body', 'in: body'),
    ('parameter-location', '          in: query\n', '', '- name: page'),
    (
        'parameter-content',
        'in: query\n          schema: {type: integer}',
        'in: query\n          content: {application/json: {schema: {type: integer}}}',
        'content: {application',
    ),
    ('parameter-path', PARAMETERS, QUERY, 'get:'),
    ('parameter-path', 'required: true\n          schema', 'schema', '- name: note_id'),
    ('parameter-duplicate', 'name: page', 'name: note_id', 'get:'),
    (
        'parameter-text-length',
        'in: query\n',
        f'in: query\n          description: {"x" * 701}\n',
        'description: xxx',
    ),
    (
        'body-of-get',
        '      description: Gets a note.\n',
        f'      description: Gets a note.\n      requestBody: {SMALL_BODY}\n',
        'requestBody: {content',
    ),
    ('body-object', BODY, '              type: string\n', 'schema:'),
    ('body-object', CONTENT, '', 'requestBody:'),
    ('body-object', BODY, '              description: Anything.\n', 'schema:'),
    ('media-type', 'application/json', 'image/png', 'image/png:'),
    ('media-type-schema', ANSWER, '              example: {}\n', 'application/json:'),
    ('object-properties', PLACE, PLACE.replace('string', 'object'), 'place:'),
    ('array-items', TITLE, TITLE.replace('string', 'array'), 'title:'),
    ('array-items', AUTHOR, '        author: {type: array}\n', 'author: {type: array'),
    ('enum-empty', '[first, last]', '[]', 'place:'),
    ('enum-empty', '[first, last]', 'first', 'place:'),
    ('schema-type', AUTHOR, '        author: {}\n', 'author: {}'),
    ('schema-type', AUTHOR, '        author:\n', 'author:'),
    ('reference-broken', 'schemas/Note', 'schemas/Nota', 'schema:'),
    ('reference-broken', 'responses/Missing', 'responses/Gone', "'404':"),
    ('reference-circular', AUTHOR, f'        author: {{$ref: "{NOTE}"}}\n', 'Note:'),
    ('reference-circular', SCHEMAS, f'  schemas:\n    Note: {{$ref: "{NOTE}"}}\n', 'Note: {$ref'),
    (
        'reference-circular',
        SCHEMAS,
        f'  schemas:\n    Note: {{$ref: "{NOTE}s"}}\n    Notes: {{$ref: "{NOTE}"}}\n',
        'Note: {$ref',
    ),
    (
        'reference-circular',
        SCHEMAS,
        SCHEMAS.replace(AUTHOR, f'        by: {{$ref: "{NOTE}s"}}\n')
        + f'    Notes: {{type: array, items: {{$ref: "{NOTE}"}}}}\n',
        'Note:',
    ),
    (
        'reference-composed',
        SCHEMAS,
        SCHEMAS.replace(
            AUTHOR, '        author: {anyOf: [{$ref: "#/components/schemas/Author"}]}\n'
        )
        + '    Author: {type: string}\n',
        'author: {anyOf',
    ),
]

DESCRIBED = '        author: {description: Who wrote it.}\n'
WARNINGS: list[tuple[str, str, str, str]] = [
    ('info-fields', 'version: 1.0.0', 'version: 1.0', 'version: 1.0'),
    ('info-fields', 'title: Notes', 'title: 7', 'title: 7'),
    ('info-description', '  description: Keeps notes.\n', '', 'info:'),
    (
        'server-several',
        SERVERS,
        f'{SERVERS}  - url: http://LOCALHOST:8000/\n  - {{}}\n',
        'servers:',
    ),
    (
        'security-schemes',
        '  securitySchemes:\n',
        '  securitySchemes:\n    key: {type: apiKey, in: header, name: X-Key}\n',
        'securitySchemes:',
    ),
    ('path-text', '  /notes:\n', '  /notes:\n    summary: Notes.\n', 'summary: Notes.'),
    ('operation-text', '      description: Gets a note.\n', '', 'get:'),
    ('consequential', '      x-openai-isConsequential: true\n', '', 'post:'),
    ('query-array', '{type: integer}', '{type: array, items: {type: string}}', '- name: page'),
    # Only a response reaches these.
    ('object-properties', AUTHOR, '        author: {type: object}\n', 'author: {type: object}'),
    (
        'object-properties',
        "{type: array, items: {type: string}}\n        '404'",
        "{type: array, items: {type: string}}\n{more}: {type: object}\n        '404'".replace(
            '{more}', ' ' * 18 + 'more'
        ),
        'more: {type: object}',
    ),
    ('schema-required', AUTHOR, f'{AUTHOR}      required: [writer]\n', 'required: [writer]'),
    ('object-empty', AUTHOR, '        author: {type: object, properties: {}}\n', 'author:'),
    ('schema-type', AUTHOR, DESCRIBED, 'author: {description'),
    ('schema-type', TITLE, '                title: {description: It.}\n', 'title: {d'),
    ('schema-null', AUTHOR, '        author: {type: [string, "null"]}\n', 'author:'),
    ('schema-null', AUTHOR, '        author: {type: string, nullable: true}\n', 'author:'),
    (
        'reference-target',
        "$ref: '#/components/schemas/Note'",
        '$ref: "#/components/responses/Missing/content/application~1json/schema"',
        'schema:',
    ),
    (
        'ignore-unknown',
        'openapi: 3.1.0',
        'openapi: 3.1.0  # gpt-action-lint: ignore all',
        'openapi',
    ),
]
# What works, or is said of something else already.
TAKEN: list[tuple[str, str]] = [
    ('', ''),
    ('3.1.0', '3.1.1'),
    (SERVER, 'https://api.example.com/Dev'),
    ('isConsequential: false', 'other: 1'),
    ('      x-openai-isConsequential: false\n', ''),
    (AUTHOR, '        author: {type: string, anyOf: [{format: email}, {pattern: a}]}\n'),
    (AUTHOR, '        author: {allOf: [{type: string}, {description: Who.}]}\n'),
    (AUTHOR, '        author: {type: string, not: {pattern: a}}\n'),
    (AUTHOR, '        type: {type: string}\n        required: {type: string}\n'),
    (AUTHOR, '        file: {type: string}\n        openaiModel: {type: string}\n'),
    (
        'page\n          in: query\n          schema: {type: integer}',
        'page\n          in: query\n          schema: {$ref: "#/components/schemas/Note"}',
    ),
    ('[title, place, openaiFileIdRefs]', '[title]'),
    ('  /notes:\n', '  x-more: 1\n  /notes:\n    x-more: {}\n'),
]


def check(text: str) -> list[Finding]:
    """Return the findings against a document."""
    return lint_text(text.encode())


@pytest.mark.parametrize(
    ('severity', 'rule', 'old', 'new', 'line'),
    [('error', *row) for row in ERRORS] + [('warning', *row) for row in WARNINGS],
    ids=lambda value: repr(value)[:40],
)
def test_edit_is_one_finding_at_its_line(
    severity: str, rule: str, old: str, new: str, line: str
) -> None:
    text = edited(old, new)
    (finding,) = check(text)
    assert finding.line
    assert finding.column

    shown = text.splitlines()[finding.line - 1]
    assert (finding.rule, finding.severity) == (rule, severity)
    assert shown.strip().startswith(line)
    assert shown[finding.column - 1].strip()


@pytest.mark.parametrize(
    ('rule', 'old', 'new'),
    [row[:3] for row in ERRORS + WARNINGS if row[0] not in ('duplicate-key', 'ignore-unknown')],
    ids=lambda value: repr(value)[:40],
)
def test_json_has_the_finding_at_its_line(rule: str, old: str, new: str) -> None:
    text = json.dumps(yaml.load(edited(old, new), yaml.BaseLoader), indent=2)
    text = text.replace('"true"', 'true').replace('"false"', 'false')
    findings = [finding for finding in check(text) if finding.rule == rule]

    # Without YAML's types `7` is a text; what is not about types stands where it did.
    for finding in findings:
        assert finding.line
        shown = text.splitlines()[finding.line - 1].strip()
        key = finding.pointer[-1] if finding.pointer else '{'
        assert shown.startswith((f'"{key}"', '{')) or key.isdecimal()


@pytest.mark.parametrize(('old', 'new'), TAKEN, ids=lambda value: repr(value)[:40])
def test_what_works_is_no_finding(old: str, new: str) -> None:
    assert [str(finding) for finding in check(edited(old, new))] == []


@pytest.mark.parametrize(
    ('old', 'new', 'line'),
    [
        (SCHEMAS, '', 'components:'),
        (SCHEMAS, '  schemas:\n', 'schemas:'),
        (SCHEMAS, '  schemas: []\n', 'schemas: []'),
        (SCHEMAS, '  schemas: Note\n', 'schemas: Note'),
        (COMPONENTS, 'components:\n', 'components:'),
        (COMPONENTS, 'components: []\n', 'components: []'),
        (SCHEMAS, '  schemas: {}\n', None),
        (COMPONENTS, '', None),
    ],
)
def test_components_hold_schemas(old: str, new: str, line: str | None) -> None:
    text = edited(old, new).replace("$ref: '#/components/schemas/Note'", 'type: string')
    text = text.replace(MISSING, '          description: There is none.\n')
    found = [
        (f.rule, f.severity, text.splitlines()[(f.line or 0) - 1].strip()) for f in check(text)
    ]

    assert found == ([('components-schemas', 'error', line)] if line else [])


def test_every_rule_of_the_editor_has_an_edit() -> None:
    tested = {row[0] for row in ERRORS + WARNINGS}
    rules = {rule.name for rule in RULES if ACTIONS in rule.profiles}

    assert rules - tested == {
        'unreadable',
        'document-size',
        'file-request',
        'file-response',
        'components-schemas',
    }


def test_consequential_is_one_line_for_the_document() -> None:
    text = NOTES.replace('      x-openai-isConsequential: true\n', '')
    text = text.replace(
        NEXT, f'  /more:\n{part("    post:", NEXT)}{NEXT}'.replace('addNote', 'more')
    )
    text = text.replace('      x-openai-isConsequential: true\n', '')
    (finding,) = check(text)

    assert finding.problem == (
        'it has no x-openai-isConsequential, so true is assumed, and so it is for POST /more'
    )


def test_other_rules_look_at_the_first_server_only() -> None:
    text = edited(SERVERS, f'servers:\n  - url: http://localhost\n  - url: {SERVER}\n')

    assert {finding.rule for finding in check(text)} == {'server-several', 'server-localhost'}


def test_parameters_of_the_path_are_one_finding() -> None:
    parameter = part('        - name: note_id', '        - name: page')
    text = NOTES.replace(parameter, '').replace(NEXT, f'{NEXT}    parameters:\n{parameter}')

    assert [finding.rule for finding in check(text)] == ['path-parameters']


def test_key_that_stands_twice_names_both_lines() -> None:
    text = edited('  /notes:\n', f'  /notes:\n{post("first")}')
    (finding,) = check(text)

    assert finding.problem == f'its key `post` stands on lines 10, {finding.line}'
    assert 'its key `openapi` stands on lines 1, 2' in {
        each.problem for each in check('{"openapi": "3.1.0",\n "openapi": "3.1.0"}')
    }


def test_postman_collection_is_called_that() -> None:
    schema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json'
    (finding,) = check(json.dumps({'info': {'name': 'Notes', 'schema': schema}, 'item': []}))

    assert (finding.problem, finding.rule) == (
        'it is a Postman collection, not OpenAPI',
        'other-format',
    )
