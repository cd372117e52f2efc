"""From YAML to plain JSON values and where they stand, as the editor's own parser reads it.

PyYAML tells the events of its parser; what is made of them here is not nested calls, so that no
depth of a text ends the process, and keeps the place of everything.
"""

from array import array
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from openapi_lint.text.source import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_REPEATED,
    TOO_DEEP,
    Marks,
    Pointer,
    Position,
    Source,
    Unreadable,
    place_of,
    plain,
    position_of,
)

# libyaml's parser where PyYAML came with it: it is ten times as fast, and as strict.
_Loader: Any = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
_TAG = 'tag:yaml.org,2002:'
_COLLECTIONS = {_TAG + name for name in ('map', 'seq', 'set', 'omap', 'pairs')}
_CONSTRUCTOR: Any = yaml.constructor.SafeConstructor()
_NOT_CONSTRUCTED = (ValueError, LookupError, AttributeError, TypeError, yaml.YAMLError)
_JSON_TAGS = {_TAG + name for name in ('null', 'bool', 'int', 'float')}
# Beyond it no text is a number that anybody means; the caches stay small, too.
_MAX_PLAIN = 40


def read(text: str) -> Source:
    """Read the one document of a YAML text; raises Unreadable or yaml.YAMLError."""
    builder = _Builder()
    loader = _Loader(text)
    next_event, take = loader.get_event, builder.take
    try:
        while type(event := next_event()) is not StreamEndEvent:
            take(event)
    finally:
        loader.dispose()
    tree = builder.root
    value = plain(tree) if builder.has_aliases else tree
    return Source(value, tree, builder.marks, builder.repeated, text)


@dataclass(slots=True)
class _Frame:
    """An object or a list that is being read."""

    holder: Any
    is_list: bool
    places: 'array[int]'
    key: str = ''
    awaits_key: bool = True
    is_merge: bool = False
    merged: list[Any] | None = None


class _Builder:
    """Takes the parser's events one by one and makes a tree of them."""

    def __init__(self) -> None:
        self.root: Any = None
        self.marks = Marks()
        self.repeated: dict[Pointer, list[Position]] = {}
        self.has_aliases = False
        self._documents = 0
        self._members = 0
        self._frames: list[_Frame] = []
        self._anchors: dict[str, Any] = {}
        self._plain: dict[str, Any] = {}

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is ScalarEvent:
            self._scalar(event)
        elif kind is MappingStartEvent:
            self._start({}, event, is_list=False)
        elif kind is SequenceStartEvent:
            self._start([], event, is_list=True)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            self._end()
        elif kind is AliasEvent:
            self._alias(event)
        elif kind is DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                raise Unreadable(
                    'it holds more than one document',
                    _position(event),
                    'Give one document: take out this `---` and what follows it.',
                )

    def _scalar(self, event: Any) -> None:
        frame = self._frames[-1] if self._frames else None
        if frame and frame.is_list and event.tag is None and event.anchor is None:
            # Most of a huge text: the shortest way.
            mark = event.start_mark
            frame.places.append(place_of(mark.line, mark.column))
            frame.holder.append(self._value(event))
            return
        is_key = frame is not None and frame.awaits_key and not frame.is_list
        # A key is text as it is written, a plain `200` or `on` too.
        value = event.value if is_key and not event.tag else self._value(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = value
        self._add(value, event)

    def _value(self, event: Any) -> Any:
        text, tag = event.value, event.tag
        if tag is None or tag == '!':
            if not event.implicit[0] or len(text) > _MAX_PLAIN:
                return text
            if text not in self._plain:
                self._plain[text] = _resolved(text)
            return self._plain[text]
        return _tagged(tag, text, event)

    def _start(self, holder: Any, event: Any, *, is_list: bool) -> None:
        if event.tag is not None and event.tag != '!' and event.tag not in _COLLECTIONS:
            raise _unknown_tag(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = holder
        if len(self._frames) > MAX_DEPTH:
            raise Unreadable(TOO_DEEP, _position(event))
        self._add(holder, event)
        self._frames.append(_Frame(holder, is_list, array('Q')))

    def _end(self) -> None:
        frame = self._frames.pop()
        if frame.places:
            self.marks.members[id(frame.holder)] = frame.places
        for merged in frame.merged or ():
            for other in merged if isinstance(merged, list) else [merged]:
                self._merge(frame, other)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            raise Unreadable(
                f'`*{event.anchor}` stands for nothing before it',
                _position(event),
                'A text that starts with `*` needs quotes.',
            )
        self.has_aliases = True
        self._add(self._anchors[event.anchor], event)

    def _add(self, value: Any, event: Any) -> None:
        if not self._frames:
            self.root = value
            self.marks.start = _position(event)
            return
        frame = self._frames[-1]
        if frame.is_list:
            frame.places.append(_place(event))
            frame.holder.append(value)
        elif frame.awaits_key:
            self._key(frame, value, event)
        elif frame.is_merge:
            frame.merged = [*(frame.merged or ()), value]
            frame.awaits_key, frame.is_merge = True, False
        else:
            frame.holder[frame.key] = value
            frame.awaits_key = True

    def _key(self, frame: _Frame, value: Any, event: Any) -> None:
        if isinstance(value, dict | list):
            raise Unreadable('a key of it is no text', _position(event), 'Give a text as the key.')
        frame.awaits_key = False
        frame.is_merge = value == '<<' and type(event) is ScalarEvent and event.implicit[0]
        if frame.is_merge:
            return
        frame.key = value if isinstance(value, str) else str(value)
        if frame.key in frame.holder:
            self._note_repetition(frame, _position(event))
        else:
            frame.holder[frame.key] = None
            frame.places.append(_place(event))

    def _note_repetition(self, frame: _Frame, position: Position) -> None:
        pointer = (*self._pointer(), frame.key)
        if pointer in self.repeated:
            self.repeated[pointer].append(position)
        elif len(self.repeated) < MAX_REPEATED:
            first = frame.places[list(frame.holder).index(frame.key)]
            self.repeated[pointer] = [position_of(first), position]

    def _merge(self, frame: _Frame, other: Any) -> None:
        if not isinstance(other, dict):
            raise Unreadable('a merge key (<<) of it merges what is no object')
        holder = frame.holder
        if other is holder:
            return
        self._members += len(other)
        if self._members > MAX_CHARACTERS:
            raise Unreadable('its merge keys (<<) make it huge')
        places = self.marks.members.get(id(other), ())
        for (key, value), place in zip(other.items(), places, strict=False):
            if key not in holder:
                frame.places.append(place)
                holder[key] = value
        self.marks.members[id(holder)] = frame.places

    def _pointer(self) -> Pointer:
        return tuple(
            frame.key if isinstance(frame.holder, dict) else str(len(frame.holder) - 1)
            for frame in self._frames[:-1]
        )


def _resolved(text: str) -> Any:
    """Return what a plain text is in YAML 1.1, if JSON has it too: a date stays the text."""
    resolvers: Any = yaml.SafeLoader.yaml_implicit_resolvers
    for tag, pattern in resolvers.get(text[:1], ()):
        if tag in _JSON_TAGS and pattern.match(text) and ':' not in text:
            try:
                return _constructed(tag, text)
            except _NOT_CONSTRUCTED:
                return text
    return text


def _tagged(tag: str, text: str, event: Any) -> Any:
    if tag == _TAG + 'str':
        return text
    if tag not in yaml.SafeLoader.yaml_constructors or tag in _COLLECTIONS:
        raise _unknown_tag(event)
    try:
        value = _constructed(tag, text)
    except _NOT_CONSTRUCTED as error:
        name = tag.removeprefix(_TAG)
        raise Unreadable(f'`{text[:80]}` is no {name}', _position(event)) from error
    return value if tag in _JSON_TAGS else text


def _constructed(tag: str, text: str) -> Any:
    if len(text) > _MAX_PLAIN and tag in _JSON_TAGS:
        return text
    construct: Any = yaml.SafeLoader.yaml_constructors[tag]
    return construct(_CONSTRUCTOR, yaml.ScalarNode(tag, text))


def _unknown_tag(event: Any) -> Unreadable:
    return Unreadable(
        f'its tag `{event.tag[:80]}` is none that JSON has',
        _position(event),
        'Take the tag out, or put the text into quotes if it begins with `!`.',
    )


def _place(event: Any) -> int:
    mark = event.start_mark
    return place_of(mark.line, mark.column)


def _position(event: Any) -> Position:
    return Position(event.start_mark.line + 1, event.start_mark.column + 1)
