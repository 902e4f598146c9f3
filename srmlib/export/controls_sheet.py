"""A workbook of a framework's controls: the answers with room for the customer's own, in colours."""

from __future__ import annotations

from typing import Any

from srmlib.export.control_parts import (
    HOW,
    LIMITS,
    MEANINGS,
    Task,
    cut_texts,
    list_facts,
    list_widest,
    name_layers,
    split_sides,
)
from srmlib.export.controls_crm import add_fedramp
from srmlib.export.edition import Head, list_sources
from srmlib.export.sheets import (
    ROW,
    SOURCE_SHEET,
    Column,
    Sheets,
    count_rows,
    look_of,
    set_page,
    tell_head,
)
from srmlib.families import find_family
from srmlib.figures.marks import ANSWER_NAMES, ANSWER_OWNERS, NAMES
from srmlib.frameworks import NIST, ControlMatrix, count_families
from srmlib.matrix import Row
from srmlib.reasons import list_reasons
from srmlib.schema import Control

# FedRAMP's own words; other frameworks have none.
STATUSES = (
    "Implemented", "Partially Implemented", "Planned", "Alternative Implementation", "Not Applicable",
)  # fmt: skip
CONTROL_SHEET = (
    Column("control", "Control", 17), Column("title", "Title", 30), Column("owner", "Answer", 14),
    Column("aws_provides", "AWS provides", 46), Column("customer_duty", "What you do", 56),
    Column("services", "Services", 28), Column("checks", "Checks", 20),
    Column("status", "Implementation status", 18, True), Column("role", "Responsible role", 18, True),
    Column("evidence", "Evidence", 26, True), Column("notes", "Notes", 26, True),
    Column("reason", "Why", 44), Column("layers", "Layers", 22), Column("family", "Family", 22),
    Column("baselines", "Baselines", 16), Column("basis", "Basis", 12),
)  # fmt: skip
LAYER_SHEET = (
    Column("name", "Layer", 22), Column("owner", "Owner", 14), Column("services", "Services", 30),
    Column("aws_duty", "AWS", 50), Column("customer_duty", "Customer", 60), Column("basis", "Basis", 12),
    Column("why", "Why", 40), Column("sources", "Sources", 50), Column("origin", "Origin", 12),
)  # fmt: skip
MORE = ", in the sheet Layers"
AWS_ROOM, DUTY_ROOM, CHECK_ROOM = 460, 560, 180
WIDE = 8  # columns of numbers, over which texts are merged


class ControlBook(Sheets):
    """The sheets of one framework, in the order in which they are read."""

    def __init__(self, book: Any, what: ControlMatrix, head: Head) -> None:
        super().__init__(book, head)
        self.what = what

    def fill(self) -> None:
        """Write every sheet that the framework has."""
        self.write_summary()
        self.write_controls()
        if self.what.framework == NIST:
            add_fedramp(self, self.what)
        self.write_layers()
        self.write_table("Sources", SOURCE_SHEET, list_sources(self.what))

    def write_summary(self) -> None:
        """The head, the answers by family in numbers, how to read them, and their limits."""
        sheet = self.book.add_worksheet("Summary")
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, WIDE, 14)
        sheet.write_string(0, 0, self.head.title, self.format(bold=True, font_size=16))
        row = 2
        for label, text in [*tell_head(self.head), *list_facts(self.what)]:
            row = self._write_text(sheet, row, label, text, self.format(bold=True))
        row = self._write_counts(sheet, row + 1) + 1
        for name in self.what.counts.index:
            look = self.format(**look_of(ANSWER_OWNERS[name]))
            row = self._write_text(sheet, row, ANSWER_NAMES[name], MEANINGS[name], look)
        for label, text in (("How to read", HOW), ("Limits", LIMITS)):
            row = self._write_text(sheet, row, label, text, self.format(bold=True))
        set_page(sheet, self.head)
        sheet.fit_to_pages(1, 1)

    def _write_text(self, sheet: Any, row: int, label: str, text: str, look: Any) -> int:
        """A label and, over the columns of numbers, its text; the row below it."""
        sheet.write_string(row, 0, label, look)
        wrapped = self.format(text_wrap=True)
        # Merged empty: what merges with a text takes it for a formula where it looks like one.
        sheet.merge_range(row, 1, row, WIDE, "", wrapped)
        sheet.write_string(row, 1, text, wrapped)
        sheet.set_row(row, ROW * count_rows(text, 14 * WIDE))
        return row + 1

    def _write_counts(self, sheet: Any, row: int) -> int:
        """How many controls of each family have which answer; the row below the totals."""
        names = list(self.what.counts.index)
        rule = self.format(bold=True, bottom=1)
        sheet.write_string(row, 0, "Family", rule)
        for place, name in enumerate(names, 1):
            look = self.format(**look_of(ANSWER_OWNERS[name]), bold=True, align="right")
            sheet.write_string(row, place, ANSWER_NAMES[name], look)
        sheet.write_string(
            row, len(names) + 1, "All", self.format(bold=True, bottom=1, align="right")
        )
        families = {str(family): held for family, held in count_families(self.what).items()}
        families["All"] = dict(self.what.counts)
        for family, held in families.items():
            row += 1
            look = self.format(bold=family == "All")
            numbers = [int(held[name]) for name in names]
            sheet.write_string(row, 0, family, look)
            for place, number in enumerate([*numbers, sum(numbers)], 1):
                sheet.write_number(row, place, number, look)
        return row + 1

    def write_controls(self) -> None:
        """A row a control; what stands on yellow is for the customer to fill."""
        rows = [
            self._tell_control(row, control)
            for row, control in zip(self.what.rows(), self.what.controls, strict=True)
        ]
        sheet = self.write_table("Controls", CONTROL_SHEET, rows, head_lines=2)
        keys = [column.key for column in CONTROL_SHEET]
        self._colour_owners(
            sheet, keys.index("owner"), self.what.rows(), ANSWER_NAMES, ANSWER_OWNERS
        )
        place = keys.index("status")
        sheet.data_validation(1, place, len(rows), place, {
            "validate": "list", "source": list(STATUSES), "error_title": "Implementation status",
            "error_message": f"Use one of: {', '.join(STATUSES)}.",
        })  # fmt: skip
        sheet.freeze_panes(1, 3)

    def _tell_control(self, row: Row, control: Control) -> Row:
        sides = split_sides(self.what, control)
        return row | {
            "aws_provides": _list_lines(sides.aws, AWS_ROOM, 46),
            "customer_duty": _list_lines(sides.customer, DUTY_ROOM, 56),
            "checks": ", ".join(cut_texts(row["checks"], CHECK_ROOM, "", 8)),
            "services": ", ".join(row["services"]),
            "reason": control.reason, "basis": control.basis, "baselines": control.baselines,
            "layers": "; ".join(name_layers(self.what, control)),
            "family": str(find_family(self.what.framework, control.control)),
        }  # fmt: skip

    def write_layers(self) -> None:
        """Who owns each layer that the controls are about, for which services, in full."""
        matrix = self.what.matrix
        rows = [
            reason | {"name": matrix.catalogue.layers[layer].name}
            for layer in self.what.layers
            for reason in list_reasons(matrix, layer)
        ]
        sheet = self.write_table("Layers", LAYER_SHEET, rows)
        self._colour_owners(sheet, 1, rows, NAMES, {name: name for name in NAMES})

    def _colour_owners(
        self, sheet: Any, place: int, rows: list[Row], names: dict[str, str], owners: dict[str, str]
    ) -> None:
        for number, row in enumerate(rows, 1):
            look = self.format(**look_of(owners[row["owner"]]), border=1, border_color="#ffffff")
            sheet.write_string(number, place, names[row["owner"]], look)


def _list_lines(tasks: list[Task], room: int, width: int) -> str:
    """As many duties as have room, each on a line of its own."""
    return "\n".join(f"– {text}" for text in cut_texts(list_widest(tasks), room, MORE, width))
