"""What `aws resourcegroupstaggingapi get-resources` prints: the resources that have or had tags."""

from __future__ import annotations

from msgspec import Struct

from srmlib.inventory.arns import Census
from srmlib.inventory.documents import Document
from srmlib.inventory.json_text import decode_json, looks_like_json
from srmlib.inventory.resources import Reading
from srmlib.inventory.words import Words

FORMAT = "tagging-api"
TABLES = ("arn",)


class Tagged(Struct):
    ResourceARN: str = ""


class Answer(Struct):
    ResourceTagMappingList: list[Tagged]


def sniff(document: Document) -> bool:
    """The list of tagged resources stands at the top."""
    head = document.head
    return (
        looks_like_json(head)
        and b'"ResourceTagMappingList"' in head
        and "ResourceTagMappingList" in document.keys
    )


def read(document: Document, words: Words) -> Reading:
    """Count distinct ARNs by type; no tag is read."""
    reading = Reading(FORMAT, TABLES)
    census = Census(reading, words)
    for each in decode_json(document.content, Answer).ResourceTagMappingList:
        census.add_arn(each.ResourceARN)
    reading.unseen.append("resources that never had a tag: the tagging API does not list them")
    return reading
