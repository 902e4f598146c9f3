"""The srmlib command: parses, calls, prints."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

from srmlib.cli.parser import make_parser
from srmlib.cli.printing import DONE, FOUND, UNUSABLE, complain
from srmlib.errors import SrmError

__all__ = ["DONE", "FOUND", "UNUSABLE", "main", "make_parser"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0 done, 1 something found, 2 unusable input."""
    _open_closed()
    words = sys.argv[1:] if arguments is None else arguments
    parser = make_parser(words[0] if words else None)
    options, rest = parser.parse_known_args(words)
    if rest and options.command not in ("lab", "dashboard"):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    options.rest = rest
    _write_utf8()
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except SrmError as error:
        return complain([str(error)])
    except OSError as error:
        # Files have lines of their own: this is standard output, or a folder for temporary files.
        _drop_output()
        if isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL):
            return DONE  # The reader has what it wanted.
        return complain([f"cannot write: {error.strerror}; make room or choose another place"])
    except KeyboardInterrupt:
        return 130


def _open_closed() -> None:
    """Python has nothing in the place of a stream that was closed (`>&-`); nobody wants what goes there."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 (to the end)


def _drop_output() -> None:
    """Python would complain again when it flushes what is left, at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write_utf8() -> None:
    """A pipe gets the same bytes on every system, as a file does; a terminal has its own encoding."""
    if isinstance(sys.stdout, TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
