"""How many controls of each family are inherited, shared and the customer's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from srmlib.errors import SrmError
from srmlib.families import Family
from srmlib.figures.layouts import PAGE, base_layout
from srmlib.figures.marks import (
    ANSWER_LETTERS,
    ANSWER_NAMES,
    ANSWER_OWNERS,
    COLOURS,
    LETTER_COLOURS,
    QUIET,
    escape,
)
from srmlib.frameworks import ANSWERS, ControlMatrix, count_families

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW, TOP, BOTTOM = 26, 86, 34  # pixels
# So much of a figure's width has a bar's own words, "S 12", at the least.
ROOM = 30


def controls_chart(controls: ControlMatrix, title: str | None = None) -> go.Figure:
    """Controls by family: a bar a family, a part an answer, with its letter and its number.

    SrmError where no control is chosen.
    """
    import plotly.graph_objects as go

    if not controls.controls:
        raise SrmError("there is no control to draw; name at least one")
    counts = count_families(controls)
    labels = {family: escape(str(family)) for family in counts}
    left = 30 + round(6.6 * max(len(str(family)) for family in counts))
    tails = {family: _tell_parts(held) for family, held in counts.items()}
    right = 16 + round(6.2 * max(map(len, tails.values())))
    longest = max(sum(held.values()) for held in counts.values())
    unit = (PAGE.width - left - right) / longest
    traces = [
        _bar_trace(counts, labels, name, unit)
        for name in ANSWERS
        if any(held[name] for held in counts.values())
    ]
    layout = base_layout(title or _say_title(controls), TOP + ROW * len(counts) + BOTTOM)
    layout["legend"]["traceorder"] = "normal"
    layout |= {
        "barmode": "stack", "bargap": 0.22,
        "margin": {"l": left, "r": right, "t": TOP, "b": BOTTOM},
        "xaxis": {"range": [0, longest], "showticklabels": False, "showgrid": False,
                  "zeroline": False, "fixedrange": True},
        "yaxis": {"autorange": "reversed", "showgrid": False, "ticks": "", "fixedrange": True,
                  "ticklabelstandoff": 6},
        "annotations": [*_tail_notes(counts, labels, tails), _source_note(controls, left)],
    }  # fmt: skip
    return go.Figure({"data": traces, "layout": layout})


def _bar_trace(
    counts: dict[Family, dict[str, int]], labels: dict[Family, str], name: str, unit: float
) -> dict[str, Any]:
    numbers = [held[name] for held in counts.values()]
    owner, sign = ANSWER_OWNERS[name], ANSWER_LETTERS[name]
    return {
        "type": "bar", "orientation": "h", "x": numbers, "y": list(labels.values()),
        "name": f"{sign} {ANSWER_NAMES[name]}",
        "marker": {"color": COLOURS[owner], "line": {"color": "#ffffff", "width": 1}},
        # A part too narrow for its words has them at the end of its bar.
        "text": [f"{sign} {n}" if n * unit >= ROOM else "" for n in numbers],
        "textposition": "inside", "insidetextanchor": "middle", "textangle": 0,
        "textfont": {"color": LETTER_COLOURS[owner], "size": 11},
        "hovertemplate": f"%{{y}}: %{{x}} {ANSWER_NAMES[name].lower()}<extra></extra>",
    }  # fmt: skip


def _tell_parts(held: dict[str, int]) -> str:
    """All numbers of a bar with their letters: what is read where colours are not."""
    return "  ".join(f"{ANSWER_LETTERS[name]} {n}" for name, n in held.items() if n)


def _tail_notes(
    counts: dict[Family, dict[str, int]], labels: dict[Family, str], tails: dict[Family, str]
) -> list[dict[str, Any]]:
    return [
        {"text": tails[family], "showarrow": False, "xref": "x", "x": sum(counts[family].values()),
         "xanchor": "left", "xshift": 6, "yref": "y", "y": label, "yanchor": "middle",
         "font": {"size": 11, "color": QUIET}}
        for family, label in labels.items()
    ]  # fmt: skip


def _say_title(controls: ControlMatrix) -> str:
    words = {name: word.lower() for name, word in ANSWER_NAMES.items()}
    words |= {"inherited": "inherited from AWS", "customer": "yours"}
    told = ", ".join(f"{count} {words[name]}" for name, count in controls.counts.items())
    where = f", {controls.workload}" if controls.workload else ""
    return escape(f"{controls.name}{where}: of {len(controls.controls)} controls {told}")


def _source_note(controls: ControlMatrix, left: int) -> dict[str, Any]:
    facts = controls.facts
    return {
        "text": escape(f"{facts.title}; as of {facts.as_of}. No legal advice."),
        "showarrow": False, "xref": "paper", "yref": "paper", "x": 0, "y": 0, "align": "left",
        "xanchor": "left", "yanchor": "top", "xshift": 16 - left, "yshift": -10,
        "font": {"size": 11, "color": QUIET},
    }  # fmt: skip
