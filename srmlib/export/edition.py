"""How an export is made, its head and its table: the same words and facts in every format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from srmlib import __version__
from srmlib.catalogue import Catalogue, list_source_ids
from srmlib.data_files import split_list
from srmlib.duties import DUTY_COLUMNS
from srmlib.errors import SrmError
from srmlib.export.tables import Exportable
from srmlib.families import find_family
from srmlib.frameworks import ANSWER_COLUMNS, ControlMatrix
from srmlib.matrix import Matrix, Row, cite, count_noun
from srmlib.records import RECORD_COLUMNS, ReviewRecord
from srmlib.reviews import Review, count_resources
from srmlib.shift import Comparison
from srmlib.sightings import SIGHTING_COLUMNS

# What each line of a review's table carries, so that no line of it is ever without its origin.
PROVENANCE = ("workload", "date", "catalogue", "inputs")
# Beside `services`, one a service: who owns the layer there, and how many resources run as it.
HOLDING_COLUMNS = ("held_by", "resources")
REVIEW_COLUMNS = (*DUTY_COLUMNS, "origin", *RECORD_COLUMNS, *PROVENANCE, *HOLDING_COLUMNS)
SIGHTING_NOTE = (
    "Declared and observed are resources, each file in its own words (Terraform counts a bucket's "
    "policy as one more); billed are line items."
)
CONTROL_COLUMNS = (
    *ANSWER_COLUMNS, "family", "baselines", "layers", "side", "reason", "basis", "sources",
    "framework", "version", "licence", *PROVENANCE,
)  # fmt: skip


def keep_silent(done: int, of: int) -> None:
    """Tell nobody of progress."""


class Edition(NamedTuple):
    """The date that is shown, a company's own template, and who hears of progress."""

    date: str | None = None
    template: Path | None = None
    tell: Callable[[int, int], None] = keep_silent


class Head(NamedTuple):
    """What was asked, when, by which catalogue and of which files."""

    title: str
    date: str | None
    catalogue: str
    inputs: str | None

    def lines(self) -> list[str]:
        """The head below the title, one line a fact."""
        told = [self.date, self.catalogue, self.inputs and f"SHA-256 of the input: {self.inputs}"]
        return [line for line in told if line]


def head_of(what: Matrix | Comparison | Review | ControlMatrix, edition: Edition) -> Head:
    """The head of an export; a review's own date counts where none is given."""
    if isinstance(what, ControlMatrix):
        scope = what.workload or count_noun(len(what.matrix.services), "service")
        title = f"Who answers for {what.name} in {scope}"
        date = edition.date or what.date
        return Head(title, date, name_catalogue(what.matrix.catalogue), what.inputs)
    if isinstance(what, Review):
        title = f"Who owns what in {what.workload}"
        return Head(title, what.date, name_catalogue(what.base.catalogue), what.digest or None)
    if isinstance(what, Comparison):
        title = f"{' → '.join(what.matrix.services)}: {what.summary}"
        return Head(title, edition.date, name_catalogue(what.matrix.catalogue), None)
    title = f"Who owns what: {count_noun(len(what.services), 'service')}"
    return Head(title, edition.date, name_catalogue(what.catalogue), None)


def check_controls(what: ControlMatrix) -> None:
    """SrmError where there is no control to answer, or no service to answer it for."""
    if not what.controls:
        raise SrmError("there is no control to write; name at least one")
    if not what.matrix.services:
        raise SrmError(
            "no service here has a row, so no control has an answer; add files that use AWS"
        )


def list_record(review: Review) -> list[tuple[str, str]]:
    """What people decided, as label and text: scope, assumptions, exceptions, sign-off."""
    record = review.record or ReviewRecord()
    told = [("Scope", record.scope)] if record.scope else []
    told += [("Assumption", each) for each in record.assumptions]
    told += [
        ("Accepted exception", f"{each.duty}: {each.why} ({each.who}, until {each.until})")
        for each in record.exceptions
    ]
    told += [
        ("Signed off", ", ".join(filter(None, (each.name, each.role, each.date))))
        for each in record.sign_off
    ]
    return told


def count_changes(review: Review) -> str | None:
    """How many duties came, changed and went since the record's last sheet, or by a move."""
    if review.record is None or review.record.reviewed is None:
        return None
    told = [str(row["change"] or "") for row in review.rows()]
    new, changed = told.count("new"), sum(each.startswith("changed") for each in told)
    counted = f"{new} new, {changed} changed, {len(review.gone)} gone"
    if review.before:
        return f"{counted} by the move"
    return f"{counted} since the sheet of the catalogue of {review.record.reviewed.catalogue}"


def choose_views(rows: list[Row]) -> list[str]:
    """The columns of `review.sightings` without the views that no file gives."""
    return [name for name in SIGHTING_COLUMNS if any(row[name] is not None for row in rows)]


def list_sources(what: Matrix | Comparison | Review | ControlMatrix) -> list[Row]:
    """Every page that the cells of an export cite, each once, by its title."""
    matrix = what if isinstance(what, Matrix) else what.matrix
    layers = what.layers if isinstance(what, ControlMatrix) else matrix.layers
    cited = {
        id
        for service in matrix.services
        for layer in layers
        for id in list_source_ids(matrix.claims[service][layer].cell)
    }
    if isinstance(what, Review):
        cited |= {source["id"] for sources in what.expected["sources"] for source in sources}
    if isinstance(what, ControlMatrix):
        cited |= {control.source for control in what.controls if control.source}
    pages = [(matrix.catalogue.sources[id], id) for id in cited]
    rows = [msgspec.structs.asdict(page) | {"id": id} for page, id in pages]
    return sorted(rows, key=lambda row: (row["title"].lower(), row["id"]))


def name_catalogue(catalogue: Catalogue) -> str:
    """Which data an answer rests on."""
    return f"srmlib {__version__}, catalogue of {catalogue.edition}"


class Table(NamedTuple):
    """One tidy table: the names of its columns, and its rows."""

    columns: tuple[str, ...]
    rows: list[Row]


def tidy(what: Exportable, edition: Edition) -> Table:
    """The one table of an export: cells, layers, a framework's controls in CONTROL_COLUMNS, or a
    review's duties in REVIEW_COLUMNS.

    Duties that are owed no more stand last, with change `gone`.
    """
    if isinstance(what, ControlMatrix):
        return Table(CONTROL_COLUMNS, _list_controls(what, head_of(what, edition)))
    if not isinstance(what, Review):
        return Table(tuple(what.columns), what.rows())
    head = head_of(what, edition)
    origin = {"workload": what.workload, "date": head.date} | {
        "catalogue": head.catalogue, "inputs": head.inputs,
    }  # fmt: skip
    rows = [
        row | origin | holding
        for row, holding in zip(what.rows(), _list_holdings(what), strict=True)
    ]
    rows += [row | origin for row in what.gone]
    columns = (*REVIEW_COLUMNS, *(("controls",) if what.framework else ()))
    return Table(columns, [{key: row.get(key) for key in columns} for row in rows])


def _list_holdings(review: Review) -> Iterator[Row]:
    """For each duty, the owner of its layer and the number of resources, service by service."""
    claims, counts = review.matrix.claims, count_resources(review)
    for row in review.rows():
        held_by = [claims[id][row["layer"]].cell.owner for id in row["services"]]
        yield {"held_by": held_by, "resources": [counts[id] for id in row["services"]]}


def _list_controls(what: ControlMatrix, head: Head) -> list[Row]:
    """A framework's controls with what they rest on."""
    facts = what.facts
    origin = {
        "framework": facts.title, "version": facts.version, "licence": facts.licence,
        "workload": what.workload or None, "date": head.date, "catalogue": head.catalogue,
        "inputs": head.inputs,
    }  # fmt: skip
    return [
        row
        | {
            "family": str(find_family(what.framework, control.control)),
            "baselines": split_list(control.baselines), "layers": split_list(control.layers),
            "side": control.side or None, "reason": control.reason, "basis": control.basis,
            "sources": (
                [cite(what.matrix.catalogue, control.source, control.section)]
                if control.source else []
            ),
        }
        | origin
        for row, control in zip(what.rows(), what.controls, strict=True)
    ]  # fmt: skip
