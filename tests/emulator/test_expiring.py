"""Values that are kept for a limited time, by a clock of the test's own."""

import pytest

from emulator.expiring import Expiring


class Now:
    """A clock that stands where it is put."""

    seconds = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.seconds


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def kept(now: Now) -> Expiring[str]:
    kept: Expiring[str] = Expiring(now)
    kept.put('a', 'first', 10)
    kept.put('b', 'second', 20)
    return kept


def test_value_goes_when_its_time_is_over(kept: Expiring[str], now: Now) -> None:
    now.seconds = 109.9
    assert (kept.get('a'), kept.get('b')) == ('first', 'second')
    now.seconds = 110
    assert (kept.get('a'), kept.get('b')) == (None, 'second')
    assert (kept.pop('a'), kept.pop('b')) == (None, 'second')


def test_popped_value_is_gone(kept: Expiring[str]) -> None:
    assert kept.pop('a') == 'first'
    assert kept.pop('a') is None
    assert kept.get('a') is None


def test_last_put_counts(kept: Expiring[str], now: Now) -> None:
    kept.put('a', 'again', 1)

    assert kept.get('a') == 'again'
    assert kept.seconds_left('a') == 1
    now.seconds = 102
    assert kept.get('a') is None
    assert kept.seconds_left('a') == kept.seconds_left('never') == 0


def test_values_can_be_popped_by_what_they_are(kept: Expiring[str]) -> None:
    assert kept.pop_all(lambda value: value == 'first') == {'a': 'first'}
    assert (kept.get('a'), kept.get('b')) == (None, 'second')
