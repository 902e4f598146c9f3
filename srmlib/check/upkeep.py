"""What grows old or thin in a catalogue that is right in form: found over all rows together."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator

from srmlib.catalogue import Catalogue
from srmlib.check.folder import Problem
from srmlib.schema import Service

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
    yield from _find_lost_families(catalogue)
    yield from _find_closed_steps(catalogue)


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


def _find_lost_families(catalogue: Catalogue) -> Iterator[Problem]:
    """Every AWS service has a row or a reason, never both, and no row names one that is unknown."""
    rows = {family: row.id for row in catalogue.services.values() for family in row.families}
    for each in catalogue.families:
        if each.family not in rows and not each.reason:
            yield Problem(
                "families.csv", each.family, "has no row", "add one, or say why there is none"
            )
        if each.family in rows and each.reason:
            yield Problem(
                "families.csv",
                each.family,
                f"has a reason and the row {rows[each.family]}",
                "empty the reason",
            )
    unknown = set(rows) - {each.family for each in catalogue.families}
    for family in sorted(unknown if catalogue.families else ()):
        yield Problem(
            f"services/{rows[family]}.yaml",
            "families",
            f"{family!r} is not in families.csv",
            "add it there",
        )


def _find_closed_steps(catalogue: Catalogue) -> Iterator[Problem]:
    """Nobody should be led to a service that takes no new customers."""
    for id, ladder in catalogue.ladders.items():
        for step in ladder.steps:
            lifecycle = catalogue.services[step.service].lifecycle
            if lifecycle != "active":
                yield Problem(
                    "ladders.yaml", f"{id}.steps.{step.service}", f"is {lifecycle}",
                    "take the step out, or name the service that follows it",
                )  # fmt: skip


def _are_alike(rows: list[Service]) -> bool:
    """One family, or one row that all the others are like."""
    families = set.intersection(*(set(row.families) for row in rows))
    return bool(families) or len({row.like or row.id for row in rows}) == 1
