"""From paths to inventories: the format is told by content, the service by mapping/ and ways.yaml."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from srmlib.catalogue import PathLike, list_folders
from srmlib.errors import SrmError
from srmlib.inventory import (
    cdk_out,
    cloudformation,
    csv_table,
    resource_explorer,
    resource_groups,
    tagging_api,
    terraform_show,
    terraform_state,
)
from srmlib.inventory.documents import Document, is_log, reject
from srmlib.inventory.holdings import Inventory, make_inventory
from srmlib.inventory.resources import NotRecognisedError, Reading
from srmlib.inventory.words import Words, load_words

# Those that the head of a file tells come before those that ask for its keys.
READERS = (
    tagging_api, resource_groups, resource_explorer, csv_table, terraform_state, terraform_show,
    cloudformation,
)  # fmt: skip
# These tell a type from the name of a resource by the tables of mapping/.
READ_BY_WORDS = {tagging_api, resource_groups, resource_explorer, csv_table}
ENDINGS = (".json", ".tfstate", ".yaml", ".yml", ".template", ".csv", ".tsv", ".txt")
SKIPPED_FOLDERS = {".git", ".terraform", ".venv", "node_modules"}


def read_inventory(
    path: PathLike,
    data: PathLike | None = None,
    overlay: PathLike | Iterable[PathLike] = (),
    *,
    column: str | None = None,
) -> Inventory:
    """What one file (or a cdk.out folder) holds; SrmError names the file and the way out.

    `column` names the column of a table that holds ARNs, types or services, where it is not found.
    """
    words = replace(load_words(list_folders(data, overlay)), column=column)
    return _read_one(Path(path), words)


def read_paths(
    paths: Iterable[PathLike],
    data: PathLike | None = None,
    overlay: PathLike | Iterable[PathLike] = (),
    *,
    digest: bool = False,
    column: str | None = None,
) -> tuple[list[Inventory], list[str]]:
    """The inventories of files and folders, and one line for each file that cannot be read.

    With `digest` each file is read a second time for its SHA-256; `column` as in `read_inventory`.
    """
    words = replace(load_words(list_folders(data, overlay)), column=column)
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
    """A cdk.out folder as one inventory; of any other, every file in a known format."""
    if cdk_out.find_manifest(folder):
        return [read(folder, words)]
    found: list[Inventory] = []
    skipped = len(faults)
    for path in _walk(folder):
        try:
            found.append(read(path, words))
        except NotRecognisedError:
            continue
        except SrmError as error:
            faults.append(str(error))
    if not found and len(faults) == skipped:
        raise SrmError(f"{name_of(folder)}: holds no Terraform or CloudFormation file; name one")
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        yield from (Path(place, name) for name in sorted(names) if name.endswith(ENDINGS))


def _read_one(path: Path, words: Words) -> Inventory:
    try:
        manifest = cdk_out.find_manifest(path)
        reading = (
            cdk_out.read(manifest, words.wanted)
            if manifest
            else read_document(Document(path), words)
        )
        return make_inventory(name_of(path), reading, words)
    except SrmError as error:
        raise type(error)(f"{name_of(path)}: {error}") from None


def _read_with_digest(path: Path, words: Words) -> Inventory:
    made = _read_one(path, words)
    manifest = cdk_out.find_manifest(path)
    digest = cdk_out.hash_folder(manifest) if manifest else Document(path).digest
    return msgspec.structs.replace(made, digest=digest)


def read_document(document: Document, words: Words) -> Reading:
    """What a document holds, by the first reader that knows its form."""
    if is_log(document.head):
        raise reject(document)
    for reader in READERS:
        if reader.sniff(document):
            told = words if reader in READ_BY_WORDS else words.wanted
            reading: Reading = reader.read(document, told)
            return reading
    raise reject(document)


def name_of(path: Path) -> str:
    """The file's own name, without the folders above it, free of control characters."""
    name = path.name or path.resolve().name
    return "".join(letter if letter.isprintable() else "?" for letter in name)
