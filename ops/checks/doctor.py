"""`ops doctor`: what is live of a stage, one line a check, with the remedy for what is not well."""

import json
import sys
from collections import Counter
from dataclasses import asdict, replace

import click

from ops.checks import CHECKS, Check, Facts, Finding, Level, ask
from ops.stage import options
from ops.stage.stage import Stage
from ops.terminal import is_plain

# In the order of badness: the mark, the one where the encoding has none, and its colour.
_MARKS: dict[Level, tuple[str, str, str | None]] = {
    'not applicable': ('–', '-', None),  # noqa: RUF001
    'ok': ('✓', '+', 'green'),
    'warning': ('!', '!', 'yellow'),
    'error': ('✗', 'x', 'red'),
}
_NAME_WIDTH = max(len(check.name) for check in CHECKS)


@click.command(epilog='Example: python -m ops doctor --stage local')
@options.stage
@options.client
@options.url
@click.option('--json', 'as_json', is_flag=True, help='Print all findings as JSON.')
def doctor(stage: Stage, wanted: str | None, url: str | None, *, as_json: bool) -> None:
    """Check what is live of a stage, from outside and through the AWS APIs.

    Nothing is changed. The exit status is 1 if a check finds an error; warnings leave it at 0.
    """
    facts = Facts(replace(stage, url=url), wanted)
    found = [_ask(check, facts, silently=as_json) for check in CHECKS]
    if as_json:
        click.echo(json.dumps([asdict(finding) for each in found for finding in each], indent=2))
    counted = Counter(_worst(each) for each in found)
    summary = ', '.join(_count(counted[level], level) for level in reversed(_MARKS))
    if counted['error']:
        raise click.ClickException(f'{len(CHECKS)} checks: {summary}.')
    click.echo(f'{len(CHECKS)} checks: {summary}.', err=as_json)


def _worst(findings: list[Finding]) -> Level:
    levels = {finding.level for finding in findings}
    return next(level for level in reversed(_MARKS) if level in levels)


def _count(number: int, level: Level) -> str:
    is_noun = level in ('warning', 'error') and number != 1
    return f'{number} {level}s' if is_noun else f'{number} {level}'


def _ask(check: Check, facts: Facts, *, silently: bool) -> list[Finding]:
    if silently:
        return ask(check, facts)
    if check is next(c for c in CHECKS if c.subject == check.subject):
        click.secho(check.subject, bold=True)
    if not is_plain():
        click.echo(f'    {check.name} ...', nl=False)
    findings = ask(check, facts)
    if not is_plain():
        click.echo('\r\x1b[K', nl=False)
    for finding in findings:
        _print(finding)
    return findings


def _print(finding: Finding) -> None:
    mark, plain, colour = _MARKS[finding.level]
    mark = _encodable(mark, plain)
    click.echo(
        f'  {click.style(mark, fg=colour)} {finding.check:<{_NAME_WIDTH}}  '
        f'{_encodable(finding.found)}'
    )
    if finding.remedy:
        click.echo(f'    {"":<{_NAME_WIDTH}}  {_encodable(finding.remedy)}')


def _encodable(text: str, instead: str = '') -> str:
    """Return text with a substitute for each character that standard output can't encode."""
    encoding = sys.stdout.encoding or 'ascii'
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return instead or text.encode(encoding, 'backslashreplace').decode(encoding)
    return text
