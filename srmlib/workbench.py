"""What a reader of the explorer does with a view: load a workload, ask what if, take it away."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from srmlib.errors import SrmError
from srmlib.export.files import write
from srmlib.figures import label_service
from srmlib.figures.alternatives import tell_figure, write_table
from srmlib.form_controls import fold, make_button, make_choice, make_line, make_toggle, tell, wrap
from srmlib.handover import Handover
from srmlib.ladders import list_alike
from srmlib.matrix import Matrix
from srmlib.moves import Move
from srmlib.reviews import Review, count_fates, count_resources, review_readable

FORMATS = ("pptx", "xlsx", "png", "svg", "csv")
HOW = "Terraform, CloudFormation, AWS Config, bills, lists of ARNs; they stay in this kernel"


class Workload(widgets.VBox):  # type: ignore[misc]
    """Files to hold against the whole matrix, and a move to try; `on_review` gets what follows."""

    def __init__(self, matrix: Matrix, on_review: Callable[[Review], None]) -> None:
        self._matrix, self._on_review = matrix, on_review
        self.review: Review | None = None
        self.toggle = make_toggle("Load a workload …")
        self.upload = widgets.FileUpload(multiple=True, description="Choose files")
        self.before = make_choice("From", {})
        self.after = make_choice("To", {})
        self.count = widgets.BoundedIntText(value=0, min=0, max=10**6, description="0 = all")
        self.move = make_button("What if")
        self.undo = make_button("Undo")
        self.message = widgets.HTML()
        self.moves = wrap([self.before, self.after, self.count, self.move, self.undo])
        self.moves.layout.display = "none"
        for choice in (self.before, self.after, self.count):
            choice.layout.width = "230px"
        parts = [widgets.HBox([self.upload, widgets.HTML(f"<i>{HOW}</i>")]), self.moves]
        super().__init__([fold(self.toggle, widgets.VBox(parts)), self.message])
        self.upload.observe(self._load, "value")
        self.before.observe(self._offer_targets, "value")
        self.move.on_click(lambda _: self._try_move())
        self.undo.on_click(lambda _: self._show(self.review and self.review.before))

    def rebase(self, matrix: Matrix) -> None:
        """Hold the same files against a catalogue that has changed."""
        self._matrix = matrix
        if self.review is not None:
            self.review = replace(self.review, base=matrix)

    def _load(self, _: object = None) -> None:
        """Read what was uploaded and forget it: a notebook must not keep a file's content."""
        files, self.upload.value = self.upload.value, ()
        if files:
            self._attempt(lambda: _read_files(files, self._matrix))

    def _try_move(self) -> None:
        if self.review is not None and self.before.value and self.after.value:
            review, move = (
                self.review,
                Move(self.before.value, self.after.value, self.count.value or None),
            )
            self._attempt(lambda: review.what_if([move]))

    def _attempt(self, make: Callable[[], Review]) -> None:
        """A fault is one line, and what was there stays."""
        try:
            self._show(make())
        except SrmError as error:
            self.message.value = tell(str(error), "srm-fault")

    def _show(self, review: Review | None) -> None:
        if review is None:
            return
        self.review = review
        self.moves.layout.display = "flex"
        self.undo.disabled = review.before is None
        counts = count_resources(review)
        _offer(self.before, [(label_service(id, counts), id) for id in counts])
        self.message.value = "".join(tell(line) for line in _summarise(review))
        self._on_review(review)

    def _offer_targets(self, _: object = None) -> None:
        """Where it can go: first the services on a ladder with it, then all others."""
        start = self.before.value
        known = self._matrix.catalogue
        alike = list_alike(known, start) if start else []
        rest = [id for id in known.services if id not in alike]
        named = [(f"{id} (same ladder)", id) for id in alike] + [(id, id) for id in rest]
        _offer(self.after, [(name, id) for name, id in named if id != start])


class Takeaway(widgets.VBox):  # type: ignore[misc]
    """The view as Markdown in the clipboard, or as a file; `view` gives what is shown now."""

    def __init__(self, view: Callable[[], Matrix | Review]) -> None:
        self._view = view
        self.copy = make_button("Copy as Markdown")
        self.toggle = make_toggle("Save …")
        self.name = make_line("Name", "view", "view")
        self.form = make_choice("As", {f".{form}": form for form in FORMATS})
        self.save = make_button("Save")
        self.message = widgets.HTML()
        self.handover = Handover()
        for control in (self.name, self.form):
            control.layout.width = "180px"
        saving = fold(self.toggle, wrap([self.name, self.form, self.save]))
        super().__init__([saving, self.message, self.handover])
        self.copy.on_click(lambda _: self._copy())
        self.save.on_click(lambda _: self._save())

    def _copy(self) -> None:
        self._write("view.md", lambda content: self.handover.copy(content.decode()))

    def _save(self) -> None:
        name = Path(self.name.value.strip() or "view").name
        file = f"{name}.{self.form.value}"
        self._write(file, lambda content: self.handover.download(file, content))

    def _write(self, name: str, hand_over: Callable[[bytes], None]) -> None:
        self.message.value = ""
        self.handover.clear()
        try:
            with tempfile.TemporaryDirectory() as folder:
                hand_over(write(self._view(), Path(folder) / name).read_bytes())
        except SrmError as error:
            self.message.value = tell(str(error), "srm-fault")


class Readout(widgets.VBox):  # type: ignore[misc]
    """The heatmap as a table, for whom a picture says nothing; made only while it is unfolded."""

    def __init__(self) -> None:
        self.toggle = make_toggle("As a table …")
        self.table = widgets.HTML()
        self._spec: dict[str, Any] | None = None
        super().__init__([fold(self.toggle, widgets.VBox([self.table]))])
        self.toggle.observe(self._tell, "value")

    def show(self, spec: dict[str, Any]) -> None:
        """Follow the heatmap: its data and layout."""
        self._spec = spec
        self._tell()

    def _tell(self, _: object = None) -> None:
        if self.toggle.value and self._spec:
            told = write_table(tell_figure(self._spec))
            region = 'class="srm-table" role="region" aria-label="The heatmap as a table"'
            self.table.value = f'<div {region} tabindex="0">{told}</div>'


def _read_files(files: Iterable[Any], matrix: Matrix) -> Review:
    """A review of uploaded files, which lie on disk only as long as they are read."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for place, file in enumerate(files):
            home = Path(folder) / str(place)
            home.mkdir()
            paths.append(home / (Path(str(file["name"])).name or "file"))
            paths[-1].write_bytes(file["content"])
        review = review_readable(paths, matrix=matrix)
    if not review.inventories:
        raise SrmError("; ".join(review.faults))
    return review


def _offer(choice: widgets.Dropdown, options: list[tuple[str, str]]) -> None:
    """New options; the first one is chosen where the old choice is not among them."""
    old = choice.value
    choice.options = options
    values = [value for _, value in options]
    choice.value = old if old in values else next(iter(values), None)


def _summarise(review: Review) -> list[str]:
    """What the reader should know before the picture: what moved, and what is in doubt."""
    told = [f"{review.workload}: {len(review.matrix.services)} services"]
    if review.before:
        counts = ", ".join(f"{count} {fate}" for fate, count in count_fates(review).items())
        told.append(f"Duties: {counts}")
    notes = [*review.faults, *review.notes]
    return [*told, *notes[:6], *([f"and {len(notes) - 6} more notes"] if len(notes) > 6 else [])]
