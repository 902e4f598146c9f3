"""What a figure shows, in words and as a table: for whom the picture itself says nothing."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from srmlib.figures.marks import LETTERS, NAMES

Spec = Mapping[str, Any]
# Columns that a sentence counts one by one; a table tells of more.
MOST_TOLD = 12
TAG = re.compile(r"<[^>]*>")
OWNERS = {LETTERS[owner]: NAMES[owner] for owner in NAMES}


class Alternative(NamedTuple):
    """A figure without its picture: its title, a sentence on what it shows, and its table."""

    title: str
    told: str
    columns: list[str]
    rows: list[list[str]]


def tell_figure(spec: Spec) -> Alternative:
    """A figure's data and layout, as plain lists -> title, sentence and table.

    Letters of a heatmap become the words of its legend, with the marks behind them; bars their
    numbers. A figure of another kind has a title and no table.
    """
    layout, data = spec["layout"], spec["data"]
    kinds = {trace["type"] for trace in data}
    title = _plain(_take(layout, "title", "text"))
    if "heatmap" in kinds:
        return _tell_heatmap(title, data, layout)
    if "bar" in kinds:
        return _tell_bars(title, [trace for trace in data if trace["type"] == "bar"])
    if "table" in kinds:
        columns, rows = _read_table(data[0])
        return Alternative(title, f"A table of {len(rows)} rows.", columns, rows)
    return Alternative(title, "", [], [])


def write_table(other: Alternative) -> str:
    """The table as HTML with a caption and heads that a screen reader knows; names stay text."""
    heads = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in other.columns)
    lines = [
        f'<tr><th scope="row">{html.escape(row[0])}</th>'
        + "".join(f"<td>{html.escape(text)}</td>" for text in row[1:])
        + "</tr>"
        for row in other.rows
    ]
    return (
        f'<table class="dataframe"><caption>{html.escape(other.title)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    )


def _tell_heatmap(title: str, data: Sequence[Spec], layout: Spec) -> Alternative:
    """A row a row of the picture; panels under each other become one table with all columns."""
    names = _read_legend(data)
    columns: list[str] = ["Row"]
    rows: list[list[str]] = []
    for trace in (each for each in data if each["type"] == "heatmap"):
        number = trace.get("xaxis", "x")[1:]
        columns += [_plain(each) for each in layout[f"xaxis{number}"]["ticktext"]]
        heads = [_plain(each) for each in layout[f"yaxis{number}"]["ticktext"]]
        cells = list(_read_cells(trace, names))
        rows = [
            [*before, *line]
            for before, line in zip(rows or [[head] for head in heads], cells, strict=True)
        ]
    told = f"A heatmap of {len(rows)} rows and {len(columns) - 1} columns."
    if names and len(columns) <= MOST_TOLD + 1:
        told += "".join(_count_column(*each) for each in zip(columns[1:], _turn(rows), strict=True))
    return Alternative(title, told, columns, rows)


def _turn(rows: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    return list(zip(*(row[1:] for row in rows), strict=True))


def _count_column(name: str, cells: Sequence[str]) -> str:
    """How often each owner stands in a column."""
    counts = Counter(re.sub(r"[\[\]*°▲▼ ]+$|^\[", "", cell) for cell in cells)
    told = ", ".join(f"{word} {count}" for word, count in counts.most_common() if word)
    return f" {name}: {told}."


def _read_cells(trace: Spec, names: Mapping[str, str]) -> Iterator[list[str]]:
    """The cells in words; where there are too many for letters, what one says when pointed at."""
    if "text" in trace:
        for line in trace["text"]:
            yield [_name(_plain(text), names) for text in line]
        return
    for line in trace["hovertext"]:
        yield [_plain(text).rpartition(": ")[2] for text in line]


def _name(mark: str, names: Mapping[str, str]) -> str:
    """A mark with its letter told as a word: `c°` is `Customer°`, `[A]` is `[AWS]`.

    The legend's letters are capitals; another capital and every small letter is an owner's.
    """
    found = re.fullmatch(r"(\[?)(\w+|–|!)(.*)", mark)
    word = names.get(found[2]) or OWNERS.get(found[2].upper()) if found else None
    return f"{found[1]}{word}{found[3]}" if found and word else mark


def _read_legend(data: Sequence[Spec]) -> dict[str, str]:
    """The words behind the letters: `C Customer` is C and Customer."""
    named = [trace["name"].partition(" ") for trace in data if trace["type"] == "scatter"]
    return {_plain(letter): _plain(word) for letter, _, word in named}


def _tell_bars(title: str, traces: Sequence[Spec]) -> Alternative:
    """A row a bar, a column a part of it; several small charts are told apart by a first column."""
    names = list(dict.fromkeys(_plain(trace["name"]).partition(" ")[2] for trace in traces))
    held: dict[tuple[str, str], dict[str, str]] = {}
    for trace in traces:
        group = _plain(re.sub(r".*<extra>|</extra>", "", trace["hovertemplate"]))
        for bar, number in zip(trace["y"], trace["x"], strict=True):
            part = held.setdefault((_plain(bar), group), {})
            part[_plain(trace["name"]).partition(" ")[2]] = str(number)
    is_grouped = any(group for _, group in held)
    rows = [
        [bar, *([group] if is_grouped else []), *(part.get(name, "0") for name in names)]
        for (bar, group), part in held.items()
    ]
    columns = ["Bar", *(["Group"] if is_grouped else []), *names]
    told = f"A bar chart of {len({bar for bar, _ in held})} bars in parts: {', '.join(names)}."
    return Alternative(title, told, columns, rows)


def _read_table(trace: Spec) -> tuple[list[str], list[list[str]]]:
    columns = [_plain(each) for each in trace["header"]["values"]]
    return columns, [list(map(_plain, row)) for row in zip(*trace["cells"]["values"], strict=True)]


def _plain(text: object) -> str:
    """Text without the tags and entities that plotly draws."""
    told = str(text).replace("-<br>", "-").replace("<br>", " ")
    return html.unescape(TAG.sub("", told)).strip()


def _take(holder: Spec, *keys: str) -> Any:
    for key in keys:
        holder = holder.get(key, {}) if isinstance(holder, Mapping) else {}
    return holder or ""
