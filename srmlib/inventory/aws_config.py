"""AWS Config: snapshots and histories from S3, the CLI's lists and queries, notifications."""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

import msgspec

from srmlib.errors import SrmError
from srmlib.inventory.blocks import without_collector
from srmlib.inventory.config_items import (
    ABSENT,
    Item,
    find_key,
    is_global,
    is_notification,
    list_batches,
)
from srmlib.inventory.documents import Document
from srmlib.inventory.json_text import JSON_ERRORS, tell_json_fault
from srmlib.inventory.resources import Paths, Reading, Resource, Values, pick_any_case

FORMAT = "aws-config"
TABLES = ("cloudformation", "config")


class Seen(msgspec.Struct):
    """The items of one type as numbers, 24 bytes for each: neither ids nor items are kept.

    A key is a 64-bit hash of account, Region and id (that any two of ten million resources share
    one is a chance of 3 in a million). A stamp is the capture time, negative for a deletion.
    """

    is_global: bool
    keys: array[int] = msgspec.field(default_factory=lambda: array("q"))
    stamps: array[float] = msgspec.field(default_factory=lambda: array("d"))
    answers: array[int] = msgspec.field(default_factory=lambda: array("q"))
    known: dict[Values, int] = msgspec.field(default_factory=dict)

    def add(self, items: list[Item], paths: Paths | None) -> None:
        """Take note of items and how they answer; without an id each is a resource of its own."""
        keys, stamps = [], []
        for number, item in enumerate(items, len(self.keys)):
            # As `account` and `identity`, without a call for what nearly every item has.
            account, id = item.file_account or item.account, item.id or item.identity or number
            keys.append(hash((account, "" if self.is_global else item.region, id)))
            time = 1.0 + read_time(item.time)
            stamps.append(-time if item.is_deleted else time)
        self.keys.extend(keys)
        self.stamps.extend(stamps)
        answers = [_pick_wanted(item, paths) for item in items] if paths else [()] * len(items)
        self.answers.extend([self.known.setdefault(each, len(self.known)) for each in answers])

    def count(self) -> Counter[Values]:
        """How many resources answer alike, by the newest item of each; deleted ones do not count."""
        if len(set(self.keys)) == len(self.keys) and min(self.stamps) > 0:
            found = Counter(self.answers)
        else:
            rows = self._find_newest()
            found = Counter(self.answers[row] for row in rows if self.stamps[row] > 0)
        return Counter({values: found[n] for values, n in self.known.items() if found[n]})

    def _find_newest(self) -> Iterable[int]:
        newest: dict[int, int] = {}
        for row, key in enumerate(self.keys):
            known = newest.setdefault(key, row)
            if (abs(self.stamps[row]), row) > (abs(self.stamps[known]), known):
                newest[key] = row
        return newest.values()


def sniff(document: Document) -> bool:
    """The array of one of Config's files or commands, or a notification with an item."""
    return find_key(document) is not None or is_notification(document)


@without_collector()
def read(document: Document, wanted: Mapping[str, Paths]) -> Reading:
    """Count distinct resources by account, Region, type and id, as the newest item of each has it."""
    reading = Reading(FORMAT, TABLES)
    seen: dict[str, Seen] = {}
    nameless = 0
    for batch in list_batches(document, reading.unseen):
        by_type: defaultdict[str, list[Item]] = defaultdict(list)
        for item in batch:
            if item.number is None or item.id or not item.type:
                by_type[item.type or ""].append(item)
            else:  # The row of a query that counts.
                values = _pick_wanted(item, wanted.get(item.type, ()))
                _add(reading, item.type, values, item.number, wanted)
        nameless += len(by_type.pop("", ()))
        for type, items in by_type.items():
            if type not in seen:
                seen[type] = Seen(is_global(type))
            seen[type].add(items, wanted.get(type))
    for type, each in seen.items():
        for values, count in each.count().items():
            _add(reading, type, values, count, wanted)
    _tell_nameless(reading, nameless)
    return reading


def _add(
    reading: Reading, type: str, values: Values, count: int, wanted: Mapping[str, Paths]
) -> None:
    reading.add(type, count)
    if type in wanted:
        reading.asked[Resource(type, "", values)] += count


def _tell_nameless(reading: Reading, count: int) -> None:
    if count and not reading.counts:
        raise SrmError("names no resource type; select resourceType and resourceId in the query")
    if count:
        reading.unseen.append(f"entries without a resource type are not counted: {count}")


@lru_cache(maxsize=1024)
def read_time(time: str | float | None) -> float:
    """Seconds since 1970, zero where no time is told."""
    if not isinstance(time, str):
        return time or 0.0
    try:
        read = datetime.fromisoformat(time)
    except ValueError:
        return 0.0
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def _pick_wanted(item: Item, paths: Paths) -> Values:
    """The values asked for, whichever way the configuration spells and packs them."""
    decode = _configuration_decoder(paths).decode
    try:
        known = None if item.configuration is ABSENT else decode(item.configuration)
        if isinstance(known, str):
            known = decode(known) if known.startswith("{") else None
        tags = _decode_tags(item) if "Tags.Key" in paths else ()
    except JSON_ERRORS as error:
        raise tell_json_fault(error, lambda _: 1) from None
    return tuple(_pick(known, path) or (tags if path == "Tags.Key" else ()) for path in paths)


def _pick(known: Any, path: str) -> tuple[Any, ...]:
    if not isinstance(known, msgspec.Struct):
        return ()
    name = path.partition(".")[0]
    trees = [value for field in _spell(name) if (value := getattr(known, field)) is not None]
    if not trees:
        return ()
    if len(trees) == 1 and name == path and isinstance(trees[0], str) and trees[0]:
        return (trees[0],)  # Short way for what nearly every value is.
    return pick_any_case({name: trees}, path)


def _decode_tags(item: Item) -> tuple[str, ...]:
    """The keys of the tags that stand beside the configuration, as a mapping."""
    found = msgspec.json.decode(bytes(item.tags) or b"null")
    return tuple(found) if isinstance(found, dict) else ()


@cache
def _configuration_decoder(paths: Paths) -> msgspec.json.Decoder[Any]:
    """Decodes just the named properties of an object, and texts: what is not named is skipped unread."""
    names = sorted({each for path in paths for each in _spell(path.partition(".")[0])})
    form: Any = msgspec.defstruct("Configuration", [(name, Any, None) for name in names], gc=False)
    return msgspec.json.Decoder(form | str | float | bool | list[Any] | None)


@cache
def _spell(name: str) -> tuple[str, ...]:
    """CloudFormation's name for a property, and Config's own for the types that it knew first.

    `DBInstanceClass`: also `dBInstanceClass` and `dbInstanceClass`.
    """
    acronym = re.sub(r"^[A-Z]+(?=[A-Z][a-z]|$)", lambda found: found[0].lower(), name)
    return tuple(dict.fromkeys((name, name[0].lower() + name[1:], acronym)))
