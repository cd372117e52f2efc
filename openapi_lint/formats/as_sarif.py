"""Findings as SARIF 2.1.0, which GitHub code scanning and editors take."""

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from openapi_lint.findings.finding import Finding
from openapi_lint.findings.report import Report
from openapi_lint.findings.rule import Rule
from openapi_lint.findings.version import NAME, VERSION
from openapi_lint.formats.rule_pages import page
from openapi_lint.rules import RULES
from openapi_lint.text.files import STDIN

SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json'


def write(report: Report) -> str:
    """Return a log of one run."""
    run = {
        'tool': {
            'driver': {
                'name': NAME,
                'semanticVersion': VERSION,
                'rules': [_rule(rule) for rule in RULES],
            }
        },
        'columnKind': 'unicodeCodePoints',
        'results': [_result(finding) for finding in report.findings],
    }
    return json.dumps({'$schema': SCHEMA, 'version': '2.1.0', 'runs': [run]}, indent=2) + '\n'


def _rule(rule: Rule) -> dict[str, Any]:
    text = page(rule)
    return {
        'id': rule.name,
        'shortDescription': {'text': rule.breaks},
        'help': {'text': text, 'markdown': text},
        'defaultConfiguration': {'level': rule.severity},
        'properties': {'tags': sorted(rule.profiles), 'evidence': rule.evidence.kind},
    }


def _result(finding: Finding) -> dict[str, Any]:
    names = [rule.name for rule in RULES]
    same = f'{finding.rule} {finding.place} {finding.problem}'
    return {
        'ruleId': finding.rule,
        'ruleIndex': names.index(finding.rule),
        'level': finding.severity,
        'message': {'text': finding.text},
        'locations': [
            {
                'physicalLocation': {
                    'artifactLocation': _artifact(finding),
                    'region': {'startLine': finding.line or 1, 'startColumn': finding.column or 1},
                },
                'logicalLocations': [{'fullyQualifiedName': finding.place}],
            }
        ],
        # By it a finding is known again after lines have moved.
        'partialFingerprints': {
            'place/v1': hashlib.sha256(same.encode(errors='replace')).hexdigest()
        },
    }


def _artifact(finding: Finding) -> dict[str, str]:
    if finding.file == STDIN:
        return {'uri': 'stdin'}
    path = Path(finding.file)
    uri = quote(path.as_posix(), errors='replace')
    return (
        {'uri': f'file://{uri}'} if path.is_absolute() else {'uri': uri, 'uriBaseId': '%SRCROOT%'}
    )
