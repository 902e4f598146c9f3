"""The configuration items in whatever AWS Config hands out, one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct

from srmlib.inventory.blocks import Blocks, find_array
from srmlib.inventory.documents import Document
from srmlib.inventory.json_text import JSON_ERRORS, looks_like_json, tell_json_fault
from srmlib.inventory.limits import LIMIT

ABSENT = Raw()
ANYTHING = re.compile(b"")
# The key of the long array -> what its first item shows, where others write such a key too.
ARRAYS = {
    # Snapshots and histories in S3, get-resource-config-history.
    "configurationItems": ANYTHING,
    # batch-get-resource-config and batch-get-aggregate-resource-config.
    "baseConfigurationItems": ANYTHING,
    "BaseConfigurationItems": ANYTHING,
    # list-discovered-resources and list-aggregate-discovered-resources.
    "resourceIdentifiers": ANYTHING,
    "ResourceIdentifiers": re.compile(rb'\s*(?:\{[^{}]*"SourceAccountId"|\]\s*\})'),
    # select-resource-config and select-aggregate-resource-config: JSON in strings.
    "Results": re.compile(rb'\s*(?:"\{|\]\s*,\s*"QueryInfo")'),
}
ITEMS = ("configurationItem", "configurationItemSummary")
# What SNS, SQS, EventBridge and Lambda put around a notification.
WRAPPERS = ("Message", "Body", "body", "detail", "invokingEvent", "Sns", "Messages", "Records")
CARRIERS = frozenset((*ITEMS, *WRAPPERS))
MESSAGE = 8 << 20  # bytes; SQS hands over ten messages of 256 KiB at most
# Recorders of several Regions may each record these: one resource, whatever Region an item names.
# https://docs.aws.amazon.com/config/latest/developerguide/select-resources.html
GLOBAL_PREFIXES = ("AWS::IAM::", "AWS::RDS::GlobalCluster")
DELETED = {"ResourceDeleted", "ResourceDeletedNotRecorded"}


class Item(
    Struct,
    gc=False,
    rename={
        "type": "resourceType",
        "id": "resourceId",
        "name": "resourceName",
        "file_arn": "ARN",
        "api_account": "accountId",
        "file_account": "awsAccountId",
        "region": "awsRegion",
        "status": "configurationItemStatus",
        "time": "configurationItemCaptureTime",
        "deletion_time": "resourceDeletionTime",
        "number": "COUNT(*)",
    },
):
    """One state of one resource; files in S3 spell two names in another way than the API does.

    The configuration stays undecoded: an object, or JSON in a string. `time` is ISO 8601 or seconds
    since 1970. `number` stands in the rows of a query that counts.
    """

    type: str | None = None
    id: str | None = None
    name: str | None = None
    arn: str | None = None
    file_arn: str | None = None
    api_account: str | None = None
    file_account: str | None = None
    region: str | None = None
    status: str | None = None
    time: str | float | None = None
    deletion_time: str | float | None = None
    configuration: Raw = ABSENT
    tags: Raw = ABSENT
    number: Annotated[int, Meta(ge=0, le=10**12)] | None = None

    @property
    def account(self) -> str:
        """The account that the resource is in, where the file says so."""
        return self.file_account or self.api_account or ""

    @property
    def identity(self) -> str | None:
        """What tells the resource from others of its account, Region and type, if anything does."""
        return self.id or self.arn or self.file_arn or self.name

    @property
    def is_deleted(self) -> bool:
        """Whether this is the end of a resource; one that is found but not recorded exists."""
        return self.status in DELETED or self.deletion_time is not None


def is_global(type: str) -> bool:
    """Whether several Regions may each record what has no Region."""
    return type.startswith(GLOBAL_PREFIXES)


class Listed(Struct, gc=False, rename="pascal"):
    """An entry of list-aggregate-discovered-resources."""

    resource_type: str
    resource_id: str | None = None
    resource_name: str | None = None
    source_account_id: str | None = None
    source_region: str | None = None


class Page(Struct, rename={"token": "nextToken", "cli_token": "NextToken"}):
    """What stands around the items."""

    token: str | None = None
    cli_token: str | None = None


def find_key(document: Document) -> str | None:
    """The key of the array that holds the items, if the head shows one of Config's."""
    for key, first in ARRAYS.items():
        end = find_array(document.head, key) if key.encode() in document.head else None
        if end and first.match(document.head, end):
            return key
    return None


def is_notification(document: Document) -> bool:
    """Whether this is a change notification, or a line of JSON for each of many."""
    if b"configurationItem" not in document.head or not looks_like_json(document.head):
        return False
    with document.open_text() as stream:
        content = stream.read(MESSAGE)
    return any(_list_keys(each) & CARRIERS for each in (content.partition(b"\n")[0], content))


def _list_keys(content: bytes) -> frozenset[str]:
    try:
        return frozenset(msgspec.json.decode(content, type=dict[str, Raw]))
    except JSON_ERRORS:
        return frozenset()


def list_items(document: Document) -> Iterator[Item]:
    """Every item of a document, deleted and repeated ones too."""
    return chain.from_iterable(list_batches(document))


def list_batches(document: Document, unseen: list[str] | None = None) -> Iterator[Iterable[Item]]:
    """As `list_items`, as many at a time as are decoded at once; `unseen` is told what is lacking."""
    key = find_key(document)
    if key is None:
        yield from ([item] for item in _list_notified(document))
        return
    with document.open_text() as stream:
        decoder: msgspec.json.Decoder[list[Any]] = msgspec.json.Decoder(list[_find_form(key)])  # type: ignore[misc]
        blocks = Blocks(stream, key, decoder.decode, Page)
        for block in blocks:
            yield _as_items(key, block)
    if unseen is not None and (blocks.rest.token or blocks.rest.cli_token):
        unseen.append("the list goes on in pages that are not in the file; ask for all of them")


def _find_form(key: str) -> type:
    return {"ResourceIdentifiers": Listed, "Results": str}.get(key, Item)


def _as_items(key: str, block: list[Any]) -> Iterable[Item]:
    if key == "Results":
        return [_decode_row(row) for row in block]
    if key == "ResourceIdentifiers":
        return [
            Item(
                type=each.resource_type, id=each.resource_id, name=each.resource_name,
                api_account=each.source_account_id, region=each.source_region,
            )
            for each in block
        ]  # fmt: skip
    return block


def _decode_row(row: str) -> Item:
    try:
        return msgspec.json.decode(row, type=Item)
    except JSON_ERRORS as error:
        raise tell_json_fault(error, lambda _: 1) from None


def _list_notified(document: Document) -> Iterator[Item]:
    """The items of one notification, or of one a line."""
    with document.open_text() as stream:
        line, number = stream.readline(), 1
        if not _is_json(line):
            line += stream.read(LIMIT)
        while line:
            try:
                yield from _unwrap(Raw(line))
            except JSON_ERRORS as error:
                raise tell_json_fault(error, lambda _, at=number: at) from None  # type: ignore[misc]
            line, number = stream.readline(), number + 1


def _is_json(content: bytes) -> bool:
    try:
        msgspec.json.decode(content, type=Raw)
    except JSON_ERRORS:
        return False
    return True


def _unwrap(content: Raw, depth: int = 0) -> Iterator[Item]:
    """The items in a message, through what carried it; other messages of Config hold none."""
    first = bytes(content).lstrip()[:1]
    if depth > 2 * len(WRAPPERS) or not first:
        return
    if first == b'"':
        text = msgspec.json.decode(content, type=str)
        inner = [Raw(text)] if looks_like_json(text.encode()) else []
    elif first == b"[":
        inner = msgspec.json.decode(content, type=list[Raw])
    else:
        parts = msgspec.json.decode(content, type=dict[str, Raw] | None) or {}
        found = [parts[key] for key in ITEMS if bytes(parts.get(key, b"null")) != b"null"]
        yield from (msgspec.json.decode(each, type=Item) for each in found[:1])
        inner = [] if found else [parts[key] for key in WRAPPERS if key in parts]
    for each in inner:
        yield from _unwrap(each, depth + 1)
