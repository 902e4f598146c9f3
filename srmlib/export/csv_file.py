"""Comma-separated values: one tidy table, lists joined by '; ', no formula live."""

from __future__ import annotations

from srmlib.export.edition import Edition, tidy
from srmlib.export.tables import Exportable, render_csv


def render(what: Exportable, edition: Edition) -> str:
    """The table of a matrix, a comparison or a review as csv."""
    table = tidy(what, edition)
    return render_csv(table.rows, table.columns)
