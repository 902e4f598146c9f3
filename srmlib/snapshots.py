"""One side of a comparison of workloads: its services, cells and duties, from files or from an export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from srmlib.data_files import PathLike, list_paths
from srmlib.errors import SrmError
from srmlib.inventory import read_paths
from srmlib.inventory.documents import Document
from srmlib.inventory.files import name_of
from srmlib.inventory.json_text import decode_json
from srmlib.matrix import Matrix, Row
from srmlib.reviews import Review, count_resources

# An export of a review is an array of duties; this is the first key of each.
EXPORT_MARK = b'"duty"'
Side = Review | PathLike | Iterable[PathLike]


class Hands(NamedTuple):
    """Who owns a layer of a service, what the customer has to do there, and the pages that say so."""

    owner: str
    duty: str | None
    sources: list[str]


class Snapshot(NamedTuple):
    """A workload at one time: resources by service, hands by service and layer, duties by id.

    An export has no hands where the customer has no duty.
    """

    name: str
    counts: Mapping[str, int]
    hands: Mapping[tuple[str, str], Hands]
    duties: Mapping[str, Row]


@dataclass(frozen=True)
class ExportedDuty:
    """What a review's .json says of one duty."""

    duty: str
    layer: str
    services: list[str]
    text: str | None
    change: str | None
    priority: int | None
    sources: list[dict[str, str]] | None
    held_by: list[str] | None = None
    resources: list[int] | None = None


def take_snapshot(what: Side, matrix: Matrix) -> Snapshot:
    """A side from a review, a review's .json, or files and folders of a workload.

    SrmError where a file cannot be read: half a workload beside a whole one would tell of changes
    that nobody made. A workload without AWS resources is one, too.
    """
    if isinstance(what, Review):
        return _take_review(what)
    paths = list(map(Path, list_paths(what)))
    rows = _read_export(paths[0]) if len(paths) == 1 else None
    if rows is not None:
        return _take_export(name_of(paths[0]), rows)._replace(name=_name(paths))
    folders = matrix.catalogue.folders
    inventories, faults = read_paths(paths, folders[0], folders[1:])
    if faults:
        raise SrmError("; ".join(faults))
    return _take_review(Review(tuple(inventories), matrix))._replace(name=_name(paths))


def _name(paths: Iterable[Path]) -> str:
    return ", ".join("standard input" if str(each) == "-" else name_of(each) for each in paths)


def _take_review(review: Review) -> Snapshot:
    sources = review.matrix.catalogue.sources
    hands = {
        (id, layer): Hands(cell.owner, cell.customer_duty, [sources[each.id].url for each in cell.sources])
        for id, claims in review.matrix.claims.items()
        for layer, (cell, _, _) in claims.items()
    }  # fmt: skip
    duties = {row["duty"]: row for row in review.rows()}
    return Snapshot(review.workload, count_resources(review), hands, duties)


def _read_export(path: Path) -> list[ExportedDuty] | None:
    """The duties in a review's .json, or None where the file is something else."""
    if path.is_dir():
        return None
    document = Document(path)
    try:
        start = document.head.lstrip()[:200]
    except SrmError:
        return None  # The reader of workloads says what is wrong with it.
    if start[:1] != b"[" or EXPORT_MARK not in start:
        return None
    try:
        return decode_json(document.content, list[ExportedDuty])
    except SrmError as error:
        raise SrmError(f"{name_of(path)}: {error}") from None


def _take_export(name: str, rows: Iterable[ExportedDuty]) -> Snapshot:
    counts: dict[str, int] = {}
    hands: dict[tuple[str, str], Hands] = {}
    duties: dict[str, Row] = {}
    for row in rows:
        if row.change == "gone":
            continue
        if row.held_by is None or row.resources is None:
            raise SrmError(
                f"{name}: tells no owners and numbers; write the review again, with this version"
            )
        pages = [each["url"] for each in row.sources or [] if "url" in each]
        for id, owner, count in zip(row.services, row.held_by, row.resources, strict=False):
            counts[id] = count
            hands[id, row.layer] = Hands(owner, row.text, pages)
        duties[row.duty] = dict(vars(row))
    return Snapshot(name, counts, hands, duties)
