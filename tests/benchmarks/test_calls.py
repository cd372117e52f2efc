"""The benchmarks' arithmetic and what they say of it; the measuring itself is `make bench`'s."""

from pathlib import Path

import pytest

from benchmarks.__main__ import DOCUMENT, END, SECTIONS, write_figures
from benchmarks.measure import Times
from benchmarks.report import Ratio, as_json, as_markdown, ratio
from benchmarks.zips import BARE, EMPTY_CHALICE, THIS_APP

MEASURED = {
    BARE: [Times(10, 10, 1, 0.01), Times(100, 10, 1, 0.01), Times(10, 10, 1, 0.01)],
    THIS_APP: [Times(20, 15, 1, 0.04), Times(150, 15, 1, 0.04), Times(30, 15, 1, 0.04)],
    EMPTY_CHALICE: [Times(25, 10, 1, 0.02), Times(100, 10, 1, 0.02), Times(40, 10, 1, 0.02)],
}


def test_ratio_is_taken_within_each_round() -> None:
    assert ratio(MEASURED, 'cold', THIS_APP, BARE) == Ratio(median=2, lowest=1.5, highest=3)


@pytest.mark.parametrize(
    'verdict',
    [
        'cold: at most 1.5 x bare handler | 2.00 x (1.50-3.00) | no',
        'cold: at most 1 x empty Chalice app | 0.80 x (0.75-1.50) | yes',
        'warm: at most 1.25 x bare handler | 1.00 x (1.00-1.00) | yes',
        'in process: at most 2 x empty Chalice app | 2.00 x (2.00-2.00) | yes',
    ],
)
def test_each_goal_is_met_or_not(verdict: str) -> None:
    table = as_markdown(MEASURED).splitlines()
    lines = [' | '.join(cell.strip() for cell in line.split('|')) for line in table]

    assert f' | {verdict} | ' in lines


def test_json_has_every_single_time() -> None:
    rounds = as_json(MEASURED)['rounds']

    assert rounds == {name: [t._asdict() for t in times] for name, times in MEASURED.items()}


def test_document_has_a_place_for_the_figures_of_each_section() -> None:
    document = DOCUMENT.read_text()

    assert [document.count(f'<!-- figures: {name} -->\n') for name in SECTIONS] == [1] * len(
        SECTIONS
    )
    assert document.count(END) == len(SECTIONS)


def test_figures_replace_those_of_their_section_alone(tmp_path: Path) -> None:
    document = tmp_path / 'benchmarks.md'
    sections = (
        '# Calls\n<!-- figures: calls -->\n{}{end}\n# SQL\n<!-- figures: sql -->\nold\n{end}\n'
    )
    document.write_text(sections.format('old\n', end=END))

    write_figures(document, 'calls', 'new\n')

    assert document.read_text() == sections.format('\nnew\n\n', end=END)
