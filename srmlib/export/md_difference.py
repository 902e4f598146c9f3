"""A difference as Markdown for a pull request: one line that says it all, then tables, the long ones folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from srmlib.diffs import (
    CAME,
    COUNTED,
    GONE,
    MOVED,
    NEW,
    REWORDED,
    SETTING,
    WENT,
    Difference,
)
from srmlib.export.markdown import fold, quote, render_rows
from srmlib.export.tables import shorten
from srmlib.matrix import Row

UNFOLDED = 8  # rows that are in sight
LISTED = 40  # rows of a table: a comment on GitHub holds 65,536 characters
DUTY_ROOM, SERVICES_ROOM = 220, 60
WHOLE = ("change", "service", "layer", "before", "after")
HANDS = ("service", "layer", "before", "after", "what you have to do now", "source")
DUTIES = ("priority", "layer", "what to do", "for", "source")
# The tables in the order in which they are read.
TABLES = (
    ("Services", (CAME, WENT, COUNTED), WHOLE), ("Changed hands", (MOVED, SETTING), HANDS),
    ("New duties", (NEW,), DUTIES), ("Duties gone", (GONE,), DUTIES), ("Duties in other words", (REWORDED,), DUTIES),
)  # fmt: skip


def tell_difference(what: Difference) -> Iterator[str]:
    """The title, the summary, and a table for each kind of difference that there is."""
    yield f"# {quote(what.title)}"
    yield f"**{quote(what.summary[:1].upper() + what.summary[1:])}.**"
    for title, changes, columns in TABLES:
        rows = [row for row in what.rows() if row["change"] in changes]
        if rows:
            yield f"## {title}"
            yield from _tell_rows(rows, columns)


def _tell_rows(rows: list[Row], columns: Iterable[str]) -> Iterator[str]:
    """What is few, or new and most urgent, is in sight; the rest is folded, and what is too much counted."""
    urgent = [row for row in rows if row["change"] == NEW and row["priority"] == 1]
    seen = rows if len(rows) <= UNFOLDED else urgent[:UNFOLDED]
    rest = [row for row in rows if row not in seen]
    if seen:
        yield _render(seen, columns)
    if rest:
        listed = rest[: LISTED - len(seen)]
        yield fold(
            f"{len(listed)} more" if seen else f"All {len(listed)}", _render(listed, columns)
        )
        if len(rest) > len(listed):
            yield f"{len(rest) - len(listed)} more stand in this comparison's csv and JSON."


def _render(rows: Iterable[Row], columns: Iterable[str]) -> str:
    """One table, without the columns that all these rows leave empty."""
    cut = [_cut(row) for row in rows]
    held = [name for name in columns if any(row[name] not in (None, "") for row in cut)]
    return render_rows(cut, held, ready={"source"})


def _cut(row: Row) -> Row:
    """The row in the columns of the tables, each text short enough for one."""
    duty = shorten(row["duty"] or "", DUTY_ROOM)
    pages = row["sources"]
    return row | {
        "what to do": duty, "what you have to do now": duty,
        "for": shorten(", ".join(row.get("services") or []), SERVICES_ROOM),
        "source": f"[page]({pages[0]})" if pages else "",
    }  # fmt: skip
