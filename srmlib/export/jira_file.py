"""A CSV that issue trackers import, one issue a duty; docs/record.md says how to map its columns.

The duty's id is the External issue ID and a label: by it an import finds what it made before.
"""

from __future__ import annotations

from srmlib.catalogue import CATALOGUE
from srmlib.errors import SrmError
from srmlib.export.edition import Edition, head_of
from srmlib.export.tables import Exportable, render_csv, shorten
from srmlib.matrix import Row
from srmlib.reviews import Review

COLUMNS = (
    "External issue ID", "Summary", "Description", "Issue Type", "Priority", "Labels", "Assignee",
    "Status",
)  # fmt: skip
# A summary has 255 characters in Jira, the layer's name included; the description has it all.
SUMMARY_ROOM = 200
PRIORITIES = {1: "Highest", 2: "High", 3: "Medium", 4: "Low", 5: "Lowest"}


def render(what: Exportable, edition: Edition) -> str:
    """The duties of a review as issues; names and statuses are the record's."""
    if not isinstance(what, Review):
        raise SrmError("issues are written of a review's duties; give a review for .jira.csv")
    origin = "; ".join([what.workload, *head_of(what, edition).lines()])
    return render_csv((_make_issue(what, row, origin) for row in what.rows()), COLUMNS)


def _make_issue(review: Review, row: Row, origin: str) -> Row:
    layer = review.base.catalogue.layers[row["layer"]].name
    services = ", ".join(row["services"])
    return {
        "External issue ID": f"srm:{row['duty']}",
        "Summary": f"{layer}: {shorten(row['text'], SUMMARY_ROOM)}",
        "Description": "\n".join(_describe(row, services, origin)),
        "Issue Type": "Task",
        "Priority": PRIORITIES[row["priority"]],
        "Labels": f"srm:{row['duty']}",
        "Assignee": row["owner"],
        "Status": row["status"],
    }


def _describe(row: Row, services: str, origin: str) -> list[str]:
    lines = [row["text"], f"For: {services}"]
    lines += [f"Tools: {', '.join(row['tools'])}"] if row["tools"] else []
    lines += [f"Checks: {', '.join(row['checks'])}"] if row["checks"] else []
    lines += [f"Origin: {row['origin']}"] if row["origin"] != CATALOGUE else []
    lines += [f"Exception: {row['exception']}"] if row["exception"] else []
    lines += [f"Note: {row['note']}"] if row["note"] else []
    lines += [f"Source: {each['section']}, {each['url']}" for each in row["sources"]]
    return [*lines, f"Duty srm:{row['duty']} of {origin}"]
