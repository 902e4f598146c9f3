"""Controls -> layers -> who answers for them: inherited, shared or the customer's, with the reasons."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from srmlib.catalogue import Catalogue, Claim
from srmlib.data_files import split_list
from srmlib.errors import SrmError
from srmlib.families import Family, group_controls
from srmlib.matrix import Matrix, Row, frame_of, suggest
from srmlib.schema import WITH_AWS_WORK, WITH_WORK, Control, Framework

if TYPE_CHECKING:
    import pandas as pd

INHERITED, SHARED, CUSTOMER, NONE = "inherited", "shared", "customer", "not-applicable"
THIRD_PARTY = "third-party"
ANSWERS = (INHERITED, SHARED, CUSTOMER, THIRD_PARTY, NONE)
LISTED_COLUMNS = ("control", "title", "layers")
ANSWER_COLUMNS = (
    "control", "title", "owner", "aws_provides", "customer_duty", "services", "checks",
)  # fmt: skip
HIPAA, NIST = "hipaa-security-rule", "nist-800-53-r5"
# AWS brings the list out anew several times a year.
LIST_DAYS = 180
SIDES = {
    "each": "shared, whatever the layers say: each party does this for itself",
    "customer": "the customer's, whatever the layers say",
}


@dataclass(frozen=True)
class ControlMatrix:
    """A framework's controls held against the services of a matrix; made by `answer_controls`."""

    matrix: Matrix
    framework: str
    controls: tuple[Control, ...]
    workload: str = ""
    date: str | None = None
    inputs: str | None = None

    @property
    def facts(self) -> Framework:
        """Where the framework's text comes from: title, version, address, licence, date."""
        return self.matrix.catalogue.frameworks[self.framework]

    @property
    def title(self) -> str:
        """The framework's own title."""
        return self.facts.title

    @property
    def name(self) -> str:
        """The framework's title without what stands behind its colon."""
        return self.title.partition(":")[0]

    @property
    def table(self) -> pd.DataFrame:
        """One row a control: columns of ANSWER_COLUMNS, lists in all but the first three.

        `owner` is inherited (AWS alone), shared, customer, third-party or not-applicable; `services`
        are those that leave work to the customer.
        """
        return frame_of(self.rows(), self.columns)

    @property
    def counts(self) -> pd.Series:
        """How many controls have which answer, in the order of ANSWERS."""
        import pandas as pd

        owners = [answer(control, self.matrix) for control in self.controls]
        return pd.Series({each: owners.count(each) for each in ANSWERS if each in owners})

    @property
    def summary(self) -> str:
        """How many controls are inherited, shared and the customer's, as n of N."""
        told = ", ".join(f"{count} {name}" for name, count in self.counts.items())
        return f"{told}, of {len(self.controls)} controls"

    @property
    def warnings(self) -> list[str]:
        """What the answers leave open: for the HIPAA Security Rule, services in use that AWS's list of
        eligible services lacks or has in part, and a list that is old on the review's day."""
        return list(_doubt_list(self)) if self.framework == HIPAA else []

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that the controls are about, in display order."""
        asked = {layer for control in self.controls for layer in split_list(control.layers)}
        return tuple(layer for layer in self.matrix.layers if layer in asked)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `table`."""
        return ANSWER_COLUMNS

    def rows(self) -> list[Row]:
        """The rows of `table` as plain dicts."""
        return [_answer_row(control, self.matrix) for control in self.controls]

    def listed(self) -> list[Row]:
        """The controls without their answers: the columns of LISTED_COLUMNS."""
        return [
            {"control": each.control, "title": each.title, "layers": split_list(each.layers)}
            for each in self.controls
        ]

    def select(self, baseline: str) -> ControlMatrix:
        """Only the controls of a baseline: low, moderate, high, privacy; required; controller."""
        known = sorted(
            {each for control in self.controls for each in split_list(control.baselines)}
        )
        if baseline not in known:
            raise SrmError(
                f"{baseline!r} is no baseline of {self.framework}; {suggest(baseline, known)}"
            )
        kept = tuple(each for each in self.controls if baseline in split_list(each.baselines))
        return replace(self, controls=kept)


def answer_controls(
    matrix: Matrix,
    framework: str,
    controls: Iterable[str] | None = None,
    workload: str = "",
    date: str | None = None,
) -> ControlMatrix:
    """A framework's controls, or those named, over the services of a matrix.

    `date` (2026-01-31) is the day on which lists are judged to be old; the catalogue's own by default.
    """
    known = find_controls(matrix.catalogue, framework)
    if controls is None:
        return ControlMatrix(matrix, framework, tuple(known.values()), workload, date)
    asked = [controls] if isinstance(controls, str) else list(controls)
    found = tuple(_find(known, each, framework) for each in asked)
    return ControlMatrix(matrix, framework, found, workload, date)


def count_families(controls: ControlMatrix) -> dict[Family, dict[str, int]]:
    """How many controls of each family have which answer, each in the order of ANSWERS."""
    counts: dict[Family, dict[str, int]] = {}
    for family, members in group_controls(controls.framework, controls.controls).items():
        owners = [answer(control, controls.matrix) for control in members]
        counts[family] = {name: owners.count(name) for name in ANSWERS}
    return counts


def find_controls(catalogue: Catalogue, framework: str) -> dict[str, Control]:
    """The controls of a framework by id, in its own order."""
    if framework not in catalogue.frameworks:
        told = suggest(framework, catalogue.frameworks)
        raise SrmError(f"{framework!r} is no framework here; {told}")
    return {each.control: each for each in catalogue.list_controls(framework)}


def group_by_layer(catalogue: Catalogue, framework: str) -> dict[str, list[str]]:
    """Layer -> the ids of the controls that are about it, but for those that each party has for itself."""
    listed: dict[str, list[str]] = {}
    for control in find_controls(catalogue, framework).values():
        for layer in split_list(control.layers) if control.side != "each" else ():
            listed.setdefault(layer, []).append(control.control)
    return listed


def answer(control: Control, matrix: Matrix) -> str:
    """Who answers for a control: its side, else the owners of its layers over all services."""
    if control.side:
        return SHARED if control.side == "each" else CUSTOMER
    owners = {claim.cell.owner for _, _, claim in _list_claims(control, matrix)} - {NONE}
    if not owners:
        return NONE
    if owners == {"customer"}:
        return CUSTOMER
    if owners & set(WITH_WORK):
        return SHARED
    return INHERITED if "aws" in owners else THIRD_PARTY


def _answer_row(control: Control, matrix: Matrix) -> Row:
    claims = list(_list_claims(control, matrix))
    owned = [(layer, id, claim) for layer, id, claim in claims if claim.cell.owner in WITH_WORK]
    services = list(dict.fromkeys(id for _, id, _ in owned))
    layers = split_list(control.layers)
    return {
        "control": control.control, "title": control.title, "owner": answer(control, matrix),
        "aws_provides": _unique(
            claim.cell.aws_duty for _, _, claim in claims if claim.cell.owner in WITH_AWS_WORK
        ),
        "customer_duty": _unique(claim.cell.customer_duty for _, _, claim in owned),
        "services": services,
        "checks": matrix.catalogue.list_checks(layers, services),
    }  # fmt: skip


def _doubt_list(asked: ControlMatrix) -> Iterable[str]:
    """What AWS's list of HIPAA eligible services does not cover, and whether it is an old one."""
    catalogue = asked.matrix.catalogue
    listed = [catalogue.sources[each.source].as_of for each in catalogue.hipaa.values()]
    newest = max((each for each in listed if each != "unknown"), default=None)
    if newest is None:
        return
    name = f"AWS's list of HIPAA eligible services of {newest}"
    services = asked.matrix.services
    if missing := [id for id in services if id not in catalogue.hipaa]:
        yield f"not on {name}: {', '.join(missing)}; keep ePHI out, or look for a newer list"
    for id in services:
        if id in catalogue.hipaa and catalogue.hipaa[id].covers == "part":
            yield f"in part on {name}: {id}: {catalogue.hipaa[id].note}"
    today = asked.date or catalogue.read
    if (
        today
        and (datetime.date.fromisoformat(today) - datetime.date.fromisoformat(newest)).days
        > LIST_DAYS
    ):
        yield f"{name} was more than {LIST_DAYS} days old on {today}; hold the services against today's"


def _list_claims(control: Control, matrix: Matrix) -> Iterable[tuple[str, str, Claim]]:
    for layer in split_list(control.layers):
        if layer in matrix.layers:
            for id in matrix.services:
                yield layer, id, matrix.claims[id][layer]


def _find(known: Mapping[str, Control], control: str, framework: str) -> Control:
    if control not in known:
        raise SrmError(f"{control!r} is no control of {framework}; {suggest(control, known)}")
    return known[control]


def _unique(texts: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))
