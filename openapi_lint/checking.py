"""A document held against the rules of a profile."""

from collections.abc import Iterator
from dataclasses import replace

from openapi_lint.findings.finding import Finding, in_order
from openapi_lint.findings.rule import ACTIONS, Profile, Rule
from openapi_lint.ignores import ignored_by
from openapi_lint.rules import RULES, UNREADABLE
from openapi_lint.rules.document_kind import FOREIGN
from openapi_lint.text.document import Document
from openapi_lint.text.parsing import parse
from openapi_lint.text.source import Unreadable


def lint(
    document: object,
    *,
    authorization_url: str | None = None,
    token_url: str | None = None,
    profile: Profile = ACTIONS,
) -> list[Finding]:
    """Return every finding against an OpenAPI document, whatever value it is.

    The URLs are those that the Action's OAuth settings will hold; without them those that the
    document itself declares are looked at.
    """
    try:
        read = Document(document, authorization_url, token_url)
    except Unreadable as error:
        return [_unreadable(error)]
    found = list(_findings(read, [rule for rule in RULES if profile in rule.profiles]))
    return list(dict.fromkeys(found))


def lint_text(
    text: bytes,
    *,
    file: str = '',
    authorization_url: str | None = None,
    token_url: str | None = None,
    profile: Profile = ACTIONS,
) -> list[Finding]:
    """Return every finding against an OpenAPI document in YAML or JSON, by its lines.

    What a comment of the document says to ignore is left out. ``file`` is what findings call it;
    one that ends in ``.json`` has to be JSON.
    """
    try:
        source = parse(text, file)
    except Unreadable as error:
        return [replace(_unreadable(error), file=file)]
    found = lint(source, authorization_url=authorization_url, token_url=token_url, profile=profile)
    return [replace(finding, file=file) for finding in in_order(ignored_by(source, found))]


def _findings(document: Document, rules: list[Rule]) -> Iterator[Finding]:
    for rule in rules:
        any_found = False
        for node, problem, *severity in rule.check(document):
            any_found = True
            found = Finding(
                rule=rule.name,
                severity=severity[0] if severity else rule.severity,
                place=node.place,
                problem=problem,
                remedy=rule.remedy,
                pointer=node.pointer,
            )
            yield found.at(document.source.locate(node.pointer))
        # Of what is no OpenAPI document, the other rules would only say that it is none.
        if any_found and rule.name == FOREIGN:
            return


def _unreadable(error: Unreadable) -> Finding:
    remedy = error.remedy or UNREADABLE.remedy
    found = Finding(UNREADABLE.name, 'error', '#', f'it cannot be read: {error}', remedy)
    return found.at(error.position)
