"""Inventory x Matrix -> Review: who owns what in a workload, the customer's duties, blind spots."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from srmlib.blind_spots import EXPECTED_COLUMNS, list_expected, tell_unknown
from srmlib.catalogue import Claim, PathLike, list_paths, load_catalogue
from srmlib.duties import DUTY_COLUMNS, FATES, gather_duties, name_duty, trace_fates
from srmlib.errors import SrmError
from srmlib.frameworks import (
    ControlMatrix,
    Explanation,
    answer_controls,
    explain_control,
    find_controls,
    list_controls,
)
from srmlib.inventory import INVENTORY_COLUMNS, Inventory, list_inventory, read_paths
from srmlib.matrix import Matrix, Row, count_noun, frame_of, make_matrix
from srmlib.moves import Move, Target, apply_moves, doubt_moves, list_moves
from srmlib.records import (
    RECORD_COLUMNS,
    ReviewRecord,
    add_decisions,
    check_date,
    hand_out,
    list_doubts,
    list_gone,
    read_record,
    remember,
)
from srmlib.settings import Moved, find_moved, weigh_claim
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
        for id, service, layer, _ in _list_owed(self):
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
        return list(_list_moves(self))

    @cached_property
    def moved(self) -> tuple[Moved, ...]:
        """The settings seen, over all files together, with what they change."""
        return tuple(find_moved(self.inventories, self.base))

    @cached_property
    def matrix(self) -> Matrix:
        """The services in use with the claims in force."""
        used = {found.service for each in self.inventories for found in each.resources}
        services = tuple(id for id in self.base.services if id in used)
        claims = {id: dict(self.base.claims[id]) for id in services}
        for moved in self.moved:
            row, layer = claims[moved.setting.service], moved.setting.layer
            if moved.is_everywhere or weigh_claim(moved.claim) > weigh_claim(row[layer]):
                row[layer] = moved.claim
        return Matrix(self.base.catalogue, claims, services, self.base.layers)

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
        controls = list_controls(self.base.catalogue, self.framework)
        return [row | {"controls": controls.get(row["layer"], [])} for row in rows]

    @cached_property
    def _owed(self) -> list[Row]:
        return gather_duties(self.base.catalogue, _list_owed(self))

    @cached_property
    def _expected(self) -> list[Row]:
        return list(list_expected(self.base.catalogue, self.inventories))


def review(
    paths: PathLike | Iterable[PathLike],
    *,
    matrix: Matrix | None = None,
    record: PathLike | ReviewRecord | None = None,
    date: str | None = None,
    framework: str | None = None,
    column: str | None = None,
    data: PathLike | None = None,
    overlay: PathLike | Iterable[PathLike] = (),
) -> Review:
    """Hold files or folders against the matrix; SrmError where a file is unreadable or empty of AWS.

    `record` is what people decided before; `date` (2026-01-31) is shown in place of the record's;
    `framework` adds to each duty the controls that are about its layer; `column` names a table's
    column of ARNs, types or services.
    """
    listed = list_paths(paths)
    made = review_readable(
        listed,
        matrix=matrix,
        record=record,
        date=date,
        framework=framework,
        column=column,
        data=data,
        overlay=overlay,
    )
    if made.faults:
        raise SrmError("; ".join(made.faults))
    return made


def review_readable(
    paths: Iterable[PathLike],
    *,
    matrix: Matrix | None = None,
    record: PathLike | ReviewRecord | None = None,
    date: str | None = None,
    framework: str | None = None,
    column: str | None = None,
    data: PathLike | None = None,
    overlay: PathLike | Iterable[PathLike] = (),
) -> Review:
    """As `review`, but what cannot be read stands in `faults` while the rest is answered."""
    decided = record if isinstance(record, ReviewRecord) or record is None else read_record(record)
    shown = check_date(date) or (decided.date if decided else None)
    base = matrix or make_matrix(load_catalogue(data, overlay))
    folders = base.catalogue.folders
    inventories, faults = read_paths(paths, folders[0], folders[1:], digest=True, column=column)
    holding = []
    for each in inventories:
        if each.resources or each.unmapped:
            holding.append(each)
        else:
            faults.append(f"{each.file}: holds no AWS resource; give a file that does")
    if framework is not None:
        find_controls(base.catalogue, framework)  # A wrong name is told before anything is shown.
    return Review(tuple(holding), base, tuple(faults), decided, shown, framework=framework)


def _list_fates(review: Review) -> Iterator[Row]:
    """What became of the duties from before the move."""
    if review.before:
        yield from trace_fates(review.before.rows(), review.rows())


def _weigh(review: Review) -> Row:
    return {"candidate": "; ".join(map(str, review.whatif))} | count_fates(review) | {
        "most_urgent": sum(row["priority"] == 1 for row in review.rows()),
        "doubts": list(doubt_moves(review.base.catalogue, review.whatif)),
    }  # fmt: skip


def _list_owed(review: Review) -> Iterator[tuple[str, str, str, Claim]]:
    """Every customer duty in force: its id, service, layer and the claim it stands in."""
    partly = {
        (moved.setting.service, moved.setting.layer): moved
        for moved in review.moved
        if not moved.is_everywhere
    }
    for service in review.matrix.services:
        for layer in review.matrix.layers:
            claims = [review.matrix.claims[service][layer]]
            if (service, layer) in partly:
                claims = [review.base.claims[service][layer], partly[service, layer].claim]
            for claim in claims:
                if claim.cell.customer_duty:
                    yield name_duty(layer, claim), service, layer, claim


def _list_notes(review: Review) -> Iterator[str]:
    yield from tell_sightings(review.list_sightings())
    yield from tell_unknown(review.inventories)
    for line in doubt_moves(review.base.catalogue, review.whatif):
        yield f"what if: {line}"
    yield from list_doubts(review.rows(), review.record, review.date)


def _list_moves(review: Review) -> Iterator[str]:
    """What the files' settings change, one line each."""
    for moved in review.moved:
        setting = moved.setting
        doubt = "" if moved.is_agreed else ", and another input shows otherwise"
        yield (
            f"{setting.service}: {setting.layer} is {moved.unless.owner} for {setting.count} of "
            f"{count_noun(setting.of, 'resource')}: {moved.unless.setting} is {moved.unless.value}{doubt}"
        )


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
