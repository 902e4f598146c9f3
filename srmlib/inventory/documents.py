"""A file, unpacked and as UTF-8, of which each reader takes what it needs."""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, lru_cache
from io import BufferedReader, BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from srmlib.errors import SrmError
from srmlib.inventory.json_text import (
    as_mapping,
    cut_object,
    decode_json,
    looks_like_json,
)
from srmlib.inventory.limits import LIMIT, unpack_gzip
from srmlib.inventory.resources import NotRecognisedError

HEAD = 64 << 10  # bytes
GZIP, ZIP, PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
FILLING = b"\0\x1a"  # what old disks and DOS leave behind a text
BLANK = FILLING + b" \t\r\n"
# What tells a damaged file in one of the formats from any other broken JSON.
OURS = re.compile(
    rb'"(Resources|terraform_version|format_version|lineage|planned_values|artifacts|'
    rb'configurationItems?|resourceIdentifiers|BaseConfigurationItems|ResultsByTime)"|arn:aws|AWS::',
    re.I,
)
WRAPPED_LIMIT = 32 << 20  # bytes; all of it is held, and tried from several places
# A line that begins an object, after what colours a terminal.
WRAPPED = re.compile(rb"^(?:\x1b\[[0-9;]*m)*+[^\S\n]*+(\{)", re.M)
TRIES = 16  # places where an object may begin
# Windows PowerShell's redirection writes UTF-16 with a mark; other encodings are not guessed.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Document:
    """One file's content, unpacked and as UTF-8, of which each reader takes what it needs.

    `held` is the content of what lies in no file of its own: a member of an archive.
    """

    def __init__(self, path: Path, held: bytes | None = None) -> None:
        self.path = path
        self._held = _read_input() if str(path) == "-" else held

    @contextmanager
    def open(self) -> Iterator[BufferedReader]:
        """The bytes from the start, without gzip, for a reader that takes block after block; one line
        for what a disk or gzip says meanwhile."""
        with self._open_packed() as packed, _complaining():
            if packed.peek(2)[:2] == GZIP:
                yield unpack_gzip(packed)
            else:
                yield packed

    @contextmanager
    def open_text(self) -> Iterator[BufferedReader]:
        """As `open`, in UTF-8 without a mark."""
        with self.open() as stream:
            mark, encoding = find_mark(stream.peek(4)[:4])
            if encoding == "utf-8":
                stream.read(len(mark))
                yield stream
            else:
                yield BufferedReader(BytesIO(self.content))

    @cached_property
    def head(self) -> bytes:
        """The first 64 KiB as UTF-8: enough to tell most formats."""
        with self.open() as stream:
            content = stream.read(HEAD)
        mark, encoding = find_mark(content)
        if encoding == "utf-8":
            return content[len(mark) :]
        return content[len(mark) :].decode(encoding, "ignore").encode()

    @cached_property
    def content(self) -> bytes:
        """The whole as UTF-8 without a mark; binary and foreign encodings get one line."""
        if len(self.head) >= HEAD and (self.is_binary or not self.head.strip(BLANK)):
            return _as_text(self.head)  # Which says what is wrong; no need to read on.
        with self.open() as stream:
            content = stream.read(LIMIT + 1)
        if len(content) > LIMIT:
            raise SrmError("is over 1 GiB; split it, or give the tool's own export")
        return _as_text(content)

    @cached_property
    def keys(self) -> frozenset[str]:
        """The top-level keys of a JSON object or a YAML mapping, else none."""
        if looks_like_json(self.head):
            try:
                return frozenset(decode_json(self.content, dict[str, msgspec.Raw]))
            except SrmError as error:
                # In a folder lie settings with comments and policies with placeholders, too.
                raise (
                    error if OURS.search(self.head) else NotRecognisedError(str(error))
                ) from None
        if self.is_binary or not any(map(_may_be_key, self.head.splitlines())):
            return frozenset()
        try:
            return frozenset(map(str, self.tree))
        except SrmError:
            if b"Resources" in self.content or b"AWS::" in self.content:
                raise
            return frozenset()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of a table's columns, csv or Parquet, in order; none where this is no table."""
        from srmlib.inventory.bill_table import read_columns

        return read_columns(self)

    @cached_property
    def tree(self) -> dict[str, Any]:
        """The whole document as plain values; what is not an object is an empty one."""
        if looks_like_json(self.head):
            return as_mapping(decode_json(self.content, Any))
        # PyYAML is loaded only where a file is YAML.
        from srmlib.inventory.template_yaml import load_yaml

        return as_mapping(load_yaml(self.content))

    def unwrap(self) -> Document | None:
        """The JSON object in text that a tool or a shell printed around it, if there is one."""
        with self.open() as stream:
            if len(stream.read(WRAPPED_LIMIT + 1)) > WRAPPED_LIMIT:
                return None
        for found in islice(WRAPPED.finditer(self.head), TRIES):
            inner, rest = cut_object(self.content[found.start(1) :])
            if b"{" in rest:
                return None  # Which of several objects is meant?
            if inner and len(inner) < len(self.content.strip()):
                return Document(self.path, inner)
        return None

    @property
    def is_binary(self) -> bool:
        """Whether this is no text in an encoding that is known."""
        return b"\0" in self.head[:4096].rstrip(FILLING)

    @property
    def size(self) -> int:
        """The bytes of the file as it lies on disk; 0 for what lies in no file of its own."""
        return self.path.stat().st_size if self._held is None else 0

    @property
    def is_plain(self) -> bool:
        """Whether the bytes on disk are those of the text: neither packed nor marked."""
        with self._open_packed() as file:
            first = file.read(4)
        return not first.startswith(GZIP) and not find_mark(first)[0]

    @property
    def digest(self) -> str:
        """The SHA-256 of the file as it lies on disk, in hexadecimal, as `sha256sum` prints it."""
        import hashlib

        with self._open_packed() as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @contextmanager
    def _open_packed(self) -> Iterator[BufferedReader]:
        if self._held is not None:
            yield BufferedReader(BytesIO(self._held))
            return
        try:
            file = self.path.open("rb")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "no disk takes such a name"
            raise SrmError(f"cannot be read: {reason}; check the path") from None
        with file:
            yield file


def _may_be_key(line: bytes) -> bool:
    """Whether a line of YAML may begin a top-level entry."""
    return line[:1].isalpha() and b":" in line


@contextmanager
def _complaining() -> Iterator[None]:
    """One line for what a disk says while a file is read."""
    try:
        yield
    except OSError as error:
        raise SrmError(f"cannot be read: {error.strerror}; check the path") from None


def _as_text(content: bytes) -> bytes:
    if not content.strip(BLANK):
        raise SrmError("is empty; write the plan, state or template into it again")
    if content[:4] == ZIP:
        raise SrmError(
            "is a binary plan or an archive; run `terraform show -json FILE > plan.json`"
        )
    mark, encoding = find_mark(content)
    if mark:
        return _recode(content[len(mark) :], encoding)
    content = content.rstrip(FILLING)
    if b"\0" in content[:4096]:
        raise SrmError("is a binary file; give the JSON or YAML text of a plan, state or template")
    return content


def find_mark(content: bytes) -> tuple[bytes, str]:
    """The mark at the beginning and the encoding that it names; UTF-8 where there is none."""
    return next((each for each in MARKS if content.startswith(each[0])), (b"", "utf-8"))


@lru_cache(maxsize=1)
def _read_input() -> bytes:
    """Standard input, kept: it can be read once only, and is asked for twice."""
    if sys.stdin is None:
        raise SrmError("is closed; give a file, or pipe one into standard input")
    return sys.stdin.buffer.read()


def is_log(content: bytes) -> bool:
    """Whether this is what `terraform plan -json` prints: a JSON object a line."""
    return b'"@level"' in content[:4096]


def reject(document: Document) -> SrmError:
    """One line for a file in no format that is read, with the way out where one is known."""
    if document.head.startswith(PARQUET):
        return NotRecognisedError(
            "is a Parquet file with no bill in it; give a Cost and Usage Report or a FOCUS export"
        )
    try:
        content = document.content
    except SrmError as error:
        return error
    if is_log(content):
        return NotRecognisedError("is Terraform's log stream; use `terraform show -json PLANFILE`")
    return NotRecognisedError(
        "is no Terraform state, plan or source, no template, no export of an account's resources and "
        "no bill that is known; give one of these"
    )


def _recode(content: bytes, encoding: str) -> bytes:
    try:
        return content.decode(encoding).encode()
    except UnicodeError:
        raise SrmError(f"begins as {encoding} text but is damaged; save it as UTF-8") from None
