"""JSON is read alike by every Python, however deeply it is nested."""

import json
from typing import Any

import pytest

from chalicelib.json_text import MAX_DEPTH, NestedTooDeeply, decode

FLAT = ['[]'] * 5 * MAX_DEPTH


@pytest.mark.parametrize(('opening', 'closing'), [('[', ']'), ('{"a":', '}'), ('[{"]":[', ']}]')])
def test_depth_has_a_limit(opening: str, closing: str) -> None:
    levels = sum(character in '[{' for character in opening)
    times = MAX_DEPTH // levels
    within = opening * times + '1' + closing * times

    assert json.dumps(decode(within), separators=(',', ':')) == within
    with pytest.raises(NestedTooDeeply):
        decode(f'[{"[" * (MAX_DEPTH % levels)}{within}{"]" * (MAX_DEPTH % levels)}]')


@pytest.mark.parametrize(
    'value', [FLAT, '[' * 9999, '"' + '[' * 9999, '\\' + '{' * 9999, {'\\"[': '{' * 9999}]
)
def test_brackets_that_nest_nothing_are_not_counted(value: Any) -> None:
    assert decode(json.dumps(value)) == value


@pytest.mark.parametrize('text', ['[' * 99_999, '{"a":' * 20_000, '[' * 99_999 + '"'])
def test_text_that_ends_before_it_is_json_is_refused_all_the_same(text: str) -> None:
    with pytest.raises(NestedTooDeeply):
        decode(text)


@pytest.mark.parametrize('text', ['', ']' * 99_999, '"' + '[' * 99_999, '[1', '{} {}', '[1e400]'])
def test_text_that_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'JSON|truncated|trailing|range') as refused:
        decode(text)

    assert not isinstance(refused.value, NestedTooDeeply)
