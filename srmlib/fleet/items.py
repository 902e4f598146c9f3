"""What AWS Config hands out, as plain items: account, Region, type and id, no configuration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from srmlib.errors import SrmError
from srmlib.inventory import aws_config, config_items
from srmlib.inventory.documents import Document

FORM = "holds no items of AWS Config; give a snapshot, a history, a list or a query of it"
# Recorders of several Regions may each record what has none.
GLOBAL = "global"


class Item(NamedTuple):
    """One state of one resource; of several the newest counts, and none where that is deleted."""

    account_id: str | None
    region: str | None
    resource_type: str
    resource_id: str
    time: float
    is_deleted: bool


class NoItemsError(SrmError):
    """A file that AWS Config did not write."""


def read_items(path: Path) -> Iterator[Item]:
    """The items of a .json or .json.gz of AWS Config, those of deleted resources and repeated ones too."""
    try:
        document = Document(path)
        if not aws_config.sniff(document):
            raise NoItemsError(FORM)
        for number, each in enumerate(config_items.list_items(document)):
            if each.type:
                yield _make_item(each, number)
    except SrmError as error:
        raise type(error)(f"{path.name}: {error}") from None


def _make_item(item: config_items.Item, number: int) -> Item:
    """Without an id it is a resource of its own."""
    region = GLOBAL if config_items.is_global(item.type or "") else item.region
    id = item.identity or f"{number}"
    time = aws_config.read_time(item.time)
    return Item(item.account or None, region, item.type or "", id, time, item.is_deleted)
