"""The command line: what is checked, how it is told, and with what exit status."""

import argparse
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace

from openapi_lint.checking import lint_text
from openapi_lint.findings.finding import Finding, printable
from openapi_lint.findings.report import Report
from openapi_lint.findings.rule import ACTIONS, PROFILES
from openapi_lint.findings.version import NAME, VERSION
from openapi_lint.fixes import NotFixable, fixed
from openapi_lint.fixes.difference import difference, is_wanted
from openapi_lint.formats import FORMATS, as_text
from openapi_lint.formats.rule_pages import page
from openapi_lint.rules import RULES
from openapi_lint.text.files import STDIN, Given, NotGiven, read_all

FOUND, FAILED = 1, 2
_RULES = {rule.name: rule for rule in RULES}
_DESCRIPTION = (
    "Checks OpenAPI documents against what ChatGPT's action editor takes, or against what tools "
    'of language models are made of. The exit status is 0, 1 where something is found, and 2 '
    'where it cannot run.'
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    try:
        status = _run(_parser().parse_args(arguments))
        sys.stdout.flush()
    except NotGiven as error:
        sys.stderr.write(f'{NAME}: {printable(str(error))}\n')
        return FAILED
    except ModuleNotFoundError as error:
        sys.stderr.write(f'{NAME}: --fix needs a module that is not installed: {error.name}\n')
        return FAILED
    except BrokenPipeError:
        # Who reads the output has seen enough of it; Python is not to try once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FOUND
    except Exception:
        # Python's own status for it is that of a finding.
        traceback.print_exc()
        sys.stderr.write(f'{NAME}: this is a bug of the linter, not of the document\n')
        return FAILED
    return status


def _run(options: argparse.Namespace) -> int:
    if options.explain:
        sys.stdout.write(page(_RULES[options.explain]))
        return 0
    if not options.files:
        raise NotGiven('name the documents to check, or - for standard input')
    documents = list(read_all(options.files))
    if options.diff:
        mended = [(given, _mended(given, options)) for given in documents]
        changes = [difference(given, text) for given, text in mended if text is not None]
        sys.stdout.write(''.join(changes))
        return FOUND if any(changes) or len(changes) < len(mended) else 0
    if options.fix:
        documents = [_fix(given, options) for given in documents]
    findings = [finding for given in documents for finding in _check(given, options)]
    most = len(findings) if options.max_findings is None else options.max_findings
    texts = {given.name: given.text for given in documents}
    report = Report(texts, findings[:most], findings[most:], options.fail_on)
    _write(report, options)
    return FOUND if report.failed else 0


def _check(given: Given, options: argparse.Namespace) -> Iterator[Finding]:
    found = lint_text(
        given.text,
        file=given.name,
        authorization_url=options.authorization_url,
        token_url=options.token_url,
        profile=options.profile,
    )
    yield from (finding for finding in found if finding.rule not in options.ignore)


def _write(report: Report, options: argparse.Namespace) -> None:
    # What is mended of standard input is what comes out.
    out = sys.stderr if options.fix and STDIN in report.texts else sys.stdout
    if options.format == 'text':
        frames = out.isatty() if options.frames is None else options.frames
        colours = out.isatty() and not os.environ.get('NO_COLOR')
        out.write(as_text.write(report, frames=frames, colours=colours))
    else:
        out.write(FORMATS[options.format](report))
        sys.stderr.write(f'{printable(report.summary)}\n')


def _mended(given: Given, options: argparse.Namespace) -> bytes | None:
    rules = [rule.name for rule in RULES if rule.fixable and options.profile in rule.profiles]
    try:
        return fixed(given.text, [name for name in rules if name not in options.ignore])
    except NotFixable as error:
        name = printable(given.name)
        sys.stderr.write(f'{NAME}: {name} is left as it is: {printable(str(error))}\n')
        return None


def _fix(given: Given, options: argparse.Namespace) -> Given:
    """Show what is changed in a document, and then change it."""
    text = _mended(given, options)
    if text is None:
        return given
    change = difference(given, text)
    sys.stderr.write(change)
    if given.path is None:
        sys.stdout.write(text.decode('utf-8', errors='replace'))
    elif not change or not is_wanted(given, yes=options.yes):
        return given
    else:
        given.path.write_bytes(text)
    return replace(given, text=text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(NAME, description=_DESCRIPTION, allow_abbrev=False)
    add = parser.add_argument
    add('files', nargs='*', metavar='FILE', help='a file, a pattern, a folder or - for stdin')
    add('--profile', choices=PROFILES, default=ACTIONS, help='whose rules (default: %(default)s)')
    add('--format', choices=('text', *FORMATS), default='text', help='how findings are written')
    add(
        '--fail-on',
        choices=('error', 'warning'),
        default='error',
        help='from what on the exit status is 1 (default: %(default)s)',
    )
    add('--max-findings', type=_number, metavar='N', help='write at most so many')
    add(
        '--ignore',
        action='extend',
        type=_rule_names,
        default=[],
        metavar='RULE',
        help='leave a rule out; several with commas, or by saying it again',
    )
    add('--fix', action='store_true', help='mend what has one right answer, shown first')
    add('--diff', action='store_true', help='only show what --fix would change')
    add('--yes', action='store_true', help='let --fix write without asking on a terminal')
    add('--explain', choices=_RULES, metavar='RULE', help='say all about a rule, and stop')
    add(
        '--frames',
        action=argparse.BooleanOptionalAction,
        help='show the line of each finding (default: on a terminal)',
    )
    add('--authorization-url', metavar='URL', help="the Action's, to be checked too")
    add('--token-url', metavar='URL', help="the Action's, to be checked too")
    add('--version', action='version', version=f'{NAME} {VERSION}')
    return parser


def _rule_names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(',') if name.strip()]
    for name in names:
        if name not in _RULES:
            raise argparse.ArgumentTypeError(f'there is no rule {name}')
    return names


def _number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f'{text} is no number')
    return int(text)
