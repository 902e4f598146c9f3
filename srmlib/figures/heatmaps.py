"""The heatmap of layers by services, for a page, a wall or a widget."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from srmlib.errors import SrmError
from srmlib.figures.marks import (
    COLOURS,
    COUNT_NOTE,
    FONT,
    INK,
    KEY,
    LETTER_COLOURS,
    LETTERS,
    NAMES,
    QUIET,
    describe,
    escape,
    letter,
    name_cell,
)
from srmlib.matrix import Matrix
from srmlib.reviews import Review, count_resources
from srmlib.schema import OWNERS, WITH_WORK
from srmlib.shift import Comparison

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Past this many columns, letters cost seconds and could not be read.
LETTERED_COLUMNS = 100
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
# Beside a details pane in a notebook on a small screen; layer groups have buttons of their own there.
SMALL = Size(left=170, right=10, width=624, row=17, letter=6.6, font=11, title=13)
HAS_WORK = tuple(OWNERS.index(owner) for owner in WITH_WORK)


def heatmap(what: Matrix | Review, title: str | None = None) -> go.Figure:
    """Layers top to bottom, services by delivery model: colour and letter tell the owner.

    A review's figure shows the services in use, with their number of resources.
    """
    import plotly.graph_objects as go

    return go.Figure(heatmap_spec(what, title), skip_invalid=False)


def heatmap_spec(
    what: Matrix | Review, title: str | None = None, size: Size = PAGE, *, details: bool = True
) -> dict[str, Any]:
    """The heatmap as plain data and layout; without details a cell's hover is one short line."""
    matrix = matrix_of(what)
    shown = matrix.select(services=order_columns(matrix))
    labels = label_columns(what, shown.services)
    note = COUNT_NOTE if isinstance(what, Review) else ""
    heading = title or _say_heatmap(what, shown)
    return {
        "data": [_cells_trace(shown, labels, size, details=details), *_legend_traces(shown)],
        "layout": _heatmap_layout(shown, labels, heading, size, note=note),
    }


def comparison_chart(comparison: Comparison, title: str | None = None) -> go.Figure:
    """The compared services side by side; what differs from the service before it is outlined."""
    import plotly.graph_objects as go

    matrix = comparison.matrix
    labels = label_columns(matrix, matrix.services)
    names = [matrix.catalogue.services[id].name for id in matrix.services]
    heading = title or f"From {names[0]} to {names[-1]}: {comparison.summary}"
    layout = _heatmap_layout(matrix, labels, heading, PAGE, grouped=False)
    layout["shapes"] += _outline_changes(matrix)
    spec = {"data": [_cells_trace(matrix, labels, PAGE), *_legend_traces(matrix)], "layout": layout}
    return go.Figure(spec, skip_invalid=False)


def matrix_of(what: Matrix | Review) -> Matrix:
    matrix = what.matrix if isinstance(what, Review) else what
    if not matrix.services or not matrix.layers:
        raise SrmError("there is no service or no layer to show; select at least one of each")
    return matrix


def order_columns(matrix: Matrix) -> tuple[str, ...]:
    """By delivery model, and in it from most customer work to least."""
    models = list(matrix.catalogue.models)

    def load(id: str) -> tuple[int, int, str]:
        owners = [matrix.claims[id][layer].cell.owner for layer in matrix.layers]
        work = 2 * owners.count("customer") + owners.count("shared")
        return models.index(matrix.catalogue.services[id].model), -work, id

    return tuple(sorted(matrix.services, key=load))


def label_columns(what: Matrix | Review, services: Sequence[str]) -> list[str]:
    counts = count_resources(what) if isinstance(what, Review) else {}
    return [f"{id} ({counts[id]})" if id in counts else id for id in services]


def _say_heatmap(what: Matrix | Review, shown: Matrix) -> str:
    """What the picture shows: for which services most is left to the customer, and least."""
    work = {
        id: sum(shown.claims[id][layer].cell.owner in WITH_WORK for layer in shown.layers)
        for id in shown.services
    }
    most, least = max(work, key=work.__getitem__), min(work, key=work.__getitem__)
    place = f" in {what.workload}" if isinstance(what, Review) else ""
    told = f"customer work in {work[most]} of {len(shown.layers)} layers of {most}"
    if work[least] < work[most]:
        told += f", down to {work[least]} of {least}"
    return escape(f"Who owns what{place}: {told}")


def _cells_trace(
    matrix: Matrix, labels: list[str], size: Size, *, details: bool = True
) -> dict[str, Any]:
    """One heatmap trace; built from plain lists so that stored outputs stay readable."""
    tell = describe if details else name_cell
    steps = len(OWNERS)
    claims = [[matrix.claims[id][layer] for id in matrix.services] for layer in matrix.layers]
    trace: dict[str, Any] = {
        "type": "heatmap",
        "x": list(range(len(labels))),
        "y": list(range(len(matrix.layers))),
        "z": [[OWNERS.index(claim.cell.owner) for claim in row] for row in claims],
        "zmin": -0.5,
        "zmax": steps - 0.5,
        "colorscale": [
            point
            for place, owner in enumerate(OWNERS)
            for point in ([place / steps, COLOURS[owner]], [(place + 1) / steps, COLOURS[owner]])
        ],
        "showscale": False,
        "hovertext": [
            [tell(matrix, id, layer) for id in matrix.services] for layer in matrix.layers
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    if len(labels) <= LETTERED_COLUMNS:
        trace |= {"xgap": 1.5, "ygap": 1.5, "texttemplate": "%{text}"}
        trace["text"] = [
            [
                f'<span style="color:{LETTER_COLOURS.get(claim.cell.owner, INK)}">'
                f"{letter(claim)}</span>"
                for claim in row
            ]
            for row in claims
        ]
        trace["textfont"] = {"size": size.font}
    return trace


def _legend_traces(matrix: Matrix) -> list[dict[str, Any]]:
    present = {
        matrix.claims[id][layer].cell.owner for id in matrix.services for layer in matrix.layers
    }
    return [
        {
            "type": "scatter", "mode": "markers", "x": [None], "y": [None],
            "name": f"{LETTERS[owner]} {NAMES[owner]}", "hoverinfo": "skip",
            "marker": {"symbol": "square", "size": 14, "color": COLOURS[owner],
                       "line": {"width": 1, "color": "#8a8a8a"}},
        }
        for owner in OWNERS
        if owner in present
    ]  # fmt: skip


def base_layout(title: str, height: int, size: Size = PAGE) -> dict[str, Any]:
    return {
        "template": {"layout": {"font": {"family": FONT, "size": 12, "color": INK}}},
        "title": {"text": title, "font": {"size": size.title}, "x": 0, "xref": "container",
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


def _heatmap_layout(
    matrix: Matrix,
    labels: list[str],
    title: str,
    size: Size,
    *,
    grouped: bool = True,
    note: str = "",
) -> dict[str, Any]:
    rows, columns = len(matrix.layers), len(labels)
    longest = max((len(label) for label in labels), default=0)
    room = (size.width - size.left - size.right) / max(columns, 1)
    upright = longest * 7.2 > room
    font = min(size.font, int(room * 0.95))
    is_named = font >= SMALLEST_NAME
    ticks = 18 + round(6.8 * longest * font / size.font) if upright and is_named else 28
    note += "" if is_named else TOO_MANY
    models = _model_labels(matrix, columns, size) if grouped else []
    band = max((each["room"] for each in models), default=0)
    top, bottom = 76 + band + ticks, 44
    layout = base_layout(title, top + size.row * rows + bottom, size)
    layout |= {
        "margin": {"l": size.left, "r": size.right, "t": top, "b": bottom},
        "xaxis": {
            "side": "top", "tickvals": list(range(columns)), "tickangle": -90 if upright else 0,
            "ticks": "", "ticklabelstandoff": 5, "tickfont": {"size": max(font, 1)},
            "ticktext": [escape(label) for label in labels], "range": [-0.52, columns - 0.48],
            "showgrid": False, "zeroline": False, "fixedrange": True,
        },
        "yaxis": {
            "tickvals": list(range(rows)), "range": [rows - 0.5, -0.5], "ticks": "",
            "ticktext": [matrix.catalogue.layers[id].name for id in matrix.layers],
            "showgrid": False, "zeroline": False, "fixedrange": True, "ticklabelstandoff": 6,
            "tickfont": {"size": size.font},
        },
        "annotations": [_key_note(note, size)],
        "shapes": _group_lines(matrix, size),
    }  # fmt: skip
    if not is_named:
        layout["xaxis"]["showticklabels"] = False
    if size.row == PAGE.row:
        layout["annotations"] += _group_labels(matrix, size)
    for each in models:
        layout["annotations"].append(each["label"] | {"yshift": ticks + 6})
        layout["shapes"].append(each["line"] | {"y0": ticks, "y1": ticks})
    return layout


def _key_note(note: str, size: Size) -> dict[str, Any]:
    return {
        "text": f"{KEY}{note}", "showarrow": False, "xref": "paper", "yref": "paper", "x": 0, "y": 0,
        "xanchor": "left", "yanchor": "top", "xshift": 16 - size.left, "yshift": -14,
        "font": {"size": 11, "color": QUIET},
    }  # fmt: skip


def _group_labels(matrix: Matrix, size: Size) -> list[dict[str, Any]]:
    """The layer groups, to the left of the layers, at the first row of each."""
    groups = [matrix.catalogue.layers[id].group for id in matrix.layers]
    return [
        {"text": f"<b>{escape(group.capitalize())}</b>", "showarrow": False, "xref": "paper", "x": 0,
         "xshift": 16 - size.left, "xanchor": "left", "yref": "y", "y": first, "yanchor": "middle",
         "font": {"color": QUIET}}
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


def _outline_changes(matrix: Matrix) -> list[dict[str, Any]]:
    owners = [
        [matrix.claims[id][layer].cell.owner for id in matrix.services] for layer in matrix.layers
    ]
    return [
        {"type": "rect", "x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5,
         "line": {"color": INK, "width": 2.5}}
        for row, held in enumerate(owners)
        for column in range(1, len(held))
        if held[column] != held[column - 1]
    ]  # fmt: skip


def _runs(keys: Sequence[str]) -> list[tuple[str, int, int]]:
    """Each run of equal keys with its first and last place."""
    runs, start = [], 0
    for key, members in groupby(keys):
        length = len(list(members))
        runs.append((key, start, start + length - 1))
        start += length
    return runs
