"""What a deck tells, and the parts that all its slides are made with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from srmlib.duties import list_duties
from srmlib.errors import SrmError
from srmlib.export.deck import Deck
from srmlib.export.deck_tables import LETTER, MARGIN, Cell, cut_pages, make_line
from srmlib.export.edition import Edition, Head, head_of
from srmlib.figures import order_columns
from srmlib.matrix import Matrix, Row
from srmlib.records import add_decisions
from srmlib.reviews import Review
from srmlib.shift import Comparison

TOP = 5


class Story(NamedTuple):
    """What a deck tells: the matrix it shows, the duties, and the head of every slide."""

    what: Matrix | Comparison | Review
    matrix: Matrix
    head: Head
    duties: list[Row]

    @property
    def review(self) -> Review | None:
        """The review, where the deck is of one."""
        return self.what if isinstance(self.what, Review) else None


def make_story(what: Matrix | Comparison | Review, edition: Edition) -> Story:
    matrix = what if isinstance(what, Matrix) else what.matrix
    if not matrix.services and not isinstance(what, Review):
        raise SrmError("there is no service to write; select at least one")
    if not isinstance(what, Comparison):
        matrix = matrix.select(services=order_columns(matrix))
    duties = what.rows() if isinstance(what, Review) else add_decisions(list_duties(matrix), None)
    return Story(what, matrix, head_of(what, edition), duties)


def add_table(
    deck: Deck,
    title: str,
    heads: Sequence[str],
    shares: Sequence[float],
    rows: Sequence[Sequence[Cell]],
    notes: str,
    why: Sequence[str] = (),
) -> None:
    """As many slides as the rows take, each with the head again and notes of its own rows."""
    if not rows:
        return
    widths = [deck.area.width * share for share in shares]
    head = make_line([Cell(text, 10, bold=True) for text in heads], widths, is_head=True)
    lines = [make_line(row, widths, fit=deck.fit) for row in rows]
    pages = list(cut_pages([head], lines, deck.area.height))
    start = 0
    for number, page in enumerate(pages, 1):
        count = len(page) - 1
        told = f"{title} ({number} of {len(pages)})" if len(pages) > 1 else title
        slide = deck.add_slide(told, "\n".join(why[start : start + count]) or notes)
        slide.add_table(slide.area, widths, page, title)
        start += count


def tell_why(duties: Sequence[Row]) -> str:
    """Speaker notes: for each duty the pages that say so."""
    return "\n".join(
        line
        for row in duties
        for line in [f"{row['duty']}: {row['text']}", *(f"  {s['section']}: {s['url']}" for s in row["sources"])]
    )  # fmt: skip


def list_few(names: Sequence[str], room: int) -> str:
    shown = ", ".join(names[:room])
    return f"{shown} and {len(names) - room} more" if len(names) > room else shown


def fit_list(names: Sequence[str], width: float, size: float = 9) -> str:
    """As many names as one row of a column holds, and how many more there are."""
    room = int((width - 2 * MARGIN[0]) / (size * LETTER * 1.05))
    for count in range(len(names), 0, -1):
        told = list_few(names, count)
        if len(told) <= room:
            return told
    return f"{len(names)} services" if names else ""
