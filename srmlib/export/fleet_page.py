"""What the page of an organisation shows: numbers, a map of layers by accounts, and tables."""

from __future__ import annotations

from typing import Any

from srmlib.export.edition import Edition
from srmlib.export.fleet_parts import LIMITS, head_of_fleet, list_numbers, list_sections
from srmlib.export.tables import flatten
from srmlib.figures.fleet_maps import Column, gather_columns, name_column, take_layers
from srmlib.fleet import Fleet
from srmlib.matrix import Row

# Steps of the map's shade, from few duties to the most, and the letters that read on them.
SHADES = {
    "#fbe3cb": "#111820", "#f0b27a": "#111820", "#d98b4e": "#111820", "#94470f": "#ffffff",
    "#4a1f06": "#ffffff",
}  # fmt: skip


def collect_fleet(fleet: Fleet, edition: Edition) -> dict[str, Any]:
    """Everything that fleet_page.html.j2 tells."""
    grid = take_layers(fleet)
    columns = gather_columns(grid.held)
    sections = list(list_sections(fleet))
    return {
        "head": head_of_fleet(fleet, edition),
        "limits": LIMITS,
        "numbers": list_numbers(fleet),
        "shades": SHADES,
        "columns": [name_column(each) for each in columns],
        "map": _list_cells(list(grid.rows.values()), columns),
        "sections": [
            {
                "title": each.title, "told": each.told, "columns": [c.title for c in each.columns],
                "rows": [[flatten(row.get(c.key)) for c in each.columns] for row in each.rows],
            }
            for each in sections
        ],
        "warnings": fleet.warnings,
    }  # fmt: skip


def _list_cells(names: list[str], columns: list[Column]) -> list[Row]:
    """A row a layer: each cell's number and the step of its shade."""
    most = max(value for column in columns for value in column.values)
    return [
        {"name": name, "cells": [_tell(column.values[row], most) for column in columns]}
        for row, name in enumerate(names)
    ]


def _tell(value: float, most: float) -> tuple[str, int]:
    if not value:
        return "", 0
    told = "<1" if value < 1 else str(round(value))
    return told, min(len(SHADES), 1 + int(value / most * len(SHADES)))
