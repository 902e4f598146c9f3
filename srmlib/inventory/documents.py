"""A file's bytes as UTF-8, and its JSON: one clear line for what cannot be read."""

from __future__ import annotations

import codecs
import hashlib
import mmap
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from srmlib.errors import SrmError
from srmlib.inventory.resources import NotRecognisedError

T = TypeVar("T")
MAPPED_FROM = 8 << 20  # bytes; below it a copy costs nothing
# Windows PowerShell's redirection writes UTF-16 with a mark; other encodings are not guessed.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_document(path: Path) -> bytes:
    """The file as UTF-8 without a mark; binary and foreign encodings get one line."""
    content = _read_bytes(path)
    if not content.strip():
        raise SrmError("is empty; write the plan, state or template into it again")
    if content[:4] == b"PK\x03\x04":
        raise SrmError(
            "is a binary plan or an archive; run `terraform show -json FILE > plan.json`"
        )
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _recode(content[len(mark) :], encoding)
    if b"\0" in content[:4096]:
        raise SrmError("is a binary file; give the JSON or YAML text of a plan, state or template")
    return content


def map_document(path: Path) -> mmap.mmap | None:
    """A large file's bytes without a copy of them, for a reader that knows it by its first line."""
    try:
        with path.open("rb") as file:
            if path.stat().st_size < MAPPED_FROM:
                return None
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return None


def hash_document(path: Path) -> str:
    """The SHA-256 of a file as it lies on disk, in hexadecimal, as `sha256sum` prints it."""
    if str(path) == "-":
        return hashlib.sha256(_read_input()).hexdigest()
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SrmError(f"cannot be read: {error.strerror}; check the path") from None


def _read_bytes(path: Path) -> bytes:
    try:
        return _read_input() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise SrmError(f"cannot be read: {error.strerror}; check the path") from None


@lru_cache(maxsize=1)
def _read_input() -> bytes:
    """Standard input, kept: it can be read once only, and is asked for twice."""
    return sys.stdin.buffer.read()


def decode_json(content: bytes | mmap.mmap, form: type[T]) -> T:
    """Typed JSON of a file; a message never repeats what stands in the file."""
    try:
        return msgspec.json.decode(content, type=form)
    except msgspec.ValidationError as error:
        reason = re.sub(r"`(?!\$)[^`]*`", "a value", str(error).partition(" - at ")[0])
        where = str(error).partition(" - at ")[2] or "`$`"
        raise SrmError(f"is damaged: {reason} at {where}; write the file again") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        place = re.search(r"byte (\d+)", str(error))
        line = content[: int(place[1]) if place else None].count(b"\n") + 1
        raise SrmError(
            f"is broken JSON near line {line}; write the file again, without other output in it"
        ) from None
    except RecursionError:
        raise SrmError("is nested too deeply to be a plan, state or template") from None


def looks_like_json(content: bytes) -> bool:
    """Whether the first character that counts opens an object."""
    return content.lstrip()[:1] == b"{"


def is_log(content: bytes) -> bool:
    """Whether this is what `terraform plan -json` prints: a JSON object a line."""
    return b'"@level"' in content[:4096]


def reject(content: bytes) -> NotRecognisedError:
    """One line for a file in no format that is read, with the way out where one is known."""
    head = content[:4096].decode("utf-8", "replace")
    if re.search(
        r"^\s*(resource|provider|variable|module|terraform|data|locals)\b[^:=\n]*\{", head, re.M
    ):
        return NotRecognisedError(
            "is Terraform source; run `terraform plan -out p && terraform show -json p > plan.json`"
        )
    if is_log(content):
        return NotRecognisedError("is Terraform's log stream; use `terraform show -json PLANFILE`")
    return NotRecognisedError(
        "is no Terraform state, `terraform show -json` output, CloudFormation template or "
        "cdk.out folder; give one of these"
    )


def _recode(content: bytes, encoding: str) -> bytes:
    try:
        return content.decode(encoding).encode()
    except UnicodeError:
        raise SrmError(f"begins as {encoding} text but is damaged; save it as UTF-8") from None


def as_mapping(value: Any) -> dict[str, Any]:
    """A mapping, or an empty one for anything else that stands in its place."""
    return value if isinstance(value, dict) else {}
