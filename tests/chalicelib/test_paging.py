import string

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import paging
from chalicelib.errors import InvalidCursor

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=5,
)
CURSOR = paging.cursor_to('reports/2026.csv', 'listDocuments', 'jane', 'reports/')


@given(JSON)
def test_size_is_that_of_the_encoded_json(value: object) -> None:
    assert paging.size_of(value) == len(msgspec.json.encode(value).decode())


@given(st.lists(JSON), st.integers(2, 300))
def test_what_fits_is_the_longest_head_within_the_budget(
    items: list[object], max_characters: int
) -> None:
    fitting = paging.fit(items, max_characters)

    assert fitting == items[: len(fitting)]
    assert paging.size_of(fitting) <= max_characters
    if len(fitting) < len(items):
        # One character of slack: the comma that the first item does not have.
        assert paging.size_of(items[: len(fitting) + 1]) > max_characters - 1


def test_an_item_that_is_too_large_does_not_fit() -> None:
    assert paging.fit(['x' * 100], 50) == []


@given(st.text() | st.none(), st.lists(st.text(), max_size=4))
def test_cursor_leads_to_the_position_it_was_made_of(
    position: str | None, scope: list[str]
) -> None:
    cursor = paging.cursor_to(position, *scope)

    assert set(cursor) <= set(string.ascii_letters + string.digits + '-_')
    found: str | None = paging.position_of(cursor, str | None, *scope)  # type: ignore[arg-type]
    assert found == position


@pytest.mark.parametrize(
    ('cursor', 'scope'),
    [
        ('', ['listDocuments', 'jane', 'reports/']),
        ('not a cursor', ['listDocuments', 'jane', 'reports/']),
        ('é' * 20, ['listDocuments', 'jane', 'reports/']),
        ('A' * 5000, ['listDocuments', 'jane', 'reports/']),
        (CURSOR[:-1], ['listDocuments', 'jane', 'reports/']),
        (CURSOR[:20] + '$' + CURSOR[20:], ['listDocuments', 'jane', 'reports/']),
        (CURSOR, ['findRecords', 'jane', 'reports/']),
        (CURSOR, ['listDocuments', 'joe', 'reports/']),
        (CURSOR, ['listDocuments', 'jane', '']),
        (CURSOR, ['listDocuments', 'jane']),
        (CURSOR, ['listDocuments', 'janereports/']),
    ],
)
def test_cursor_of_nothing_or_of_another_listing_is_refused(cursor: str, scope: list[str]) -> None:
    with pytest.raises(InvalidCursor, match='leave the cursor out'):
        paging.position_of(cursor, str, *scope)


def test_cursor_to_a_position_of_another_kind_is_refused() -> None:
    with pytest.raises(InvalidCursor):
        paging.position_of(paging.cursor_to({'a': 1}, 'x'), str, 'x')


@given(st.integers(0, len(CURSOR) - 1), st.sampled_from(string.ascii_letters))
def test_cursor_that_was_changed_is_refused(place: int, letter: str) -> None:
    changed = CURSOR[:place] + letter + CURSOR[place + 1 :]
    if changed != CURSOR:
        with pytest.raises(InvalidCursor):
            paging.position_of(changed, str, 'listDocuments', 'jane', 'reports/')
