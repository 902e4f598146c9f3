"""JSON of a file: typed, with one clear line for what cannot be read."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from srmlib.errors import SrmError

T = TypeVar("T")
JSON_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def decode_json(content: bytes, form: type[T]) -> T:
    """Typed JSON of a file; a message never repeats what stands in the file."""
    try:
        return msgspec.json.decode(content, type=form)
    except JSON_ERRORS as error:
        line_of = lambda place: content[:place].count(b"\n") + 1  # noqa: E731
        raise tell_json_fault(error, line_of) from None


def tell_json_fault(error: Exception, find_line: Callable[[int], int]) -> SrmError:
    """One line for what is wrong with JSON, given the line of a place in it."""
    if isinstance(error, msgspec.ValidationError):
        reason = re.sub(r"`(?!\$)[^`]*`", "a value", str(error).partition(" - at ")[0])
        where = str(error).partition(" - at ")[2] or "`$`"
        return SrmError(f"is damaged: {reason} at {where}; write the file again")
    if isinstance(error, UnicodeDecodeError):
        return SrmError("holds text that is not UTF-8; save it as UTF-8")
    if isinstance(error, RecursionError):
        return SrmError("is nested too deeply to be a plan, state or template")
    place = re.search(r"byte (\d+)", str(error))
    line = find_line(int(place[1]) if place else sys.maxsize)
    return SrmError(
        f"is broken JSON near line {line}; write the file again, without other output in it"
    )


def looks_like_json(content: bytes) -> bool:
    """Whether the first character that counts opens an object."""
    return content.lstrip()[:1] == b"{"


def cut_object(content: bytes) -> tuple[bytes, bytes]:
    """The JSON object at the beginning and what follows it; nothing where there is no object."""
    try:
        msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError as error:
        trailing = re.search(r"trailing characters \(byte (\d+)\)", str(error))
        cut = int(trailing[1]) - 1 if trailing else 0
        return content[:cut], content[cut:] if cut else b""
    except (UnicodeDecodeError, RecursionError):
        return b"", b""
    return content, b""


def as_mapping(value: Any) -> dict[str, Any]:
    """A mapping, or an empty one for anything else that stands in its place."""
    return value if isinstance(value, dict) else {}
