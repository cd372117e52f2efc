"""Which modules of a library a zip needs, of those that are found by name or not at all.

A library of many dialects is loaded one dialect at a time. What no import statement leads to, in
any function of any module that is kept, and what the app doesn't name either, can stay out.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

# sqlglot imports the dialect that it is told in a text, `dialect='redshift'`.
_FOUND_BY_NAME = {'sqlglot': ('sqlglot', 'dialects')}


def left_out(files: Mapping[str, bytes], listed: Collection[str]) -> set[str]:
    """Return the modules of such libraries, of those that are listed, which a zip needs not hold.

    ``files`` are the sources that are there; those that were left out before make no difference.
    """
    every = {name for name in listed if _library(name) in _FOUND_BY_NAME and name.endswith('.py')}
    known = every | {name for name in files if name.endswith('.py')}
    roots = {name for name in files if name.endswith('.py') and name not in every}
    reached, waiting = set(roots), list(roots)
    while waiting:
        name = waiting.pop()
        if name not in files:
            continue
        tree = _tree(files[name])
        needed = set(_imported(tree, name)) | set(_named(tree, known) if name in roots else ())
        waiting += (needed & known) - reached
        reached |= needed & known
    return every - reached


def _library(name: str) -> str:
    return name.partition('/')[0]


def _tree(source: bytes) -> ast.AST:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):  # a template of a library, which nothing imports
        return ast.Module([], [])


def _imported(tree: ast.AST, name: str) -> Iterator[str]:
    """Yield the files that the import statements of a module may load."""
    folder = PurePosixPath(name).parent
    for node in _running(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _files_of(alias.name.split('.'))
        elif isinstance(node, ast.ImportFrom):
            above = folder.parts[: len(folder.parts) - node.level + 1] if node.level else ()
            module = [*above, *(node.module.split('.') if node.module else [])]
            for alias in node.names:
                yield from _files_of([*module, alias.name])


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what may run: not what is there for type checkers."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith('TYPE_CHECKING'):
            waiting += node.orelse
        elif not isinstance(node, ast.expr):
            waiting += ast.iter_child_nodes(node)


def _files_of(parts: list[str]) -> Iterator[str]:
    """Yield where a module, its packages, or the module that holds a name, may be."""
    for count in range(1, len(parts) + 1):
        path = '/'.join(parts[:count])
        yield f'{path}.py'
        yield f'{path}/__init__.py'


def _named(tree: ast.AST, known: Collection[str]) -> Iterator[str]:
    """Yield the files of the modules that a text of the app names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            # `'redshift, normalization_strategy = lowercase'` names one too.
            word = node.value.partition(',')[0].strip().lower()
            for package in _FOUND_BY_NAME.values():
                if f'{"/".join(package)}/{word}.py' in known:
                    yield from _files_of([*package, word])
