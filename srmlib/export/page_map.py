"""The page's map: layers by services, whole for a screen and in runs of columns for paper."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from srmlib.catalogue import CATALOGUE
from srmlib.figures.marks import LETTERS, NAMES, doubts
from srmlib.matrix import Matrix, Row
from srmlib.reviews import Review
from srmlib.shift import Comparison

# Columns that 7 point letters, brackets and marks leave room for on A4 beside the layers' names.
COLUMNS_ON_PAPER = 24
# Up to so many columns a cell has room for its owner's name, and a head for a line across.
ROOMY_COLUMNS = 8
Place = tuple[str, str]  # A cell's service and layer.


class Column(NamedTuple):
    """A service's head in the map."""

    label: str
    title: str
    place: int


class OwnersMap(NamedTuple):
    """The map: delivery models with their number of columns, columns, and rows by layer group."""

    models: list[tuple[str, int]]
    columns: list[Column]
    groups: list[tuple[str, list[Row]]]


def draw_map(
    matrix: Matrix,
    services: Sequence[str],
    labels: Mapping[str, str],
    moved: Collection[Place] = (),
) -> OwnersMap:
    """The map of some of a matrix's services; `moved` are the cells to outline."""
    columns = list(_list_columns(matrix, services, labels))
    models = [matrix.catalogue.models[matrix.catalogue.services[id].model].name for id in services]
    spans = [(name, len(list(same))) for name, same in groupby(models)]
    rows = [_draw_row(matrix, services, layer, moved) for layer in matrix.layers]
    return OwnersMap(spans, columns, _by_group(rows))


def split_columns(services: Sequence[str]) -> list[Sequence[str]]:
    """The services in as few runs as fit on paper, none much shorter than another."""
    runs = -(-len(services) // COLUMNS_ON_PAPER)
    ends = [len(services) * step // runs for step in range(runs + 1)] if runs else []
    return [services[start:end] for start, end in pairwise(ends)]


def find_changed(what: Matrix | Comparison | Review) -> set[Place]:
    """The cells to outline: of a comparison those of another owner than for the service before,
    of a review those that a setting in the files has moved."""
    if isinstance(what, Review):
        return {(each.setting.service, each.setting.layer) for each in what.moved}
    if isinstance(what, Matrix):
        return set()
    matrix = what.matrix
    return {
        (after, layer)
        for before, after in pairwise(matrix.services)
        for layer in matrix.layers
        if matrix.claims[before][layer].cell.owner != matrix.claims[after][layer].cell.owner
    }


def name_theirs(origin: str) -> str | None:
    """Whose word a claim is, where it is not the catalogue's."""
    return None if origin == CATALOGUE else origin


def _list_columns(
    matrix: Matrix, services: Sequence[str], labels: Mapping[str, str]
) -> Iterator[Column]:
    for id in services:
        row = matrix.catalogue.services[id]
        title = f"{row.name}: {row.way} ({matrix.catalogue.models[row.model].name})"
        yield Column(labels[id], title, matrix.services.index(id))


def _draw_row(matrix: Matrix, services: Sequence[str], layer: str, moved: Collection[Place]) -> Row:
    known = matrix.catalogue.layers[layer]
    cells = [_mark(matrix, id, layer) | {"moved": (id, layer) in moved} for id in services]
    return {
        "name": known.name, "question": known.question, "group": known.group,
        "place": matrix.layers.index(layer), "cells": cells,
    }  # fmt: skip


def _mark(matrix: Matrix, service: str, layer: str) -> Row:
    """A cell's letter as in the figures: capital where stated, in brackets where it is theirs."""
    claim = matrix.claims[service][layer]
    stated = claim.cell.basis == "stated"
    sign = LETTERS[claim.cell.owner] if stated else LETTERS[claim.cell.owner].lower()
    theirs = name_theirs(claim.origin)
    place = f"{service} · {matrix.catalogue.layers[layer].name}"
    return {
        "owner": claim.cell.owner, "word": NAMES[claim.cell.owner], "stated": stated,
        "letter": f"[{sign}]" if theirs else sign, "doubts": doubts(claim.cell),
        "title": f"{place}: {NAMES[claim.cell.owner]}" + (f" (by {theirs})" if theirs else ""),
    }  # fmt: skip


def _by_group(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    return [(group, list(same)) for group, same in groupby(rows, key=lambda row: row["group"])]
