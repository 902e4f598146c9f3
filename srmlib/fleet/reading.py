"""Files, or a table of another engine, -> Fleet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import TYPE_CHECKING, Any

from srmlib.data_files import PathLike, list_paths
from srmlib.errors import SrmError
from srmlib.fleet.cells import make_words
from srmlib.fleet.fleets import Fleet
from srmlib.fleet.paths import GROUPS, make_groups, take_paths
from srmlib.fleet.questions import map_groups
from srmlib.fleet.tables import count_rows, find_table, open_duckdb
from srmlib.fleet.words import Named, find_meaning
from srmlib.matrix import Matrix, load_matrix
from srmlib.teams import Teams, check_names, read_teams

if TYPE_CHECKING:
    from ibis import Table


def read_fleet(
    paths: PathLike | Iterable[PathLike] = (),
    *,
    matrix: Matrix | None = None,
    teams: PathLike | Teams | Mapping[str, Any] | None = None,
    connection: Any = None,
    table: str | None = None,
) -> Fleet:
    """Count an organisation's resources and hold each account against the matrix.

    `paths` are Parquet, csv and csv.gz tables (account_id, region, resource_type, one row a resource,
    or a column count), snapshots of AWS Config, folders or globs; or `table` is the name of such a
    table in an Ibis `connection` to Spark, Athena or Trino. SrmError where one cannot be read.
    """
    made = read_readable_fleet(
        paths, matrix=matrix, teams=teams, connection=connection, table=table
    )
    if made.faults:
        raise SrmError("; ".join(made.faults))
    return made


def read_readable_fleet(
    paths: PathLike | Iterable[PathLike] = (),
    *,
    matrix: Matrix | None = None,
    teams: PathLike | Teams | Mapping[str, Any] | None = None,
    connection: Any = None,
    table: str | None = None,
) -> Fleet:
    """As `read_fleet`, but what cannot be read stands in `faults` while the rest is answered."""
    if (connection is None) != (table is None):
        raise SrmError("a connection needs the name of its table: connection=..., table='...'")
    listed = list_paths(paths)
    if bool(listed) == bool(table):
        raise SrmError("a fleet is read from paths or from a connection's table; give one of them")
    duckdb = open_duckdb()
    with ThreadPoolExecutor(1) as second:
        # The engine counts for a second or more without Python, which has as much to load.
        loading = second.submit(_load_base, matrix, teams)
        faults: list[str] = []
        if table:
            loading.result()  # A wrong name is told before another engine is asked.
            sources = [find_table(connection, table)]
            make_groups(duckdb).insert(GROUPS, count_rows(sources[0]).to_pyarrow())
        else:
            sources, faults = take_paths(duckdb, listed)
    return _make_fleet(duckdb, *loading.result(), sources, faults)


def _load_base(
    matrix: Matrix | None, teams: PathLike | Teams | Mapping[str, Any] | None
) -> tuple[Matrix, Teams | None]:
    """The matrix and who has its duties, and the library that every answer comes in."""
    import_module("pandas")
    base = matrix or load_matrix()
    assigned = None if teams is None else read_teams(teams)
    if assigned:
        check_names(assigned, base)
    return base, assigned


def _make_fleet(
    duckdb: Any, base: Matrix, assigned: Teams | None, sources: list[Table], faults: list[str]
) -> Fleet:
    groups = duckdb.table(GROUPS)
    types = groups.group_by("resource_type", named=groups.service.fill_null("")).aggregate(
        known=groups.resources.sum(where=groups.account.notnull()).fill_null(0),
        all=groups.resources.sum(),
    )
    rows = types.to_pyarrow().to_pylist()
    kept = {
        Named(row["resource_type"], row["named"]): row["known"]
        for row in rows
        if row["resource_type"] is not None and row["known"]
    }
    if not kept and not faults:
        raise SrmError("no row has an account and a type; give a table or a snapshot that does")
    left_out = sum(row["all"] for row in rows) - sum(kept.values())
    meaning = find_meaning(kept, base.catalogue)
    counts = map_groups(groups, make_words(meaning.services))
    stored = duckdb.create_table("counts", counts)
    return Fleet(base, stored, tuple(sources), meaning, assigned, tuple(faults), left_out)
