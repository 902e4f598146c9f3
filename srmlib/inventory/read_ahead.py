"""A stream in pieces, each of which is read, and unpacked, while the one before is worked on."""

from __future__ import annotations

from io import BufferedReader
from threading import Thread
from typing import NamedTuple

LARGE = 4 << 20  # bytes of a piece; the first, and the only one of most files, is small
ROOM = 64 << 10  # bytes before a piece, for what was left of the one before


class Piece(NamedTuple):
    """Bytes from `start` to `end` of a buffer; the byte before `start` is free."""

    buffer: bytearray
    start: int
    end: int


class ReadAhead:
    """Reads a stream to its end; two buffers take turns, unless somebody still holds on to one."""

    def __init__(self, stream: BufferedReader, size: int) -> None:
        self._stream, self._size = stream, size
        self._buffer, self._spare = bytearray(ROOM + size), bytearray()
        self._count = 0  # bytes read into the buffer
        self._fault: Exception | None = None
        self._thread: Thread | None = None
        self._read()

    def take(self, left: bytes) -> Piece | None:
        """The next piece with what was left before it; None where the stream has ended."""
        self.wait()
        if not self._count:
            return None
        if len(left) >= ROOM:
            return self._take_long(left)
        start, end = ROOM - len(left), ROOM + self._count
        piece = Piece(self._buffer, start, end)
        piece.buffer[start:ROOM] = left
        self._go_on()
        return piece

    def _take_long(self, left: bytes) -> Piece:
        """As much again as what was left, so that no byte is moved more than a few times."""
        parts: list[bytes | bytearray] = [b"[", left]
        wanted = len(left)
        while wanted > 0 and self._count:
            parts.append(self._buffer[ROOM : ROOM + self._count])
            wanted -= self._count
            self._go_on()
            self.wait()
        whole = bytearray().join(parts)
        return Piece(whole, 1, len(whole))

    def _go_on(self) -> None:
        """Read the next piece into the other buffer; one that was not filled was the last."""
        is_last = self._count < self._size
        self._size = max(self._size, LARGE)
        self._buffer, self._spare = self._spare, self._buffer
        self._count = 0
        if not is_last:
            if len(self._buffer) != ROOM + self._size or is_held(self._buffer):
                self._buffer = bytearray(ROOM + self._size)
            self._thread = Thread(target=self._read, daemon=True)
            self._thread.start()

    def _read(self) -> None:
        try:
            self._count = self._stream.readinto(memoryview(self._buffer)[ROOM:])
        except Exception as error:  # Told where the piece is taken.
            self._fault = error

    def wait(self) -> None:
        """Until nothing is being read; what went wrong is raised then."""
        if self._thread:
            self._thread.join()
            self._thread = None
        if self._fault:
            raise self._fault


def is_held(buffer: bytearray) -> bool:
    """Whether a view of the buffer is still in use: it may not change its size then."""
    try:
        buffer.append(0)
    except BufferError:
        return True
    del buffer[-1:]
    return False
