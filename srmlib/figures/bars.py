"""How many layers of each group each owner holds."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from srmlib.figures.columns import label_columns, matrix_of, order_columns
from srmlib.figures.layouts import PAGE, base_layout
from srmlib.figures.marks import COLOURS, LETTER_COLOURS, LETTERS, NAMES, QUIET, escape
from srmlib.matrix import Matrix
from srmlib.reviews import Review
from srmlib.schema import OWNERS
from srmlib.shift import Comparison, count_owners

if TYPE_CHECKING:
    import plotly.graph_objects as go


def owners_chart(what: Matrix | Review | Comparison, title: str | None = None) -> go.Figure:
    """How many layers of each group each owner holds: one small chart a group, a bar a service.

    The services of a comparison stay in its order, first step on top.
    """
    import plotly.graph_objects as go

    matrix = matrix_of(what)
    is_path = isinstance(what, Comparison)
    shown = matrix if is_path else matrix.select(services=order_columns(matrix))
    counts = count_owners(shown)
    groups = list(dict.fromkeys(shown.catalogue.layers[id].group for id in shown.layers))
    labels = dict(zip(shown.services, label_columns(shown, shown.services), strict=True))
    traces = [
        _bar_trace(counts, group, place, owner, labels)
        for place, group in enumerate(groups, 1)
        for owner in OWNERS
        if owner in set(counts["owner"])
    ]
    heading = title or "How much of each layer group each side owns"
    return go.Figure({"data": traces, "layout": _bars_layout(shown, groups, heading)})


def _bar_trace(
    counts: Any, group: str, place: int, owner: str, labels: dict[str, str]
) -> dict[str, Any]:
    """One owner's share of one layer group, a bar a service, with the number of layers in it."""
    here = counts[(counts["group"] == group) & (counts["owner"] == owner)]
    held = dict(zip(here["service"], here["layers"].tolist(), strict=True))
    number = [held.get(service, 0) for service in labels]
    suffix = "" if place == 1 else str(place)
    return {
        "type": "bar", "orientation": "h", "x": number, "y": list(labels.values()),
        "xaxis": f"x{suffix}", "yaxis": "y", "name": f"{LETTERS[owner]} {NAMES[owner]}",
        "legendgroup": owner, "showlegend": place == 1,
        "marker": {"color": COLOURS[owner], "line": {"color": "#ffffff", "width": 1}},
        "text": [f"{LETTERS[owner]} {n}" if n else "" for n in number],
        "textposition": "inside", "insidetextanchor": "middle", "textangle": 0,
        "textfont": {"color": LETTER_COLOURS[owner], "size": 11},
        "hovertemplate": f"%{{y}}: {NAMES[owner]} %{{x}} layers<extra>{escape(group)}</extra>",
    }  # fmt: skip


def _bars_layout(matrix: Matrix, groups: list[str], title: str) -> dict[str, Any]:
    """The layer groups side by side; a group's width follows its number of layers."""
    longest = max((len(id) for id in matrix.services), default=0)
    layout = base_layout(title, 150 + 30 * len(matrix.services))
    layout |= {
        "barmode": "stack", "bargap": 0.25,
        "margin": {"l": 30 + round(7 * longest), "r": PAGE.right, "t": 118, "b": 32},
        "yaxis": {"autorange": "reversed", "showgrid": False, "ticks": "", "fixedrange": True,
                  "ticklabelstandoff": 6},
        "annotations": [],
    }  # fmt: skip
    sizes = [
        sum(1 for layer in matrix.layers if matrix.catalogue.layers[layer].group == group)
        for group in groups
    ]
    gap, start = 0.02, 0.0
    unit = (1 - gap * (len(groups) - 1)) / sum(sizes)
    for place, (group, size) in enumerate(zip(groups, sizes, strict=True), 1):
        end = min(start + unit * size, 1.0)
        layout["xaxis" if place == 1 else f"xaxis{place}"] = {
            "domain": [start, end], "range": [0, size], "showticklabels": False,
            "showgrid": False, "zeroline": False, "fixedrange": True, "anchor": "y",
        }  # fmt: skip
        layout["annotations"].append({
            "text": f"<b>{'<br>'.join(textwrap.wrap(escape(group.capitalize()), 14, break_long_words=False))}</b><br>{size} layers",
            "showarrow": False, "xref": "paper", "x": (start + end) / 2, "xanchor": "center",
            "yref": "paper", "y": 1, "yanchor": "bottom", "font": {"color": QUIET, "size": 11},
        })  # fmt: skip
        start = end + gap
    return layout
