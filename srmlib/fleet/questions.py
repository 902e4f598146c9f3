"""Counted resources x the matrix -> answers: one Ibis expression each, for any backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from srmlib.frameworks import ANSWERS, CUSTOMER, INHERITED, NONE, SHARED, THIRD_PARTY

if TYPE_CHECKING:
    from ibis import Table

MOST_URGENT = 1
# One account in so many, and fewer, are few.
FEW = 5
# Where a table has no column of Regions, or a row no Region.
NOT_GIVEN = "not given"


def map_groups(
    groups: Table, words: Table, keys: tuple[str, ...] = ("account", "service")
) -> Table:
    """Groups as counted -> their resources by account, service and more keys; types without a row
    fall out."""
    named = groups.mutate(named=groups.service.fill_null("")).drop("service")
    mapped = named.filter(named.account.notnull()).join(words, ["resource_type", "named"])
    return mapped.group_by(keys).aggregate(resources=mapped.resources.sum().cast("int64"))


def ask_services(groups: Table, words: Table) -> Table:
    """A row an account, Region and service."""
    placed = groups.mutate(region=groups.region.fill_null(NOT_GIVEN))
    keys = ("account", "region", "service")
    return map_groups(placed, words, keys).order_by(keys)


def ask_duties(counts: Table, cells: Table) -> Table:
    """A row an account and duty, most urgent first, with the services that owe it."""
    owed = counts.join(cells, "service")
    grouped = owed.group_by("account", "duty", "layer", "priority", "place").aggregate(
        services=owed.service.collect().sort(), resources=owed.resources.sum().cast("int64")
    )
    ordered = grouped.order_by("account", "priority", "place", "duty")
    return ordered.select("account", "duty", "layer", "priority", "services", "resources")


def ask_accounts(counts: Table, cells: Table) -> Table:
    """A row an account: its duties, the most urgent of them, services and resources."""
    owed = counts.left_join(cells, "service")
    duties = owed.group_by("account").aggregate(
        duties=owed.duty.nunique(),
        most_urgent=owed.duty.nunique(where=owed.priority == MOST_URGENT),
    )
    whole = counts.group_by("account").aggregate(
        services=counts.count(), resources=counts.resources.sum().cast("int64")
    )
    told = duties.join(whole, "account").order_by("account")
    return told.select("account", "duties", "most_urgent", "services", "resources")


def ask_layers(counts: Table, cells: Table) -> Table:
    """A row an account and layer: how many duties are open there."""
    owed = counts.join(cells, "service")
    grouped = owed.group_by("account", "layer", "place").aggregate(duties=owed.duty.nunique())
    return grouped.order_by("account", "place").select("account", "layer", "duties")


def ask_teams(counts: Table, assigned: Table) -> Table:
    """A row an account and team: the duties that it does, answers for, and the most urgent ones."""
    owed = counts.join(assigned, "service")
    does = owed.role == "responsible"
    grouped = owed.group_by("account", "team").aggregate(
        responsible=owed.duty.nunique(where=does),
        accountable=owed.duty.nunique(where=~does),
        most_urgent=owed.duty.nunique(where=does & (owed.priority == MOST_URGENT)),
    )
    return grouped.order_by("account", "team")


def ask_controls(counts: Table, owners: Table, controls: Table) -> Table:
    """A row an account and control: who answers for it, by the rule of `frameworks.answer`."""
    accounts = counts.select("account").distinct()
    held = counts.join(owners, "service")
    held = held.select("account", "layer", "owner").distinct()
    asked = accounts.cross_join(controls).left_join(held, ["account", "layer"])
    grouped = asked.group_by("account", "control", "place", "side").aggregate(
        **{name.replace("-", "_"): (asked.owner == name).fill_null(False).max()
           for name in ("aws", "shared", "customer", "third-party")}
    )  # fmt: skip
    answered = grouped.mutate(owner=_answer(grouped)).order_by("account", "place")
    return answered.select("account", "control", "owner")


def _answer(held: Table) -> Any:
    import ibis

    others = held.aws | held.shared | held.third_party
    return ibis.cases(
        (held.side == "each", SHARED),
        (held.side == "customer", CUSTOMER),
        (held.customer & ~others, CUSTOMER),
        (held.customer | held.shared, SHARED),
        (held.aws, INHERITED),
        (held.third_party, THIRD_PARTY),
        else_=NONE,
    )


def ask_framework(answered: Table) -> Table:
    """A row an account: how many controls have which answer."""
    counted = answered.group_by("account").aggregate(
        **{name: (answered.owner == name).sum().cast("int64") for name in ANSWERS},
        of=answered.count(),
    )
    return counted.order_by("account")


def ask_outliers(counts: Table, steps: Table) -> Table:
    """A row an account, ladder and service that few accounts of the ladder leave so little to AWS."""
    used = counts.join(steps, "service")
    first = used.group_by("ladder", "account").aggregate(first=used.place.min())
    of = first.group_by("ladder").aggregate(of=first.count())
    reach = steps.join(first, [steps.ladder == first.ladder, steps.place >= first.first])
    reach = reach.group_by("ladder", "place").aggregate(accounts=reach.account.nunique())
    found = used.join(reach, ["ladder", "place"]).join(of, "ladder")
    found = found.filter(found.self_run | (found.accounts * FEW <= found.of))
    managed = used.select(ladder2="ladder", place2="place", instead="service").distinct()
    beside = found.left_join(
        managed, [found.ladder == managed.ladder2, found.place < managed.place2]
    )
    keys = ("account", "service", "resources", "ladder", "accounts", "of")
    grouped = beside.group_by(*keys).aggregate(instead=beside.instead.collect().sort())
    return grouped.order_by("accounts", "ladder", "account", "service")


def ask_trend(newer: Table, older: Table, keys: list[str]) -> Table:
    """What came, went and changed in number: both tables have the keys and `resources`."""
    import ibis

    before = older.select(*keys, before=older.resources)
    after = newer.select(*keys, after=newer.resources)
    both = after.outer_join(before, keys)
    told = both.select(
        **{key: ibis.coalesce(both[key], both[f"{key}_right"]) for key in keys},
        before=both.before.fill_null(0),
        after=both.after.fill_null(0),
    )
    change = ibis.cases(
        (told.before == 0, "came"), (told.after == 0, "went"),
        (told.after > told.before, "grew"), else_="shrank",
    )  # fmt: skip
    moved = told.filter(told.before != told.after).mutate(change=change)
    return moved.select(*keys, "change", "before", "after").order_by(*keys)
