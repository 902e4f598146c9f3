"""AWS Config: snapshots and histories from S3, the CLI's lists and queries, notifications."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

import msgspec
from msgspec import Raw

from srmlib.errors import SrmError
from srmlib.inventory.config_items import Item, find_key, is_global, is_notification, list_items
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

    def add(self, item: Item, values: Values) -> None:
        """Take note of an item; without an id it is a resource of its own."""
        region = "" if self.is_global else item.region
        # As `account` and `identity`, without a call for what nearly every item has.
        account = item.file_account or item.account
        id = item.id or item.identity or len(self.keys)
        time = 1.0 + read_time(item.time)
        self.keys.append(hash((account, region, id)))
        self.stamps.append(-time if item.is_deleted else time)
        self.answers.append(self.known.setdefault(values, len(self.known)))

    def count(self) -> Counter[Values]:
        """How many resources answer alike, by the newest item of each; deleted ones do not count."""
        newest = {key: row for row, key in enumerate(self.keys)}
        if len(newest) < len(self.keys):
            for row, key in enumerate(self.keys):
                known = newest[key]
                if (abs(self.stamps[row]), row) > (abs(self.stamps[known]), known):
                    newest[key] = row
        found = Counter(self.answers[row] for row in newest.values() if self.stamps[row] > 0)
        return Counter({values: found[n] for values, n in self.known.items() if found[n]})


def sniff(document: Document) -> bool:
    """The array of one of Config's files or commands, or a notification with an item."""
    return find_key(document) is not None or is_notification(document)


def read(document: Document, wanted: Mapping[str, Paths]) -> Reading:
    """Count distinct resources by account, Region, type and id, as the newest item of each has it."""
    reading = Reading(FORMAT, TABLES)
    seen: dict[str, Seen] = {}
    nameless = 0
    for item in list_items(document, reading.unseen):
        type = item.type or ""
        paths = wanted.get(type)
        values = _pick_wanted(item, paths) if paths else ()
        if not type:
            nameless += 1
        elif item.number is not None and not item.id:
            _add(reading, type, values, item.number, wanted)
        else:
            known = seen.get(type)
            if known is None:
                known = seen[type] = Seen(is_global(type))
            known.add(item, values)
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
    content: Raw | bytes = item.configuration
    try:
        if _begins(content, b'"'):
            content = msgspec.json.decode(content, type=str).encode()
        known = _configuration_decoder(paths).decode(content) if _begins(content, b"{") else None
        tags = _decode_tags(item) if "Tags.Key" in paths else ()
    except JSON_ERRORS as error:
        raise tell_json_fault(error, lambda _: 1) from None
    return tuple(_pick(known, path) or (tags if path == "Tags.Key" else ()) for path in paths)


def _begins(content: Raw | bytes, sign: bytes) -> bool:
    """Whether the first byte is this one; what is undecoded is not copied for it."""
    return memoryview(content)[:1] == sign


def _pick(known: Any, path: str) -> tuple[Any, ...]:
    if known is None:
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
    """Decodes just the named properties: what is not named is skipped unread."""
    names = sorted({each for path in paths for each in _spell(path.partition(".")[0])})
    form = msgspec.defstruct("Configuration", [(name, Any, None) for name in names])
    return msgspec.json.Decoder(form)


@cache
def _spell(name: str) -> tuple[str, ...]:
    """CloudFormation's name for a property, and Config's own for the types that it knew first.

    `DBInstanceClass`: also `dBInstanceClass` and `dbInstanceClass`.
    """
    acronym = re.sub(r"^[A-Z]+(?=[A-Z][a-z]|$)", lambda found: found[0].lower(), name)
    return tuple(dict.fromkeys((name, name[0].lower() + name[1:], acronym)))
