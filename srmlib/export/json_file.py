"""JSON: an array of objects with the table's column names; lists are arrays, absent values null."""

from __future__ import annotations

import json
from collections.abc import Iterable

from srmlib.export.tables import Exportable, Row


def render(what: Exportable) -> str:
    """The table of a matrix, a comparison or a review as JSON."""
    return render_rows(what.rows(), what.columns)


def render_rows(rows: Iterable[Row], columns: Iterable[str]) -> str:
    """Any rows as JSON, one object a row in the order of the columns."""
    names = list(columns)
    listed = [{name: row.get(name) for name in names} for row in rows]
    return json.dumps(listed, indent=2, ensure_ascii=False) + "\n"
