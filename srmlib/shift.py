"""Compare services and count owners by layer group: pure questions from a matrix to frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srmlib.catalogue import CATALOGUE, Claim
from srmlib.errors import SrmError
from srmlib.matrix import Matrix, Row, frame_of
from srmlib.schema import OWNERS, WITH_WORK, Cell

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Comparison:
    """Services beside each other, first to last; `table` has a row a layer and says what changes."""

    matrix: Matrix

    @property
    def columns(self) -> tuple[str, ...]:
        """layer, one column of owners a service, changes; with an overlay also origin."""
        origin = ("origin",) if self.matrix.catalogue.overlays else ()
        return ("layer", *self.matrix.services, "changes", *origin)

    @property
    def table(self) -> pd.DataFrame:
        """One row a layer; `changes` tells the owners from the first service to the last, or is empty."""
        return frame_of(self.rows(), self.columns)

    @property
    def summary(self) -> str:
        """How many of the layers change hands, as n of N."""
        rows = self.rows()
        changed = sum(1 for row in rows if row["changes"])
        return f"{changed} of {len(rows)} layers change hands"

    def rows(self) -> list[Row]:
        """The rows of `table` as plain dicts."""
        return [self._row(layer) for layer in self.matrix.layers]

    def _row(self, layer: str) -> Row:
        owners = {id: self.matrix.claims[id][layer].cell.owner for id in self.matrix.services}
        steps = _without_repeats(list(owners.values()))
        row: Row = (
            {"layer": layer} | owners | {"changes": " → ".join(steps) if len(steps) > 1 else ""}
        )
        if self.matrix.catalogue.overlays:
            row["origin"] = self._tell_origins(layer)
        return row

    def _tell_origins(self, layer: str) -> list[str]:
        """Whose cells these are, for those that an overlay says."""
        claims = {id: self.matrix.claims[id][layer] for id in self.matrix.services}
        return [f"{id}: {each.origin}" for id, each in claims.items() if each.origin != CATALOGUE]


def compare(matrix: Matrix, *services: str) -> Comparison:
    """Services side by side over the matrix's layers; two at least, in the order named."""
    if len(set(services)) < 2:
        raise SrmError("a comparison takes two services or more; name another one")
    return Comparison(matrix.select(services=services))


def trace_hands(before: Mapping[str, Claim], after: Mapping[str, Claim]) -> dict[str, set[str]]:
    """What becomes of each layer's work from one service to another: layer -> stops, stays, new.

    `stops`: the customer had work and AWS, or nobody, has it now. `stays`: the customer has it still,
    wholly or in part. `new`: a duty that only the second service brings, since AWS runs it or since
    the work comes back.
    """
    return {layer: _trace_layer(before[layer].cell, claim.cell) for layer, claim in after.items()}


def _trace_layer(before: Cell, after: Cell) -> set[str]:
    had, has = before.owner in WITH_WORK, after.owner in WITH_WORK
    told = {"stops"} if had and not has else set()
    told |= {"stays"} if had and has else set()
    is_other = bool(after.customer_duty) and after.customer_duty != before.customer_duty
    brings = is_other and (after.owner in ("aws", "shared") or not had)
    return told | ({"new"} if brings else set())


def count_owners(matrix: Matrix) -> pd.DataFrame:
    """How many layers each owner holds: one row a service, layer group and owner.

    Columns service, group, owner, layers (int), of (int, the group's layers in this selection).
    """
    groups = {id: matrix.catalogue.layers[id].group for id in matrix.layers}
    sizes = Counter(groups.values())
    rows = []
    for service in matrix.services:
        held = Counter((groups[id], matrix.claims[service][id].cell.owner) for id in groups)
        rows += [
            {"service": service, "group": group, "owner": owner, "layers": held[group, owner],
             "of": sizes[group]}
            for group in sizes
            for owner in OWNERS
            if held[group, owner]
        ]  # fmt: skip
    frame = frame_of(rows, ("service", "group", "owner", "layers", "of"))
    return frame.astype({"layers": int, "of": int})


def _without_repeats(owners: list[str]) -> list[str]:
    return [owner for place, owner in enumerate(owners) if place == 0 or owners[place - 1] != owner]
