"""Settings seen in files that move the owner of a cell, and the claims that are then in force."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple

import msgspec

from srmlib.catalogue import Claim
from srmlib.duties import Owed, name_duty
from srmlib.inventory import Inventory
from srmlib.inventory.ways import Setting
from srmlib.matrix import Matrix, count_noun
from srmlib.schema import Citation, Unless
from srmlib.sightings import find_view


class Moved(NamedTuple):
    """A setting seen in the files, the `unless` it meets, and the claim that is then in force.

    `is_agreed` tells that all views of the workload (declared, observed) say the same of it.
    """

    setting: Setting
    unless: Unless
    claim: Claim
    is_agreed: bool

    @property
    def is_everywhere(self) -> bool:
        """Whether all resources that could show the setting do, in every view of the workload."""
        return self.is_agreed and self.setting.count == self.setting.of


def find_moved(inventories: Iterable[Inventory], base: Matrix) -> Iterator[Moved]:
    """The settings seen over all files together, with the claims that are then in force."""
    for setting, is_agreed in _add_up(inventories):
        if setting.layer not in base.layers:
            continue  # The overlay or data folder in use has no such layer.
        claim = base.claims[setting.service][setting.layer]
        for unless in claim.cell.unless:
            if unless.value == setting.value and name_parameter(unless.setting) == setting.setting:
                yield Moved(setting, unless, _apply_unless(claim, unless), is_agreed)


def _add_up(inventories: Iterable[Inventory]) -> Iterator[tuple[Setting, bool]]:
    """Settings that some file shows, summed over the files of one view, and whether all views agree.

    A file that shows none of them still counts in `of`. A plan and a Config snapshot show the same
    resources: they are not summed, and the view that shows the setting least often stands.
    """
    summed: dict[tuple[str, str, str, str], dict[str, Setting]] = {}
    for each in inventories:
        view = find_view(each.format)
        for setting in each.settings:
            key = (setting.service, setting.layer, setting.setting, setting.value)
            views = summed.setdefault(key, {})
            before = views.get(view)
            count, of = (before.count, before.of) if before else (0, 0)
            views[view] = msgspec.structs.replace(
                setting, count=count + setting.count, of=of + setting.of
            )
    for views in summed.values():
        shares = {setting: setting.count / setting.of for setting in views.values() if setting.of}
        shown = [setting for setting in shares if setting.count]
        if shown:
            yield min(shown, key=shares.__getitem__), len(set(shares.values())) == 1


def name_parameter(setting: str) -> str:
    """The API parameter that a setting's words name in parentheses, else the words themselves."""
    named = re.findall(r"\(([^()]+)\)", setting)
    return named[-1] if named else setting


def _apply_unless(claim: Claim, unless: Unless) -> Claim:
    """The claim with the setting in force; its duty gets an id of its own."""
    cell = claim.cell
    owner = unless.owner
    moved = msgspec.structs.replace(
        cell,
        owner=owner,
        split=(cell.split or "dependent") if owner == "shared" else None,
        customer_duty=unless.duty if owner in ("aws", "not-applicable") else unless.duty or cell.customer_duty,
        sources=(Citation(id=unless.source, section=unless.section), *cell.sources),
        why=f"{unless.setting} is {unless.value}",
    )  # fmt: skip
    slug = re.sub(r"[^a-z0-9]+", "-", f"{name_parameter(unless.setting)} {unless.value}".lower())
    return Claim(moved, f"{claim.home}/{slug.strip('-')}", claim.origin)


def apply_moved(base: Matrix, used: Container[str], moved: Iterable[Moved]) -> Matrix:
    """The services in use with the claims in force.

    Where only some resources show a setting, the answer stands that leaves more to the customer.
    """
    services = tuple(id for id in base.services if id in used)
    claims = {id: dict(base.claims[id]) for id in services}
    for each in moved:
        row, layer = claims[each.setting.service], each.setting.layer
        if each.is_everywhere or _weigh_claim(each.claim) > _weigh_claim(row[layer]):
            row[layer] = each.claim
    return Matrix(base.catalogue, claims, services, base.layers)


def _weigh_claim(claim: Claim) -> int:
    """How much an owner leaves to the customer."""
    return {"customer": 3, "shared": 2, "third-party": 1}.get(claim.cell.owner, 0)


def list_owed_in_force(matrix: Matrix, base: Matrix, moved: Iterable[Moved]) -> Iterator[Owed]:
    """Every customer duty in force; where some resources show a setting, both answers' duties."""
    partly = {
        (each.setting.service, each.setting.layer): each for each in moved if not each.is_everywhere
    }
    for service in matrix.services:
        for layer in matrix.layers:
            claims = [matrix.claims[service][layer]]
            if (service, layer) in partly:
                claims = [base.claims[service][layer], partly[service, layer].claim]
            for claim in claims:
                if claim.cell.customer_duty:
                    yield name_duty(layer, claim), service, layer, claim


def tell_moved(moved: Iterable[Moved]) -> Iterator[str]:
    """What the files' settings change, one line each."""
    for setting, unless, _, is_agreed in moved:
        doubt = "" if is_agreed else ", and another input shows otherwise"
        yield (
            f"{setting.service}: {setting.layer} is {unless.owner} for {setting.count} of "
            f"{count_noun(setting.of, 'resource')}: {unless.setting} is {unless.value}{doubt}"
        )
