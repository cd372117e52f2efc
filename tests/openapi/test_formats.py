"""Findings as programs, CI servers and editors take them."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from openapi_lint import RULES, Finding, lint_text
from openapi_lint.findings.report import Report
from openapi_lint.findings.rule import Severity
from openapi_lint.formats import FORMATS, as_github, as_json, as_junit, as_sarif, as_text
from openapi_lint.formats.rule_pages import END, START, pages, table, with_tables
from tests.openapi.notes import NOTES
from tests.support import openapi_tools

ROOT = Path(__file__).parent.parent.parent
HOSTILE = '\x1b[31m\x00%0A::error::\r\n,:<&"\ud800'
TEXTS = {'apis/notes.yaml': NOTES.replace('//api', '//API').replace('Keeps notes.', "''")}


def report_of(texts: dict[str, str], fail_on: Severity = 'error') -> Report:
    """Return what the linter finds in some documents."""
    as_bytes = {name: text.encode(errors='replace') for name, text in texts.items()}
    findings = [each for name, text in as_bytes.items() for each in lint_text(text, file=name)]
    return Report(as_bytes, findings, [], fail_on)


REPORT = report_of(TEXTS | {'clean.yaml': NOTES})
NOTHING = report_of({'clean.yaml': NOTES})
# What a document may make the linter say.
EVIL = Report(
    {HOSTILE: b''},
    [Finding('path-key', 'error', HOSTILE, HOSTILE, 'Go.', HOSTILE, 3, 7), *REPORT.findings],
    [],
)


def test_json_is_a_list_of_objects() -> None:
    assert json.loads(as_json.write(REPORT))[1] == {
        'file': 'apis/notes.yaml',
        'line': 7,
        'column': 5,
        'rule': 'server-case',
        'severity': 'error',
        'place': '#/servers/0/url',
        'problem': '`https://API.example.com` has capitals, so it is ignored',
        'remedy': 'Write them in small letters.',
        'page': 'docs/openapi_rules.md#server-case',
    }
    assert json.loads(as_json.write(NOTHING)) == []


def test_github_annotates_the_line() -> None:
    assert as_github.write(REPORT).splitlines()[1] == (
        '::error file=apis/notes.yaml,line=7,col=5,title=OpenAPI%3A server-case::'
        '#/servers/0/url: `https://API.example.com` has capitals, so it is ignored. '
        'Write them in small letters.'
    )
    assert as_github.write(NOTHING) == ''


def test_github_command_holds_what_a_document_says() -> None:
    first = as_github.write(EVIL).splitlines()[0]
    command, properties, data = re.fullmatch(r'::(\w+) (.*?)::(.*)', first).groups()  # type: ignore[union-attr]
    values = dict(each.split('=', 1) for each in properties.split(','))

    assert command == 'error'
    assert set(values) == {'file', 'line', 'col', 'title'}
    assert unquote(values['file']).startswith('?[31m?%0A::error::??,:<&')
    assert '%250A' in data


def test_github_names_no_file_for_standard_input() -> None:
    report = report_of({'<stdin>': NOTES.replace('//api', '//API')})

    assert as_github.write(report).startswith('::error line=7,')


def test_sarif_is_valid() -> None:
    schema = openapi_tools.sarif_schema()

    for report in (REPORT, NOTHING, EVIL, report_of({'<stdin>': 'a: b: c', '/a b/é.yaml': '{'})):
        log = json.loads(as_sarif.write(report))
        jsonschema.Draft4Validator(schema).validate(log)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(schema).validate(log | {'version': '1'})


def test_sarif_has_the_place_the_rule_and_its_page() -> None:
    (run,) = json.loads(as_sarif.write(REPORT))['runs']
    result = run['results'][1]
    rule = run['tool']['driver']['rules'][result['ruleIndex']]

    assert (result['ruleId'], rule['id'], result['level']) == (
        'server-case',
        'server-case',
        'error',
    )
    assert result['locations'][0]['physicalLocation'] == {
        'artifactLocation': {'uri': 'apis/notes.yaml', 'uriBaseId': '%SRCROOT%'},
        'region': {'startLine': 7, 'startColumn': 5},
    }
    assert 'is not under the root origin' in rule['help']['markdown']
    assert rule['defaultConfiguration'] == {'level': 'error'}


def test_sarif_knows_a_finding_again_after_lines_have_moved() -> None:
    moved = report_of({'apis/notes.yaml': '# A line.\n' + TEXTS['apis/notes.yaml']})

    assert fingerprints(moved) == fingerprints(REPORT)
    assert len(set(fingerprints(REPORT))) == 2


def fingerprints(report: Report) -> list[Any]:
    """Return by what SARIF tells findings apart."""
    (run,) = json.loads(as_sarif.write(report))['runs']
    return [result['partialFingerprints']['place/v1'] for result in run['results']]


def test_junit_has_a_suite_for_each_document() -> None:
    root = ET.fromstring(as_junit.write(REPORT).encode())
    suites = {suite.get('name'): suite for suite in root}

    assert {name: (s.get('tests'), s.get('failures')) for name, s in suites.items()} == {
        'apis/notes.yaml': ('2', '1'),
        'clean.yaml': ('1', '0'),
    }
    (failure,) = root.iter('failure')
    assert failure.text
    assert failure.text.startswith('apis/notes.yaml:7:5: error: #/servers/0/url: ')
    assert [case.get('name') for case in suites['apis/notes.yaml']] == [
        'info-description 4:3',
        'server-case 7:5',
    ]


def test_junit_fails_a_warning_where_warnings_fail() -> None:
    root = ET.fromstring(as_junit.write(report_of(TEXTS, 'warning')))

    assert [failure.get('type') for failure in root.iter('failure')] == ['warning', 'error']


@pytest.mark.parametrize('name', [*FORMATS, 'text'])
def test_no_format_lets_a_document_reach_the_terminal(name: str) -> None:
    write = as_text.write if name == 'text' else FORMATS[name]
    text = write(EVIL)

    assert '\x1b' not in text
    text.encode()
    if name == 'junit':
        ET.fromstring(text.encode())
    if name in ('json', 'sarif'):
        json.loads(text)


def test_documentation_has_every_rule() -> None:
    index, page = (
        (ROOT / 'docs' / name).read_text() for name in ('openapi.md', 'openapi_rules.md')
    )

    assert with_tables(index) == index
    assert START in index
    assert END in index
    assert page == pages(), 'python -m openapi_lint.write_pages docs'
    assert all(f'| [`{rule.name}`]' in index for rule in RULES)
    assert table('tools').count('\n') == 2 + sum('tools' in rule.profiles for rule in RULES)


def test_every_rule_says_what_it_stands_on() -> None:
    kinds = {rule.name: rule.evidence.kind for rule in RULES}

    assert all(rule.evidence.says for rule in RULES)
    assert [
        kinds[name] for name in ('reference-circular', 'parameter-location', 'operation-count')
    ] == (['published'] * 3)
