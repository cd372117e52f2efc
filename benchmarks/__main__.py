"""`python -m benchmarks`: this app beside its peers, cold and warm, as ratios."""

import json
import platform
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console
from rich.progress import track

from benchmarks.measure import Times, WrongAnswer, measure
from benchmarks.report import as_json, as_markdown
from benchmarks.runtime import RuntimeNotUsable, architecture
from benchmarks.zips import unpack_all

DOCUMENT = Path(__file__).parent.parent / 'docs' / 'benchmarks.md'
FIGURES = re.compile(r'(?<=<!-- figures -->\n).*?(?=<!-- end of figures -->)', re.DOTALL)


@click.command(context_settings={'help_option_names': ['-h', '--help']})
@click.option('--runs', metavar='N', type=click.IntRange(min=1), default=15, show_default=True)
@click.option('--json', 'json_wanted', is_flag=True, help='Print every single time as JSON.')
@click.option('--write', is_flag=True, help='Put the figures into docs/benchmarks.md as well.')
def main(runs: int, json_wanted: bool, write: bool) -> None:
    """Measure this app, a bare handler, an empty Chalice app, Powertools and FastAPI.

    Each answers the same event under AWS's own runtime. A goal that is missed is reported; the
    command ends well all the same.
    """
    try:
        architecture()
        measured = _measure(runs)
    except (RuntimeNotUsable, WrongAnswer) as error:
        raise click.ClickException(str(error)) from error
    figures = f'{_circumstances(runs)}\n\n{as_markdown(measured)}'
    if write:
        DOCUMENT.write_text(FIGURES.sub(lambda _: f'\n{figures}\n', DOCUMENT.read_text()))
    click.echo(json.dumps(as_json(measured), indent=2) if json_wanted else figures)


def _measure(runs: int) -> dict[str, list[Times]]:
    console = Console(stderr=True)
    with TemporaryDirectory() as folder, TemporaryDirectory() as bytecode:
        with console.status('Packaging what is compared ...'):
            zips = unpack_all(Path(folder))
        rounds = track(range(runs), 'Measuring', console=console, transient=True)
        return measure(zips, rounds, Path(bytecode))


def _circumstances(runs: int) -> str:
    return (
        f'Python {platform.python_version()} on {platform.system()} {platform.machine()}; '
        f'medians of {runs} rounds; x is the ratio to the bare handler, with its range.'
    )


if __name__ == '__main__':
    main(prog_name='python -m benchmarks')
