"""One page that opens without network and runs no script: summary, map, duties, cells, sources."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from srmlib.catalogue import CATALOGUE
from srmlib.errors import SrmError
from srmlib.export.controls_page import collect_controls
from srmlib.export.edition import (
    SIGHTING_NOTE,
    Edition,
    choose_views,
    count_changes,
    head_of,
    list_record,
    list_sources,
)
from srmlib.export.fleet_page import collect_fleet
from srmlib.export.page_map import ROOMY_COLUMNS, draw_map, find_changed, split_columns
from srmlib.export.page_parts import (
    find_duty_facets,
    find_vague,
    find_whose,
    list_changes,
    list_layer_choices,
    list_pairs,
    list_service_choices,
    mark_duties,
    mark_services,
)
from srmlib.figures import label_service, order_columns
from srmlib.figures.marks import COLOURS, LETTER_COLOURS, LETTERS, NAMES
from srmlib.fleet import Fleet
from srmlib.frameworks import ControlMatrix
from srmlib.matrix import Matrix, Row
from srmlib.records import STATUSES
from srmlib.reviews import Review, count_resources
from srmlib.shift import Comparison

TEMPLATES = Path(__file__).parent


def render(what: Matrix | Comparison | Review | ControlMatrix | Fleet, edition: Edition) -> str:
    """A review, a comparison, a matrix, a framework's controls or a fleet as a page; every name is
    escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    maker = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        loader=FileSystemLoader(TEMPLATES),
    )  # fmt: skip
    if isinstance(what, ControlMatrix):
        page = collect_controls(what, edition) | _collect_colours()
        return maker.get_template("controls_page.html.j2").render(**page)
    if isinstance(what, Fleet):
        return maker.get_template("fleet_page.html.j2").render(**collect_fleet(what, edition))
    return maker.get_template("page.html.j2").render(**_collect(what, edition))


def _collect(what: Matrix | Comparison | Review, edition: Edition) -> dict[str, Any]:
    matrix = what if isinstance(what, Matrix) else what.matrix
    if not matrix.services and not isinstance(what, Review):
        raise SrmError("there is no service to write; select at least one")
    if not isinstance(what, Comparison) and matrix.services:
        matrix = matrix.select(services=order_columns(matrix))
    page = {"head": head_of(what, edition)} | _collect_colours() | _collect_matrix(matrix)
    if isinstance(what, Review):
        return page | _collect_map(matrix, what) | _collect_review(what, matrix)
    page |= _collect_map(matrix, what) | {"sources": list_sources(what)}
    return page | {"changed": list_changes(what)} if isinstance(what, Comparison) else page


def _collect_colours() -> dict[str, Any]:
    return {
        "colours": COLOURS, "letter_colours": LETTER_COLOURS, "letters": LETTERS, "names": NAMES,
    }  # fmt: skip


def _collect_matrix(matrix: Matrix) -> dict[str, Any]:
    cells = [matrix.claims[id][layer].cell for id in matrix.services for layer in matrix.layers]
    owned: Counter[str] = Counter(cell.owner for cell in cells)
    yours = f"{owned['customer']} + {owned['shared']}"
    whose = find_whose(matrix)
    services = mark_services(matrix, whose)
    return {
        "numbers": [
            (len(matrix.services), "services"),
            (yours, f"of {len(cells)} cells yours, and shared"),
            count_stated(matrix),
        ],
        "layer_names": {id: layer.name for id, layer in matrix.catalogue.layers.items()},
        "layer_groups": list_layer_choices(matrix),
        "present": [owner for owner in NAMES if owned[owner]],
        "whose": whose,
        "facets": [],
        "services": services,
        "titles": {id: page.title for id, page in matrix.catalogue.sources.items()},
        "vague": find_vague(
            each for row in services for cell in row["cells"] for each in cell["sources"]
        ),
        "pairs": list_pairs(matrix, whose),
    }


def _collect_map(matrix: Matrix, what: Matrix | Comparison | Review) -> dict[str, Any]:
    """The map for the screen, and in runs of columns where paper has no room for all of them."""
    counts = count_resources(what) if isinstance(what, Review) else {}
    labels = {id: label_service(id, counts) for id in matrix.services}
    moved = find_changed(what)
    runs = split_columns(matrix.services)
    return {
        "map": draw_map(matrix, matrix.services, labels, moved),
        "roomy": len(matrix.services) <= ROOMY_COLUMNS,
        "paper": [draw_map(matrix, run, labels, moved) for run in runs] if len(runs) > 1 else [],
        "house": _list_overlays(matrix),
    }


def _list_overlays(matrix: Matrix) -> list[str]:
    """The overlays whose word counts in some cell."""
    origins = {matrix.claims[id][layer].origin for id in matrix.services for layer in matrix.layers}
    return sorted(origins - {CATALOGUE})


def count_stated(matrix: Matrix) -> tuple[str, str]:
    """How many cells rest on a page of AWS about the service itself."""
    cells = [matrix.claims[id][layer].cell for id in matrix.services for layer in matrix.layers]
    stated = sum(cell.basis == "stated" for cell in cells)
    return f"{stated} of {len(cells)}", "cells stated by AWS for the service itself"


def _collect_review(review: Review, matrix: Matrix) -> dict[str, Any]:
    rows, sightings = review.rows(), review.list_sightings()
    facets = find_duty_facets(rows)
    return {
        "numbers": _list_numbers(review, matrix, rows),
        "facets": facets,
        "duties": mark_duties(review, facets),
        "record": list_record(review),
        "changes": count_changes(review),
        "gone": review.gone,
        "expected": review.expected.to_dict("records"),
        "notes": review.notes,
        "moves": review.moves,
        "of": list_service_choices(matrix, rows),
        "inventory": review.inventory.to_dict("records"),
        "sightings": sightings,
        "views": choose_views(sightings),
        "sighting_note": SIGHTING_NOTE,
        "sources": list_sources(review),
    }


def _list_numbers(review: Review, matrix: Matrix, rows: list[Row]) -> list[tuple[Any, str]]:
    urgent = sum(row["priority"] == 1 for row in rows)
    numbers = [
        (len(matrix.services), "services in use"),
        (sum(count_resources(review).values()), "resources answered for"),
        (len(rows), f"duties of yours, {urgent} of them most urgent"),
        (len(review.expected), "expected of every account and not seen"),
        count_stated(matrix),
    ]
    if review.record:
        counts = Counter(row["status"] for row in rows)
        told = [f"{counts[status]} {status}" for status in STATUSES[::-1] if status != "done"]
        numbers.insert(3, (f"{counts['done']} of {len(rows)}", f"duties done, {', '.join(told)}"))
    return numbers
