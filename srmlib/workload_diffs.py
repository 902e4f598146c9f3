"""What came, went and changed hands between two versions of a workload."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from srmlib.catalogue import load_catalogue
from srmlib.data_files import PathLike
from srmlib.diffs import (
    CAME,
    COUNTED,
    DIFF_COLUMNS,
    GONE,
    MOVED,
    NEW,
    REWORDED,
    WENT,
    Difference,
    compare_folders,
    is_data_folder,
)
from srmlib.duties import trace_fates
from srmlib.errors import SrmError
from srmlib.ladders import find_ladders
from srmlib.matrix import Matrix, Row, make_matrix
from srmlib.snapshots import Hands, Side, Snapshot, take_snapshot

WORKLOAD_COLUMNS = (*DIFF_COLUMNS, "id", "priority", "services")
NO_DUTY = (
    "no duty"  # An export of a review does not tell AWS's layers from those that do not exist.
)


def find_differences(
    old: PathLike, new: PathLike, data: PathLike | None = None, overlay: Iterable[PathLike] = ()
) -> Difference:
    """What is different between two data folders, or between two workloads; both as they are found."""
    folders = [is_data_folder(each) for each in (old, new)]
    if all(folders):
        return compare_folders(old, new)
    if any(folders):
        named = Path(new if folders[0] else old).name
        raise SrmError(f"{named}: is no data folder, and the other one is; give two of a kind")
    if str(old) == str(new) == "-":
        raise SrmError("-: standard input is one of the two; name a file for the other")
    return compare_workloads(old, new, data=data, overlay=overlay)


def compare_workloads(
    old: Side,
    new: Side,
    *,
    matrix: Matrix | None = None,
    data: PathLike | None = None,
    overlay: PathLike | Iterable[PathLike] = (),
) -> Difference:
    """What came, went and changed hands from one version of a workload to the next.

    Each side is a review, a review's .json, or files and folders as `review` takes them. One row a
    difference, in WORKLOAD_COLUMNS. `change`: came, went, number changed (of a service; `before` and
    `after` count resources), changed hands (of a layer; owners), duty new, duty gone, duty reworded.
    `service` is empty for duties, whose `services` (list) may be many. SrmError where a side cannot
    be read as a whole.
    """
    base = matrix or make_matrix(load_catalogue(data, overlay))
    before, after = take_snapshot(old, base), take_snapshot(new, base)
    found = (
        *_list_services(before, after),
        *_list_moved(before, after, base),
        *_list_duties(before, after),
    )
    return Difference(before.name, after.name, found, WORKLOAD_COLUMNS)


def _list_services(old: Snapshot, new: Snapshot) -> Iterator[Row]:
    """Services that one side has alone, and those with another number of resources."""
    yield from (
        _make_row(CAME, id, after=new.counts[id]) for id in new.counts if id not in old.counts
    )
    yield from (
        _make_row(WENT, id, before=old.counts[id]) for id in old.counts if id not in new.counts
    )
    for id, count in new.counts.items():
        if id in old.counts and old.counts[id] != count:
            yield _make_row(COUNTED, id, before=old.counts[id], after=count)


def _list_moved(old: Snapshot, new: Snapshot, matrix: Matrix) -> Iterator[Row]:
    """Layers with another owner: of a service that stays, and from one to what takes its place."""
    stays = [(id, id) for id in new.counts if id in old.counts]
    for before, after in [*stays, *_pair_services(old, new, matrix)]:
        for layer in matrix.layers:
            was, now = old.hands.get((before, layer)), new.hands.get((after, layer))
            if (was and now) or _has_duty(was) or _has_duty(now):
                yield from _compare_hands(before, after, layer, was, now)


def _pair_services(old: Snapshot, new: Snapshot, matrix: Matrix) -> Iterator[tuple[str, str]]:
    """A service that went with each that came and stands on a ladder with it: it does the same work."""
    for went in (id for id in old.counts if id not in new.counts):
        for came in (id for id in new.counts if id not in old.counts):
            if find_ladders(matrix.catalogue, went, came):
                yield went, came


def _has_duty(hands: Hands | None) -> bool:
    return hands is not None and bool(hands.duty)


def _compare_hands(
    before: str, after: str, layer: str, was: Hands | None, now: Hands | None
) -> Iterator[Row]:
    owner_before, owner_after = (each.owner if each else NO_DUTY for each in (was, now))
    if owner_before == owner_after:
        return
    service = after if before == after else f"{before} to {after}"
    duty, pages = (now.duty, now.sources) if now else (None, [])
    yield _make_row(MOVED, service, layer, owner_before, owner_after, duty, pages)


def _list_duties(old: Snapshot, new: Snapshot) -> Iterator[Row]:
    """Duties that came, most urgent first, then those that went, then those in other words."""
    fates = list(trace_fates(old.duties.values(), new.duties.values()))
    for fate, change in (("added", NEW), ("dropped", GONE), ("kept", REWORDED)):
        for row in (row for row in fates if row["fate"] == fate):
            was = old.duties.get(row["duty"], row)["text"]
            if fate == "kept" and was == row["text"]:
                continue
            yield _make_row(
                change, None, row["layer"], was if fate == "kept" else None, None, row["text"],
                [each["url"] for each in row["sources"] or []],
            ) | {"id": row["duty"], "priority": row["priority"], "services": row["services"]}  # fmt: skip


def _make_row(
    change: str,
    service: str | None,
    layer: str | None = None,
    before: str | int | None = None,
    after: str | int | None = None,
    duty: str | None = None,
    sources: list[str] | None = None,
) -> Row:
    values = (change, service, layer, before, after, duty, sources or [])
    services = service.split(" to ") if service else []
    return dict(zip(DIFF_COLUMNS, values, strict=True)) | {
        "id": None, "priority": None, "services": services,
    }  # fmt: skip
