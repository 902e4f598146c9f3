"""What if some resources ran as another service: moves, what they make of an inventory, what is unlike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from srmlib.catalogue import Catalogue
from srmlib.errors import SrmError
from srmlib.inventory import Inventory
from srmlib.inventory.holdings import ResourceCount
from srmlib.ladders import find_ladders, list_unlike
from srmlib.matrix import suggest
from srmlib.sightings import BILLED, count_by_view, count_held, find_view

FORM = re.compile(r"([a-z0-9-]+)=([a-z0-9-]+)(?::(\d+))?")
Target = str | tuple[str, int]


@dataclass(frozen=True)
class Move:
    """From one service to another: all its resources, or as many as `count` says."""

    before: str
    after: str
    count: int | None = None

    def __str__(self) -> str:
        return f"{self.count or 'all'} of {self.before} moved to {self.after}"


def read_move(text: str) -> Move:
    """A move as the command line has it: FROM=TO, or FROM=TO:COUNT."""
    found = FORM.fullmatch(text)
    if not found:
        raise SrmError(f"{text!r} is no move; write it as FROM=TO or FROM=TO:COUNT")
    return Move(found[1], found[2], int(found[3]) if found[3] else None)


def list_moves(moves: Mapping[str, Target] | Iterable[Move]) -> tuple[Move, ...]:
    """Moves from a dict of service to service, or to a pair of service and number of resources."""
    if not isinstance(moves, Mapping):
        return tuple(moves)
    return tuple(
        Move(before, *(target if isinstance(target, tuple) else (target, None)))
        for before, target in moves.items()
    )


def apply_moves(
    inventories: tuple[Inventory, ...], moves: Iterable[Move], known: Iterable[str]
) -> tuple[Inventory, ...]:
    """The inventories as if the moves were made, all at once; SrmError where one cannot be.

    Several views of the workload show the same resources: a move is made in each of them. A bill
    counts none, so a service leaves it when all of it moves.
    """
    wanted = list(moves)
    held = count_held(inventories)
    _check_moves(wanted, held, list(known))
    asked = Counter[str]()
    for move in wanted:
        asked[move.before] += move.count or held[move.before]
    gone = {before for before, count in asked.items() if count == held[before]}
    left = {
        view: _share_out(wanted, view, shown, gone)
        for view, shown in count_by_view(inventories).items()
    }
    return tuple(_move(each, left[find_view(each.format)], gone) for each in inventories)


def _share_out(
    wanted: list[Move], view: str, shown: Mapping[str, int], gone: set[str]
) -> Counter[Move]:
    """How many of a view's numbers each move takes; line items of a bill all go the first way."""
    left = Counter[Move]()
    for move in wanted:
        count = shown.get(move.before, 0)
        if view == BILLED:
            is_first = all(other.before != move.before for other in left)
            left[move] += count if is_first and move.before in gone else 0
        else:
            left[move] += move.count or count
    return left


def _check_moves(moves: list[Move], held: Mapping[str, int], known: list[str]) -> None:
    if not moves:
        raise SrmError("no move is given; name one, as ec2=ecs-fargate")
    asked = Counter[str]()
    for move in moves:
        if move.before not in held:
            raise SrmError(f"{move.before!r} is not in this workload; {suggest(move.before, held)}")
        if move.after not in known:
            raise SrmError(f"{move.after!r} is no service; {suggest(move.after, known)}")
        if move.after == move.before or (move.count is not None and move.count < 1):
            raise SrmError(
                f"{move.before}={move.after} moves nothing; name another service and one resource at least"
            )
        if move.count and not held[move.before]:
            raise SrmError(
                f"{move.before}: a bill alone shows it, and no number of resources; move all of it"
            )
        asked[move.before] += move.count or held[move.before]
        if asked[move.before] > held[move.before]:
            raise SrmError(
                f"{move.before}: {asked[move.before]} resources are to move, "
                f"and the workload has {held[move.before]}; move fewer"
            )


def _move(inventory: Inventory, left: Counter[Move], gone: set[str]) -> Inventory:
    """One file's share of the moves; `left` is what they still have to take, and is taken from."""
    counts = Counter[tuple[str, str]]()
    for found in inventory.resources:
        rest = found.count
        for move in [move for move in left if move.before == found.service]:
            taken = min(left[move], rest)
            left[move] -= taken
            rest -= taken
            counts[found.resource_type, move.after] += taken
        counts[found.resource_type, found.service] += rest
    resources = tuple(
        ResourceCount(type, service, count)
        for (type, service), count in sorted(counts.items())
        if count
    )
    # What a file sets for a service that is left tells nothing of the one that follows.
    settings = tuple(each for each in inventory.settings if each.service not in gone)
    return msgspec.structs.replace(inventory, resources=resources, settings=settings)


def doubt_moves(catalogue: Catalogue, moves: Iterable[Move]) -> Iterator[str]:
    """Where a move is not like for like, one line each."""
    for move in moves:
        pair = (move.before, move.after)
        if not find_ladders(catalogue, *pair):
            yield (
                f"{move.before} to {move.after} is not like for like: they stand on no common "
                f"ladder, so nothing here says that the one can do the work of the other"
            )
        for step in list_unlike(catalogue, pair):
            page = catalogue.sources[step.source or ""].url
            yield f"{move.before} to {move.after} is not like for like: {step.unlike} ({page})"
        if catalogue.services[move.after].lifecycle != "active":
            lifecycle = catalogue.services[move.after].lifecycle
            yield f"{move.after} is {lifecycle}: nothing new can be made there"
        if move.count:
            yield (
                f"which {move.count} of {move.before} move is not told by the files; settings seen "
                f"there stay with the rest"
            )
