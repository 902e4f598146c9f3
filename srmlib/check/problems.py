"""Every problem in a data folder, each its own line."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from srmlib.catalogue import load_catalogue
from srmlib.check.cells import check_models, check_services
from srmlib.check.folder import Folder, Problem, read_folder
from srmlib.check.lists import check_frameworks, check_ladders, check_sources, check_ways
from srmlib.check.tables import check_mapping, check_tables, check_unmapped
from srmlib.check.upkeep import find_neglect
from srmlib.data_files import PathLike, find_data
from srmlib.errors import SrmError


def find_problems(
    directory: PathLike | None = None, today: datetime.date | None = None
) -> list[Problem]:
    """Every fault of a data folder (the catalogue's own by default) or of an overlay over it."""
    path = Path(directory) if directory else find_data()
    if not path.is_dir():
        raise SrmError(f"{path}: no such folder; name a folder in the form of data/")
    folder = read_folder(path)
    check_tables(folder)
    check_sources(folder)
    check_models(folder)
    check_services(folder)
    check_ways(folder)
    check_ladders(folder)
    check_frameworks(folder)
    check_mapping(folder)
    check_unmapped(folder)
    day = today or datetime.date.today()
    _check_dates(folder, day)
    _check_whole(folder, day)
    return sorted(set(folder.problems))


def _check_dates(folder: Folder, today: datetime.date) -> None:
    for name, tree in folder.trees.items():
        for key, value in _walk_dates(tree, ""):
            try:
                is_future = datetime.date.fromisoformat(value) > today
            except ValueError:
                folder.report(name, key, f"{value!r} is no date", "use a date as 2026-01-31")
                continue
            if is_future:
                folder.report(name, key, f"{value} is in the future", "use the day it was read")


def _walk_dates(tree: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            inner = f"{key}.{name}" if key else str(name)
            if name in ("read", "as_of", "verified", "since") and isinstance(value, str):
                if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
                    yield inner, value
            else:
                yield from _walk_dates(value, inner)


def _check_whole(folder: Folder, today: datetime.date) -> None:
    """What shows only when all files are held together."""
    if not folder.problems:
        try:
            if folder.is_overlay:
                load_catalogue(None, folder.path)
            else:
                folder.problems += find_neglect(load_catalogue(folder.path), today)
        except SrmError as error:
            folder.report_error(str(error).partition(":")[0], error)
    if not folder.is_overlay:
        for id in sorted(folder.sources - folder.cited):
            folder.report("sources.yaml", id, "is cited nowhere", "cite it or remove it")
