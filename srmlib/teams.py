"""The customer's half split among teams: who does the work, who answers for it, and the gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srmlib.data_files import PathLike, convert, read_yaml
from srmlib.errors import SrmError
from srmlib.matrix import Matrix, Row, frame_of, suggest
from srmlib.schema import WITH_WORK, Id, Record, Text

if TYPE_CHECKING:
    import pandas as pd

SPLIT_COLUMNS = ("service", "layer", "owner", "responsible", "accountable", "duty")
LOAD_COLUMNS = ("team", "responsible", "accountable", "of")
# What stands where nobody has accepted a duty.
GAP = "GAP"
FORM = "docs/teams.md shows the form"


class Assignment(Record, frozen=True, kw_only=True):
    """Who takes the cells that it names: services, layers, layer groups; all where none is named."""

    services: tuple[Id, ...] = ()
    layers: tuple[Id, ...] = ()
    groups: tuple[Text, ...] = ()
    responsible: Id | None = None
    accountable: Id | None = None


class Teams(Record, frozen=True, kw_only=True):
    """Teams by id, and what each has accepted; of two assignments of a cell the later one counts."""

    teams: dict[Id, Text]
    assignments: tuple[Assignment, ...] = ()


@dataclass(frozen=True)
class TeamSplit:
    """A matrix whose cells with customer work have teams; made by `split_work`."""

    matrix: Matrix
    teams: Teams
    held: Mapping[tuple[str, str], tuple[str, str]]

    @property
    def table(self) -> pd.DataFrame:
        """One row a cell with work for the customer: columns of SPLIT_COLUMNS; GAP where nobody is."""
        return frame_of(self.rows(), SPLIT_COLUMNS)

    @property
    def gaps(self) -> pd.DataFrame:
        """The rows of `table` without a responsible or an accountable team."""
        return frame_of([row for row in self.rows() if _is_gap(row)], SPLIT_COLUMNS)

    @property
    def load(self) -> pd.DataFrame:
        """How many cells each team has, and how many nobody: columns of LOAD_COLUMNS (ints)."""
        rows = [
            {"team": name, "of": len(self.held)}
            | {role: sum(each[place] == id for each in self.held.values())
               for place, role in enumerate(("responsible", "accountable"))}
            for id, name in (*self.teams.teams.items(), (GAP, GAP))
        ]  # fmt: skip
        return frame_of(rows, LOAD_COLUMNS)

    @property
    def summary(self) -> str:
        """How many cells with customer work have nobody, as n of N."""
        gaps = sum(GAP in each for each in self.held.values())
        return f"{gaps} of {len(self.held)} cells with customer work have a gap"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `table`."""
        return SPLIT_COLUMNS

    def rows(self) -> list[Row]:
        """The rows of `table` as plain dicts, teams by their names."""
        names = self.teams.teams
        return [
            {"service": service, "layer": layer, "owner": cell.owner, "duty": cell.customer_duty}
            | {"responsible": names.get(responsible, GAP)}
            | {"accountable": names.get(accountable, GAP)}
            for (service, layer), (responsible, accountable) in self.held.items()
            for cell in [self.matrix.claims[service][layer].cell]
        ]


def split_work(what: Any, teams: PathLike | Teams | Mapping[str, Any]) -> TeamSplit:
    """The customer's half of a matrix or a review among teams: a file, or the same as a dict.

    An assignment that names no service, layer or group of the catalogue raises SrmError.
    """
    matrix: Matrix = what if isinstance(what, Matrix) else what.matrix
    known = read_teams(teams)
    check_names(known, matrix)
    held = {
        (service, layer): find_teams(known, matrix, service, layer)
        for service in matrix.services
        for layer in matrix.layers
        if matrix.claims[service][layer].cell.owner in WITH_WORK
    }
    return TeamSplit(matrix, known, held)


def read_teams(teams: PathLike | Teams | Mapping[str, Any]) -> Teams:
    """Teams from a YAML file or a dict; SrmError names the key that is wrong."""
    if isinstance(teams, Teams):
        return teams
    if isinstance(teams, Mapping):
        return convert(dict(teams), Teams, "teams", "", FORM)
    path = Path(teams)
    if not path.is_file():
        raise SrmError(f"{path.name}: no such file; {FORM}")
    return convert(read_yaml(path), Teams, path.name, "", FORM)


def check_names(teams: Teams, matrix: Matrix) -> None:
    """A name that nobody knows would leave a gap where the reader believes there is none."""
    groups = {layer.group for layer in matrix.catalogue.layers.values()}
    known = {"services": matrix.catalogue.services, "layers": matrix.catalogue.layers}
    for number, each in enumerate(teams.assignments, 1):
        for key, names in (*known.items(), ("groups", groups)):
            for name in set(getattr(each, key)) - set(names):
                raise SrmError(
                    f"teams: assignments, number {number}: {key}: {name!r} is not known; "
                    f"{suggest(name, names)}"
                )
        for name in {each.responsible, each.accountable} - {None, *teams.teams}:
            raise SrmError(
                f"teams: assignments, number {number}: {name!r} is no team; "
                f"use {', '.join(teams.teams)}"
            )


def find_teams(teams: Teams, matrix: Matrix, service: str, layer: str) -> tuple[str, str]:
    """The ids of the responsible and the accountable team of a cell, whoever owns it; else GAP."""
    responsible = accountable = GAP
    for each in _list_assignments(teams, matrix, service, layer):
        responsible = each.responsible or responsible
        accountable = each.accountable or accountable
    return responsible, accountable


def _list_assignments(
    teams: Teams, matrix: Matrix, service: str, layer: str
) -> Iterator[Assignment]:
    group = matrix.catalogue.layers[layer].group
    for each in teams.assignments:
        names_layer = layer in each.layers or group in each.groups
        if (not each.services or service in each.services) and (
            names_layer or not (each.layers or each.groups)
        ):
            yield each


def _is_gap(row: Row) -> bool:
    return GAP in (row["responsible"], row["accountable"])
