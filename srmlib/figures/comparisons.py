"""Services beside each other, step by step: what changes hands, and in which direction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from srmlib.errors import SrmError
from srmlib.figures.cells import WEIGHTS, cells_trace, legend_traces
from srmlib.figures.columns import label_columns, label_service
from srmlib.figures.layouts import PAGE, heatmap_layout
from srmlib.figures.marks import ARROW_NOTE, INK, LETTER_COLOURS, escape
from srmlib.matrix import Matrix
from srmlib.reviews import Review, count_fates, count_resources
from srmlib.schema import OWNERS
from srmlib.shift import Comparison

if TYPE_CHECKING:
    import plotly.graph_objects as go


def comparison_chart(comparison: Comparison, title: str | None = None) -> go.Figure:
    """The compared services side by side, a column a step.

    What differs from the step before is outlined; an arrow shows whether it goes to AWS or to you.
    """
    matrix = comparison.matrix
    labels = label_columns(matrix, matrix.services)
    steps = range(1, len(labels))
    return _draw_steps(matrix, labels, title or _say_comparison(comparison), steps)


def what_if_chart(review: Review, title: str | None = None) -> go.Figure:
    """Before and after a move, two columns a move, with the number of resources that move."""
    if review.before is None:
        raise SrmError("nothing has moved in this review; make the move with what_if first")
    held = count_resources(review.before)
    labels = [
        label
        for move in review.whatif
        for count in [move.count or held[move.before]]
        for label in (
            label_service(move.before, {move.before: count}),
            f"→ {label_service(move.after, {move.after: count})}",
        )
    ]
    matrix = _pair_columns(review, review.before)
    return _draw_steps(matrix, labels, title or _say_move(review), range(1, len(labels), 2))


def _pair_columns(after: Review, before: Review) -> Matrix:
    """Each move's service as it is before, and the one that follows as it is after."""
    columns = tuple(id for move in after.whatif for id in (move.before, move.after))
    claims = {move.before: before.matrix.claims[move.before] for move in after.whatif}
    claims |= {move.after: after.matrix.claims[move.after] for move in after.whatif}
    return replace(before.matrix, claims=claims, services=columns)


def _draw_steps(
    matrix: Matrix, labels: list[str], heading: str, steps: Collection[int]
) -> go.Figure:
    """One column a service; at each of the steps what differs from the column before is marked."""
    import plotly.graph_objects as go

    layout = heatmap_layout(matrix, labels, heading, PAGE, grouped=False, note=ARROW_NOTE)
    cells = cells_trace(matrix, labels, PAGE)
    layout["shapes"] += [_part(column) for column in range(1, len(labels)) if column not in steps]
    for column in steps:
        layout["shapes"] += _outline_changes(cells, column)
        _add_arrows(cells, column)
    return go.Figure(
        {"data": [cells, *legend_traces(matrix)], "layout": layout}, skip_invalid=False
    )


def _say_comparison(comparison: Comparison) -> str:
    names = [comparison.matrix.catalogue.services[id].name for id in comparison.matrix.services]
    place = f"{comparison.name}: from" if comparison.name else "From"
    return escape(f"{place} {names[0]} to {names[-1]}, {comparison.summary}")


def _say_move(review: Review) -> str:
    told = ", ".join(f"{count} {fate}" for fate, count in count_fates(review).items())
    return escape(f"What if {' and '.join(map(str, review.whatif))}: duties {told}")


def _part(column: int) -> dict[str, Any]:
    """A gap between two moves."""
    return {
        "type": "line", "x0": column - 0.5, "x1": column - 0.5, "yref": "paper", "y0": 0, "y1": 1,
        "line": {"color": "#ffffff", "width": 10},
    }  # fmt: skip


def _outline_changes(cells: dict[str, Any], column: int) -> list[dict[str, Any]]:
    """Dark lines on white ones: dark alone could hardly be seen on AWS's blue."""
    return [
        {"type": "rect", "x0": column - 0.48, "x1": column + 0.48, "y0": row - 0.43, "y1": row + 0.43,
         "line": {"color": colour, "width": width}}
        for row, values in enumerate(cells["z"])
        if values[column] != values[column - 1]
        for colour, width in (("#ffffff", 5), (INK, 2.5))
    ]  # fmt: skip


def _add_arrows(cells: dict[str, Any], column: int) -> None:
    """Behind the letter of each changed cell the direction; there are no letters in many columns."""
    for values, texts in zip(cells["z"], cells.get("text", ()), strict=False):
        before, after = (WEIGHTS[values[place]] for place in (column - 1, column))
        if before != after:
            colour = LETTER_COLOURS[OWNERS[values[column]]]
            arrow = "▲" if after < before else "▼"
            texts[column] += f'<span style="color:{colour}"> {arrow}</span>'
