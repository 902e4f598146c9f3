"""Why a control has its answer: its layers, who owns them for which services, and what can show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srmlib.catalogue import Catalogue
from srmlib.data_files import split_list
from srmlib.frameworks import INHERITED, SHARED, SIDES, answer_controls
from srmlib.matrix import Matrix, Row, cite, frame_of
from srmlib.schema import HEAVIEST, Control

if TYPE_CHECKING:
    import pandas as pd

REASON_COLUMNS = (
    "layer", "owner", "services", "aws_duty", "customer_duty", "basis", "why", "sources",
)  # fmt: skip


@dataclass(frozen=True)
class Explanation:
    """Why a control has its answer: the layers, who owns them for which services, and the pages.

    `evidence` names what can show it: Security Hub controls, Config rules, AWS's reports.
    """

    control: Control
    framework: str
    owner: str
    reasons: tuple[Row, ...]
    evidence: tuple[str, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """One row a layer and answer, over all services that answer alike: REASON_COLUMNS."""
        return frame_of(list(self.reasons), REASON_COLUMNS)

    def __str__(self) -> str:
        return "\n".join(_tell(self))

    __repr__ = __str__


def explain_control(matrix: Matrix, framework: str, control: str) -> Explanation:
    """Why a control is inherited, shared or the customer's for the services of a matrix."""
    asked = answer_controls(matrix, framework, control)
    (found,), (row,) = asked.controls, asked.rows()
    reasons = tuple(
        reason for layer in split_list(found.layers) for reason in list_reasons(matrix, layer)
    )
    evidence = tuple(_list_evidence(matrix.catalogue, framework, row))
    return Explanation(found, framework, row["owner"], reasons, evidence)


def list_reasons(matrix: Matrix, layer: str) -> list[Row]:
    """The answers to a layer, each once with the services that have it: REASON_COLUMNS and origin."""
    gathered: dict[tuple[str, object], Row] = {}
    for id in matrix.services:
        claim = matrix.claims[id].get(layer)
        if claim is None:
            continue
        cell = claim.cell
        row = gathered.setdefault(
            (claim.home, cell),
            {
                "layer": layer, "owner": cell.owner, "services": [], "aws_duty": cell.aws_duty,
                "customer_duty": cell.customer_duty, "basis": cell.basis, "why": cell.why,
                "origin": claim.origin,
                "sources": [
                    cite(matrix.catalogue, each.id, each.section)
                    for each in dict.fromkeys(cell.sources)
                ],
            },
        )  # fmt: skip
        row["services"].append(id)
    return sorted(gathered.values(), key=lambda row: HEAVIEST.index(row["owner"]))


def _list_evidence(catalogue: Catalogue, framework: str, row: Row) -> Iterable[str]:
    """What shows that the customer's part is done: checks with their rules, AWS's sample template."""
    rules = {each.check: each.config_rule for each in catalogue.checks}
    for check in row["checks"]:
        rule = f" (AWS Config rule {rules[check]})" if rules.get(check) else ""
        yield f"Security Hub control {check}{rule}"
    pack = catalogue.frameworks[framework].conformance_pack
    if pack and row["checks"]:
        yield f"AWS Config conformance pack {pack}"
    if row["owner"] in (INHERITED, SHARED):
        yield "AWS's own reports, from AWS Artifact"


def _tell(why: Explanation) -> Iterable[str]:
    control = why.control
    yield f"{control.control} {control.title} ({why.framework}): {why.owner}"
    if control.side:
        yield f"This is {SIDES[control.side]}."
    yield f"Why: {control.reason} ({control.basis})"
    yield from (f"Can show part of it: {each}" for each in why.evidence)
    for row in why.reasons:
        yield f"- {row['layer']}: {row['owner']} for {', '.join(row['services'])} ({row['basis']})"
        for label, key in (("AWS", "aws_duty"), ("You", "customer_duty"), ("Because", "why")):
            if row[key]:
                yield f"    {label}: {row[key]}"
        yield from (f"    Page: {page['section']}, {page['url']}" for page in row["sources"])
