"""Rows of resources -> counted groups: the one heavy expression, run where the rows lie."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srmlib.errors import SrmError

if TYPE_CHECKING:
    from ibis import Table

# The names that tables in use give to a column, without case, spaces, hyphens and underscores.
SPELLINGS = {
    "account": ("accountid", "awsaccountid", "owningaccountid", "account", "awsaccount"),
    "region": ("region", "awsregion"),
    "resource_type": ("resourcetype", "type"),
    "service": ("service",),
    "resources": ("count", "resourcecount", "resources"),
}
NEEDED = {"account": "account_id", "resource_type": "resource_type"}
KEYS = ("account", "resource_type", "service")
BY_REGION = (*KEYS, "region")
# Of the gigabyte that an answer may take; what does not fit DuckDB puts into a temporary folder.
MEMORY = "600MB"
NO_IBIS = "fleet needs Ibis and DuckDB, which are not installed; run `pip install 'srmlib[fleet]'`"


def open_duckdb() -> Any:
    """An embedded DuckDB with room to spare on disk, and nothing fetched from outside."""
    try:
        import ibis

        connection = ibis.duckdb.connect(
            memory_limit=MEMORY, preserve_insertion_order=False, autoinstall_known_extensions=False,
            temp_directory=str(Path(tempfile.gettempdir(), f"srmlib-fleet-{os.getpid()}")),
        )  # fmt: skip
    except ImportError:
        raise SrmError(NO_IBIS) from None
    # It would stand in the middle of what a command prints.
    connection.raw_sql("SET enable_progress_bar = false")
    return connection


def find_table(connection: Any, name: str) -> Table:
    """A table of any Ibis connection; SrmError where it is missing or lacks the columns."""
    import ibis

    try:
        table = connection.table(name)
        find_columns(table)
    except ibis.common.exceptions.TableNotFound:
        raise SrmError(f"{name}: the connection has no such table; name one that it has") from None
    except SrmError as error:
        raise SrmError(f"{name}: {error}") from None
    return table


def find_columns(table: Table) -> dict[str, str]:
    """What each of SPELLINGS is called in a table, for those that it has; SrmError without NEEDED."""
    plain = {re.sub(r"[ _-]", "", name.lower()): name for name in reversed(table.columns)}
    found = {
        key: next((plain[each] for each in spelt if each in plain), None)
        for key, spelt in SPELLINGS.items()
    }
    if missing := [name for key, name in NEEDED.items() if found[key] is None]:
        raise SrmError(
            f"has no column {' and '.join(missing)}; name its columns account_id, region and "
            f"resource_type"
        )
    return {key: name for key, name in found.items() if name is not None}


def count_rows(table: Table, keys: Iterable[str] = KEYS) -> Table:
    """How many resources a table has of each account, type and named service, and Region if asked.

    One row of it is one resource, or as many as its column `count` says.
    """
    import ibis

    names = find_columns(table)
    asked = list(keys)
    grouped = table.group_by(**{key: table[names[key]] for key in asked if key in names})
    number = table.count()
    if "resources" in names:
        number = table[names["resources"]].cast("int64").sum()
    counted = grouped.aggregate(resources=number.cast("int64"))
    # Only now: what every row has in common would cost as much as another column.
    text = {
        key: _as_text(counted[key], key) if key in names else ibis.null("string") for key in asked
    }
    return counted.select(**text, resources=counted.resources)


def count_sources(sources: Iterable[Table], keys: Iterable[str] = KEYS) -> Table:
    """The same over several tables of one connection together."""
    asked = list(keys)
    whole = reduce(
        lambda one, other: one.union(other), (count_rows(each, asked) for each in sources)
    )
    return whole.group_by(asked).aggregate(resources=whole.resources.sum().cast("int64"))


def make_arrow(rows: list[tuple[Any, ...]], schema: Mapping[str, str]) -> Any:
    """Rows as an Arrow table of columns with these kinds; without rows it has its kinds all the same."""
    import pyarrow

    kinds = {
        "string": pyarrow.string(), "float64": pyarrow.float64(), "int64": pyarrow.int64(),
        "boolean": pyarrow.bool_(),
    }  # fmt: skip
    columns = list(zip(*rows, strict=True)) or [() for _ in schema]
    arrays = [
        pyarrow.array(each, kinds[kind])
        for each, kind in zip(columns, schema.values(), strict=True)
    ]
    return pyarrow.table(dict(zip(schema, arrays, strict=True)))


def _as_text(column: Any, key: str) -> Any:
    """Text, or nothing where it is empty.

    A table that keeps account ids as numbers has lost the zeros that they begin with.
    """
    text = column.cast("string")
    if key == "account" and column.type().is_integer():
        text = text.lpad(12, "0")
    return text.nullif("")
