"""What a rule is, and the table of them."""

import json
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from openapi_lint.document import Document, Node

Severity = Literal['error', 'warning']
Problems = Iterator[tuple[Node, str]]
Check = Callable[[Document], Problems]


class Rule(NamedTuple):
    """A rule: its check yields every place that breaks it, and how.

    What breaks an ``error`` is refused or dropped by ChatGPT; what breaks a ``warning`` is taken,
    but known to work badly or not known to work.
    """

    name: str
    severity: Severity
    remedy: str
    check: Check


RULES: list[Rule] = []


def rule(name: str, severity: Severity, remedy: str) -> Callable[[Check], Check]:
    """Enter a check into the table, in which rules stand as they are written."""

    def enter(check: Check) -> Check:
        RULES.append(Rule(name, severity, remedy, check))
        return check

    return enter


def quote(value: object) -> str:
    """Return a value of the document as a problem may hold it, however long it is."""
    text = value if isinstance(value, str) else json.dumps(value)
    return f'`{text[:80]}`'
