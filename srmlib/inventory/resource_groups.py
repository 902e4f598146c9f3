"""What `aws resource-groups list-group-resources` and `search-resources` print."""

from __future__ import annotations

import re

from msgspec import Struct

from srmlib.inventory.arns import Census
from srmlib.inventory.documents import Document
from srmlib.inventory.json_text import decode_json, looks_like_json
from srmlib.inventory.resources import Reading
from srmlib.inventory.words import Words

FORMAT = "resource-groups"
TABLES = ("cloudformation", "config", "arn")
TYPE = re.compile(r"AWS::\w+::\w+")


class Name(Struct, frozen=True):
    ResourceArn: str = ""
    ResourceType: str = ""


class Member(Struct):
    Identifier: Name = Name()


class Answer(Struct):
    Resources: list[Member] = []
    ResourceIdentifiers: list[Name] = []


def sniff(document: Document) -> bool:
    """Identifiers at the top, or within a list of resources."""
    head = document.head
    return (
        looks_like_json(head)
        and b'"ResourceArn"' in head
        and (
            "ResourceIdentifiers" in document.keys
            or ("Resources" in document.keys and b'"Identifier"' in head)
        )
    )


def read(document: Document, words: Words) -> Reading:
    """Count distinct ARNs by the type that stands beside them."""
    reading = Reading(FORMAT, TABLES)
    census = Census(reading, words)
    answer = decode_json(document.content, Answer)
    # The older list repeats the newer one.
    for each in (*(member.Identifier for member in answer.Resources), *answer.ResourceIdentifiers):
        census.add_arn(
            each.ResourceArn, each.ResourceType if TYPE.fullmatch(each.ResourceType) else ""
        )
    return reading
