"""Settings seen in files that move the owner of a cell, and the claims that are then in force."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from srmlib.catalogue import Claim
from srmlib.inventory import Inventory
from srmlib.inventory.ways import Setting
from srmlib.matrix import Matrix
from srmlib.schema import Citation, Unless


class Moved(NamedTuple):
    """A setting seen in the files, the `unless` it meets, and the claim that is then in force."""

    setting: Setting
    unless: Unless
    claim: Claim


def find_moved(inventories: Iterable[Inventory], base: Matrix) -> Iterator[Moved]:
    """The settings seen over all files together, with the claims that are then in force."""
    for setting in _add_up(inventories):
        if setting.layer not in base.layers:
            continue  # The overlay or data folder in use has no such layer.
        claim = base.claims[setting.service][setting.layer]
        for unless in claim.cell.unless:
            if unless.value == setting.value and name_parameter(unless.setting) == setting.setting:
                yield Moved(setting, unless, _apply_unless(claim, unless))


def _add_up(inventories: Iterable[Inventory]) -> list[Setting]:
    """Settings summed over files; a file that shows none of them still counts in `of`."""
    summed: dict[tuple[str, str, str, str], Setting] = {}
    for setting in (setting for each in inventories for setting in each.settings):
        key = (setting.service, setting.layer, setting.setting, setting.value)
        before = summed.get(key)
        count, of = (before.count, before.of) if before else (0, 0)
        summed[key] = msgspec.structs.replace(
            setting, count=count + setting.count, of=of + setting.of
        )
    return [setting for setting in summed.values() if setting.count]


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


def is_everywhere(moved: Moved) -> bool:
    """Whether all resources that could show the setting do."""
    return moved.setting.count == moved.setting.of


def weigh_claim(claim: Claim) -> int:
    """How much an owner leaves to the customer."""
    return {"customer": 3, "shared": 2, "third-party": 1}.get(claim.cell.owner, 0)
