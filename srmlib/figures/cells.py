"""The cells of a heatmap, and the legend that explains their colours."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from srmlib.catalogue import Claim
from srmlib.figures.layouts import Size
from srmlib.figures.marks import (
    COLOURS,
    LETTER_COLOURS,
    LETTERS,
    NAMES,
    describe,
    escape,
    letter,
)
from srmlib.matrix import Matrix
from srmlib.schema import OWNERS, WITH_WORK

# Past this many columns, letters cost seconds and could not be read.
LETTERED_COLUMNS = 100
# By the owners' places: how much is left to the customer.
WEIGHTS = tuple({"customer": 2, "shared": 1}.get(owner, 0) for owner in OWNERS)
HAS_WORK = tuple(OWNERS.index(owner) for owner in WITH_WORK)


def cells_trace(
    matrix: Matrix,
    labels: list[str],
    size: Size,
    *,
    details: bool = True,
    lettered: bool | None = None,
) -> dict[str, Any]:
    """One heatmap trace; built from plain lists so that stored outputs stay readable.

    Letters are left out of many columns unless `lettered` says otherwise.
    """
    steps = len(OWNERS)
    claims = [[matrix.claims[id][layer] for id in matrix.services] for layer in matrix.layers]
    trace: dict[str, Any] = {
        "type": "heatmap",
        "x": list(range(len(labels))),
        "y": list(range(len(matrix.layers))),
        "z": [[OWNERS.index(claim.cell.owner) for claim in row] for row in claims],
        "zmin": -0.5,
        "zmax": steps - 0.5,
        "colorscale": step_colours([COLOURS[owner] for owner in OWNERS]),
        "showscale": False,
        "hovertext": _describe_all(matrix) if details else _name_all(matrix, claims),
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    if len(labels) <= LETTERED_COLUMNS if lettered is None else lettered:
        trace |= {"xgap": 1.5, "ygap": 1.5, "texttemplate": "%{text}"}
        trace["text"] = [
            [
                f'<span style="color:{LETTER_COLOURS[claim.cell.owner]}">{letter(claim)}</span>'
                for claim in row
            ]
            for row in claims
        ]
        trace["textfont"] = {"size": size.font}
    return trace


def _describe_all(matrix: Matrix) -> list[list[str]]:
    return [[describe(matrix, id, layer) for id in matrix.services] for layer in matrix.layers]


def _name_all(matrix: Matrix, claims: list[list[Claim]]) -> list[list[str]]:
    """Service, layer and owner of each cell; names are escaped once, not in every cell."""
    services = [escape(id) for id in matrix.services]
    layers = [escape(matrix.catalogue.layers[layer].name) for layer in matrix.layers]
    return [
        [
            f"{service} · {layer}: {NAMES[claim.cell.owner]}"
            for service, claim in zip(services, row, strict=True)
        ]
        for layer, row in zip(layers, claims, strict=True)
    ]


def step_colours(colours: Sequence[str]) -> list[list[Any]]:
    """A colour scale without transitions: a colour a place, from 0 on."""
    steps = len(colours)
    return [
        point
        for place, colour in enumerate(colours)
        for point in ([place / steps, colour], [(place + 1) / steps, colour])
    ]


def legend_traces(matrix: Matrix) -> list[dict[str, Any]]:
    """The owners that the matrix holds."""
    return owner_traces(
        {matrix.claims[id][layer].cell.owner for id in matrix.services for layer in matrix.layers}
    )


def owner_traces(owners: Collection[str]) -> list[dict[str, Any]]:
    """A legend of these owners, in their order."""
    return [
        {
            "type": "scatter", "mode": "markers", "x": [None], "y": [None],
            "name": f"{LETTERS[owner]} {NAMES[owner]}", "hoverinfo": "skip",
            "marker": {"symbol": "square", "size": 14, "color": COLOURS[owner],
                       "line": {"width": 1, "color": "#8a8a8a"}},
        }
        for owner in OWNERS
        if owner in owners
    ]  # fmt: skip
