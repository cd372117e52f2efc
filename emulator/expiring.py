"""Values that are kept in memory for a limited time."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar('Value')
Clock = Callable[[], float]


class Expiring(Generic[Value]):
    """A mapping whose entries go when their time is over; safe to share between threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: dict[str, tuple[float, Value]] = {}
        self._changing = threading.Lock()

    def put(self, key: str, value: Value, seconds: float) -> None:
        """Keep a value under a key for so long, in place of what was there."""
        now = self._clock()
        with self._changing:
            self._entries = {k: e for k, e in self._entries.items() if now < e[0]}
            self._entries[key] = (now + seconds, value)

    def get(self, key: str) -> Value | None:
        """Return what is kept under the key, if its time is not over."""
        return self._alive(self._entries.get(key))

    def seconds_left(self, key: str) -> float:
        """Return how long the value under the key is still kept."""
        entry = self._entries.get(key)
        return max(0.0, entry[0] - self._clock()) if entry else 0.0

    def pop(self, key: str) -> Value | None:
        """Return what is kept under the key and keep it no longer: only one caller gets it."""
        with self._changing:
            return self._alive(self._entries.pop(key, None))

    def pop_all(self, is_wanted: Callable[[Value], bool]) -> dict[str, Value]:
        """Return all that the question is true of, and keep it no longer."""
        with self._changing:
            popped = {key: value for key, (_, value) in self._entries.items() if is_wanted(value)}
            self._entries = {k: e for k, e in self._entries.items() if k not in popped}
        return popped

    def _alive(self, entry: tuple[float, Value] | None) -> Value | None:
        return entry[1] if entry and self._clock() < entry[0] else None
