"""The table of a bill, csv or Parquet of any size: its columns, and its lines counted by a few of them."""

from __future__ import annotations

import csv
import io
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from srmlib.errors import SrmError
from srmlib.inventory.documents import PARQUET, Document, find_mark
from srmlib.inventory.limits import LONGEST, read_lines, tell_comma
from srmlib.inventory.resources import Paths, Reading, Resource

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Fields = Mapping[str, tuple[str, ...]]
MEMORY = "512MB"
PATTERN = frozenset("*?[")  # a path with one of these is a glob to DuckDB
DAMAGED = "is a damaged Parquet file; fetch it again"
NOT_RESOURCES = "a bill counts lines, not resources, and has none for what AWS does not meter"


def read_columns(document: Document) -> tuple[str, ...]:
    """The names of the columns, in order; none where the document is no table."""
    if document.head.startswith(PARQUET):
        with _open_parquet(document) as (connection, path):
            found = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [path])
            return tuple(row[0] for row in found.fetchall())
    head = document.head.decode("utf-8", "replace")
    try:
        return tuple(
            next(csv.reader(io.StringIO(head, newline=""), delimiter=tell_comma(head)), ())
        )
    except csv.Error:
        return ()


def count_lines(
    document: Document, fields: Fields, simplify: Callable[[str], str]
) -> Iterator[tuple[dict[str, str], int]]:
    """Each distinct line of a bill, as text by field, and how many lines read so.

    A field is the first of its columns that the table has, by the column's simplified name, and
    empty where it has none. No other column is read: memory grows with what is distinct in these.
    """
    places: dict[str, int] = {}
    for place, name in enumerate(document.columns):
        places.setdefault(simplify(name), place)
    found = {
        field: next(places[name] for name in names if name in places)
        for field, names in fields.items()
        if not places.keys().isdisjoint(names)
    }
    count = _count_parquet if document.head.startswith(PARQUET) else _count_csv
    for row, number in count(document, tuple(found.values())).items():
        yield dict.fromkeys(fields, "") | dict(zip(found, row, strict=False)), number


def add_lines(
    reading: Reading, type: str, values: Mapping[str, str], number: int, wanted: Mapping[str, Paths]
) -> None:
    """Count lines of one product, with the values that ways.yaml asks about."""
    told = reading.add_name(type, number)
    if told in wanted:
        known = tuple((values[path],) if values.get(path) else () for path in wanted[told])
        reading.asked[Resource(told, "", known)] += number


def tell_left_out(number: int) -> list[str]:
    """What the reader of an inventory has to know of each bill."""
    lines = f"{number} line{'s' * (number > 1)} of tax, credit, discount or commitment"
    show = "shows" if number == 1 else "show"
    return [f"{lines} {show} no usage: left out"] * bool(number) + [NOT_RESOURCES]


@contextmanager
def open_rows(document: Document) -> Iterator[Iterator[list[str]]]:
    """The rows of a csv table, its head first and blank ones passed over."""
    head = document.head.decode("utf-8", "replace")
    # A quote that is never closed ends here.
    before = csv.field_size_limit(LONGEST)
    try:
        with document.open() as stream:
            mark, encoding = find_mark(stream.peek(4))
            stream.read(len(mark))
            text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
            rows = csv.reader(read_lines(text), delimiter=tell_comma(head))
            try:
                yield filter(None, rows)
            except (csv.Error, IndexError):
                raise SrmError(
                    f"has a damaged row near line {rows.line_num}; fetch or export it again"
                ) from None
            finally:
                text.detach()
    finally:
        csv.field_size_limit(before)


def _count_csv(document: Document, places: Sequence[int]) -> Counter[tuple[str, ...]]:
    with open_rows(document) as rows:
        next(rows, None)
        # The first place stands twice: of one place alone, itemgetter makes no tuple.
        return Counter(map(itemgetter(*places, places[0]), rows))


def _count_parquet(document: Document, places: Sequence[int]) -> Counter[tuple[str, ...]]:
    with _open_parquet(document) as (connection, path):
        found = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [path]).fetchall()
        cells = ", ".join(_write_cell(*found[place][:2]) for place in places)
        # The names of columns are all that is not bound, and quoted.
        counted = f"SELECT {cells}, count(*) FROM read_parquet(?) GROUP BY ALL"  # noqa: S608
        rows = connection.execute(counted, [path]).fetchall()
        # A damaged file may hold an absent value where its own statistics say there is none.
        return Counter({tuple(cell or "" for cell in row[:-1]): row[-1] for row in rows})


def _write_cell(name: str, kind: str) -> str:
    """A column as text in SQL, a map as the JSON that it is in a csv file."""
    quoted = '"' + name.replace('"', '""') + '"'
    text = f"to_json({quoted})" if kind.startswith(("MAP", "STRUCT")) else quoted
    return f"coalesce(CAST({text} AS VARCHAR), '')"


@contextmanager
def _open_parquet(document: Document) -> Iterator[tuple[DuckDBPyConnection, str]]:
    """A database in memory, and the path of the file in words that it does not take for a glob."""
    import duckdb

    with TemporaryDirectory() as folder:
        settings: dict[str, Any] = {
            "memory_limit": MEMORY, "temp_directory": folder,
            "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
        }  # fmt: skip
        with duckdb.connect(config=settings) as connection:
            try:
                yield connection, _find_path(document, Path(folder))
            except duckdb.Error:
                raise SrmError(DAMAGED) from None


def _find_path(document: Document, folder: Path) -> str:
    if document.path.is_file() and not PATTERN & set(str(document.path)):
        with document.path.open("rb") as file:
            if file.read(len(PARQUET)) == PARQUET:
                return str(document.path)
    copy = folder / "bill.parquet"
    with document.open() as stream, copy.open("wb") as file:
        shutil.copyfileobj(stream, file)
    return str(copy)
