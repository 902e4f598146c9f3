"""Hold our answers to NIST SP 800-53 against the responsibility workbook that cloud.gov publishes.

    python scripts/compare_crm.py cloud.gov-CIS-Worksheet.xlsx

A benchmark and no target: docs/crm-benchmark.md says what can and what cannot be learnt from it.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import srmlib as srm
from srmlib.frameworks import CUSTOMER, INHERITED, SHARED, answer, find_controls

FRAMEWORK = "nist-800-53-r5"
ORIGINS, RESPONSIBILITIES = "CIS Worksheet", "PaaS CRM"
ANSWERS = (INHERITED, SHARED, CUSTOMER)
CAN_BE_INHERITED = {"Yes": INHERITED, "Partial": SHARED, "No": CUSTOMER}
FROM_AWS = "Inherited from Pre-Existing"
BROKERED = ("rds", "elasticache", "opensearch", "s3", "cloudfront")


class Part(NamedTuple):
    """A part of a control, as (a) of AC-2: what can be inherited from cloud.gov, and who implements."""

    control: str
    inherit: str
    from_aws: bool
    by_others: bool


class View(NamedTuple):
    """Whose inheritance is compared: how a part is answered, and the services that stand for it."""

    title: str
    services: tuple[str, ...]
    answer_part: Callable[[Part], str | None]


class Pair(NamedTuple):
    """A control with the workbook's answer and ours; `decided` is each, customer or layers."""

    control: str
    theirs: str
    ours: str
    decided: str


def answer_for_agency(part: Part) -> str | None:
    """What an agency inherits that runs an application on cloud.gov."""
    return CAN_BE_INHERITED.get(part.inherit)


def answer_for_platform(part: Part) -> str | None:
    """What cloud.gov itself inherits from AWS GovCloud."""
    if part.from_aws:
        return SHARED if part.by_others else INHERITED
    return CUSTOMER if part.by_others else None


VIEWS = (
    View("An agency on cloud.gov", ("app-runner", *BROKERED), answer_for_agency),
    View(
        "cloud.gov on AWS GovCloud", ("ec2", "vpc", "elb", *BROKERED, "iam", "kms"),
        answer_for_platform,
    ),
)  # fmt: skip


def main(path: str) -> None:
    """Print agreement by family, and the differences by kind, for each view."""
    parts = read_parts(path)
    matrix = srm.load_matrix()
    for view in VIEWS:
        theirs = roll_up(parts, view.answer_part)
        pairs = list(pair_answers(theirs, matrix.select(services=view.services)))
        print("\n".join(tell_view(view, pairs, len(theirs) - len(pairs))), end="\n\n")


def read_parts(path: str) -> list[Part]:
    """The parts of the workbook's controls, from its two sheets."""
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It minds formatting that is not read here.
        book = openpyxl.load_workbook(path, data_only=True)
    for name in (ORIGINS, RESPONSIBILITIES):
        if name not in book.sheetnames:
            raise SystemExit(
                f"{path}: has no sheet {name!r}; give cloud.gov's CIS and CRM workbook"
            )
    inherit = {row[0]: row[1] for row in _list_rows(book[RESPONSIBILITIES])}
    heads = next(
        row for row in book[ORIGINS].iter_rows(values_only=True) if row[1] == "Implemented"
    )
    origins = [at for at, head in enumerate(heads) if at >= heads.index("N/A") + 1 and head]
    aws = next(at for at in origins if str(heads[at]).startswith(FROM_AWS))
    return [
        Part(
            name_control(row[0]), str(inherit.get(row[0])), bool(row[aws]),
            any(row[at] for at in origins if at != aws),
        )
        for row in _list_rows(book[ORIGINS])
    ]  # fmt: skip


def _list_rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    for row in sheet.iter_rows(values_only=True):
        if re.match(r"[A-Z]{2}-\d\d", str(row[0])):
            yield row


def name_control(part: str) -> str:
    """The control that a part belongs to, as NIST writes it: AC-02 (07) (a) is of AC-2(7)."""
    letters, number, enhancement = re.findall(r"([A-Z]{2})-(\d+)(?: \((\d+)\))?", part)[0]
    return f"{letters}-{int(number)}" + (f"({int(enhancement)})" if enhancement else "")


def roll_up(parts: Iterable[Part], answer_part: Callable[[Part], str | None]) -> dict[str, str]:
    """One answer a control: what all its answered parts say, shared where they differ."""
    found: dict[str, set[str]] = {}
    for part in parts:
        if told := answer_part(part):
            found.setdefault(part.control, set()).add(told)
    return {control: told.pop() if len(told) == 1 else SHARED for control, told in found.items()}


def pair_answers(theirs: dict[str, str], matrix: srm.Matrix) -> Iterator[Pair]:
    """The controls that both have, with both answers."""
    known = find_controls(matrix.catalogue, FRAMEWORK)
    for id, told in theirs.items():
        if id in known:
            yield Pair(id, told, answer(known[id], matrix), known[id].side or "layers")


def name_kind(pair: Pair) -> str:
    """Why two answers differ, as far as the way they were made tells."""
    if pair.decided == "each":
        rest = "none of it" if pair.theirs == CUSTOMER else "all of it"
        return f"each party for itself here; inherited there: {rest}"
    if pair.decided == "customer":
        return "the customer's alone here; inherited there: some or all of it"
    more = ANSWERS.index(pair.ours) > ANSWERS.index(pair.theirs)
    return f"by layers: {'more' if more else 'less'} is the customer's here than there"


def tell_view(view: View, pairs: list[Pair], unknown: int) -> Iterator[str]:
    """A view as Markdown: agreement by family, one answer against the other, kinds of difference."""
    yield f"## {view.title}\n"
    yield f"Services: {', '.join(view.services)}.\n"
    yield f"{tell_agreement(pairs)}; {unknown} controls of the workbook have no namesake here.\n"
    yield from _tell_families(pairs)
    yield from _tell_crossing(pairs)
    kinds: dict[str, list[str]] = {}
    for pair in pairs:
        if pair.ours != pair.theirs:
            kinds.setdefault(name_kind(pair), []).append(pair.control)
    yield from ("\n| difference | controls | among them |", "| --- | --: | --- |")
    for kind, controls in sorted(kinds.items(), key=lambda item: -len(item[1])):
        yield f"| {kind} | {len(controls)} | {', '.join(controls[:6])} |"


def tell_agreement(pairs: Iterable[Pair]) -> str:
    """How many answers agree, over all and over those that layers decide."""
    alike = Counter((pair.decided == "layers", pair.ours == pair.theirs) for pair in pairs)
    by_layers = f"{alike[True, True]} of {alike[True, True] + alike[True, False]}"
    agreed = alike[True, True] + alike[False, True]
    return f"{agreed} of {sum(alike.values())} answers agree; of those by layers {by_layers}"


def _tell_families(pairs: list[Pair]) -> Iterator[str]:
    yield "| family | agree | of | by layers, agree | of | inherited, shared, customer there | here |"
    yield "| --- | --: | --: | --: | --: | --- | --- |"
    for family in dict.fromkeys(pair.control[:2] for pair in pairs):
        found = [pair for pair in pairs if pair.control[:2] == family]
        layered = [pair for pair in found if pair.decided == "layers"]
        counts = [
            sum(pair.ours == pair.theirs for pair in found), len(found),
            sum(pair.ours == pair.theirs for pair in layered), len(layered),
        ]  # fmt: skip
        sides = [", ".join(_count(pair[at] for pair in found)) for at in (1, 2)]
        yield f"| {' | '.join([family, *map(str, counts), *sides])} |"


def _tell_crossing(pairs: list[Pair]) -> Iterator[str]:
    yield f"\n| there, and here: | {' | '.join(ANSWERS)} |"
    yield "| --- | --: | --: | --: |"
    for theirs in ANSWERS:
        ours = _count(pair.ours for pair in pairs if pair.theirs == theirs)
        yield f"| {theirs} | {' | '.join(ours)} |"


def _count(answers: Iterable[str]) -> list[str]:
    counted = Counter(answers)
    return [str(counted[each]) for each in ANSWERS]


if __name__ == "__main__":
    main(sys.argv[1])
