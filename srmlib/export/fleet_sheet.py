"""The workbook of an organisation: what a report tells, and the long tables to filter."""

from __future__ import annotations

from typing import Any

from srmlib.export.edition import Head
from srmlib.export.fleet_parts import LIMITS, list_long_sections, list_numbers, list_sections
from srmlib.export.sheets import ROW, Sheets, count_rows, set_page, tell_head
from srmlib.fleet import Fleet


class FleetBook(Sheets):
    """The sheets in the order in which they are read."""

    def __init__(self, book: Any, fleet: Fleet, head: Head) -> None:
        super().__init__(book, head)
        self.fleet = fleet

    def fill(self) -> None:
        """Write every sheet."""
        self.write_summary()
        for section in (*list_sections(self.fleet), *list_long_sections(self.fleet)):
            self.write_table(section.title, section.columns, section.rows)

    def write_summary(self) -> None:
        """The head, the numbers, and what is not known."""
        sheet = self.book.add_worksheet("Summary")
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 110)
        sheet.write_string(0, 0, self.head.title, self.format(bold=True, font_size=16))
        lines = [
            *tell_head(self.head),
            *((number, what) for number, what in list_numbers(self.fleet)),
        ]
        lines += [("How to read it", LIMITS)]
        lines += [("Not known", line) for line in self.fleet.warnings]
        for row, (label, text) in enumerate(lines, 2):
            sheet.write_string(row, 0, label, self.format(bold=True))
            sheet.write_string(row, 1, text, self.format(text_wrap=True))
            sheet.set_row(row, ROW * count_rows(text, 110))
        set_page(sheet, self.head)
