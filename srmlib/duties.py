"""The customer's duties over several services: gathered, ranked, with tools and checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from srmlib.catalogue import Catalogue, Claim
from srmlib.matrix import Matrix, Row, cite_cell

# A duty that is owed: its id, service and layer, and the claim that it stands in.
Owed = tuple[str, str, str, Claim]
FATES = ("dropped", "added", "kept")
DUTY_COLUMNS = ("duty", "layer", "services", "text", "priority", "tools", "checks", "sources")


def list_duties(matrix: Matrix) -> list[Row]:
    """The customer's duties for the services of a matrix, gathered and ordered as a review's."""
    return gather_duties(matrix.catalogue, list_owed(matrix))


def list_owed(matrix: Matrix) -> Iterator[Owed]:
    """Every customer duty of a matrix, service by service."""
    for service in matrix.services:
        for layer in matrix.layers:
            claim = matrix.claims[service][layer]
            if claim.cell.customer_duty:
                yield name_duty(layer, claim), service, layer, claim


def gather_duties(catalogue: Catalogue, owed: Iterable[Owed]) -> list[Row]:
    """One row a duty over all services that owe it, most urgent first: DUTY_COLUMNS and origin."""
    gathered: dict[str, Row] = {}
    for id, service, layer, claim in owed:
        row = gathered.get(id)
        if row is None:
            gathered[id] = _start_duty(catalogue, id, layer, claim) | {"services": [service]}
        elif service not in row["services"]:
            row["services"].append(service)
    for row in gathered.values():
        row["checks"] = catalogue.list_checks([row["layer"]], row["services"])
        tools = catalogue.list_tools(row["layer"], row["services"])
        row["tools"] = list(dict.fromkeys(each.name for each in tools))
    order = {layer: place for place, layer in enumerate(catalogue.layers)}
    return sorted(
        ({key: row[key] for key in (*DUTY_COLUMNS, "origin")} for row in gathered.values()),
        key=lambda row: (row["priority"], order[row["layer"]], row["duty"]),
    )


def trace_fates(before: Iterable[Row], after: Iterable[Row]) -> Iterator[Row]:
    """What becomes of duties: `fate` dropped (as it was) first, then added, then kept (as it is)."""
    old, new = ({row["duty"]: row for row in rows} for rows in (before, after))
    came = [row for id, row in new.items() if id not in old]
    went = [row for id, row in old.items() if id not in new]
    stays = [row for id, row in new.items() if id in old]
    for fate, rows in zip(FATES, (went, came, stays), strict=True):
        yield from ({"fate": fate} | row for row in rows)


def name_duty(layer: str, claim: Claim) -> str:
    """The duty's id: its layer, and the row or model whose words it is in."""
    return layer if claim.home == "every" else f"{layer}/{claim.home}"


def rank_duty(priority: int, claim: Claim) -> int:
    """The layer's priority; what remains to do where AWS owns the layer is two steps less urgent."""
    return min(5, priority + 2) if claim.cell.owner == "aws" else priority


def _start_duty(catalogue: Catalogue, id: str, layer: str, claim: Claim) -> Row:
    cell = claim.cell
    return {
        "duty": id,
        "layer": layer,
        "origin": claim.origin,
        "text": cell.customer_duty,
        "priority": rank_duty(catalogue.layers[layer].priority, claim),
        "sources": cite_cell(catalogue, cell),
    }
