"""From JSON to plain values, and where they stand if that is asked."""

import json
import re
from array import array
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from openapi_lint.text.source import (
    MAX_REPEATED,
    TOO_DEEP,
    Marks,
    Pointer,
    Position,
    Source,
    Unreadable,
    check_depth,
    place_of,
    position_of,
)

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)


def read(text: str) -> Source:
    """Read a JSON text; raises Unreadable, and json.JSONDecodeError where it is none."""
    repeats = False

    def as_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeats
        members = dict(pairs)
        repeats = repeats or len(members) < len(pairs)
        return members

    try:
        value = json.loads(text, object_pairs_hook=as_object, parse_int=_integer)
    except RecursionError as error:
        raise Unreadable(TOO_DEEP) from error
    if isinstance(value, dict | list):
        check_depth(value)
    source = JsonSource(value, text=text)
    if repeats:
        source.repeated = source.places.repeated
    return source


def _integer(digits: str) -> int | str:
    # Python refuses to write a huge number in decimals, and no one means it.
    return int(digits) if len(digits) < 20 else digits


class JsonSource(Source):
    """A JSON document, whose places are only looked for when there is something to say of one."""

    @cached_property
    def places(self) -> '_Places':
        """Where everything stands."""
        return _Places(self.text)

    def locate(self, pointer: Pointer) -> Position | None:
        """Return where a value stands, or else what would hold it."""
        self.tree, self.marks = self.places.root, self.places.marks
        return super().locate(pointer)


class _Places:
    """A text that is known to be JSON, read once more for the place of everything in it."""

    def __init__(self, text: str) -> None:
        self.marks = Marks()
        self.repeated: dict[Pointer, list[Position]] = {}
        self.root: Any = None
        self._holders: list[Any] = []
        self._keys: list[str] = []
        awaits_key = False
        for mark, line, column in _tokens(text):
            holder = self._holders[-1] if self._holders else None
            if mark in ('}', ']'):
                self._holders.pop()
                self._keys.pop()
            elif mark == ',':
                awaits_key = isinstance(holder, dict)
            elif mark == ':':
                awaits_key = False
            elif awaits_key and isinstance(holder, dict):
                self._key(holder, json.loads(mark), line, column)
            else:
                value: Any = {} if mark == '{' else [] if mark == '[' else None
                self._value(holder, value, line, column)
                if value is not None:
                    self._holders.append(value)
                    self._keys.append('')
                awaits_key = mark == '{'

    def _key(self, holder: dict[str, Any], key: str, line: int, column: int) -> None:
        self._keys[-1] = key
        if key not in holder:
            self._mark(holder, line, column)
            holder[key] = None
            return
        pointer, position = tuple(self._keys), Position(line + 1, column + 1)
        if pointer in self.repeated:
            self.repeated[pointer].append(position)
        elif len(self.repeated) < MAX_REPEATED:
            first = self.marks.members[id(holder)][list(holder).index(key)]
            self.repeated[pointer] = [position_of(first), position]

    def _value(self, holder: Any, value: Any, line: int, column: int) -> None:
        if isinstance(holder, dict):
            holder[self._keys[-1]] = value
        elif isinstance(holder, list):
            self._keys[-1] = str(len(holder))
            self._mark(holder, line, column)
            holder.append(value)
        else:
            self.root, self.marks.start = value, Position(line + 1, column + 1)

    def _mark(self, holder: Any, line: int, column: int) -> None:
        self.marks.members.setdefault(id(holder), array('Q')).append(place_of(line, column))


def _tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the tokens of a JSON text with their line and column, counted from zero."""
    line = start = 0
    line_end = text.find('\n')
    for found in _TOKEN.finditer(text):
        at = found.start()
        # No token of JSON spans lines.
        while 0 <= line_end < at:
            line, start = line + 1, line_end + 1
            line_end = text.find('\n', start)
        yield found[0], line, at - start
