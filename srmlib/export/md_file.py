"""Markdown for a pull request or a wiki: tables and lists in which no markup of an input works."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from srmlib.catalogue import CATALOGUE, Claim
from srmlib.diffs import Difference
from srmlib.export.control_parts import HOW, LIMITS, cut_texts, list_facts, list_widest, split_sides
from srmlib.export.edition import (
    SIGHTING_NOTE,
    Edition,
    choose_views,
    count_changes,
    head_of,
    list_record,
)
from srmlib.export.fleet_parts import LIMITS as FLEET_LIMITS
from srmlib.export.fleet_parts import head_of_fleet, list_numbers, list_sections
from srmlib.export.markdown import link, quote, render_rows
from srmlib.export.md_difference import tell_difference
from srmlib.families import group_controls
from srmlib.figures import label_service
from srmlib.figures.marks import ANSWER_NAMES, NAMES
from srmlib.figures.marks import LETTERS as OWNER_LETTERS
from srmlib.fleet import Fleet
from srmlib.frameworks import ControlMatrix, count_families
from srmlib.matrix import Matrix, Row
from srmlib.reasons import list_reasons
from srmlib.reviews import Review, count_resources
from srmlib.rooms import Misconceptions
from srmlib.schema import Control
from srmlib.shift import Comparison
from srmlib.teams import TeamSplit

LETTERS = (
    "A is AWS, S shared, C the customer, T a third party, – not applicable; [A] is from an overlay."
)

# Letters of a table's cells; what is left out stands in full with the layers.
DUTY_ROOM, CHECK_ROOM = 260, 90


def render(
    what: Matrix
    | Comparison
    | Review
    | ControlMatrix
    | TeamSplit
    | Misconceptions
    | Difference
    | Fleet,
    edition: Edition,
) -> str:
    """A matrix or comparison as tables, a review, controls or a fleet as a report, the rest as its
    table."""
    if isinstance(what, TeamSplit | Misconceptions):
        return _join([f"# {what.summary}", render_rows(what.rows(), what.columns)])
    if isinstance(what, Difference):
        return _join(tell_difference(what))
    if isinstance(what, Review):
        return _join(_tell_review(what, edition))
    if isinstance(what, ControlMatrix):
        return _join(_tell_controls(what, edition))
    if isinstance(what, Fleet):
        return _join(_tell_fleet(what, edition))
    if isinstance(what, Comparison):
        return _join(_tell_comparison(what, edition))
    return _join(_tell_matrix(what, edition))


def _join(blocks: Iterable[str]) -> str:
    return "\n\n".join(blocks) + "\n"


def _owners_table(matrix: Matrix) -> str:
    rows = [
        {"layer": matrix.catalogue.layers[layer].name}
        | {id: _letter(matrix.claims[id][layer]) for id in matrix.services}
        for layer in matrix.layers
    ]
    return render_rows(rows, ["layer", *matrix.services]) + f"\n\n{LETTERS}"


def _letter(claim: Claim) -> str:
    """The owner's letter, in brackets where an overlay says so."""
    sign = OWNER_LETTERS[claim.cell.owner]
    return sign if claim.origin == CATALOGUE else f"[{sign}]"


def _tell_matrix(matrix: Matrix, edition: Edition) -> Iterator[str]:
    head = head_of(matrix, edition)
    yield f"# {quote(head.title)}"
    yield "\n".join(f"- {quote(line)}" for line in head.lines())
    yield _owners_table(matrix)
    for id in matrix.services:
        yield f"## {quote(matrix.catalogue.services[id].name)} (`{id}`)"
        yield render_rows(
            (_duty_row(matrix, id, layer) for layer in matrix.layers),
            ["layer", "owner", "AWS", "customer", "basis", "origin"],
        )


def _duty_row(matrix: Matrix, id: str, layer: str) -> Row:
    cell, _, origin = matrix.claims[id][layer]
    return {
        "origin": origin, "layer": matrix.catalogue.layers[layer].name, "owner": cell.owner,
        "AWS": cell.aws_duty, "customer": cell.customer_duty, "basis": cell.basis,
    }  # fmt: skip


def _tell_comparison(comparison: Comparison, edition: Edition) -> Iterator[str]:
    names = [comparison.matrix.catalogue.services[id].name for id in comparison.matrix.services]
    yield f"# {quote(' → '.join(names))}"
    yield "\n".join(f"- {quote(line)}" for line in head_of(comparison, edition).lines())
    yield f"{comparison.summary}."
    yield render_rows(comparison.rows(), comparison.columns)


def _tell_review(review: Review, edition: Edition) -> Iterator[str]:
    head = head_of(review, edition)
    yield f"# {quote(head.title)}"
    yield "\n".join(f"- {quote(line)}" for line in [*head.lines(), *_tell_state(review)])
    counts = count_resources(review)
    used = [quote(label_service(id, counts)) for id in counts]
    yield f"Services in use, with their resources: {', '.join(used) or 'none that has a row'}."
    if counts:
        yield _owners_table(review.matrix)
    yield "## What you have to do"
    yield "Most urgent first; 1 is worst if nobody does it, 5 least."
    for row in review.rows():
        yield _tell_duty(row)
    if review.gone:
        yield "## No longer owed"
        yield "\n".join(f"- **{quote(row['duty'])}**: {quote(row['text'])}" for row in review.gone)
    yield from _tell_limits(review)


def _tell_limits(review: Review) -> Iterator[str]:
    """What the files do not show, show otherwise, or move."""
    expected = review.expected.to_dict("records")
    if expected:
        yield "## Expected of every account and not seen"
        yield "\n".join(
            f"- **{quote(item['name'])}**: {quote(item['duty'])} ({link(item['sources'][0])})"
            for item in expected
        )
    sightings = review.list_sightings()
    if sightings:
        yield "## What each input shows"
        yield SIGHTING_NOTE
        yield render_rows(sightings, choose_views(sightings))
    if review.moves:
        yield "## Moved by a setting in the files"
        yield "\n".join(f"- {quote(line)}" for line in review.moves)
    if review.notes:
        yield "## What this review does not know"
        yield "\n".join(f"- {quote(line)}" for line in review.notes)


def _tell_state(review: Review) -> list[str]:
    """The record in lines, and what changed since its last sheet."""
    changes = count_changes(review)
    told = [f"{label}: {text}" for label, text in list_record(review)]
    return told + ([f"Duties: {changes}"] if changes else [])


def _tell_duty(row: Row) -> str:
    change = f" [{row['change']}]" if row["change"] else ""
    theirs = f" ({row['origin']})" if row["origin"] != CATALOGUE else ""
    urgency = f"(priority {row['priority']}){quote(change + theirs)}"
    lines = [f"- **{quote(row['layer'])}** {urgency}: {quote(row['text'])}"]
    lines.append(f"  - for {', '.join(map(quote, row['services']))}")
    decided = [f"{key}: {row[key]}" for key in ("status", "owner", "exception", "note") if row[key]]
    if decided != ["status: open"]:
        lines.append(f"  - {quote('; '.join(decided))}")
    if row["tools"]:
        lines.append(f"  - tools: {', '.join(map(quote, row['tools']))}")
    if row["checks"]:
        lines.append(f"  - checks: {', '.join(map(quote, row['checks']))}")
    lines.append(f"  - source: {', '.join(link(source) for source in row['sources'])}")
    return "\n".join(lines)


def _tell_controls(what: ControlMatrix, edition: Edition) -> Iterator[str]:
    """Numbers by family, a table a family, and the layers with both duties in full."""
    head, names = head_of(what, edition), list(what.counts.index)
    yield f"# {quote(head.title)}"
    facts = [f"{label}: {text}" for label, text in list_facts(what)]
    yield "\n".join(f"- {quote(line)}" for line in [*head.lines(), *facts])
    yield f"{HOW} {LIMITS}"
    yield "## By family"
    counts = [
        {"family": str(family)} | {ANSWER_NAMES[name]: held[name] for name in names}
        for family, held in count_families(what).items()
    ]
    yield render_rows(counts, ["family", *(ANSWER_NAMES[name] for name in names)])
    rows = {row["control"]: row for row in what.rows()}
    for family, controls in group_controls(what.framework, what.controls).items():
        yield f"## {quote(str(family))}"
        yield render_rows(
            (_control_row(what, each, rows[each.control]) for each in controls),
            ["control", "title", "answer", "what you do", "why", "layers", "checks"],
        )
    yield "## Who owns the layers"
    for layer in what.layers:
        yield f"### {quote(what.matrix.catalogue.layers[layer].name)} (`{layer}`)"
        yield "\n".join(_tell_reason(row) for row in list_reasons(what.matrix, layer))


def _control_row(what: ControlMatrix, control: Control, row: Row) -> Row:
    duties = list_widest(split_sides(what, control).customer)
    return {
        "control": row["control"], "title": row["title"], "answer": ANSWER_NAMES[row["owner"]],
        "what you do": " ".join(cut_texts(duties, DUTY_ROOM, ", by layer below")),
        "why": control.reason, "layers": control.layers,
        "checks": ", ".join(cut_texts(row["checks"], CHECK_ROOM, "")),
    }  # fmt: skip


def _tell_reason(row: Row) -> str:
    theirs = f" [{row['origin']}]" if row["origin"] != CATALOGUE else ""
    services = ", ".join(row["services"])
    lines = [f"- **{NAMES[row['owner']]}**{quote(theirs)} for {quote(services)} ({row['basis']})"]
    for label, key in (("AWS", "aws_duty"), ("you", "customer_duty"), ("because", "why")):
        if row[key]:
            lines.append(f"  - {label}: {quote(row[key])}")
    lines.append(f"  - source: {', '.join(link(source) for source in row['sources'])}")
    return "\n".join(lines)


def _tell_fleet(fleet: Fleet, edition: Edition) -> Iterator[str]:
    head = head_of_fleet(fleet, edition)
    yield f"# {quote(head.title)}"
    facts = [f"{number} {what}" for number, what in list_numbers(fleet)]
    yield "\n".join(f"- {quote(line)}" for line in [*head.lines(), *facts])
    yield FLEET_LIMITS
    for section in list_sections(fleet):
        yield f"## {section.title}"
        yield section.told
        named = (
            {each.title: row.get(each.key) for each in section.columns} for row in section.rows
        )
        yield render_rows(named, [each.title for each in section.columns])
    if fleet.warnings:
        yield "## What this report does not know"
        yield "\n".join(f"- {quote(line)}" for line in fleet.warnings)
