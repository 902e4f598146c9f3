"""Many services as small multiples: heatmaps under each other, whose names can still be read."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any, NamedTuple

from srmlib.figures.cells import LETTERED_COLUMNS, cells_trace, legend_traces
from srmlib.figures.layouts import (
    BOTTOM,
    PANEL,
    TOP,
    Parts,
    base_layout,
    key_note,
    lay_parts,
    tell_overlays,
)
from srmlib.figures.marks import KEY
from srmlib.matrix import Matrix

# A name needs this much of the width of a page.
COLUMNS = 40
GAP = 18
NO_LETTERS = "Too many cells for letters: point at one to read who owns it"


class Panel(NamedTuple):
    """One heatmap of several: its number from 1, its services, and its room in pixels from the top."""

    number: int
    matrix: Matrix
    labels: list[str]
    parts: Parts
    top: int

    @property
    def suffix(self) -> str:
        """How plotly numbers the axes: x, x2, x3."""
        return "" if self.number == 1 else str(self.number)


def panels_spec(matrix: Matrix, labels: list[str], title: str, note: str) -> dict[str, Any]:
    """Data and layout of as many heatmaps as the services need, forty columns at most in each."""
    panels = list(_cut_panels(matrix, labels))
    cells = PANEL.row * len(matrix.layers)
    is_lettered = len(labels) <= LETTERED_COLUMNS
    height = panels[-1].top + cells + BOTTOM
    layout = base_layout(title, height)
    note += tell_overlays(matrix)
    layout |= {
        "margin": {"l": PANEL.left, "r": PANEL.right, "t": panels[0].top, "b": BOTTOM},
        "annotations": [key_note(note, key=KEY if is_lettered else NO_LETTERS)],
        "shapes": [],
    }  # fmt: skip
    ground = height - panels[0].top - BOTTOM
    traces = []
    for panel in panels:
        above = 1 - (panel.top - panels[0].top) / ground
        _add_panel(layout, panel, above, above - cells / ground)
        details = len(labels) <= 2 * COLUMNS
        trace = cells_trace(
            panel.matrix,
            panel.labels,
            PANEL,
            details=details,
            lettered=is_lettered,
        )
        traces.append(trace | {"xaxis": f"x{panel.suffix}", "yaxis": f"y{panel.suffix}"})
    return {"data": [*traces, *legend_traces(matrix)], "layout": layout}


def _cut_panels(matrix: Matrix, labels: list[str]) -> Iterator[Panel]:
    """Panels of about the same number of services, in display order."""
    count = ceil(len(labels) / COLUMNS)
    each = ceil(len(labels) / count)
    top = TOP
    for number in range(count):
        part = slice(number * each, (number + 1) * each)
        few = matrix.select(services=matrix.services[part])
        parts = lay_parts(few, labels[part], PANEL, each)
        top += parts.above
        yield Panel(number + 1, few, labels[part], parts, top)
        top += PANEL.row * len(matrix.layers) + GAP


def _add_panel(layout: dict[str, Any], panel: Panel, above: float, below: float) -> None:
    """A panel's axes and marks, which are made for a single heatmap, at their place."""
    x, y = f"x{panel.suffix}", f"y{panel.suffix}"
    layout[f"xaxis{panel.suffix}"] = panel.parts.xaxis | {"anchor": y}
    layout[f"yaxis{panel.suffix}"] = panel.parts.yaxis | {
        "anchor": x, "domain": [max(0.0, below), min(1.0, above)],
    }  # fmt: skip
    for kind in ("annotations", "shapes"):
        for mark in getattr(panel.parts, kind):
            layout[kind].append(_place(mark, x, y, above))


def _place(mark: dict[str, Any], x: str, y: str, above: float) -> dict[str, Any]:
    placed = dict(mark)
    if mark["xref"] == "x":
        placed["xref"] = x
    if mark["yref"] == "y":
        return placed | {"yref": y}
    return placed | ({"yanchor": above} if "ysizemode" in mark else {"y": above})
