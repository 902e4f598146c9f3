"""Inventory x Matrix -> Review: who owns what in a workload, the customer's duties, blind spots."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from srmlib.blind_spots import EXPECTED_COLUMNS, list_expected, tell_unknown
from srmlib.data_files import PathLike
from srmlib.duties import DUTY_COLUMNS, FATES, Owed, gather_duties, trace_fates
from srmlib.frameworks import ControlMatrix, answer_controls, group_by_layer
from srmlib.inventory import INVENTORY_COLUMNS, Inventory, list_inventory
from srmlib.matrix import Matrix, Row, count_noun, frame_of
from srmlib.moves import Move, Target, apply_moves, doubt_moves, list_moves
from srmlib.reasons import Explanation, explain_control
from srmlib.records import (
    RECORD_COLUMNS,
    ReviewRecord,
    add_decisions,
    hand_out,
    list_doubts,
    list_gone,
    remember,
)
from srmlib.settings import Moved, apply_moved, find_moved, list_owed_in_force, tell_moved
from srmlib.sightings import SIGHTING_COLUMNS, count_held, list_sightings, tell_sightings
from srmlib.teams import GAP, Teams, find_teams, split_work

if TYPE_CHECKING:
    import pandas as pd

WEIGHED_COLUMNS = ("candidate", "dropped", "kept", "added", "most_urgent", "doubts")
SETTING_COLUMNS = ("service", "layer", "setting", "value", "owner", "count", "of")


@dataclass(frozen=True)
class Review:
    """Who owns what in a workload; made by `review`.

    `matrix` holds the services in use, the files' own settings applied. Where only some resources
    of a service show a setting, the cell tells the answer that leaves more to the customer.
    """

    inventories: tuple[Inventory, ...]
    base: Matrix
    faults: tuple[str, ...] = ()
    record: ReviewRecord | None = None
    date: str | None = None
    before: Review | None = None
    whatif: tuple[Move, ...] = ()
    framework: str | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the files that were read."""
        return tuple(each.file for each in self.inventories)

    @property
    def workload(self) -> str:
        """What is reviewed: the record's name for it, else the files'."""
        if self.before:
            return f"{self.before.workload}, if {' and '.join(map(str, self.whatif))}"
        if self.record and self.record.workload:
            return self.record.workload
        first, more = self.files[:3], len(self.files) - 3
        return ", ".join(first) + (f" and {count_noun(more, 'more file')}" if more > 0 else "")

    @property
    def digest(self) -> str:
        """The SHA-256 of the file, or one over those of the files in the order of their names."""
        digests = sorted((each.file, each.digest) for each in self.inventories)
        if len(digests) == 1:
            return digests[0][1]
        return hashlib.sha256("".join(digest for _, digest in digests).encode()).hexdigest()

    @property
    def owners(self) -> pd.DataFrame:
        """Index service, columns layer, values owner, as in `Matrix.owners`."""
        return self.matrix.owners

    @property
    def duties(self) -> pd.DataFrame:
        """The customer's duties, one row a duty over all services that need it, most urgent first.

        Columns duty (stable id), layer, services (list), text, priority (1 worst to 5), tools
        (list), checks (list), sources (list of id, section, url). With an overlay also origin, with a
        record also owner, status, note, exception and change (new; changed: and what; nothing), with a
        framework also controls (list): those that are about the duty's layer.
        """
        return frame_of(self.rows(), self.columns)

    @property
    def gone(self) -> list[Row]:
        """The duties of the record's last sheet, or of before the move, that are owed no more."""
        if self.before:
            fates = (row for row in _list_fates(self) if row.pop("fate") == "dropped")
            return [row | {"change": "gone"} for row in fates]
        return list_gone(self.rows(), self.record)

    def what_if(self, moves: Mapping[str, Target] | Iterable[Move]) -> Review:
        """This review as if resources ran as other services: {"ec2": "ecs-fargate"}, or only some of
        them, {"ec2": ("ecs-fargate", 2)}.

        `change` in its duties and `gone` tell what differs from this review, `shift` all of it;
        `warnings` name what is not like for like. SrmError where a move cannot be made.
        """
        made = list_moves(moves)
        inventories = apply_moves(self.inventories, made, self.base.services)
        edition = self.base.catalogue.edition
        record = remember(self.record, self.rows(), edition)
        return replace(self, inventories=inventories, record=record, before=self, whatif=made)

    def assign(self, teams: PathLike | Teams | Mapping[str, Any]) -> Review:
        """This review with the responsible teams as owners of its duties; see `split_work`.

        A duty of several teams names each; who stands in the record already stays.
        """
        split = split_work(self, teams)
        named = split.teams.teams
        owners: dict[str, list[str]] = {}
        for id, service, layer, _ in self._list_owed():
            team, _ = find_teams(split.teams, self.matrix, service, layer)
            owners.setdefault(id, []).append(named.get(team, GAP))
        told = {
            id: " / ".join(dict.fromkeys(each)) for id, each in owners.items() if set(each) - {GAP}
        }
        return replace(self, record=hand_out(self.record, told))

    @property
    def shift(self) -> pd.DataFrame:
        """What a move does to the duties: one row a duty, `fate` dropped, kept or added before the
        columns of DUTY_COLUMNS; empty unless this review came of `what_if`."""
        return frame_of(list(_list_fates(self)), ("fate", *DUTY_COLUMNS))

    def controls(self, framework: str, controls: Iterable[str] | None = None) -> pd.DataFrame:
        """A framework's controls for this workload, one row a control: columns of ANSWER_COLUMNS.

        `owner` is inherited (AWS alone), shared, customer, third-party or not-applicable, by the owners
        of the control's layers over all services in use. No legal advice.
        """
        return self.answer_controls(framework, controls).table

    def answer_controls(
        self, framework: str, controls: Iterable[str] | None = None
    ) -> ControlMatrix:
        """The same as an object to narrow (`select`), to count and to write."""
        answered = answer_controls(self.matrix, framework, controls, self.workload, self.date)
        return replace(answered, inputs=self.digest)

    @property
    def hipaa(self) -> pd.DataFrame:
        """The services in use on AWS's list of HIPAA eligible services; see `Matrix.hipaa`."""
        return self.matrix.hipaa

    def why(self, framework: str, control: str) -> Explanation:
        """Why a control is inherited, shared or the customer's: print it, or take its `table`."""
        return explain_control(self.matrix, framework, control)

    def weigh(self, *candidates: Mapping[str, Target] | Iterable[Move]) -> pd.DataFrame:
        """Several what-ifs side by side, one row a candidate: columns of WEIGHED_COLUMNS.

        `dropped`, `kept` and `added` count duties, `most_urgent` those of priority 1 that are then owed;
        `doubts` (list) says where a move is not like for like.
        """
        return frame_of([_weigh(self.what_if(each)) for each in candidates], WEIGHED_COLUMNS)

    @property
    def expected(self) -> pd.DataFrame:
        """What every account needs and the files do not show: columns of EXPECTED_COLUMNS."""
        return frame_of(self._expected, EXPECTED_COLUMNS)

    @property
    def settings(self) -> pd.DataFrame:
        """Settings in the files that move an owner: `count` of the `of` resources show them."""
        rows = [
            {"service": moved.setting.service, "layer": moved.setting.layer}
            | {"setting": moved.unless.setting, "value": moved.unless.value}
            | {"owner": moved.unless.owner}
            | {"count": moved.setting.count, "of": moved.setting.of}
            for moved in self.moved
        ]
        return frame_of(rows, SETTING_COLUMNS)

    @property
    def inventory(self) -> pd.DataFrame:
        """What the files hold: one row a file, status, type and service."""
        return frame_of(list_inventory(self.inventories), INVENTORY_COLUMNS)

    @property
    def warnings(self) -> list[str]:
        """What was assumed, not seen, not answered or moved by a setting, one line each."""
        expected = [item["name"] for item in self._expected]
        line = f"expected of every account and not seen: {'; '.join(expected)}"
        return [*self.notes, *self.moves, *([line] if expected else [])]

    @property
    def sightings(self) -> pd.DataFrame:
        """What each view of the workload shows, where files give several: declared in templates and
        states, observed by AWS's inventories, billed. Empty where there is one view alone.

        One row a service in use: columns service, declared, observed (resources), billed (line items;
        each missing where no file gives the view), disagreement (or empty). After a move, this is
        what the files show before it.
        """
        return frame_of(self.list_sightings(), SIGHTING_COLUMNS)

    def list_sightings(self) -> list[Row]:
        """The rows of `sightings` as plain dicts."""
        if self.before:
            return self.before.list_sightings()
        return list_sightings(self.inventories, self.base.catalogue)

    @property
    def notes(self) -> list[str]:
        """What was assumed, not seen or not answered; `expected` tells what every account needs."""
        return list(_list_notes(self))

    @property
    def moves(self) -> list[str]:
        """The settings in the files that move an owner, one line each; `settings` as a frame."""
        return list(tell_moved(self.moved))

    @cached_property
    def moved(self) -> tuple[Moved, ...]:
        """The settings seen, over all files together, with what they change."""
        return tuple(find_moved(self.inventories, self.base))

    @cached_property
    def matrix(self) -> Matrix:
        """The services in use with the claims in force."""
        used = {found.service for each in self.inventories for found in each.resources}
        return apply_moved(self.base, used, self.moved)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `duties`."""
        origin = ("origin",) if self.base.catalogue.overlays else ()
        controls = ("controls",) if self.framework else ()
        return (*DUTY_COLUMNS, *origin, *(RECORD_COLUMNS if self.record else ()), *controls)

    def rows(self) -> list[Row]:
        """The rows of `duties` as plain dicts, with `origin` and what the record says of each."""
        rows = add_decisions(self._owed, self.record, self.date)
        if self.framework is None:
            return rows
        controls = group_by_layer(self.base.catalogue, self.framework)
        return [row | {"controls": controls.get(row["layer"], [])} for row in rows]

    @cached_property
    def _owed(self) -> list[Row]:
        return gather_duties(self.base.catalogue, self._list_owed())

    def _list_owed(self) -> Iterator[Owed]:
        return list_owed_in_force(self.matrix, self.base, self.moved)

    @cached_property
    def _expected(self) -> list[Row]:
        return list(list_expected(self.base.catalogue, self.inventories))


def _list_fates(review: Review) -> Iterator[Row]:
    """What became of the duties from before the move."""
    if review.before:
        yield from trace_fates(review.before.rows(), review.rows())


def _weigh(review: Review) -> Row:
    return {"candidate": "; ".join(map(str, review.whatif))} | count_fates(review) | {
        "most_urgent": sum(row["priority"] == 1 for row in review.rows()),
        "doubts": list(doubt_moves(review.base.catalogue, review.whatif)),
    }  # fmt: skip


def _list_notes(review: Review) -> Iterator[str]:
    yield from tell_sightings(review.list_sightings())
    yield from tell_unknown(review.inventories)
    for line in doubt_moves(review.base.catalogue, review.whatif):
        yield f"what if: {line}"
    yield from list_doubts(review.rows(), review.record, review.date)


def count_fates(review: Review) -> dict[str, int]:
    """How many duties a move drops, adds and keeps, in the order of FATES; none without a move."""
    counts = Counter(row["fate"] for row in _list_fates(review))
    return {fate: counts[fate] for fate in FATES}


def count_resources(review: Review) -> Mapping[str, int]:
    """How many resources run as each service in use; 0 where only a bill shows it.

    Files of the same view (two states) add up; of a plan and a Config snapshot the larger counts.
    """
    held = count_held(review.inventories)
    return {id: held[id] for id in review.matrix.services}
