"""The files of data/ and of overlays: found, read, and made into typed records; a fault names its file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from ryaml import InvalidYamlError, loads

from srmlib.errors import SrmError
from srmlib.schema import Record

MOST_BRACKETS = 10_000  # The time that YAML takes grows with the square of those left open.
PathLike = str | Path
T = TypeVar("T", bound=Record)


def find_data(package: Path = Path(__file__).parent) -> Path:
    """The catalogue's folder: inside the package in a wheel, beside it in a checkout."""
    for folder in (package / "data", package.parent / "data"):
        if (folder / "layers.csv").is_file():
            return folder
    raise SrmError("no data folder in or beside the package; install srmlib again")


def list_paths(paths: PathLike | Iterable[PathLike]) -> list[PathLike]:
    """One path or several, as a list."""
    return [paths] if isinstance(paths, str) or not isinstance(paths, Iterable) else list(paths)


def list_folders(data: PathLike | None, overlay: PathLike | Iterable[PathLike]) -> tuple[Path, ...]:
    """The data folder and the overlays over it, each looked up once."""
    folders = (Path(data) if data else find_data(), *map(Path, list_paths(overlay)))
    for folder in folders:
        if not folder.is_dir():
            raise SrmError(f"{folder}: no such folder; name a folder in the form of data/")
    return folders


def read_text(path: Path) -> str:
    """A data file as text, without a byte order mark."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise SrmError(f"{path.name}: cannot be read ({reason}); mend or remove the file") from None


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file as a mapping; a key that stands twice is an error."""
    return parse_yaml(read_text(path), path.name)


def read_optional(path: Path) -> dict[str, Any]:
    return read_yaml(path) if path.is_file() else {}


def parse_yaml(text: str, file: str) -> dict[str, Any]:
    """A YAML text as a mapping; the file's name is for the fault."""
    if text.count("[") + text.count("{") > MOST_BRACKETS:
        raise SrmError(f"{file}: holds too many brackets; write one key or item a line")
    try:
        tree = loads(text)
    except InvalidYamlError as error:
        raise SrmError(f"{file}: unreadable YAML: {error}; mend the line that it names") from None
    except ValueError:
        raise SrmError(f"{file}: has a list or a mapping for a key; use text") from None
    if not isinstance(tree, dict):
        raise SrmError(f"{file}: holds no keys; see data/README.md for the form")
    return tree


def read_rows(path: Path) -> list[dict[str, str]]:
    """A csv file with a header line as one dict a row."""
    rows = csv.DictReader(io.StringIO(read_text(path)))
    try:
        listed = list(rows)
    except csv.Error:
        raise SrmError(f"{path.name}: has a cell without an end; close its quote") from None
    for number, row in enumerate(listed, 2):
        if None in row or None in row.values():
            raise SrmError(f"{path.name}: line {number} has not one value a column; mend the line")
    return listed


def split_list(text: str) -> list[str]:
    """The members of a list as the tables of data/ write it."""
    return [each for each in text.split("; ") if each]


def convert(
    tree: object,
    form: type[T],
    file: str,
    key: str = "",
    mend: str = "run `srmlib check` for every fault",
) -> T:
    """One record from what a file holds; SrmError names the file and the key."""
    try:
        return msgspec.convert(tree, form, strict=False)
    except msgspec.ValidationError as error:
        where = f"{key}: " if key else ""
        raise SrmError(f"{file}: {where}{error}; {mend}") from None


def read_table(path: Path, form: type[T]) -> list[T]:
    """A csv file as records; an absent file is an empty table."""
    if not path.is_file():
        return []
    rows = enumerate(read_rows(path), 2)
    return [convert(row, form, path.name, f"line {number}") for number, row in rows]


def read_tables(folders: Sequence[Path], name: str, form: type[T]) -> Iterator[T]:
    """The table of the same name in each folder, one after the other."""
    for folder in folders:
        yield from read_table(folder / name, form)


def read_records(folders: Sequence[Path], name: str, form: type[T]) -> dict[str, T]:
    """The records of the same file in each folder by id, later ones over earlier ones."""
    return {
        id: convert(tree, form, name, id)
        for folder in folders
        for id, tree in read_optional(folder / name).items()
    }
