"""What a room of people got wrong: where, how many of them, and what they took for right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from srmlib.figures.columns import label_columns, order_columns
from srmlib.figures.layouts import PAGE, heatmap_layout
from srmlib.figures.marks import LETTERS, NAMES, QUIET, escape
from srmlib.matrix import Row
from srmlib.rooms import Misconceptions

if TYPE_CHECKING:
    import plotly.graph_objects as go

# One hue from light to dark: the share is read in grey and with every kind of colour vision.
SHARES = [[0, "#f6efe3"], [0.5, "#c9725b"], [1, "#5c1030"]]
# White reads on darker shades, black on the others: at least 4.5 to 1 on every one of them.
DARK = 0.605
ALL_RIGHT = "✓"
NOTE = (
    "Letter: the most common wrong answer, A AWS, S shared, C customer, T third party, – not "
    "applicable   ·   ✓ all right   ·   white: nobody answered"
)


def misconceptions_chart(room: Misconceptions, title: str | None = None) -> go.Figure:
    """Layers by services: the darker a cell, the more of those who answered it erred.

    The letter is the most common wrong answer; nobody is named, everybody is counted.
    """
    import plotly.graph_objects as go

    matrix = room.matrix.select(services=order_columns(room.matrix))
    rows = {(row["service"], row["layer"]): row for row in room.rows()}
    grid = [[rows[id, layer] for id in matrix.services] for layer in matrix.layers]
    heading = title or escape(f"Where {room.people} people erred most: {room.summary}")
    layout = heatmap_layout(matrix, label_columns(matrix, matrix.services), heading, PAGE)
    layout["annotations"][0]["text"] = NOTE
    cells = _cells(grid, {id: layer.name for id, layer in matrix.catalogue.layers.items()})
    cells["colorbar"] = _scale(layout["height"])
    return go.Figure({"data": [cells], "layout": layout}, skip_invalid=False)


def _cells(grid: list[list[Row]], names: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "heatmap", "x": list(range(len(grid[0]))), "y": list(range(len(grid))),
        "z": [[_share(row) for row in line] for line in grid],
        "zmin": 0, "zmax": 1, "colorscale": SHARES, "xgap": 1.5, "ygap": 1.5,
        "text": [[_mark(row) for row in line] for line in grid],
        "texttemplate": "%{text}", "textfont": {"size": PAGE.font},
        "hovertext": [[_tell(row, names[row["layer"]]) for row in line] for line in grid],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }  # fmt: skip


def _share(row: Row) -> float | None:
    """What part of those who answered a cell erred."""
    return 1 - row["right"] / row["answered"] if row["answered"] else None


def _mark(row: Row) -> str:
    if row["wrong_answer"] is None:
        return f'<span style="color:{QUIET}">{ALL_RIGHT}</span>' if row["answered"] else ""
    ink = "#ffffff" if (_share(row) or 0) > DARK else "#000000"
    return f'<span style="color:{ink}"><b>{LETTERS[row["wrong_answer"]]}</b></span>'


def _tell(row: Row, layer: str) -> str:
    """Counts only, in the order of a reader's questions."""
    head = escape(f"{row['service']} · {layer}")
    told = f"<b>{head}</b><br>Owner: {NAMES[row['owner']]}<br>{row['right']} of {row['answered']} right"
    if row["wrong_answer"]:
        told += f"<br>{row['wrong_by']} of {row['answered']}: {NAMES[row['wrong_answer']]}"
    return told


def _scale(height: int) -> dict[str, Any]:
    """Where other figures have their legend."""
    return {
        "orientation": "h", "x": 0, "xref": "container", "xanchor": "left", "xpad": 48, "ypad": 0,
        "y": 1 - 56 / height, "yref": "container", "yanchor": "middle", "len": 300,
        "lenmode": "pixels", "thickness": 10, "outlinewidth": 0, "tickvals": [0, 0.5, 1],
        "ticktext": ["none wrong", "half", "all wrong"], "tickfont": {"size": 11, "color": QUIET},
    }  # fmt: skip
