"""What every report of an organisation tells: its head, its numbers and its tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from srmlib.export.edition import Edition, Head, name_catalogue
from srmlib.export.sheets import Column
from srmlib.fleet import Fleet
from srmlib.matrix import Row

LIMITS = (
    "Accounts are held against the matrix by the types of their resources. What a setting moves is not "
    "seen, nor what runs on a bare machine. Priority 1 is worst if nobody does it, 5 least."
)


class Section(NamedTuple):
    """One table of a report: what it shows, in a sentence, and its columns and rows."""

    title: str
    told: str
    columns: tuple[Column, ...]
    rows: list[Row]


ACCOUNTS = (
    Column("account", "Account", 16), Column("duties", "Duties", 9),
    Column("most_urgent", "Of priority 1", 13), Column("services", "Services", 10),
    Column("resources", "Resources", 12),
)  # fmt: skip
DUTIES = (
    Column("priority", "Priority", 9), Column("layer", "Layer", 20), Column("text", "What to do", 70),
    Column("accounts", "Accounts", 10), Column("resources", "Resources", 12),
    Column("services", "Services", 40), Column("duty", "Duty", 28),
)  # fmt: skip
SERVICES = (
    Column("service", "Service", 30), Column("accounts", "Accounts", 10),
    Column("resources", "Resources", 12),
)  # fmt: skip
OUTLIERS = (
    Column("account", "Account", 16), Column("service", "Runs", 28), Column("resources", "Resources", 12),
    Column("ladder", "Ladder", 22), Column("accounts", "So few accounts", 16), Column("of", "Of", 8),
    Column("instead", "Others use", 50),
)  # fmt: skip
TEAMS = (
    Column("account", "Account", 16), Column("team", "Team", 24),
    Column("responsible", "Does", 9), Column("accountable", "Answers for", 12),
    Column("most_urgent", "Does of priority 1", 18),
)  # fmt: skip
UNMAPPED = (
    Column("resource_type", "Type", 50), Column("family", "Family", 24),
    Column("count", "Resources", 12),
)  # fmt: skip
BY_ACCOUNT = (
    Column("account", "Account", 16), Column("priority", "Priority", 9), Column("layer", "Layer", 22),
    Column("duty", "Duty", 36), Column("services", "Services", 50), Column("resources", "Resources", 12),
)  # fmt: skip
PLACES = (
    Column("account", "Account", 16), Column("region", "Region", 18),
    Column("service", "Service", 30), Column("resources", "Resources", 12),
)  # fmt: skip


def head_of_fleet(fleet: Fleet, edition: Edition) -> Head:
    """What was asked, when and by which catalogue."""
    accounts = fleet.summary.partition(",")[0]
    title = f"What an organisation of {accounts} owes"
    return Head(title, edition.date, name_catalogue(fleet.base.catalogue), None)


def list_numbers(fleet: Fleet) -> list[tuple[str, str]]:
    """Number and what it counts, for the top of a report."""
    owed = fleet.accounts["duties"]
    return [
        (str(len(owed)), "accounts with resources that have a row"),
        (str(len(fleet.matrix.services)), "services in use"),
        (f"{owed.min()} to {owed.max()}", "duties an account"),
        (str(len(fleet.outliers["account"].unique())), "accounts do themselves what most leave to AWS"),
    ]  # fmt: skip


def list_sections(fleet: Fleet) -> Iterator[Section]:
    """The tables that people read: a row an account, a duty, a service; never an account x a duty."""
    yield Section("Accounts", "What each account runs and owes.", ACCOUNTS, fleet.rows())
    yield Section(
        "Outliers", "Accounts that do themselves what most accounts leave to AWS.",
        OUTLIERS, fleet.answer("outliers").rows(),
    )  # fmt: skip
    if fleet.assigned:
        rows = fleet.answer("by_team").rows()
        yield Section(
            "Teams", "Who has the duties, and where nobody has accepted them.", TEAMS, rows
        )
    rows = fleet.answer("by_duty").rows()
    yield Section("Duties", "Each duty once, with the accounts that have it.", DUTIES, rows)
    yield Section(
        "Services", "What is in use, and in how many accounts.", SERVICES, _sum_services(fleet)
    )
    if fleet.meaning.unmapped:
        rows = fleet.answer("unmapped").rows()
        yield Section("Types without a row", "Nobody answers for these here.", UNMAPPED, rows)


def list_long_sections(fleet: Fleet) -> Iterator[Section]:
    """What a spreadsheet filters: a row an account and duty, and one an account, Region and service."""
    told = "Each account's own duties, most urgent first."
    yield Section("Duties by account", told, BY_ACCOUNT, fleet.answer("duties").rows())
    told = "Where each account runs what."
    yield Section("Services by Region", told, PLACES, fleet.answer("services").rows())


def _sum_services(fleet: Fleet) -> list[Row]:
    counted = fleet.counts.group_by("service").aggregate(
        accounts=fleet.counts.account.nunique(),
        resources=fleet.counts.resources.sum().cast("int64"),
    )
    rows: list[Row] = counted.to_pyarrow().to_pylist()
    return sorted(rows, key=lambda row: (-row["accounts"], row["service"]))
