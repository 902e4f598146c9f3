"""Compare services and count owners by layer group: pure questions from a matrix to frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from srmlib.catalogue import CATALOGUE, Claim
from srmlib.errors import SrmError
from srmlib.ladders import find_ladders, list_unlike
from srmlib.matrix import Matrix, Row, frame_of, suggest
from srmlib.schema import OWNERS, WITH_AWS_WORK, WITH_WORK, Cell, Owner

if TYPE_CHECKING:
    import pandas as pd


STEP_COLUMNS = (
    "before", "after", "layer", "owner_before", "owner_after", "shift", "hands", "duty_before",
    "duty_after", "aws_duty",
)  # fmt: skip
COUNT_COLUMNS = ("before", "after", "to_aws", "shared", "to_you", "of", "summary")
OWNER_COLUMNS = ("service", "group", "owner", "layers", "of")
LIMIT_COLUMNS = ("service", "unlike", "url")
# The word for what becomes of a layer that has another owner after a step.
SHIFTS = {
    "aws": "AWS takes over",
    "shared": "becomes shared",
    "customer": "comes back to you",
    "third-party": "a third party takes over",
    "not-applicable": "falls away",
}


@dataclass(frozen=True)
class Comparison:
    """Services beside each other, first to last; `table` has a row a layer and says what changes.

    `name` is that of the ladder they stand on, where they were taken from one.
    """

    matrix: Matrix
    name: str = ""

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

    @property
    def steps(self) -> pd.DataFrame:
        """What each step changes: one row a step and layer that differs, columns of STEP_COLUMNS.

        `shift` says where the layer goes, or is empty where its owner stays; `hands` (list) says of the
        customer's work that it stops, stays, or is new.
        """
        return frame_of(list(self._list_steps()), STEP_COLUMNS)

    @property
    def counts(self) -> pd.DataFrame:
        """How many layers each step moves: one row a step, columns of COUNT_COLUMNS.

        `to_aws`, `shared` and `to_you` (wholly or in part) are ints, `of` is the number of layers that differ over all
        steps; `summary` tells them in words.
        """
        return frame_of([self._count(*step) for step in self.pairs], COUNT_COLUMNS)

    @property
    def limits(self) -> pd.DataFrame:
        """Where a step is not like for like: service, what it cannot do, the page that says so.

        Services of no common ladder have a row without a page: nothing here says that they are alike.
        """
        return frame_of([row for pair in self.pairs for row in self._limit(*pair)], LIMIT_COLUMNS)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Each service with the one that follows it."""
        return list(pairwise(self.matrix.services))

    @property
    def differing(self) -> tuple[str, ...]:
        """The layers that do not have the same owner everywhere."""
        return tuple(row["layer"] for row in self.rows() if row["changes"])

    def rows(self) -> list[Row]:
        """The rows of `table` as plain dicts."""
        return [self._row(layer) for layer in self.matrix.layers]

    def _list_steps(self) -> Iterator[Row]:
        for before, after in self.pairs:
            old, new = self.matrix.claims[before], self.matrix.claims[after]
            hands = trace_hands(old, new)
            for layer in self.matrix.layers:
                was, now = old[layer].cell, new[layer].cell
                if was.owner != now.owner or "new" in hands[layer]:
                    yield {
                        "before": before, "after": after, "layer": layer,
                        "owner_before": was.owner, "owner_after": now.owner,
                        "shift": name_shift(was.owner, now.owner),
                        "hands": sorted(hands[layer]), "duty_before": was.customer_duty,
                        "duty_after": now.customer_duty, "aws_duty": now.aws_duty,
                    }  # fmt: skip

    def _limit(self, before: str, after: str) -> Iterator[Row]:
        known = self.matrix.catalogue
        if not find_ladders(known, before, after):
            told = (
                f"stands on no common ladder with {before}; whether it can do that work is not said"
            )
            yield {"service": after, "unlike": told, "url": None}
        for step in list_unlike(known, (before, after)):
            url = known.sources[step.source or ""].url
            yield {"service": step.service, "unlike": step.unlike, "url": url}

    def _count(self, before: str, after: str) -> Row:
        old, new = self.matrix.claims[before], self.matrix.claims[after]
        pairs = [(old[layer].cell.owner, new[layer].cell.owner) for layer in self.matrix.layers]
        moved: Counter[str] = Counter(_name_end(was, now) for was, now in pairs if was != now)
        to_aws, shared, to_you = (moved[end] for end in ("aws", "shared", "customer"))
        of = len(self.differing)
        said = _tell_moved(moved) or "no layer changes hands"
        return {
            "before": before, "after": after, "to_aws": to_aws, "shared": shared, "to_you": to_you,
            "of": of, "summary": f"{said}, of the {of} layers that differ here",
        }  # fmt: skip

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


def compare_ladder(matrix: Matrix, ladder: str) -> Comparison:
    """The services of a named ladder side by side, as `compare` does; `matrix.ladders` lists them."""
    known = matrix.catalogue.ladders
    if ladder not in known:
        raise SrmError(f"{ladder!r} is no ladder; {suggest(ladder, known)}")
    services = [step.service for step in known[ladder].steps]
    return replace(compare(matrix, *services), name=known[ladder].name)


def name_shift(before: str, after: str) -> str:
    """Where a layer goes that has another owner after a step; empty where the owner stays."""
    if before == after:
        return ""
    if before == "not-applicable":
        return "AWS adds it" if after == "aws" else "is new"
    return SHIFTS[after]


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
    brings = is_other and (after.owner in WITH_AWS_WORK or not had)
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
    frame = frame_of(rows, OWNER_COLUMNS)
    return frame.astype({"layers": int, "of": int})


def _name_end(before: Owner, after: Owner) -> Owner:
    """To whom a layer goes; what AWS ran and now shares comes to the customer, in part."""
    is_back = after == "shared" and before != "customer"
    return "customer" if is_back else after


def _tell_moved(moved: Mapping[str, int]) -> str:
    """How many layers go where, in words; owners to whom none goes are not named."""
    verbs = {
        "aws": ("AWS takes over {}", "AWS takes over {}"),
        "shared": ("{} becomes shared", "{} become shared"),
        "customer": ("{} comes to you", "{} come to you"),
        "third-party": ("a third party takes over {}", "a third party takes over {}"),
        "not-applicable": ("{} falls away", "{} fall away"),
    }
    told = [verbs[owner][moved[owner] > 1].format(moved[owner]) for owner in verbs if moved[owner]]
    return ", ".join(told)


def _without_repeats(owners: list[str]) -> list[str]:
    return [owner for place, owner in enumerate(owners) if place == 0 or owners[place - 1] != owner]
