"""Which row of the matrix a table's resource types run as: the only place that reads the mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from srmlib.catalogue import Catalogue
from srmlib.inventory.kin import find_kin
from srmlib.inventory.resources import NO_TYPE_NAME
from srmlib.inventory.words import Table, Words, load_words

TABLES = ("terraform", "cloudformation", "config", "arn")
UNMAPPED_COLUMNS = ("resource_type", "family", "count")
TYPE_NAME = re.compile(r"[A-Za-z][\w-]*(:{1,2}[\w@./-]+)*")
OF_AWS = re.compile(r"AWS::|aws(cc)?_|[a-z0-9-]+:[a-z]")


class Named(NamedTuple):
    """A type, and the service that the table itself names for its resources ("" where none)."""

    resource_type: str
    named: str


class Meaning(NamedTuple):
    """What each type runs as (None: no row), what was assumed, and what has no row."""

    services: Mapping[Named, str | None]
    assumed: tuple[str, ...]
    unmapped: tuple[dict[str, object], ...]


def find_meaning(counts: Mapping[Named, int], catalogue: Catalogue) -> Meaning:
    """The service of each type in use: the table's own word for it, else the mapping's.

    Attributes are not in a table, so where ways.yaml asks for one its default is taken.
    """
    words = load_words(catalogue.folders)
    table = words.read_table(*TABLES)
    services: dict[Named, str | None] = {}
    told: list[str] = []
    lost: dict[str, tuple[str | None, int]] = {}
    for each, count in sorted(counts.items()):
        service, family, doubt = _find_service(each, words, table)
        services[each] = service
        told += [doubt] if doubt and service else []
        if service is None:
            name = _tell_type(each.resource_type)
            lost[name] = family, lost.get(name, (None, 0))[1] + count
    rows: list[dict[str, object]] = [
        dict(zip(UNMAPPED_COLUMNS, (name, family, count), strict=True))
        for name, (family, count) in sorted(lost.items(), key=lambda item: -item[1][1])
    ]
    return Meaning(services, tuple(dict.fromkeys(told)), tuple(rows))


def _find_service(each: Named, words: Words, table: Table) -> tuple[str | None, str | None, str]:
    """The service and the family of a type, and what was assumed."""
    type = each.resource_type
    family = table.families.get(type) or None
    if each.named in words.services:
        return each.named, family, ""
    way = words.ways.get(type)
    if way and way.default in words.services:
        what = way.asks or "a setting"
        doubt = f"{type}: {what} not in the table, taken for {way.default}" if way.rules else ""
        return way.default, family, doubt
    if table.services.get(type) in words.services:
        return table.services[type], family, ""
    kin = None
    if type not in table.services and OF_AWS.match(type):
        kin = find_kin(type, table.ordered, table.families, table.services, words.ways)
    if kin and kin.service in words.services:
        return kin.service, kin.family, kin.tell(type)
    return None, family or (kin.family if kin else None), ""


def _tell_type(type: str) -> str:
    """What is no type name may be anything, and is not repeated."""
    return type if TYPE_NAME.fullmatch(type) and len(type) <= 200 else NO_TYPE_NAME
