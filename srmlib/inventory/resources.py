"""What a reader takes from a file: types, counts, and the few attributes that ways.yaml names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from srmlib.errors import SrmError

Paths = tuple[str, ...]
TYPE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(::[A-Za-z0-9_@-]+)*")
# What bills and ARNs call a thing: `Amazon Simple Queue Service`, `ec2:instance`.
PLAIN_NAME = re.compile(r"[A-Za-z0-9][\w .,:/&()+'-]{0,99}")
NO_TYPE_NAME = "(not a type name)"
MARKETPLACE = "AWS Marketplace"  # who bills what others sell


class NotRecognisedError(SrmError):
    """A file in none of the formats that srmlib reads."""


class Unknown(NamedTuple):
    """A value that is decided outside the file; `refers_to` is the resource it is taken from.

    `may_be_absent` says that there may turn out to be none: it does not prove a setting's presence.
    """

    refers_to: str = ""
    may_be_absent: bool = False


Values = tuple[tuple[str | Unknown, ...], ...]


class Resource(NamedTuple):
    """A resource that ways.yaml asks about: its id in a template, and the values asked for.

    `values` stand in the order of the type's paths. Resources that answer alike are one, counted:
    memory grows with the answers, not with the file.
    """

    type: str
    id: str
    values: Values


class Reading(msgspec.Struct):
    """What one file holds, before anything is mapped."""

    format: str
    # The tables of mapping/ in which the types stand.
    tables: tuple[str, ...]
    counts: Counter[str] = msgspec.field(default_factory=Counter)
    asked: Counter[Resource] = msgspec.field(default_factory=Counter)
    foreign: Counter[str] = msgspec.field(default_factory=Counter)
    # Words that are ids of the matrix's own rows.
    rows: set[str] = msgspec.field(default_factory=set)
    # Products of AWS Marketplace by name: AWS's own where a table names them.
    sold: Counter[str] = msgspec.field(default_factory=Counter)
    assumed: list[str] = msgspec.field(default_factory=list)
    unseen: list[str] = msgspec.field(default_factory=list)
    # Other files that were read because this one leads to them.
    opened: list[Path] = msgspec.field(default_factory=list)

    def take(self, other: Reading) -> None:
        """Count what another file holds as well, as part of this one."""
        self.counts += other.counts
        self.asked += other.asked
        self.foreign += other.foreign
        self.rows |= other.rows
        self.sold += other.sold
        self.assumed += other.assumed
        self.unseen += other.unseen
        self.opened += other.opened

    def add(self, type: str, count: int = 1) -> str:
        """Count resources of a type; what is no type name is counted without repeating it."""
        name = type if TYPE_NAME.fullmatch(type) and len(type) <= 200 else NO_TYPE_NAME
        self.counts[name] += count
        return name

    def add_name(self, name: str, count: int = 1) -> str:
        """As `add`, for the words of bills and ARNs, which have spaces and colons."""
        told = _tell_name(name)
        self.counts[told] += count
        return told

    def add_foreign(self, name: str, count: int = 1) -> None:
        """Count what another provider bills, by its word for it."""
        self.foreign[_tell_name(name)] += count


def _tell_name(name: str) -> str:
    return name if PLAIN_NAME.fullmatch(name) else NO_TYPE_NAME


def pick(tree: Any, path: str) -> tuple[str | Unknown, ...]:
    """The values under a dotted path, through lists; only these values are ever looked at."""
    nodes = [tree]
    for key in path.split("."):
        inner = [node[key] for node in _flatten(nodes) if isinstance(node, dict) and key in node]
        nodes = inner + [node for node in _flatten(nodes) if isinstance(node, Unknown)]
    return tuple(_as_value(node) for node in _flatten(nodes) if not _is_empty(node))


def pick_any_case(tree: Any, path: str) -> tuple[str | Unknown, ...]:
    """As `pick`, where the file writes the keys in upper or lower case as it likes."""
    nodes = [tree]
    for key in path.lower().split("."):
        mappings = (node for node in _flatten(nodes) if isinstance(node, dict))
        nodes = [node[name] for node in mappings for name in node if name.lower() == key]
    return tuple(_as_value(node) for node in _flatten(nodes) if not _is_empty(node))


def pick_flat(attributes: Mapping[str, Any], path: str) -> tuple[str | Unknown, ...]:
    """As `pick`, from the flat `a.0.b` keys of old Terraform states."""
    pattern = re.compile(r"(\.\d+)*\.".join(map(re.escape, path.split("."))) + r"(\.\d+)*")
    found = [value for key, value in attributes.items() if pattern.fullmatch(key)]
    return tuple(_as_value(value) for value in found if not _is_empty(value))


def _flatten(nodes: list[Any]) -> Iterator[Any]:
    for node in nodes:
        if isinstance(node, list):
            yield from _flatten(node)
        else:
            yield node


def _is_empty(node: Any) -> bool:
    return node is None or node == "" or node == {}


def _as_value(node: Any) -> str | Unknown:
    if isinstance(node, Unknown):
        return node
    if isinstance(node, bool):
        return "true" if node else "false"
    return str(node) if isinstance(node, str | int | float) else "(set)"
