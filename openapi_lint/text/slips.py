"""What a parser stumbled over, as the slip that the writer made."""

import json
import re

import yaml

from openapi_lint.text.source import Position, Unreadable

_QUOTE_IT = 'A text that holds `: ` needs quotes around it.'
_INDENT = 'Indent it as the lines beside it, with blanks.'
# What the parser says, how the line looks, and what that means.
_YAML_SLIPS = (
    ('', r'^ *\t', 'a tab indents the line', 'Indent with blanks: YAML takes no tabs.'),
    (r'cannot start any token', r'\t', 'a tab stands where YAML takes none', 'Use blanks.'),
    (
        r'cannot start any token',
        r'',
        'a text starts with a character that YAML keeps for itself',
        'A text that starts with `@`, `%` or a backtick needs quotes.',
    ),
    (r'mapping values are not allowed', r': .*: ', 'a second `: ` stands in the line', _QUOTE_IT),
    (
        r'mapping values are not allowed',
        r'',
        'a `:` stands where no key can be',
        'Indent it as the lines beside it. Or the line before it lacks the blank after its colon.',
    ),
    (
        r"expected '-' indicator|expected <block end>, but found '(\?|<scalar>|<block mapping)",
        r'^ *[^-\s]',
        'the line stands in a list and does not start with a dash',
        'One dash is missing, or the line is indented too little.',
    ),
    (
        r'sequence entries are not allowed|expected key|expected <block end>',
        r'^ *-|: +-',
        'a dash stands where no list can be',
        _INDENT,
    ),
    (
        r"could not find expected ':'",
        r'',
        'the line is no `key: value`',
        'Write a colon and a blank after the key, or put a text of several lines into quotes.',
    ),
    (
        r'unexpected end of stream|unexpected document (separator|indicator)',
        r'',
        'a quote is opened and never closed',
        'Close it. A quote inside single quotes is written twice.',
    ),
    (
        r'unknown escape character|expected escape sequence',
        r'',
        'a backslash in double quotes starts no escape',
        'Double it, or use single quotes, in which it is itself.',
    ),
    (
        r"expected ',' or|expected the node content, but found '[,\]}]'|did not find expected node",
        r'',
        'a comma or a bracket is missing or too many',
        'Look at the brackets and commas of the line and of the one before.',
    ),
    (
        r'expected key|expected <block end>',
        r"""'[^']*'\w|"[^"]*"\w""",
        'a quote ends the text before the line does',
        'Write a quote inside single quotes twice.',
    ),
    (
        r'expected key|expected <block end>',
        r'[\]}]',
        'a bracket closes what none has opened',
        'Look at the brackets and commas of the line.',
    ),
    (
        r'expected key|expected <block end>',
        r'',
        'the line fits no indentation above it',
        _INDENT,
    ),
    (
        r'special characters|control characters|unacceptable character',
        r'',
        'it holds a control character',
        'Take it out.',
    ),
)
_JSON_REMEDIES = (
    ('double quotes', 'Take out the comma before it, or put the key into double quotes.'),
    ('Expecting value', 'Write a value there: a comma may be too many, or quotes are missing.'),
    ("',' delimiter", 'A comma is missing before it.'),
    ('Extra data', 'Give one document: take out what follows it.'),
    ('Unterminated string', 'Close the quote.'),
    ('Invalid control character', 'Write a line break in a text as \\n.'),
    ('escape', 'Double the backslash.'),
)


def not_a_document(text: str) -> Unreadable | None:
    """Return what a text is that nobody would write as YAML or JSON."""
    start = text.lstrip()
    if re.match(r'<(!doctype|html|\?xml)', start, re.IGNORECASE):
        return Unreadable(
            'it is a web page or XML, not an OpenAPI document',
            Position(1, 1),
            'Download the document itself: its address often ends in .json or .yaml.',
        )
    if not start:
        return Unreadable('it is empty', Position(1, 1))
    return None


def of_json(error: json.JSONDecodeError) -> Unreadable:
    """Return what JSON's parser says, and what to do."""
    remedy = next((remedy for says, remedy in _JSON_REMEDIES if says in error.msg), '')
    return Unreadable(f'it is not JSON: {error.msg}', Position(error.lineno, error.colno), remedy)


def of_yaml(error: yaml.YAMLError, text: str) -> Unreadable:
    """Return the slip for which YAML's parser stopped, where it is."""
    position = _where(error, text)
    said = ' '.join(str(getattr(error, 'problem', None) or error).split())
    lines = text.splitlines()
    line = lines[position.line - 1] if position.line <= len(lines) else ''
    for says, looks, slip, remedy in _YAML_SLIPS:
        if re.search(says, said) and re.search(looks, line):
            return Unreadable(f'it is not YAML: {slip} ({said})', position, remedy)
    return Unreadable(f'it is not YAML: {said}', position)


def _where(error: yaml.YAMLError, text: str) -> Position:
    if isinstance(error, yaml.MarkedYAMLError):
        # What is never closed or lacks its colon is where it starts, not where the text goes on.
        is_open = re.search("end of stream|expected ':'", str(error.problem))
        mark = (error.context_mark if is_open else None) or error.problem_mark
        if mark:
            return Position(mark.line + 1, mark.column + 1)
    at = getattr(error, 'position', 0)
    before = text[: at if isinstance(at, int) else 0]
    return Position(before.count('\n') + 1, len(before) - before.rfind('\n'))
