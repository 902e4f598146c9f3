"""The ground of figures: title, legend, axes, and the names and lines around a heatmap's cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

from srmlib.figures.marks import FONT, INK, KEY, QUIET, escape
from srmlib.matrix import Matrix

# Smaller names could not be read; more of them would lie on one another.
SMALLEST_NAME = 7
TOO_MANY = "   ·   too many services to name here: point at a cell, or select fewer"


class Size(NamedTuple):
    """Pixels: beside the cells, the width that a figure usually gets, a row, a letter."""

    left: int = 300
    right: int = 24
    width: int = 960
    row: int = 24
    letter: float = 7.6
    font: int = 12
    title: int = 18


PAGE = Size()
# One of several heatmaps under each other.
PANEL = Size(row=15, letter=6.6, font=10)
# Beside a details pane in a notebook on a small screen; layer groups have buttons of their own there.
SMALL = Size(left=170, right=10, width=624, row=17, letter=6.6, font=11, title=13)
# Above the names of columns stand title and legend, below the cells the key; pixels.
TOP, BOTTOM = 76, 44


def base_layout(title: str, height: int, size: Size = PAGE) -> dict[str, Any]:
    # A letter is 0.55 of its size wide at most on average; a title without room is set smaller.
    fitting = int((size.width - 32) / max(0.55 * len(title), 1))
    return {
        "template": {"layout": {"font": {"family": FONT, "size": 12, "color": INK}}},
        "title": {"text": title, "font": {"size": max(11, min(size.title, fitting))},
                  "x": 0, "xref": "container",
                  "xanchor": "left", "pad": {"l": 16}, "y": 1 - 26 / height,
                  "yref": "container", "yanchor": "middle"},
        "height": height,
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "legend": {"orientation": "h", "x": 0, "xref": "container", "xanchor": "left",
                   "y": 1 - 56 / height, "yref": "container", "yanchor": "middle",
                   "itemclick": False, "itemdoubleclick": False},
        "hoverlabel": {"align": "left", "bgcolor": "#ffffff", "font": {"color": INK}},
    }  # fmt: skip


class Parts(NamedTuple):
    """What stands around the cells of one heatmap; `above` is the room for names over them, pixels."""

    xaxis: dict[str, Any]
    yaxis: dict[str, Any]
    annotations: list[dict[str, Any]]
    shapes: list[dict[str, Any]]
    above: int
    is_named: bool


def heatmap_layout(
    matrix: Matrix,
    labels: list[str],
    title: str,
    size: Size,
    *,
    grouped: bool = True,
    note: str = "",
) -> dict[str, Any]:
    """The layout of one heatmap: its parts under a title and a legend, over a key."""
    parts = lay_parts(matrix, labels, size, len(labels), grouped=grouped)
    # The key of a narrow figure has a line more.
    top, bottom = TOP + parts.above, BOTTOM + (14 if size.width < PAGE.width else 0)
    layout = base_layout(title, top + size.row * len(matrix.layers) + bottom, size)
    note += tell_overlays(matrix) + ("" if parts.is_named else TOO_MANY)
    key = key_note(note, size)
    return layout | {
        "margin": {"l": size.left, "r": size.right, "t": top, "b": bottom},
        "xaxis": parts.xaxis,
        "yaxis": parts.yaxis,
        "annotations": [key, *parts.annotations],
        "shapes": parts.shapes,
    }


def lay_parts(
    matrix: Matrix, labels: list[str], size: Size, columns: int, *, grouped: bool = True
) -> Parts:
    """The axes of a heatmap with room for so many columns, and the lines and names around it."""
    rows = len(matrix.layers)
    room = (size.width - size.left - size.right) / max(columns, 1)
    names, lines = _wrap_names(labels, int(room / 7.2))
    font = min(size.font, int(room * 0.95))
    is_named = font >= SMALLEST_NAME
    ticks = 13 + 15 * lines
    if not lines:
        longest = max((len(label) for label in labels), default=0)
        ticks = 18 + round(6.8 * longest * font / max(size.font, 11)) if is_named else 28
    models = _model_labels(matrix, columns, size) if grouped else []
    band = max((each["room"] for each in models), default=0)
    xaxis = {
        "side": "top", "tickvals": list(range(len(labels))), "tickangle": 0 if lines else -90,
        "ticks": "", "ticklabelstandoff": 5, "tickfont": {"size": max(font, 1)},
        "ticktext": names, "range": [-0.52, columns - 0.48],
        "showgrid": False, "zeroline": False, "fixedrange": True,
    }  # fmt: skip
    yaxis = {
        "tickvals": list(range(rows)), "range": [rows - 0.5, -0.5], "ticks": "",
        "ticktext": [escape(matrix.catalogue.layers[id].name) for id in matrix.layers],
        "showgrid": False, "zeroline": False, "fixedrange": True, "ticklabelstandoff": 6,
        "tickfont": {"size": size.font},
    }  # fmt: skip
    if is_named:
        # The margins hold every name: to look for one that is cut takes a quarter of a repaint.
        xaxis["ticklabeloverflow"] = yaxis["ticklabeloverflow"] = "allow"
    else:
        xaxis["showticklabels"] = False  # The texts stay: a cell's hover reads its name there.
    annotations = _group_labels(matrix, size) if size.left == PAGE.left else []
    annotations += [each["label"] | {"yshift": ticks + 6} for each in models]
    shapes = _group_lines(matrix, size)
    shapes += [each["line"] | {"y0": ticks, "y1": ticks} for each in models]
    return Parts(xaxis, yaxis, annotations, shapes, round(band + ticks), is_named)


def _wrap_names(labels: list[str], room: int) -> tuple[list[str], int]:
    """The names on as few lines as fit the letters of a column, and their number; 0 if none does."""
    parts = [_break_name(label, room) for label in labels if room]
    if not room or any(len(line) > room for lines in parts for line in lines):
        return [escape(label) for label in labels], 0
    return ["<br>".join(map(escape, lines)) for lines in parts], max(map(len, parts), default=1)


def _break_name(label: str, room: int) -> list[str]:
    """A name cut behind hyphens and at spaces, as late as the room allows."""
    lines = [""]
    for piece in re.findall(r"[^ -]*(?:-| \(.*|\Z| )", label):
        if lines[-1] and len((lines[-1] + piece).rstrip()) > room:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def key_note(note: str = "", size: Size = PAGE, key: str = KEY) -> dict[str, Any]:
    """How to read the marks, below a figure; a note has a line of its own, for the key fills one.

    Where the figure is narrow the key takes two lines.
    """
    if size.width < PAGE.width:
        key = key.replace("   ·   *", "<br>*", 1)
    return {
        "text": "<br>".join(filter(None, (key, note.strip(" ·")))), "align": "left",
        "showarrow": False, "xref": "paper", "yref": "paper", "x": 0, "y": 0,
        "xanchor": "left", "yanchor": "top", "xshift": 16 - size.left, "yshift": -14,
        "font": {"size": 11, "color": QUIET},
    }  # fmt: skip


def tell_overlays(matrix: Matrix) -> str:
    """What the brackets around a letter say, where there are any."""
    names = " or ".join(matrix.catalogue.overlays)
    return escape(f"   ·   [ ] from {names}") if names else ""


def _group_labels(matrix: Matrix, size: Size) -> list[dict[str, Any]]:
    """The layer groups, to the left of the layers, at the first row of each."""
    groups = [matrix.catalogue.layers[id].group for id in matrix.layers]
    return [
        {"text": f"<b>{escape(group.capitalize())}</b>", "showarrow": False, "xref": "paper", "x": 0,
         "xshift": 16 - size.left, "xanchor": "left", "yref": "y", "y": first, "yanchor": "middle",
         "font": {"color": QUIET, "size": size.font}}
        for group, first, _ in _runs(groups)
    ]  # fmt: skip


def _group_lines(matrix: Matrix, size: Size) -> list[dict[str, Any]]:
    """Thin lines between layer groups, over labels and cells alike."""
    groups = [matrix.catalogue.layers[id].group for id in matrix.layers]
    return [
        {"type": "line", "xref": "paper", "xsizemode": "pixel", "xanchor": 0, "x0": 16 - size.left,
         "x1": -4, "yref": "y", "y0": first - 0.5, "y1": first - 0.5,
         "line": {"color": "#c9ced4", "width": 1}}
        for _, first, _ in _runs(groups)[1:]
    ]  # fmt: skip


def _model_labels(matrix: Matrix, columns: int, size: Size) -> list[dict[str, Any]]:
    """A line and a name over the services of each delivery model, and the room that they take."""
    names = [
        matrix.catalogue.models[matrix.catalogue.services[id].model].name for id in matrix.services
    ]
    column_width = (size.width - size.left - size.right) / max(columns, 1)
    made = []
    for name, first, last in _runs(names):
        text, angle, room = _fit(name, (last - first + 1) * column_width, size)
        label = {
            "text": f"<b>{text}</b>", "showarrow": False, "xref": "x", "x": (first + last) / 2,
            "xanchor": "center", "yref": "paper", "y": 1, "yanchor": "bottom",
            "textangle": angle, "font": {"color": QUIET, "size": size.font},
        }  # fmt: skip
        line = {
            "type": "line", "xref": "x", "x0": first - 0.42, "x1": last + 0.42, "yref": "paper",
            "ysizemode": "pixel", "yanchor": 1, "line": {"color": QUIET, "width": 2},
        }  # fmt: skip
        made.append({"label": label, "line": line, "room": room})
    return made


def _fit(name: str, width: float, size: Size) -> tuple[str, int, float]:
    """A name on one line, else a word a line, else upright: its text, angle and height."""
    text, words = escape(name), re.split(r" |(?<=-)", escape(name))
    if len(name) * size.letter < width:
        return text, 0, 26
    if max(map(len, words)) * size.letter < width:
        return "<br>".join(words), 0, 10 + 16 * len(words)
    return text, -90, 10 + size.letter * len(name)


def _runs(keys: Sequence[str]) -> list[tuple[str, int, int]]:
    """Each run of equal keys with its first and last place."""
    runs, start = [], 0
    for key, members in groupby(keys):
        length = len(list(members))
        runs.append((key, start, start + length - 1))
        start += length
    return runs
