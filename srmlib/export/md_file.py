"""Markdown for a pull request or a wiki: tables and lists in which no markup of an input works."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from srmlib.export.tables import Row, flatten
from srmlib.figures.marks import LETTERS as OWNER_LETTERS
from srmlib.matrix import Matrix
from srmlib.reviews import Review, count_resources
from srmlib.shift import Comparison

LETTERS = "A is AWS, S shared, C the customer, T a third party, – not applicable."


def render(what: Matrix | Comparison | Review) -> str:
    """A matrix or comparison as tables, a review as a report in sections."""
    if isinstance(what, Review):
        return _join(_tell_review(what))
    if isinstance(what, Comparison):
        return _join(_tell_comparison(what))
    return _join(_tell_matrix(what))


def render_rows(rows: Iterable[Row], columns: Iterable[str]) -> str:
    """Any rows as one Markdown table."""
    names = list(columns)
    lines = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    for row in rows:
        lines.append("| " + " | ".join(quote(flatten(row.get(name))) for name in names) + " |")
    return "\n".join(lines)


def quote(text: str) -> str:
    """Text that Markdown shows as it stands: no tag, link, table bar or emphasis in it works."""
    one_line = " ".join(text.split())
    without_tags = one_line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|~#])", r"\\\1", without_tags)


def link(source: Row) -> str:
    """A citation as a link to its page."""
    return f"[{quote(source['section'])}]({source['url']})"


def _join(blocks: Iterable[str]) -> str:
    return "\n\n".join(blocks) + "\n"


def _owners_table(matrix: Matrix) -> str:
    rows = [
        {"layer": matrix.catalogue.layers[layer].name}
        | {id: OWNER_LETTERS[matrix.claims[id][layer].cell.owner] for id in matrix.services}
        for layer in matrix.layers
    ]
    return render_rows(rows, ["layer", *matrix.services]) + f"\n\n{LETTERS}"


def _tell_matrix(matrix: Matrix) -> Iterator[str]:
    yield "# Who owns what"
    yield _owners_table(matrix)
    for id in matrix.services:
        yield f"## {quote(matrix.catalogue.services[id].name)} (`{id}`)"
        yield render_rows(
            (_duty_row(matrix, id, layer) for layer in matrix.layers),
            ["layer", "owner", "AWS", "customer", "basis"],
        )


def _duty_row(matrix: Matrix, id: str, layer: str) -> Row:
    cell = matrix.claims[id][layer].cell
    return {
        "layer": matrix.catalogue.layers[layer].name, "owner": cell.owner,
        "AWS": cell.aws_duty, "customer": cell.customer_duty, "basis": cell.basis,
    }  # fmt: skip


def _tell_comparison(comparison: Comparison) -> Iterator[str]:
    names = [comparison.matrix.catalogue.services[id].name for id in comparison.matrix.services]
    yield f"# {quote(' → '.join(names))}"
    yield f"{comparison.summary}."
    yield render_rows(comparison.rows(), comparison.columns)


def _tell_review(review: Review) -> Iterator[str]:
    yield f"# Who owns what in {', '.join(map(quote, review.files))}"
    counts = count_resources(review)
    used = [f"{quote(id)} ({number})" for id, number in counts.items()]
    yield f"Services in use, with their resources: {', '.join(used) or 'none that has a row'}."
    if counts:
        yield _owners_table(review.matrix)
    yield "## What you have to do"
    yield "Most urgent first; 1 is worst if nobody does it, 5 least."
    for row in review.rows():
        yield _tell_duty(row)
    expected = review.expected.to_dict("records")
    if expected:
        yield "## Expected of every account and not seen"
        yield "\n".join(
            f"- **{quote(item['name'])}**: {quote(item['duty'])} ({link(item['sources'][0])})"
            for item in expected
        )
    if review.notes:
        yield "## What this review does not know"
        yield "\n".join(f"- {quote(line)}" for line in review.notes)


def _tell_duty(row: Row) -> str:
    lines = [f"- **{quote(row['layer'])}** (priority {row['priority']}): {quote(row['text'])}"]
    lines.append(f"  - for {', '.join(map(quote, row['services']))}")
    if row["tools"]:
        lines.append(f"  - tools: {', '.join(map(quote, row['tools']))}")
    if row["checks"]:
        lines.append(f"  - checks: {', '.join(map(quote, row['checks']))}")
    lines.append(f"  - source: {', '.join(link(source) for source in row['sources'])}")
    return "\n".join(lines)
