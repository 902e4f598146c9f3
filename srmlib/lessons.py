"""The quiz: a blank heatmap that a class fills by clicks or keys, and the truth beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import plotly.graph_objects as go

from srmlib.answers import (
    ANSWER_COLUMNS,
    SCORE_COLUMNS,
    Place,
    check_size,
    list_answers,
    list_choices,
    list_places,
    render_answers,
    score_answers,
    tell_score,
    turn_answer,
    write_answers,
)
from srmlib.data_files import PathLike
from srmlib.errors import SrmError
from srmlib.figures import SMALL, order_columns, tell_cell
from srmlib.figures.marks import NAMES
from srmlib.figures.quiz_maps import (
    ASK_NOTE,
    TOLD_NOTE,
    ask_cell,
    quiz_cells,
    quiz_outlines,
    quiz_spec,
    tell_scores,
)
from srmlib.form_controls import STYLE, ListKeys, make_button, make_choice, make_line, tell, wrap
from srmlib.handover import Handover
from srmlib.matrix import Matrix, Row, frame_of, suggest

if TYPE_CHECKING:
    import pandas as pd

TITLE = "Who owns it: AWS, the customer, or both?"
LOOK = """<style>
.srm-quiz td, .srm-quiz th { padding: 0 10px 0 0; text-align: right; }
.srm-quiz td:first-child, .srm-quiz th:first-child { text-align: left; }
.srm-quiz .srm-handover:not(:empty) { margin: 4px 2px 8px; }
.srm-quiz .js-plotly-plot .nsewdrag { cursor: pointer; }
</style>"""


class Quiz(widgets.VBox):  # type: ignore[misc]
    """A matrix without its owners, the answers given so far, and the truth once it is asked for.

    The button saves beside the notebook; with a `handover` it saves into the reader's downloads.
    """

    def __init__(
        self, matrix: Matrix, width: int = SMALL.width, handover: Handover | None = None
    ) -> None:
        self.matrix = matrix.select(services=order_columns(matrix))
        self.choices, self.is_revealed = list_choices(matrix), False
        self._given: dict[Place, str] = {}
        layers = {matrix.catalogue.layers[id].name: id for id in self.matrix.layers}
        self.service = make_choice("Service", {id: id for id in self.matrix.services})
        self.layer = make_choice("Layer", layers)
        self.setters = {owner: make_button(_name_setter(owner)) for owner in self.choices}
        self.blank = make_button("Set blank")
        self.next = make_button("Next cell")
        self.reveal_button, self.again = make_button("Reveal"), make_button("Start again")
        self.file = make_line("File", "your-name.csv")
        self.save_button, self.handover = make_button("Save my answers"), handover
        self.details, self.told, self.message = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.figure = go.FigureWidget(_draw(self, width))
        self.figure._config = {"displaylogo": False, "displayModeBar": False, "doubleClick": False}
        self._lines = self.figure.layout.shapes
        super().__init__(_arrange(self), layout=widgets.Layout(width="100%", overflow="hidden"))
        self.add_class("srm-explorer")
        self.add_class("srm-quiz")
        self._watch()
        self._refresh()

    def __repr__(self) -> str:
        return f"Quiz of {len(self.matrix.services)} services and {len(self.matrix.layers)} layers"

    @property
    def answers(self) -> pd.DataFrame:
        """What has been answered: one row a cell, columns service, layer, answer."""
        return frame_of(list_answers(self.matrix, self._given), ANSWER_COLUMNS)

    @property
    def score(self) -> pd.DataFrame:
        """How many cells are right and answered: one row a layer group, columns of SCORE_COLUMNS."""
        return frame_of(score_answers(self.matrix, self._given), SCORE_COLUMNS)

    @property
    def summary(self) -> str:
        """The score in a line: `18 of 24 answered right, 24 of the 140 cells`."""
        return tell_score(score_answers(self.matrix, self._given))

    def answer(self, service: str, layer: str, owner: str | None) -> None:
        """Answer a cell, or blank it with None; SrmError for a name that the quiz has not."""
        self._check("service", service, self.matrix.services)
        self._check("layer", layer, self.matrix.layers)
        if owner is not None:
            self._check("answer", owner, self.choices)
        if self.is_revealed:
            raise SrmError("the truth is shown; start again before you answer")
        self._put((service, layer), owner)

    def show(self, service: str, layer: str) -> None:
        """Choose a cell: its question, and once the truth is shown its duties and sources."""
        self.service.value, self.layer.value = service, layer

    def reveal(self) -> None:
        """Show the truth beside the answers, and the score."""
        self.is_revealed = True
        self._refresh()

    def start_again(self) -> None:
        """Blank all cells."""
        self._given, self.is_revealed = {}, False
        self._refresh()

    def save(self, name: PathLike) -> Path:
        """Write the answers as csv for `find_misconceptions`; the file's name is the person's."""
        return write_answers(name, list_answers(self.matrix, self._given))

    def _check(self, what: str, name: str, known: tuple[str, ...]) -> None:
        if name not in known:
            raise SrmError(f"{name!r} is no {what} of this quiz; {suggest(name, known)}")

    def _watch(self) -> None:
        self.figure.data[0].on_click(self._click)
        for owner, button in self.setters.items():
            button.on_click(lambda _, owner=owner: self._put(self._place, owner))
        self.blank.on_click(lambda _: self._put(self._place, None))
        self.next.on_click(lambda _: self._go_on())
        for button, act in ((self.reveal_button, self.reveal), (self.again, self.start_again)):
            button.on_click(lambda _, act=act: self._turn(act))
        self.save_button.on_click(self._press_save)
        for choice in (self.service, self.layer):
            choice.observe(lambda _: self._tell(), "value")

    @property
    def _place(self) -> Place:
        return self.service.value, self.layer.value

    def _click(self, trace: Any, points: Any, state: Any) -> None:
        """Turn the cell's answer; once the truth is shown, tell about the cell instead."""
        if not points.xs:
            return
        self.show(
            self.matrix.services[round(points.xs[0])], self.matrix.layers[round(points.ys[0])]
        )
        if not self.is_revealed:
            self._put(self._place, turn_answer(self.choices, self._given.get(self._place)))

    def _put(self, place: Place, owner: str | None) -> None:
        if owner is None:
            self._given.pop(place, None)
        else:
            self._given[place] = owner
        self._paint()
        self._tell()

    def _go_on(self) -> None:
        """The cell below, and under the last one the first of the next service."""
        places = list_places(self.matrix)
        self.show(*places[(places.index(self._place) + 1) % len(places)])

    def _turn(self, act: Callable[[], None]) -> None:
        act()
        # The button that had the focus is out of the page; from here the arrows go on.
        self.service.focus()

    def _refresh(self) -> None:
        """All that differs between asking and telling."""
        for button in (*self.setters.values(), self.blank, self.reveal_button):
            button.layout.display = "none" if self.is_revealed else None
        self.again.layout.display = None if self.is_revealed else "none"
        wrong = quiz_outlines(self.matrix, self._given) if self.is_revealed else []
        with self.figure.batch_update():
            self._paint()
            self.figure.layout.title.text = self.summary if self.is_revealed else TITLE
            self.figure.layout.annotations[0].text = TOLD_NOTE if self.is_revealed else ASK_NOTE
            self.figure.layout.shapes = [*self._lines, *wrong]
        self._tell()

    def _paint(self) -> None:
        """Change the cells in place, in one message to the browser."""
        cells = quiz_cells(self.matrix, self._given, is_revealed=self.is_revealed)
        with self.figure.batch_update():
            for key, values in cells.items():
                setattr(self.figure.data[0], key, values)

    def _tell(self) -> None:
        service, layer = self._place
        told = ask_cell(self.matrix, self._place, self._given.get(self._place))
        if self.is_revealed:
            told = tell_cell(self.matrix, service, layer)
        self.details.value = _announce(told, "srm-details srm-cell")
        scores = score_answers(self.matrix, self._given)
        told = tell_scores(scores) if self.is_revealed else _tell_progress(scores)
        self.told.value = _announce(told, "srm-details")

    def _press_save(self, _: object) -> None:
        self.message.value = ""
        try:
            if self.handover is None:
                self.message.value = tell(f"Saved as {self.save(self.file.value)}")
            else:
                self._hand_over(self.handover, Path(self.file.value).name)
        except SrmError as error:
            self.message.value = tell(str(error), "srm-fault")

    def _hand_over(self, handover: Handover, name: str) -> None:
        """The handover tells itself what it saved; before a fault it must say nothing more."""
        handover.clear()
        handover.download(name, render_answers(name, list_answers(self.matrix, self._given)))


def quiz(matrix: Matrix, width: int = SMALL.width) -> Quiz:
    """A heatmap without owners, to be filled by clicks or keys; `Reveal` shows the truth and a score.

    Takes 15 services at most; `width` is the heatmap's, in pixels.
    """
    if not matrix.services or not matrix.layers:
        raise SrmError("there is nothing to ask; select at least one service and one layer")
    check_size(matrix, "with matrix.select(services=[...])")
    return Quiz(matrix, width)


def _name_setter(owner: str) -> str:
    name = NAMES[owner]
    return f"Set {name if name.isupper() else name.lower()}"


def _draw(view: Quiz, width: int) -> dict[str, Any]:
    """On the theme's own ground, as wide as asked for."""
    spec = quiz_spec(view.matrix, {}, view.choices, TITLE, SMALL._replace(width=width))
    layout = spec["layout"] | {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"}
    layout["legend"] |= {"font": {"size": 11}, "y": 1 - 53 / layout["height"]}
    return {"data": spec["data"], "layout": layout | {"width": width}}


def _arrange(view: Quiz) -> list[widgets.Widget]:
    """The heatmap, and at its side what the keyboard needs, the question, the score and the file."""
    parts = [view.service, view.layer, wrap([*view.setters.values(), view.blank, view.next]),
             wrap([view.reveal_button, view.again]), view.told, view.file,
             wrap([view.save_button]), view.message, *filter(None, [view.handover]),
             view.details]  # fmt: skip
    for part in parts:
        part.layout.flex = "0 0 auto"  # The pane scrolls before anything in it is cut.
    side = widgets.VBox(
        parts, layout=widgets.Layout(flex="0 0 300px", max_height="660px", overflow="auto")
    )
    picture = widgets.Box(
        [view.figure], layout=widgets.Layout(flex="1 1 auto", min_width="0", overflow="hidden")
    )
    return [
        widgets.HTML(STYLE + LOOK),
        ListKeys(),
        widgets.HBox([picture, side], layout=widgets.Layout(width="100%")),
    ]


def _tell_progress(scores: list[Row]) -> str:
    answered, of = (sum(row[key] for row in scores) for key in ("answered", "of"))
    return f"<p>{answered} of {of} cells answered</p>"


def _announce(told: str, kind: str) -> str:
    """HTML that a screen reader tells when it changes."""
    return f'<div class="{kind}" role="status">{told}</div>'
