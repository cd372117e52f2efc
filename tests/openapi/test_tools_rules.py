"""What OpenAI, Claude and Gemini take of the operations as tools: each rule broken by one edit."""

import pytest

from openapi_lint import RULES, lint_text
from openapi_lint.findings.rule import ACTIONS, TOOLS
from tests.openapi.notes import NOTES, edited

PLACE = NOTES[NOTES.index('                place:') : NOTES.index('                openaiFile')]
OBJECT = '              additionalProperties: false\n'
TITLE = NOTES[NOTES.index('[title') : NOTES.index('                  type: string')]
EMPTY = 'type: object, additionalProperties: false'
VALUES = ', '.join(f'v{i}' for i in range(1001))
DEEP = '{type: array, items: ' * 11 + '{type: string}' + '}' * 11


def place(schema: str) -> str:
    """Return the property `place` with another schema."""
    return f'                place: {schema}\n'


# The rule that an edit breaks, how badly, the edit, and what the line of the finding starts with.
EDITS: list[tuple[str, str, str, str, str]] = [
    ('tools-version', 'error', 'openapi: 3.1.0', 'openapi: 3.1', 'openapi: 3.1'),
    ('other-format', 'error', 'openapi: 3.1.0', 'asyncapi: 3.0.0', 'asyncapi'),
    ('operation-id', 'error', '      operationId: getNote\n', '', 'get:'),
    ('operation-id-unique', 'error', 'operationId: getNote', 'operationId: addNote', 'operationId'),
    ('operation-text', 'warning', '      description: Gets a note.\n', '', 'get:'),
    ('tool-name', 'error', 'operationId: getNote', 'operationId: 2notes', 'operationId: 2notes'),
    (
        'tool-name',
        'error',
        'operationId: getNote',
        'operationId: get.note',
        'operationId: get.note',
    ),
    ('tool-text-length', 'error', 'Gets a note.', 'x' * 1025, 'description: xxx'),
    ('tool-property-name', 'error', 'name: page', 'name: $page', '- name: $page'),
    ('tool-property-name', 'error', TITLE, TITLE.replace('title', 'a b'), 'a b:'),
    (
        'tool-root',
        'error',
        OBJECT,
        f'{OBJECT}              anyOf: [{{required: [title]}}]\n',
        'anyOf: [',
    ),
    ('tool-object', 'error', PLACE, place(f'{{{EMPTY}, properties: {{}}}}'), 'place: {type: obj'),
    ('tool-object', 'error', PLACE, place(f'{{{EMPTY}}}'), 'place: {type: object'),
    ('tool-enum', 'error', PLACE, place('{type: integer, enum: [1, 2]}'), 'place: {type: integer'),
    ('tool-format', 'error', PLACE, place('{type: string, format: date}'), 'place: {type: string'),
    ('tool-types', 'warning', PLACE, place('{type: [string, integer]}'), 'place: {type: ['),
    ('tool-keyword', 'warning', PLACE, place('{type: string, not: {type: string}}'), 'place: {'),
    ('tool-keyword', 'warning', PLACE, place('{type: string, const: a}'), 'place: {type: string'),
    ('tool-open-object', 'warning', OBJECT, '', 'schema:'),
    ('tool-optional', 'warning', 'required: [title, place, ', 'required: [title, ', 'schema:'),
    ('tool-constraint', 'warning', PLACE, place('{type: string, maxLength: 9}'), 'place: {type'),
    ('tool-size', 'warning', PLACE, place(f'{{type: string, enum: [{VALUES}]}}'), 'post:'),
    ('tool-size', 'warning', PLACE, place(DEEP), 'post:'),
    ('array-items', 'error', PLACE, place('{type: array}'), 'place: {type: array}'),
    ('schema-type-name', 'error', PLACE, place('{type: text}'), 'place: {type: text}'),
    ('reference-broken', 'error', 'schemas/Note', 'schemas/Nota', 'schema:'),
]
TAKEN = [
    ('', ''),
    ('3.1.0', '3.0.3'),
    (PLACE, place('{type: [string, "null"]}')),
    (PLACE, place('{type: string, format: date-time}')),
    ('https://api.example.com/dev', 'http://localhost:8000'),
    ('description: Gets a note.', f'description: {"x" * 1024}'),
    # What an operation answers is no tool's input.
    ('author: {type: string}', 'author: {type: object, additionalProperties: {oneOf: []}}'),
]


def check(text: str) -> list[tuple[str, str, str]]:
    """Return the rule, the severity and the line of each finding against the tools of a text."""
    lines = text.splitlines()
    return [
        (finding.rule, finding.severity, lines[(finding.line or 0) - 1].strip())
        for finding in lint_text(text.encode(), profile=TOOLS)
    ]


@pytest.mark.parametrize(
    ('rule', 'severity', 'old', 'new', 'line'), EDITS, ids=lambda value: repr(value)[:40]
)
def test_edit_is_one_finding_at_its_line(
    rule: str, severity: str, old: str, new: str, line: str
) -> None:
    ((found, badly, shown),) = check(edited(old, new))

    assert (found, badly) == (rule, severity)
    assert shown.startswith(line)


@pytest.mark.parametrize(('old', 'new'), TAKEN, ids=lambda value: repr(value)[:40])
def test_what_is_taken_is_no_finding(old: str, new: str) -> None:
    assert check(edited(old, new)) == []


def test_operations_are_counted() -> None:
    get = NOTES[NOTES.index('    get:\n') : NOTES.index('      parameters:\n')]
    answers = "      responses: {'200': {description: It.}}\n"
    many = ''.join(f'  /n{i}:\n{get.replace("getNote", f"get{i}")}{answers}' for i in range(129))

    assert check(NOTES.replace('paths:\n', f'paths:\n{many}')) == [
        ('tool-count', 'error', 'paths:')
    ]


def test_every_rule_of_tools_alone_has_an_edit() -> None:
    rules = {rule.name for rule in RULES if ACTIONS not in rule.profiles}

    assert rules - {row[0] for row in EDITS} == {'tool-count'}


def test_every_rule_of_tools_names_its_source() -> None:
    assert [r.name for r in RULES if ACTIONS not in r.profiles and not r.evidence.sources] == []
