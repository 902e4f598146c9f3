"""CloudFormation and SAM templates, JSON or YAML, also as synthesised by the CDK."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from srmlib.errors import SrmError
from srmlib.inventory.documents import Document
from srmlib.inventory.json_text import as_mapping
from srmlib.inventory.limits import is_there
from srmlib.inventory.resources import Paths, Reading, Resource, Unknown, pick

FORMAT = "cloudformation"
TABLES = ("cloudformation",)
TRANSFORMS_WITHOUT_RESOURCES = ("AWS::LanguageExtensions", "AWS::SecretsManager-2020-07-23")
SAM = "AWS::Serverless-2016-10-31"
NESTED = {"AWS::CloudFormation::Stack", "AWS::Serverless::Application"}
DEEPEST = 20  # stacks in stacks; a chain as long as this leads in a circle


def sniff(document: Document) -> bool:
    """A mapping of resources beside at most the other sections that a template has."""
    return bool({"Resources", "AWSTemplateFormatVersion"} & document.keys)


def read(document: Document, wanted: Mapping[str, Paths]) -> Reading:
    """Count every entry of Resources with a Type, conditional ones too; nested stacks that lie
    beside the template are opened, each time that one is used."""
    return _read(document, wanted, (document.path,))


def _read(document: Document, wanted: Mapping[str, Paths], above: tuple[Path, ...]) -> Reading:
    resources = document.tree.get("Resources")
    if not isinstance(resources, dict):
        raise SrmError("has no mapping under Resources; give a whole template")
    reading = Reading(FORMAT, TABLES)
    closed = 0
    for id, resource in resources.items():
        kind = resource.get("Type") if isinstance(resource, dict) else None
        if isinstance(kind, str):
            type = reading.add(kind)
            if type in wanted:
                tree = _resolve(resource.get("Properties"))
                values = tuple(pick(tree, path) for path in wanted[type])
                reading.asked[Resource(type, str(id), values)] += 1
            if type in NESTED:
                inner = _read_nested(resource, document.path, wanted, above)
                closed += inner is None
                reading.take(inner or Reading(FORMAT, TABLES))
    reading.unseen += _tell_unseen(document.tree, resources, reading, closed)
    return reading


def _read_nested(
    stack: Mapping[str, Any], path: Path, wanted: Mapping[str, Paths], above: tuple[Path, ...]
) -> Reading | None:
    """What a nested stack holds, where its template lies on this disk and can be read."""
    place = _find_template(stack, path)
    if place is None or place in above or len(above) > DEEPEST:
        return None
    try:
        reading = _read(Document(place), wanted, (*above, place))
    except SrmError:
        return None
    reading.opened.append(place.resolve())
    return reading


def _find_template(stack: Mapping[str, Any], path: Path) -> Path | None:
    """The template's file: as written before `aws cloudformation package`, or where CDK put it."""
    properties = as_mapping(stack.get("Properties"))
    metadata = as_mapping(stack.get("Metadata"))
    named = (
        metadata.get("aws:asset:path"),
        properties.get("TemplateURL"),
        properties.get("Location"),
    )
    for name in named:
        if isinstance(name, str) and "://" not in name and not Path(name).is_absolute():
            place = path.parent / name
            if is_there(place):
                return place
    return None


def _resolve(tree: Any) -> Any:
    """Long-form intrinsics become Unknown, as the short forms already are."""
    if isinstance(tree, list):
        return [_resolve(each) for each in tree]
    if not isinstance(tree, dict):
        return tree
    if len(tree) == 1:
        key, value = next(iter(tree.items()))
        if key == "Ref" and isinstance(value, str):
            return Unknown(value)
        if key == "Fn::GetAtt":
            first = value[0] if isinstance(value, list) and value else value
            return Unknown(str(first).partition(".")[0])
        if isinstance(key, str) and (key.startswith("Fn::") or key == "Condition"):
            return Unknown()
    return {key: _resolve(value) for key, value in tree.items()}


def _tell_unseen(
    template: Mapping[str, Any], resources: Mapping[str, Any], reading: Reading, closed: int
) -> list[str]:
    named = template.get("Transform")
    transforms = named if isinstance(named, list) else [named] if named else []
    # One with parameters is a mapping.
    macros = [each for each in transforms if each not in (SAM, *TRANSFORMS_WITHOUT_RESOURCES)]
    loops = sum(1 for id in resources if str(id).startswith("Fn::ForEach"))
    macros += [id for id in resources if str(id) == "Fn::Transform"]
    serverless = any(type.startswith("AWS::Serverless::") for type in reading.counts)
    told = (
        (closed, "nested stack is|nested stacks are", "read by URL and not opened"),
        (len(macros), "macro|macros", "may add or change resources when the stack is made"),
        (loops, "Fn::ForEach loop makes|Fn::ForEach loops make", "resources that are not listed"),
    )
    lines = [f"{n} {words.split('|')[n > 1]} {rest}" for n, words, rest in told if n]
    if serverless:
        lines.append("SAM makes roles, permissions and APIs of its own that the file does not list")
    return lines
