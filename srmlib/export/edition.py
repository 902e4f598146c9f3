"""How an export is made, its head and its table: the same words and facts in every format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from srmlib import __version__
from srmlib.catalogue import Catalogue, list_source_ids
from srmlib.export.tables import Exportable, Row
from srmlib.matrix import Matrix
from srmlib.records import RECORD_COLUMNS, ReviewRecord
from srmlib.reviews import DUTY_COLUMNS, Review
from srmlib.shift import Comparison

# What each line of a review's table carries, so that no line of it is ever without its origin.
PROVENANCE = ("workload", "date", "catalogue", "inputs")
REVIEW_COLUMNS = (*DUTY_COLUMNS, "origin", *RECORD_COLUMNS, *PROVENANCE)


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


def head_of(what: Matrix | Comparison | Review, edition: Edition) -> Head:
    """The head of an export; a review's own date counts where none is given."""
    if isinstance(what, Review):
        title = f"Who owns what in {what.workload}"
        return Head(title, what.date, name_catalogue(what.base.catalogue), what.digest or None)
    if isinstance(what, Comparison):
        title = f"{' → '.join(what.matrix.services)}: {what.summary}"
        return Head(title, edition.date, name_catalogue(what.matrix.catalogue), None)
    services = f"{len(what.services)} service{'' if len(what.services) == 1 else 's'}"
    return Head(f"Who owns what: {services}", edition.date, name_catalogue(what.catalogue), None)


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


def list_sources(what: Matrix | Comparison | Review) -> list[Row]:
    """Every page that the cells of an export cite, each once, by its title."""
    matrix = what if isinstance(what, Matrix) else what.matrix
    cited = {
        id
        for service in matrix.services
        for layer in matrix.layers
        for id in list_source_ids(matrix.claims[service][layer].cell)
    }
    if isinstance(what, Review):
        cited |= {source["id"] for sources in what.expected["sources"] for source in sources}
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
    """The one table of an export: cells, layers, or a review's duties in REVIEW_COLUMNS.

    Duties that are owed no more stand last, with change `gone`.
    """
    if not isinstance(what, Review):
        return Table(tuple(what.columns), what.rows())
    head = head_of(what, edition)
    origin = {"workload": what.workload, "date": head.date, "catalogue": head.catalogue}
    rows = [row | origin | {"inputs": head.inputs} for row in [*what.rows(), *what.gone]]
    return Table(REVIEW_COLUMNS, [{key: row.get(key) for key in REVIEW_COLUMNS} for row in rows])
