"""statement_timeout: the end of a statement that takes longer than it may."""

import threading
from collections.abc import Callable
from types import TracebackType

from emulator.redshift.session.refused import Refused

_PAUSE_SECONDS = 0.01


class TimeLimit:
    """The time that one statement has, if that is limited; afterwards it is interrupted."""

    def __init__(self, seconds: float | None, interrupt: Callable[[], None]) -> None:
        self._seconds = seconds
        self._interrupt = interrupt
        self._is_over = False
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._end_it, daemon=True)

    def __enter__(self) -> 'TimeLimit':
        """Begin to measure."""
        if self._seconds:
            self._watch.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop measuring; what follows on the connection is not interrupted."""
        self._done.set()
        if self._watch.is_alive():
            self._watch.join()

    def sleep(self, seconds: float, cancelled: threading.Event) -> None:
        """Wait, unless the statement is cancelled; raises Refused when the time is over."""
        if self._seconds and seconds >= self._seconds:
            self._is_over = not cancelled.wait(self._seconds)
            self.check()
        elif seconds:
            cancelled.wait(seconds)

    def check(self) -> None:
        """Raise Refused when the time is over."""
        if self._is_over:
            raise Refused("Query cancelled on user's request")

    def _end_it(self) -> None:
        if self._done.wait(self._seconds):
            return
        self._is_over = True
        # More than once: what is about to start can't be interrupted yet.
        while not self._done.wait(_PAUSE_SECONDS):
            self._interrupt()
