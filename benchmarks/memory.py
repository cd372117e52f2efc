"""The memory of a function's process, watched from outside."""

import re
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

_PROC = Path('/proc')
_SECONDS_BETWEEN_LOOKS = 0.005


class PeakMemory:
    """The most memory that a parent's child held, in ``megabytes``, while the context lasts.

    Linux keeps the peak itself. It has to be asked for again and again, as Lambda's emulator kills
    a process whose answer is too large.
    """

    def __init__(self, parent_pid: int) -> None:
        self.megabytes = 0.0
        self._parent_pid = parent_pid
        self._is_over = Event()
        self._watch = Thread(target=self._look)

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._watch.join()

    def _look(self) -> None:
        child: Path | None = None
        while True:
            is_over = self._is_over.wait(_SECONDS_BETWEEN_LOOKS)
            with suppress(OSError):
                child = child or _child_of(self._parent_pid)
                if child:
                    peak = _kilobytes(child / 'status', 'VmHWM')
                    self.megabytes = max(self.megabytes, peak * 1024 / 1e6)
            if is_over:
                return


def _child_of(pid: int) -> Path | None:
    for process in _PROC.glob('[0-9]*'):
        with suppress(OSError):
            if _kilobytes(process / 'status', 'PPid') == pid:
                return process
    return None


def _kilobytes(status: Path, field: str) -> int:
    found = re.search(rf'^{field}:\s+(\d+)', status.read_text(), re.MULTILINE)
    return int(found[1]) if found else 0
