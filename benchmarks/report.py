"""What the measurements say: ratios, and whether the goals are met."""

import statistics
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from benchmarks.measure import Times
from benchmarks.zips import BARE, EMPTY_CHALICE, THIS_APP

Measured = Mapping[str, list[Times]]


class Measure(NamedTuple):
    """What every contender is compared with, and the most of its time that this app may take."""

    title: str
    reference: str
    goal: float


MEASURES = {
    'cold': Measure('cold', BARE, 1.6),
    'compiled': Measure('cold, compiled', BARE, 1.6),
    'warm': Measure('warm', BARE, 1.25),
    'in_process': Measure('in process', EMPTY_CHALICE, 2),
}


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


def ratio(measured: Measured, field: str, name: str) -> Ratio:
    """Compare a contender with the reference of a measure."""
    reference = MEASURES[field].reference
    return Ratio.of(*([getattr(t, field) for t in measured[n]] for n in (name, reference)))


def as_markdown(measured: Measured) -> str:
    """Return the tables of figures and goals."""
    figures = [
        ['', *(measure.title for measure in MEASURES.values())],
        *([name, *(_cell(measured, field, name) for field in MEASURES)] for name in measured),
    ]
    goals = [
        ['goal for this app', 'measured', 'met'],
        *(_verdict(measured, field) for field in MEASURES),
    ]
    return f'{table(figures)}\n\n{table(goals)}\n'


def as_json(measured: Measured) -> dict[str, object]:
    """Return every time in milliseconds, and each goal with this app's ratio."""
    return {
        'rounds': {
            name: [times._asdict() for times in rounds] for name, rounds in measured.items()
        },
        'goals': {
            field: measure._asdict() | ratio(measured, field, THIS_APP)._asdict()
            for field, measure in MEASURES.items()
        },
    }


def _cell(measured: Measured, field: str, name: str) -> str:
    median = statistics.median(getattr(times, field) for times in measured[name])
    time = f'{median:,.0f} ms' if median >= 100 else f'{median:.3g} ms'
    is_reference = name == MEASURES[field].reference
    return time if is_reference else f'{time}, {ratio(measured, field, name)}'


def _verdict(measured: Measured, field: str) -> list[str]:
    title, reference, goal = MEASURES[field]
    found = ratio(measured, field, THIS_APP)
    met = 'yes' if found.median <= goal else 'no'
    return [f'{title}: at most {goal} x {reference}', str(found), met]


def table(rows: list[list[str]]) -> str:
    """Return rows of cells as a table in Markdown; the first row is the header."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = ['-' * width for width in widths]
    return '\n'.join(
        f'| {" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |'
        for row in [rows[0], rule, *rows[1:]]
    )
