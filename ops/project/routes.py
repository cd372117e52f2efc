"""app.py as text: its routes and imports, found by their syntax and edited where they stand."""

import ast
from collections.abc import Iterator

MAX_CHARACTERS = 100


def operations(source: str, capability: str) -> list[str]:
    """Return the ids of the operations that a capability has."""
    return [ast.literal_eval(each.args[0]) for _, each in _routes(source, capability)]


def without(source: str, capability: str) -> str:
    """Return the source without a capability's routes, and the imports that only these use."""
    lines = source.splitlines(keepends=True)
    for function, _ in reversed(list(_routes(source, capability))):
        first = min(each.lineno for each in function.decorator_list)
        end = function.end_lineno or first
        while end < len(lines) and not lines[end].strip():
            end += 1
        del lines[first - 1 : end]
    return _without_unused_imports(''.join(lines))


def _routes(source: str, capability: str) -> Iterator[tuple[ast.FunctionDef, ast.Call]]:
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            for each in node.decorator_list:
                if isinstance(each, ast.Call) and _capability(each) == capability:
                    yield node, each


def _capability(call: ast.Call) -> str | None:
    named = {each.arg: each.value for each in call.keywords}
    value = named.get('capability')
    return str(value.value) if isinstance(value, ast.Constant) else None


def _without_unused_imports(source: str) -> str:
    tree = ast.parse(source)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    lines = source.splitlines(keepends=True)
    for node in reversed(tree.body):
        if isinstance(node, ast.Import | ast.ImportFrom) and getattr(node, 'module', '') != (
            '__future__'
        ):
            kept = [each for each in node.names if (each.asname or each.name) in used]
            if len(kept) < len(node.names):
                lines[node.lineno - 1 : node.end_lineno] = _import(node, kept)
    return ''.join(lines)


def _import(node: ast.Import | ast.ImportFrom, names: list[ast.alias]) -> list[str]:
    if not names:
        return []
    shown = ', '.join(each.name + (f' as {each.asname}' if each.asname else '') for each in names)
    begin = f'from {node.module} import' if isinstance(node, ast.ImportFrom) else 'import'
    line = f'{begin} {shown}\n'
    if len(line) - 1 <= MAX_CHARACTERS:
        return [line]
    return [f'{begin} (\n', *(f'    {each},\n' for each in shown.split(', ')), ')\n']


def added(source: str, module: str, route: str) -> str:
    """Return the source with a route after all others, and its module of chalicelib imported."""
    tree = ast.parse(source)
    lines = source.splitlines(keepends=True)
    last = next(node for node in reversed(tree.body) if isinstance(node, ast.FunctionDef))
    lines.insert(last.end_lineno or last.lineno, f'\n\n{route}')
    node = next(
        each
        for each in tree.body
        if isinstance(each, ast.ImportFrom) and each.module == 'chalicelib'
    )
    names = sorted([*node.names, ast.alias(module)], key=lambda each: each.name)
    lines[node.lineno - 1 : node.end_lineno] = _import(node, names)
    return ''.join(lines)
