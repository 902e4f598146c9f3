"""The widget with which readers toggle services and layers; holds no analysis of its own."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import plotly.graph_objects as go

from srmlib.choices import Choices, State
from srmlib.data_files import PathLike
from srmlib.dissent import Dissent, Words
from srmlib.errors import SrmError
from srmlib.figures import (
    HAS_WORK,
    SMALL,
    CellArrays,
    list_rows,
    order_columns,
    tell_cell,
    view_spec,
)
from srmlib.form_controls import STYLE, ListKeys, make_toggle, wrap
from srmlib.matrix import Matrix, load_matrix, make_matrix
from srmlib.overlays import find_home, lay_over, write_cell
from srmlib.reviews import Review, count_resources
from srmlib.workbench import Readout, Takeaway, Workload

OVERLAY = "my-overlay"
# What a new selection changes of the cells; letters come and go with the number of columns.
PAINTED = (
    "x", "y", "z", "text", "hovertext", "hovertemplate", "texttemplate", "textfont", "xgap", "ygap",
)  # fmt: skip
CONTROLS = (
    "preset", "search", "order", "models", "groups", "folds", "services", "layers", "customer_only",
    "differing_only", "list_services", "list_layers", "list_folds",
)  # fmt: skip
# What was chosen in each cell of the notebook, as long as its kernel runs.
_STATES: dict[str, State] = {}
EMPTY = "Nothing is selected: tick at least one service and one layer."


class Explorer(widgets.VBox):  # type: ignore[misc]
    """Choices over a heatmap, and the details of one cell; `matrix` is what is selected now.

    Who sees a cell otherwise writes an overlay in `dissent`; it is then in force here, too. A
    workload that is loaded, and a move that is tried on it, stand in `review`.
    """

    def __init__(
        self,
        matrix: Matrix,
        width: int = SMALL.width,
        overlay: PathLike = OVERLAY,
        keep: Callable[[State], object] = lambda state: None,
    ) -> None:
        self._keep = keep
        self._size = SMALL._replace(width=width)
        self._hold(matrix)
        self.choices = Choices(matrix, self._refresh)
        self.workload = Workload(make_matrix(matrix.catalogue), self._take_review)
        self.takeaway = Takeaway(lambda: self._shown)
        self.readout = Readout()
        wide = widgets.Layout(width="96%")
        self.service = widgets.Dropdown(options=matrix.services, description="Service", layout=wide)
        self.layer = widgets.Dropdown(
            options=[(matrix.catalogue.layers[id].name, id) for id in matrix.layers],
            description="Layer",
            layout=wide,
        )
        self.pin = make_toggle("Pin this service")
        self.pin.layout.flex = "0 0 auto"
        self.dissent = Dissent(str(overlay), self._write)
        self.details = widgets.HTML()
        self.message = widgets.HTML()
        for told in (self.details, self.message):
            told.add_class("srm-live")
        self._shown = matrix
        self.figure = go.FigureWidget(self._draw(matrix))
        self.figure._config = {"displaylogo": False, "displayModeBar": False}
        super().__init__(_arrange(self), layout=widgets.Layout(width="100%", overflow="hidden"))
        self.add_class("srm-explorer")
        self._watch()
        self._refresh()

    @property
    def matrix(self) -> Matrix:
        """The selection as a matrix, for the next cell."""
        return self._shown

    @property
    def review(self) -> Review | None:
        """The workload that was loaded, with the moves that were tried on it."""
        return self.workload.review

    @property
    def state(self) -> State:
        """Everything chosen, as plain values; set it to bring a view back."""
        return self.choices.state | {"service": self.service.value, "layer": self.layer.value}

    @state.setter
    def state(self, state: State) -> None:
        self.choices.state = state
        if (
            state.get("service") in self._whole.services
            and state.get("layer") in self._whole.layers
        ):
            self.show(state["service"], state["layer"])

    def __getattr__(self, name: str) -> Any:
        """The controls by their own names: view.models, view.services, view.customer_only."""
        if name in CONTROLS:
            return getattr(self.choices, name)
        raise AttributeError(f"Explorer has no {name!r}")

    def __repr__(self) -> str:
        return (
            f"Explorer of {len(self._shown.services)} services and {len(self._shown.layers)} layers"
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        # What changed before the page shows a figure is told to it only by this hook of plotly's
        # own, which Jupyter calls for a figure, but not for one that lies in a box.
        self.figure._repr_mimebundle_()
        return super()._repr_mimebundle_(**kwargs)

    def show(self, service: str, layer: str) -> None:
        """Show the details of a cell, as a click on it does."""
        self.service.value, self.layer.value = service, layer

    def _watch(self) -> None:
        self.figure.data[0].on_click(self._click)
        for choice in (self.service, self.layer):
            choice.observe(self._tell, "value")
        self.pin.observe(self._follow_pin, "value")

    def _hold(self, matrix: Matrix) -> None:
        """The matrix to choose from, and its cells as they are drawn."""
        self._whole, self._cells = matrix, CellArrays(matrix, self._size)

    def _refresh(self) -> None:
        """Change the heatmap in place; an empty selection keeps the last picture and says so."""
        chosen = self.choices.select(self._whole)
        if not chosen.services or not chosen.layers:
            self.message.value = f"<b>{EMPTY}</b>"
            return
        self._shown = chosen
        self.message.value = ""
        spec = self._draw(chosen)
        _repaint(self.figure, spec)
        self.readout.show(spec)
        self._tell()
        self._keep(self.state)

    def _draw(self, matrix: Matrix) -> dict[str, Any]:
        counts = count_resources(self.review) if self.review else None
        spec = view_spec(
            matrix, self._cells, self._size, order=self.choices.sort(matrix), counts=counts,
            folded=self.choices.folded,
        )  # fmt: skip
        spec = _fit(spec, self._size.width)
        if self.choices.customer_only.value:
            _blank_others(spec["data"][0])
        return spec

    def _click(self, trace: Any, points: Any, state: Any) -> None:
        """Details of the cell; a folded group unfolds."""
        if not points.xs:
            return
        columns = self.choices.sort(self._shown) or order_columns(self._shown)
        layer = list_rows(self._shown, self.choices.folded)[round(points.ys[0])]
        group = self._shown.catalogue.layers[layer].group
        if group in self.choices.folded:
            self.choices.folds[group].value = False
        self.show(columns[round(points.xs[0])], layer)

    def _tell(self, _: object = None) -> None:
        service, layer = self.service.value, self.layer.value
        told = tell_cell(self._whole, service, layer)
        self.details.value = f'<div class="srm-details">{told}</div>'
        self.dissent.show(service, layer, self._whole.claims[service][layer])
        self.pin.value = service in self.choices.pinned

    def _follow_pin(self, _: object = None) -> None:
        if self.pin.value != (self.service.value in self.choices.pinned):
            self.choices.pin(self.service.value)

    def _take_review(self, review: Review) -> None:
        """Show a workload with its settings in force, beside everything else."""
        claims = {**review.base.claims, **review.matrix.claims}
        services = {*self._whole.services, *review.matrix.services}
        in_order = tuple(id for id in review.base.catalogue.services if id in services)
        self._hold(replace(self._whole, claims=claims, services=in_order))
        self.service.options = in_order
        self.choices.load(review.matrix.services)

    def _write(self, folder: str, words: Words) -> str:
        """Write the reader's claim about the cell that is shown, and show all under it."""
        place = write_cell(folder, self._whole, self.service.value, self.layer.value, **words)
        home = find_home(folder, self._whole)
        self._hold(lay_over(self._whole, home))
        self._shown = self._whole.select(self._shown.services, layers=self._shown.layers)
        self._refresh()
        self.workload.rebase(make_matrix(self._whole.catalogue))
        self._tell()  # Also where nothing is selected.
        return _tell_written(home, place)


def explore(
    matrix: Matrix | None = None, width: int = SMALL.width, overlay: PathLike = OVERLAY
) -> Explorer:
    """A widget to toggle services, models, layers and layer groups; `.matrix` is the selection.

    Run the cell again and what was chosen stands again. `width` is the heatmap's, in pixels; with
    the details beside it, 624 fits a screen of 1366.
    `overlay` is the folder into which a reader who sees a cell otherwise writes, unless they name
    another one.
    """
    whole = matrix or load_matrix()
    if not whole.services or not whole.layers:
        raise SrmError("there is nothing to explore; select at least one service and one layer")
    cell = _name_cell()
    if cell is None:
        return Explorer(whole, width, overlay)
    kept = _STATES.get(cell)
    view = Explorer(whole, width, overlay, keep=lambda state: _STATES.update({cell: state}))
    if kept is not None:
        view.state = kept
    return view


def _name_cell() -> str | None:
    """The notebook's own id of the cell that runs, where there is a notebook."""
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    parent = kernel.get_parent("shell") if kernel else {}
    cell: str | None = parent.get("metadata", {}).get("cellId")
    return cell


def _tell_written(home: Path, place: Path) -> str:
    return (
        f"Written to {place}. Use it with `load_matrix(overlay={str(home)!r})` or `--overlay "
        f"{shlex.quote(str(home))}`; to send it as a contribution see CONTRIBUTING."
    )


def _arrange(view: Explorer) -> list[widgets.Widget]:
    """Choices on top, lists folded away, the heatmap with the details at its side."""
    side = widgets.VBox(
        [view.service, view.layer, view.pin, view.dissent, view.details],
        layout=widgets.Layout(flex="0 0 300px", max_height="660px", overflow="auto"),
    )
    picture = widgets.Box(
        [view.figure], layout=widgets.Layout(flex="1 1 auto", min_width="0", overflow="hidden")
    )
    return [
        widgets.HTML(STYLE),
        ListKeys(),
        *view.choices.arrange(),
        wrap([view.readout.toggle, view.workload.toggle, view.takeaway.toggle, view.takeaway.copy]),
        view.workload,
        view.takeaway,
        view.message,
        widgets.HBox([picture, side], layout=widgets.Layout(width="100%")),
        view.readout,
    ]


def _fit(spec: dict[str, Any], width: int) -> dict[str, Any]:
    """On the theme's own ground, at a width of its own: a figure cannot ask the page for one."""
    layout = spec["layout"] | {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"}
    # Five owners take two lines at this width; they have to stay clear of title and labels.
    layout["legend"] |= {"font": {"size": 11}, "y": 1 - 53 / layout["height"]}
    # Plotly draws names and lines twice in a change that holds them; those of a template, once.
    for kind in ("annotations", "shapes"):
        named = [each | {"name": str(place)} for place, each in enumerate(layout.pop(kind))]
        layout["template"]["layout"][kind] = named
    return {"data": spec["data"], "layout": layout | {"width": width}}


def _repaint(figure: go.FigureWidget, spec: dict[str, Any]) -> None:
    """Lay a new selection over the figure in one message to the browser."""
    import numpy as np

    cells = spec["data"][0]
    painted = {key: [cells.get(key)] for key in PAINTED}
    # Rows of numbers travel as bytes; a blank cell is not a number.
    painted["z"] = [list(np.array(cells["z"], dtype=np.float32))]
    figure.plotly_update(painted, spec["layout"], [0])
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
