"""The srmlib command: parses, calls, prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from srmlib.cli.parser import make_parser
from srmlib.cli.printing import DONE, FOUND, UNUSABLE, complain
from srmlib.errors import SrmError

__all__ = ["DONE", "FOUND", "UNUSABLE", "main", "make_parser"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0 done, 1 something found, 2 unusable input."""
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
    except BrokenPipeError:
        # The reader has what it wanted; Python would complain again when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return 130


def _write_utf8() -> None:
    """A pipe gets the same bytes on every system, as a file does; a terminal has its own encoding."""
    if isinstance(sys.stdout, TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
