"""The benchmark of the person's role: its table, and one run of it on the code as it is here."""

from pathlib import Path

from benchmarks import person
from benchmarks.person import Times
from tests.support.capability import needs

pytestmark = needs('documents')

ROOT = Path(__file__).parent.parent.parent


def test_table_has_both_ways() -> None:
    times = {'as the function': Times(10, 0.001), 'as the person': Times(21.234, 0.0654)}

    assert [line.split('|')[1:-1] for line in person.as_markdown(times).splitlines()[2:]] == [
        [' as the function ', ' 10 ms     ', ' 0.001 ms   '],
        [' as the person   ', ' 21.2 ms   ', ' 0.0654 ms  '],
    ]


def test_each_way_is_measured_in_a_process_of_its_own() -> None:
    times = person.measure(ROOT, 1)

    assert list(times) == list(person.WAYS)
    assert all(0 < each.warm < each.cold for each in times.values())
