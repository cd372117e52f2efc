"""Findings as workflow commands, with which GitHub Actions annotates the lines of a change."""

from openapi_lint.findings.finding import Finding, printable
from openapi_lint.findings.report import Report
from openapi_lint.text.files import STDIN


def write(report: Report) -> str:
    """Return one workflow command a finding."""
    return ''.join(f'{_command(finding)}\n' for finding in report.findings)


def _command(finding: Finding) -> str:
    where = {
        'file': '' if finding.file == STDIN else printable(finding.file),
        'line': finding.line,
        'col': finding.column,
        'title': f'OpenAPI: {finding.rule}',
    }
    told = ','.join(f'{key}={_property(str(value))}' for key, value in where.items() if value)
    return f'::{finding.severity} {told}::{_data(finding.text)}'


def _data(text: str) -> str:
    return text.replace('%', '%25').replace('\r', '%0D').replace('\n', '%0A')


def _property(text: str) -> str:
    return _data(text).replace(':', '%3A').replace(',', '%2C')
