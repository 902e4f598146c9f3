"""One long array of a JSON document, read block by block: memory does not grow with the file.

A block may end after any item. Whether a place is such an end is never guessed: what stands between
the array's bracket and that place, closed by `]`, is valid JSON there and nowhere else. What is left
when all blocks are taken out is a valid document again, and decoded as one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BufferedReader
from itertools import islice
from typing import Generic, TypeVar

import msgspec
from msgspec import Raw

from srmlib.errors import SrmError
from srmlib.inventory.documents import FILLING
from srmlib.inventory.json_text import JSON_ERRORS, tell_json_fault
from srmlib.inventory.limits import LIMIT
from srmlib.inventory.read_ahead import ReadAhead

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
MARGIN = 64  # bytes before the end of what is read, where a fault may only mean that more follows


class Blocks(Generic[Item, Whole]):
    """The items under a top-level key, a list at a time; then `rest`, the document around them.

    `decode` makes a list of items of a JSON array, or raises as msgspec does.
    `count` is how many they are so far. Whatever the layout, they are those that a decode of the
    whole gives. What cannot be divided is held at once, up to 1 GiB; SrmError names the line at
    which a document is broken.
    """

    rest: Whole

    def __init__(
        self, stream: BufferedReader, key: str, decode: Callable[[memoryview], list[Item]],
        whole: type[Whole], size: int = BLOCK,
    ) -> None:  # fmt: skip
        self._stream, self._key, self._whole, self._size = stream, key, whole, size
        self._decode = decode
        self._origin = stream.tell()
        self._ahead = ReadAhead(stream, size)
        self._head = self._opening = self._separator = b""
        # What was read and not taken yet: from `start` to `end` of the piece.
        self._piece = bytearray(1)
        self._start = self._end = 1
        self.count = 0
        self._bytes = 0  # taken out already

    def __iter__(self) -> Iterator[list[Item]]:
        if self._read_head():
            while True:
                items = self._take()
                if items is not None:
                    self.count += len(items)
                    yield items
                elif self._find_damage() or not self._read_more():
                    break
        items = self._finish()
        self.count += len(items)
        yield items

    def _read_head(self) -> bool:
        """Read beyond the array's bracket; all of a document that has no such array is left."""
        while self._read_more():
            end = find_array(self._left, self._key)
            if end:
                self._head = bytes(self._left[:end])
                self._start += end
                opening = FIRST.match(self._piece, self._start, self._end)
                self._opening = opening[1] if opening else b""
                return True
        return False

    def _read_more(self) -> bool:
        """Another piece behind what is left, if there is one."""
        if self._end - self._start > LIMIT:
            raise SrmError("is over 1 GiB in one piece; split it, or give the tool's own export")
        piece = self._ahead.take(bytes(self._left))
        if piece:
            self._piece, self._start, self._end = piece
        return piece is not None

    @property
    def _left(self) -> memoryview:
        return memoryview(self._piece)[self._start : self._end]

    def _take(self) -> list[Item] | None:
        """The items up to the last one that ends in a block, or in a longer one; None where no item
        ends, as far as places are tried."""
        reach = self._size
        while True:
            end = min(self._start + reach, self._end)
            for comma, separator in self._list_ends(end):
                items = self._decode_to(comma)
                if items is not None:
                    self._separator = separator
                    return items
            if end == self._end:
                return None
            reach *= 2

    def _decode_to(self, comma: int) -> list[Item] | None:
        """The items before a comma; brackets take its place and that of the one before them."""
        self._piece[self._start - 1], self._piece[comma] = BRACKETS
        try:
            items = self._decode(memoryview(self._piece)[self._start - 1 : comma + 1])
        except (msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
            # What stands before a wrong place is decoded first, so that these are real.
            raise self._tell_fault(error) from None
        except msgspec.DecodeError:
            self._piece[comma] = COMMA
            return None
        self._bytes += comma + 1 - self._start
        self._start = comma + 1
        return items

    def _list_ends(self, end: int) -> Iterator[tuple[int, bytes]]:
        """Where an item may end, and what follows: by what followed last, else by anything."""
        place = end if self._separator else -1
        for _ in range(TRIES):
            place = self._piece.rfind(self._separator, self._start, place) if place > 0 else -1
            if place < 0:
                break
            yield _find_comma(self._separator, place), self._separator
        matches = SEPARATOR.finditer(self._piece, self._start, end)
        found = {match[0]: match.start() for match in matches}
        likely_first = sorted(found, key=lambda each: not each.endswith(self._opening))
        for separator in likely_first[:TRIES]:
            yield _find_comma(separator, found[separator]), separator

    def _find_damage(self) -> bool:
        """A document that is broken already is not read to its end."""
        content = self._join()
        try:
            msgspec.json.decode(content, type=Raw)
        except JSON_ERRORS as error:
            place = re.search(r"byte (\d+)", str(error))
            if place and int(place[1]) < len(content) - MARGIN:
                raise self._tell_fault(error) from None
        return False

    def _finish(self) -> list[Item]:
        """Decode what is left: the last items, and the document around them."""
        content = self._join()
        try:
            parts = msgspec.json.decode(content, type=dict[str, Raw])
            self.rest = msgspec.json.decode(content, type=self._whole)
            left = parts.get(self._key, Raw(b"[]"))
            if self._head and not bytes(left).startswith(b"[" + MARK):
                raise SrmError(f"has {self._key} twice; write the file again")
            return self._decode(memoryview(left))
        except JSON_ERRORS as error:
            raise self._tell_fault(error) from None

    def _join(self) -> bytes:
        content = b"".join((self._head, MARK if self._head else b"", self._left))
        return content.rstrip(FILLING)

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
        self._ahead.wait()
        self._stream.seek(self._origin)
        line = 1
        while place > 0 and (block := self._stream.read(min(self._size, place))):
            line += block.count(b"\n")
            place -= len(block)
        return line


def find_array(content: bytes | memoryview, key: str) -> int | None:
    """Where the first item of the array under a top-level key begins, if it is in the content.

    With the bracket and the document closed right there, the content has to be valid.
    """
    name = re.compile(rb'(?<!\\)"' + re.escape(key.encode()) + rb'"\s*:\s*\[')
    for match in islice(name.finditer(content), TRIES):
        try:
            msgspec.json.decode(b"".join((content[: match.end()], b"]}")), type=dict[str, Raw])
        except JSON_ERRORS:
            continue
        return match.end()
    return None


def _find_comma(separator: bytes, place: int) -> int:
    return place + separator.index(b",")
