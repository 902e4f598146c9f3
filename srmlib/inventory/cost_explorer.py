"""Cost Explorer by service: what `aws ce get-cost-and-usage` prints, and the console's csv.

Form: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from msgspec import Struct

from srmlib.errors import SrmError
from srmlib.inventory.bill_table import add_lines, open_rows, tell_left_out
from srmlib.inventory.documents import PARQUET, Document
from srmlib.inventory.json_text import decode_json, looks_like_json
from srmlib.inventory.resources import Paths, Reading

FORMAT = "cost-explorer"
TABLES = ("console_names", "service_names")
# The dimensions by which ways.yaml asks.
DIMENSIONS = {"USAGE_TYPE": "usage_type", "OPERATION": "operation"}
# Cost Explorer lists these among the services.
NO_USAGE = {"Tax", "Refund"}
TOTALS = ("Total cost", "Service total")
AMOUNT = re.compile(r"(?<!\s)\s*+\([^()]{1,4}\)$")  # the currency: `Lambda($)`
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# The console leaves out the maker where it shows a service.
MAKERS = ("", "Amazon ", "AWS ")
BY_SERVICE = "is not grouped by service; group by SERVICE (the console: Dimension, Service)"


class Definition(Struct, rename="pascal"):
    key: str = ""


class Group(Struct, rename="pascal"):
    keys: list[str] = []


class Period(Struct, rename="pascal"):
    groups: list[Group] = []


class Answer(Struct, rename="pascal"):
    results_by_time: list[Period]
    group_definitions: list[Definition] = []
    next_page_token: str | None = None


def sniff(document: Document) -> bool:
    """An answer of the API, or a csv with costs by service and day."""
    if looks_like_json(document.head):
        return b'"ResultsByTime"' in document.head
    if document.head.startswith(PARQUET):
        return False
    first, *others = document.columns or ("",)
    return bool(others) and (
        any(name.startswith("Total cost") for name in others)
        or (first == "Service" and any(map(DAY.match, others)))
    )


def read(document: Document, wanted: Mapping[str, Paths]) -> Reading:
    """Count a service once for each month or day in which it stands, and each usage type."""
    reading = Reading(FORMAT, TABLES)
    lines = (_count_json if looks_like_json(document.head) else _count_csv)(document, reading)
    left_out = 0
    for (name, *values), number in lines.items():
        if name in NO_USAGE:
            left_out += number
        else:
            values_by_name = dict(zip(DIMENSIONS.values(), values, strict=False))
            add_lines(reading, _complete(name, wanted), values_by_name, number, wanted)
    reading.unseen += tell_left_out(left_out)
    return reading


def _count_json(document: Document, reading: Reading) -> Counter[tuple[str, ...]]:
    answer = decode_json(document.content, Answer)
    places = {each.key: place for place, each in enumerate(answer.group_definitions)}
    if "SERVICE" not in places:
        raise SrmError(BY_SERVICE)
    if answer.next_page_token:
        reading.unseen.append("more pages follow; fetch them with --next-page-token")
    groups = [each.keys for period in answer.results_by_time for each in period.groups]
    if any(len(keys) != len(places) for keys in groups):
        raise SrmError("is damaged: a group has not a key for each definition; fetch it again")
    return Counter(
        (keys[places["SERVICE"]], *(keys[places[d]] if d in places else "" for d in DIMENSIONS))
        for keys in groups
    )


def _count_csv(document: Document, reading: Reading) -> Counter[tuple[str, ...]]:
    """The console's table: a column a service, or a row."""
    with open_rows(document) as rows:
        head = next(rows)
        if head[0] != "Service":
            raise SrmError(BY_SERVICE)
        found: Counter[tuple[str, ...]] = Counter()
        for row in rows:
            for name, cell in zip(head[1:], row[1:], strict=False):
                service, day = (row[0], name) if DAY.match(name) else (name, row[0])
                if cell.strip() and DAY.match(day) and not service.startswith(TOTALS):
                    found[AMOUNT.sub("", service),] += 1
        return found


def _complete(name: str, wanted: Mapping[str, Paths]) -> str:
    """A service's whole name, where ways.yaml asks about it."""
    return next((maker + name for maker in MAKERS if maker + name in wanted), name)
