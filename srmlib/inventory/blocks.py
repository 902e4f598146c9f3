"""One long array of a JSON document, read block by block: memory does not grow with the file.

A block may end after any item. Whether a place is such an end is never guessed: what stands between
the array's bracket and that place, closed by `]`, is valid JSON there and nowhere else. What is left
when all blocks are taken out is a valid document again, and decoded as one.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from itertools import islice
from typing import Generic, TypeVar

import msgspec
from msgspec import Raw

from srmlib.errors import SrmError
from srmlib.inventory.documents import FILLING
from srmlib.inventory.json_text import JSON_ERRORS, tell_json_fault
from srmlib.inventory.limits import LIMIT

Item = TypeVar("Item")
Whole = TypeVar("Whole")
BLOCK = 512 << 10  # bytes that are decoded at a time: they stay in the processor's cache
# How an object begins, as its writer lays it out: indentation tells its depth, else its first key.
OPENING = rb'\{(?:[^\S\n]*+\n\s*+(?=")|\s*+"[^"\\]*+")'
FIRST, SEPARATOR = re.compile(rb"\s*+(" + OPENING + rb")"), re.compile(rb"\}\s*+,\s*+" + OPENING)
TRIES = 16  # places that are tried in a block: each costs a decode of it
# White space that no writer leaves after a bracket: it marks the array that blocks came from.
MARK = b" \r\t\n\t\r "
BRACKETS, COMMA = b"[]", ord(",")
CLOSING = b"]}"  # what ends a document within its array
MARGIN = 64  # bytes before the end of what is read, where a fault may only mean that more follows


class Blocks(Generic[Item, Whole]):
    """The items under a top-level key, a list at a time; then `rest`, the document around them.

    `decode` makes a list of items of a JSON array, or raises as msgspec does.
    `count` is how many they are so far. Whatever the layout, they are those that a decode of the
    whole gives. What cannot be divided is held at once, up to 1 GiB; SrmError names the line at
    which a document is broken.

    A part of a document: `head` goes before what the stream gives, and before byte `stop` the array
    and the document are closed, with SrmError where no item ends there.
    """

    rest: Whole

    def __init__(
        self, stream: BufferedReader, key: str, decode: Callable[[memoryview], list[Item]],
        whole: type[Whole], size: int = BLOCK, head: bytes = b"", stop: int | None = None,
    ) -> None:  # fmt: skip
        self._stream, self._key, self._whole, self._size = stream, key, whole, size
        self._decode = decode
        self._origin, self._stop = stream.tell(), stop
        self._head = self._opening = self._separator = b""
        # What was read and not taken out yet lies from `start` to `end` of a buffer, the last block
        # of it from `fresh` on; the byte before is free.
        self._buffer, self._spare = bytearray(b"[" + head), bytearray()
        self._start, self._fresh, self._end = 1, 1, len(self._buffer)
        self.count = 0
        self._bytes = 0  # taken out already

    def __iter__(self) -> Iterator[list[Item]]:
        has_more = self._read_head()
        while has_more:
            items = self._take()
            if items is None:
                self._find_damage()
            else:
                self.count += len(items)
                yield items
            has_more = self._read()
        items = self._finish()
        self.count += len(items)
        yield items

    @property
    def _left(self) -> memoryview:
        return memoryview(self._buffer)[self._start : self._end]

    def _read_head(self) -> bool:
        """Read beyond the array's bracket; all of a document that has no such array is left."""
        while self._read():
            end = find_array(self._left, self._key)
            if end:
                self._head = bytes(self._left[:end])
                self._start += end
                self._fresh = self._start
                self._opening = _find_opening(self._left)
                return True
        return False

    def _read(self) -> bool:
        """Read a block as long as what is left: no byte is moved or tried more than a few times."""
        left = self._end - self._start
        if left > LIMIT:
            raise SrmError("is over 1 GiB in one piece; split it, or give the tool's own export")
        size = max(self._size, left)
        if self._stop is not None:
            size = min(size, self._stop - self._stream.tell())
        fresh = 1 + left
        if len(self._spare) < fresh + size or is_held(self._spare):
            self._spare = bytearray(fresh + size + self._size)
        self._spare[1:fresh] = self._left
        self._buffer, self._spare = self._spare, self._buffer
        count = self._stream.readinto(memoryview(self._buffer)[fresh : fresh + size])
        self._start, self._fresh, self._end = 1, fresh, fresh + count
        return count > 0

    def _take(self) -> list[Item] | None:
        """The items up to the last one that ends in the last block, as far as places are tried."""
        for comma, separator in self._list_ends():
            # Brackets take the place of this comma and of the one before.
            self._buffer[self._start - 1], self._buffer[comma] = BRACKETS
            try:
                items = self._decode(memoryview(self._buffer)[self._start - 1 : comma + 1])
            except (msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
                # What stands before a wrong place is decoded first, so that these are real.
                raise self._tell_fault(error) from None
            except msgspec.DecodeError:
                self._buffer[comma] = COMMA
                continue
            self._bytes += comma + 1 - self._start
            self._start, self._separator = comma + 1, separator
            return items
        return None

    def _list_ends(self) -> Iterator[tuple[int, bytes]]:
        """Where an item may end, and what follows: by what followed last, else by anything."""
        place = self._end if self._separator else -1
        for _ in range(TRIES):
            place = self._buffer.rfind(self._separator, self._fresh, place) if place > 0 else -1
            if place < 0:
                break
            yield _find_comma(self._separator, place), self._separator
        matches = SEPARATOR.finditer(self._buffer, self._fresh, self._end)
        found = {match[0]: match.start() for match in matches}
        likely_first = sorted(found, key=lambda each: not each.endswith(self._opening))
        for separator in likely_first[:TRIES]:
            yield _find_comma(separator, found[separator]), separator

    def _find_damage(self) -> None:
        """A document that is broken already is not read to its end."""
        content = self._join()
        try:
            msgspec.json.decode(content, type=Raw)
        except JSON_ERRORS as error:
            place = re.search(r"byte (\d+)", str(error))
            if place and int(place[1]) < len(content) - MARGIN:
                raise self._tell_fault(error) from None

    def _finish(self) -> list[Item]:
        """Decode what is left: the last items, and the document around them."""
        content = self._join()
        try:
            parts = msgspec.json.decode(content, type=dict[str, Raw])
            self.rest = msgspec.json.decode(content, type=self._whole)
            left = parts.get(self._key, Raw(b"[]"))
            if self._head and not bytes(left).startswith(b"[" + MARK):
                raise SrmError(f"has {self._key} twice; write the file again")
            if self._stop is not None and len(self._head) + len(left) != len(content):
                raise SrmError(f"has no item of {self._key} that ends here; read it as a whole")
            return self._decode(memoryview(left))
        except JSON_ERRORS as error:
            raise self._tell_fault(error) from None

    def _join(self) -> bytes:
        content = b"".join((self._head, MARK if self._head else b"", self._left))
        return content.rstrip(FILLING) if self._stop is None else content + CLOSING

    def _tell_fault(self, error: Exception) -> SrmError:
        """The fault by its place in the whole file, from that in what was decoded."""
        if isinstance(error, msgspec.ValidationError):
            told = re.sub(
                r"`\$\[(\d+)\]",
                lambda found: f"`$.{self._key}[{int(found[1]) + self.count}]",
                str(error),
            )
            error = msgspec.ValidationError(told)
        return tell_json_fault(error, self._find_line)

    def _find_line(self, place: int) -> int:
        """The line of a place in what is left, which is read from the start to count it."""
        if self._head and place > len(self._head):
            place += self._bytes - len(MARK)
        self._stream.seek(self._origin)
        line = 1
        while place > 0 and (block := self._stream.read(min(self._size, place))):
            line += block.count(b"\n")
            place -= len(block)
        return line


@contextmanager
def without_collector() -> Iterator[None]:
    """The collector would walk hundreds of thousands of short-lived records for nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def find_array(content: bytes | memoryview, key: str) -> int | None:
    """Where the first item of the array under a top-level key begins, if it is in the content.

    With the bracket and the document closed right there, the content has to be valid.
    """
    name = re.compile(rb'(?<!\\)"' + re.escape(key.encode()) + rb'"\s*:\s*\[')
    for match in islice(name.finditer(content), TRIES):
        try:
            closed = b"".join((content[: match.end()], CLOSING))
            msgspec.json.decode(closed, type=dict[str, Raw])
        except JSON_ERRORS:
            continue
        return match.end()
    return None


def is_held(buffer: bytearray) -> bool:
    """Whether a part of the buffer is still in use, which keeps it from changing its size."""
    try:
        buffer.append(0)
    except BufferError:
        return True
    del buffer[-1:]
    return False


def guess_end(content: bytes, start: bytes) -> int | None:
    """The comma behind an item somewhere in an array, by the layout in which the array starts."""
    opening = _find_opening(start)
    for match in SEPARATOR.finditer(content) if opening else ():
        if match[0].endswith(opening):
            return _find_comma(match[0], match.start())
    return None


def _find_opening(items: bytes | memoryview) -> bytes:
    """How the first item of an array begins, if that is an object."""
    found = FIRST.match(items)
    return found[1] if found else b""


def _find_comma(separator: bytes, place: int) -> int:
    return place + separator.index(b",")
