"""From text that anybody may have written to plain JSON values of a sane size and depth."""

import json
from typing import Any

import yaml

# Twice what ChatGPT takes: what is larger is refused unread, what is smaller is measured.
_MAX_CHARACTERS = 2_000_000
_MAX_DEPTH = 100
# PyYAML's own error, and what it lets out for a tag that does not fit its value.
_NOT_YAML = (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, OverflowError)


class Unreadable(ValueError):
    """The text is no document that anybody could read; the message says where it ends."""


def parse(text: bytes) -> object:
    """Parse JSON or YAML; raises Unreadable."""
    if len(text) > _MAX_CHARACTERS:
        raise Unreadable(f'it has {len(text):,} bytes, and ChatGPT takes a million')
    try:
        decoded = text.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        raise Unreadable(f'it is not UTF-8 text: {error}') from error
    try:
        return json.loads(decoded)
    except RecursionError as error:
        raise Unreadable('it is nested too deeply') from error
    except ValueError:
        return _parse_yaml(decoded)


# Not CSafeLoader: deep nesting overflows its stack and ends the process.
class _Loader(yaml.SafeLoader):
    """PyYAML's, but that merge keys (``<<``) can't make a short text a huge object."""

    members = 0

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        super().flatten_mapping(node)
        self.members += len(node.value)
        if self.members > _MAX_CHARACTERS:
            raise Unreadable('its merge keys (<<) make it huge')


def _parse_yaml(text: str) -> object:
    try:
        return yaml.load(text, _Loader)  # noqa: S506  a SafeLoader
    except Unreadable:
        raise
    except RecursionError as error:
        raise Unreadable('it is nested too deeply') from error
    except _NOT_YAML as error:
        raise Unreadable(f'it is neither JSON nor YAML: {" ".join(str(error).split())}') from error


def plain(document: object) -> Any:
    """Copy a document into plain JSON values with text as keys, if it has a sane size.

    YAML knows numbers and dates, as keys too (``200:``), and aliases, which make a short text a
    huge or an endless tree. Raises Unreadable.
    """
    left = _MAX_CHARACTERS

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
            raise Unreadable(
                'written out it has over two million characters, and ChatGPT takes one'
            )
        if depth > _MAX_DEPTH:
            raise Unreadable(f'it is nested more than {_MAX_DEPTH} levels deep, or without end')
        if isinstance(value, dict):
            return {str(scalar(key)): copy(child, depth + 1) for key, child in value.items()}
        if isinstance(value, list | tuple | set):
            return [copy(child, depth + 1) for child in value]
        return scalar(value)

    return copy(document, 0)
