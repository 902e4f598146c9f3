"""From paths to inventories: the format is told by content, the service by mapping/ and ways.yaml."""

from __future__ import annotations

from collections.abc import Iterable
from glob import glob
from importlib import import_module
from pathlib import Path

import msgspec

from srmlib.data_files import PathLike, list_folders
from srmlib.errors import SrmError
from srmlib.inventory.documents import ZIP, Document, is_log, reject
from srmlib.inventory.folders import (
    find_configurations,
    find_source,
    hash_folder,
    is_whole,
    list_files,
    read_folder,
)
from srmlib.inventory.holdings import Inventory, make_inventory
from srmlib.inventory.limits import is_there
from srmlib.inventory.resources import NotRecognisedError, Reading
from srmlib.inventory.words import Words, load_words

# Modules, loaded when their turn comes. Those that the head of a file tells come before those that
# ask for its keys.
READERS = (
    "aws_config", "terraform_state", "terraform_source", "cost_and_usage", "focus", "cost_explorer",
    "tagging_api", "resource_groups", "resource_explorer", "csv_table", "terraform_show",
    "cloudformation",
)  # fmt: skip
# These tell a type from the name of a resource by the tables of mapping/.
READ_BY_WORDS = {"tagging_api", "resource_groups", "resource_explorer", "csv_table"}
TERRAFORM = ("terraform-state", "terraform-show")


def read_inventory(
    path: PathLike,
    data: PathLike | None = None,
    overlay: PathLike | Iterable[PathLike] = (),
    *,
    column: str | None = None,
) -> Inventory:
    """What one file holds, or a folder of cdk.out or Terraform source; SrmError names the way out.

    `column` names the column of a table that holds ARNs, types or services, where it is not found.
    """
    words = msgspec.structs.replace(load_words(list_folders(data, overlay)), column=column)
    return Intake(words).read(Path(path))


def read_paths(
    paths: Iterable[PathLike],
    data: PathLike | None = None,
    overlay: PathLike | Iterable[PathLike] = (),
    *,
    digest: bool = False,
    column: str | None = None,
) -> tuple[list[Inventory], list[str]]:
    """The inventories of files, folders, zip archives and globs, and one line for each bad file.

    With `digest` each file is read a second time for its SHA-256; `column` as in `read_inventory`.
    """
    words = msgspec.structs.replace(load_words(list_folders(data, overlay)), column=column)
    intake = Intake(words, digest)
    inventories = [each for path in paths for each in intake.take(Path(path))]
    return inventories, intake.faults


class Intake(msgspec.Struct):
    """Reads one path after the other; what cannot be read is a line in `faults`."""

    words: Words
    digest: bool = False
    faults: list[str] = msgspec.field(default_factory=list)
    # Files that another one led to: they are counted there.
    opened: set[Path] = msgspec.field(default_factory=set)

    def take(self, path: Path) -> list[Inventory]:
        """What stands under a path, or behind a pattern that the shell left as it is."""
        try:
            if _is_archive(path):
                return self._read_archive(path)
            if path.is_dir() and not is_whole(path):
                return self._read_folder(path)
            if not path.exists() and any(sign in str(path) for sign in "*?["):
                return [each for found in expand_pattern(path) for each in self.take(found)]
            return [self.read(path)]
        except SrmError as error:
            self.faults.append(str(error))
            return []
        except OSError as error:
            self.faults.append(f"{name_of(path)}: cannot be read: {error.strerror}; check the path")
            return []

    def read(self, path: Path) -> Inventory:
        """What one file, or a folder that is one thing, holds; SrmError begins with its name."""
        name = name_of(path)
        try:
            whole = read_folder(path, self.words.wanted)
            reading = whole or read_document(Document(path), self.words)
            made = make_inventory(name, reading, self.words)
            self.opened.update(reading.opened)
            if not self.digest:
                return made
            digest = hash_folder(path) if whole else Document(path).digest
            return msgspec.structs.replace(made, digest=digest)
        except SrmError as error:
            raise type(error)(f"{name}: {error}") from None
        except RecursionError:
            raise SrmError(f"{name}: is nested too deeply to be read; flatten it") from None
        except MemoryError:
            raise SrmError(f"{name}: takes more memory than there is; split it") from None

    def _read_folder(self, folder: Path) -> list[Inventory]:
        """Every file in a known format, except those that others of them led to.

        Terraform source counts where no state or plan lies with it: these tell more of the same.
        """
        found: dict[Path, Inventory] = {}
        skipped = len(self.faults)
        described: set[Path] = set()
        for path in (*list_files(folder), *find_configurations(folder)):
            if path in described:
                continue
            try:
                made = found[path.resolve()] = self.read(path)
            except NotRecognisedError:
                continue
            except SrmError as error:
                self.faults.append(str(error))
                continue
            if made.format in TERRAFORM:
                described.add(find_source(path))
        if not found and len(self.faults) == skipped:
            raise SrmError(f"{name_of(folder)}: holds no file in a format that is read; name one")
        return [each for path, each in found.items() if path not in self.opened]

    def _read_archive(self, path: Path) -> list[Inventory]:
        from srmlib.inventory.archives import unpack_archive

        try:
            with unpack_archive(path) as folder:
                return [self.read(folder)] if is_whole(folder) else self._read_folder(folder)
        except SrmError as error:
            raise SrmError(f"{name_of(path)}: {error}") from None


def _is_archive(path: Path) -> bool:
    """Whether this is a zip of files; what unpacks one is loaded only where a file begins as one."""
    if not is_there(path):
        return False
    with path.open("rb") as file:
        if file.read(2) != ZIP[:2]:  # An empty archive goes on otherwise.
            return False
    from srmlib.inventory.archives import is_archive

    return is_archive(path)


def expand_pattern(pattern: Path) -> list[Path]:
    """The files that a pattern such as `plans/*.json` names, in order; SrmError where there are none."""
    # Path.glob takes no absolute pattern.
    found = sorted(map(Path, glob(str(pattern), recursive=True)))  # noqa: PTH207
    if not found:
        raise SrmError(f"{name_of(pattern)}: no file has a name like this; check the pattern")
    return found


def read_document(document: Document, words: Words) -> Reading:
    """What a document holds; lines that a tool or shell printed around its JSON are passed over."""
    try:
        return _read_known(document, words)
    except SrmError as error:
        fault = error
    inner = document.unwrap()
    if inner is None:
        raise fault
    try:
        reading = _read_known(inner, words)
    except NotRecognisedError:
        raise fault from None
    reading.unseen.append("the text around the JSON was passed over")
    return reading


def _read_known(document: Document, words: Words) -> Reading:
    """What a document holds, by the first reader that knows its form."""
    if is_log(document.head):
        raise reject(document)
    for name in READERS:
        reader = import_module(f"srmlib.inventory.{name}")
        if reader.sniff(document):
            told = words if name in READ_BY_WORDS else words.wanted
            reading: Reading = reader.read(document, told)
            return reading
    raise reject(document)


def name_of(path: Path) -> str:
    """The file's own name, without the folders above it, free of control characters."""
    name = path.name or path.resolve().name
    return "".join(letter if letter.isprintable() else "?" for letter in name)
