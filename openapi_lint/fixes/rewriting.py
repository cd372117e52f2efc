"""A changed document written so that only the lines of the changes are other than they were."""

import io
import json
import re
from collections.abc import Callable
from difflib import SequenceMatcher
from importlib import import_module
from typing import Any

from openapi_lint.fixes.changes import Change, Tree
from openapi_lint.text.json_reader import JsonSource
from openapi_lint.text.parsing import parse
from openapi_lint.text.source import Source


class NotFixable(Exception):
    """Nothing can be changed in the document; the message says why."""


def rewritten(source: Source, changes: list[Change]) -> str:
    """Return the text of a document after some changes; raises NotFixable."""
    load, dump = _json(source.text) if isinstance(source, JsonSource) else _yaml(source.text)
    tree = load(source.text)
    if not isinstance(tree, dict):
        raise NotFixable('it is not an object')
    before = dump(tree)
    for change in changes:
        change(tree)
    after = dump(tree)
    if before == after:
        return source.text
    merged = _merged(source.text, before, after)
    # A line that is written otherwise than the library does may be a part of a change.
    return merged if _means(merged) == _means(after) else after


def _means(text: str) -> Any:
    return parse(text.encode()).value


def _json(text: str) -> tuple[Callable[[str], Any], Callable[[Tree], str]]:
    indented = re.match(r'\s*\{\r?\n([ \t]+)', text)
    indent = indented[1] if indented else None
    comma = ',' if indent or not re.search(r'", "', text) else ', '
    colon = ': ' if '": ' in text else ':'
    ascii_only = text.isascii()
    end = text[len(text.rstrip()) :]
    line_end = '\r\n' if '\r\n' in text else '\n'

    def dump(tree: Tree) -> str:
        written = json.dumps(
            tree, indent=indent, ensure_ascii=ascii_only, separators=(comma, colon)
        )
        return written.replace('\n', line_end) + end

    return json.loads, dump


def _yaml(text: str) -> tuple[Callable[[str], Any], Callable[[Tree], str]]:
    # It takes as long to import as to check a document, which does not need it.
    library = import_module('ruamel.yaml')
    yaml: Any = library.YAML()
    line_end = '\r\n' if '\r\n' in text else '\n'
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    dashes = re.search(r'^( *)[\w"\'$/{}-]+:[^\S\n]*\n( *)- ', text, re.MULTILINE)
    offset = max(0, len(dashes[2]) - len(dashes[1])) if dashes else 2
    yaml.indent(mapping=_mapping_indent(text), sequence=offset + 2, offset=offset)

    def load(text: str) -> Any:
        try:
            return yaml.load(text)
        except (library.YAMLError, ValueError, RecursionError) as error:
            raise NotFixable(f'ruamel.yaml does not read it: {error}') from error

    def dump(tree: Tree) -> str:
        stream = io.StringIO()
        yaml.dump(tree, stream)
        return stream.getvalue().replace('\n', line_end)

    return load, dump


def _mapping_indent(text: str) -> int:
    nested = re.search(r'^( *)[\w"\'$/{}-]+:[^\S\n]*\n( +)[\w"\'$/{}]', text, re.MULTILINE)
    return max(1, len(nested[2]) - len(nested[1])) if nested else 2


def _merged(original: str, before: str, after: str) -> str:
    """Return the original with what differs between two other texts, line by line.

    ``before`` is the original as a library writes it, ``after`` the changed one.
    """
    old, base, new = (text.splitlines(keepends=True) for text in (original, before, after))
    kept, unchanged = _matches(base, old), _matches(base, new)
    lines: list[str] = []
    at_old = at_base = at_new = 0
    while at_base < len(base) or at_new < len(new) or at_old < len(old):
        if unchanged.get(at_base) == at_new and kept.get(at_base) == at_old:
            lines.append(old[at_old])
            at_old, at_base, at_new = at_old + 1, at_base + 1, at_new + 1
            continue
        # Up to the next line that is the same in all three texts.
        until = next(
            (i for i in range(at_base, len(base)) if i in unchanged and i in kept), len(base)
        )
        new_until, old_until = unchanged.get(until, len(new)), kept.get(until, len(old))
        is_changed = base[at_base:until] != new[at_new:new_until]
        lines += new[at_new:new_until] if is_changed else old[at_old:old_until]
        at_old, at_base, at_new = old_until, until, new_until
    return ''.join(lines)


def _matches(base: list[str], other: list[str]) -> dict[int, int]:
    """Return which line of a text each line of another is, where both have it."""
    blocks = SequenceMatcher(None, base, other).get_matching_blocks()
    return {block.a + i: block.b + i for block in blocks for i in range(block.size)}
