"""What `aws resource-explorer-2 search` and `list-resources` print."""

from __future__ import annotations

import re

from msgspec import Struct

from srmlib.inventory.arns import Census
from srmlib.inventory.documents import Document
from srmlib.inventory.json_text import decode_json, looks_like_json
from srmlib.inventory.resources import Reading
from srmlib.inventory.words import Words

FORMAT = "resource-explorer"
TABLES = ("arn",)
LIST = re.compile(rb'"Resources"\s*:\s*\[\s*(\])?')


class Found(Struct):
    Arn: str = ""
    ResourceType: str = ""


class Total(Struct, frozen=True):
    Complete: bool = True


class Answer(Struct):
    Resources: list[Found]
    Count: Total = Total()


def sniff(document: Document) -> bool:
    """A list of resources, where a template has a mapping, each with its ARN."""
    head = document.head
    found = LIST.search(head) if looks_like_json(head) else None
    return bool(found and (found[1] or b'"Arn"' in head) and "Resources" in document.keys)


def read(document: Document, words: Words) -> Reading:
    """Count distinct ARNs by the type that stands beside them."""
    reading = Reading(FORMAT, TABLES)
    census = Census(reading, words)
    answer = decode_json(document.content, Answer)
    for each in answer.Resources:
        census.add_arn(each.Arn, census.find_known(each.ResourceType))
    if not answer.Count.Complete:
        reading.unseen.append(
            "what lies beyond a search's limit; `aws resource-explorer-2 list-resources` has none"
        )
    return reading
