"""Rows as text: what every exporter and the command line write a table with."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

Row = dict[str, Any]
# A spreadsheet takes a cell that begins so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class Exportable(Protocol):
    """A matrix (its cells), a comparison (its layers) or a review (its duties)."""

    @property
    def columns(self) -> Sequence[str]:
        """The names of the table's columns, in order."""

    def rows(self) -> list[Row]:
        """The table's rows as plain dicts."""


def flatten(value: Any) -> str:
    """A value as one line of text: lists joined by '; ', absent values empty."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "; ".join(flatten(each) for each in value)
    if isinstance(value, dict):
        return _flatten_record(value)
    return str(value)


def shorten(text: str, room: int) -> str:
    """A text longer than `room` letters, cut there between words."""
    return text if len(text) <= room else text[: room - 1].rsplit(" ", 1)[0] + " …"


def _flatten_record(value: dict[str, Any]) -> str:
    if "url" in value:
        return f"{value['id']}: {value['section']} ({value['url']})"
    if "setting" in value:
        return f"{value['setting']} is {value['value']}: {value['owner']} ({value['source']})"
    return f"{value['owner']} ({value['source']}: {value['section']})"


def disarm(text: str) -> str:
    """Text that no spreadsheet runs: what begins like a formula gets an apostrophe before it."""
    return f"'{text}" if len(text) > 1 and text.startswith(FORMULA_STARTS) else text


def flatten_rows(rows: Iterable[Row], columns: Iterable[str]) -> list[list[str]]:
    """The rows as lists of text in the order of the columns."""
    names = list(columns)
    return [[flatten(row.get(name)) for name in names] for row in rows]


def render_csv(rows: Iterable[Row], columns: Iterable[str]) -> str:
    """Rows as csv with a header line and LF line ends; nothing in it is taken for a formula."""
    names = list(columns)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    # Python leaves a lone CR unquoted, and a reader begins a row there: with a formula, perhaps.
    writer.writerows(
        [disarm(re.sub("\r\n?", "\n", text)) for text in row] for row in flatten_rows(rows, names)
    )
    return out.getvalue()


def render_json(rows: Iterable[Row], columns: Iterable[str]) -> str:
    """Rows as JSON, one object a row in the order of the columns."""
    import json

    names = list(columns)
    listed = [{name: row.get(name) for name in names} for row in rows]
    return json.dumps(listed, indent=2, ensure_ascii=False) + "\n"
