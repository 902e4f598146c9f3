"""The heatmap of layers by services, for a page, a wall or a widget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from srmlib.figures.columns import label_columns, matrix_of, order_columns
from srmlib.figures.layouts import PAGE, Size, heatmap_layout
from srmlib.figures.marks import (
    COLOURS,
    COUNT_NOTE,
    INK,
    LETTER_COLOURS,
    LETTERS,
    NAMES,
    describe,
    escape,
    letter,
    name_cell,
)
from srmlib.matrix import Matrix
from srmlib.reviews import Review
from srmlib.schema import OWNERS, WITH_WORK

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Past this many columns, letters cost seconds and could not be read.
LETTERED_COLUMNS = 100
# By the owners' places: how much is left to the customer.
WEIGHTS = tuple({"customer": 2, "shared": 1}.get(owner, 0) for owner in OWNERS)
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
        "data": [cells_trace(shown, labels, size, details=details), *legend_traces(shown)],
        "layout": heatmap_layout(shown, labels, heading, size, note=note),
    }


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


def cells_trace(
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


def legend_traces(matrix: Matrix) -> list[dict[str, Any]]:
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
