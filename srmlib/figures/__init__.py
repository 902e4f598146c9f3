"""Frames -> plotly Figures; nothing outside this folder knows colours and labels."""

from srmlib.figures.bars import owners_chart
from srmlib.figures.heatmaps import (
    HAS_WORK,
    SMALL,
    comparison_chart,
    heatmap,
    heatmap_spec,
    order_columns,
)
from srmlib.figures.marks import tell_cell

__all__ = [
    "HAS_WORK",
    "SMALL",
    "comparison_chart",
    "heatmap",
    "heatmap_spec",
    "order_columns",
    "owners_chart",
    "tell_cell",
]
