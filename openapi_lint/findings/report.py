"""What a run found, before it is written in one format or another."""

from dataclasses import dataclass

from openapi_lint.findings.finding import Finding
from openapi_lint.findings.rule import Severity


@dataclass(frozen=True)
class Report:
    """The findings against some documents, and the texts that they are about.

    ``hidden`` are findings beyond what was asked to be shown: they count like the others.
    """

    texts: dict[str, bytes]
    findings: list[Finding]
    hidden: list[Finding]
    fail_on: Severity = 'error'

    @property
    def failed(self) -> bool:
        """Whether something was found that fails the run."""
        return any(self.fails(finding) for finding in (*self.findings, *self.hidden))

    def fails(self, finding: Finding) -> bool:
        """Return whether a finding is bad enough to fail the run."""
        return finding.severity == 'error' or self.fail_on == 'warning'

    def count(self, severity: Severity) -> int:
        """Return how many findings there are of a severity."""
        return sum(each.severity == severity for each in (*self.findings, *self.hidden))

    @property
    def summary(self) -> str:
        """The run in a sentence."""
        names = list(self.texts)
        subject = names[0] if len(names) == 1 else f'{len(names)} documents'
        counts = [
            _counted(self.count('error'), 'error'),
            _counted(self.count('warning'), 'warning'),
        ]
        found = ', '.join(each for each in counts if each) or 'no findings'
        more = f' ({len(self.hidden)} not shown)' if self.hidden else ''
        return f'{subject}: {found}{more}'


def _counted(count: int, noun: str) -> str:
    return f'{count} {noun}{"s" if count > 1 else ""}' if count else ''
