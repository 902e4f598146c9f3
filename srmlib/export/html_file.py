"""One page that opens without network and runs no script: summary, heatmap, duties and sources."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from srmlib import __version__
from srmlib.catalogue import Catalogue
from srmlib.errors import SrmError
from srmlib.export.edition import Edition
from srmlib.figures import order_columns
from srmlib.figures.marks import COLOURS, LETTER_COLOURS, LETTERS, NAMES, doubts
from srmlib.matrix import Matrix, Row
from srmlib.reviews import Review, count_resources
from srmlib.shift import Comparison

TEMPLATE = Path(__file__).parent / "page.html.j2"


def render(what: Matrix | Comparison | Review, edition: Edition) -> str:
    """A review, a comparison or a matrix as a page; every name in it is escaped."""
    from jinja2 import Environment, StrictUndefined

    maker = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    return maker.from_string(TEMPLATE.read_text(encoding="utf-8")).render(**_collect(what))


def _collect(what: Matrix | Comparison | Review) -> dict[str, Any]:
    matrix = what if isinstance(what, Matrix) else what.matrix
    if not isinstance(what, Comparison) and matrix.services:
        matrix = matrix.select(services=order_columns(matrix))
    if not matrix.services and not isinstance(what, Review):
        raise SrmError("there is no service to write; select at least one")
    page = _collect_matrix(matrix)
    if isinstance(what, Review):
        counts = count_resources(what)
        page["columns"] = [f"{id} ({counts[id]})" for id in matrix.services]
        page |= _collect_review(what)
    elif isinstance(what, Comparison):
        page["title"] = f"{' → '.join(matrix.services)}: {what.summary}"
    return page


def _collect_matrix(matrix: Matrix) -> dict[str, Any]:
    catalogue = matrix.catalogue
    cells = [matrix.claims[id][layer].cell for id in matrix.services for layer in matrix.layers]
    owned: Counter[str] = Counter(cell.owner for cell in cells)
    return {
        "title": f"Who owns what: {len(matrix.services)} services",
        "version": __version__,
        "date": date_of(catalogue),
        "colours": COLOURS,
        "letter_colours": LETTER_COLOURS,
        "letters": LETTERS,
        "names": {owner: NAMES[owner] for owner in NAMES if owned[owner]},
        "numbers": [
            (len(matrix.services), "services"),
            (
                f"{owned['customer']} + {owned['shared']}",
                f"of {len(cells)} cells yours, and shared",
            ),
            count_stated(matrix),
        ],
        "layer_names": {id: layer.name for id, layer in catalogue.layers.items()},
        "columns": list(matrix.services),
        "rows": list_map_rows(matrix) if matrix.services else [],
        "services": [_list_cells(matrix, id) for id in matrix.services],
    }


def count_stated(matrix: Matrix) -> tuple[str, str]:
    """How many cells rest on a page of AWS about the service itself."""
    cells = [matrix.claims[id][layer].cell for id in matrix.services for layer in matrix.layers]
    stated = sum(cell.basis == "stated" for cell in cells)
    return f"{stated} of {len(cells)}", "cells stated by AWS for the service itself"


def date_of(catalogue: Catalogue) -> str:
    """The day on which the newest page of the catalogue was read."""
    return max((page.read for page in catalogue.sources.values()), default="unknown")


def list_map_rows(matrix: Matrix) -> list[Row]:
    """The heatmap as rows of letters, one a layer; `first` opens a layer group."""
    rows = []
    group = ""
    for layer in matrix.layers:
        column = matrix.catalogue.layers[layer]
        cells = [_mark(matrix, id, layer) for id in matrix.services]
        rows.append({"name": column.name, "first": column.group != group, "cells": cells})
        group = column.group
    return rows


def _mark(matrix: Matrix, service: str, layer: str) -> Row:
    cell = matrix.claims[service][layer].cell
    stated = cell.basis == "stated"
    sign = LETTERS[cell.owner]
    return {
        "owner": cell.owner,
        "letter": sign if stated else sign.lower(),
        "stated": stated,
        "marks": doubts(cell),
        "title": f"{service} · {matrix.catalogue.layers[layer].name}: {NAMES[cell.owner]}",
    }


def _list_cells(matrix: Matrix, service: str) -> Row:
    row = matrix.catalogue.services[service]
    cells = matrix.select(services=[service]).rows()
    return {"id": service, "name": row.name, "way": row.way, "cells": cells}


def _collect_review(review: Review) -> dict[str, Any]:
    duties = review.rows()
    urgent = sum(row["priority"] == 1 for row in duties)
    matrix = review.matrix
    return {
        "title": f"Who owns what in {', '.join(review.files)}",
        "numbers": [
            (len(matrix.services), "services in use"),
            (sum(count_resources(review).values()), "resources answered for"),
            (len(duties), f"duties of yours, {urgent} of them most urgent"),
            count_stated(matrix),
        ],
        "duties": duties,
        "expected": review.expected.to_dict("records"),
        "notes": review.notes,
        "inventory": review.inventory.to_dict("records"),
    }
