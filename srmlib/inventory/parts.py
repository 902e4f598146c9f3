"""A large file's array in two parts, of which a second process reads the later one.

Where they part is guessed. The reading of the first part proves it: see `Blocks`.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import IO, Any, NamedTuple, TypeVar, cast

from srmlib.inventory.blocks import find_array, guess_end
from srmlib.inventory.documents import Document

Answer = TypeVar("Answer")
LATE = 96 << 20  # bytes that are read, about, before a second process is ready
LARGE = 2 * LATE  # bytes of a file that is worth one
WINDOW = 1 << 20  # bytes in which an item has to end
# The second process finds its modules where this one does, and none in its working directory.
WORK = (
    "import pickle, sys; given = sys.stdin.buffer; sys.path[:] = pickle.load(given); "
    "work, words = pickle.load(given); pickle.dump(work(*words), sys.stdout.buffer)"
)


class Parts(NamedTuple):
    """The bytes of a file up to its array, and the place of the comma between its parts."""

    path: Path
    head: bytes
    comma: int


def find_parts(document: Document, key: str) -> Parts | None:
    """Where a large file may be parted; None where that is not worth it or cannot be done."""
    size = document.size
    if size < LARGE or not _has_two() or not document.is_plain:
        return None
    end = find_array(document.head, key)
    if end is None:
        return None
    with document.open() as file:
        place = file.seek(max(end, (size + LATE) // 2))
        comma = guess_end(file.read(WINDOW), document.head[end:])
    return None if comma is None else Parts(document.path, document.head[:end], place + comma)


def _has_two() -> bool:
    """Whether there are two processors, and a Python that can be started for the second."""
    return (os.cpu_count() or 1) > 1 and bool(sys.executable) and not hasattr(sys, "frozen")


@contextmanager
def work_apart(work: Callable[..., Answer], *words: Any) -> Iterator[Callable[[], Answer | None]]:
    """Call a module's function in a second process; what is yielded waits for its answer.

    That is None where the process failed, for whatever reason: the caller does the work then.
    """
    command = [sys.executable, "-S", "-P", "-c", WORK]
    try:
        process = Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)  # noqa: S603 (this Python)
    except OSError:
        yield lambda: None
        return
    given, answer = cast("tuple[IO[bytes], IO[bytes]]", (process.stdin, process.stdout))
    with process:
        try:
            with suppress(BrokenPipeError), given:
                given.write(pickle.dumps(sys.path) + pickle.dumps((work, words)))
            yield lambda: _load(answer)
        finally:
            process.kill()


def _load(answer: IO[bytes]) -> Any:
    try:
        return pickle.load(answer)  # noqa: S301 (our own process)
    except (EOFError, pickle.UnpicklingError):
        return None
