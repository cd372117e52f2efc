"""Imports run one way, and a cold start loads nothing that it does not need."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / 'docs' / 'architecture.md').read_text()
ROWS = re.findall(r'^\| `([\w.]+)` \| [^|]+ \| ([^|]+) \|$', PAGE, re.MULTILINE)
ROOMS = [room for room, _ in ROWS]
MAX_FILES = 16


def room_of(module: str) -> str | None:
    """Return the room that a module is in, or is."""
    around = [room for room in ROOMS if f'{module}.'.startswith(f'{room}.')]
    return max(around, key=len, default=None)


def allowed() -> dict[str, set[str]]:
    """Return which rooms each room may import, as the page says."""
    rules = {}
    for room, cell in ROWS:
        named = set(re.findall(r'`([\w.]+)`', cell))
        if whole := re.search(r'all (?:rooms of `([\w.]+)`|its rooms)', cell):
            of = whole[1] or 'chalicelib'
            named |= {each for each in ROOMS if each.startswith(f'{of}.')}
        rules[room] = named - {room}
    return rules


def modules() -> Iterator[tuple[Path, str]]:
    """Yield every module but those of the tests, and its name."""
    for folder in sorted({room.partition('.')[0] for room in ROOMS}):
        single = ROOT / f'{folder}.py'
        for file in [single] if single.exists() else sorted((ROOT / folder).rglob('*.py')):
            yield file, '.'.join(file.relative_to(ROOT).with_suffix('').parts)


def imports_of(file: Path) -> Iterator[str]:
    """Yield what a file imports, wherever in it: modules, and names of modules."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f'{node.module}.{name.name}' for name in node.names)


def rooms_imported(file: Path, module: str) -> set[str]:
    """Return the rooms other than its own that a module imports."""
    return {room for each in imports_of(file) if (room := room_of(each))} - {room_of(module)}


@pytest.mark.parametrize(('file', 'module'), list(modules()), ids=str)
def test_module_imports_only_the_rooms_that_its_own_may(file: Path, module: str) -> None:
    room = room_of(module)

    assert room
    assert rooms_imported(file, module) - allowed()[room] == set()


def test_page_names_no_import_that_nobody_makes() -> None:
    made: dict[str, set[str]] = {room: set() for room in ROOMS}
    for file, module in modules():
        made[room_of(module) or ''] |= rooms_imported(file, module)
    named = {room: set(re.findall(r'`([\w.]+)`', cell)) - {room} for room, cell in ROWS}

    assert {room: rooms - made[room] for room, rooms in named.items() if rooms - made[room]} == {}


def test_rooms_import_one_way() -> None:
    order = TopologicalSorter(allowed()).static_order()

    assert set(order) == set(ROOMS)


def test_every_folder_of_code_is_a_room_of_the_page() -> None:
    folders = {
        '.'.join(file.parent.relative_to(ROOT).parts)
        for room in ROOMS
        for file in (ROOT / room.replace('.', '/')).rglob('*.py')
    }

    assert {folder for folder in folders if folder not in ROOMS} == {'benchmarks.contenders'}


def test_no_folder_holds_more_than_a_reader_can_take_in() -> None:
    folders = {file.parent for root in (*ROOMS, 'tests') for file in (ROOT / root).rglob('*.py')}

    assert {
        str(folder.relative_to(ROOT))
        for folder in folders
        if len([file for file in folder.glob('*.py') if file.name != '__init__.py']) > MAX_FILES
    } == set()


def test_environment_is_read_in_settings_only() -> None:
    readers = [
        file.name for file in (ROOT / 'chalicelib').rglob('*.py') if 'environ' in file.read_text()
    ]

    assert readers == ['settings.py']


def test_cold_start_loads_nothing_that_postsuccess_does_not_need() -> None:
    heavy = {
        'boto3',
        'botocore',
        'sqlglot',
        'asyncio',
        'urllib.request',
        'tempfile',
        'csv',
        'importlib.resources._common',
        'ipaddress',
        'msgspec.inspect',
    }
    program = """if True:
        import sys, app
        print(*(
            name
            for name, module in sys.modules.items()
            if type(module).__name__ != '_LazyModule'
            and not (name.startswith('chalicelib.') and hasattr(module, '__path__'))
        ))
    """
    loaded = subprocess.run(
        [sys.executable, '-c', program],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {'AWS_LAMBDA_RUNTIME_API': 'localhost:1'},
    ).stdout.split()

    assert {name for name in loaded if name.startswith('chalicelib.')} == {
        'chalicelib.deadline',
        'chalicelib.errors',
        'chalicelib.http_request',
        'chalicelib.identity',
        'chalicelib.lazy',
        'chalicelib.observability',
        'chalicelib.operation',
        'chalicelib.settings',
        'chalicelib.success',
    }
    assert not set(loaded) & heavy
