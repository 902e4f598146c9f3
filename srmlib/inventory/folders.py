"""What in a folder is to be read: files in known formats, configurations, an assembly of the CDK."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from srmlib.inventory.resources import Paths, Reading

# A file of a known format needs none of the readers of folders: they are loaded where one is read.
ENDINGS = (
    ".json", ".json.gz", ".jsonl", ".tfstate", ".tfstate.gz", ".yaml", ".yml", ".template",
    ".csv", ".csv.gz", ".tsv", ".txt", ".parquet",
)  # fmt: skip
MANIFEST = "manifest.json"  # of an assembly of the CDK
SKIPPED = {".git", ".terraform", ".venv", "node_modules"}


def is_whole(path: Path) -> bool:
    """Whether a folder is one thing to read, not a place where several lie."""
    from srmlib.inventory.cdk_out import find_manifest

    return bool(find_manifest(path))


def read_folder(path: Path, wanted: Mapping[str, Paths]) -> Reading | None:
    """What an assembly of the CDK or a Terraform configuration holds; None for anything else."""
    if not path.is_dir() and path.name != MANIFEST:
        return None
    from srmlib.inventory import cdk_out, terraform_source

    manifest = cdk_out.find_manifest(path)
    if manifest:
        return cdk_out.read(manifest, wanted)
    if terraform_source.holds_source(path):
        return terraform_source.read_folder(path, wanted)
    return None


def hash_folder(path: Path) -> str:
    """One SHA-256 over those of the files that `read_folder` reads."""
    from srmlib.inventory import cdk_out, terraform_source

    manifest = cdk_out.find_manifest(path)
    return cdk_out.hash_folder(manifest) if manifest else terraform_source.hash_folder(path)


def list_files(folder: Path) -> Iterator[Path]:
    """The files that may be in a known format, in order; Terraform source is read by the folder."""
    from srmlib.inventory.terraform_blocks import ENDINGS as SOURCE

    for place, names in _list_folders(folder):
        for name in names:
            if name.endswith(ENDINGS) and not name.endswith(SOURCE):
                yield place / name


def find_configurations(folder: Path) -> list[Path]:
    """The folder itself if it holds Terraform source, else those below that no other one calls."""
    from srmlib.inventory import terraform_source

    if terraform_source.holds_source(folder):
        return [folder]
    places = (place for place, _ in _list_folders(folder))
    return terraform_source.drop_called(filter(terraform_source.holds_source, places))


def find_source(state: Path) -> Path:
    """The folder whose source a state or a plan is of; each workspace's state has its own below."""
    place = state.parent
    return place.parent.parent if place.parent.name == "terraform.tfstate.d" else place


def _list_folders(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - SKIPPED)
        yield Path(place), sorted(names)
