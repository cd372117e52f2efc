"""What the measurements say: ratios, and whether the goals are met."""

import statistics
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from benchmarks.measure import Times
from benchmarks.zips import BARE, EMPTY_CHALICE, THIS_APP

Measured = Mapping[str, list[Times]]


class Measure(NamedTuple):
    """What is measured, and with which contender every other is compared."""

    title: str
    reference: str


class Goal(NamedTuple):
    """The most that this app may take, in times of another contender."""

    field: str
    reference: str
    most: float


MEASURES = {
    'cold': Measure('cold', BARE),
    'compiled': Measure('cold, compiled', BARE),
    'warm': Measure('warm', BARE),
    'in_process': Measure('in process', EMPTY_CHALICE),
}
GOALS = (
    Goal('cold', BARE, 1.5),
    Goal('cold', EMPTY_CHALICE, 1),
    Goal('warm', BARE, 1.25),
    Goal('in_process', EMPTY_CHALICE, 2),
)


class Ratio(NamedTuple):
    """How many times as long as the reference, round by round."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, times: Iterable[float], references: Iterable[float]) -> 'Ratio':
        """Compare each time with the reference's of the same round, where both met one noise."""
        ratios = [one / reference for one, reference in zip(times, references, strict=True)]
        return cls(statistics.median(ratios), min(ratios), max(ratios))

    def __str__(self) -> str:
        return f'{self.median:.2f} x ({self.lowest:.2f}-{self.highest:.2f})'


def ratio(measured: Measured, field: str, name: str, reference: str) -> Ratio:
    """Compare a contender with another."""
    return Ratio.of(*([getattr(t, field) for t in measured[n]] for n in (name, reference)))


def as_markdown(measured: Measured) -> str:
    """Return the tables of figures and goals."""
    figures = [
        ['', *(measure.title for measure in MEASURES.values())],
        *([name, *(_cell(measured, field, name) for field in MEASURES)] for name in measured),
    ]
    goals = [
        ['goal for this app', 'measured', 'met'],
        *(_verdict(measured, goal) for goal in GOALS),
    ]
    return f'{table(figures)}\n\n{table(goals)}\n'


def as_json(measured: Measured) -> dict[str, object]:
    """Return every time in milliseconds, and each goal with this app's ratio."""
    return {
        'rounds': {
            name: [times._asdict() for times in rounds] for name, rounds in measured.items()
        },
        'goals': [
            goal._asdict() | ratio(measured, goal.field, THIS_APP, goal.reference)._asdict()
            for goal in GOALS
        ],
    }


def _cell(measured: Measured, field: str, name: str) -> str:
    median = statistics.median(getattr(times, field) for times in measured[name])
    time = f'{median:,.0f} ms' if median >= 100 else f'{median:.3g} ms'
    reference = MEASURES[field].reference
    return time if name == reference else f'{time}, {ratio(measured, field, name, reference)}'


def _verdict(measured: Measured, goal: Goal) -> list[str]:
    found = ratio(measured, goal.field, THIS_APP, goal.reference)
    met = 'yes' if found.median <= goal.most else 'no'
    title = f'{MEASURES[goal.field].title}: at most {goal.most} x {goal.reference}'
    return [title, str(found), met]


def table(rows: list[list[str]]) -> str:
    """Return rows of cells as a table in Markdown; the first row is the header."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = ['-' * width for width in widths]
    return '\n'.join(
        f'| {" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |'
        for row in [rows[0], rule, *rows[1:]]
    )
