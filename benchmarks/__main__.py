"""`python -m benchmarks`: this app beside its peers, as ratios."""

import json
import platform
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import click
from rich.console import Console
from rich.progress import track

from benchmarks import (
    guard,
    imports,
    mcp_calls,
    mcp_report,
    measure,
    person,
    report,
    services,
    sql,
    sql_report,
)
from benchmarks.measure import WrongAnswer
from benchmarks.zips import (
    COOKBOOK,
    unpack_for_calls,
    unpack_for_mcp,
    unpack_for_sql,
    unpack_this_app,
)
from ops.packaging.lambda_runtime import RuntimeNotUsable, architecture

DOCUMENT = Path(__file__).parent.parent / 'docs' / 'benchmarks.md'
ROW_COUNTS = (1_000_000, 10_000_000)
END = '<!-- end of figures -->'


class Figures(NamedTuple):
    """What a section of the benchmarks has measured."""

    markdown: str
    json: dict[str, object]


def measure_calls(folder: Path, this_app: Path, runs: int) -> Figures:
    """Measure calls of postSuccess and its peers, cold and warm."""
    with TemporaryDirectory() as bytecode:
        zips = unpack_for_calls(folder, this_app)
        measured = measure.measure(zips, _rounds(runs), Path(bytecode))
    about = 'x is the ratio to the bare handler, with its range.'
    return Figures(
        f'{_circumstances(runs)} {about}\n\n{report.as_markdown(measured)}',
        report.as_json(measured),
    )


def measure_sql(folder: Path, this_app: Path, runs: int) -> Figures:
    """Measure how results of SQL statements become files."""
    with TemporaryDirectory() as bytecode, services.running(max(ROW_COUNTS)) as running:
        zips = unpack_for_sql(folder, this_app)
        measured = sql.measure(zips, running, ROW_COUNTS, _rounds(runs), Path(bytecode))
        limits = sql.limits_of_cookbook(zips[COOKBOOK], running)
    about = 'memory is the highest of them.'
    return Figures(
        f'{_circumstances(runs)} {about}\n\n{sql_report.as_markdown(measured, limits)}',
        sql_report.as_json(measured, limits),
    )


def measure_guard(_folder: Path, this_app: Path, runs: int) -> Figures:
    """Measure how long the guard takes to judge a statement."""
    times = guard.measure(this_app, runs)
    about = 'of each statement.'
    return Figures(f'{_circumstances(runs)} {about}\n\n{guard.as_markdown(times)}', dict(times))


def measure_person(_folder: Path, this_app: Path, runs: int) -> Figures:
    """Measure what a role for each person costs."""
    times = person.measure(this_app, runs)
    measured: dict[str, object] = {way: each._asdict() for way, each in times.items()}
    about = 'until a client is there.'
    return Figures(f'{_circumstances(runs)} {about}\n\n{person.as_markdown(times)}', measured)


def measure_mcp(_folder: Path, this_app: Path, runs: int) -> Figures:
    """Measure MCP calls that list the tools and call postSuccess, cold and warm."""
    with TemporaryDirectory() as bytecode:
        measured = mcp_calls.measure(unpack_for_mcp(this_app), _rounds(runs), Path(bytecode))
    about = 'x is the ratio to this app, with its range.'
    return Figures(
        f'{_circumstances(runs)} {about}\n\n{mcp_report.as_markdown(measured)}',
        mcp_report.as_json(measured),
    )


def measure_imports(_folder: Path, this_app: Path, runs: int) -> Figures:
    """Measure what a cold start imports."""
    measured = imports.measure(this_app, _rounds(runs))
    about = "each module's own time in milliseconds, without what it imports."
    return Figures(
        f'{_circumstances(runs, "the least")} {about}\n\n{imports.as_markdown(measured)}',
        imports.as_json(measured),
    )


# Each with the rounds that make it take about a minute.
SECTIONS: dict[str, tuple[Callable[[Path, Path, int], Figures], int]] = {
    'calls': (measure_calls, 15),
    'imports': (measure_imports, 40),
    'sql': (measure_sql, 3),
    'guard': (measure_guard, 5),
    'person': (measure_person, 9),
    'mcp': (measure_mcp, 10),
}


@click.command(context_settings={'help_option_names': ['-h', '--help']})
@click.option('--only', type=click.Choice(list(SECTIONS)), help='Instead of all that there is.')
@click.option(
    '--runs',
    metavar='N',
    type=click.IntRange(min=1),
    help='Rounds of each section instead of '
    + ', '.join(f'{runs} for {name}' for name, (_, runs) in SECTIONS.items())
    + '.',
)
@click.option('--json', 'json_wanted', is_flag=True, help='Print every measurement as JSON.')
@click.option('--write', is_flag=True, help='Put the figures into docs/benchmarks.md as well.')
def main(only: str | None, runs: int | None, json_wanted: bool, write: bool) -> None:
    """Measure this app and its peers under AWS's own runtime.

    First calls that do nothing: a bare handler, an empty Chalice app, Powertools and FastAPI, and
    what a cold start imports. Then SQL results of up to ten million rows: the cookbook's way and a
    plain copy of the bytes; then the guard of SQL, by itself. Then MCP: the official SDK's server
    and AWS Labs' handler. A goal that is missed is reported; the command ends well all the same.
    """
    wanted = [only] if only else list(SECTIONS)
    try:
        architecture()
        figures = _measure(wanted, runs)
    except (RuntimeNotUsable, WrongAnswer, services.StatementFailed) as error:
        raise click.ClickException(str(error)) from error
    if write:
        for name, found in figures.items():
            write_figures(DOCUMENT, name, found.markdown)
    if json_wanted:
        click.echo(json.dumps({name: found.json for name, found in figures.items()}, indent=2))
    else:
        click.echo('\n'.join(found.markdown for found in figures.values()))


def write_figures(document: Path, name: str, figures: str) -> None:
    """Put the figures of a section in the place that a document has for them."""
    before, begin, rest = document.read_text().partition(f'<!-- figures: {name} -->\n')
    _, end, after = rest.partition(END)
    document.write_text(f'{before}{begin}\n{figures}\n{end}{after}')


def _measure(wanted: list[str], runs: int | None) -> dict[str, Figures]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        with Console(stderr=True).status('Packaging this app ...'):
            this_app = unpack_this_app(folder)
        figures = {}
        for section in wanted:
            measure_section, usual_runs = SECTIONS[section]
            figures[section] = measure_section(folder, this_app, runs or usual_runs)
        return figures


def _rounds(runs: int) -> Iterable[int]:
    return track(range(runs), 'Measuring', console=Console(stderr=True), transient=True)


def _circumstances(runs: int, which: str = 'medians') -> str:
    return (
        f'Python {platform.python_version()} on {platform.system()} {platform.machine()}; '
        f'{which} of {runs} {"round" if runs == 1 else "rounds"};'
    )


if __name__ == '__main__':
    main(prog_name='python -m benchmarks')
