"""What the page of a framework's controls shows: families, answers, and each control in full."""

from __future__ import annotations

from typing import Any

from srmlib.export.control_parts import (
    HOW,
    LIMITS,
    MEANINGS,
    list_facts,
    list_pages,
    name_layers,
    split_sides,
)
from srmlib.export.edition import Edition, head_of, list_sources
from srmlib.families import find_family
from srmlib.figures.marks import ANSWER_LETTERS, ANSWER_NAMES, ANSWER_OWNERS
from srmlib.frameworks import SIDES, ControlMatrix, count_families
from srmlib.matrix import Row
from srmlib.schema import Control


def collect_controls(what: ControlMatrix, edition: Edition) -> dict[str, Any]:
    """Everything that controls_page.html.j2 tells."""
    names = list(what.counts.index)
    return {
        "head": head_of(what, edition),
        "facts": list_facts(what),
        "how": HOW,
        "limits": LIMITS,
        "answers": [
            {
                "name": ANSWER_NAMES[name], "letter": ANSWER_LETTERS[name],
                "owner": ANSWER_OWNERS[name], "count": int(what.counts[name]),
                "meaning": MEANINGS[name],
            }
            for name in names
        ],
        "families": _list_families(what, names),
        "total": len(what.controls),
        "is_titled": any(control.title for control in what.controls),
        "sources": list_sources(what),
    }  # fmt: skip


def _list_families(what: ControlMatrix, names: list[str]) -> list[Row]:
    """Each family with its numbers and its controls; `held` are the places of its answers."""
    told = [
        _tell_control(what, control, row, names)
        for control, row in zip(what.controls, what.rows(), strict=True)
    ]
    return [
        {
            "name": str(family),
            "numbers": [held[name] for name in names],
            "held": [place for place, name in enumerate(names) if held[name]],
            "controls": [row for row in told if row["family"] == family],
        }
        for family, held in count_families(what).items()
    ]


def _tell_control(what: ControlMatrix, control: Control, row: Row, names: list[str]) -> Row:
    sides = split_sides(what, control)
    return row | {
        "family": find_family(what.framework, control.control),
        "answer": names.index(row["owner"]),
        "reason": control.reason,
        "basis": control.basis,
        "side": SIDES.get(control.side),
        "baselines": control.baselines,
        "layers": name_layers(what, control),
        "aws": sides.aws,
        "customer": sides.customer,
        "pages": list_pages(what, control),
    }
