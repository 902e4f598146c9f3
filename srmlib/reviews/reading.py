"""A workload's files -> Review."""

from __future__ import annotations

from collections.abc import Iterable

from srmlib.catalogue import load_catalogue
from srmlib.data_files import PathLike, list_paths
from srmlib.errors import SrmError
from srmlib.frameworks import find_controls
from srmlib.inventory import read_paths
from srmlib.matrix import Matrix, make_matrix
from srmlib.records import ReviewRecord, check_date, read_record
from srmlib.reviews.reviews import Review


def review(
    paths: PathLike | Iterable[PathLike],
    *,
    matrix: Matrix | None = None,
    record: PathLike | ReviewRecord | None = None,
    date: str | None = None,
    framework: str | None = None,
    column: str | None = None,
    data: PathLike | None = None,
    overlay: PathLike | Iterable[PathLike] = (),
) -> Review:
    """Hold files or folders against the matrix; SrmError where a file is unreadable or empty of AWS.

    `record` is what people decided before; `date` (2026-01-31) is shown in place of the record's;
    `framework` adds to each duty the controls that are about its layer; `column` names a table's
    column of ARNs, types or services.
    """
    listed = list_paths(paths)
    made = review_readable(
        listed,
        matrix=matrix,
        record=record,
        date=date,
        framework=framework,
        column=column,
        data=data,
        overlay=overlay,
    )
    if made.faults:
        raise SrmError("; ".join(made.faults))
    return made


def review_readable(
    paths: Iterable[PathLike],
    *,
    matrix: Matrix | None = None,
    record: PathLike | ReviewRecord | None = None,
    date: str | None = None,
    framework: str | None = None,
    column: str | None = None,
    data: PathLike | None = None,
    overlay: PathLike | Iterable[PathLike] = (),
) -> Review:
    """As `review`, but what cannot be read stands in `faults` while the rest is answered."""
    decided = record if isinstance(record, ReviewRecord) or record is None else read_record(record)
    shown = check_date(date) or (decided.date if decided else None)
    base = matrix or make_matrix(load_catalogue(data, overlay))
    folders = base.catalogue.folders
    inventories, faults = read_paths(paths, folders[0], folders[1:], digest=True, column=column)
    holding = []
    for each in inventories:
        if each.resources or each.unmapped:
            holding.append(each)
        else:
            faults.append(f"{each.file}: holds no AWS resource; give a file that does")
    if framework is not None:
        find_controls(base.catalogue, framework)  # A wrong name is told before anything is shown.
    return Review(tuple(holding), base, tuple(faults), decided, shown, framework=framework)
