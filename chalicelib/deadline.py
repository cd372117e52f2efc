"""The time that a call may work for, so that its answer is there within 25 seconds."""

import time
from typing import Protocol

# The last call to AWS begins before this, and has failed 11 seconds later at the latest (aws.py).
WORKING_SECONDS = 14.0


class Clock(Protocol):
    """What a deadline needs of the time module."""

    def monotonic(self) -> float:
        """Return the seconds since some moment."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Wait."""


class Deadline:
    """The moment at which a call has to stop working on its answer."""

    def __init__(self, seconds: float = WORKING_SECONDS, clock: Clock = time) -> None:
        self._clock = clock
        self._end = clock.monotonic() + seconds

    @property
    def seconds_left(self) -> float:
        """How long it is until then; 0 when it is over."""
        return max(0.0, self._end - self._clock.monotonic())

    @property
    def is_over(self) -> bool:
        """Whether it has come."""
        return self._clock.monotonic() >= self._end

    def pause(self, seconds: float) -> None:
        """Wait, but not past the deadline."""
        self._clock.sleep(max(0.0, min(seconds, self._end - self._clock.monotonic())))
