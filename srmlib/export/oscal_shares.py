"""What each service answers to each control: AWS's part, the customer's, and the cells behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from srmlib.catalogue import CATALOGUE, Claim
from srmlib.data_files import split_list
from srmlib.export.oscal_parts import Tree, make_prop, quote, render_duties
from srmlib.frameworks import CUSTOMER, NONE, THIRD_PARTY, ControlMatrix
from srmlib.matrix import Matrix, Row, cite_cell
from srmlib.schema import Control

NOBODY = "Nobody has work here: the service does not have these layers."


class Share(NamedTuple):
    """One service's answer to one control; `owner` is the control's if this were the only service."""

    service: str
    owner: str
    provided: list[str]
    owed: list[str]
    third: list[str]
    layers: list[Tree]
    checks: list[Tree]
    links: list[Tree]

    @property
    def inherits(self) -> bool:
        """Whether AWS does a part of the control here; what can only be the customer's it does not."""
        return bool(self.provided) and self.owner != CUSTOMER

    @property
    def says_something(self) -> bool:
        """Whether anybody has a part at the service, or the layers of the control are none of its."""
        answered = self.inherits or self.owed or self.third or self.owner == NONE
        return bool(self.layers and answered)

    @property
    def state(self) -> str:
        """OSCAL's implementation status: planned where the customer has work."""
        if self.owed or self.owner == THIRD_PARTY:
            return "planned"
        return "not-applicable" if self.owner == NONE else "implemented"


class Answered(NamedTuple):
    """A control with its row and the share of each service that has one."""

    control: Control
    row: Row
    shares: list[Share]


def list_answers(asked: ControlMatrix) -> Iterator[Answered]:
    """Every control with its shares, in the order of the matrix."""
    columns = [list_shares(asked, service) for service in asked.matrix.services]
    shares = zip(*columns, strict=True) if columns else ((),) * len(asked.controls)
    for control, row, each in zip(asked.controls, asked.rows(), shares, strict=True):
        yield Answered(control, row, [share for share in each if share.says_something])


def list_shares(asked: ControlMatrix, service: str) -> list[Share]:
    """One service's share of every control; controls about the same layers have the same share."""
    alone = replace(asked.matrix, services=(service,))
    known: dict[tuple[str, str], Share] = {}
    for control in asked.controls:
        if (control.layers, control.side) not in known:
            made = _make_share(replace(asked, matrix=alone, controls=(control,)), service)
            known[control.layers, control.side] = made
    return [known[control.layers, control.side] for control in asked.controls]


def tell_share(share: Share) -> str:
    """Who does what, as Markdown: AWS first, then the customer."""
    blocks = [f"AWS does:\n\n{render_duties(share.provided)}"] if share.inherits else []
    blocks += [f"The customer has to:\n\n{render_duties(share.owed)}"] if share.owed else []
    blocks += [render_duties(share.third)] if share.third else []
    return "\n\n".join(blocks) or NOBODY


def sum_up(share: Share) -> str:
    """Who does it in one sentence, for where the duties stand beside it."""
    if share.inherits:
        return f"AWS does {'its part, and the customer the rest' if share.owed else 'it'}."
    return "It is the customer's to do." if share.owed else render_duties(share.third) or NOBODY


def _make_share(asked: ControlMatrix, service: str) -> Share:
    """The share of the one control and the one service that are asked for."""
    (row,), (control,), matrix = asked.rows(), asked.controls, asked.matrix
    layers = [layer for layer in split_list(control.layers) if layer in matrix.layers]
    claims = {layer: matrix.claims[service][layer] for layer in layers}
    return Share(
        service, row["owner"], row["aws_provides"], row["customer_duty"],
        _list_third(matrix, claims), list(_list_layers(claims)), list(_list_checks(matrix, row)),
        _list_links(matrix, claims),
    )  # fmt: skip


def _list_third(matrix: Matrix, claims: dict[str, Claim]) -> list[str]:
    return [
        f"{claim.cell.third_party} answers for {matrix.catalogue.layers[layer].name}."
        for layer, claim in claims.items()
        if claim.cell.third_party
    ]


def _list_layers(claims: dict[str, Claim]) -> Iterator[Tree]:
    for layer, claim in claims.items():
        yield make_prop("layer-owner", claim.cell.owner, layer)
        yield make_prop("layer-basis", claim.cell.basis, layer)
        for each in claim.cell.contested:
            yield make_prop("layer-contested", each.owner, layer)
        if claim.origin != CATALOGUE:
            yield make_prop("layer-origin", claim.origin.strip(), layer)


def _list_checks(matrix: Matrix, row: Row) -> Iterator[Tree]:
    """Security Hub's controls that give evidence, each with its AWS Config rule in one group."""
    rules = {each.check: each.config_rule for each in matrix.catalogue.checks}
    for check in row["checks"]:
        yield make_prop("security-hub-control", check, group=check)
        if rules[check]:
            yield make_prop("config-rule", rules[check], group=check)


def _list_links(matrix: Matrix, claims: dict[str, Claim]) -> list[Tree]:
    pages = [page for claim in claims.values() for page in cite_cell(matrix.catalogue, claim.cell)]
    told = {(page["url"], page["section"]): None for page in pages}
    return [{"href": url, "rel": "reference", "text": quote(section)} for url, section in told]
