"""What has one right answer is mended, and every other line stays as it was."""

import json
from typing import Any

import pytest
import yaml

from openapi_lint import RULES, lint_text
from openapi_lint.fixes import NotFixable, fixed
from openapi_lint.fixes.changes import CHANGES
from openapi_lint.text.parsing import parse
from tests.openapi.notes import NOTES

OLD = """\
# Who writes this by hand keeps comments.
openapi: 3.0.3
info:
  title: "Notes"   # quoted
  version: 1.0.0
  description: >-
    Two
    lines.

servers:
- url: https://API.example.com/Dev
paths:
  /notes/{id}:
    parameters:
    - name: id
      in: path
      required: true
      schema: { type: string }   # braces
    - $ref: '#/components/parameters/Page'
    get:
      operationId: getNote   # the name
      parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
      - $ref: '#/components/parameters/Size'
      summary: Gets a note.
      responses:
        200:
          description: ok
          content:
            application/json:
              schema:
                type: object
                properties:
                  title: {type: string, nullable: true}
                  kind:
                    type: string
                    enum: [a, b]
                    nullable: true
                  old:
                    type: integer
                    nullable: false
                    minimum: 3
                    exclusiveMinimum: true   # more than
    delete:
      operationId: deleteNote
      summary: Deletes a note.
      x-openai-isConsequential: true
      responses:
        '204': {description: gone}
    options:
      responses: {}
  /health:
    head:
      summary: x
components:
  parameters:
    Page:
      name: page
      in: query
      schema: {type: integer}
    Size:
      $ref: '#/components/parameters/Sizes'
    Sizes:
      name: size
      in: query
      schema: {type: integer}
"""
NEW = """\
# Who writes this by hand keeps comments.
openapi: 3.1.0
info:
  title: "Notes"   # quoted
  version: 1.0.0
  description: >-
    Two
    lines.

servers:
- url: https://api.example.com/Dev
paths:
  /notes/{id}:
    get:
      operationId: getNote   # the name
      parameters:
      - name: page
        in: query
        schema: {type: integer}
      - {name: id, in: path, required: true, schema: {type: integer}}
      - name: size
        in: query
        schema: {type: integer}
      summary: Gets a note.
      responses:
        200:
          description: ok
          content:
            application/json:
              schema:
                type: object
                properties:
                  title: {type: [string, 'null']}
                  kind:
                    type: [string, 'null']
                    enum: [a, b, null]
                  old:
                    type: integer
                    exclusiveMinimum: 3      # more than
    delete:
      operationId: deleteNote
      summary: Deletes a note.
      x-openai-isConsequential: true
      parameters:
      - name: id
        in: path
        required: true
        schema: {type: string}   # braces
      - name: page
        in: query
        schema: {type: integer}
      responses:
        '204': {description: gone}
components:
  parameters:
    Page:
      name: page
      in: query
      schema: {type: integer}
    Size:
      $ref: '#/components/parameters/Sizes'
    Sizes:
      name: size
      in: query
      schema: {type: integer}
  schemas: {}
"""
ALL = list(CHANGES)


def test_document_is_mended_and_keeps_its_hand() -> None:
    assert fixed(OLD.encode(), ALL).decode() == NEW
    assert fixed(NEW.encode(), ALL).decode() == NEW


def test_json_is_mended_and_keeps_its_hand() -> None:
    old = json.dumps(yaml.load(OLD, yaml.BaseLoader), indent=4) + '\n'
    old = old.replace('"true"', 'true').replace('"false"', 'false').replace('"3"', '3.0')
    new = fixed(old.encode(), ALL).decode()
    before, after = old.splitlines(), new.splitlines()

    assert parse(new.encode()).value['paths'].keys() == {'/notes/{id}'}
    assert {finding.rule for finding in lint_text(new.encode())} == {'schema-null'}
    assert after[:2] == ['{', '    "openapi": "3.1.0",']
    assert '"exclusiveMinimum": 3.0' in new
    assert before[2:8] == after[2:8]


def test_json_on_one_line_stays_on_one_line() -> None:
    old = '{"openapi":"3.0.1","info":{"title":"é"},"paths":{}}'

    assert fixed(old.encode(), ALL).decode() == old.replace('3.0.1', '3.1.0')


@pytest.mark.parametrize('rule', ALL)
def test_rule_is_mended_alone(rule: str) -> None:
    value = parse(fixed(OLD.encode(), [rule])).value
    mended = {
        'openapi-version': value['openapi'] == '3.1.0',
        'components-schemas': value['components'].get('schemas') == {},
        'server-case': value['servers'] == [{'url': 'https://api.example.com/Dev'}],
        'path-key': '/health' not in value['paths'],
        'path-parameters': 'parameters' not in value['paths']['/notes/{id}'],
        'parameter-reference': '$ref'
        not in str(value['paths']['/notes/{id}']['get']['parameters']),
        'schema-null': 'nullable' not in str(value),
    }

    assert [name for name, is_so in mended.items() if is_so] == [rule]


def test_every_fixable_rule_has_a_change() -> None:
    assert {rule.name for rule in RULES if rule.fixable} == set(CHANGES)


@pytest.mark.parametrize(
    ('text', 'why'),
    [
        ('a: b: c', 'cannot be read'),
        ('openapi: 3.0.0\nopenapi: 3.0.1', 'a key stands twice'),
        ('{"openapi": "3.0.0", "openapi": "3.0.1"}', 'a key stands twice'),
        ('- openapi: 3.0.0', 'not an object'),
    ],
)
def test_what_cannot_be_mended_is_left(text: str, why: str) -> None:
    with pytest.raises(NotFixable, match=why):
        fixed(text.encode(), ALL)


@pytest.mark.parametrize(
    'edits',
    [
        {'openapi': '2.0'},
        {'openapi': None},
        {'openapi': '4.0.0'},
        {'servers': {'url': 'HTTPS://A.b'}},
        {'servers': [{'url': 7}, 'x', None]},
        {'paths': []},
        {'paths': {'/a': None, '/b': {'parameters': 'x', 'get': None}}},
        {'paths': {'/a': {'get': {'parameters': [None, {'$ref': '#/nothing'}, {'$ref': 7}]}}}},
        {'paths': {'/a': {'get': {'parameters': [{'$ref': '#/paths/~1a/get/parameters/0'}]}}}},
        {'components': {'schemas': {'A': {'nullable': True, '$ref': '#/components/schemas/A'}}}},
    ],
)
def test_what_has_no_right_answer_stays(edits: dict[str, Any]) -> None:
    text = yaml.safe_dump({'openapi': '3.1.0'} | edits)

    assert fixed(text.encode(), ALL).decode() == text


def test_clean_document_stays() -> None:
    assert fixed(NOTES.encode(), ALL).decode() == NOTES
    assert fixed(NOTES.replace('\n', '\r\n').encode(), ALL).decode() == NOTES.replace('\n', '\r\n')


def test_line_ends_and_byte_order_mark_stay() -> None:
    old = NOTES.replace('3.1.0', '3.0.0').replace('\n', '\r\n')
    marked = b'\xef\xbb\xbf' + old.encode()

    assert fixed(marked, ALL) == marked.replace(b'3.0.0', b'3.1.0')
