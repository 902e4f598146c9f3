"""Counted resources of an organisation x Matrix -> Fleet: what each account owes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from srmlib.duties import DUTY_COLUMNS, list_duties
from srmlib.errors import SrmError
from srmlib.fleet import questions
from srmlib.fleet.cells import (
    make_controls,
    make_duties,
    make_owners,
    make_steps,
    make_teams,
    make_words,
)
from srmlib.fleet.tables import BY_REGION, count_sources
from srmlib.fleet.words import UNMAPPED_COLUMNS, Meaning
from srmlib.frameworks import ANSWERS
from srmlib.matrix import Matrix, Row, count_noun, frame_of, suggest
from srmlib.teams import Teams

if TYPE_CHECKING:
    import pandas as pd
    from ibis import Table

ACCOUNT_COLUMNS = ("account", "duties", "most_urgent", "services", "resources")
FLEET_DUTY_COLUMNS = ("account", "duty", "layer", "priority", "services", "resources")
FLEET_SERVICE_COLUMNS = ("account", "region", "service", "resources")
FLEET_TEAM_COLUMNS = ("account", "team", "responsible", "accountable", "most_urgent")
FLEET_CONTROL_COLUMNS = ("account", "control", "owner")
FRAMEWORK_COLUMNS = ("account", *ANSWERS, "of")
OUTLIER_COLUMNS = ("account", "service", "resources", "ladder", "accounts", "of", "instead")
TREND_COLUMNS = ("account", "service", "change", "before", "after")
DUTY_TREND_COLUMNS = ("account", "duty", "layer", "priority", "change")
BY_DUTY_COLUMNS = (*DUTY_COLUMNS, "accounts", "resources")
TABLES = ("accounts", "services", "duties", "by_duty", "by_team", "outliers", "unmapped")


@dataclass(frozen=True)
class Fleet:
    """What each account of an organisation runs and owes; made by `read_fleet`.

    `counts` is an Ibis table in the embedded DuckDB: account, service, resources; `sources` are those
    that it was counted from, where they lie.
    """

    base: Matrix
    counts: Table
    sources: tuple[Table, ...]
    meaning: Meaning
    assigned: Teams | None = None
    faults: tuple[str, ...] = ()
    left_out: int = 0

    @cached_property
    def matrix(self) -> Matrix:
        """The services in use anywhere in the organisation."""
        used = set(self.meaning.services.values())
        return self.base.select(services=[id for id in self.base.services if id in used])

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """One row an account: columns of ACCOUNT_COLUMNS, ints; `most_urgent` are duties of priority 1."""
        return _read(questions.ask_accounts(self.counts, self.duty_cells))

    @cached_property
    def services(self) -> pd.DataFrame:
        """One row an account, Region and service in use: columns of FLEET_SERVICE_COLUMNS.

        The only answer that reads the sources again, for their Regions.
        """
        import ibis

        groups = ibis.memtable(count_sources(self.sources, BY_REGION).to_pyarrow())
        return _read(questions.ask_services(groups, make_words(self.meaning.services)))

    @cached_property
    def duties(self) -> pd.DataFrame:
        """One row an account and duty, most urgent first: columns of FLEET_DUTY_COLUMNS.

        The ids are those of a review; `services` (list) are the account's that owe it, `resources` theirs.
        `by_duty` has the words.
        """
        return _read(questions.ask_duties(self.counts, self.duty_cells))

    @cached_property
    def layers(self) -> pd.DataFrame:
        """One row an account and layer with open duties: account, layer, duties (int)."""
        return _read(questions.ask_layers(self.counts, self.duty_cells))

    @cached_property
    def by_duty(self) -> pd.DataFrame:
        """The duties of the whole organisation, one row a duty as in `Review.duties`, with the number
        of accounts that have it and of their resources: columns of BY_DUTY_COLUMNS."""
        owed = self.duties.groupby("duty")[["account", "resources"]]
        held = owed.agg({"account": "count", "resources": "sum"}).astype(object)
        rows = [
            row | {"accounts": held.at[row["duty"], "account"]}
            | {"resources": held.at[row["duty"], "resources"]}
            for row in list_duties(self.matrix)
        ]  # fmt: skip
        return frame_of(rows, BY_DUTY_COLUMNS)

    @cached_property
    def by_team(self) -> pd.DataFrame:
        """One row an account and team: how many duties it does, answers for, and does of priority 1.

        Columns of FLEET_TEAM_COLUMNS; the team GAP has what nobody accepted. SrmError without teams.
        """
        if self.assigned is None:
            raise SrmError("no teams are known; name their file: teams='teams.yaml', or --teams")
        teams = make_teams(self.matrix, self.assigned)
        return _read(questions.ask_teams(self.counts, teams))

    @cached_property
    def outliers(self) -> pd.DataFrame:
        """Where an account does itself what most leave to AWS: columns of OUTLIER_COLUMNS.

        On a ladder (`srmlib ladders`) one in five at most of the `of` accounts that stand on it,
        `accounts` of them, use this service or one nearer to self-run; `instead` (list) are those
        further along that others use. Self-run patterns, as database-on-ec2, are listed however many have them. A
        bare EC2 instance is none: its type does not tell what runs on it, a column `service` may.
        """
        return _read(questions.ask_outliers(self.counts, make_steps(self.base)))

    @property
    def unmapped(self) -> pd.DataFrame:
        """The types that no row of the matrix answers for: columns of UNMAPPED_COLUMNS."""
        return frame_of(list(self.meaning.unmapped), UNMAPPED_COLUMNS)

    @property
    def assumed(self) -> list[str]:
        """What a table of types does not tell and was taken for granted, one line each."""
        return list(self.meaning.assumed)

    @property
    def warnings(self) -> list[str]:
        """What was assumed, not answered or left out, one line each."""
        told = [f"assumed: {line}" for line in self.assumed]
        if self.meaning.unmapped:
            types = [str(row["resource_type"]) for row in self.meaning.unmapped]
            more = f" and {len(types) - 5} more types" if len(types) > 5 else ""
            total = sum(self.unmapped["count"])
            told.append(
                f"no row yet for {', '.join(types[:5])}{more}: {count_noun(total, 'resource')} not answered for"
            )
        if self.left_out:
            told.append(f"{count_noun(self.left_out, 'resource')} without account or type left out")
        return told

    @property
    def summary(self) -> str:
        """How large the organisation is, and how much it owes."""
        duties = len(self.duties["duty"].unique())
        return (
            f"{count_noun(len(self.accounts), 'account')}, {count_noun(len(self.matrix.services), 'service')}, "
            f"{count_noun(duties, 'duty', 'duties')}"
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `accounts`."""
        return ACCOUNT_COLUMNS

    def rows(self) -> list[Row]:
        """The rows of `accounts` as plain dicts."""
        return self.answer("accounts").rows()

    def controls(self, framework: str) -> pd.DataFrame:
        """Who answers for each control of a framework in each account: FLEET_CONTROL_COLUMNS.

        `owner` is one of those of `Review.controls`, over the account's services. No legal advice.
        """
        return _read(self._ask_controls(framework))

    def by_framework(self, framework: str) -> pd.DataFrame:
        """One row an account: how many controls have which answer, of how many: FRAMEWORK_COLUMNS."""
        return _read(questions.ask_framework(self._ask_controls(framework)))

    def trend(self, older: Fleet) -> pd.DataFrame:
        """What came, went, grew or shrank since an older snapshot: columns of TREND_COLUMNS.

        One row an account and service whose number of resources differs; `before` and `after` are ints.
        """
        import ibis

        before = ibis.memtable(older.counts.to_pyarrow())
        return _read(questions.ask_trend(self.counts, before, ["account", "service"]))

    def trend_duties(self, older: Fleet) -> pd.DataFrame:
        """The duties that came or went since an older snapshot: columns of DUTY_TREND_COLUMNS."""
        keys = ["account", "duty", "layer", "priority"]
        moved = questions.ask_trend(_copy_duties(self), _copy_duties(older), keys)
        asked = moved.filter(moved.change.isin(["came", "went"]))
        return _read(asked.select(*DUTY_TREND_COLUMNS).order_by("account", "priority", "duty"))

    def answer(
        self, name: str = "accounts", *, framework: str | None = None, since: Fleet | None = None
    ) -> FleetAnswer:
        """One of TABLES to write: `srm.write(fleet.answer("duties"), "duties.csv")`.

        With `framework` it is `by_framework`, with `since` the trend of services or of duties.
        """
        if name not in TABLES:
            raise SrmError(f"{name!r} is no table of a fleet; {suggest(name, TABLES)}")
        if framework and since:
            raise SrmError("a framework's controls have no trend; ask for one of the two")
        if since and name not in ("accounts", "services", "duties"):
            raise SrmError(f"{name} has no trend; ask for services or duties")
        if framework:
            return FleetAnswer(self, self.by_framework(framework))
        if since:
            trend = self.trend_duties if name == "duties" else self.trend
            return FleetAnswer(self, trend(since))
        return FleetAnswer(self, getattr(self, name))

    @cached_property
    def duty_cells(self) -> Table:
        """Every customer duty of the services in use, as an Ibis table to join with."""
        return make_duties(self.matrix)

    def _ask_controls(self, framework: str) -> Table:
        controls = make_controls(self.base, framework)
        owners = make_owners(self.matrix)
        return questions.ask_controls(self.counts, owners, controls)


@dataclass(frozen=True)
class FleetAnswer:
    """One table of a fleet to write; what is more than a table is written of the whole fleet."""

    fleet: Fleet
    table: pd.DataFrame

    @property
    def summary(self) -> str:
        """The fleet's own."""
        return self.fleet.summary

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the table's columns."""
        return tuple(self.table.columns)

    def rows(self) -> list[Row]:
        """The table's rows as plain dicts."""
        return [
            {str(key): value for key, value in row.items()} for row in self.table.to_dict("records")
        ]


def _copy_duties(fleet: Fleet) -> Table:
    """A fleet's duties without their lists, for a question to another fleet's connection."""
    import ibis

    asked = questions.ask_duties(fleet.counts, fleet.duty_cells)
    return ibis.memtable(asked.drop("services").to_pyarrow())


def _read(asked: Table) -> pd.DataFrame:
    """An answer as a frame; lists as lists."""
    table = asked.to_pyarrow()
    frame = table.to_pandas()
    for name in table.schema.names:
        if str(table.schema.field(name).type).startswith("list"):
            frame[name] = table[name].to_pylist()
    return frame
