"""JSON: an array of objects with the table's column names; lists are arrays, absent values null."""

from __future__ import annotations

from srmlib.export.edition import Edition, tidy
from srmlib.export.tables import Exportable, render_json


def render(what: Exportable, edition: Edition) -> str:
    """The table of a matrix, a comparison or a review as JSON."""
    table = tidy(what, edition)
    return render_json(table.rows, table.columns)
