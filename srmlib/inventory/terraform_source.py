"""Terraform and OpenTofu source: a folder's configuration with its local modules, or one file.

Source says what would be made, not what was: what an expression decides is not known.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from srmlib.errors import SrmError
from srmlib.inventory.documents import Document
from srmlib.inventory.resources import Paths, Reading, Resource
from srmlib.inventory.terraform_blocks import (
    ENDINGS,
    count_instances,
    is_literal,
    list_sources,
    load_document,
    load_folder,
    pick_values,
)

FORMAT = "terraform-source"
TABLES = ("terraform",)
Blocks = Mapping[tuple[str, ...], dict[str, Any]]
DEEPEST = 50  # modules called by modules
MOST = 10**15  # instances of one block
# Source under another name, or from a pipe, is told by its first block; Terragrunt's is not read.
FIRST_BLOCK = re.compile(
    rb"(?s:\s|#[^\n]*+\n|//[^\n]*+\n|(?>/\*.*?\*/))*+"
    rb'((resource|data)\s+"?\w+"?\s+"?[\w-]+"?|(module|provider|variable|output)\s+"?[\w-]+"?'
    rb"|terraform|locals)\s*\{"
)
TOLD = (
    ("elsewhere", "module is|modules are", "fetched from elsewhere and not opened"),
    ("beside", "module is|modules are", "not in this file and not opened; give the folder"),
    ("absent", "local module is|local modules are", "not in its place and not opened"),
    ("circular", "local module is|local modules are", "called in a circle and not followed"),
    ("resource", "resource is|resources are", "repeated by an expression and counted once"),
    ("module", "module is|modules are", "repeated by an expression and counted once"),
)


@dataclass
class _Calls:
    """The local modules that a configuration calls, and what cannot be followed or known."""

    unseen: Counter[str] = field(default_factory=Counter)
    blocks: dict[Path, Blocks] = field(default_factory=dict)
    # How many instances of each folder one instance of a folder makes, itself too.
    made: dict[Path, Counter[Path]] = field(default_factory=dict)

    def follow(self, folder: Path, callers: tuple[Path, ...] = ()) -> Counter[Path]:
        """As `made`: each folder is opened once, however often it is called."""
        if folder not in self.made:
            found = Counter({folder: 1})
            self.blocks[folder] = load_folder(folder)
            for name, body in self.blocks[folder].items():
                if name[0] == "module":
                    for place, number in self._call(body, (*callers, folder)).items():
                        found[place] += number
            self.made[folder] = found
        return self.made[folder]

    def _call(self, body: dict[str, Any], callers: tuple[Path, ...]) -> Counter[Path]:
        number = count_instances(body)
        if number == 0:
            return Counter()
        called = _find_called(callers[-1], body)
        reason = _refuse(called, callers)
        if called is None or reason:
            self.unseen[reason] += 1
            return Counter()
        self.unseen["module"] += number is None
        made = self.follow(called, callers)
        return Counter({place: each * (number or 1) for place, each in made.items()})


def sniff(document: Document) -> bool:
    """By its ending, or by its first block."""
    if document.path.suffix == ".hcl":
        return False
    return document.path.name.endswith(ENDINGS) or bool(FIRST_BLOCK.match(document.head))


def read(document: Document, wanted: Mapping[str, Paths]) -> Reading:
    """Count the resources of one file alone; the modules that it calls are told as unseen."""
    blocks = dict(load_document(document))
    unseen = Counter(beside=sum(name[0] == "module" for name in blocks))
    reading = Reading(FORMAT, TABLES)
    _add_resources(reading, blocks, 1, wanted, "", unseen)
    reading.unseen += _tell(unseen)
    return reading


def holds_source(path: Path) -> bool:
    """Whether a path is a folder that Terraform would take for a configuration."""
    try:
        return path.is_dir() and bool(list_sources(path))
    except OSError:
        return False


def read_folder(folder: Path, wanted: Mapping[str, Paths]) -> Reading:
    """Count the resources of a folder and of the local modules that it calls, once for each call."""
    calls = _Calls()
    reading = Reading(FORMAT, TABLES)
    for number, (place, times) in enumerate(calls.follow(folder.resolve()).items()):
        # A reference is to a resource of the same module: ids of others must not match.
        scope = f"{number}:"
        _add_resources(reading, calls.blocks[place], times, wanted, scope, calls.unseen)
    reading.unseen += _tell(calls.unseen)
    return reading


def hash_folder(folder: Path) -> str:
    """One SHA-256 over those of the folder's files and its local modules', in order of the calls."""
    places = _Calls().follow(folder.resolve())
    digests = (Document(path).digest for place in places for path in list_sources(place))
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def drop_called(folders: Iterable[Path]) -> list[Path]:
    """The folders that no other one calls as its module: each a configuration of its own."""
    places = {folder.resolve(): folder for folder in folders}
    called = {module for place in places for module in _list_called(place)}
    return [folder for place, folder in places.items() if place not in called]


def _find_called(folder: Path, body: dict[str, Any]) -> Path | None:
    """Where a local module lies; None for one from a registry, a repository or an expression."""
    source = body.get("source")
    if not isinstance(source, str) or not source.startswith(("./", "../")):
        return None
    is_path = is_literal(source) and "\0" not in source
    return (folder / source).resolve() if is_path else None


def _list_called(folder: Path) -> set[Path]:
    try:
        blocks = load_folder(folder)
    except SrmError:
        return set()  # It gets its line when it is read.
    found = {_find_called(folder, body) for name, body in blocks.items() if name[0] == "module"}
    return {place for place in found if place is not None} - {folder}


def _refuse(called: Path | None, callers: tuple[Path, ...]) -> str:
    """Why a module is not followed, in a word of TOLD."""
    if called is None:
        return "elsewhere"
    if called in callers or len(callers) > DEEPEST:
        return "circular"
    return "" if holds_source(called) else "absent"


def _add_resources(
    reading: Reading, blocks: Blocks, times: int, wanted: Mapping[str, Paths],
    scope: str, unseen: Counter[str],
) -> None:  # fmt: skip
    for (kind, *labels), body in blocks.items():
        if kind != "resource":
            continue
        number = count_instances(body)
        unseen["resource"] += number is None
        made = times * (1 if number is None else number)
        if made > MOST:
            raise SrmError("makes more resources than any account holds; mend the counts in it")
        if made:
            type = reading.add(labels[0], made)
            if type in wanted:
                values = pick_values(body, wanted[type], scope)
                reading.asked[Resource(type, scope + ".".join(labels), values)] += made


def _tell(unseen: Counter[str]) -> list[str]:
    told = ((unseen[key], words, rest) for key, words, rest in TOLD)
    return [f"{n} {words.split('|')[n > 1]} {rest}" for n, words, rest in told if n]
