"""What every export of a framework's controls tells: duties with their services, pages, limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from srmlib.catalogue import CATALOGUE
from srmlib.data_files import split_list
from srmlib.export.tables import shorten
from srmlib.frameworks import HIPAA, ControlMatrix
from srmlib.matrix import Row
from srmlib.schema import WITH_AWS_WORK, WITH_WORK, Control

MEANINGS = {
    "inherited": "AWS alone has all its layers; fetch AWS's report as your evidence.",
    "shared": "Part of the work is yours, or each party does it for itself.",
    "customer": "All of the work is yours.",
    "third-party": "A vendor named in the layers has it, neither AWS nor you.",
    "not-applicable": "No service in use has such a layer.",
}
HOW = (
    "A control's answer follows from who owns its layers, over all services in use, by their defaults and "
    "by the settings seen in the files."
)
LIMITS = (
    "It says who has the work, not whether it is done. No legal advice. Not made or reviewed by AWS, and no "
    "substitute for AWS's own reports and matrices in AWS Artifact."
)


class Task(NamedTuple):
    """One party's duty, the services that it is about, and the overlays whose words it is."""

    text: str
    services: list[str]
    theirs: list[str]


class Sides(NamedTuple):
    """What AWS provides for a control, and what is left to the customer."""

    aws: list[Task]
    customer: list[Task]


def split_sides(what: ControlMatrix, control: Control) -> Sides:
    """Both parties' duties for a control, each once with its services, in the order of `rows`."""
    aws: dict[str, Task] = {}
    customer: dict[str, Task] = {}
    for layer in _list_known(what, control):
        for id in what.matrix.services:
            cell, _, origin = what.matrix.claims[id][layer]
            if cell.aws_duty and cell.owner in WITH_AWS_WORK:
                _add(aws, cell.aws_duty, id, origin)
            if cell.customer_duty and cell.owner in WITH_WORK:
                _add(customer, cell.customer_duty, id, origin)
    return Sides(list(aws.values()), list(customer.values()))


def list_widest(tasks: Iterable[Task]) -> list[str]:
    """The duties, those of most services first: what is told where not all have room."""
    return [each.text for each in sorted(tasks, key=lambda each: -len(each.services))]


def list_pages(what: ControlMatrix, control: Control) -> list[Row]:
    """The pages that a control's answer rests on, each once: id, title and address."""
    ids = [control.source] if control.source else []
    for layer in _list_known(what, control):
        for service in what.matrix.services:
            ids += [each.id for each in what.matrix.claims[service][layer].cell.sources]
    sources = what.matrix.catalogue.sources
    return [
        {"id": id, "title": sources[id].title, "url": sources[id].url} for id in dict.fromkeys(ids)
    ]


def name_layers(what: ControlMatrix, control: Control) -> list[str]:
    """The names of a control's layers."""
    return [what.matrix.catalogue.layers[id].name for id in _list_known(what, control)]


def cut_texts(texts: Sequence[str], room: int, more: str, least: int = 1) -> list[str]:
    """As many whole texts as so many letters hold, and how many more there are.

    `least` is what a short text costs all the same: the letters of the line it fills.
    """
    kept: list[str] = []
    used = 0
    for text in texts:
        used += max(len(text), least)
        if kept and used > room:
            break
        kept.append(shorten(text, room))
    rest = len(texts) - len(kept)
    sign = "" if kept and kept[-1].endswith("…") else "… "
    return [*kept, f"{sign}and {rest} more{more}"] if rest else kept


def list_facts(what: ControlMatrix) -> list[tuple[str, str]]:
    """Label and text of what the answers are about and rest on."""
    facts, services = what.facts, ", ".join(what.matrix.services)
    told = [("Workload", what.workload)] if what.workload else []
    told += [("Answers", what.summary), ("Services", services)]
    told += [
        ("Framework", f"{facts.title} ({facts.publisher}, {facts.url})"),
        ("Version", f"{facts.version}; as of {facts.as_of}"),
        ("Licence", facts.licence),
    ]
    return told + list(_tell_hipaa(what)) + [("Mind", line) for line in what.warnings]


def _tell_hipaa(what: ControlMatrix) -> Iterable[tuple[str, str]]:
    """Which services AWS's list of HIPAA eligible services has whole, where that is asked."""
    if what.framework != HIPAA:
        return
    rows = what.matrix.hipaa.to_dict("records")
    ids = [row["service"] for row in rows if row["eligible"] == "yes"]
    dates = sorted({row["as_of"] for row in rows if row["eligible"] == "yes"})
    if ids:
        yield "HIPAA eligible", f"on AWS's list of {' and '.join(dates)}: {', '.join(ids)}"


def _list_known(what: ControlMatrix, control: Control) -> list[str]:
    return [layer for layer in split_list(control.layers) if layer in what.matrix.layers]


def _add(side: dict[str, Task], text: str, service: str, origin: str) -> None:
    task = side.setdefault(text, Task(text, [], []))
    if service not in task.services:
        task.services.append(service)
    if origin not in (CATALOGUE, *task.theirs):
        task.theirs.append(origin)
