"""The table of the rules and a page of each, written from the rules themselves."""

from pathlib import Path

from openapi_lint.findings.rule import PAGES, PROFILES, Rule
from openapi_lint.rules import RULES

START, END = '<!-- rules: made by openapi_lint.write_pages -->', '<!-- end of rules -->'
_HEADING = """\
# The rules of the OpenAPI linter

Made from the rules themselves by `python -m openapi_lint.write_pages docs`;
`python -m openapi_lint --explain RULE` prints a part of it. [openapi.md](openapi.md) says how the
linter is used.

Each rule stands on evidence of one of three kinds:

- **documented**: a vendor's page or a standard says it
- **published**: the message that people quote, or what several of them saw happen
- **inferred**: it follows from other rules; nobody is known to have seen it
"""


def table(profile: str) -> str:
    """Return the rules of a profile as a table in Markdown."""
    rows = [
        f'| [`{rule.name}`]({Path(PAGES).name}#{rule.name}) '
        f'| {rule.severity}{", or warning" if rule.milder else ""} '
        f'| {_cell(rule.breaks)} | {rule.evidence.kind} | {"yes" if rule.fixable else ""} |'
        for rule in RULES
        if profile in rule.profiles
    ]
    heading = ['| rule | severity | breaks it | evidence | `--fix` |', '|---|---|---|---|---|']
    return '\n'.join([*heading, *rows]) + '\n'


def page(rule: Rule) -> str:
    """Return what there is to say of a rule, in Markdown."""
    sources = [f'- <{source}>' for source in rule.evidence.sources]
    milder = f' A warning: {rule.milder}.' if rule.milder else ''
    profiles = ', '.join(f'`{each}`' for each in PROFILES if each in rule.profiles)
    fix = '\n\n`--fix` does it.' if rule.fixable else ''
    return '\n'.join(
        [
            f'## {rule.name}',
            '',
            f'**{rule.severity}**: {rule.breaks}.{milder}',
            '',
            f'{rule.remedy}{fix}',
            '',
            f'Evidence, {rule.evidence.kind}: {rule.evidence.says}. Profiles: {profiles}.',
            *([''] if sources else []),
            *sources,
            '',
        ]
    )


def pages() -> str:
    """Return the pages of all rules as one document in Markdown."""
    return '\n'.join([_HEADING, *(page(rule) for rule in RULES)])


def with_tables(text: str) -> str:
    """Return a page with the tables of the rules where it marks their place."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    tables = '\n'.join(f'#### Profile `{profile}`\n\n{table(profile)}' for profile in PROFILES)
    return f'{before}{START}\n\n{tables}\n{END}{after}'


def _cell(text: str) -> str:
    return text.replace('|', r'\|')
