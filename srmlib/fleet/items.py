"""AWS Config snapshots and history files as plain items: account, Region, type and id, no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from srmlib.errors import SrmError

GZIP = b"\x1f\x8b"
DELETED = ("ResourceDeleted", "ResourceDeletedNotRecorded")
# What a folder may hold besides: not read, and no fault.
FORM = "holds no configurationItems; give a snapshot or history file of AWS Config"


class Item(NamedTuple):
    """One configuration item, without its configuration."""

    account_id: str | None
    region: str | None
    resource_type: str
    resource_id: str


class NoItemsError(SrmError):
    """JSON that AWS Config did not write."""


class _Written(msgspec.Struct, rename="camel", gc=False):
    """The few keys of an item that are decoded; the account's has two spellings."""

    resource_type: str
    resource_id: str = ""
    account_id: str | None = None
    aws_account_id: str | None = None
    aws_region: str | None = None
    configuration_item_status: str = ""


class _Snapshot(msgspec.Struct, rename="camel"):
    configuration_items: list[_Written]


def read_items(path: Path) -> Iterator[Item]:
    """The items of a .json or .json.gz that AWS Config wrote, those of deleted resources left out."""
    for each in _decode(path):
        if each.configuration_item_status not in DELETED:
            account = each.aws_account_id or each.account_id
            yield Item(account, each.aws_region, each.resource_type, each.resource_id)


def _decode(path: Path) -> list[_Written]:
    try:
        return msgspec.json.decode(_read_bytes(path), type=_Snapshot).configuration_items
    except msgspec.ValidationError:
        raise NoItemsError(f"{path.name}: {FORM}") from None
    except msgspec.DecodeError:
        raise SrmError(f"{path.name}: is broken JSON; copy the file again") from None


def _read_bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SrmError(f"{path.name}: cannot be read: {error.strerror}; check the path") from None
    if not content.startswith(GZIP):
        return content
    import zlib

    from isal import igzip

    try:
        return bytes(igzip.decompress(content))  # type: ignore[no-untyped-call]
    except (OSError, EOFError, zlib.error, igzip.BadGzipFile):
        raise SrmError(f"{path.name}: is broken gzip; copy the file again") from None
