"""One service on a card: every layer with its owner and both sides' duties."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from srmlib.figures.layouts import base_layout, key_note, tell_overlays
from srmlib.figures.marks import COLOURS, INK, LETTER_COLOURS, NAMES, escape, letter
from srmlib.matrix import Matrix
from srmlib.schema import WITH_WORK, Cell

if TYPE_CHECKING:
    import plotly.graph_objects as go

WIDTH = 1280
HEADS = ("Layer", "Owner", "You", "AWS")
SHARES = (0.14, 0.12, 0.37, 0.37)
# A letter's width and a line's height at the size of the text, in pixels.
FONT_SIZE, LETTER_WIDTH, LINE, PADDING = 12, 6.2, 17, 8
GROUND = "#f7f8f9"


def service_card(matrix: Matrix, service: str, title: str | None = None) -> go.Figure:
    """One service on one picture: its layers, who owns each, what is yours to do, what AWS does.

    All 28 layers are a page; select the layers of a group or two first for a slide.
    """
    import plotly.graph_objects as go

    shown = matrix.select(services=[service])
    cells = [shown.claims[service][layer].cell for layer in shown.layers]
    height = 112 + LINE + PADDING + sum(map(_height, cells))
    layout = base_layout(title or _say_card(shown, service), height)
    layout |= {"margin": {"l": 16, "r": 16, "t": 54, "b": 40}, "showlegend": False}
    layout["annotations"] = [key_note(tell_overlays(shown)) | {"xshift": 0, "yshift": -10}]
    return go.Figure({"data": [_table(shown, service)], "layout": layout})


def _say_card(matrix: Matrix, service: str) -> str:
    row = matrix.catalogue.services[service]
    claims = matrix.claims[service]
    yours = sum(claims[layer].cell.owner in WITH_WORK for layer in matrix.layers)
    return escape(f"{row.name}: {yours} of {len(matrix.layers)} layers leave work to you")


def _height(cell: Cell) -> int:
    """The height of a row: that of its longer duty."""
    room = WIDTH * SHARES[2] / LETTER_WIDTH - 3
    longest = max(len(cell.customer_duty or ""), len(cell.aws_duty or ""))
    return LINE * max(1, math.ceil(longest / room)) + PADDING


def _table(matrix: Matrix, service: str) -> dict[str, Any]:
    claims = [matrix.claims[service][layer] for layer in matrix.layers]
    owners = [claim.cell.owner for claim in claims]
    plain = ["#ffffff" if place % 2 else GROUND for place in range(len(claims))]
    ink = [INK] * len(claims)
    columns = [
        [f"<b>{escape(matrix.catalogue.layers[layer].name)}</b>" for layer in matrix.layers],
        [f"{letter(each)} {NAMES[each.cell.owner]}" for each in claims],
        [escape(each.cell.customer_duty or "–") for each in claims],
        [escape(each.cell.aws_duty or "–") for each in claims],
    ]
    return {
        "type": "table", "columnwidth": list(SHARES),
        "header": {"values": [f"<b>{head}</b>" for head in HEADS], "align": "left",
                   "fill": {"color": "#ffffff"}, "line": {"color": "#c9ced4"},
                   "font": {"color": INK, "size": FONT_SIZE}, "height": LINE + PADDING},
        "cells": {"values": columns, "align": "left", "height": LINE,
                  "fill": {"color": [plain, [COLOURS[owner] for owner in owners], plain, plain]},
                  "font": {"size": FONT_SIZE, "color": [
                      ink, [LETTER_COLOURS[owner] for owner in owners], ink, ink]},
                  "line": {"color": "#e3e6e9"}},
    }  # fmt: skip
