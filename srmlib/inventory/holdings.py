"""A reading with the catalogue's words for it -> Inventory: each type with its service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from srmlib.inventory.kin import Kin, find_kin
from srmlib.inventory.resources import MARKETPLACE, NO_TYPE_NAME, Reading
from srmlib.inventory.ways import Decision, Setting, decide
from srmlib.inventory.words import Table, Words

INVENTORY_COLUMNS = ("file", "format", "status", "resource_type", "service", "count", "family")
# In these tables' files stand types of other providers too; their names tell.
MIXED = {"terraform", "cloudformation"}
AWS_PREFIXES = ("aws_", "awscc_", "AWS::")


class ResourceCount(msgspec.Struct, frozen=True):
    """Resources of one type that run as one service."""

    resource_type: str
    service: str
    count: int


class Unmapped(msgspec.Struct, frozen=True):
    """AWS resources that no row of the matrix answers for; `family` is known for most types."""

    resource_type: str
    count: int
    family: str | None = None


class ForeignCount(msgspec.Struct, frozen=True):
    """Resources of another provider."""

    resource_type: str
    count: int


class Inventory(msgspec.Struct, frozen=True):
    """What one file holds; `settings` are the file's own that move an owner.

    `digest` is the file's SHA-256 in hexadecimal, where it was asked for.
    """

    file: str
    format: str
    resources: tuple[ResourceCount, ...]
    unmapped: tuple[Unmapped, ...]
    not_aws: tuple[ForeignCount, ...]
    assumed: tuple[str, ...]
    unseen: tuple[str, ...]
    settings: tuple[Setting, ...] = ()
    digest: str = ""


def list_inventory(inventories: Iterable[Inventory]) -> list[dict[str, Any]]:
    """One row a file, status, type and service, in the columns of INVENTORY_COLUMNS."""
    rows: list[dict[str, Any]] = []
    for each in inventories:
        head = {"file": each.file, "format": each.format}
        for status in ("resources", "unmapped", "not_aws"):
            for found in getattr(each, status):
                known = msgspec.structs.asdict(found)
                rows.append(
                    dict.fromkeys(INVENTORY_COLUMNS) | head
                    | {"status": "mapped" if status == "resources" else status} | known
                )  # fmt: skip
    return rows


def make_inventory(name: str, reading: Reading, words: Words) -> Inventory:
    """What a file holds, by the tables its types stand in and the rules of ways.yaml."""
    table = words.read_table(*reading.tables)
    _sort_sold(reading, words, table)
    decision = decide(reading, words.ways, table.services)
    kin = {type: _find_kin(type, words, table) for type in reading.counts}
    unmapped: Counter[str] = Counter()
    mapped: Counter[tuple[str, str]] = Counter()
    foreign: Counter[str] = Counter(reading.foreign)
    for (type, service), count in _count_services(reading, decision, table, kin).items():
        if service in words.services:
            mapped[type, service] += count
        else:
            (unmapped if _is_aws(type, reading) else foreign)[type] += count
    unseen = list(reading.unseen)
    if NO_TYPE_NAME in reading.counts:
        unseen.append("a type that is no type name is counted as not AWS's")
    return Inventory(
        file=name,
        format=reading.format,
        resources=tuple(ResourceCount(t, s, n) for (t, s), n in sorted(mapped.items())),
        unmapped=tuple(
            Unmapped(t, n, table.families.get(t) or kin[t].family)
            for t, n in sorted(unmapped.items())
        ),
        not_aws=tuple(ForeignCount(t, n) for t, n in sorted(foreign.items())),
        assumed=(*reading.assumed, *decision.assumed, *_tell_kin(kin, words)),
        unseen=tuple(unseen),
        settings=tuple(each for each in decision.settings if each.service in words.services),
    )


def _count_services(
    reading: Reading, decision: Decision, table: Table, kin: Mapping[str, Kin]
) -> Counter[tuple[str, str]]:
    """Each type with what it runs as: by the rules, else by the tables, else by its like."""
    found: Counter[tuple[str, str]] = Counter()
    for type, count in reading.counts.items():
        decided = {key: n for key, n in decision.services.items() if key[0] == type}
        row = type if type in reading.rows else kin[type].service or ""
        found.update(decided or {(type, table.services.get(type) or row): count})
    return found


def _sort_sold(reading: Reading, words: Words, table: Table) -> None:
    """Products of AWS Marketplace count where the catalogue knows them; others are not AWS's.

    Their names are the sellers', also of private offers, and stay untold.
    """
    for name, count in reading.sold.items():
        if name in table.services or _find_kin(name, words, table).service:
            reading.add_name(name, count)
        else:
            reading.foreign[MARKETPLACE] += count


def _find_kin(type: str, words: Words, table: Table) -> Kin:
    """What is known of a type by its like; of a type in the tables nothing needs guessing."""
    if type in table.services or type == NO_TYPE_NAME:
        return Kin("", None, None)
    found = find_kin(type, table.ordered, table.families, table.services, words.ways)
    return found or Kin("", None, None)


def _tell_kin(kin: Mapping[str, Kin], words: Words) -> Iterator[str]:
    for type, each in sorted(kin.items()):
        if each.service in words.services:
            yield each.tell(type)


def _is_aws(type: str, reading: Reading) -> bool:
    """A reader of AWS's own words tells itself what is foreign; elsewhere the name tells."""
    if type == NO_TYPE_NAME:
        return False
    is_mixed = bool(MIXED & set(reading.tables)) and "arn" not in reading.tables
    return type.startswith(AWS_PREFIXES) or not is_mixed
