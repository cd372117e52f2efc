"""Findings as JSON, for programs."""

import json
from typing import Any

from openapi_lint.findings.finding import Finding
from openapi_lint.findings.report import Report
from openapi_lint.findings.rule import PAGES


def write(report: Report) -> str:
    """Return the findings as a list of objects."""
    return json.dumps([members(each) for each in report.findings], indent=2) + '\n'


def members(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON has it."""
    return {
        'file': finding.file,
        'line': finding.line,
        'column': finding.column,
        'rule': finding.rule,
        'severity': finding.severity,
        'place': finding.place,
        'problem': finding.problem,
        'remedy': finding.remedy,
        'page': f'{PAGES}#{finding.rule}',
    }
