"""One catalogue: the guard's names, what each becomes in DuckDB, and the page that lists them."""

from pathlib import Path

from chalicelib.sql.functions import FUNCTIONS
from emulator.redshift.functions.catalogue import CATALOGUE, FORMS, macros
from emulator.redshift.sql.overloads import definitions

PAGE = Path(__file__).parents[4] / 'docs' / 'redshift_emulator.md'


def table() -> str:
    """Return the page's table: of each chapter what is there, and what is not and why."""
    rows = ['| chapter | there | missing |', '|---|---|---|']
    for chapter in sorted({function.chapter for function in FUNCTIONS.values()}):
        names = [name for name, function in FUNCTIONS.items() if function.chapter == chapter]
        there = [name for name in names if name in FORMS or not CATALOGUE[name].missing]
        reasons: dict[str, list[str]] = {}
        for name in names:
            if name not in there:
                reasons.setdefault(CATALOGUE[name].missing, []).append(name)
        whole = {reason: f'all {len(of)}' for reason, of in reasons.items() if len(of) > 40}
        missing = '; '.join(
            f'{whole.get(reason) or ", ".join(of)}: {reason}' for reason, of in reasons.items()
        )
        rows.append(f'| {chapter} | {", ".join(there)} | {missing} |')
    return '\n'.join(rows)


def test_guard_and_emulator_know_the_same_functions() -> None:
    assert set(FUNCTIONS) - set(FORMS) == set(CATALOGUE)


def test_page_lists_what_is_there_and_what_is_missing() -> None:
    assert table() in PAGE.read_text()


def test_every_macro_is_made_once() -> None:
    names = [definition.partition('(')[0] for definition in definitions()]
    assert len(names) == len(set(names))
    assert set(names) >= {definition.partition('(')[0] for definition in macros()}
