"""A module of chalicelib is loaded at the first look into it, once, whoever looks."""

import subprocess
import sys
from pathlib import Path

import pytest

# A package of its own, in a process of its own: nothing of it has been loaded.
INSTALL = """if True:
    import sys
    from threading import Barrier, Thread
    from chalicelib import lazy
    lazy.install('shop')
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / 'shop'
    (folder / 'stock').mkdir(parents=True)
    (folder / '__init__.py').touch()
    (folder / 'stock' / '__init__.py').touch()
    return folder


def run(shop: Path, program: str) -> str:
    """Return what a program prints that has the package."""
    done = subprocess.run(
        [sys.executable, '-c', INSTALL + program],
        check=False,
        capture_output=True,
        text=True,
        env={'PYTHONPATH': f'{shop.parent}:{Path(__file__).parents[2]}'},
    )
    return done.stdout + done.stderr


def test_module_is_loaded_at_the_first_look(shop: Path) -> None:
    (shop / 'stock' / 'till.py').write_text('print("loaded", end=" "); amount = 7')

    printed = run(
        shop,
        """
    from shop.stock import till
    import shop.stock.till
    print(type(till).__name__, end=' ')
    print(till.amount, type(till).__name__, type(till.__loader__).__name__)
    """,
    )

    assert printed == '_LazyModule loaded 7 module SourceFileLoader\n'


def test_module_of_another_package_is_loaded_lazily_by_its_name(shop: Path) -> None:
    for name in ('named', 'unnamed'):
        (shop.parent / f'{name}.py').write_text(f'print("{name}", end=" "); amount = 7')

    printed = run(
        shop,
        """
    lazy.install('nothing', 'named')
    import named, unnamed
    print('imported', end=' ')
    from named import amount
    print(amount)
    """,
    )

    assert printed == 'unnamed imported named 7\n'


def test_module_can_need_one_that_needs_it(shop: Path) -> None:
    (shop / 'till.py').write_text('from shop import door\namount = 7\nis_open = door.is_open()')
    (shop / 'door.py').write_text('from shop import till\ndef is_open(): return till.amount == 7')

    assert run(shop, 'from shop import till; print(till.is_open)') == 'True\n'


def test_true_cause_is_raised_each_time_that_a_module_fails(shop: Path) -> None:
    (shop / 'till.py').write_text('import no_such_library')

    printed = run(
        shop,
        """
    from shop import till
    for _ in range(2):
        try:
            till.amount
        except ImportError as error:
            print(error)
    """,
    )

    assert printed == "No module named 'no_such_library'\n" * 2


def test_unknown_module_is_refused_at_once(shop: Path) -> None:
    assert "cannot import name 'till' from 'shop'" in run(shop, 'from shop import till')


def test_threads_that_look_at_once_find_one_whole_module(shop: Path) -> None:
    names = [f'module_{number}' for number in range(50)]
    for name, other in zip(names, [*names[1:], names[0]], strict=True):
        (shop / f'{name}.py').write_text(
            f'from shop import {other}\nimport time\nprint("{name}")\ntime.sleep(0.001)\nlast = 1'
        )

    printed = run(
        shop,
        f"""
    import importlib
    modules = [importlib.import_module(f'shop.{{name}}') for name in {names}]
    start, missing = Barrier(8), []
    def look(order):
        start.wait()
        missing.extend(module for module in order if not hasattr(module, 'last'))
    threads = [Thread(target=look, args=(modules[n * 6:] + modules[:n * 6],)) for n in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    print('missing', len(missing))
    """,
    )

    assert sorted(printed.split()) == sorted([*names, 'missing', '0'])
