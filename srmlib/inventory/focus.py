"""A bill in the FinOps Open Cost and Usage Specification (FOCUS), csv or Parquet.

Columns: https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-focus-1-2-aws-columns.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from srmlib.inventory.bill_table import add_lines, count_lines, tell_left_out
from srmlib.inventory.documents import Document
from srmlib.inventory.resources import Paths, Reading

FORMAT = "focus"
TABLES = ("billing", "service_names")
REQUIRED = {"servicename", "chargecategory", "billedcost"}
FIELDS = {
    "provider": ("serviceprovidername", "providername"),
    "name": ("servicename",),
    "code": ("x_servicecode",),
    "kind": ("chargecategory",),
    "commitment": ("commitmentdiscounttype", "commitmentdiscountcategory"),
    # The names by which ways.yaml asks.
    "usage_type": ("x_usagetype",),
    "operation": ("x_operation",),
    "unit": ("pricingunit",),
}
# Charges that bill or forgive. A purchase shows use, as of a domain, unless it is a commitment.
NO_USAGE = {"Tax", "Credit", "Adjustment"}
AWS = ("AWS", "Amazon")
# AWS's own codes are words; those of Marketplace products are drawn.
DRAWN = re.compile(r"[a-z0-9]{20,}")


def sniff(document: Document) -> bool:
    """The columns that FOCUS requires of every bill."""
    return {name.lower() for name in document.columns} >= REQUIRED


def read(document: Document, wanted: Mapping[str, Paths]) -> Reading:
    """Count the charges that show usage, by AWS's product code where there is one."""
    reading = Reading(FORMAT, TABLES)
    left_out = 0
    for line, number in count_lines(document, FIELDS, str.lower):
        if line["kind"] in NO_USAGE or (line["kind"] == "Purchase" and line["commitment"]):
            left_out += number
        elif line["provider"] and not line["provider"].startswith(AWS):
            reading.add_foreign(line["name"], number)
        elif DRAWN.fullmatch(line["code"]):
            reading.sold[line["name"]] += number
        else:
            add_lines(reading, line["code"] or line["name"], line, number, wanted)
    reading.unseen += tell_left_out(left_out)
    return reading
