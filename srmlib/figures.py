"""Frames -> plotly Figures; the only place that knows colours and labels."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from srmlib.catalogue import CATALOGUE, Claim
from srmlib.errors import SrmError
from srmlib.matrix import Matrix
from srmlib.reviews import Review, count_resources
from srmlib.schema import OWNERS
from srmlib.shift import Comparison, count_owners

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Blue, sand and orange differ for every kind of colour vision, and in lightness for grey prints.
COLOURS = {
    "aws": "#2b5c8a",
    "shared": "#f3dc9b",
    "customer": "#e0752d",
    "third-party": "#7d6b99",
    "not-applicable": "#f2f2f2",
}
LETTERS = {"aws": "A", "shared": "S", "customer": "C", "third-party": "T", "not-applicable": "–"}
LETTER_COLOURS = {"aws": "#ffffff", "third-party": "#ffffff", "not-applicable": "#767676"}
NAMES = {
    "aws": "AWS",
    "shared": "Shared",
    "customer": "Customer",
    "third-party": "Third party",
    "not-applicable": "Not applicable",
}
WITH_WORK = ("customer", "shared")
BASIS_NAMES = {
    "stated": "stated by AWS for this service",
    "model": "follows from AWS's statement about the delivery model",
    "interpreted": "our reading",
}
INK = "#22303c"
QUIET = "#5b6770"
# Pixels beside the cells, and the width that a notebook usually gives a figure.
LEFT, RIGHT, USUAL_WIDTH, LETTER_WIDTH = 300, 24, 960, 7.6
FONT = "Open Sans, DejaVu Sans, Arial, sans-serif"
# Past this many columns, letters cost seconds and could not be read.
LETTERED_COLUMNS = 100
KEY = (
    "<b>A</b> bold: AWS states it for this service   ·   <i>a</i> small italic: from the delivery "
    "model, or our reading   ·   * AWS contests it elsewhere   ·   ° a setting moves it"
)
COUNT_NOTE = "   ·   (2) resources in the files"


def heatmap(what: Matrix | Review, title: str | None = None) -> go.Figure:
    """Layers top to bottom, services by delivery model: colour and letter tell the owner.

    A review's figure shows the services in use, with their number of resources.
    """
    import plotly.graph_objects as go

    matrix = _matrix_of(what)
    services = _order_columns(matrix)
    shown = matrix.select(services=services)
    labels = _label_columns(what, services)
    heading = title or _say_heatmap(what, shown)
    note = COUNT_NOTE if isinstance(what, Review) else ""
    spec = {
        "data": [_cells_trace(shown, labels), *_legend_traces(shown)],
        "layout": _heatmap_layout(shown, labels, heading, note=note),
    }
    return go.Figure(spec, skip_invalid=False)


def comparison_chart(comparison: Comparison, title: str | None = None) -> go.Figure:
    """The compared services side by side; what differs from the service before it is outlined."""
    import plotly.graph_objects as go

    matrix = comparison.matrix
    labels = _label_columns(matrix, matrix.services)
    names = [matrix.catalogue.services[id].name for id in matrix.services]
    heading = title or f"From {names[0]} to {names[-1]}: {comparison.summary}"
    layout = _heatmap_layout(matrix, labels, heading, grouped=False)
    layout["shapes"] += _outline_changes(matrix)
    spec = {"data": [_cells_trace(matrix, labels), *_legend_traces(matrix)], "layout": layout}
    return go.Figure(spec, skip_invalid=False)


def owners_chart(what: Matrix | Review, title: str | None = None) -> go.Figure:
    """How many layers of each group each owner holds: one small chart a group, a bar a service."""
    import plotly.graph_objects as go

    matrix = _matrix_of(what)
    shown = matrix.select(services=_order_columns(matrix))
    counts = count_owners(shown)
    groups = list(dict.fromkeys(shown.catalogue.layers[id].group for id in shown.layers))
    labels = dict(zip(shown.services, _label_columns(shown, shown.services), strict=True))
    traces = [
        _bar_trace(counts, group, place, owner, labels)
        for place, group in enumerate(groups, 1)
        for owner in OWNERS
        if owner in set(counts["owner"])
    ]
    heading = title or "How much of each layer group each side owns"
    return go.Figure({"data": traces, "layout": _bars_layout(shown, groups, heading)})


def _matrix_of(what: Matrix | Review) -> Matrix:
    matrix = what.matrix if isinstance(what, Review) else what
    if not matrix.services or not matrix.layers:
        raise SrmError("there is no service or no layer to show; select at least one of each")
    return matrix


def _order_columns(matrix: Matrix) -> tuple[str, ...]:
    """By delivery model, and in it from most customer work to least."""
    models = list(matrix.catalogue.models)

    def load(id: str) -> tuple[int, int, str]:
        owners = [matrix.claims[id][layer].cell.owner for layer in matrix.layers]
        work = 2 * owners.count("customer") + owners.count("shared")
        return models.index(matrix.catalogue.services[id].model), -work, id

    return tuple(sorted(matrix.services, key=load))


def _label_columns(what: Matrix | Review, services: Sequence[str]) -> list[str]:
    counts = count_resources(what) if isinstance(what, Review) else {}
    return [f"{id} ({counts[id]})" if id in counts else id for id in services]


def _say_heatmap(what: Matrix | Review, shown: Matrix) -> str:
    """What the picture shows: for which services most is left to the customer, and least."""
    work = {
        id: sum(shown.claims[id][layer].cell.owner in WITH_WORK for layer in shown.layers)
        for id in shown.services
    }
    most, least = max(work, key=work.__getitem__), min(work, key=work.__getitem__)
    place = f" in {', '.join(what.files)}" if isinstance(what, Review) else ""
    told = f"customer work in {work[most]} of {len(shown.layers)} layers of {most}"
    if work[least] < work[most]:
        told += f", down to {work[least]} of {least}"
    return escape(f"Who owns what{place}: {told}")


def escape(text: str) -> str:
    """Text that plotly and a browser show as it stands: no tag in it works."""
    return html.escape(text, quote=False)


def letter(claim: Claim) -> str:
    """A cell's mark: bold capital where stated, small italic else; * contested, ° movable."""
    cell = claim.cell
    sign = LETTERS[cell.owner]
    if cell.owner != "not-applicable":
        sign = f"<b>{sign}</b>" if cell.basis == "stated" else f"<i>{sign.lower()}</i>"
    if claim.origin != CATALOGUE:
        sign = f"[{sign}]"
    return sign + ("*" if cell.contested else "") + ("°" if cell.unless else "")


def describe(matrix: Matrix, service: str, layer: str) -> str:
    """The hover text of a cell: both duties, basis and sources, as lines of simple HTML."""
    catalogue = matrix.catalogue
    claim = matrix.claims[service][layer]
    cell = claim.cell
    owner = NAMES[cell.owner] + (f" ({cell.third_party})" if cell.third_party else "")
    head = f"<b>{escape(catalogue.services[service].name)} · {escape(catalogue.layers[layer].name)}</b>"
    lines = [head, f"Owner: <b>{escape(owner)}</b>{f', {cell.split}' if cell.split else ''}"]
    lines += _wrap("AWS", cell.aws_duty) + _wrap("Customer", cell.customer_duty)
    lines += _wrap("Basis", BASIS_NAMES[cell.basis]) + _wrap("Why", cell.why)
    lines += [
        line
        for each in cell.unless
        for line in _wrap("Unless", f"{each.setting} is {each.value}: {NAMES[each.owner]}")
    ]
    lines += [line for each in cell.contested for line in _wrap("AWS elsewhere", NAMES[each.owner])]
    for each in cell.sources:
        lines += _wrap("Source", f"{catalogue.sources[each.id].title}: {each.section}")
    if claim.origin != CATALOGUE:
        lines += _wrap("Origin", claim.origin)
    return "<br>".join(lines)


def _wrap(label: str, text: str | None) -> list[str]:
    return [escape(line) for line in textwrap.wrap(f"{label}: {text}", 78)] if text else []


def _cells_trace(matrix: Matrix, labels: list[str]) -> dict[str, Any]:
    """One heatmap trace; built from plain lists so that stored outputs stay readable."""
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
            [describe(matrix, id, layer) for id in matrix.services] for layer in matrix.layers
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
        trace["textfont"] = {"size": 12}
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


def _base_layout(title: str, height: int) -> dict[str, Any]:
    return {
        "template": {"layout": {"font": {"family": FONT, "size": 12, "color": INK}}},
        "title": {"text": title, "font": {"size": 18}, "x": 0, "xref": "container",
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
    matrix: Matrix, labels: list[str], title: str, *, grouped: bool = True, note: str = ""
) -> dict[str, Any]:
    rows, columns = len(matrix.layers), len(labels)
    longest = max((len(label) for label in labels), default=0)
    upright = longest * 7.2 > (USUAL_WIDTH - LEFT - RIGHT) / max(columns, 1)
    ticks = 18 + round(6.8 * longest) if upright else 28
    models = _model_labels(matrix, columns) if grouped else []
    band = max((each["room"] for each in models), default=0)
    top, bottom = 76 + band + ticks, 44
    layout = _base_layout(title, top + 24 * rows + bottom)
    layout |= {
        "margin": {"l": LEFT, "r": RIGHT, "t": top, "b": bottom},
        "xaxis": {
            "side": "top", "tickvals": list(range(columns)), "tickangle": -90 if upright else 0,
            "ticks": "", "ticklabelstandoff": 5,
            "ticktext": [escape(label) for label in labels], "range": [-0.52, columns - 0.48],
            "showgrid": False, "zeroline": False, "fixedrange": True,
        },
        "yaxis": {
            "tickvals": list(range(rows)), "range": [rows - 0.5, -0.5], "ticks": "",
            "ticktext": [matrix.catalogue.layers[id].name for id in matrix.layers],
            "showgrid": False, "zeroline": False, "fixedrange": True, "ticklabelstandoff": 6,
        },
        "annotations": [*_group_labels(matrix), _key_note(note)],
        "shapes": _group_lines(matrix),
    }  # fmt: skip
    for each in models:
        layout["annotations"].append(each["label"] | {"yshift": ticks + 6})
        layout["shapes"].append(each["line"] | {"y0": ticks, "y1": ticks})
    return layout


def _key_note(note: str) -> dict[str, Any]:
    return {
        "text": f"{KEY}{note}", "showarrow": False, "xref": "paper", "yref": "paper", "x": 0, "y": 0,
        "xanchor": "left", "yanchor": "top", "xshift": 16 - LEFT, "yshift": -14,
        "font": {"size": 11, "color": QUIET},
    }  # fmt: skip


def _group_labels(matrix: Matrix) -> list[dict[str, Any]]:
    """The layer groups, to the left of the layers, at the first row of each."""
    groups = [matrix.catalogue.layers[id].group for id in matrix.layers]
    return [
        {"text": f"<b>{escape(group.capitalize())}</b>", "showarrow": False, "xref": "paper", "x": 0,
         "xshift": 16 - LEFT, "xanchor": "left", "yref": "y", "y": first, "yanchor": "middle",
         "font": {"color": QUIET}}
        for group, first, _ in _runs(groups)
    ]  # fmt: skip


def _group_lines(matrix: Matrix) -> list[dict[str, Any]]:
    """Thin lines between layer groups, over labels and cells alike."""
    groups = [matrix.catalogue.layers[id].group for id in matrix.layers]
    return [
        {"type": "line", "xref": "paper", "xsizemode": "pixel", "xanchor": 0, "x0": 16 - LEFT,
         "x1": -4, "yref": "y", "y0": first - 0.5, "y1": first - 0.5,
         "line": {"color": "#c9ced4", "width": 1}}
        for _, first, _ in _runs(groups)[1:]
    ]  # fmt: skip


def _model_labels(matrix: Matrix, columns: int) -> list[dict[str, Any]]:
    """A line and a name over the services of each delivery model, and the room that they take."""
    names = [
        matrix.catalogue.models[matrix.catalogue.services[id].model].name for id in matrix.services
    ]
    column_width = (USUAL_WIDTH - LEFT - RIGHT) / max(columns, 1)
    made = []
    for name, first, last in _runs(names):
        text, angle, room = _fit(name, (last - first + 1) * column_width)
        label = {
            "text": f"<b>{text}</b>", "showarrow": False, "xref": "x", "x": (first + last) / 2,
            "xanchor": "center", "yref": "paper", "y": 1, "yanchor": "bottom",
            "textangle": angle, "font": {"color": QUIET},
        }  # fmt: skip
        line = {
            "type": "line", "xref": "x", "x0": first - 0.42, "x1": last + 0.42, "yref": "paper",
            "ysizemode": "pixel", "yanchor": 1, "line": {"color": QUIET, "width": 2},
        }  # fmt: skip
        made.append({"label": label, "line": line, "room": room})
    return made


def _fit(name: str, width: float) -> tuple[str, int, float]:
    """A name on one line, else a word a line, else upright: its text, angle and height."""
    text, words = escape(name), re.split(r" |(?<=-)", escape(name))
    if len(name) * LETTER_WIDTH < width:
        return text, 0, 26
    if max(map(len, words)) * LETTER_WIDTH < width:
        return "<br>".join(words), 0, 10 + 16 * len(words)
    return text, -90, 10 + LETTER_WIDTH * len(name)


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
        "textfont": {"color": LETTER_COLOURS.get(owner, INK), "size": 11},
        "hovertemplate": f"%{{y}}: {NAMES[owner]} %{{x}} layers<extra>{escape(group)}</extra>",
    }  # fmt: skip


def _bars_layout(matrix: Matrix, groups: list[str], title: str) -> dict[str, Any]:
    """The layer groups side by side; a group's width follows its number of layers."""
    longest = max((len(id) for id in matrix.services), default=0)
    layout = _base_layout(title, 150 + 30 * len(matrix.services))
    layout |= {
        "barmode": "stack", "bargap": 0.25,
        "margin": {"l": 30 + round(7 * longest), "r": RIGHT, "t": 118, "b": 32},
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
