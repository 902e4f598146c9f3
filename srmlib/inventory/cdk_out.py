"""The cdk.out folder that `cdk synth` writes: its manifest and the templates it names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from srmlib.errors import SrmError
from srmlib.inventory import cloudformation
from srmlib.inventory.documents import Document
from srmlib.inventory.json_text import as_mapping, decode_json
from srmlib.inventory.limits import is_there
from srmlib.inventory.resources import Paths, Reading

FORMAT = "cdk-out"
STACK = "aws:cloudformation:stack"
ASSEMBLY = "cdk:cloud-assembly"


class Manifest(Struct):
    artifacts: dict[str, Any] = {}


def find_manifest(path: Path) -> Path | None:
    """The manifest of a cdk.out folder, or the manifest itself."""
    manifest = path / "manifest.json" if path.is_dir() else path
    if manifest.name != "manifest.json" or not manifest.is_file():
        return None
    return manifest if b'"artifacts"' in Document(manifest).head else None


def read(manifest: Path, wanted: Mapping[str, Paths]) -> Reading:
    """Count the resources of every stack of the assembly, nested assemblies (stages) too."""
    reading = Reading(FORMAT, cloudformation.TABLES)
    templates = list(_list_templates(manifest))
    if not templates:
        raise SrmError("names no CloudFormation stack; run `cdk synth` again")
    for path in templates:
        reading.take(cloudformation.read(Document(path), wanted))
    return reading


def hash_folder(manifest: Path) -> str:
    """One SHA-256 over those of the manifest and the templates it names, in that order."""
    files = [manifest, *_list_templates(manifest)]
    digests = (Document(path).digest for path in files)
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def _list_templates(manifest: Path) -> Iterator[Path]:
    folder = manifest.parent
    artifacts = decode_json(Document(manifest).content, Manifest).artifacts
    for artifact in map(as_mapping, artifacts.values()):
        properties = as_mapping(artifact.get("properties"))
        if artifact.get("type") == STACK:
            yield _inside(folder, properties.get("templateFile"))
        elif artifact.get("type") == ASSEMBLY:
            inner = _inside(folder, properties.get("directoryName"), "manifest.json")
            if inner.samefile(manifest):
                raise SrmError("names itself as one of its stages; run `cdk synth` again")
            yield from _list_templates(inner)


def _inside(folder: Path, *parts: object) -> Path:
    """A path below the folder: a manifest must not lead to files elsewhere."""
    path = folder.joinpath(*map(str, parts))
    if not is_there(path) or not path.resolve().is_relative_to(folder.resolve()):
        raise SrmError("names a template that is not in the folder; run `cdk synth` again")
    return path
