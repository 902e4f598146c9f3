"""The widget with which readers toggle services and layers; holds no analysis of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ipywidgets as widgets
import plotly.graph_objects as go

from srmlib.errors import SrmError
from srmlib.figures import HAS_WORK, SMALL, heatmap_spec, tell_cell
from srmlib.matrix import Matrix, load_matrix

EMPTY = "Nothing is selected: tick at least one service and one layer."
# Labels, ticks and titles take JupyterLab's own colours, in its light and its dark theme.
STYLE = """<style>
.srm-explorer .xtick text, .srm-explorer .ytick text, .srm-explorer .gtitle,
.srm-explorer .legendtext, .srm-explorer .annotation-text {
  fill: var(--jp-ui-font-color1, #22303c) !important; }
.srm-explorer .widget-checkbox { width: 14em; margin: 0 4px 0 0; }
.srm-explorer .jupyter-button.mod-active {
  background: var(--jp-brand-color1, #1a5fb4); color: var(--jp-ui-inverse-font-color1, #fff);
  box-shadow: none; }
.srm-explorer .srm-details { color: var(--jp-ui-font-color1, #22303c); line-height: 1.4; }
.srm-explorer .srm-details h4 { margin: 0 0 6px 0; }
.srm-explorer .srm-details p { margin: 0 0 6px 0; }
.srm-explorer .srm-details a { color: var(--jp-content-link-color, #1a5fb4); }
</style>"""


class Explorer(widgets.VBox):  # type: ignore[misc]
    """Toggles over a heatmap, and the details of one cell; `matrix` is what is selected now."""

    def __init__(self, matrix: Matrix, width: int = SMALL.width) -> None:
        self._whole, self._width = matrix, width
        self.models = _make_toggles(_names_of_models(matrix))
        self.groups = _make_toggles(_names_of_groups(matrix))
        self.services = _make_checks({id: id for id in matrix.services})
        self.layers = _make_checks({id: matrix.catalogue.layers[id].name for id in matrix.layers})
        self.customer_only = _make_toggle("Only customer work")
        self.list_services = _make_toggle("Single services …")
        self.list_layers = _make_toggle("Single layers …")
        wide = widgets.Layout(width="96%")
        self.service = widgets.Dropdown(options=matrix.services, description="Service", layout=wide)
        self.layer = widgets.Dropdown(
            options=[(matrix.catalogue.layers[id].name, id) for id in matrix.layers],
            description="Layer",
            layout=wide,
        )
        self.details = widgets.HTML()
        self.message = widgets.HTML()
        self.figure = go.FigureWidget(self._draw(matrix))
        self.figure._config = {"displaylogo": False, "displayModeBar": False}
        super().__init__(_arrange(self), layout=widgets.Layout(width="100%", overflow="hidden"))
        self.add_class("srm-explorer")
        self._shown = matrix
        self._watch()
        self._refresh()

    @property
    def matrix(self) -> Matrix:
        """The selection as a matrix, for the next cell."""
        return self._shown

    def __repr__(self) -> str:
        return (
            f"Explorer of {len(self._shown.services)} services and {len(self._shown.layers)} layers"
        )

    def show(self, service: str, layer: str) -> None:
        """Show the details of a cell, as a click on it does."""
        self.service.value, self.layer.value = service, layer

    def _watch(self) -> None:
        toggles = [self.models, self.groups, self.services, self.layers]
        for control in [
            self.customer_only,
            *(each for group in toggles for each in group.values()),
        ]:
            control.observe(self._refresh, "value")
        self.figure.data[0].on_click(self._click)
        for choice in (self.service, self.layer):
            choice.observe(self._tell, "value")

    def _refresh(self, _: object = None) -> None:
        """Change the heatmap in place; an empty selection keeps the last picture and says so."""
        try:
            self._shown = self._select()
        except SrmError:
            self.message.value = f"<b>{EMPTY}</b>"
            return
        self.message.value = ""
        _repaint(self.figure, self._draw(self._shown))
        self._tell()

    def _draw(self, matrix: Matrix) -> dict[str, Any]:
        size = SMALL._replace(width=self._width)
        spec = _fit(heatmap_spec(matrix, None, size, details=False), self._width)
        if self.customer_only.value:
            _blank_others(spec["data"][0])
        return spec

    def _select(self) -> Matrix:
        catalogue = self._whole.catalogue
        services = [
            id
            for id in self._whole.services
            if self.services[id].value and self.models[catalogue.services[id].model].value
        ]
        layers = [
            id
            for id in self._whole.layers
            if self.layers[id].value and self.groups[catalogue.layers[id].group].value
        ]
        chosen = self._whole.select(services=services, layers=layers)
        if self.customer_only.value:
            chosen = chosen.select(layers=[id for id in layers if chosen.has_customer_work(id)])
        if not chosen.services or not chosen.layers:
            raise SrmError(EMPTY)
        return chosen

    def _click(self, trace: Any, points: Any, state: Any) -> None:
        if points.xs:
            columns, rows = self.figure.layout.xaxis.ticktext, self._shown.layers
            self.show(columns[round(points.xs[0])], rows[round(points.ys[0])])

    def _tell(self, _: object = None) -> None:
        told = tell_cell(self._whole, self.service.value, self.layer.value)
        self.details.value = f'<div class="srm-details">{told}</div>'


def explore(matrix: Matrix | None = None, width: int = SMALL.width) -> Explorer:
    """A widget to toggle services, models, layers and layer groups; `.matrix` is the selection.

    `width` is the heatmap's, in pixels; with the details beside it, 624 fits a screen of 1366.
    """
    whole = matrix or load_matrix()
    if not whole.services or not whole.layers:
        raise SrmError("there is nothing to explore; select at least one service and one layer")
    return Explorer(whole, width)


def _names_of_models(matrix: Matrix) -> dict[str, str]:
    used = {matrix.catalogue.services[id].model for id in matrix.services}
    return {id: row.name for id, row in matrix.catalogue.models.items() if id in used}


def _names_of_groups(matrix: Matrix) -> dict[str, str]:
    groups = dict.fromkeys(matrix.catalogue.layers[id].group for id in matrix.layers)
    return {group: group.capitalize() for group in groups}


def _make_toggle(name: str, value: bool = False) -> widgets.ToggleButton:
    layout = widgets.Layout(width="auto", height="28px")
    return widgets.ToggleButton(description=name, value=value, layout=layout)


def _make_toggles(names: dict[str, str]) -> dict[str, widgets.ToggleButton]:
    return {id: _make_toggle(name, value=True) for id, name in names.items()}


def _make_checks(names: dict[str, str]) -> dict[str, widgets.Checkbox]:
    return {
        id: widgets.Checkbox(value=True, description=name, indent=False)
        for id, name in names.items()
    }


def _arrange(view: Explorer) -> list[widgets.Widget]:
    """Toggles on top, lists folded away, the heatmap with the details at its side."""
    services, layers = _wrap(view.services.values()), _wrap(view.layers.values())
    lists = [_fold(view.list_services, services), _fold(view.list_layers, layers)]
    side = widgets.VBox(
        [view.service, view.layer, view.details],
        layout=widgets.Layout(flex="0 0 300px", max_height="660px", overflow="auto"),
    )
    picture = widgets.Box(
        [view.figure], layout=widgets.Layout(flex="1 1 auto", min_width="0", overflow="hidden")
    )
    return [
        widgets.HTML(STYLE),
        _wrap([widgets.Label("Models"), *view.models.values(), view.list_services]),
        _wrap([widgets.Label("Layers"), *view.groups.values(), view.list_layers]),
        *lists,
        _wrap([view.customer_only]),
        view.message,
        widgets.HBox([picture, side], layout=widgets.Layout(width="100%")),
    ]


def _fold(button: widgets.ToggleButton, box: widgets.Box) -> widgets.Box:
    """A list that a button unfolds: unlike an accordion's title, the keyboard reaches a button."""

    def unfold(_: object = None) -> None:
        box.layout.display = "flex" if button.value else "none"

    button.observe(unfold, "value")
    unfold()
    return box


def _wrap(children: Iterable[widgets.Widget]) -> widgets.Box:
    layout = widgets.Layout(
        display="flex", flex_flow="row wrap", max_height="220px", overflow="auto"
    )
    return widgets.Box(list(children), layout=layout)


def _fit(spec: dict[str, Any], width: int) -> dict[str, Any]:
    """On the theme's own ground, at a width of its own: a figure cannot ask the page for one."""
    clear = {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"}
    return {"data": spec["data"], "layout": spec["layout"] | clear | {"width": width}}


def _repaint(figure: go.FigureWidget, spec: dict[str, Any]) -> None:
    """Lay a new selection over the figure in one message to the browser."""
    cells = spec["data"][0]
    with figure.batch_update():
        for key in ("x", "y", "z", "text", "hovertext"):
            setattr(figure.data[0], key, cells.get(key))
        figure.update_layout(spec["layout"], overwrite=True)


def _blank_others(cells: dict[str, Any]) -> None:
    """Leave only cells with work for the customer: the others lose colour and letter."""
    for row, values in enumerate(cells["z"]):
        for column, value in enumerate(values):
            if value not in HAS_WORK:
                values[column] = None
                cells["text"][row][column] = ""
