"""A request's body that comes in chunks (RFC 9112, section 7.1)."""

import io
import re

from werkzeug.exceptions import RequestEntityTooLarge

_SIZE = re.compile(rb'([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n')
_MAX_SIZE_LINE_BYTES = 100


class Chunks(io.RawIOBase):
    """The body, put together as it is read; what is broken raises OSError.

    ``max_bytes`` is set by who reads it: a chunk that would go beyond it is not read at all.
    """

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream
        self._left_in_chunk = 0
        self._is_at_end = False
        self._announced_bytes = 0
        self.max_bytes: int | None = None

    def readable(self) -> bool:
        """Tell that this can be read."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Read some of the body; 0 is its end."""
        view = memoryview(buffer)
        if not view or self._is_at_end:
            return 0
        if not self._left_in_chunk and not self._begin_chunk():
            return 0
        data = self._stream.read(min(len(view), self._left_in_chunk))
        if not data:
            raise OSError('The body ends within a chunk.')
        view[: len(data)] = data
        self._left_in_chunk -= len(data)
        if not self._left_in_chunk:
            self._end_chunk()
        return len(data)

    def _begin_chunk(self) -> bool:
        """Read the size of the next chunk, and tell whether there is one."""
        size = _SIZE.fullmatch(self._stream.readline(_MAX_SIZE_LINE_BYTES))
        if not size:
            raise OSError('A chunk begins with its size.')
        self._left_in_chunk = int(size[1], 16)
        self._announced_bytes += self._left_in_chunk
        if self.max_bytes is not None and self._announced_bytes > self.max_bytes:
            raise RequestEntityTooLarge
        if not self._left_in_chunk:
            self._end_chunk()
            self._is_at_end = True
        return not self._is_at_end

    def _end_chunk(self) -> None:
        if self._stream.readline(2) not in (b'\r\n', b'\n'):
            raise OSError('A chunk ends with its line.')
