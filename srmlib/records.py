"""What people decided about a review: scope, assumptions, exceptions, owners, statuses, sign-off.

A record is a YAML file that a team keeps beside its code; docs/record.md shows its form.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, get_args

from msgspec import field
from msgspec.structs import replace

from srmlib.data_files import PathLike, convert, read_yaml
from srmlib.errors import SrmError
from srmlib.matrix import Row
from srmlib.schema import Date, Record, Text

Status = Literal["open", "in progress", "done", "accepted"]
STATUSES: tuple[Status, ...] = get_args(Status)
# What people enter for a duty, in the order of the sheet.
ENTERED = ("owner", "status", "note")
RECORD_COLUMNS = (*ENTERED, "exception", "change")
FORM = "docs/record.md shows the form"


class Entry(Record, frozen=True, kw_only=True):
    """What people decided about a duty, and what the duty said when they last looked at it."""

    owner: Text | None = None
    status: Status | None = None
    note: Text | None = None
    services: tuple[Text, ...] = ()
    text: Text | None = None


class AcceptedException(Record, frozen=True, kw_only=True):
    """A duty that is knowingly not done: who accepted it, why, and until when."""

    duty: Text
    who: Text
    why: Text
    until: Date


class SignOff(Record, frozen=True, kw_only=True):
    """Who stands for the review."""

    name: Text
    role: Text | None = None
    date: Date


class Reviewed(Record, frozen=True, kw_only=True):
    """What the last sheet was made from."""

    catalogue: Text
    inputs: Text | None = None


class ReviewRecord(Record, frozen=True, kw_only=True):
    """A whole record; `date` is the day that every export of the review shows."""

    workload: Text | None = None
    date: Date | None = None
    scope: Text | None = None
    assumptions: tuple[Text, ...] = ()
    exceptions: tuple[AcceptedException, ...] = ()
    sign_off: tuple[SignOff, ...] = ()
    reviewed: Reviewed | None = None
    duties: dict[str, Entry] = field(default_factory=dict)


def read_record(path: PathLike) -> ReviewRecord:
    """A record from its file; SrmError names the key that is wrong."""
    place = Path(path)
    if not place.is_file():
        raise SrmError(
            f"{place.name}: no such record; `srmlib record {place.name} --from REVIEW.xlsx` makes one"
        )
    return check_record(read_yaml(place), place.name)


def check_record(tree: dict[str, Any], file: str) -> ReviewRecord:
    """A record from what a YAML file holds; each duty is named where its entry is wrong."""
    duties = tree.get("duties") or {}
    if isinstance(duties, dict):
        for id, entry in duties.items():
            convert(entry or {}, Entry, file, f"duties.{id}", FORM)
        duties = {id: entry or {} for id, entry in duties.items()}
    filled = {key: value for key, value in tree.items() if value is not None}
    return convert(filled | {"duties": duties}, ReviewRecord, file, "", FORM)


def add_decisions(
    rows: Iterable[Row], record: ReviewRecord | None, date: str | None = None
) -> list[Row]:
    """The duties with what the record says of each, in RECORD_COLUMNS; status is open by default."""
    kept = record or ReviewRecord()
    exceptions = {each.duty: each for each in kept.exceptions}
    return [
        row
        | {"owner": entry.owner, "status": entry.status or _default_status(row, exceptions, date)}
        | {"note": entry.note, "exception": _tell_exception(exceptions.get(row["duty"]), date)}
        | {"change": _tell_change(row, entry, kept)}
        for row in rows
        for entry in [kept.duties.get(row["duty"], Entry())]
    ]


def list_gone(rows: Iterable[Row], record: ReviewRecord | None) -> list[Row]:
    """The duties that the last sheet held and that are owed no more."""
    owed = {row["duty"] for row in rows}
    kept = record.duties if record else {}
    return [
        {"duty": id, "layer": id.partition("/")[0], "services": list(entry.services)}
        | {"text": entry.text, "owner": entry.owner, "status": entry.status}
        | {"note": entry.note, "exception": None, "change": "gone"}
        for id, entry in kept.items()
        if entry.text and id not in owed
    ]


def remember(record: ReviewRecord | None, rows: Iterable[Row], catalogue: str) -> ReviewRecord:
    """The record as if these duties were its last sheet's: a later review tells what differs."""
    kept = record or ReviewRecord()
    duties = {id: replace(entry, services=(), text=None) for id, entry in kept.duties.items()}
    for row in rows:
        entry = duties.get(row["duty"], Entry())
        duties[row["duty"]] = replace(entry, services=tuple(row["services"]), text=row["text"])
    return replace(kept, duties=duties, reviewed=Reviewed(catalogue=catalogue))


def hand_out(record: ReviewRecord | None, owners: dict[str, str]) -> ReviewRecord:
    """The record with owners of duties; a name that people entered themselves stays."""
    kept = record or ReviewRecord()
    duties = dict(kept.duties)
    for id, owner in owners.items():
        entry = duties.get(id, Entry())
        duties[id] = replace(entry, owner=entry.owner or owner)
    return replace(kept, duties=duties)


def list_doubts(
    rows: Iterable[Row], record: ReviewRecord | None, date: str | None
) -> Iterator[str]:
    """What in a record should be looked at: exceptions that ended or match nothing."""
    if record is None:
        return
    decided = {row["duty"]: row for row in rows}
    for each in record.exceptions:
        if each.duty not in decided:
            yield f"record: the exception for {each.duty} matches no duty of this workload"
        elif is_over(each, date):
            yield f"record: the exception for {each.duty} ended on {each.until}"
    excepted = {each.duty for each in record.exceptions}
    for id, row in decided.items():
        if row["status"] == "accepted" and id not in excepted:
            yield f"record: {id} is accepted without an exception that says who, why and until when"


def check_date(date: str | None) -> str | None:
    """The day as it was given, if it is one."""
    try:
        return date and datetime.date.fromisoformat(date).isoformat()
    except ValueError:
        raise SrmError(f"{date!r} is no date; write it as 2026-01-31") from None


def is_over(exception: AcceptedException, date: str | None) -> bool:
    """Whether an exception ended before the review's own date; without a date none has."""
    return date is not None and exception.until < date


def _default_status(row: Row, exceptions: dict[str, AcceptedException], date: str | None) -> Status:
    exception = exceptions.get(row["duty"])
    return "accepted" if exception and not is_over(exception, date) else "open"


def _tell_exception(exception: AcceptedException | None, date: str | None) -> str | None:
    if exception is None:
        return None
    ended = "ended" if is_over(exception, date) else "until"
    return f"{exception.who}: {exception.why} ({ended} {exception.until})"


def _tell_change(row: Row, entry: Entry, record: ReviewRecord) -> str | None:
    """What is different since the last sheet; nothing where there was none."""
    if record.reviewed is None:
        return None
    if entry.text is None:
        return "new"
    came = [f"+{id}" for id in row["services"] if id not in entry.services]
    went = [f"-{id}" for id in entry.services if id not in row["services"]]
    told = [*came, *went] + (["text"] if entry.text != row["text"] else [])
    return f"changed: {' '.join(told)}" if told else None
