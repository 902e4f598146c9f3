"""The widget with which readers toggle services and layers; holds no analysis of its own."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import plotly.graph_objects as go

from srmlib.catalogue import PathLike
from srmlib.controls import STYLE, fold, make_checks, make_toggle, make_toggles, wrap
from srmlib.dissent import Dissent, Words
from srmlib.errors import SrmError
from srmlib.figures import HAS_WORK, SMALL, heatmap_spec, order_columns, tell_cell
from srmlib.matrix import Matrix, load_matrix
from srmlib.overlays import find_home, lay_over, write_cell

OVERLAY = "my-overlay"
# What a new selection changes of the cells; letters come and go with the number of columns.
PAINTED = ("x", "y", "z", "text", "hovertext", "texttemplate", "textfont", "xgap", "ygap")
EMPTY = "Nothing is selected: tick at least one service and one layer."


class Explorer(widgets.VBox):  # type: ignore[misc]
    """Toggles over a heatmap, and the details of one cell; `matrix` is what is selected now.

    Who sees a cell otherwise writes an overlay in `dissent`; it is then in force here, too.
    """

    def __init__(
        self, matrix: Matrix, width: int = SMALL.width, overlay: PathLike = OVERLAY
    ) -> None:
        self._whole, self._width = matrix, width
        self.models = make_toggles(_names_of_models(matrix))
        self.groups = make_toggles(_names_of_groups(matrix))
        self.services = make_checks({id: id for id in matrix.services})
        self.layers = make_checks({id: matrix.catalogue.layers[id].name for id in matrix.layers})
        self.customer_only = make_toggle("Only customer work")
        self.list_services = make_toggle("Single services …")
        self.list_layers = make_toggle("Single layers …")
        wide = widgets.Layout(width="96%")
        self.service = widgets.Dropdown(options=matrix.services, description="Service", layout=wide)
        self.layer = widgets.Dropdown(
            options=[(matrix.catalogue.layers[id].name, id) for id in matrix.layers],
            description="Layer",
            layout=wide,
        )
        self.dissent = Dissent(str(overlay), self._write)
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
            if self.services[id].value and _is_on(self.models, catalogue.services[id].model)
        ]
        layers = [
            id
            for id in self._whole.layers
            if self.layers[id].value and _is_on(self.groups, catalogue.layers[id].group)
        ]
        chosen = self._whole.select(services=services, layers=layers)
        if self.customer_only.value:
            chosen = chosen.select(layers=[id for id in layers if chosen.has_customer_work(id)])
        if not chosen.services or not chosen.layers:
            raise SrmError(EMPTY)
        return chosen

    def _click(self, trace: Any, points: Any, state: Any) -> None:
        if points.xs:
            columns, rows = order_columns(self._shown), self._shown.layers
            self.show(columns[round(points.xs[0])], rows[round(points.ys[0])])

    def _tell(self, _: object = None) -> None:
        service, layer = self.service.value, self.layer.value
        told = tell_cell(self._whole, service, layer)
        self.details.value = f'<div class="srm-details">{told}</div>'
        self.dissent.show(service, layer, self._whole.claims[service][layer])

    def _write(self, folder: str, words: Words) -> str:
        """Write the reader's claim about the cell that is shown, and show all under it."""
        place = write_cell(folder, self._whole, self.service.value, self.layer.value, **words)
        home = find_home(folder, self._whole)
        self._whole = lay_over(self._whole, home)
        self._shown = self._whole.select(self._shown.services, layers=self._shown.layers)
        self._refresh()
        self._tell()  # Also where nothing is selected.
        return _tell_written(home, place)


def explore(
    matrix: Matrix | None = None, width: int = SMALL.width, overlay: PathLike = OVERLAY
) -> Explorer:
    """A widget to toggle services, models, layers and layer groups; `.matrix` is the selection.

    `width` is the heatmap's, in pixels; with the details beside it, 624 fits a screen of 1366.
    `overlay` is the folder into which a reader who sees a cell otherwise writes, unless they name
    another one.
    """
    whole = matrix or load_matrix()
    if not whole.services or not whole.layers:
        raise SrmError("there is nothing to explore; select at least one service and one layer")
    return Explorer(whole, width, overlay)


def _tell_written(home: Path, place: Path) -> str:
    return (
        f"Written to {place}. Use it with `load_matrix(overlay={str(home)!r})` or `--overlay "
        f"{shlex.quote(str(home))}`; to send it as a contribution see CONTRIBUTING."
    )


def _is_on(toggles: dict[str, widgets.ToggleButton], id: str) -> bool:
    """Whether a toggle is on; what an overlay brought in has none, and is."""
    return id not in toggles or bool(toggles[id].value)


def _names_of_models(matrix: Matrix) -> dict[str, str]:
    used = {matrix.catalogue.services[id].model for id in matrix.services}
    return {id: row.name for id, row in matrix.catalogue.models.items() if id in used}


def _names_of_groups(matrix: Matrix) -> dict[str, str]:
    groups = dict.fromkeys(matrix.catalogue.layers[id].group for id in matrix.layers)
    return {group: group.capitalize() for group in groups}


def _arrange(view: Explorer) -> list[widgets.Widget]:
    """Toggles on top, lists folded away, the heatmap with the details at its side."""
    services, layers = wrap(view.services.values()), wrap(view.layers.values())
    lists = [fold(view.list_services, services), fold(view.list_layers, layers)]
    side = widgets.VBox(
        [view.service, view.layer, view.dissent, view.details],
        layout=widgets.Layout(flex="0 0 300px", max_height="660px", overflow="auto"),
    )
    picture = widgets.Box(
        [view.figure], layout=widgets.Layout(flex="1 1 auto", min_width="0", overflow="hidden")
    )
    return [
        widgets.HTML(STYLE),
        wrap([widgets.Label("Models"), *view.models.values(), view.list_services]),
        wrap([widgets.Label("Layers"), *view.groups.values(), view.list_layers]),
        *lists,
        wrap([view.customer_only]),
        view.message,
        widgets.HBox([picture, side], layout=widgets.Layout(width="100%")),
    ]


def _fit(spec: dict[str, Any], width: int) -> dict[str, Any]:
    """On the theme's own ground, at a width of its own: a figure cannot ask the page for one."""
    layout = spec["layout"] | {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"}
    # Five owners take two lines at this width; they have to stay clear of title and labels.
    layout["legend"] |= {"font": {"size": 11}, "y": 1 - 53 / layout["height"]}
    return {"data": spec["data"], "layout": layout | {"width": width}}


def _repaint(figure: go.FigureWidget, spec: dict[str, Any]) -> None:
    """Lay a new selection over the figure in one message to the browser."""
    cells = spec["data"][0]
    with figure.batch_update():
        for key in PAINTED:
            setattr(figure.data[0], key, cells.get(key))
        figure.update_layout(spec["layout"], overwrite=True)
    named = {trace.name for trace in figure.data}
    if owners := [each for each in spec["data"][1:] if each["name"] not in named]:
        figure.add_traces(owners)


def _blank_others(cells: dict[str, Any]) -> None:
    """Leave only cells with work for the customer: the others lose colour and letter."""
    for row, values in enumerate(cells["z"]):
        for column, value in enumerate(values):
            if value not in HAS_WORK:
                values[column] = None
                if "text" in cells:  # Not where there are too many columns for letters.
                    cells["text"][row][column] = ""
