"""Frames -> plotly Figures; nothing outside this folder knows colours and labels."""

from srmlib.figures.arrays import CellArrays
from srmlib.figures.bars import owners_chart
from srmlib.figures.cards import service_card
from srmlib.figures.cells import HAS_WORK
from srmlib.figures.columns import label_service, order_columns
from srmlib.figures.comparisons import comparison_chart, what_if_chart
from srmlib.figures.control_bars import controls_chart
from srmlib.figures.fleet_maps import fleet_chart
from srmlib.figures.heatmaps import heatmap, heatmap_spec
from srmlib.figures.layouts import SMALL
from srmlib.figures.marks import tell_cell
from srmlib.figures.room_maps import misconceptions_chart
from srmlib.figures.team_maps import teams_chart
from srmlib.figures.views import list_rows, view_spec

__all__ = [
    "HAS_WORK",
    "SMALL",
    "CellArrays",
    "comparison_chart",
    "controls_chart",
    "fleet_chart",
    "heatmap",
    "heatmap_spec",
    "label_service",
    "list_rows",
    "misconceptions_chart",
    "order_columns",
    "owners_chart",
    "service_card",
    "teams_chart",
    "tell_cell",
    "view_spec",
    "what_if_chart",
]
