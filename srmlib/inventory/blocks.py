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

Item = TypeVar("Item")
Whole = TypeVar("Whole")
BLOCK = 256 << 10  # bytes; larger ones are slower, as the allocator maps each of them anew
# How an object begins, as its writer lays it out: indentation tells its depth, else its first key.
OPENING = rb'\{(?:[^\S\n]*+\n\s*+(?=")|\s*+"[^"\\]*+")'
FIRST, SEPARATOR = re.compile(rb"\s*+(" + OPENING + rb")"), re.compile(rb"\}\s*+,\s*+" + OPENING)
TRIES = 16  # places that are tried in a block: each costs a decode of it
# White space that no writer leaves after a bracket: it marks the array that blocks came from.
MARK = b" \r\t\n\t\r "
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
        self, stream: BufferedReader, key: str, decode: Callable[[bytes], list[Item]],
        whole: type[Whole], size: int = BLOCK,
    ) -> None:  # fmt: skip
        self._stream, self._key, self._whole, self._size = stream, key, whole, size
        self._decode = decode
        self._start = stream.tell()
        self._head = self._opening = self._separator = b""
        self._pending: list[bytes] = []
        self.count = 0
        self._bytes = 0  # taken out already

    def __iter__(self) -> Iterator[list[Item]]:
        for block in self._list_blocks():
            items = self._take(block)
            if items is None:
                self._pending.append(block)
                self._find_damage()
            else:
                self.count += len(items)
                yield items
        items = self._finish()
        self.count += len(items)
        yield items

    def _list_blocks(self) -> Iterator[bytes]:
        first = self._read_head()
        if first:
            yield first
        while block := self._read():
            yield block

    def _read_head(self) -> bytes:
        """Read beyond the array's bracket; all of a document that has no such array is pending."""
        while block := self._read():
            self._pending.append(block)
            content = b"".join(self._pending)
            end = find_array(content, self._key)
            if end:
                self._head, self._pending = content[:end], []
                opening = FIRST.match(content, end)
                self._opening = opening[1] if opening else b""
                return content[end:]
        return b""

    def _read(self) -> bytes:
        """The next block, as long as what is pending: no byte is tried more than a few times."""
        pending = sum(map(len, self._pending))
        if pending > LIMIT:
            raise SrmError("is over 1 GiB in one piece; split it, or give the tool's own export")
        return self._stream.read(max(self._size, pending))

    def _take(self, block: bytes) -> list[Item] | None:
        """The items up to the last one that ends in the block, as far as places are tried."""
        for end, separator in self._list_ends(block):
            content = b"".join((b"[", *self._pending, memoryview(block)[:end], b"]"))
            try:
                items = self._decode(content)
            except (msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
                # What stands before a wrong place is decoded first, so that these are real.
                raise self._tell_fault(error) from None
            except msgspec.DecodeError:
                continue
            self._bytes += len(content) - 1
            self._separator, self._pending = separator, [block[end + 1 :]]
            return items
        return None

    def _list_ends(self, block: bytes) -> Iterator[tuple[int, bytes]]:
        """Where an item may end, and what follows: by what followed last, else by anything."""
        place = len(block) if self._separator else -1
        for _ in range(TRIES):
            place = block.rfind(self._separator, 0, place) if place > 0 else -1
            if place < 0:
                break
            yield _find_comma(self._separator, place), self._separator
        found = {match[0]: match.start() for match in SEPARATOR.finditer(block)}
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
            return self._decode(left)
        except JSON_ERRORS as error:
            raise self._tell_fault(error) from None

    def _join(self) -> bytes:
        content = b"".join((self._head, MARK if self._head else b"", *self._pending))
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
        self._stream.seek(self._start)
        line = 1
        while place > 0 and (block := self._stream.read(min(self._size, place))):
            line += block.count(b"\n")
            place -= len(block)
        return line


def find_array(content: bytes, key: str) -> int | None:
    """Where the first item of the array under a top-level key begins, if it is in the content.

    With the bracket and the document closed right there, the content has to be valid.
    """
    name = re.compile(rb'(?<!\\)"' + re.escape(key.encode()) + rb'"\s*:\s*\[')
    for match in islice(name.finditer(content), TRIES):
        try:
            msgspec.json.decode(content[: match.end()] + b"]}", type=dict[str, Raw])
        except JSON_ERRORS:
            continue
        return match.end()
    return None


def _find_comma(separator: bytes, place: int) -> int:
    return place + separator.index(b",")
