"""Findings for people, on a terminal or not."""

from openapi_lint.findings.finding import Finding, printable
from openapi_lint.findings.report import Report

_COLOURS = {'error': '31', 'warning': '33'}
_FRAME_CHARACTERS = 160


def write(report: Report, *, frames: bool = False, colours: bool = False) -> str:
    """Return one line a finding, with the line of the document below it in a frame, and a summary.

    The lines begin as those of compilers do, which editors understand.
    """
    lines = {}
    if frames:
        lines = {
            name: text.decode('utf-8-sig', errors='replace').splitlines()
            for name, text in report.texts.items()
        }
    parts = [
        _line(finding, colours=colours)
        + _frame(finding, lines.get(finding.file, []), colours=colours)
        for finding in report.findings
    ]
    hint = ['gpt-action-lint --explain RULE says more of a rule.\n'] if frames and parts else []
    return ''.join([*parts, *hint, f'{printable(report.summary)}\n'])


def _line(finding: Finding, *, colours: bool) -> str:
    severity = _in_colour(finding.severity, _COLOURS[finding.severity], colours=colours)
    where = _in_colour(printable(finding.where), '1', colours=colours)
    return f'{where}: {severity}: {finding.text} [{finding.rule}]\n'


def _frame(finding: Finding, lines: list[str], *, colours: bool) -> str:
    if finding.line is None or finding.line > len(lines):
        return ''
    text, column = lines[finding.line - 1], finding.column or 1
    # Of a long line, the part that it is about.
    start = max(0, column - _FRAME_CHARACTERS // 2)
    shown = printable(text[start : start + _FRAME_CHARACTERS])
    if start:
        shown = f'…{shown[1:]}'
    number = str(finding.line)
    caret = _in_colour('^', _COLOURS[finding.severity], colours=colours)
    return (
        f'  {number} | {shown.rstrip()}\n'
        f'  {" " * len(number)} | {" " * (column - 1 - start)}{caret}\n'
    )


def _in_colour(text: str, code: str, *, colours: bool) -> str:
    return f'\x1b[{code}m{text}\x1b[0m' if colours else text
