"""AWS's Cost and Usage Report: the legacy one and CUR 2.0 of Data Exports, csv or Parquet.

Columns: https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html and, of the
legacy report, https://docs.aws.amazon.com/cur/latest/userguide/Lineitem-columns.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from srmlib.inventory.bill_table import add_lines, count_lines, tell_left_out
from srmlib.inventory.documents import Document
from srmlib.inventory.json_text import as_mapping, decode_json
from srmlib.inventory.resources import MARKETPLACE, Paths, Reading

FORMAT = "cost-and-usage"
TABLES = ("billing", "service_names")
CODES = ("line_item_product_code", "product_servicecode")
FIELDS = {
    "code": CODES,
    "name": ("product_product_name", "product"),
    "kind": ("line_item_line_item_type",),
    "term": ("pricing_term",),
    "entity": ("bill_billing_entity",),
    # The names by which ways.yaml asks.
    "usage_type": ("line_item_usage_type",),
    "operation": ("line_item_operation",),
    "unit": ("pricing_unit",),
}
# Line items that bill or forgive, and show no use of a product. A Fee does, as of a support plan
# or a domain, unless it pays a reservation in advance.
NO_USAGE = re.compile(
    r"Tax|Credit|Refund|RIFee|\w*Discount|SavingsPlan(Negation|RecurringFee|UpfrontFee)"
)


def sniff(document: Document) -> bool:
    """A column of product codes under one of the names it has had."""
    return not {simplify_column(name) for name in document.columns}.isdisjoint(CODES)


def read(document: Document, wanted: Mapping[str, Paths]) -> Reading:
    """Count the line items that show usage, by product code; those of Marketplace by product."""
    reading = Reading(FORMAT, TABLES)
    left_out = 0
    for line, number in count_lines(document, FIELDS, simplify_column):
        if is_no_usage(line["kind"], line["term"]):
            left_out += number
        elif line["entity"] == MARKETPLACE:
            reading.sold[_read_name(line["name"])] += number
        else:
            add_lines(reading, line["code"], line, number, wanted)
    reading.unseen += tell_left_out(left_out)
    return reading


def simplify_column(name: str) -> str:
    """`lineItem/ProductCode` -> `line_item_product_code`, as Athena and CUR 2.0 write it."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("/", "_").lower()


def is_no_usage(kind: str, term: str) -> bool:
    """Whether a line item only bills: tax, credits, discounts and commitments."""
    return bool(NO_USAGE.fullmatch(kind)) or (kind == "Fee" and term == "Reserved")


def _read_name(product: str) -> str:
    """A product's name, in CUR 2.0 one of several attributes in a map."""
    if not product.startswith("{"):
        return product
    return str(as_mapping(decode_json(product.encode(), dict)).get("product_name", ""))
