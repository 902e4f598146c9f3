"""A cell in the text of a service's file: its own lines are written, and no other one changes."""

from __future__ import annotations

import datetime
import io
import re
import textwrap
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec
from ryaml import InvalidYamlError, loads

from srmlib.data_files import read_text, read_yaml
from srmlib.errors import SrmError
from srmlib.order import restore_order
from srmlib.schema import Cell, Record

PROSE = ("aws_duty", "customer_duty", "why", "duty")
PROSE_WIDTH = 90


def put_cell(place: Path, service: str, layer: str, cell: Cell, layers: list[str]) -> str:
    """The file's text with the cell in it; only the lines of that cell are other than before."""
    old = read_text(place) if place.exists() else f"id: {service}\ncells:\n"
    tree = read_yaml(place) if place.exists() else {"id": service}
    cells: Any = tree.get("cells") or {}
    try:
        text = restore_order(place, _replace_lines(_open_cells(old), layer, cell, layers), layers)
        is_kept = loads(text) == tree | {"cells": {**cells, layer: _write_out(cell)}}
    except _list_layout_faults():
        is_kept = False
    if not is_kept:  # Flow style, or a part that another one refers to.
        raise SrmError(
            f"{place.name}: leaves no room for a cell; write cells one key a line, without anchors"
        )
    return text


def _open_cells(text: str) -> str:
    """Room for the first cell: `cells:` without a value, in its place or at the end."""
    ended = text if text.endswith("\n") else f"{text}\n"
    opened = re.sub(r"^cells:[ ]*(\{[ ]*\}|null|~)", "cells:", ended, flags=re.M)
    return opened if re.search(r"^cells:", opened, re.M) else f"{opened}cells:\n"


def _replace_lines(text: str, layer: str, cell: Cell, layers: list[str]) -> str:
    """ruamel.yaml tells where the cells stand, and which comments stand among the lines to go."""
    tree, lines = _yaml().load(text), text.split("\n")
    cells: Any = tree["cells"] or {}
    deep = cells.lc.col if cells else 2
    comments: list[str] = []
    if layer in cells:
        first, last = _find_lines(lines, cells.lc.key(layer)[0], deep)
        comments = list(_list_comments(text, first, last))
    else:
        above = [id for id in cells if id in layers[: layers.index(layer)]]
        row = cells.lc.key(above[-1])[0] if above else None
        first = last = _find_lines(lines, row, deep)[1] if row else tree.lc.key("cells")[0] + 1
    return "\n".join([*lines[:first], *_tell(layer, cell, deep, comments), *lines[last:]])


def _find_lines(lines: list[str], first: int, deep: int) -> tuple[int, int]:
    """From a key's line to the last that stands under it; comments before the next key are its."""
    last = first + 1
    for place, line in enumerate(lines[last:], last):
        told = line.strip()
        is_under = bool(told) and len(line) - len(line.lstrip()) > deep
        if told and not is_under and not told.startswith("#"):
            break
        last = place + 1 if is_under else last
    return first, last


def _list_comments(text: str, first: int, last: int) -> Iterator[str]:
    """The comments among some lines, which only a YAML reader can tell from prose with a #."""
    for token in _yaml().scan(text):
        after, before = token.comment or (None, None)
        for comment in filter(None, [after, *(before or [])]):
            told = comment.value.strip("\n").split("\n")
            for place, line in enumerate(told, comment.start_mark.line):
                if first <= place < last and line.strip():
                    yield line.strip()


def _tell(layer: str, cell: Cell, deep: int, comments: list[str]) -> list[str]:
    """The cell as lines of block YAML at a depth, the old cell's comments on top."""
    out = io.BytesIO()
    tree = _write_out(cell)
    if cell.since:  # A date stands without quotes.
        tree["since"] = datetime.date.fromisoformat(cell.since)
    _yaml().dump({layer: tree}, out)
    head, *rest = out.getvalue().decode().splitlines()
    return [f"{' ' * deep}{line}" for line in [head, *(f"  {each}" for each in comments), *rest]]


def _write_out(record: Record) -> dict[str, Any]:
    """A record as the file holds it: what is absent is not there, and prose is folded."""
    told: dict[str, Any] = {}
    for key, value in msgspec.structs.asdict(record).items():
        if isinstance(value, tuple):
            value = [_write_out(each) for each in value]
        if value not in (None, []):
            told[key] = _fold(value) if key in PROSE else value
    return told


def _fold(text: str) -> Any:
    """A folded block whose lines end before the margin; ruamel.yaml's own end after it."""
    from ruamel.yaml.scalarstring import FoldedScalarString

    folded: Any = FoldedScalarString(text)
    lines = textwrap.wrap(text, PROSE_WIDTH, break_long_words=False, break_on_hyphens=False)
    folded.fold_pos = [end - 1 for end in accumulate(len(line) + 1 for line in lines)][:-1]
    return folded


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 1000  # No line ends but our own.
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _list_layout_faults() -> tuple[type[Exception], ...]:
    from ruamel.yaml.error import YAMLError

    # What stands in flow style or not as a mapping has no line of its own.
    return YAMLError, InvalidYamlError, AttributeError, KeyError, TypeError
