"""How much of an input is taken: what was made to fill a disk or a memory gets one line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import partial
from io import BufferedReader, BytesIO, RawIOBase
from pathlib import Path
from typing import Any, TextIO

from srmlib.errors import SrmError

LIMIT = 1 << 30  # bytes that are held at once; what may be larger is read in blocks
LONGEST = 16 << 20  # characters of one line of a table
# Text packs to a tenth or so, and what packs better than this holds nothing but repetition.
RATIO, SMALL = 200, 64 << 20  # times, and bytes that are always unpacked
MOST_XML = 32 << 20  # bytes of an Office file; a tree of it takes fifty times as much
STEP = 1 << 20  # bytes that are unpacked at a time


def unpack_gzip(packed: BufferedReader) -> BufferedReader:
    """The bytes in a gzip stream, unpacked as they are read."""
    return BufferedReader(_Unpacked(packed))


class _Unpacked(RawIOBase):
    def __init__(self, packed: BufferedReader) -> None:
        # All of it is loaded only where a file is packed.
        import zlib
        from gzip import BadGzipFile

        from isal import igzip, igzip_lib

        self._packed = packed
        self._stream = igzip.open(packed, "rb")  # type: ignore[no-untyped-call]
        self._damages = (EOFError, zlib.error, BadGzipFile, igzip_lib.IsalError)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        place: int = self._stream.seek(offset, whence)
        return place

    def readinto(self, buffer: Any) -> int:
        try:
            made: int = self._stream.readinto(memoryview(buffer)[:STEP])
        except self._damages:  # type: ignore[misc]  # untyped
            raise SrmError("is a damaged gzip file; fetch it again") from None
        check_ratio(self._stream.tell(), self._packed.tell())
        return made


def check_ratio(unpacked: int, packed: int) -> None:
    """Refuse what packs better than any file of a workload does; both in bytes."""
    if unpacked > max(SMALL, RATIO * packed):
        raise SrmError("is packed far too tightly for a file of this kind; unpack it and look")


def read_lines(text: TextIO) -> Iterator[str]:
    """The lines of a table; one that would fill the memory is none that a tool wrote: csv.Error."""
    for line in iter(partial(text.readline, LONGEST), ""):
        if len(line) >= LONGEST:
            raise csv.Error("a line without an end")
        yield line


def tell_comma(text: str) -> str:
    """What parts the cells of a table's first line: a spreadsheet may have saved it with another sign."""
    return max(",;\t", key=text.partition("\n")[0].count)


def check_parts(content: bytes) -> None:
    """Refuse an Office file whose XML would fill the memory once it is a tree."""
    from zipfile import ZipFile

    with ZipFile(BytesIO(content)) as parts:
        size = sum(each.file_size for each in parts.infolist() if each.filename.endswith(".xml"))
    if size > MOST_XML:
        raise SrmError("holds over 32 MiB of XML; give a smaller file")


def is_there(path: Path) -> bool:
    """Whether a file lies where another one says; a name that no disk takes leads nowhere."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
