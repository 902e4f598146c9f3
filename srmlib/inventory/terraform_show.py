"""What `terraform show -json` prints of a plan or a state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from srmlib.errors import SrmError
from srmlib.inventory.documents import Document
from srmlib.inventory.json_text import as_mapping, decode_json
from srmlib.inventory.resources import Paths, Reading, Resource, pick

FORMAT = "terraform-show"
TABLES = ("terraform",)
BODIES = frozenset({"planned_values", "values", "resource_changes", "prior_state"})


class Shown(Struct):
    """The parts that hold resources: a plan's future, or a state's present."""

    format_version: str
    planned_values: Any = None
    values: Any = None
    resource_changes: Any = None


def sniff(document: Document) -> bool:
    """A format version beside planned or present values; a provider schema has neither."""
    keys = document.keys
    if "format_version" not in keys or "provider_schemas" in keys:
        return False
    return bool(keys & BODIES) or keys <= {"format_version", "terraform_version"}


def read(document: Document, wanted: Mapping[str, Paths]) -> Reading:
    """Count managed resources: of a plan those that stand after apply."""
    shown = decode_json(document.content, Shown)
    if not shown.format_version.startswith(("0.", "1.")):
        raise SrmError("is of a newer format than 1.x; update srmlib, or show it with Terraform 1")
    if shown.planned_values is None and shown.resource_changes is not None:
        raise SrmError("holds changes without planned values; show the whole plan, not a part")
    body = as_mapping(shown.values if shown.planned_values is None else shown.planned_values)
    reading = Reading(FORMAT, TABLES)
    for resource in _walk(as_mapping(body.get("root_module"))):
        kind = resource.get("type")
        if resource.get("mode", "managed") == "managed" and isinstance(kind, str):
            type = reading.add(kind)
            if type in wanted:
                values = tuple(pick(resource.get("values"), path) for path in wanted[type])
                reading.asked[Resource(type, "", values)] += 1
    return reading


def _walk(root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    modules = [root]
    while modules:
        module = modules.pop()
        yield from (each for each in _list(module, "resources"))
        modules += _list(module, "child_modules")


def _list(module: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = module.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
