"""A text becomes a document with the place of everything in it, or the slip that it stops at."""

import json
from typing import Any

import pytest
import yaml

from openapi_lint import lint_text
from openapi_lint.text.parsing import parse
from openapi_lint.text.source import Unreadable
from tests.openapi.notes import NOTES

# A text, the line and column of the slip, and words of what is said of it.
SLIPS: list[tuple[str, tuple[int, int], str]] = [
    ('info: a: b', (1, 8), 'A text that holds `: ` needs quotes'),
    ('a:\n  description: Note: it counts.\n', (2, 20), 'A text that holds `: ` needs quotes'),
    ('a:\n\tb: c', (2, 1), 'a tab indents the line'),
    ('a:\n  b: 1\n\tc: 2', (3, 1), 'a tab indents the line'),
    ('a:\n  - name: x\n    in: q\n  name: y\n', (4, 3), 'One dash is missing'),
    ('a:\n  - b\n - c\n', (3, 2), 'a dash stands where no list can be'),
    ('a: - b', (1, 4), 'a dash stands where no list can be'),
    ('a:\n- b\nc\n', (3, 1), 'the line is no `key: value`'),
    ('a: 1\n  b: 2\n', (2, 4), 'a `:` stands where no key can be'),
    ('a:\n  b: c\n d: e', (3, 2), 'fits no indentation'),
    ('a: "b\nc: d', (1, 4), 'a quote is opened and never closed'),
    ("a: 'it's'", (1, 8), 'a quote ends the text before the line does'),
    ('a: "\\q"', (1, 5), 'a backslash'),
    ('a: [1, 2\nb: c', (2, 2), 'a comma or a bracket is missing'),
    ('a: {b: c', (2, 1), 'a comma or a bracket is missing'),
    ('a: [x]]\n', (1, 7), 'a bracket closes what none has opened'),
    ('a: @b', (1, 4), 'needs quotes'),
    ('a: `b`', (1, 4), 'needs quotes'),
    ('a: *b', (1, 4), 'needs quotes'),
    ('a: !b c', (1, 4), 'its tag `!b`'),
    ('a: 1\n---\nb: 2', (2, 1), 'more than one document'),
    ('? [a]\n: b', (1, 3), 'a key of it is no text'),
    ('a: \x01', (1, 4), 'control character'),
    ('<!doctype html>', (1, 1), 'a web page'),
    ('{"a": 1,}', (1, 9), 'Expecting property name enclosed in double quotes'),
    ('{"a": 1\n "b": 2}', (2, 2), "Expecting ',' delimiter"),
    ('{"a": }', (1, 7), 'Expecting value'),
    ("{'a': 1}", (1, 2), 'Expecting property name enclosed in double quotes'),
    ('{"a": 1}\n{"b": 2}', (2, 1), 'Extra data'),
    ('{"a": "b\nc"}', (1, 9), 'Invalid control character'),
]


@pytest.mark.parametrize(('text', 'position', 'slip'), SLIPS, ids=lambda value: repr(value)[:40])
def test_slip_is_told_where_it_is(text: str, position: tuple[int, int], slip: str) -> None:
    name = 'openapi.json' if text.startswith('{') else 'openapi.yaml'
    (finding,) = lint_text(text.encode(), file=name)

    assert (finding.rule, finding.severity, finding.file) == ('unreadable', 'error', name)
    assert slip in finding.text
    assert (finding.line, finding.column) == position


def test_text_that_is_not_utf_8_says_where() -> None:
    (finding,) = lint_text('a: b\nc: é'.encode('latin-1'))

    assert (finding.line, finding.column) == (2, 4)
    assert finding.text.endswith('Save it in UTF-8.')


def test_yaml_is_read_as_pyyaml_does() -> None:
    text = """
        a: &a {x: 1, y: [2, 3.5, true, ~, 'no', "\\u00e9"]}
        b: {<<: *a, x: 2}
        c: {<<: [*a, {z: 1}], y: 0x10}
        d: |
          lines
        e: >-
          one
          line
        f: -1
        g: !!str 5
        h: {"<<": 1}
        "i": yes
    """
    expected = yaml.safe_load(text.replace('"<<": 1', 'merge: 1'))
    expected['h'] = {'<<': 1}

    assert parse(text.encode()).value == expected


@pytest.mark.parametrize('text', ['2024-13-45', '2026-11-22', '1:30', '9' * 5000, '1:' * 200 + '1'])
def test_what_json_has_no_type_for_stays_text(text: str) -> None:
    assert parse(f'a: {text}'.encode()).value == {'a': text}


def pointers(value: object, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return where everything stands in a value."""
    members: list[tuple[str, object]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = [(str(index), member) for index, member in enumerate(value)]
    return [above, *(p for key, child in members for p in pointers(child, (*above, key)))]


def held(value: Any, pointer: tuple[str, ...]) -> Any:
    """Return what stands at a pointer."""
    for key in pointer:
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


@pytest.mark.parametrize('indent', [None, 1, '\t'])
def test_everything_is_found_in_json(indent: int | str | None) -> None:
    value = yaml.safe_load(NOTES) | {'x-é': [{'"quoted"': [[], {}, 'a\\', '']}, -1.5e3, None]}
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    source = parse(text.encode())
    lines = text.splitlines()

    assert source.value == value
    for pointer in pointers(value)[1:]:
        line, column = source.locate(pointer) or (0, 0)
        key = json.dumps(pointer[-1], ensure_ascii=False)
        # A member of a list stands where it begins, one of an object where its key does.
        begins = json.dumps(held(value, pointer), ensure_ascii=False, indent=indent).split('\n')[0]
        expected = begins if isinstance(held(value, pointer[:-1]), list) else f'{key}:'
        assert lines[line - 1][column - 1 :].startswith(expected)


def test_everything_is_found_in_yaml() -> None:
    source = parse(NOTES.encode())
    lines = NOTES.splitlines()

    for pointer in pointers(source.value)[1:]:
        line, column = source.locate(pointer) or (0, 0)
        at = lines[line - 1][column - 1 :]
        assert pointer[-1].isdecimal() or at.lstrip("'").startswith(pointer[-1])


def test_place_of_what_is_not_there_is_what_would_hold_it() -> None:
    source = parse(NOTES.encode())

    assert source.locate(('info', 'contact', 'email')) == source.locate(('info',))
    assert source.locate(('servers', '7')) == source.locate(('servers',))


def test_alias_stands_where_it_is_written_and_what_it_holds_at_the_anchor() -> None:
    source = parse(b'a: &a\n  b: 1\nc: *a\nd:\n  <<: *a\n')

    assert source.value == {'a': {'b': 1}, 'c': {'b': 1}, 'd': {'b': 1}}
    assert [source.locate(p) for p in (('c',), ('c', 'b'), ('d', 'b'))] == [(3, 1), (2, 3), (2, 3)]


def test_huge_text_is_refused_unread() -> None:
    with pytest.raises(Unreadable, match='more than 2,000,000 bytes'):
        parse(b'a: [' + b'[], ' * 500_000 + b']')


SERVER = '  - url: https://API.example.com/dev\n'
IGNORE = '# gpt-action-lint: ignore server-case'


@pytest.mark.parametrize(
    ('lines', 'rules'),
    [
        (SERVER, ['server-case']),
        (f'  - url: https://API.example.com/dev  {IGNORE}\n', []),
        (f'  - url: https://API.example.com/dev  {IGNORE}, server-url\n', []),
        (f'  {IGNORE}\n{SERVER}', []),
        (f'  #gpt-action-lint:ignore server-case\n{SERVER}', []),
        (f'{SERVER}# gpt-action-lint: ignore-file server-case,server-url\n', []),
        (f'{SERVER}{IGNORE}\n', ['server-case']),
        (f'  {IGNORE}\n\n{SERVER}', ['server-case']),
        (f'  {IGNORE.replace("case", "url")}\n{SERVER}', ['server-case']),
        (f'  {IGNORE.replace("case", "cases")}\n{SERVER}', ['ignore-unknown', 'server-case']),
    ],
)
def test_comments_ignore_rules(lines: str, rules: list[str]) -> None:
    text = NOTES.replace('  - url: https://api.example.com/dev\n', lines)

    assert sorted(finding.rule for finding in lint_text(text.encode())) == rules


def test_json_ignores_rules_by_a_member() -> None:
    value = yaml.safe_load(NOTES.replace('//api', '//API'))
    value['servers'][0]['x-gpt-action-lint-ignore'] = ['server-case']
    value['info'] = {'x-gpt-action-lint-ignore': ['server-case'], 'title': 'T', 'version': '1'}

    assert [finding.rule for finding in lint_text(json.dumps(value).encode())] == [
        'info-description'
    ]
