"""Where AWS says otherwise: docs/disagreements.md, from the contested cells of data/."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import srmlib as srm
from srmlib.atomic import replace_file
from srmlib.catalogue import Catalogue
from srmlib.schema import Cell

DOCS = Path(__file__).parent.parent / "docs"
HEAD = """# Where AWS says otherwise

Made by `make coverage` from data/. Two pages of AWS, or two parts of one, do not always name the same owner. The more specific and the
newer one then decides ([the method](method.md)), and the other stands here; figures mark such a cell with `*`. *There* is the owner that follows
from the other page, by the same rule and in our reading of it. If you rely on such a cell, read both; `srmlib matrix --service ROW --layer
LAYER` has all of the cell's pages.
"""


class Dissent(NamedTuple):
    """A cell as it is written once, the rows that it stands in, and what AWS says elsewhere."""

    rows: list[str]
    layer: str
    cell: Cell


def main() -> None:
    """Write the page."""
    replace_file(DOCS / "disagreements.md", tell_disagreements(srm.load_catalogue()).encode())


def tell_disagreements(catalogue: Catalogue) -> str:
    """The whole page: how many cells, then a line for each page that says otherwise."""
    held = list_dissent(catalogue)
    lines = [
        "| row | layer | here | there | where AWS says otherwise | first page of the cell |",
        "| --- | --- | --- | --- | --- | --- |",
        *(line for each in held for line in tell_lines(catalogue, each)),
    ]
    return "\n".join([HEAD, tell_summary(catalogue, held), "", *lines]) + "\n"


def list_dissent(catalogue: Catalogue) -> list[Dissent]:
    """The contested cells by row and layer; a cell that other rows inherit is told once."""
    found: dict[tuple[str, str], Dissent] = {}
    for id, claims in sorted(catalogue.claims.items()):
        for layer, claim in claims.items():
            if claim.cell.contested:
                first = Dissent([], layer, claim.cell)
                found.setdefault((claim.home, layer), first).rows.append(id)
    ordered = {
        home: sorted(each.rows, key=lambda id: id != home[0]) for home, each in found.items()
    }
    held = [each._replace(rows=ordered[home]) for home, each in found.items()]
    places = {layer: place for place, layer in enumerate(catalogue.layers)}
    return sorted(held, key=lambda each: (each.rows[0], places[each.layer]))


def tell_summary(catalogue: Catalogue, held: list[Dissent]) -> str:
    """How many cells there are, and which way the other pages point."""
    cells = sum(len(each.rows) for each in held)
    everything = len(catalogue.services) * len(catalogue.layers)
    owners = Counter(other.owner for each in held for other in each.cell.contested)
    told = ", ".join(f"{count} name {owner}" for owner, count in owners.most_common())
    return (
        f"{cells} of {everything:,} cells, {len(held)} where inherited ones count once. Of the "
        f"{owners.total()} places that say otherwise, {told}."
    )


def tell_lines(catalogue: Catalogue, each: Dissent) -> Iterator[str]:
    """A line for each place where AWS says otherwise."""
    first, *others = each.rows
    row = f"{first} (also {', '.join(others)})" if others else first
    ours = each.cell.sources[0]
    decides = link(catalogue, ours.id, ours.section)
    for other in each.cell.contested:
        there = link(catalogue, other.source, other.section)
        yield f"| {row} | {each.layer} | {each.cell.owner} | {other.owner} | {there} | {decides} |"


def link(catalogue: Catalogue, id: str, section: str) -> str:
    """A page of AWS by its title, and the heading under which it says so."""
    page = catalogue.sources[id]
    heading = "" if section == page.title else f", “{section}”"
    return f"[{page.title}]({page.url}){heading}".replace("|", "\\|")


if __name__ == "__main__":
    main()
