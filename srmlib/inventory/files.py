"""From paths to inventories: the format is told by content, the service by mapping/ and ways.yaml."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from srmlib.catalogue import PathLike, convert, list_folders, read_yaml
from srmlib.errors import SrmError
from srmlib.inventory import cdk_out, cloudformation, terraform_show, terraform_state
from srmlib.inventory.documents import (
    decode_json,
    hash_document,
    is_log,
    looks_like_json,
    map_document,
    read_document,
    reject,
)
from srmlib.inventory.kin import Kin, find_kin
from srmlib.inventory.resources import NO_TYPE_NAME, NotRecognisedError, Paths, Reading
from srmlib.inventory.ways import Setting, Way, decide, list_wanted

READERS = (terraform_state, terraform_show, cloudformation)
ENDINGS = (".json", ".tfstate", ".yaml", ".yml", ".template")
SKIPPED_FOLDERS = {".git", ".terraform", ".venv", "node_modules"}
INVENTORY_COLUMNS = ("file", "format", "status", "resource_type", "service", "count", "family")
TERRAFORM_PREFIXES = ("aws_", "awscc_")


class ResourceCount(msgspec.Struct, frozen=True):
    """Resources of one type that run as one service."""

    resource_type: str
    service: str
    count: int


class Unmapped(msgspec.Struct, frozen=True):
    """AWS resources that no row of the matrix answers for; `family` is known for most types."""

    resource_type: str
    count: int
    family: str | None = None


class ForeignCount(msgspec.Struct, frozen=True):
    """Resources of another provider."""

    resource_type: str
    count: int


class Inventory(msgspec.Struct, frozen=True):
    """What one file holds; `settings` are the file's own that move an owner.

    `digest` is the file's SHA-256 in hexadecimal, where it was asked for.
    """

    file: str
    format: str
    resources: tuple[ResourceCount, ...]
    unmapped: tuple[Unmapped, ...]
    not_aws: tuple[ForeignCount, ...]
    assumed: tuple[str, ...]
    unseen: tuple[str, ...]
    settings: tuple[Setting, ...] = ()
    digest: str = ""


@dataclass(frozen=True)
class Words:
    """The catalogue's words for what stands in files, without loading the matrix."""

    services: frozenset[str]
    mapping: Mapping[str, str]
    families: Mapping[str, str]
    ways: Mapping[str, Way]
    wanted: Mapping[str, Paths]


def read_inventory(
    path: PathLike, data: PathLike | None = None, overlay: PathLike | Iterable[PathLike] = ()
) -> Inventory:
    """What one file (or a cdk.out folder) holds; SrmError names the file and the way out."""
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


def list_inventory(inventories: Iterable[Inventory]) -> list[dict[str, Any]]:
    """One row a file, status, type and service, in the columns of INVENTORY_COLUMNS."""
    rows: list[dict[str, Any]] = []
    for each in inventories:
        head = {"file": each.file, "format": each.format}
        for status in ("resources", "unmapped", "not_aws"):
            for found in getattr(each, status):
                known = msgspec.structs.asdict(found)
                rows.append(
                    dict.fromkeys(INVENTORY_COLUMNS) | head
                    | {"status": "mapped" if status == "resources" else status} | known
                )  # fmt: skip
    return rows


@lru_cache(maxsize=4)
def load_words(folders: tuple[Path, ...]) -> Words:
    """mapping/ and ways.yaml of the folders, later ones over earlier ones."""
    mapping: dict[str, str] = {}
    families: dict[str, str] = {}
    ways: dict[str, Way] = {}
    services: set[str] = set()
    for folder in folders:
        services |= {path.stem for path in (folder / "services").glob("*.yaml")}
        for table in ("terraform", "cloudformation"):
            for type, family, service in _read_mapping(folder / "mapping" / f"{table}.csv"):
                mapping[type], families[type] = service, family
        if (folder / "ways.yaml").is_file():
            trees = read_yaml(folder / "ways.yaml")
            ways |= {type: convert(tree, Way, "ways.yaml", type) for type, tree in trees.items()}
    return Words(frozenset(services), mapping, families, ways, list_wanted(ways))


def _read_mapping(path: Path) -> Iterator[list[str]]:
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as lines:
            rows = csv.reader(lines)
            next(rows, None)
            for row in rows:
                if len(row) != 3:
                    raise SrmError(f"{path.name}: line {rows.line_num} has not 3 columns; mend it")
                yield row


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
        reading = cdk_out.read(manifest, words.wanted) if manifest else _read_document(path, words)
        return _make_inventory(name_of(path), reading, words)
    except SrmError as error:
        raise type(error)(f"{name_of(path)}: {error}") from None


def _read_with_digest(path: Path, words: Words) -> Inventory:
    made = _read_one(path, words)
    manifest = cdk_out.find_manifest(path)
    digest = cdk_out.hash_folder(manifest) if manifest else hash_document(path)
    return msgspec.structs.replace(made, digest=digest)


def name_of(path: Path) -> str:
    """The file's own name, without the folders above it, free of control characters."""
    name = path.name or path.resolve().name
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def _read_document(path: Path, words: Words) -> Reading:
    mapped = map_document(path)
    if mapped is not None and terraform_state.HEAD.match(mapped[:4096]):
        return terraform_state.read(mapped, words.wanted)
    content = read_document(path)
    if is_log(content):
        raise reject(content)
    keys = _list_keys(content)
    for reader in READERS:
        if reader.sniff(content, keys):
            reading: Reading = reader.read(content, words.wanted)
            return reading
    raise reject(content)


def _list_keys(content: bytes) -> frozenset[str]:
    """The top-level keys of a JSON or YAML document."""
    if looks_like_json(content):
        return frozenset(decode_json(content, dict[str, msgspec.Raw]))
    if not any(line[:1].isalpha() and b":" in line for line in content.splitlines()):
        return frozenset()
    try:
        return frozenset(map(str, cloudformation.load_template(content)))
    except SrmError:
        if b"Resources" in content or b"AWS::" in content:
            raise
        return frozenset()


def _make_inventory(name: str, reading: Reading, words: Words) -> Inventory:
    decision = decide(reading, words.ways, words.mapping)
    kin = {type: _find_kin(type, words) for type in reading.counts}
    found: Counter[tuple[str, str]] = Counter()
    for type, count in reading.counts.items():
        decided = {key: n for key, n in decision.services.items() if key[0] == type}
        found.update(decided or {(type, words.mapping.get(type) or kin[type].service or ""): count})
    unmapped: Counter[str] = Counter()
    mapped: Counter[tuple[str, str]] = Counter()
    foreign: Counter[str] = Counter()
    for (type, service), count in found.items():
        if not _is_aws(type):
            foreign[type] += count
        elif service in words.services:
            mapped[type, service] += count
        else:
            unmapped[type] += count
    unseen = list(reading.unseen)
    if NO_TYPE_NAME in reading.counts:
        unseen.append("a type that is no type name is counted as not AWS's")
    return Inventory(
        file=name,
        format=reading.format,
        resources=tuple(ResourceCount(t, s, n) for (t, s), n in sorted(mapped.items())),
        unmapped=tuple(
            Unmapped(t, n, words.families.get(t) or kin[t].family)
            for t, n in sorted(unmapped.items())
        ),
        not_aws=tuple(ForeignCount(t, n) for t, n in sorted(foreign.items())),
        assumed=(*decision.assumed, *_tell_kin(kin, words)),
        unseen=tuple(unseen),
        settings=tuple(each for each in decision.settings if each.service in words.services),
    )


def _find_kin(type: str, words: Words) -> Kin:
    """What is known of a type by its beginning; of a type in the tables nothing needs guessing."""
    known = type in words.mapping or not _is_aws(type)
    found = None if known else find_kin(type, words.families, words.mapping, words.ways)
    return found or Kin("", None, None)


def _tell_kin(kin: Mapping[str, Kin], words: Words) -> Iterator[str]:
    for type, each in sorted(kin.items()):
        if each.service in words.services:
            yield f"{type}: a new type, taken for {each.service} as all others of {each.prefix}*"


def _is_aws(type: str) -> bool:
    return type.startswith(TERRAFORM_PREFIXES) or type.startswith("AWS::")
