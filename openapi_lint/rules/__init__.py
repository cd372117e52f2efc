"""The rules, in the order in which they are explained."""

from openapi_lint.findings.evidence import inferred
from openapi_lint.findings.rule import ENTERED, PROFILES, Rule
from openapi_lint.rules import (
    bodies,
    document_kind,
    info,
    openai_files,
    operations,
    parameters,
    paths,
    references,
    schemas,
    server,
    tool_names,
    tool_schemas,
)

# What can't be read is no document that a check could be asked about.
UNREADABLE = Rule(
    name='unreadable',
    severity='error',
    breaks=(
        'not UTF-8, neither JSON nor YAML, not an object, larger than 2,000,000 characters or '
        'deeper than 100 levels'
    ),
    remedy='Give an OpenAPI document as YAML or JSON, in UTF-8.',
    evidence=inferred('nothing can be made of it'),
    check=lambda document: iter(()),  # noqa: ARG005
    profiles=frozenset(PROFILES),
)
_MODULES = (
    document_kind,
    info,
    server,
    paths,
    operations,
    parameters,
    bodies,
    schemas,
    references,
    openai_files,
    tool_names,
    tool_schemas,
)
RULES: list[Rule] = [
    UNREADABLE,
    *(rule for module in _MODULES for rule in ENTERED if rule.check.__module__ == module.__name__),
]
