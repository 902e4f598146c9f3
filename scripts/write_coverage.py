"""How much of the catalogue rests on AWS's own words: docs/coverage.md and its picture."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import srmlib as srm
from srmlib.atomic import replace_file
from srmlib.catalogue import Catalogue, list_source_ids

DOCS = Path(__file__).parent.parent / "docs"
BASES = ("stated", "model", "interpreted")
COLOURS = {"stated": "#2b5c8a", "model": "#9fb8cf", "interpreted": "#e9d8a6"}
NAMES = {"stated": "stated by AWS for the service", "model": "from the delivery model", "interpreted": "our reading"}  # fmt: skip
HEAD = """# Coverage

Made by `make coverage` from data/. A cell is *stated* where a page of AWS about the very service says so and somebody held it against
that page; *model* follows from what AWS says of the delivery model; *interpreted* is our reading, with its reason in the row.

![Rows of the catalogue by category, with the share of their cells that AWS states](coverage.png)
"""


def main() -> None:
    """Write the table, and the picture, which needs a Chrome or Chromium."""
    catalogue = srm.load_catalogue()
    replace_file(DOCS / "coverage.md", tell_coverage(catalogue).encode())
    srm.write(draw_coverage(catalogue), DOCS / "coverage.png")


def tell_coverage(catalogue: Catalogue) -> str:
    """The whole page: numbers, a table by category, a table of rows."""
    total = count_bases(catalogue, list(catalogue.services))
    cells = sum(total.values())
    told = ", ".join(f"{total[basis]:,} {basis}" for basis in BASES)
    summary = (
        f"{len(catalogue.services)} rows, {len(catalogue.layers)} layers, {cells:,} cells: {told}. "
        f"{len(catalogue.sources):,} pages cited, the newest read on {catalogue.edition}."
    )
    return (
        "\n".join([HEAD, summary, "", *tell_categories(catalogue), "", *tell_rows(catalogue)])
        + "\n"
    )


def tell_categories(catalogue: Catalogue) -> list[str]:
    """A line a category: rows, cells by basis, pages."""
    lines = [
        "| category | rows | stated | model | interpreted | pages |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    for category, ids in group_rows(catalogue).items():
        counts = count_bases(catalogue, ids)
        held = " | ".join(str(counts[basis]) for basis in BASES)
        lines.append(f"| {category} | {len(ids)} | {held} | {count_pages(catalogue, ids)} |")
    return lines


def tell_rows(catalogue: Catalogue) -> list[str]:
    """A line a row: its way of running, what is stated, and when it was last verified."""
    lines = [
        "| row | way of running | lifecycle | stated | pages | verified |",
        "| --- | --- | --- | --: | --: | --- |",
    ]
    for id, row in sorted(catalogue.services.items()):
        stated = count_bases(catalogue, [id])["stated"]
        dates = [cell.verified for cell in row.cells.values() if cell.verified]
        lines.append(
            f"| {id} | {row.way} | {row.lifecycle} | {stated} of {len(catalogue.layers)} | "
            f"{count_pages(catalogue, [id])} | {min(dates, default='')} |"
        )
    return lines


def group_rows(catalogue: Catalogue) -> dict[str, list[str]]:
    """The rows of each category, categories by name."""
    groups: dict[str, list[str]] = {}
    for id, row in catalogue.services.items():
        groups.setdefault(row.category, []).append(id)
    return dict(sorted(groups.items()))


def count_bases(catalogue: Catalogue, ids: list[str]) -> Counter[str]:
    """How many cells of the rows rest on each basis, inherited ones included."""
    return Counter(claim.cell.basis for id in ids for claim in catalogue.claims[id].values())


def count_pages(catalogue: Catalogue, ids: list[str]) -> int:
    """How many pages the rows' own cells cite."""
    cells = [cell for id in ids for cell in catalogue.services[id].cells.values()]
    return len({page for cell in cells for page in list_source_ids(cell)})


def draw_coverage(catalogue: Catalogue) -> Any:
    """A bar a category, its rows' cells by basis."""
    import plotly.graph_objects as go

    groups = group_rows(catalogue)
    counts = {category: count_bases(catalogue, ids) for category, ids in groups.items()}
    labels = [f"{category} ({len(ids)})" for category, ids in groups.items()]
    bars = [
        go.Bar(
            y=labels, x=[counts[category][basis] for category in groups], name=NAMES[basis], orientation="h",
            marker_color=COLOURS[basis], text=[counts[category][basis] for category in groups],
        )
        for basis in BASES
    ]  # fmt: skip
    total = count_bases(catalogue, list(catalogue.services))
    title = f"AWS states {total['stated']:,} of {sum(total.values()):,} cells for the service itself; rows by category"
    figure = go.Figure(bars)
    figure.update_layout(
        barmode="stack", template="plotly_white", title=title, height=720, font_size=14, yaxis_autorange="reversed",
        legend={"orientation": "h", "y": 1.05, "x": 0, "traceorder": "normal"}, margin={"l": 170, "t": 100, "r": 30, "b": 40},
    )  # fmt: skip
    return figure


if __name__ == "__main__":
    main()
