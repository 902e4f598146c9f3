"""What people entered in a duty sheet, taken into the record: owners, statuses and notes.

The sheet carries what it said when it was made, out of sight. Only what differs from that is
taken, so an old sheet overwrites nothing that was decided since.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from srmlib.atomic import replace_file
from srmlib.data_files import PathLike, read_text, read_yaml
from srmlib.errors import SrmError
from srmlib.inventory.limits import check_parts
from srmlib.matrix import Row
from srmlib.records import ENTERED, STATUSES, check_record

# The sheets' names and columns, for who writes them and who reads them back.
DUTIES = "Duties"
MEMORY = "srmlib"
MEMORY_COLUMNS = ("duty", *ENTERED, "services", "text")
MOST_CELLS = 1_000_000  # of a sheet, empty ones too: openpyxl walks through all of them
ENTRY_COLUMNS = ("duty", "field", "was", "now")
AGAIN = "export the review to .xlsx again and enter it there"


class Taken(NamedTuple):
    """One entry that the record took over."""

    duty: str
    field: str
    was: str | None
    now: str | None


@dataclass(frozen=True)
class Sheet:
    """A filled sheet: its head, each duty as it was exported, and as people left it."""

    file: str
    head: dict[str, str]
    exported: dict[str, Row]
    entered: dict[str, Row]


def take_entries(record: PathLike, sheet: PathLike) -> list[Taken]:
    """Write into the record what people entered; the entries taken, in the sheet's order.

    The record's other words and its comments stay as they are; SrmError leaves it untouched.
    """
    place, filled = Path(record), read_sheet(sheet)
    tree = _load_round_trip(place)
    _check_workload(place, tree, filled)
    _remember(tree, filled)
    taken = list(_merge(tree, filled))
    content = _dump_round_trip(tree)
    replace_file(place, content)
    return taken


def read_sheet(path: PathLike) -> Sheet:
    """A duty sheet as srmlib wrote it and people changed it."""
    place = Path(path)
    book = _open_book(place)
    for name in (DUTIES, MEMORY):
        if name not in (each.title for each in book.worksheets):
            raise SrmError(f"{place.name}: has no sheet {name}; {AGAIN}")
    head, exported = _read_memory(book[MEMORY])
    entered = dict(_read_duties(book[DUTIES], place.name))
    for id, row in entered.items():
        if row["status"] not in (None, *STATUSES):
            raise SrmError(
                f"{place.name}: {DUTIES}: the status of {id} is {row['status']!r}; "
                f"use {', '.join(STATUSES[:-1])} or {STATUSES[-1]}"
            )
    return Sheet(place.name, head, exported, entered)


def _open_book(path: Path) -> Any:
    from openpyxl import load_workbook

    try:
        content = path.read_bytes()
        check_parts(content)
        book = load_workbook(io.BytesIO(content), data_only=True)
    except SrmError as error:
        raise SrmError(f"{path.name}: {error}") from None
    except OSError as error:
        raise SrmError(f"{path.name}: cannot be read: {error.strerror}; check the path") from None
    except Exception:  # openpyxl ends in whatever a damaged part leads it to.
        raise SrmError(f"{path.name}: is no .xlsx workbook; save the sheet as .xlsx") from None
    if any(each.max_row * each.max_column > MOST_CELLS for each in book.worksheets):
        raise SrmError(f"{path.name}: has a cell far from all others; {AGAIN}")
    return book


def _read_memory(sheet: Any) -> tuple[dict[str, str], dict[str, Row]]:
    """The hidden sheet: a line a fact of the head, then a line a duty as it was exported."""
    head: dict[str, str] = {}
    exported: dict[str, Row] = {}
    for kind, *values in sheet.iter_rows(values_only=True):
        texts = [*map(_as_text, values), *(None for _ in MEMORY_COLUMNS)]
        if kind == "head" and texts[0] and texts[1]:
            head[texts[0]] = texts[1]
        elif kind == "duty" and texts[0]:
            exported[texts[0]] = dict(zip(MEMORY_COLUMNS, texts, strict=False))
    return head, exported


def _read_duties(sheet: Any, file: str) -> Iterator[tuple[str, Row]]:
    """What stands in the sheet now; rows are known by their id, so sorting them does no harm."""
    rows = sheet.iter_rows(values_only=True)
    names: list[str] = []
    for values in rows:
        texts = [_as_text(value) for value in values]
        if not names and "duty" in [text and text.lower() for text in texts]:
            names = [(text or "").lower() for text in texts]
        elif names:
            row = dict(zip(names, texts, strict=False))
            if row["duty"]:
                yield row["duty"], {key: row.get(key) for key in ENTERED}
    missing = {"duty", *ENTERED} - set(names)
    if missing:
        raise SrmError(f"{file}: {DUTIES} has no column {', '.join(sorted(missing))}; {AGAIN}")


def _as_text(value: object) -> str | None:
    text = "" if value is None else str(value).strip()
    return text or None


def _load_round_trip(path: Path) -> Any:
    """The record with its comments, or a new one; its form is checked before anything changes."""
    from ruamel.yaml.comments import CommentedMap

    if not path.exists():
        return CommentedMap()
    check_record(read_yaml(path), path.name)
    return _yaml().load(read_text(path))


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _dump_round_trip(tree: Any) -> bytes:
    out = io.BytesIO()
    _yaml().dump(tree, out)
    return out.getvalue()


def _check_workload(path: Path, tree: Any, sheet: Sheet) -> None:
    """A sheet of another workload would scatter its entries over the wrong duties."""
    named, here = sheet.head.get("workload"), tree.get("workload")
    if named and here and named != here:
        raise SrmError(
            f"{sheet.file}: is about {named}, {path.name} about {here}; name the sheet of that workload"
        )


def _merge(tree: Any, sheet: Sheet) -> Iterator[Taken]:
    duties = tree["duties"]
    for id, row in sheet.entered.items():
        before = sheet.exported.get(id, {})
        for key in ENTERED:
            now, was = row[key], (duties.get(id) or {}).get(key)
            if now != before.get(key) and now != was:
                yield Taken(id, key, was, now)
                _enter(duties, id, key, now)


def _enter(duties: Any, id: str, key: str, value: str | None) -> None:
    entry = duties.get(id)
    if entry is None:
        entry = duties[id] = {}
    if value is None:
        entry.pop(key, None)
    else:
        entry[key] = value


def _remember(tree: Any, sheet: Sheet) -> None:
    """Keep what the duties said, so that the next review can tell what came, changed and went."""
    for key in ("workload", "date"):
        if key not in tree and sheet.head.get(key):
            tree.insert(0 if key == "workload" else 1, key, sheet.head[key])
    tree["reviewed"] = {
        key: sheet.head[key] for key in ("catalogue", "inputs") if sheet.head.get(key)
    }
    if tree.get("duties") is None:
        tree["duties"] = {}
    duties = tree["duties"]
    for id, row in sheet.exported.items():
        entry = duties.get(id)
        if entry is None:
            entry = duties[id] = {}
        entry["services"] = (row["services"] or "").split("; ")
        entry["text"] = row["text"]
    for id, entry in duties.items():
        if id not in sheet.exported and entry:
            # It had gone before this sheet was made: no news any more, but people's words stay.
            entry.pop("services", None)
            entry.pop("text", None)
