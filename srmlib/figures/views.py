"""The explorer's heatmap: columns in an order of the reader's, layer groups folded into one row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from srmlib.figures.arrays import FROM_AXES, CellArrays
from srmlib.figures.cells import owner_traces
from srmlib.figures.columns import label_service, matrix_of
from srmlib.figures.heatmaps import say_work
from srmlib.figures.layouts import SMALL, Size, heatmap_layout
from srmlib.figures.marks import COUNT_NOTE, LETTER_COLOURS, escape
from srmlib.matrix import Matrix
from srmlib.schema import HEAVIEST, OWNERS, WITH_WORK


def view_spec(
    matrix: Matrix,
    arrays: CellArrays,
    size: Size = SMALL,
    *,
    order: Sequence[str] | None = None,
    counts: Mapping[str, int] | None = None,
    folded: Collection[str] = (),
) -> dict[str, Any]:
    """Data and layout of one heatmap with short hovers.

    `arrays` are of a matrix that holds this one's cells; `order` names the services from left to right (by delivery model where it is None), `counts` their
    resources, `folded` the layer groups that take one row each.
    """
    whole = matrix_of(matrix)
    columns = tuple(order or arrays.order(whole.services, whole.layers))
    shown = whole.select(services=columns, layers=list_rows(whole, folded))
    labels = [label_service(id, counts or {}) for id in columns]
    note = COUNT_NOTE if counts else ""
    trace = arrays.cut(shown.services, shown.layers)
    heading = say_work(arrays.count_work(whole.services, whole.layers), len(whole.layers))
    layout = heatmap_layout(shown, labels, heading, size, grouped=order is None, note=note)
    for row, layer in enumerate(shown.layers):
        group = whole.catalogue.layers[layer].group
        if group in folded:
            _fold_row(trace, layout, row, whole.select(services=columns, groups=[group]), group)
    owners = arrays.find_owners(shown.services, shown.layers)
    return {"data": [trace, *owner_traces(owners)], "layout": layout}


def list_rows(matrix: Matrix, folded: Collection[str]) -> list[str]:
    """The layers that are shown: of a folded group its first."""
    groups: set[str] = set()
    rows = []
    for layer in matrix.layers:
        group = matrix.catalogue.layers[layer].group
        if group not in folded or group not in groups:
            rows.append(layer)
        groups.add(group)
    return rows


def _fold_row(
    trace: dict[str, Any], layout: dict[str, Any], row: int, part: Matrix, group: str
) -> None:
    """One row for all layers of a group: the heaviest owner, and how many leave work to you."""
    of = len(part.layers)
    name = group.capitalize()
    layout["yaxis"]["ticktext"][row] = escape(f"▸ {name} ({of})")
    for column, id in enumerate(part.services):
        owners = [claim.cell.owner for claim in (part.claims[id][layer] for layer in part.layers)]
        owner = min(owners, key=HEAVIEST.index)
        work = sum(each in WITH_WORK for each in owners)
        trace["z"][row][column] = OWNERS.index(owner)
        told = f"customer work in {work} of {of} layers"
        is_short = trace["hovertemplate"] == FROM_AXES
        trace["hovertext"][row][column] = told if is_short else escape(f"{id} · {name}: {told}")
        if "text" in trace:
            colour = LETTER_COLOURS[owner]
            trace["text"][row][column] = f'<span style="color:{colour}">{work}/{of}</span>'
