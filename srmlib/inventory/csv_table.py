"""Tables and plain lists of ARNs, resource types or services: what consoles and people export as CSV."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO, TextIOWrapper
from itertools import chain
from typing import TextIO

from srmlib.errors import SrmError
from srmlib.inventory import words as catalogue
from srmlib.inventory.arns import ARN, Census
from srmlib.inventory.documents import Document
from srmlib.inventory.holdings import INVENTORY_COLUMNS
from srmlib.inventory.json_text import looks_like_json
from srmlib.inventory.limits import read_lines, tell_comma
from srmlib.inventory.resources import NotRecognisedError, Reading
from srmlib.inventory.words import Words

FORMAT = "csv"
TABLES = catalogue.TABLES
SAMPLE = 500  # rows that tell the columns
SAMPLE_SIZE = 1_000_000  # cells and characters of them at most
NEAR_TOP = 20  # rows that tell a table
AWS_TYPE = re.compile(r"AWS::\w+::\w+(::\w+)?|aws(cc)?_[a-z0-9_]+")
TEMPLATE = re.compile(rb"^(AWSTemplateFormatVersion|Resources)\s*:", re.M)  # in YAML
COUNTS = {"count", "quantity", "number"}
QUOTES = " \t[]\"'`"
Cells = list[str]


def sniff(document: Document) -> bool:
    """Text that is a table by its name or its form, or that holds an ARN or a type near its top."""
    head = document.head
    if document.is_binary or looks_like_json(head) or not head.strip():
        return False
    if document.path.name.lower().removesuffix(".gz").endswith((".csv", ".tsv")):
        return True
    if TEMPLATE.search(head):
        return False
    lines = head.decode("utf-8", "replace").splitlines()[:NEAR_TOP]
    if any(line.lstrip().startswith("{") for line in lines):
        return False  # JSON with other text around it.
    try:
        rows = [row for row in _read_rows(StringIO("\n".join(lines)), document) if row]
    except csv.Error:
        return False
    is_even = len(rows) > 1 and len(rows[0]) > 1 and len(set(map(len, rows))) == 1
    cells = (cell.strip(QUOTES) for row in rows for cell in row)
    return is_even or any(c.startswith("arn:aws") or AWS_TYPE.fullmatch(c) for c in cells)


def read(document: Document, words: Words) -> Reading:
    """Count distinct ARNs; else rows by their type or service, times a count where there is one."""
    reading = Reading(FORMAT, TABLES)
    with _open_text(document) as text:
        rows = _read_rows(text, document)
        sample = _take_sample(rows)
        table = Table(sample, reading, words)
        missed = sum(not table.add(row) for row in chain(sample[table.start :], rows))
    if missed:
        reading.unseen.append(f"rows that name no known ARN, type or service: {missed}")
    return reading


class Table:
    """The columns that name resources, and what their rows add to a reading."""

    def __init__(self, sample: list[Cells], reading: Reading, words: Words) -> None:
        self.reading, self.words, self.census = reading, words, Census(reading, words)
        self.types = words.read_table("terraform", "cloudformation", "config", "arn").services
        self.beginnings = {"_".join(type.split("_")[:2]) for type in self.types}
        self.names = words.read_table("billing", "service_names").services
        first = sample[0] if sample else []
        header = [cell.strip(QUOTES).lower() for cell in first]
        self.columns = self._choose_columns(sample, header)
        self.start = 0 if any(self.tell(cell)[0] for cell in self._pick(first)) else 1
        self.count = _find_count(sample[1:], header) if self.start else None
        told = {self.tell(cell)[0] for row in sample for cell in row if cell.strip(QUOTES)}
        self.is_list = told == {"arn"}

    def add(self, row: Cells) -> bool:
        """Count what a row names; whether it names something, or is empty."""
        is_named = False
        for cell in row if self.is_list else self._pick(row):
            kind, word = self.tell(cell)
            if kind:
                is_named = True
                self._add_named(kind, word, row)
                if not self.is_list:
                    break
        return is_named or not any(cell.strip(QUOTES) for cell in row)

    def tell(self, cell: str) -> tuple[str, str]:
        """Whether a cell is an ARN, a type or a service, and the word for it that may be repeated."""
        cell = cell.strip(QUOTES)
        if cell.startswith("arn:"):
            return ("arn", cell) if ARN.fullmatch(cell) else ("", "")
        if cell in self.types or self._is_new_type(cell):
            return "type", cell
        if known := self.census.find_known(cell):
            return "type", known
        if cell in self.names:
            return "service", cell
        name = re.sub(r"^(amazon|aws)\W+", "", cell.lower()).replace(" ", "-")
        is_service = name in self.words.services or name in self.census.services
        return ("service", name) if is_service else ("", "")

    def _is_new_type(self, cell: str) -> bool:
        """`aws_prod_db` may be a name: a new type of Terraform begins as one that is known."""
        if not AWS_TYPE.fullmatch(cell):
            return False
        return "::" in cell or "_".join(cell.split("_")[:2]) in self.beginnings

    def _add_named(self, kind: str, word: str, row: Cells) -> None:
        if kind == "arn":
            self.census.add_arn(word)
            return
        if kind == "service" and word in self.words.services:
            self.reading.rows.add(word)
        if count := self._read_count(row):
            self.census.add_word(word, count)

    def _read_count(self, row: Cells) -> int:
        cell = row[self.count].strip() if self.count is not None and self.count < len(row) else ""
        return int(cell) if cell.isdecimal() and len(cell) < 10 else 1

    def _pick(self, row: Cells) -> Iterator[str]:
        return (row[place] for place in self.columns if place < len(row))

    def _choose_columns(self, sample: list[Cells], header: Cells) -> list[int]:
        """The column that was named, or those of srmlib's own inventory, or those found."""
        if self.words.column is not None:
            name = self.words.column.strip().lower()
            if name not in header:
                raise NotRecognisedError("has no column of the name that --column gives; mend it")
            return [header.index(name)]
        if tuple(header) == INVENTORY_COLUMNS:
            return [header.index("service"), header.index("resource_type")]
        columns = list(self._find_columns(sample))
        if not columns:
            raise NotRecognisedError(
                "has no column that mostly holds ARNs, resource types (AWS::EC2::Instance, "
                "aws_instance, ec2:instance) or AWS services; name one with --column"
            )
        return columns

    def _find_columns(self, sample: list[Cells]) -> Iterator[int]:
        """The column of most ARNs, that of most types and that of most services, in this order."""
        filled: Counter[int] = Counter()
        told: Counter[tuple[str, int]] = Counter()
        for row in sample:
            for place, cell in enumerate(row):
                filled[place] += bool(cell.strip(QUOTES))
                told[self.tell(cell)[0], place] += 1
        is_first = True
        for kind in ("arn", "type", "service"):
            most = max(filled, key=lambda place: told[kind, place], default=0)
            if told[kind, most] and 2 * told[kind, most] >= filled[most]:
                yield most
                rivals = [p for p in filled if told[kind, p] == told[kind, most] and p != most]
                if is_first and (rivals or kind == "service"):
                    self.reading.assumed.append(
                        f"column {most + 1} names the resources; --column takes another"
                    )
                is_first = False


def _take_sample(rows: Iterator[Cells]) -> list[Cells]:
    sample: list[Cells] = []
    size = 0
    while len(sample) < SAMPLE and size < SAMPLE_SIZE and (row := next(rows, None)) is not None:
        sample.append(row)
        size += len(row) + sum(map(len, row))
    return sample


def _find_count(sample: list[Cells], header: Cells) -> int | None:
    """The column of whole numbers that says how many resources a row is about."""
    for place, name in enumerate(header):
        cells = [row[place].strip() for row in sample if place < len(row)]
        if re.sub(r"[^a-z]", "", name) in COUNTS and all(cell.isdecimal() for cell in cells):
            return place
    return None


def _read_rows(text: TextIO, document: Document) -> Iterator[Cells]:
    head = document.head.lstrip().decode("utf-8", "replace")
    return csv.reader(read_lines(text), delimiter=tell_comma(head), skipinitialspace=True)


@contextmanager
def _open_text(document: Document) -> Iterator[TextIO]:
    """The text, line after line, however long; only what is not UTF-8 is held at once."""
    try:
        with document.open_text() as stream:
            yield TextIOWrapper(stream, "utf-8", "replace", newline="")
    except csv.Error:
        raise SrmError(
            "is a broken table: a quote is left open or a line has no end; export it again"
        ) from None
