"""Files, folders and globs -> tables of an embedded DuckDB, and one line for each bad file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srmlib.catalogue import PathLike
from srmlib.errors import SrmError
from srmlib.fleet.items import Item, NoItemsError, read_items
from srmlib.fleet.tables import BY_REGION, KEYS, count_rows

if TYPE_CHECKING:
    from ibis import Table

GROUPS, ITEMS = "counted", "items"
PARQUET, CSV, CONFIG = "Parquet", "csv", "Config"
ENDINGS = {
    ".parquet": PARQUET, ".csv": CSV, ".csv.gz": CSV, ".json": CONFIG, ".json.gz": CONFIG,
}  # fmt: skip


def take_paths(connection: Any, paths: Iterable[PathLike]) -> tuple[list[Table], list[str]]:
    """Count what paths hold into the table GROUPS: the tables that were counted, and the faults."""
    connection.create_table(GROUPS, schema=dict.fromkeys(KEYS, "string") | {"resources": "int64"})
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
        if form == PARQUET:
            from pyarrow import ArrowInvalid, parquet

            try:
                schema = parquet.read_schema(file)
            except (ArrowInvalid, OSError):
                faults.append(_tell_broken(file, form))
                continue
            folders = tuple(part.partition("=")[0] for part in file.parent.parts if "=" in part)
            alike[folders, tuple(zip(schema.names, map(str, schema.types), strict=True))].append(
                file
            )
        elif form == CSV:
            alike[_read_head(file)].append(file)
    return alike.values()


def _read_head(file: Path) -> bytes:
    import gzip

    opened = gzip.open if file.suffix.lower() == ".gz" else open
    try:
        with opened(file, "rb") as lines:
            return bytes(lines.readline(10_000))
    except (OSError, EOFError):
        return b""


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
    return connection.read_csv(paths, header=True, all_varchar=True)


def _tell_broken(file: Path, form: str) -> str:
    """Without the line: DuckDB's own words repeat what stands in it."""
    if form == PARQUET:
        return f"{file.name}: is no Parquet file, or a broken one; copy it again"
    return (
        f"{file.name}: is no csv that can be read; every line needs as many values as the first has "
        f"names, and a column count whole numbers"
    )


def _take_items(connection: Any, files: Mapping[Path, bool], faults: list[str]) -> Iterator[Table]:
    """Config files as one table: a resource counts once, however many of them hold it.

    What AWS Config did not write is a fault where it `is_named`, and left alone in a folder.
    """
    import pyarrow

    if not files:
        return
    connection.create_table(ITEMS, schema=dict.fromkeys(Item._fields, "string"))
    for file, is_named in files.items():
        try:
            columns = list(zip(*read_items(file), strict=True))
        except SrmError as error:
            faults += [str(error)] if is_named or not isinstance(error, NoItemsError) else []
            continue
        if columns:
            text = [pyarrow.array(each, pyarrow.string()) for each in columns]
            connection.insert(ITEMS, pyarrow.table(dict(zip(Item._fields, text, strict=True))))
    counted = count_rows(connection.table(ITEMS).distinct(), BY_REGION)
    table = connection.create_table(f"{ITEMS}_{GROUPS}", counted)
    connection.raw_sql(f"DROP TABLE {ITEMS}")
    connection.insert(GROUPS, count_rows(table))
    yield table
