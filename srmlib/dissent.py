"""The form of a reader who sees a cell otherwise; where it is written, others decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from srmlib.catalogue import CATALOGUE, Claim
from srmlib.errors import SrmError
from srmlib.figures.marks import NAMES
from srmlib.form_controls import make_choice, make_line, make_text, make_toggle, tell

Words = dict[str, Any]
CELL = ("owner", "split", "third_party", "customer_duty", "aws_duty", "why")
SPLITS = {"choose …": None, "each its own part": "independent", "one needs the other": "dependent"}
HOW = "How you got there: the page, the setting, what you tried"


class Dissent(widgets.VBox):  # type: ignore[misc]
    """A button that unfolds the form; `write` gets the folder and the words, and says what it did.

    What was begun for another cell waits until that cell is shown again.
    """

    def __init__(self, folder: str, write: Callable[[str, Words], str]) -> None:
        self._write = write
        self.toggle = make_toggle("I see it otherwise …")
        self.owner = make_choice("Owner", {name: id for id, name in NAMES.items()})
        self.split = make_choice("Shared", SPLITS)
        self.third_party = make_line("Vendor", "who runs it")
        self.customer_duty = make_text("You", 5, "What you have to do, in one sentence")
        self.aws_duty = make_text("AWS", 5, "What AWS has to do, in one sentence")
        self.why = make_text("Why", 3, HOW)
        self.folder = make_line("Folder", "my-overlay", folder)
        self.button = widgets.Button(description="Write it down", layout={"width": "auto"})
        self.message = widgets.HTML()
        self._parts = widgets.VBox(layout=widgets.Layout(width="100%"))
        self._form = widgets.VBox(layout=widgets.Layout(width="100%"))
        self._cell: tuple[str, str] | None = None
        self._filled: Words = {}
        self._drafts: dict[tuple[str, str], Words] = {}
        super().__init__([self.toggle, self._form, self.message])
        self.layout.flex = "0 0 auto"
        for control in (self.toggle, self.owner):
            control.observe(self._unfold, "value")
        self.button.on_click(self._press)

    def show(self, service: str, layer: str, claim: Claim) -> None:
        """Fill the form from a cell, or with what was begun for it; the same cell changes nothing."""
        told = _read_claim(claim)
        if (service, layer) != self._cell:
            self._keep_draft()
            self._cell = service, layer
            self.message.value = ""
        elif told == self._filled:
            return
        self._filled = told
        self._fill(self._drafts.pop((service, layer), told))

    def _keep_draft(self) -> None:
        words = {key: getattr(self, key).value for key in CELL}
        if self._cell and words != self._filled:
            self._drafts[self._cell] = words

    def _fill(self, words: Words) -> None:
        for key in CELL:
            getattr(self, key).value = words[key]

    def _unfold(self, _: object = None) -> None:
        """Only fields that count are in the page, so that Tab and a reader meet no others."""
        owner = self.owner.value
        splits = (self.split,) if owner == "shared" else ()
        vendors = (self.third_party,) if owner == "third-party" else ()
        duties = (self.customer_duty, self.aws_duty) if owner != "not-applicable" else ()
        # In a box of their own: the fields around them keep what is being typed.
        self._parts.children = (*splits, *vendors, *duties)
        fields = (self.owner, self._parts, self.why, self.folder, self.button)
        self._form.children = fields if self.toggle.value else ()

    def _press(self, _: object = None) -> None:
        """Write the fields in sight; a fault leaves all of them as they stand."""
        shown = (self.owner, *self._parts.children, self.why)
        words = {key: getattr(self, key).value for key in CELL if getattr(self, key) in shown}
        try:
            told = self._write(self.folder.value, words)
        except SrmError as error:
            self.message.value = tell(str(error), "srm-fault")
            return
        self.toggle.value = False
        self.toggle.focus()  # What had the focus is gone from the page.
        self.message.value = tell(told, "srm-done")


def _read_claim(claim: Claim) -> Words:
    """What the form starts from; only a reader's own reason is theirs to change."""
    words: Words = {key: getattr(claim.cell, key) for key in CELL}
    for key in ("third_party", "customer_duty", "aws_duty", "why"):
        words[key] = words[key] or ""
    return words if claim.origin != CATALOGUE else words | {"why": ""}
