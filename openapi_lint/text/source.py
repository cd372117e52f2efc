"""What a text holds as plain JSON values, and where in the text each of them stands."""

import json
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

# Twice what ChatGPT takes: what is larger is refused unread, what is smaller is measured.
MAX_CHARACTERS = 2_000_000
MAX_DEPTH = 100
MAX_REPEATED = 100

Pointer = tuple[str, ...]
TOO_LARGE = 'written out it has over two million characters, and ChatGPT takes one'
TOO_DEEP = f'it is nested more than {MAX_DEPTH} levels deep, or without end'


class Position(NamedTuple):
    """A place in a text, counted from one."""

    line: int
    column: int


class Unreadable(ValueError):
    """The text is no document that anybody could read; the message says why."""

    def __init__(self, problem: str, position: Position | None = None, remedy: str = '') -> None:
        super().__init__(problem)
        self.position = position
        self.remedy = remedy


START = Position(1, 1)


def place_of(line: int, column: int) -> int:
    """Return a place, counted from zero, as one number: a tenth of the memory of two."""
    return line << 24 | column  # no text is so long that its columns need more bits


def position_of(place: int) -> Position:
    """Return the position that a number stands for."""
    return Position((place >> 24) + 1, (place & 0xFFFFFF) + 1)


@dataclass
class Marks:
    """Where the members of each object and list stand, by the identity of what holds them."""

    start: Position = START
    members: dict[int, 'array[int]'] = field(default_factory=dict)
    _indexes: dict[int, dict[str, int]] = field(default_factory=dict)

    def of(self, holder: Any, key: str) -> tuple[Position, Any] | None:
        """Return where a member of an object or a list stands, and its value."""
        index = self._index(holder, key)
        places = self.members.get(id(holder), ())
        if index is None or index >= len(places):
            return None
        value = holder[key] if isinstance(holder, dict) else holder[index]
        return position_of(places[index]), value

    def _index(self, holder: Any, key: str) -> int | None:
        if isinstance(holder, dict):
            if id(holder) not in self._indexes:
                self._indexes[id(holder)] = {each: i for i, each in enumerate(holder)}
            return self._indexes[id(holder)].get(key)
        is_index = isinstance(holder, list) and key.isdecimal() and len(key) < 9
        return int(key) if is_index else None


@dataclass
class Source:
    """A document as it was written.

    ``tree`` is what the marks are about; ``value`` is a copy of it where it refers to parts of
    itself, else the same. ``repeated`` has the places of each key that an object has twice: what
    stands last counts.
    """

    value: Any
    tree: Any = None
    marks: Marks | None = None
    repeated: dict[Pointer, list[Position]] = field(default_factory=dict)
    text: str = ''

    def locate(self, pointer: Pointer) -> Position | None:
        """Return where a value stands, or else what would hold it; None of what was no text."""
        if self.marks is None:
            return None
        if pointer in self.repeated:
            return self.repeated[pointer][-1]
        position, value = self.marks.start, self.tree
        for key in pointer:
            found = self.marks.of(value, key)
            if found is None:
                break
            position, value = found
        return position

    def size_bytes(self) -> int:
        """Return how large it is as JSON indented by 2, which is how the editor measures it."""
        compact = json.dumps(self.value, ensure_ascii=False, separators=(',', ': '))
        return len(compact.encode(errors='replace')) + sum(_indentation(self.value))


def _indentation(value: Any) -> Iterator[int]:
    """Yield what JSON indented by 2 has in front of the members and the end of each container."""
    left = [(value, 1)]
    while left:
        held, depth = left.pop()
        if isinstance(held, dict | list) and held:
            yield len(held) * (1 + 2 * depth) + 1 + 2 * (depth - 1)
            members = held.values() if isinstance(held, dict) else held
            left += [(each, depth + 1) for each in members if isinstance(each, dict | list)]


def plain(document: object) -> Any:
    """Copy a document into plain JSON values with text as keys, if it has a sane size.

    YAML knows numbers and dates, as keys too (``200:``), and aliases, which make a short text a
    huge or an endless tree. Raises Unreadable.
    """
    left = MAX_CHARACTERS

    def scalar(value: object) -> str | int | float | None:
        nonlocal left
        if isinstance(value, int) and value.bit_length() > 64:
            value = hex(value)  # as long as the text it was; Python refuses to write it in decimals
        kept = value if isinstance(value, str | int | float | None) else str(value)
        left -= len(kept) if isinstance(kept, str) else 1
        return kept

    def copy(value: object, depth: int) -> Any:
        nonlocal left
        left -= 2 * depth  # as the indentation of what is measured
        if left < 0:
            raise Unreadable(TOO_LARGE)
        if depth > MAX_DEPTH:
            raise Unreadable(TOO_DEEP)
        if isinstance(value, dict):
            return {str(scalar(key)): copy(child, depth + 1) for key, child in value.items()}
        if isinstance(value, list | tuple | set):
            return [copy(child, depth + 1) for child in value]
        return scalar(value)

    return copy(document, 0)


def check_depth(value: Any) -> None:
    """Raise Unreadable for a tree that is deeper than anybody writes."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH + 1:
            raise Unreadable(TOO_DEEP)
        level = [
            member
            for held in level
            for member in (held.values() if isinstance(held, dict) else held)
            if isinstance(member, dict | list)
        ]
