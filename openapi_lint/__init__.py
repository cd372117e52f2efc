"""The rules by which ChatGPT takes an OpenAPI document for its Actions, and a check of each.

ChatGPT refuses what breaks some of them and silently drops what breaks others. It says so
only in its editor and one message at a time; here all findings come at once, each with its place
and remedy. docs/openapi.md has the evidence for each rule.

To add a rule, write its function into the module of what it is about, a row into docs/openapi.md
and one into the test.
"""

from dataclasses import dataclass

from openapi_lint import api, operations, schemas  # noqa: F401 - they fill the table of rules
from openapi_lint.api import is_loopback, may_sign_in_at
from openapi_lint.document import Document
from openapi_lint.reading import Unreadable, parse
from openapi_lint.rule import RULES, Rule, Severity

__all__ = ['RULES', 'Finding', 'Rule', 'is_loopback', 'lint', 'lint_text', 'may_sign_in_at']


@dataclass(frozen=True)
class Finding:
    """What one rule has against one place of a document.

    An ``error`` is refused or dropped by ChatGPT; a ``warning`` is taken, but known to work badly
    or not known to work.
    """

    rule: str
    severity: Severity
    place: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        text = f'{self.severity}: {self.place[:300]}: {self.problem[:300]}. {self.remedy}'
        # It quotes the document, which is not to reach a terminal's escape codes.
        return ''.join(c if c.isprintable() else '?' for c in text) + f' [{self.rule}]'


def lint(
    document: object, *, authorization_url: str | None = None, token_url: str | None = None
) -> list[Finding]:
    """Return every finding against an OpenAPI document, whatever value it is.

    The URLs are those that the Action's OAuth settings will hold; without them those that the
    document itself declares are looked at.
    """
    try:
        read = Document(document, authorization_url, token_url)
    except Unreadable as error:
        return [_unreadable(error)]
    findings = [
        Finding(rule.name, rule.severity, node.place, problem, rule.remedy)
        for rule in RULES
        for node, problem in rule.check(read)
    ]
    return list(dict.fromkeys(findings))


def lint_text(
    text: bytes, *, authorization_url: str | None = None, token_url: str | None = None
) -> list[Finding]:
    """Return every finding against an OpenAPI document in YAML or JSON."""
    try:
        document = parse(text)
    except Unreadable as error:
        return [_unreadable(error)]
    return lint(document, authorization_url=authorization_url, token_url=token_url)


def _unreadable(error: Unreadable) -> Finding:
    remedy = 'Give an OpenAPI document as YAML or JSON, in UTF-8.'
    return Finding('unreadable', 'error', '#', f'it cannot be read: {error}', remedy)
