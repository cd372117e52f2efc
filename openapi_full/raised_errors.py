"""Which errors an operation may answer with, read from the code that it runs.

Nobody writes them down a second time. What an operation's function mentions is followed through
the project's own modules: functions, classes with all their methods, and the constants that hold
errors. So an error may be told of that a certain operation never comes to, and none is left out.
"""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from chalice.app import ChaliceViewError

from chalicelib import errors, http_request, operation
from chalicelib.http_request import QUERY_METHODS

if TYPE_CHECKING:
    from chalicelib.operations.routes import OperationRoute

_PACKAGE = 'chalicelib'
# Names by which code looks for an error that something else raises.
_LOOKS_FOR_TYPES = ('isinstance', 'issubclass')


class _Named(NamedTuple):
    """A function, a class or a constant of a module."""

    module: str
    name: str


class _Module(NamedTuple):
    """What a module defines and imports, by name."""

    defined: dict[str, ast.AST]
    imported: dict[str, _Named]


def raised_by(route: 'OperationRoute') -> list[type[ChaliceViewError]]:
    """Return the errors that an operation may answer with, by status and name."""
    declared = route.operation
    found = _reached(
        _Named(declared.function.__module__, declared.function.__name__),
        _Named(operation.__name__, operation.identify_caller.__name__),
        _Named(http_request.__name__, http_request.read.__name__),
    )
    if declared.group:
        found.add(errors.GroupRequired)
    if route.method in QUERY_METHODS:
        found.discard(errors.RequestTooLarge)
    return sorted(found, key=lambda error: (error.STATUS_CODE, error.__name__))


def _reached(*starts: _Named) -> set[type[ChaliceViewError]]:
    found: set[type[ChaliceViewError]] = set()
    seen: set[_Named] = set()
    left = list(starts)
    while left:
        named = left.pop()
        if named in seen:
            continue
        seen.add(named)
        if error := _error(named):
            found.add(error)
        elif (node := _module(named.module).defined.get(named.name)) is not None:
            left += _mentioned(node, named.module)
    return found


def _error(named: _Named) -> type[ChaliceViewError] | None:
    """Return the error that a name is, if it is one with a status of its own."""
    if not named.name[:1].isupper():
        return None
    # Of others, what defines errors with a status is loaded: Chalice.
    module = import_module(named.module) if _file(named.module) else sys.modules.get(named.module)
    value = getattr(module, named.name, None)
    is_error = isinstance(value, type) and issubclass(value, ChaliceViewError)
    return value if is_error and value is not ChaliceViewError else None


def _mentioned(node: ast.AST, module: str) -> Iterator[_Named]:
    """Yield what a piece of code refers to, but for the errors that it only looks out for."""
    here = _module(module)
    left = [node]
    while left:
        part = left.pop()
        if isinstance(part, ast.ExceptHandler):
            left += part.body
            continue
        if isinstance(part, ast.Call) and _name(part.func) in _LOOKS_FOR_TYPES:
            left += part.args[:1]
            continue
        if isinstance(part, ast.Name):
            if part.id in here.defined:
                yield _Named(module, part.id)
            elif part.id in here.imported:
                yield here.imported[part.id]
        elif isinstance(part, ast.Attribute) and _name(part.value) in here.imported:
            holder = here.imported[_name(part.value)]
            yield _Named(f'{holder.module}.{holder.name}'.strip('.'), part.attr)
        left += _parts(part)


def _parts(node: ast.AST) -> list[ast.AST]:
    # @operation itself mentions what only some operations raise.
    return [child for child in ast.iter_child_nodes(node) if not _is_declaration(child)]


def _is_declaration(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _name(node.func) == operation.operation.__name__


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ''


@cache
def _module(name: str) -> _Module:
    """Return a module's names, if it is the project's own; nothing of any other."""
    path = _file(name)
    if path is None:
        return _Module({}, {})
    tree = ast.parse(path.read_text('utf-8'))
    defined: dict[str, ast.AST] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined[node.name] = node
        elif isinstance(node, ast.Assign):
            defined |= {_name(target): node.value for target in node.targets}
        elif isinstance(node, ast.AnnAssign) and node.value:
            defined[_name(node.target)] = node.value
    return _Module(defined, dict(_imports(tree)))


def _imports(tree: ast.Module) -> Iterator[tuple[str, _Named]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for each in node.names:
                yield each.asname or each.name, _Named(node.module, each.name)
        elif isinstance(node, ast.Import):
            for each in node.names:
                yield each.asname or each.name, _Named(each.name, '')


def _file(name: str) -> Path | None:
    is_own = name == _PACKAGE or name.startswith(f'{_PACKAGE}.')
    if is_own:
        try:
            spec = find_spec(name)
        except ModuleNotFoundError:  # a class of a module, whose attribute is no module
            return None
        return Path(spec.origin) if spec and spec.origin else None
    # Where operations are declared: app.py, or a test.
    file = getattr(sys.modules.get(name), '__file__', None)
    return Path(file) if file and _is_beside_the_package(Path(file)) else None


def _is_beside_the_package(file: Path) -> bool:
    package = Path(import_module(_PACKAGE).__file__ or '').parent
    return package.parent in file.parents and 'site-packages' not in file.parts
