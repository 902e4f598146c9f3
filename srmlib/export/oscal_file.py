"""OSCAL as JSON: a matrix as a component definition, a workload's controls as its plan."""

from __future__ import annotations

import msgspec

from srmlib.export.edition import Edition
from srmlib.export.oscal_components import define_components, make_components
from srmlib.export.oscal_leveraged import make_leveraged
from srmlib.export.oscal_parts import Tree, check_framework, list_leveraged
from srmlib.export.oscal_plan import LEVERAGED_FILE, make_plan
from srmlib.frameworks import NIST, ControlMatrix
from srmlib.matrix import Matrix
from srmlib.reviews import Review
from srmlib.shift import Comparison


def render(what: Matrix | Comparison | Review | ControlMatrix, edition: Edition) -> bytes:
    """A matrix or comparison as a component definition, a review or its controls as a plan."""
    if isinstance(what, Matrix | Comparison):
        matrix = what if isinstance(what, Matrix) else what.matrix
        return _encode(make_components(matrix, edition.date, edition.tell))
    return _encode(make_plan(*_ask(what, edition)))


def render_all(what: Review | ControlMatrix, edition: Edition) -> dict[str, bytes]:
    """The plan, AWS's side of it and the component definition, by file name."""
    asked, date, inputs = _ask(what, edition)
    made = {
        "component-definition.json": define_components(asked, date),
        "ssp.json": make_plan(asked, date, inputs),
    }
    if list_leveraged(asked.matrix):
        made[LEVERAGED_FILE] = make_leveraged(asked, date, inputs)
    return {name: _encode(tree) for name, tree in made.items()}


def _ask(
    what: Review | ControlMatrix, edition: Edition
) -> tuple[ControlMatrix, str | None, str | None]:
    """The controls, the day that is shown, and of a review the SHA-256 of its files."""
    if isinstance(what, Review):
        return what.answer_controls(NIST), what.date or edition.date, what.digest or None
    check_framework(what)
    return what, edition.date, None


def _encode(tree: Tree) -> bytes:
    return msgspec.json.format(msgspec.json.encode(tree), indent=2) + b"\n"
