"""What a cold start imports: who counts for a module, and what is said of it."""

from pathlib import Path

from benchmarks import imports
from benchmarks.imports import (
    CHALICE,
    MSGSPEC,
    RUNTIME,
    THIS_APP,
    Import,
    as_markdown,
    imports_of,
)

OUTPUT = """import time: self [us] | cumulative | imported package
import time:       100 |        100 | time
import time:       200 |        200 |     enum
import time:       300 |        500 |   re
import time:      1000 |       1500 | awslambdaric.bootstrap
import time:       400 |        400 |     datetime
import time:       600 |       1000 |   chalice.app
import time:        50 |         50 |   chalicelib.lazy
import time:       700 |        700 |       uuid
import time:       800 |       1500 |     msgspec
import time:        20 |       1520 |   chalicelib.errors
import time:        30 |         30 |   string
import time:      2000 |       4600 | app
"""
IMPORTS = [
    Import(THIS_APP, 'app', 2.0),
    Import(THIS_APP, 'string', 0.03),
    Import(THIS_APP, 'chalicelib.errors', 0.02),
    Import(MSGSPEC, 'msgspec', 0.8),
    Import(MSGSPEC, 'uuid', 0.7),
    Import(THIS_APP, 'chalicelib.lazy', 0.05),
    Import(CHALICE, 'chalice.app', 0.6),
    Import(CHALICE, 'datetime', 0.4),
    Import(RUNTIME, 'awslambdaric.bootstrap', 1.0),
    Import(RUNTIME, 're', 0.3),
    Import(RUNTIME, 'enum', 0.2),
]
THIS_APPS = ('`app` 2.0', '`chalicelib.lazy` 0.1', '`string` 0.0', '`chalicelib.errors` 0.0')


def test_module_counts_for_the_library_that_imports_it() -> None:
    assert list(imports_of(OUTPUT)) == IMPORTS


def test_whole_of_this_app_is_measured(tmp_path: Path) -> None:
    (tmp_path / 'app.py').write_text('import shop\nfrom shop import app')
    (tmp_path / 'shop').mkdir()
    (tmp_path / 'shop' / '__init__.py').write_text('from shop.app import app')
    (tmp_path / 'shop' / 'app.py').write_text('import colorsys\napp = None')

    found = imports.measure(tmp_path, range(2))

    own = [each for each in found if each.owner == THIS_APP]
    assert [each.module for each in own] == ['app', 'shop', 'shop.app', 'colorsys']
    assert {each.owner for each in found} == {RUNTIME, THIS_APP}


def test_table_says_what_takes_the_most() -> None:
    shown = as_markdown(IMPORTS).splitlines()

    assert [' | '.join(map(str.strip, row.strip('| ').split('|'))) for row in shown[2:]] == [
        f'{RUNTIME} | 3 | 1.5 ms | `awslambdaric.bootstrap` 1.0, `re` 0.3, `enum` 0.2',
        f'{CHALICE} | 2 | 1.0 ms | `chalice.app` 0.6, `datetime` 0.4',
        f'{MSGSPEC} | 2 | 1.5 ms | `msgspec` 0.8, `uuid` 0.7',
        f'{THIS_APP} | 4 | 2.1 ms | {", ".join(THIS_APPS)}',
    ]
