"""Whether a zip works, before Lambda gets it: it is imported, and it answers a request."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from packaging.requirements import Requirement

from ops.packaging import bytecode, lambda_runtime
from ops.packaging.zip_contents import Files, Target
from ops.stage import import_failure

# Modules that are loaded when they are first used are loaded too: a look into one does it.
_IMPORT_ALL = """if True:
    import importlib, importlib.util, pkgutil, sys
    sys.path[:0] = sys.argv[1:]
    import app
    if importlib.util.find_spec('chalicelib'):
        import chalicelib
        for found in pkgutil.walk_packages(chalicelib.__path__, 'chalicelib.'):
            vars(importlib.import_module(found.name))
"""
_LIST_TOOLS = {'jsonrpc': '2.0', 'id': 1, 'method': 'tools/list', 'params': {}}


def cannot_be_run(target: Target) -> str | None:
    """Return why this machine can't run a zip, or None where it can."""
    try:
        here = lambda_runtime.architecture()
    except lambda_runtime.RuntimeNotUsable as error:
        return str(error).rstrip('.')
    if here != target.architecture:
        return f'it is for {target.architecture}, and this machine is {here}'
    if not target.can_compile:
        return f'it is for {target.runtime}, and this is {bytecode.this_python()}'
    return None


def import_fails(files: Files) -> str | None:
    """Import every module of the app with what Lambda has; return why one can't be, if so."""
    with TemporaryDirectory() as name:
        folder = Path(name).resolve()
        task, of_lambda = folder / 'task', folder / 'lambda'
        _unpack(files, task)
        of_lambda.mkdir()
        for path in _lambdas_own():
            (of_lambda / path.name).symlink_to(path)
        run = subprocess.run(  # noqa: S603
            [sys.executable, '-I', '-S', '-B', '-c', _IMPORT_ALL, task, of_lambda],
            cwd=task,
            env={k: v for k, v in os.environ.items() if k != 'AWS_CHALICE_CLI_MODE'},
            capture_output=True,
            text=True,
            check=False,
        )
        return import_failure.in_one_line(run.stderr, task) if run.returncode else None


def request_fails(files: Files, settings: Mapping[str, str]) -> str | None:
    """Let the function list its tools in Lambda's own runtime; return what it did instead, if so.

    Raises RuntimeNotUsable where there is no such runtime.
    """
    event = lambda_runtime.gateway_event('POST', '/mcp', body=json.dumps(_LIST_TOOLS))
    with TemporaryDirectory() as name:
        task = Path(name).resolve()
        _unpack(files, task)
        with lambda_runtime.serve(task, settings) as function:
            answer = function.invoke(event)
    return None if _lists_tools(answer) else json.dumps(answer)[:500]


def _lists_tools(answer: Mapping[str, Any]) -> bool:
    try:
        return bool(json.loads(answer['body'])['result']['tools'])
    except (LookupError, TypeError, ValueError):
        return False


def _unpack(files: Files, folder: Path) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _lambdas_own() -> Iterator[Path]:
    """Yield what boto3 and all that it requires have installed: Lambda has that for every zip."""
    waiting, seen = ['boto3'], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        found = distribution(name)
        waiting += [
            wanted.name
            for wanted in map(Requirement, found.requires or [])
            if not wanted.marker or wanted.marker.evaluate({'extra': ''})
        ]
        tops = {file.parts[0] for file in found.files or []} - {'..', '__pycache__'}
        yield from (Path(str(found.locate_file(top))) for top in sorted(tops))
