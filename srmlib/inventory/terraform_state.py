"""Terraform and OpenTofu state files, versions 3 and 4."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from io import BufferedReader
from typing import Any

import msgspec
from msgspec import Raw, Struct

from srmlib.errors import SrmError
from srmlib.inventory.blocks import Blocks, without_collector
from srmlib.inventory.documents import Document
from srmlib.inventory.json_text import JSON_ERRORS, as_mapping, looks_like_json, tell_json_fault
from srmlib.inventory.parts import Parts, find_parts, work_apart
from srmlib.inventory.resources import Paths, Reading, Resource, Unknown, Values, pick, pick_flat
from srmlib.inventory.state_blocks import (
    ABSENT,
    BlockDecoder,
    RawInstance,
    make_attributes,
)

FORMAT = "terraform-state"
TABLES = ("terraform",)
# Terraform writes the version first, so that a large state is known by its first line.
HEAD = re.compile(rb'\s*\{\s*"version"\s*:\s*\d+\s*,\s*"(terraform_version|serial)"')


class OldModule(Struct):
    resources: dict[str, Any] = {}


class State(Struct):
    """What stands around the resources; everything else in the file is skipped unread."""

    version: int | None = None
    modules: list[OldModule] = []
    backend: Raw = ABSENT
    encrypted_data: Raw = ABSENT


def sniff(document: Document) -> bool:
    """A state says its version beside a serial or lineage, or is encrypted by OpenTofu."""
    if HEAD.match(document.head[:4096]):
        return True
    keys = document.keys if looks_like_json(document.head) else frozenset()
    return "encrypted_data" in keys or (
        "version" in keys and bool(keys & {"serial", "lineage", "terraform_version"})
    )


class Count(Struct):
    """What the blocks of a state, or of a part of it, add up to, and what stands around them."""

    found: Counter[str]
    asked: Counter[Resource]
    blocks: int
    rest: State


def read(document: Document, wanted: Mapping[str, Paths]) -> Reading:
    """Count the managed instances of a state, block by block; deposed ones do not count."""
    count = _count_parts(document, wanted)
    if count is None:
        with document.open_text() as stream:
            count = count_blocks(stream, wanted)
    _refuse(count.rest, count.blocks)
    reading = Reading(FORMAT, TABLES, asked=count.asked)
    for type, number in count.found.items():
        if number:
            reading.add(type, number)
    for module in count.rest.modules:
        _add_old_module(reading, module, wanted)
    return reading


def _count_parts(document: Document, wanted: Mapping[str, Paths]) -> Count | None:
    """The count of a large file by two processes; None where it has to be read as a whole."""
    parts = find_parts(document, "resources")
    if parts is None:
        return None
    with work_apart(count_later, parts, wanted) as wait:
        try:
            with document.open() as stream:
                first = count_blocks(stream, wanted, stop=parts.comma)
        except SrmError:
            return None  # What is broken is told where the whole is read.
        later = wait()
    if later is None:
        return None
    return Count(
        first.found + later.found,
        first.asked + later.asked,
        first.blocks + later.blocks,
        later.rest,
    )


def count_later(parts: Parts, wanted: Mapping[str, Paths]) -> Count:
    """Count the later part of a state."""
    with parts.path.open("rb") as stream:
        stream.seek(parts.comma + 1)
        return count_blocks(stream, wanted, head=parts.head)


@without_collector()
def count_blocks(
    stream: BufferedReader, wanted: Mapping[str, Paths], *, head: bytes = b"", stop: int | None = None
) -> Count:  # fmt: skip
    """Count the blocks of a state, or of the part of one that `Blocks` takes."""
    reading = Reading(FORMAT, TABLES)
    found: Counter[str] = Counter()
    blocks = Blocks(stream, "resources", BlockDecoder(wanted), State, head=head, stop=stop)
    for resources in blocks:
        add_blocks(reading, found, resources, wanted)
    return Count(found, reading.asked, blocks.count, blocks.rest)


def _refuse(state: State, count: int) -> None:
    """States that hold nothing to count: encrypted, of another version, or only a pointer."""
    if state.encrypted_data != ABSENT:
        raise SrmError("is an encrypted state; run `tofu state pull > plain.tfstate` and read that")
    if state.version not in (3, 4):
        raise SrmError(
            f"is a state of version {state.version}; 3 and 4 are read: let Terraform upgrade it"
        )
    if state.backend != ABSENT and not count and not _count_old(state):
        raise SrmError("only points to a backend; run `terraform state pull > terraform.tfstate`")


def add_blocks(
    reading: Reading, found: Counter[str], blocks: list[Any], wanted: Mapping[str, Paths]
) -> None:
    """Count the managed instances of blocks in `found`, and how those that are asked about answer."""
    for block, number in _count_alike(blocks):
        if block.mode != "managed":
            continue
        current = [each for each in block.instances if not each.deposed]
        found[block.type] += number * len(current)
        if block.type in wanted:
            for each in current:
                values = _pick_values(each, wanted[block.type])
                reading.asked[Resource(block.type, "", values)] += number


def _count_alike(blocks: list[Any]) -> Iterable[tuple[Any, int]]:
    """Blocks of which all that is decoded is equal, once with their number."""
    try:
        return Counter(blocks).items()
    except TypeError:  # Nested blocks are lists, which have no hash.
        return ((each, 1) for each in blocks)


def _pick_values(instance: Any, paths: Paths) -> Values:
    if isinstance(instance, RawInstance):
        return _pick_raw(instance, paths)
    if paths and instance.attributes is None:
        return _pick_old(instance.attributes_flat, paths)
    return tuple(_pick_known(instance.attributes, path) for path in paths)


def _pick_old(attributes: object, paths: Paths) -> Values:
    """The values in the flat attributes that Terraform wrote before 0.12."""
    return tuple(pick_flat(as_mapping(attributes), path) for path in paths)


def _pick_raw(instance: RawInstance, paths: Paths) -> Values:
    try:
        if instance.attributes == ABSENT:
            return _pick_old(msgspec.json.decode(instance.attributes_flat or b"{}"), paths)
        known = _attributes_decoder(paths).decode(instance.attributes)
    except JSON_ERRORS as error:
        raise tell_json_fault(error, lambda _: 1) from None
    return tuple(_pick_known(known, path) for path in paths)


@cache
def _attributes_decoder(paths: Paths) -> msgspec.json.Decoder[Any]:
    """Decodes just the named attributes: what is not named is skipped unread."""
    return msgspec.json.Decoder(make_attributes(paths, Any))


def _pick_known(known: Any, path: str) -> tuple[str | Unknown, ...]:
    """As `pick`, with a short way for the plain text that nearly every value is."""
    name, _, rest = path.partition(".")
    value = getattr(known, name, None)
    if value is None or value == "":
        return ()
    if not rest and isinstance(value, str):
        return (value,)
    return pick({name: value}, path)


def _count_old(state: State) -> int:
    return sum(len(module.resources) for module in state.modules)


def _add_old_module(reading: Reading, module: OldModule, wanted: Mapping[str, Paths]) -> None:
    for key, resource in module.resources.items():
        primary = as_mapping(as_mapping(resource).get("primary"))
        kind = as_mapping(resource).get("type")
        if key.startswith("data.") or not primary or not isinstance(kind, str):
            continue
        type = reading.add(kind)
        if type in wanted:
            flat = as_mapping(primary.get("attributes"))
            values = tuple(pick_flat(flat, path) for path in wanted[type])
            reading.asked[Resource(type, "", values)] += 1
