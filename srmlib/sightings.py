"""What each kind of input shows of a workload (declared, observed, billed), and where they disagree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from srmlib.catalogue import Catalogue
from srmlib.inventory import Inventory
from srmlib.inventory.words import Table, load_words
from srmlib.matrix import Row

# What a format is a view of. Files of one view add up; files of several show the same things.
VIEWS = {
    "declared": ("terraform-state", "terraform-show", "terraform-source", "cloudformation", "cdk-out"),
    "observed": ("aws-config", "tagging-api", "resource-explorer", "resource-groups", "csv"),
    "billed": ("cost-and-usage", "focus", "cost-explorer"),
}  # fmt: skip
BILLED = "billed"  # Its numbers are line items; the other views count resources.
SIGHTING_COLUMNS = ("service", *VIEWS, "disagreement")
# The tables of mapping/ in which the words of a view stand: what they lack, it can never show.
WORDS = {
    "declared": ("terraform", "cloudformation"),
    "observed": ("arn", "cloudformation", "config"),
    "billed": ("billing", "service_names"),
}
# Bills have a word for them and most workloads owe nothing: a template without third-party types, a
# network without public addresses or gateways, public certificates, ECS on one's own instances.
# By the pricing pages of AWS CloudFormation, Amazon VPC, AWS Certificate Manager and Amazon ECS.
MOSTLY_FREE = {"acm", "cloudformation", "ecs-ec2", "vpc"}
REASONS = {
    "declared": "made by hand, by another team or by AWS, or their templates are not among the files",
    "observed": "not made yet, gone, or not recorded there",
    "billed": "not used in the bill's time, free, or billed to another account",
}
NAMED = 12  # services that a line names; the frame has all of them


def find_view(format: str) -> str:
    """The view that a format gives of a workload."""
    return next(view for view, formats in VIEWS.items() if format in formats)


def count_by_view(inventories: Iterable[Inventory]) -> dict[str, Counter[str]]:
    """What each view shows of each service, in the order of VIEWS; a view without a file has no key."""
    counts: dict[str, Counter[str]] = {}
    for each in inventories:
        shown = counts.setdefault(find_view(each.format), Counter())
        for found in each.resources:
            shown[found.service] += found.count
    return {view: counts[view] for view in VIEWS if view in counts}


def count_held(inventories: Iterable[Inventory]) -> dict[str, int]:
    """How many resources run as each service in use: the most that any view shows.

    0 where only a bill shows the service: it tells that it is used, never how many there are.
    """
    held: dict[str, int] = {}
    for view, shown in count_by_view(inventories).items():
        for service, count in shown.items():
            held[service] = max(held.get(service, 0), 0 if view == BILLED else count)
    return held


def list_sightings(inventories: Iterable[Inventory], catalogue: Catalogue) -> list[Row]:
    """One row a service in use, in the columns of SIGHTING_COLUMNS; none with one view alone.

    The number that each view shows, None where no file gives that view; `disagreement` is empty where
    they agree.
    """
    counts = count_by_view(inventories)
    if len(counts) < 2:
        return []
    used = {service for shown in counts.values() for service in shown}
    words = load_words(catalogue.folders)
    tables = {view: words.read_table(*WORDS[view]) for view in counts}
    return [
        {"service": id}
        | {view: counts[view][id] if view in counts else None for view in VIEWS}
        | {"disagreement": "; ".join(_compare(id, counts, catalogue, tables))}
        for id in catalogue.services
        if id in used
    ]


def _compare(
    service: str,
    counts: Mapping[str, Mapping[str, int]],
    catalogue: Catalogue,
    tables: Mapping[str, Table],
) -> Iterator[str]:
    """Where the views disagree about a service, one phrase each."""
    shown = [view for view in counts if counts[view].get(service)]
    missing = []
    for view in counts:
        if view in shown or not _can_show(view, service, catalogue, tables[view]):
            continue
        others = _find_others(service, view, shown, counts, catalogue)
        if others:
            yield f"{view} as {', '.join(others)}"
        else:
            missing.append(view)
    if missing:
        yield f"{' and '.join(shown)}, not {' or '.join(missing)}"
    numbers = [f"{counts[view][service]} {view}" for view in shown if view != BILLED]
    if len({counts[view][service] for view in shown if view != BILLED}) > 1:
        yield ", ".join(numbers)


def _can_show(view: str, service: str, catalogue: Catalogue, table: Table) -> bool:
    """Whether the view has any word for the service or for its AWS service; a bill, also a price."""
    if view == BILLED and service in MOSTLY_FREE:
        return False
    families = set(catalogue.services[service].families)
    return service in table.services.values() or bool(families & set(table.families.values()))


def _find_others(
    service: str,
    view: str,
    shown: list[str],
    counts: Mapping[str, Mapping[str, int]],
    catalogue: Catalogue,
) -> list[str]:
    """Other ways of running the same AWS service that the view shows.

    They count only beside a bill, whose words name the AWS service and not the way: Aurora is
    billed as RDS. Templates and snapshots name the way, so there another one is a difference.
    """
    if view != BILLED and shown != [BILLED]:
        return []
    families = set(catalogue.services[service].families)
    return [
        id
        for id in catalogue.services
        if counts[view].get(id) and families & set(catalogue.services[id].families)
    ]


def tell_sightings(rows: Iterable[Row]) -> Iterator[str]:
    """Services that one view shows and another does not, one line for each way to disagree.

    Numbers that differ are left to the frame: one file counts a bucket's policy, the other does not.
    """
    grouped: dict[str, list[str]] = {}
    for row in rows:
        for phrase in row["disagreement"].split("; "):
            if ", not " in phrase:
                grouped.setdefault(phrase, []).append(row["service"])
    for phrase in sorted(grouped, key=lambda each: (not each.endswith("declared"), each)):
        services, missing = grouped[phrase], phrase.rpartition(", not ")[2].split(" or ")
        reasons = [REASONS[view] for view in (missing[:1] if "declared" in missing else missing)]
        more = len(services) - NAMED
        named = ", ".join(services[:NAMED]) + (f" and {more} more" if more > 0 else "")
        yield f"{phrase}: {named} ({'; '.join(reasons)})"
