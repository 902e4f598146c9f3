"""NIST controls in the columns of FedRAMP's CIS/CRM workbook, to be copied into it.

What each column may hold is told by the guidance on that workbook's own sheets: a control that is
inherited has no text; one that is not says why and what the customer does, service by service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from srmlib.export.control_parts import Task, cut_texts, split_sides
from srmlib.export.sheets import Column, Sheets
from srmlib.frameworks import SIDES, ControlMatrix, answer
from srmlib.matrix import Row
from srmlib.schema import Control

CAN_BE = {"inherited": "Yes", "shared": "Partial"}
CRM_SHEET = (
    Column("id", "Control ID", 14), Column("can", "Can Be Inherited from CSP", 16),
    Column("text", "Specific Inheritance and Customer Agency/CSP Responsibilities", 130),
)  # fmt: skip
STATUSES = ("Implemented", "Partially Implemented", "Planned", "Alternative Implementation", "N/A")
ORIGINS = {
    "inherited": "Service Provider (Corporate, System Specific or Hybrid)",
    "shared": "Shared (Service Provider and Customer Responsibility)",
    "customer": "Customer System Specific (Configured or Provided by Customer)",
    "third-party": "Third party",
    "not-applicable": "No such layer in use",
}
CIS_SHEET = (
    Column("id", "Control ID", 14),
    *(Column(name, name, 15, True) for name in STATUSES),
    *(Column(name, title, 22) for name, title in ORIGINS.items()),
)
MORE = ", in the sheet Layers"
# Together, with the lines between them, what a row of the greatest height shows.
AWS_ROOM, DUTY_ROOM, LINE = 900, 1700, 130


def add_fedramp(book: Sheets, what: ControlMatrix) -> None:
    """The sheets CRM and CIS; AWS is the service provider."""
    owners = [answer(control, what.matrix) for control in what.controls]
    asked = list(zip(what.controls, owners, strict=True))
    book.write_table("CRM", CRM_SHEET, [_tell_crm(what, *each) for each in asked], head_lines=2)
    rows: list[Row] = [
        {"id": name_control(control.control), owner: "X"} for control, owner in asked
    ]
    book.write_table("CIS", CIS_SHEET, rows, head_lines=4)


def name_control(id: str) -> str:
    """A control's id as FedRAMP writes it: AC-2(1) is AC-02 (1)."""
    found = re.fullmatch(r"([A-Z]+)-(\d+)(?:\((\d+)\))?", id)
    if found is None:
        return id
    return f"{found[1]}-{int(found[2]):02}" + (f" ({found[3]})" if found[3] else "")


def _tell_crm(what: ControlMatrix, control: Control, owner: str) -> Row:
    return {
        "id": name_control(control.control),
        "can": CAN_BE.get(owner, "No"),
        "text": "\n".join(_describe(what, control, owner)),
    }


def _describe(what: ControlMatrix, control: Control, owner: str) -> Iterator[str]:
    if owner == "inherited":
        return
    yield {
        "shared": f"Inherited in part: {control.reason}",
        "customer": f"Cannot be inherited: {control.reason}",
        "third-party": f"A third party has it, not AWS: {control.reason}",
        "not-applicable": f"No service in use has such a layer: {control.reason}",
    }[owner]
    if control.side:
        yield f"{SIDES[control.side].capitalize()}."
    sides, services = split_sides(what, control), what.matrix.services
    for head, tasks, room in (
        ("From AWS:", sides.aws, AWS_ROOM),
        ("Customer responsibilities:", sides.customer, DUTY_ROOM),
    ):
        if tasks:
            yield head
            yield from cut_texts(
                [_name_services(each, services) for each in tasks], room, MORE, LINE
            )


def _name_services(task: Task, services: Sequence[str]) -> str:
    """A duty behind the services that it is about, as FedRAMP asks of providers of several."""
    text = task.text + "".join(f" [{each}]" for each in task.theirs)
    if len(task.services) == len(services):
        return f"All services: {text}"
    rest = len(task.services) - 5
    named = ", ".join(task.services[:5]) + (f" and {rest} more" if rest > 0 else "")
    return f"{named}: {text}"
