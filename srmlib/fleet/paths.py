"""Files, folders and globs -> tables of an embedded DuckDB, and one line for each bad file."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from glob import glob
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srmlib.data_files import PathLike
from srmlib.errors import SrmError
from srmlib.fleet.items import Item, NoItemsError, read_items
from srmlib.fleet.tables import BY_REGION, KEYS, count_rows, make_arrow
from srmlib.inventory.limits import tell_comma

if TYPE_CHECKING:
    from ibis import Table

GROUPS, ITEMS = "counted", "items"
KINDS = dict.fromkeys(Item._fields, "string") | {
    "time": "float64", "is_deleted": "boolean", "file": "int64",
}  # fmt: skip
BATCH = 100_000
PARQUET, CSV, CONFIG = "Parquet", "csv", "Config"
ENDINGS = {
    ".parquet": PARQUET, ".csv": CSV, ".csv.gz": CSV, ".json": CONFIG, ".json.gz": CONFIG,
}  # fmt: skip


def take_paths(connection: Any, paths: Iterable[PathLike]) -> tuple[list[Table], list[str]]:
    """Count what paths hold into the table GROUPS: the tables that were counted, and the faults."""
    make_groups(connection)
    faults: list[str] = []
    forms: dict[Path, str] = {}
    named = {path for path in map(Path, paths) if path.is_file()}
    for path in map(Path, paths):
        found = dict(_list_files(path))
        faults += [] if found else [f"{path.name}: {_tell_absent(path)}"]
        forms |= found
    tables: list[Table] = []
    for files in _list_alike(forms, faults):
        tables += _take_files(connection, files, forms[files[0]], faults)
    config = {file: file in named for file, form in forms.items() if form == CONFIG}
    return [*tables, *_take_items(connection, config, faults)], faults


def make_groups(connection: Any) -> Any:
    """The connection, with the empty table GROUPS."""
    connection.create_table(GROUPS, schema=dict.fromkeys(KEYS, "string") | {"resources": "int64"})
    return connection


def _list_files(path: Path) -> Iterator[tuple[Path, str]]:
    """Each file that is meant, with its form."""
    if path.is_dir():
        meant = sorted(each for each in path.rglob("*") if each.is_file())
    elif path.exists():
        meant = [path]
    else:
        found = glob(str(path), recursive=True)  # noqa: PTH207 - Path.glob takes no absolute pattern
        meant = sorted(map(Path, found))
    for each in meant:
        ending = "".join(each.suffixes[-2:] if each.suffix == ".gz" else each.suffixes[-1:]).lower()
        if ending in ENDINGS:
            yield each, ENDINGS[ending]


def _tell_absent(path: Path) -> str:
    if not path.exists():
        return "no such file; check the path"
    what = "holds no file" if path.is_dir() else "is no file"
    return f"{what} that fleet reads; give {', '.join(ENDINGS)}"


def _list_alike(forms: Mapping[Path, str], faults: list[str]) -> Iterable[list[Path]]:
    """Files with the same columns are read together."""
    alike: dict[object, list[Path]] = defaultdict(list)
    for file, form in forms.items():
        if form == CONFIG:
            continue
        columns = _read_schema(file) if form == PARQUET else _read_head(file)
        if columns:
            alike[form, columns].append(file)
        else:
            faults.append(_tell_broken(file, form))
    return alike.values()


def _read_schema(file: Path) -> tuple[str, ...]:
    """A Parquet file's columns, and those that the names of its folders stand for."""
    from pyarrow import ArrowInvalid, parquet

    try:
        schema = parquet.read_schema(file)
    except (ArrowInvalid, OSError):
        return ()
    folders = [part.partition("=")[0] for part in file.parent.parts if "=" in part]
    return (
        *folders,
        *(f"{name} {type}" for name, type in zip(schema.names, schema.types, strict=True)),
    )


def _read_head(file: Path) -> str:
    """The first line of a csv, or nothing where it cannot be read."""
    opened = gzip.open if file.suffix.lower() == ".gz" else open
    try:
        with opened(file, "rb") as lines:
            return lines.readline(10_000).decode("utf-8-sig").strip()
    except (OSError, EOFError, UnicodeDecodeError):
        return ""


def _take_files(connection: Any, files: list[Path], form: str, faults: list[str]) -> list[Table]:
    """All in one go; where one of them is broken further on, one by one, so that the rest counts."""
    import duckdb

    try:
        table = _scan(connection, files, form)
        connection.insert(GROUPS, count_rows(table))
        return [table]
    except SrmError as error:
        faults += [f"{file.name}: {error}" for file in files]
        return []
    except duckdb.Error:
        if len(files) == 1:
            faults.append(_tell_broken(files[0], form))
            return []
    return [each for file in files for each in _take_files(connection, [file], form, faults)]


def _scan(connection: Any, files: list[Path], form: str) -> Table:
    paths = [str(file) for file in files]
    if form == PARQUET:
        return connection.read_parquet(paths)
    head = _read_head(files[0])
    comma = tell_comma(head)
    names = next(csv.reader([head], delimiter=comma))
    # Not left to DuckDB's guess, which takes a broken line for another kind of csv.
    return connection.read_csv(
        paths, columns=dict.fromkeys(names, "VARCHAR"), header=True, delim=comma, quote='"',
        auto_detect=False,
    )  # fmt: skip


def _tell_broken(file: Path, form: str) -> str:
    """Without the line: DuckDB's own words repeat what stands in it."""
    if form == PARQUET:
        return f"{file.name}: is no Parquet file, or a broken one; copy it again"
    return (
        f"{file.name}: is no csv that can be read; every line needs as many values as the first has "
        f"names, and a column count whole numbers"
    )


def _take_items(connection: Any, files: Mapping[Path, bool], faults: list[str]) -> Iterator[Table]:
    """Config files as one table: a resource counts once, as the newest item in any of them has it.

    What AWS Config did not write is a fault where it `is_named`, and left alone in a folder.
    """
    if not files:
        return
    connection.create_table(ITEMS, schema=KINDS)
    whole = []
    for place, (file, is_named) in enumerate(files.items()):
        try:
            for batch in _list_batches(file, place):
                connection.insert(ITEMS, batch)
            whole.append(place)
        except SrmError as error:
            faults += [str(error)] if is_named or not isinstance(error, NoItemsError) else []
    items = connection.table(ITEMS)
    items = items.filter(items.file.isin(whole))  # None of a file that breaks off.
    newest = items.group_by("account_id", "region", "resource_type", "resource_id").aggregate(
        is_deleted=items.is_deleted.argmax(items.time)
    )
    counted = count_rows(newest.filter(~newest.is_deleted), BY_REGION)
    table = connection.create_table(f"{ITEMS}_{GROUPS}", counted)
    connection.raw_sql(f"DROP TABLE {ITEMS}")
    connection.insert(GROUPS, count_rows(table))
    yield table


def _list_batches(file: Path, place: int) -> Iterator[Any]:
    """A file's items in parts, so that memory does not grow with it."""
    items = read_items(file)
    while part := [(*each, place) for each in islice(items, BATCH)]:
        yield make_arrow(part, KINDS)
