"""The heatmap of layers by services, for a page, a wall or a widget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from srmlib.figures.cells import cells_trace, legend_traces
from srmlib.figures.columns import label_columns, matrix_of, order_columns
from srmlib.figures.layouts import PAGE, Size, heatmap_layout
from srmlib.figures.marks import (
    COUNT_NOTE,
    escape,
)
from srmlib.figures.panels import COLUMNS, panels_spec
from srmlib.matrix import Matrix
from srmlib.reviews import Review
from srmlib.schema import WITH_WORK

if TYPE_CHECKING:
    import plotly.graph_objects as go


def heatmap(what: Matrix | Review, title: str | None = None) -> go.Figure:
    """Layers top to bottom, services by delivery model: colour and letter tell the owner.

    A review's figure shows the services in use, with their number of resources. More than forty
    services stand in several heatmaps under each other.
    """
    import plotly.graph_objects as go

    matrix = matrix_of(what)
    if len(matrix.services) <= COLUMNS:
        return go.Figure(heatmap_spec(what, title), skip_invalid=False)
    shown = matrix.select(services=order_columns(matrix))
    note = COUNT_NOTE if isinstance(what, Review) else ""
    labels = label_columns(what, shown.services)
    spec = panels_spec(shown, labels, title or say_heatmap(what, shown), note)
    return go.Figure(spec, skip_invalid=False)


def heatmap_spec(
    what: Matrix | Review, title: str | None = None, size: Size = PAGE
) -> dict[str, Any]:
    """The heatmap as plain data and layout."""
    matrix = matrix_of(what)
    shown = matrix.select(services=order_columns(matrix))
    labels = label_columns(what, shown.services)
    note = COUNT_NOTE if isinstance(what, Review) else ""
    heading = title or say_heatmap(what, shown)
    return {
        "data": [cells_trace(shown, labels, size), *legend_traces(shown)],
        "layout": heatmap_layout(shown, labels, heading, size, note=note),
    }


def say_heatmap(what: Matrix | Review, shown: Matrix) -> str:
    """What the picture shows: for which services most is left to the customer, and least."""
    work = {
        id: sum(shown.claims[id][layer].cell.owner in WITH_WORK for layer in shown.layers)
        for id in shown.services
    }
    place = f" in {what.workload}" if isinstance(what, Review) else ""
    return say_work(work, len(shown.layers), place)


def say_work(work: Mapping[str, int], of: int, place: str = "") -> str:
    """In how many layers of which service most is left to the customer, and least."""
    most, least = max(work, key=work.__getitem__), min(work, key=work.__getitem__)
    told = f"customer work in {work[most]} of {of} layers of {most}"
    if work[least] < work[most]:
        told += f", down to {work[least]} of {least}"
    return escape(f"Who owns what{place}: {told}")
