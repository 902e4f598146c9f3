"""What the sheets of all workbooks are made with: columns, looks, tables, pages.

Every text is written as text, so nothing in it is ever taken for a formula.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, NamedTuple

from srmlib.export.edition import Head
from srmlib.export.tables import flatten
from srmlib.figures.marks import COLOURS, INK, LETTER_COLOURS
from srmlib.matrix import Row

# A workbook holds the day it was made; a fixed one gives the same bytes for the same input.
MADE = datetime.datetime(2000, 1, 1)
ROW, HIGHEST = 15.0, 400.0  # points: a line of text, and the most that Excel allows
# At this scale, in percent, letters are 7 points high, and a page has room for so many of them.
SCALE, ROOM = 65, 203.0


class Column(NamedTuple):
    """A column of a sheet: the row's key, the words above it, its width in characters."""

    key: str
    title: str
    width: float = 14
    entered: bool = False


SOURCE_SHEET = (
    Column("title", "Page", 60), Column("url", "Address", 80), Column("publisher", "Publisher", 10),
    Column("read", "Read", 11), Column("as_of", "Copy of", 11), Column("id", "Id", 30),
)  # fmt: skip


class Sheets:
    """The sheets of one workbook, and the looks of their cells."""

    def __init__(self, book: Any, head: Head) -> None:
        self.book, self.head = book, head
        self.formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def format(self, **look: Any) -> Any:
        """A look of cells, made once."""
        key = tuple(sorted(look.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"valign": "top", "font_color": INK} | look)
        return self.formats[key]

    def write_table(
        self, name: str, columns: Sequence[Column], rows: list[Row], head_lines: int = 1
    ) -> Any:
        """A sheet of rows with a frozen head, a filter, and a page that prints in its width."""
        sheet = self.book.add_worksheet(name)
        title = self.format(bold=True, bottom=1, text_wrap=True)
        # What is typed into a cell left blank looks like the rest.
        plain = self.format(text_wrap=True)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column.title, title)
            sheet.set_column(place, place, column.width, plain)
        if head_lines > 1:
            sheet.set_row(0, ROW * head_lines)
        for number, row in enumerate(rows, 1):
            values = [as_value(row.get(column.key)) for column in columns]
            texts = [(v, c) for v, c in zip(values, columns, strict=True) if isinstance(v, str)]
            needed = max((count_rows(value, column.width) for value, column in texts), default=1)
            # Not left to the reader's program: LibreOffice does not fit rows on its own.
            sheet.set_row(number, min(ROW * needed, HIGHEST))
            self._write_row(sheet, number, columns, values)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
        # One rule for all rows, also where a cell is blank and so not written.
        rule = self.book.add_format({"bottom": 1, "bottom_color": "#c9ced4"})
        sheet.conditional_format(
            1, 0, max(len(rows), 1), len(columns) - 1, {"type": "no_errors", "format": rule}
        )
        set_page(sheet, self.head, [column.width for column in columns])
        return sheet

    def _write_row(
        self, sheet: Any, number: int, columns: Sequence[Column], values: Sequence[str | int | None]
    ) -> None:
        plain, filled = self.format(text_wrap=True), self.format(text_wrap=True, bg_color="#fff9e5")
        for place, (column, value) in enumerate(zip(columns, values, strict=True)):
            if column.key == "url" and isinstance(value, str):
                sheet.write_url(number, place, value, self.format(font_color="#1a5fb4"))
            elif value is not None or column.entered:
                write_value(sheet, number, place, value, filled if column.entered else plain)


def as_value(value: Any) -> str | int | None:
    """What a cell holds: a number, one line of text, or nothing.

    A citation is told without its address, which stands once in the sheet Sources.
    """
    if isinstance(value, list) and value and isinstance(value[0], dict) and "url" in value[0]:
        return "; ".join(f"{each['id']}: {each['section']}" for each in value)
    return value if isinstance(value, int) else flatten(value) or None


def write_value(sheet: Any, row: int, place: int, value: str | int | None, look: Any) -> None:
    """A value as text or number, never as a formula."""
    if value is None:
        sheet.write_blank(row, place, None, look)
    elif isinstance(value, int):
        sheet.write_number(row, place, value, look)
    else:
        sheet.write_string(row, place, value, look)


def count_rows(text: str, width: float) -> int:
    """How many lines a text takes in a column, a little more than it will."""
    return sum(1 + int(len(line) / width) for line in text.split("\n"))


def look_of(owner: str) -> dict[str, Any]:
    """An owner's colour, and letters that read on it."""
    return {"bg_color": COLOURS[owner], "font_color": LETTER_COLOURS[owner]}


def set_page(sheet: Any, head: Head, widths: Sequence[float] = ()) -> None:
    """A4 across; the sheet's head, and what it is a page of, on every page.

    `widths` of more columns than can be read on one page go on on the next, beside the first two.
    """
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.4, right=0.4)
    sheet.repeat_rows(0)
    if breaks := break_columns(widths):
        sheet.set_print_scale(SCALE)
        sheet.repeat_columns(0, 1)
        sheet.set_v_pagebreaks(breaks)
        sheet.print_across()
    else:
        sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(2)
    # A footer's & is a command, and Excel takes 255 letters of it.
    title = head.title[:120].replace("&", "&&")
    sheet.set_footer(f"&L{title}&C{head.date or head.catalogue}&RPage &P of &N")


def break_columns(widths: Sequence[float]) -> list[int]:
    """The columns that begin another page; the first two are repeated on it."""
    breaks, used = [], 0.0
    for place, width in enumerate(widths):
        if used + width > ROOM:
            breaks.append(place)
            used = sum(widths[:2])
        used += width
    return breaks


def tell_head(head: Head) -> list[tuple[str, str]]:
    """The head as label and text."""
    labels = ("Date", "Catalogue", "Inputs, SHA-256")
    values = (head.date, head.catalogue, head.inputs)
    return [(label, value) for label, value in zip(labels, values, strict=True) if value]
