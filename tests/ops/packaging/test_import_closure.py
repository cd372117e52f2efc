"""What is left out of a zip is what no import leads to and what the app doesn't name."""

import pytest

from ops.packaging.import_closure import left_out

LIBRARY = {
    'sqlglot/__init__.py': b'from sqlglot import tokens\nfrom .errors import ParseError',
    'sqlglot/tokens.py': b'',
    'sqlglot/errors.py': b'class ParseError(Exception): ...',
    'sqlglot/dialects/__init__.py': b'import importlib',
    'sqlglot/dialects/dialect.py': b'',
    'sqlglot/dialects/hive.py': b'from .dialect import D\nimport sqlglot.generators.hive as g',
    'sqlglot/dialects/spark.py': b'def f():\n    from ..dialects import hive',
    'sqlglot/dialects/tsql.py': b'import typing as t\nif t.TYPE_CHECKING:\n    from . import hive',
    'sqlglot/generators/__init__.py': b'',
    'sqlglot/generators/hive.py': b'',
    'sqlglot/py.typed': b'',
}
ALWAYS = {'sqlglot/__init__.py', 'sqlglot/tokens.py', 'sqlglot/errors.py'}
OF_HIVE = {
    *('sqlglot/dialects/__init__.py', 'sqlglot/dialects/dialect.py', 'sqlglot/dialects/hive.py'),
    *('sqlglot/generators/__init__.py', 'sqlglot/generators/hive.py'),
}


def kept(app: str) -> set[str]:
    """Return what is kept of the library for an app."""
    files = {'app.py': app.encode(), **LIBRARY}
    found = left_out(files, LIBRARY)
    # Once it is left out, nothing else changes.
    left = {name: content for name, content in files.items() if name not in found}
    assert left_out(left, LIBRARY) == found
    return {name for name in LIBRARY if name.endswith('.py')} - found


@pytest.mark.parametrize(
    ('app', 'needed'),
    [
        ('', set()),
        ('import sqlglot', ALWAYS),
        ('def f():\n    import sqlglot.tokens', ALWAYS),
        ('from sqlglot.dialects import hive', ALWAYS | OF_HIVE),
        ("import sqlglot\nsqlglot.parse('SELECT 1', dialect='Hive')", ALWAYS | OF_HIVE),
        ("import sqlglot\nD = 'hive, normalization_strategy = lowercase'", ALWAYS | OF_HIVE),
        (
            "import sqlglot\nD = 'spark'",
            ALWAYS | OF_HIVE | {'sqlglot/dialects/spark.py'},
        ),
        (
            "import sqlglot\nD = 'tsql'",
            ALWAYS | {'sqlglot/dialects/__init__.py', 'sqlglot/dialects/tsql.py'},
        ),
    ],
)
def test_what_is_imported_or_named_is_kept(app: str, needed: set[str]) -> None:
    assert kept(app) == needed


def test_other_libraries_are_kept_whole() -> None:
    files = {'app.py': b'', 'another/dialects/hive.py': b'', 'another/__init__.py': b'def x(:'}

    assert left_out(files, set(files) - {'app.py'}) == set()
