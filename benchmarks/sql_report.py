"""What the measurements of SQL say: tables, and whether the goal for memory is met."""

import statistics
from collections.abc import Iterator, Mapping

from benchmarks.report import Ratio, table
from benchmarks.sql import FEW_ROWS, Costs, Limit
from benchmarks.sql_calls import Moved
from benchmarks.zips import BYTE_COPY, COOKBOOK, THIS_APP

MAX_GROWTH_MB = 30
MAX_FIRST_CALL = 1.5

Measured = Mapping[str, list[Costs]]


def growth_mb(costs: Costs, rows: int) -> float:
    """Return by how much the peak of memory had grown after so many rows."""
    return costs.moved[rows].peak_mb - costs.moved[FEW_ROWS].peak_mb


def throughput(measured: Measured, rows: int) -> Ratio:
    """Compare the bytes that this app moves in a second with the byte copy's."""
    return Ratio.of(
        *(
            [_bytes_per_second(costs.moved[rows]) for costs in measured[name]]
            for name in (THIS_APP, BYTE_COPY)
        )
    )


def as_markdown(measured: Measured, limits: Mapping[str, Limit]) -> str:
    """Return the tables of first calls and memory, of throughput, of limits, and of goals."""
    row_counts = _row_counts(measured)
    tables = [
        [['', 'first call', 'compiled', 'peak', *map(_growth_title, row_counts)]]
        + [[name, *_cells(measured, name, row_counts)] for name in measured if name != BYTE_COPY],
        [['rows', 'what arrives', 'this app', 'byte copy', 'throughput']]
        + [list(_transfer(measured, rows)) for rows in row_counts],
        [["the cookbook's answer reaches", 'at', 'of CSV']]
        + [
            [title, f'{limit.rows:,} rows', f'{limit.size_bytes / 1000:,.0f} kB']
            for title, limit in limits.items()
        ],
        [['goal for this app', 'measured', 'met']]
        + [_first_call_verdict(measured)]
        + [_verdict(measured, rows) for rows in row_counts],
    ]
    return '\n\n'.join(map(table, tables)) + '\n'


def as_json(measured: Measured, limits: Mapping[str, Limit]) -> dict[str, object]:
    """Return every single measurement, the limits, and the ratios of throughput."""
    return {
        'rounds': {
            name: [
                costs._asdict()
                | {'moved': {rows: moved._asdict() for rows, moved in costs.moved.items()}}
                for costs in rounds
            ]
            for name, rounds in measured.items()
        },
        'limits': {title: limit._asdict() for title, limit in limits.items()},
        'throughput': {
            rows: throughput(measured, rows)._asdict() for rows in _row_counts(measured)
        },
    }


def _row_counts(measured: Measured) -> list[int]:
    return [rows for rows in measured[THIS_APP][0].moved if rows > FEW_ROWS]


def _growth_title(rows: int) -> str:
    return f'more at {rows:,} rows'


def _cells(measured: Measured, name: str, row_counts: list[int]) -> Iterator[str]:
    rounds, references = measured[name], measured[COOKBOOK]
    for field in ('cold', 'compiled'):
        times, others = ([getattr(c, field) for c in costs] for costs in (rounds, references))
        ratio = '' if name == COOKBOOK else f', {Ratio.of(times, others)}'
        yield f'{statistics.median(times):.0f} ms{ratio}'
    yield f'{max(costs.peak_mb for costs in rounds):.0f} MB'
    for rows in row_counts:
        measured_here = rows in rounds[0].moved
        yield f'{_most_growth(rounds, rows):.1f} MB' if measured_here else 'not measured'


def _transfer(measured: Measured, rows: int) -> Iterator[str]:
    moved = measured[THIS_APP][0].moved[rows]
    yield f'{rows:,}'
    yield f'{moved.size_bytes / 1e6:.1f} MB in {moved.files} files'
    for name in (THIS_APP, BYTE_COPY):
        yield f'{statistics.median(costs.moved[rows].seconds for costs in measured[name]):.3g} s'
    yield str(throughput(measured, rows))


def _first_call_verdict(measured: Measured) -> list[str]:
    found = Ratio.of(*([costs.cold for costs in measured[name]] for name in (THIS_APP, COOKBOOK)))
    title = f"first call: at most {MAX_FIRST_CALL} x the cookbook's"
    return [title, str(found), 'yes' if found.median <= MAX_FIRST_CALL else 'no']


def _verdict(measured: Measured, rows: int) -> list[str]:
    found = _most_growth(measured[THIS_APP], rows)
    title = f'memory from {FEW_ROWS:,} to {rows:,} rows: at most {MAX_GROWTH_MB} MB more'
    return [title, f'{found:.1f} MB', 'yes' if found <= MAX_GROWTH_MB else 'no']


def _most_growth(rounds: list[Costs], rows: int) -> float:
    return max(growth_mb(costs, rows) for costs in rounds)


def _bytes_per_second(moved: Moved) -> float:
    return moved.size_bytes / moved.seconds
