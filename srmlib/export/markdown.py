"""Pieces of Markdown in which no markup of an input works: text, links, tables, folds."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from srmlib.export.tables import flatten
from srmlib.matrix import Row


def render_rows(rows: Iterable[Row], columns: Iterable[str], ready: Container[str] = ()) -> str:
    """Any rows as one Markdown table; the columns that are `ready` hold Markdown already."""
    names = list(columns)
    lines = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    for row in rows:
        texts = [flatten(row.get(name)) for name in names]
        cells = [
            text if name in ready else quote(text) for name, text in zip(names, texts, strict=True)
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def quote(text: str) -> str:
    """Text that Markdown shows as it stands: no tag, link, table bar or emphasis in it works."""
    one_line = " ".join(text.split())
    without_tags = one_line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|~#])", r"\\\1", without_tags)


def link(source: Row) -> str:
    """A citation as a link to its page."""
    return f"[{quote(source['section'])}]({source['url']})"


def fold(title: str, text: str) -> str:
    """Text out of sight until its title is pressed, on GitHub and GitLab."""
    return f"<details><summary>{quote(title)}</summary>\n\n{text}\n\n</details>"
