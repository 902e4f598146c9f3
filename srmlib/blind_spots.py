"""What the files of a workload do not tell: assumed, unseen, without a row, expected of every account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from srmlib.catalogue import Catalogue
from srmlib.data_files import split_list
from srmlib.inventory import Inventory, list_inventory
from srmlib.matrix import Row, cite, count_noun
from srmlib.sightings import BILLED, find_view

EXPECTED_COLUMNS = ("item", "name", "layer", "priority", "duty", "sources")


def list_expected(catalogue: Catalogue, inventories: Iterable[Inventory]) -> Iterator[Row]:
    """What every account needs and no file shows, in the columns of EXPECTED_COLUMNS."""
    types = {row["resource_type"] for row in list_inventory(inventories)}
    for item in catalogue.baseline:
        if not types & set(split_list(item.seen)):
            yield {
                "item": item.item, "name": item.name, "layer": item.layer,
                "priority": item.priority, "duty": item.duty,
                "sources": [cite(catalogue, item.source, item.section)],
            }  # fmt: skip


def tell_unknown(inventories: Iterable[Inventory]) -> Iterator[str]:
    """What was assumed, not seen, or has no row yet, one line each."""
    for each in inventories:
        thing = "line item" if find_view(each.format) == BILLED else "resource"
        for line in each.assumed:
            yield f"{each.file}: assumed: {line}"
        for line in each.unseen:
            yield f"{each.file}: not seen: {line}"
        for found in each.unmapped:
            family = f" (family {found.family})" if found.family else ""
            yield (
                f"{each.file}: no row yet for {found.resource_type}{family}, "
                f"{count_noun(found.count, thing)} not answered for"
            )
        if each.not_aws:
            total = sum(found.count for found in each.not_aws)
            yield f"{each.file}: {count_noun(total, thing)} not of AWS left out"
