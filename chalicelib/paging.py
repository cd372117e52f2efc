"""What fits an answer: lists cut to a budget of characters, and cursors that lead to the rest.

An answer stays whole and under ChatGPT's 100,000 characters, counted in the JSON that is sent:
https://platform.openai.com/docs/actions/production
"""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec

from chalicelib.errors import InvalidCursor

MAX_ANSWER_CHARACTERS = 90_000
# What a list or a text may take up of an answer; the rest is for the fields beside it.
MAX_LIST_CHARACTERS = 80_000

_CHECKSUM_BYTES = 9

T = TypeVar('T')


def size_of(value: Any) -> int:
    """Return how many characters a value takes up in the JSON of an answer."""
    return len(msgspec.json.encode(value).decode())


def fit(items: Iterable[T], max_characters: int = MAX_LIST_CHARACTERS) -> list[T]:
    """Return the items from the first on, as many as fit; none when the first is too large."""
    fitting: list[T] = []
    left = max_characters - len('[]')
    for item in items:
        left -= size_of(item) + len(',')
        if left < 0:
            break
        fitting.append(item)
    return fitting


def cursor_to(position: Any, *scope: str) -> str:
    """Return the cursor that leads to a position in one listing.

    ``scope`` says which listing: the operation, whose it is and what was asked for. A cursor is a
    place, not a permission: where it leads is checked as if it had been asked for.
    """
    encoded = msgspec.json.encode(position)
    return urlsafe_b64encode(_checksum(encoded, scope) + encoded).rstrip(b'=').decode()


def position_of(cursor: str, position_type: type[T], *scope: str) -> T:
    """Return the position that a cursor of the same listing leads to.

    Raises InvalidCursor for anything but what cursor_to() gave for the same scope.
    """
    try:
        decoded = b64decode(cursor + '=' * (-len(cursor) % 4), altchars=b'-_', validate=True)
        checksum, encoded = decoded[:_CHECKSUM_BYTES], decoded[_CHECKSUM_BYTES:]
        if checksum != _checksum(encoded, scope):
            raise InvalidCursor
        return msgspec.json.decode(encoded, type=position_type)
    except ValueError as error:
        raise InvalidCursor from error


def _checksum(encoded: bytes, scope: tuple[str, ...]) -> bytes:
    return blake2b(msgspec.json.encode((scope, encoded)), digest_size=_CHECKSUM_BYTES).digest()
