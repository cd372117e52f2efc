"""What a document says of itself that is not to be found.

``# gpt-action-lint: ignore RULE`` counts for its own line or, alone on a line, for the next one;
``ignore-file`` for all. JSON has no comments: there, and in YAML too, ``x-gpt-action-lint-ignore``
names rules for the object that holds it and all below.
"""

import re

from openapi_lint.findings.finding import Finding
from openapi_lint.rules import RULES
from openapi_lint.text.source import Position, Source

KEY = 'x-gpt-action-lint-ignore'
_COMMENT = re.compile(
    r'(?P<before>.*?)#\s*gpt-action-lint:\s*ignore(?P<file>-file)?\s+(?P<rules>[\w, -]+)'
)


def ignored_by(source: Source, findings: list[Finding]) -> list[Finding]:
    """Return the findings that the document does not say to ignore, and names that are no rule."""
    comments = _comments(source.text)
    everywhere = {name for line, name in comments if not line}
    kept = [
        finding
        for finding in findings
        if finding.rule not in everywhere
        and (finding.line, finding.rule) not in comments
        and not _is_ignored_above(source.value, finding)
    ]
    known = {rule.name for rule in RULES}
    unknown = sorted((line, name) for line, name in comments if name not in known)
    return kept + [_unknown(line, name) for line, name in unknown]


def _comments(text: str) -> set[tuple[int, str]]:
    """Return the line and the rule of each comment, line 0 being the whole text."""
    if 'gpt-action-lint:' not in text:
        return set()
    found = set()
    for number, line in enumerate(text.splitlines(), 1):
        if comment := _COMMENT.match(line):
            is_alone = not comment['before'].strip()
            counts_for = 0 if comment['file'] else number + 1 if is_alone else number
            found |= {(counts_for, name) for name in re.findall(r'[\w-]+', comment['rules'])}
    return found


def _is_ignored_above(value: object, finding: Finding) -> bool:
    for key in (*finding.pointer, ''):
        if isinstance(value, dict):
            named = value.get(KEY)
            if isinstance(named, list | str) and finding.rule in named:
                return True
            value = value.get(key)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return False
    return False


def _unknown(line: int, name: str) -> Finding:
    found = Finding(
        rule='ignore-unknown',
        severity='warning',
        place='#',
        problem=f'a comment says to ignore `{name[:80]}`, which is no rule',
        remedy='Name a rule as findings do, in brackets at their end.',
    )
    return found.at(Position(max(line, 1), 1))
