"""The catalogue says of every function of Redshift how it is called and what it does."""

import pytest

from chalicelib.sql import functions
from chalicelib.sql.functions import FUNCTIONS, Function


@pytest.mark.parametrize(
    'function',
    [
        Function('round', 'Math functions', 1, 2, brackets=True, effect='reads'),
        Function('coalesce', 'Conditional expressions', 1, None, brackets=True, effect='reads'),
        Function('getdate', 'Date and time functions', 0, 0, brackets=True, effect='reads'),
        Function('sysdate', 'Date and time functions', 0, 0, brackets=False, effect='reads'),
        Function(
            'reboot_cluster', 'System administration functions', 0, 0, brackets=True, effect='acts'
        ),
        Function(
            'pg_last_query_id', 'System information functions', 0, 0, brackets=True, effect='tells'
        ),
    ],
    ids=lambda function: function.name,
)
def test_entry_is_read(function: Function) -> None:
    assert FUNCTIONS[function.name] == function


def test_functions_are_many_and_named_as_redshift_folds_them() -> None:
    assert len(FUNCTIONS) > 400
    for name, function in FUNCTIONS.items():
        assert name == function.name == function.name.lower()
        assert name.isidentifier()
        assert function.most is None or function.least <= function.most


def test_no_function_stands_in_two_chapters() -> None:
    # A second entry would replace the first in silence.
    entries = [
        entry.partition('(')[0]
        for chapters in (functions._READING, functions._ACTING, functions._TELLING)
        for chapter in chapters.values()
        for entry in chapter.split()
    ]

    assert len(entries) == len(FUNCTIONS)
