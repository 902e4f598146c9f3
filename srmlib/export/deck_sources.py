"""The slides on which every page stands that a deck rests on."""

from __future__ import annotations

from srmlib.export.deck import Deck
from srmlib.export.deck_story import add_table
from srmlib.export.deck_tables import Cell
from srmlib.export.tables import shorten
from srmlib.matrix import Row


def add_pages(deck: Deck, pages: list[Row]) -> None:
    """Every page cited, two beside each other, each a link."""
    half = (len(pages) + 1) // 2
    cells = [
        [Cell(shorten(page["title"], 80), 9, link=page["url"]), Cell(_date_of(page), 9)]
        for page in pages
    ]
    cells += [[Cell("", 9), Cell("", 9)]] * (2 * half - len(pages))
    rows = [left + right for left, right in zip(cells[:half], cells[half:], strict=True)]
    heads, shares = ("Page", "As of") * 2, (0.41, 0.09) * 2
    notes = "As of: the date of the copy that was read, or the day it was read."
    add_table(deck, f"Sources: {len(pages)} pages of AWS", heads, shares, rows, notes)


def _date_of(page: Row) -> str:
    return str(page["as_of"] if page["as_of"] != "unknown" else page["read"])
