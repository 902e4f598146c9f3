"""What grows old or thin in a catalogue that is right in form: found over all rows together."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator

from srmlib.catalogue import Catalogue
from srmlib.schema import Problem, Service

GOOD_FOR = datetime.timedelta(days=365)


def find_neglect(catalogue: Catalogue, today: datetime.date) -> Iterator[Problem]:
    """Cells not verified for a year, rows that say nothing of their own, duties that fit anything."""
    for row in catalogue.services.values():
        yield from _find_stale(row, today)
        if not row.cells:
            yield Problem(
                f"services/{row.id}.yaml", "cells", "are all inherited",
                "state what AWS says of this service, or drop the row",
            )  # fmt: skip
    yield from _find_repeats(catalogue)


def _find_stale(row: Service, today: datetime.date) -> Iterator[Problem]:
    for layer, cell in row.cells.items():
        if cell.verified and today - datetime.date.fromisoformat(cell.verified) > GOOD_FOR:
            yield Problem(
                f"services/{row.id}.yaml", f"cells.{layer}.verified",
                f"{cell.verified} is more than a year ago", "hold the cell against its page again",
            )  # fmt: skip


def _find_repeats(catalogue: Catalogue) -> Iterator[Problem]:
    """A duty in the same words for services that are not alike tells nothing about either."""
    places: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in catalogue.services.values():
        for layer, cell in row.cells.items():
            if cell.customer_duty:
                places[cell.customer_duty].append((row.id, layer))
    for held in places.values():
        rows = {id: catalogue.services[id] for id, _ in held}
        if not _are_alike(list(rows.values())):
            id, layer = held[-1]
            others = ", ".join(other for other in rows if other != id)
            yield Problem(
                f"services/{id}.yaml", f"cells.{layer}.customer_duty",
                f"stands word for word in {others}", "name what this service calls it",
            )  # fmt: skip


def _are_alike(rows: list[Service]) -> bool:
    """One family, or one row that all the others are like."""
    families = set.intersection(*(set(row.families) for row in rows))
    return bool(families) or len({row.like or row.id for row in rows}) == 1
