"""From paths to inventories: the format is told by content, the service by mapping/ and ways.yaml."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from srmlib.catalogue import PathLike, list_folders
from srmlib.errors import SrmError
from srmlib.inventory import (
    cdk_out,
    cloudformation,
    terraform_blocks,
    terraform_show,
    terraform_source,
    terraform_state,
)
from srmlib.inventory.documents import Document, is_log, reject
from srmlib.inventory.holdings import Inventory, make_inventory
from srmlib.inventory.resources import NotRecognisedError, Reading
from srmlib.inventory.words import Words, load_words

# Those that the head of a file tells come before those that ask for its keys.
READERS = (terraform_source, terraform_state, terraform_show, cloudformation)
ENDINGS = (".json", ".tfstate", ".yaml", ".yml", ".template")
SKIPPED_FOLDERS = {".git", ".terraform", ".venv", "node_modules"}


def read_inventory(
    path: PathLike, data: PathLike | None = None, overlay: PathLike | Iterable[PathLike] = ()
) -> Inventory:
    """What one file (or a folder of cdk.out or Terraform source) holds; SrmError names the file and the way out."""
    return _read_one(Path(path), load_words(list_folders(data, overlay)))


def read_paths(
    paths: Iterable[PathLike],
    data: PathLike | None = None,
    overlay: PathLike | Iterable[PathLike] = (),
    *,
    digest: bool = False,
) -> tuple[list[Inventory], list[str]]:
    """The inventories of files and folders, and one line for each file that cannot be read.

    With `digest` each file is read a second time for its SHA-256.
    """
    words = load_words(list_folders(data, overlay))
    read = _read_with_digest if digest else _read_one
    inventories: list[Inventory] = []
    faults: list[str] = []
    for path in map(Path, paths):
        try:
            inventories += (
                _read_folder(path, words, faults, read) if path.is_dir() else [read(path, words)]
            )
        except SrmError as error:
            faults.append(str(error))
    return inventories, faults


def _read_folder(
    folder: Path, words: Words, faults: list[str], read: Callable[[Path, Words], Inventory]
) -> list[Inventory]:
    """A cdk.out folder as one inventory; of any other, every file in a known format.

    Terraform source counts where no state or plan lies with it: these tell more of the same.
    """
    if cdk_out.find_manifest(folder):
        return [read(folder, words)]
    found: list[Inventory] = []
    skipped = len(faults)
    described: set[Path] = set()
    for path in (*_walk(folder), *_find_configurations(folder)):
        if path in described:
            continue
        try:
            found.append(read(path, words))
        except NotRecognisedError:
            continue
        except SrmError as error:
            faults.append(str(error))
            continue
        if found[-1].format in (terraform_state.FORMAT, terraform_show.FORMAT):
            described.add(_find_source(path))
    if not found and len(faults) == skipped:
        raise SrmError(f"{name_of(folder)}: holds no Terraform or CloudFormation file; name one")
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for place, names in _list_folders(folder):
        for name in names:
            if name.endswith(ENDINGS) and not name.endswith(terraform_blocks.ENDINGS):
                yield place / name


def _list_folders(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        yield Path(place), sorted(names)


def _find_configurations(folder: Path) -> list[Path]:
    """The folder itself if it holds Terraform source, else those below that no other one calls."""
    if terraform_source.holds_source(folder):
        return [folder]
    places = (place for place, _ in _list_folders(folder))
    return terraform_source.drop_called(filter(terraform_source.holds_source, places))


def _find_source(state: Path) -> Path:
    """The folder whose source a state or a plan is of; each workspace's state has its own below."""
    place = state.parent
    return place.parent.parent if place.parent.name == "terraform.tfstate.d" else place


def _read_one(path: Path, words: Words) -> Inventory:
    try:
        return make_inventory(name_of(path), _read_path(path, words), words)
    except SrmError as error:
        raise type(error)(f"{name_of(path)}: {error}") from None


def _read_path(path: Path, words: Words) -> Reading:
    manifest = cdk_out.find_manifest(path)
    if manifest:
        return cdk_out.read(manifest, words.wanted)
    if terraform_source.holds_source(path):
        return terraform_source.read_folder(path, words.wanted)
    return read_document(Document(path), words)


def _read_with_digest(path: Path, words: Words) -> Inventory:
    return msgspec.structs.replace(_read_one(path, words), digest=_hash_path(path))


def _hash_path(path: Path) -> str:
    manifest = cdk_out.find_manifest(path)
    if manifest:
        return cdk_out.hash_folder(manifest)
    return terraform_source.hash_folder(path) if path.is_dir() else Document(path).digest


def read_document(document: Document, words: Words) -> Reading:
    """What a document holds, by the first reader that knows its form."""
    if is_log(document.head):
        raise reject(document)
    for reader in READERS:
        if reader.sniff(document):
            reading: Reading = reader.read(document, words.wanted)
            return reading
    raise reject(document)


def name_of(path: Path) -> str:
    """The file's own name, without the folders above it, free of control characters."""
    name = path.name or path.resolve().name
    return "".join(letter if letter.isprintable() else "?" for letter in name)
