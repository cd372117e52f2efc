"""What a rule has against a place of a document."""

from dataclasses import dataclass, field, replace

from openapi_lint.findings.rule import Severity
from openapi_lint.text.source import Pointer, Position


@dataclass(frozen=True)
class Finding:
    """What one rule has against one place of a document.

    An ``error`` is refused or dropped by ChatGPT; a ``warning`` is taken, but known to work badly
    or not known to work. ``file``, ``line`` and ``column`` are there if the document was a text.
    """

    rule: str
    severity: Severity
    place: str
    problem: str
    remedy: str
    file: str = field(default='', compare=False)
    line: int | None = field(default=None, compare=False)
    column: int | None = field(default=None, compare=False)
    pointer: Pointer = field(default=(), compare=False)

    @property
    def where(self) -> str:
        """The file, line and column, as far as they are known, as editors understand it."""
        return ':'.join(str(each) for each in (self.file, self.line, self.column) if each)

    @property
    def text(self) -> str:
        """What is wrong and what to do, on one line of plain text."""
        return printable(f'{self.place[:300]}: {self.problem[:300]}. {self.remedy}')

    def at(self, position: Position | None) -> 'Finding':
        """Return the finding with its place in the text."""
        line, column = position or (None, None)
        return replace(self, line=line, column=column)

    def __str__(self) -> str:
        where = f'{printable(self.where)}: ' if self.file else ''
        return f'{where}{self.severity}: {self.text} [{self.rule}]'


def printable(text: str) -> str:
    """Return a text that quotes a document, as it may reach a terminal."""
    # Escape codes are not to.
    return ''.join(c if c.isprintable() else ' ' if c == '\t' else '?' for c in text)


def in_order(findings: list[Finding]) -> list[Finding]:
    """Return the findings as they stand in the text."""
    return sorted(findings, key=lambda finding: (finding.line or 0, finding.column or 0))
