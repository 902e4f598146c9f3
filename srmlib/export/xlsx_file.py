"""A workbook: the matrix in colours, duties to assign and tick off, cells, sources, inventory.

Every text is written as text, so nothing in it is ever taken for a formula.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from srmlib.catalogue import CATALOGUE
from srmlib.duty_sheets import DUTIES, MEMORY, MEMORY_COLUMNS
from srmlib.errors import SrmError
from srmlib.export.controls_sheet import ControlBook
from srmlib.export.edition import (
    Edition,
    Head,
    choose_views,
    count_changes,
    head_of,
    list_record,
    list_sources,
)
from srmlib.export.fleet_parts import head_of_fleet
from srmlib.export.fleet_sheet import FleetBook
from srmlib.export.sheets import (
    MADE,
    ROW,
    SOURCE_SHEET,
    Column,
    Sheets,
    as_value,
    count_rows,
    look_of,
    set_page,
    tell_head,
    write_value,
)
from srmlib.figures import order_columns
from srmlib.figures.marks import NAMES, doubts
from srmlib.fleet import Fleet
from srmlib.frameworks import ControlMatrix
from srmlib.matrix import CELL_COLUMNS, Matrix
from srmlib.records import STATUSES
from srmlib.reviews import Review
from srmlib.schema import OWNERS
from srmlib.shift import Comparison

DUTY_SHEET = (
    Column("priority", "Priority", 8), Column("layer_name", "Layer", 20), Column("text", "What to do", 60),
    Column("services", "Services", 28), Column("owner", "Owner", 18, True), Column("status", "Status", 12, True),
    Column("note", "Note", 26, True), Column("exception", "Exception", 26), Column("change", "Change", 16),
    Column("tools", "Tools", 34), Column("checks", "Checks", 20), Column("sources", "Sources", 50),
    Column("origin", "Origin", 11), Column("duty", "Duty", 26),
)  # fmt: skip
CELL_WIDTHS = {"service": 22, "layer": 20, "aws_duty": 50, "customer_duty": 50, "why": 40, "sources": 50,
               "unless": 40, "contested": 30}  # fmt: skip
OWNER_WIDTH = 13.5  # "Not applicable°"


def render(what: Matrix | Comparison | Review | ControlMatrix | Fleet, edition: Edition) -> bytes:
    """A review, a comparison, a matrix, a framework's controls or a fleet as an .xlsx workbook."""
    import xlsxwriter

    matrix = what if isinstance(what, Matrix) else what.matrix
    if not matrix.services and not isinstance(what, Review):
        raise SrmError("there is no service to write; select at least one")
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    head = head_of_fleet(what, edition) if isinstance(what, Fleet) else head_of(what, edition)
    book.set_properties({"title": head.title, "comments": "; ".join(head.lines()), "created": MADE})
    if isinstance(what, Fleet):
        FleetBook(book, what, head).fill()
    elif isinstance(what, ControlMatrix):
        ControlBook(book, what, head).fill()
    else:
        Workbook(book, what, matrix, head).fill()
    book.close()
    return out.getvalue()


class Workbook(Sheets):
    """The sheets of one export, in the order in which they are read."""

    def __init__(
        self, book: Any, what: Matrix | Comparison | Review, matrix: Matrix, head: Head
    ) -> None:
        super().__init__(book, head)
        self.what, self.matrix = what, matrix
        self.catalogue = matrix.catalogue

    def fill(self) -> None:
        """Write every sheet that the export has."""
        self.write_summary()
        if self.matrix.services:
            self.write_matrix()
        if isinstance(self.what, Comparison):
            columns = [Column(name, name, 20) for name in self.what.columns]
            self.write_table("Changes", columns, self.what.rows())
        if isinstance(self.what, Review):
            self.write_duties(self.what)
            self.write_review_tables(self.what)
        titles = [Column(name, name, CELL_WIDTHS.get(name, 13)) for name in CELL_COLUMNS]
        self.write_table("Cells", titles, self.matrix.rows())
        self.write_table("Sources", SOURCE_SHEET, list_sources(self.what))
        if isinstance(self.what, Review):
            self.write_memory(self.what)

    def write_summary(self) -> None:
        """The head, what the letters mean, the record, and what is not known."""
        sheet = self.book.add_worksheet("Summary")
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 110)
        sheet.write_string(0, 0, self.head.title, self.format(bold=True, font_size=16))
        row = 2
        for label, text in [*tell_head(self.head), *self._tell_numbers()]:
            sheet.write_string(row, 0, label, self.format(bold=True))
            sheet.write_string(row, 1, text, self.format(text_wrap=True))
            sheet.set_row(row, ROW * count_rows(text, 110))
            row += 1
        for owner in OWNERS:
            sheet.write_string(row + 1, 0, NAMES[owner], self.format(**look_of(owner)))
            row += 1
        sheet.write_string(row + 2, 0, "Marks", self.format(bold=True))
        sheet.write_string(row + 2, 1, MARKS, self.format(text_wrap=True))
        sheet.set_row(row + 2, 2 * ROW)
        set_page(sheet, self.head)

    def _tell_numbers(self) -> Iterable[tuple[str, str]]:
        yield "Services", ", ".join(self.matrix.services)
        if not isinstance(self.what, Review):
            return
        yield from list_record(self.what)
        if changes := count_changes(self.what):
            yield "Duties", changes
        for row in self.what.gone:
            yield "No longer owed", f"{row['duty']}: {row['text']}"
        for line in self.what.moves:
            yield "Set in the files", line
        for line in self.what.notes:
            yield "Not known", line

    def write_matrix(self) -> None:
        """A row a service, a column a layer: the owner by word and colour, bold where AWS states it."""
        sheet = self.book.add_worksheet("Matrix")
        matrix = self.matrix.select(services=order_columns(self.matrix))
        names = [self.catalogue.layers[id].name for id in matrix.layers]
        turned = self.format(bold=True, rotation=90, align="center", bottom=1)
        sheet.write_string(0, 0, "Service", self.format(bold=True, bottom=1))
        sheet.write_string(0, 1, "Name", self.format(bold=True, bottom=1))
        for place, name in enumerate(names, 2):
            sheet.write_string(0, place, name, turned)
        for row, service in enumerate(matrix.services, 1):
            sheet.write_string(row, 0, service, self.format(bold=True))
            sheet.write_string(row, 1, self.catalogue.services[service].name, self.format())
            self._write_owners(sheet, row, matrix, service)
        sheet.set_row(0, 130)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 36)
        sheet.set_column(2, 1 + len(names), OWNER_WIDTH)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, len(matrix.services), 1 + len(names))
        set_page(sheet, self.head, [24, 36, *[OWNER_WIDTH] * len(names)])

    def _write_owners(self, sheet: Any, row: int, matrix: Matrix, service: str) -> None:
        for place, layer in enumerate(matrix.layers, 2):
            cell, _, origin = matrix.claims[service][layer]
            name = NAMES[cell.owner] + doubts(cell)
            stated = cell.basis == "stated"
            look = self.format(
                **look_of(cell.owner), bold=stated, italic=not stated, align="center", border=1, border_color="#ffffff"
            )  # fmt: skip
            sheet.write_string(row, place, name if origin == CATALOGUE else f"[{name}]", look)

    def write_duties(self, review: Review) -> None:
        """A row a duty; owner, status and note are for people to fill."""
        layers = self.catalogue.layers
        rows = [row | {"layer_name": layers[row["layer"]].name} for row in review.rows()]
        sheet = self.write_table(DUTIES, DUTY_SHEET, rows)
        place = [column.key for column in DUTY_SHEET].index("status")
        sheet.data_validation(1, place, max(len(rows), 1), place, {
            "validate": "list", "source": list(STATUSES), "error_title": "Status",
            "error_message": f"Use one of: {', '.join(STATUSES)}.",
        })  # fmt: skip

    def write_review_tables(self, review: Review) -> None:
        """What every account needs and was not seen, and what the files hold."""
        expected = [Column("priority", "Priority", 8), Column("name", "Item", 34), Column("duty", "What to do", 80),
                    Column("layer", "Layer", 20), Column("sources", "Sources", 60)]  # fmt: skip
        self.write_table("Expected", expected, review.expected.to_dict("records"))
        digests = {each.file: each.digest for each in review.inventories}
        rows = [
            row | {"sha256": digests[row["file"]]} for row in review.inventory.to_dict("records")
        ]
        widths = {"file": 30, "resource_type": 44, "service": 26, "family": 18, "sha256": 66}
        names = [*review.inventory.columns, "sha256"]
        columns = [
            Column(name, name.replace("_", " ").capitalize(), widths.get(name, 12))
            for name in names
        ]
        self.write_table("Inventory", columns, rows)
        sightings = review.list_sightings()
        if sightings:
            shown = [
                Column(name, name.capitalize(), {"service": 26, "disagreement": 60}.get(name, 12))
                for name in choose_views(sightings)
            ]
            self.write_table("What each input shows", shown, sightings)

    def write_memory(self, review: Review) -> None:
        """What the duties said when the sheet was made, out of sight, for `srmlib record`."""
        sheet = self.book.add_worksheet(MEMORY)
        named = review.record.workload if review.record else None
        facts = {"workload": named, "catalogue": self.catalogue.edition} | {
            "inputs": self.head.inputs, "date": self.head.date,
        }  # fmt: skip
        lines = [["head", key, value] for key, value in facts.items() if value]
        lines += [["duty", *(row[key] for key in MEMORY_COLUMNS)] for row in review.rows()]
        for number, line in enumerate(lines):
            for place, value in enumerate(line):
                write_value(sheet, number, place, as_value(value), None)
        sheet.very_hidden()


MARKS = (
    "Bold: AWS states it for this service. Italic: from the delivery model, or our reading. "
    "* AWS says otherwise elsewhere. ° A setting moves it. [ ] From an overlay."
)
