"""Comma-separated values: one tidy table, lists joined by '; ', no formula live."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from srmlib.export.tables import Exportable, Row, disarm, flatten_rows


def render(what: Exportable) -> str:
    """The table of a matrix, a comparison or a review as csv."""
    return render_rows(what.rows(), what.columns)


def render_rows(rows: Iterable[Row], columns: Iterable[str]) -> str:
    """Any rows as csv with a header line and LF line ends."""
    names = list(columns)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([disarm(text) for text in row] for row in flatten_rows(rows, names))
    return out.getvalue()
