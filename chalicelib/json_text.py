"""JSON from outside, read alike by every Python.

How deeply JSON may be nested until a decoder gives up depends on the Python, and in some of them on
the stack that is left. So it is counted here, far below all of those.
"""

import re
from typing import Any

import msgspec

MAX_DEPTH = 500
_TEXT_OR_BRACKET = r'"(?>(?:[^"\\]++|\\.)*)"?|[\[\]{}]'


class NestedTooDeeply(ValueError):
    """The JSON has more than MAX_DEPTH levels."""


def decode(text: str, type: type[Any] = Any) -> Any:  # noqa: A002  as msgspec calls it  # pyright: ignore[reportArgumentType]
    """Return what a text says; raises NestedTooDeeply, or another ValueError."""
    if text.count('[') + text.count('{') > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise NestedTooDeeply
    return msgspec.json.decode(text, type=type)


def _depth(text: str) -> int:
    deepest = depth = 0
    for found in re.finditer(_TEXT_OR_BRACKET, text, re.DOTALL):
        if found[0] in ('[', '{'):
            depth += 1
            deepest = max(deepest, depth)
        elif found[0] in (']', '}'):
            depth -= 1
    return deepest
