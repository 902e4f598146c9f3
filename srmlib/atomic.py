"""Files are written whole or not at all: what was there before is never lost.

A process that is killed leaves the old file, and beside it what it had written of the new one: a
hidden .NAME.XXXXXXXX.tmp that nothing reads and anybody may delete.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from srmlib.errors import SrmError


def replace_file(target: Path, content: bytes | Iterable[bytes]) -> Path:
    """Put the content, or its pieces, in place in one step: a reader sees the old file or the new one."""
    return replace_files({target: content})[0]


def replace_files(contents: Mapping[Path, bytes | Iterable[bytes]]) -> list[Path]:
    """Files that belong together: all are written, in full, before the first takes its place."""
    ready: dict[Path, Path] = {}
    with ExitStack() as parts:
        for target, content in contents.items():
            place = Path(os.path.realpath(target))  # A link stays, and leads to the new file.
            handle, part = _make_part(place)
            parts.callback(part.unlink, missing_ok=True)
            with _explain(target), os.fdopen(handle, "wb") as out:
                _check_place(place)
                _fill(out, content)
                part.chmod(_mode_for(place))
            ready[place] = part
        for place, part in ready.items():
            with _explain(place):
                part.replace(place)
    return list(contents)


def _check_place(place: Path) -> None:
    """To replace a file that may not be written would be no respect."""
    if place.exists() and not place.is_file():
        raise SrmError(f"{place.name}: is no file that could be replaced; choose another name")
    if place.exists() and not os.access(place, os.W_OK):
        raise SrmError(f"{place.name}: is write-protected; make it writable or choose another name")


def _make_part(place: Path) -> tuple[int, Path]:
    try:
        handle, part = tempfile.mkstemp(".tmp", f".{place.name}.", place.parent)
    except OSError as error:
        raise SrmError(
            f"{place.name}: cannot be written: {error.strerror}; choose another folder"
        ) from None
    return handle, Path(part)


def _fill(out: BinaryIO, content: bytes | Iterable[bytes]) -> None:
    out.writelines([content] if isinstance(content, bytes) else content)
    out.flush()
    os.fsync(out.fileno())


@contextmanager
def _explain(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # Windows replaces no file that another program has open.
        mend = "; close it elsewhere" if isinstance(error, PermissionError) else ""
        raise SrmError(
            f"{target.name}: cannot be written: {error.strerror}; the old file is kept{mend}"
        ) from None


def _mode_for(target: Path) -> int:
    """The mode of the file that is replaced, else what a new file would get."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
