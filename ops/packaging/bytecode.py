"""Bytecode for a zip: Lambda's task folder is read-only, so Python could not keep any there.

It says that its source needs no look: nothing changes a zip. Other versions of Python ignore it.
https://docs.python.org/3/reference/import.html#cached-bytecode-invalidation
"""

import subprocess
import sys
from collections.abc import Mapping
from importlib.util import MAGIC_NUMBER, source_hash
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

# Where Lambda unpacks a zip: what a traceback names, and what need not be corrected at import.
TASK_ROOT = '/var/task'
# PEP 552: it is named by a hash of the source, and that is not to be checked.
_UNCHECKED_HASH = (1).to_bytes(4, 'little')


def this_python() -> str:
    """Return the version of the Python that runs this, as Lambda calls its runtimes."""
    return f'python{sys.version_info.major}.{sys.version_info.minor}'


def name_of(source: str) -> str:
    """Return the name of the bytecode of a source."""
    path = PurePosixPath(source)
    cached = f'{path.stem}.{sys.implementation.cache_tag}.pyc'
    return str(path.parent / '__pycache__' / cached)


def compiled(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the bytecode of all files that are Python, by name.

    The same files give the same bytes: another process, because what a string or a set looks like
    as bytecode depends on what else there is in the process, and on the seed of its hashes.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        for source, content in files.items():
            if source.endswith('.py'):
                (folder / source).parent.mkdir(parents=True, exist_ok=True)
                (folder / source).write_bytes(content)
        compile_all = ['-m', 'compileall', '-q', '-s', name, '-p', TASK_ROOT]
        # It ends with 1 where a library has a template that only looks like Python.
        subprocess.run(  # noqa: S603
            [sys.executable, '-S', '-s', *compile_all, '--invalidation-mode=unchecked-hash', name],
            env={'PYTHONHASHSEED': '0'},
            capture_output=True,
            check=False,
        )
        return {
            file.relative_to(folder).as_posix(): file.read_bytes()
            for file in sorted(folder.rglob('*.pyc'))
        }


def is_of(source: bytes, bytecode: bytes) -> bool:
    """Tell whether bytecode was made by this Python of just this source."""
    return bytecode[:16] == MAGIC_NUMBER + _UNCHECKED_HASH + source_hash(source)


def is_python(source: bytes) -> bool:
    """Tell whether bytecode can be made of a source: libraries hold templates that are none."""
    try:
        compile(source, 'a source', 'exec', dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True
