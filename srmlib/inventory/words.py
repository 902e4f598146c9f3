"""The catalogue's words for what stands in files, without loading the matrix."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from io import StringIO
from itertools import product
from pathlib import Path

import msgspec

from srmlib.data_files import convert, read_text, read_yaml
from srmlib.errors import SrmError
from srmlib.inventory.resources import Paths
from srmlib.inventory.ways import Way, list_wanted

TABLES = ("terraform", "cloudformation", "config", "arn", "billing", "service_names")
# Cost Explorer's console leaves out the maker where it shows a service.
FILES = {"console_names": "service_names"}


class Table(msgspec.Struct, frozen=True, dict=True):
    """What a vocabulary's types run as, and the AWS service (family) that each belongs to."""

    services: Mapping[str, str]
    families: Mapping[str, str]

    @cached_property
    def ordered(self) -> list[str]:
        """The types in order."""
        return sorted(self.families)


class Words(msgspec.Struct, frozen=True):
    """The rows of the matrix, the rules of ways.yaml and, for them that ask, the mapping.

    `column` is the column of a table that the reader of the file was told to take.
    """

    folders: tuple[Path, ...]
    services: frozenset[str]
    ways: Mapping[str, Way]
    wanted: Mapping[str, Paths]
    column: str | None = None

    def read_table(self, *names: str) -> Table:
        """The named tables of mapping/ as one, those of later folders over earlier ones."""
        return _read_tables(self.folders, names or TABLES)


@lru_cache(maxsize=4)
def load_words(folders: tuple[Path, ...]) -> Words:
    """The services and ways.yaml of the folders; mapping/ is read when a file needs it."""
    ways: dict[str, Way] = {}
    services: set[str] = set()
    for folder in folders:
        services |= {path.stem for path in (folder / "services").glob("*.yaml")}
        if (folder / "ways.yaml").is_file():
            trees = read_yaml(folder / "ways.yaml")
            ways |= {type: convert(tree, Way, "ways.yaml", type) for type, tree in trees.items()}
    return Words(folders, frozenset(services), ways, list_wanted(ways))


@lru_cache(maxsize=16)
def _read_tables(folders: tuple[Path, ...], names: tuple[str, ...]) -> Table:
    services: dict[str, str] = {}
    families: dict[str, str] = {}
    for folder, name in product(folders, names):
        for type, family, service in _read_rows(
            folder / "mapping" / f"{FILES.get(name, name)}.csv"
        ):
            if name == "console_names":
                type = type.removeprefix("Amazon ").removeprefix("AWS ")
            services[type], families[type] = service, family
    return Table(services, families)


def _read_rows(path: Path) -> Iterator[list[str]]:
    if path.is_file():
        rows = csv.reader(StringIO(read_text(path)))
        try:
            next(rows, None)
            for row in rows:
                if len(row) != 3:
                    raise SrmError(f"{path.name}: line {rows.line_num} has not 3 columns; mend it")
                yield row
        except csv.Error:
            raise SrmError(f"{path.name}: has a cell without an end; close its quote") from None
