"""Which services a figure shows, in which order, and by which names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from srmlib.errors import SrmError
from srmlib.matrix import Matrix
from srmlib.reviews import Review, count_resources
from srmlib.shift import Comparison


def matrix_of(what: Matrix | Review | Comparison) -> Matrix:
    matrix = what if isinstance(what, Matrix) else what.matrix
    if not matrix.services or not matrix.layers:
        raise SrmError("there is no service or no layer to show; select at least one of each")
    return matrix


def order_columns(matrix: Matrix) -> tuple[str, ...]:
    """By delivery model, and in it from most customer work to least."""
    models = list(matrix.catalogue.models)

    def load(id: str) -> tuple[int, int, str]:
        owners = [matrix.claims[id][layer].cell.owner for layer in matrix.layers]
        work = 2 * owners.count("customer") + owners.count("shared")
        return models.index(matrix.catalogue.services[id].model), -work, id

    return tuple(sorted(matrix.services, key=load))


def label_service(service: str, counts: Mapping[str, int]) -> str:
    """A service with the number of its resources, where files tell one: a bill alone does not."""
    return f"{service} ({counts[service]})" if counts.get(service) else service


def label_columns(what: Matrix | Review, services: Sequence[str]) -> list[str]:
    counts = count_resources(what) if isinstance(what, Review) else {}
    return [label_service(id, counts) for id in services]
