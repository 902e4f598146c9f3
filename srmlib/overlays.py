"""A reader's own claim about a cell, written into an overlay folder; all else in it stays."""

from __future__ import annotations

import datetime
import io
import re
import shutil
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec
from ryaml import InvalidYamlError, loads

from srmlib.atomic import replace_file
from srmlib.catalogue import (
    CATALOGUE,
    Catalogue,
    PathLike,
    find_data,
    load_catalogue,
    read_text,
    read_yaml,
)
from srmlib.check import find_problems
from srmlib.errors import SrmError
from srmlib.matrix import Matrix, make_matrix
from srmlib.order import restore_order
from srmlib.schema import Cell, Record

PROSE = ("aws_duty", "customer_duty", "why", "duty")
PROSE_WIDTH = 90
FORM = ("*.csv", "*.yaml", "mapping/*.csv", "services/*")


def write_cell(
    folder: PathLike,
    matrix: Matrix,
    service: str,
    layer: str,
    *,
    owner: str,
    split: str | None = None,
    third_party: str | None = None,
    customer_duty: str | None = None,
    aws_duty: str | None = None,
    why: str,
) -> Path:
    """Write one claim into FOLDER/services/SERVICE.yaml, as interpreted; the file's path.

    The pages, the dates and the settings of the cell that it replaces stay in it. The folder is
    made where it is missing. What `srmlib check` would name raises SrmError, and nothing changes.
    """
    matrix.select(services=[service], layers=[layer])  # Only names that the matrix knows.
    home = find_home(folder, matrix)
    below = _load_below(home, matrix).claims.get(service, matrix.claims[service])
    words = {"owner": owner, "split": split, "third_party": third_party}
    words |= {"aws_duty": aws_duty, "customer_duty": customer_duty, "why": why}
    cell = _make_cell(below.get(layer, matrix.claims[service][layer]).cell, words)
    try:
        place = _find_place(home, service)
        text = _put_cell(place, service, layer, cell, list(matrix.catalogue.layers))
        _check_as_it_would_be(home, matrix, place, text)
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SrmError(f"{home}: cannot be used: {error.strerror}; choose another folder") from None
    return replace_file(place, text.encode())


def lay_over(matrix: Matrix, folder: PathLike) -> Matrix:
    """The same services and layers with one more overlay on top.

    What a workload's own settings have moved stays moved, unless the overlay speaks of that cell.
    """
    catalogue = load_catalogue(*_stack(Path(folder), matrix))
    fresh = make_matrix(catalogue).select(services=matrix.services, layers=matrix.layers)
    before = matrix.catalogue.claims
    claims = {
        id: {
            layer: claim if before[id].get(layer) != claim else matrix.claims[id][layer]
            for layer, claim in catalogue.claims[id].items()
        }
        for id in matrix.services
    }
    return replace(fresh, claims=claims)


def find_home(folder: PathLike, matrix: Matrix) -> Path:
    """The overlay's folder, if one may be written there: it needs a name and room of its own."""
    home = Path(str(folder).strip())
    home = home.expanduser() if home.parts[:1] == ("~",) else home
    if home.name in ("", "..", CATALOGUE):
        raise SrmError(f"{str(folder)!r} names no overlay; give a folder such as my-overlay")
    if home.resolve() in (find_data().resolve(), matrix.catalogue.folders[0].resolve()):
        raise SrmError(f"{home} is the catalogue itself; give a folder of your own")
    return home


def _stack(home: Path, matrix: Matrix) -> tuple[Path, list[Path]]:
    """The data folder and the overlays over it, this one on top."""
    data, *overlays = matrix.catalogue.folders
    return data, [*(each for each in overlays if each.resolve() != home.resolve()), home]


def _load_below(home: Path, matrix: Matrix) -> Catalogue:
    """What the overlay lies on: an earlier claim of its own is not what a new one replaces."""
    data, overlays = _stack(home, matrix)
    if len(overlays) == len(matrix.catalogue.folders):
        return matrix.catalogue
    return load_catalogue(data, overlays[:-1])


def _make_cell(below: Cell, words: dict[str, str | None]) -> Cell:
    """The claim as interpreted, over the pages that were read for the cell below.

    A setting that moves an owner is a fact, and stays where it still moves this one.
    """
    told = {key: _tidy(text) for key, text in words.items()}
    exists = told["owner"] != "not-applicable"
    unless = tuple(each for each in below.unless if exists and each.owner != told["owner"])
    since = below.since if exists else None
    return Cell(basis="interpreted", sources=below.sources, since=since, unless=unless, **told)  # type: ignore[arg-type]


def _tidy(text: str | None) -> str | None:
    """One paragraph without characters that YAML forbids; nothing is None."""
    words = "".join(each for each in text or "" if each.isprintable() or each.isspace()).split()
    return " ".join(words) or None


def _find_place(home: Path, service: str) -> Path:
    """The service's file; a link must not lead out of the folder."""
    place = home / "services" / f"{service}.yaml"
    if not place.resolve().is_relative_to(home.resolve()):
        raise SrmError(f"{place}: leads out of {home}; put a folder or file there, not a link")
    return place


def _put_cell(place: Path, service: str, layer: str, cell: Cell, layers: list[str]) -> str:
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


def _check_as_it_would_be(home: Path, matrix: Matrix, place: Path, text: str) -> None:
    """Hold a copy of the folder, with the new text in it, against the rules."""
    with tempfile.TemporaryDirectory() as room:
        copy = Path(room) / home.name
        _copy_form(home, copy)
        (copy / place.relative_to(home)).write_text(text, encoding="utf-8")
        data, overlays = _stack(home, matrix)
        # `srmlib check` holds an overlay against the catalogue alone; the loader knows the rest.
        if len(overlays) == 1 and data.resolve() == find_data().resolve():
            for each in find_problems(copy):
                where = f"{home.name}/{each.file}" + (f": {each.key}" if each.key else "")
                raise SrmError(f"{where} {each.problem}; {each.mend}")
        load_catalogue(data, [*overlays[:-1], copy])


def _copy_form(home: Path, copy: Path) -> None:
    """What belongs to an overlay's form; whatever else lies in the folder may be large."""
    (copy / "services").mkdir(parents=True)
    (copy / "mapping").mkdir()
    for path in (path for pattern in FORM for path in home.glob(pattern) if path.is_file()):
        shutil.copyfile(path, copy / path.relative_to(home))
