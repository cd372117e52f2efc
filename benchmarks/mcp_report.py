"""What the measurements of MCP calls say: tables, and whether the goal for a first call is met."""

import statistics
from collections.abc import Mapping

from benchmarks.mcp_calls import Measured, Times
from benchmarks.report import Ratio, table
from benchmarks.zips import THIS_APP

GOAL = 0.5
_TITLES = {'cold': 'cold', 'compiled': 'cold, compiled', 'warm': 'warm'}


def to_best(rounds_of: Mapping[str, list[Times]], field: str) -> Ratio:
    """Compare this app with whichever of the others was the fastest in the same round."""
    mine, *others = (
        [getattr(times, field) for times in rounds_of[name]]
        for name in sorted(rounds_of, key=lambda name: name != THIS_APP)
    )
    return Ratio.of(mine, map(min, zip(*others, strict=True)))


def as_markdown(measured: Measured) -> str:
    """Return a table of figures for each method, and one of goals."""
    figures = [
        table(
            [[method, *_TITLES.values()]]
            + [[name, *(_cell(rounds_of, name, field) for field in _TITLES)] for name in rounds_of]
        )
        for method, rounds_of in measured.items()
    ]
    goals = [
        ['goal for this app', 'measured', 'met'],
        *(_verdict(method, rounds_of) for method, rounds_of in measured.items()),
    ]
    return '\n\n'.join([*figures, table(goals)]) + '\n'


def as_json(measured: Measured) -> dict[str, object]:
    """Return every time in milliseconds, and this app's ratios to the fastest of the others."""
    return {
        method: {
            'rounds': {
                name: [times._asdict() for times in rounds] for name, rounds in rounds_of.items()
            },
            'to_best': {field: to_best(rounds_of, field)._asdict() for field in _TITLES},
        }
        for method, rounds_of in measured.items()
    }


def _cell(rounds_of: Mapping[str, list[Times]], name: str, field: str) -> str:
    times, mine = ([getattr(t, field) for t in rounds_of[n]] for n in (name, THIS_APP))
    median = statistics.median(times)
    shown = f'{median:,.0f} ms' if median >= 100 else f'{median:.3g} ms'
    return shown if name == THIS_APP else f'{shown}, {Ratio.of(times, mine)}'


def _verdict(method: str, rounds_of: Mapping[str, list[Times]]) -> list[str]:
    found = to_best(rounds_of, 'cold')
    title = f'{method}, cold: at most {GOAL} x the best of the others'
    return [title, str(found), 'yes' if found.median <= GOAL else 'no']
