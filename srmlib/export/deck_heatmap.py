"""The heatmap of a deck as native tables, over as many slides as it takes to stay readable."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from srmlib.catalogue import CATALOGUE, Claim
from srmlib.export.deck import Deck
from srmlib.export.deck_tables import LETTER, MARGIN, SMALLEST, Cell, Line
from srmlib.figures import label_service
from srmlib.figures.marks import COLOURS, INK, LETTER_COLOURS, LETTERS, NAMES, doubts
from srmlib.matrix import Matrix
from srmlib.schema import OWNERS

NARROWEST, WIDEST = 30.0, 90.0  # points for a column of letters
UPRIGHT_FROM = 62.0  # a column's name stands upright where it is narrower
KEY = "bold: AWS states it for this service; italic: from the delivery model, or our reading; * AWS says otherwise elsewhere; ° a setting moves it; [ ] from an overlay"


class Grid(NamedTuple):
    """The columns of one slide: services, widths of a layer's name and of a column, the head."""

    services: tuple[str, ...]
    name: float
    column: float
    heads: tuple[Line, ...]
    room: float
    letter: float


def add_heatmaps(deck: Deck, matrix: Matrix, counts: Mapping[str, int]) -> None:
    """Slides with all services and layers: split by delivery model first, then by layer group."""
    letter = LETTER / deck.fit
    longest = max(len(matrix.catalogue.layers[id].name) for id in matrix.layers)
    name = longest * SMALLEST * letter * 1.12 + 2 * MARGIN[0]
    for services in _cut_services(matrix, deck.area.width - name):
        grid = _make_grid(deck, matrix, services, counts, name, letter)
        for layers in _cut_layers(matrix, grid.room):
            _add_slide(deck, matrix, layers, grid)


def _make_grid(
    deck: Deck,
    matrix: Matrix,
    services: tuple[str, ...],
    counts: Mapping[str, int],
    name: float,
    letter: float,
) -> Grid:
    column = min(WIDEST, (deck.area.width - name) / len(services))
    heads = (
        _make_band(matrix, services, column, letter),
        _make_head([label_service(id, counts) for id in services], column, letter),
    )
    room = deck.area.height - 16 - sum(line.height for line in heads)
    return Grid(services, name, column, heads, room, letter)


def _add_slide(deck: Deck, matrix: Matrix, layers: Sequence[str], grid: Grid) -> None:
    height = min(20.0, grid.room / len(layers))
    longest = max(len(matrix.catalogue.layers[id].name) for id in layers)
    fitting = (grid.name - 2 * MARGIN[0]) / (longest * grid.letter)
    size = min(11.0, fitting, max(SMALLEST, (height - 4) / 1.22))
    lines = [_make_row(matrix, grid.services, layer, height, size) for layer in layers]
    title = _say(matrix, grid.services, layers)
    slide = deck.add_slide(title, _tell_why(matrix, grid.services, layers))
    widths = [grid.name, *[grid.column] * len(grid.services)]
    slide.add_table(slide.area, widths, [*grid.heads, *lines], "Who owns what")
    used = sum(line.height for line in (*grid.heads, *lines))
    key = ", ".join(f"{LETTERS[owner]} {NAMES[owner]}" for owner in OWNERS[:3])
    box = slide.area._replace(top=slide.area.top + used + 4, height=12)
    slide.add_text(box, [f"{key}; {KEY}"], SMALLEST)


def _cut_services(matrix: Matrix, width: float) -> Iterator[tuple[str, ...]]:
    """Whole delivery models together where they fit, a larger one in even parts."""
    most = int(width // NARROWEST)
    models = matrix.catalogue.services
    page: list[str] = []
    for _, members in groupby(matrix.services, key=lambda id: models[id].model):
        ids = list(members)
        if page and len(page) + len(ids) > most:
            yield tuple(page)
            page = []
        parts = -(-len(ids) // most)
        size = -(-len(ids) // parts)
        for start in range(0, len(ids), size):
            if page and len(page) + size > most:
                yield tuple(page)
                page = []
            page += ids[start : start + size]
    if page:
        yield tuple(page)


def _cut_layers(matrix: Matrix, room: float) -> Iterator[tuple[str, ...]]:
    """All layers where they fit at the smallest size, else whole layer groups, evenly spread."""
    most = max(1, int(room // (SMALLEST * 1.22 + 2)))
    groups = [
        tuple(ids)
        for _, ids in groupby(matrix.layers, key=lambda id: matrix.catalogue.layers[id].group)
    ]
    pages = -(-len(matrix.layers) // most)
    fair = min(most, -(-len(matrix.layers) // pages) + 2) if pages > 1 else most
    page: tuple[str, ...] = ()
    for ids in groups:
        if page and len(page) + len(ids) > fair:
            yield page
            page = ()
        page += ids
    if page:
        yield page


def _make_band(matrix: Matrix, services: Sequence[str], width: float, letter: float) -> Line:
    """The delivery models over their columns, named where the name fits."""
    cells = [Cell("", SMALLEST)]
    rows = 1
    for model, members in groupby(services, key=lambda id: matrix.catalogue.services[id].model):
        count = len(list(members))
        letters = int((count * width - 2) / (SMALLEST * letter * 1.06))
        lines = textwrap.wrap(
            matrix.catalogue.models[model].name, max(letters, 1), break_long_words=False
        )
        fits = len(lines) <= 2 and all(len(line) <= letters for line in lines)
        rows = max(rows, len(lines) if fits else 1)
        text = "\n".join(lines) if fits else ""
        cells.append(
            Cell(text, SMALLEST, bold=True, centred=True, fill="E8EBEE", ink=INK[1:], span=count)
        )
    return Line(tuple(cells), rows * SMALLEST * 1.22 + 4, has_rule=False)


def _make_head(names: Sequence[str], width: float, letter: float) -> Line:
    if width < UPRIGHT_FROM:
        cells = [Cell(name, SMALLEST, turned=True, centred=False) for name in names]
        height = max(len(name) for name in names) * SMALLEST * letter * 1.08 + 8
    else:
        letters = int((width - 8) / (SMALLEST * letter))
        cut = ["\n".join(textwrap.wrap(name, letters)) for name in names]
        cells = [Cell(name, SMALLEST, centred=True) for name in cut]
        height = max(name.count("\n") + 1 for name in cut) * SMALLEST * 1.22 + 5
    return Line((Cell("Layer", SMALLEST, bold=True), *cells), height, is_head=True)


def _make_row(
    matrix: Matrix, services: Sequence[str], layer: str, height: float, size: float
) -> Line:
    cells = [_make_cell(matrix.claims[id][layer], size) for id in services]
    return Line((Cell(matrix.catalogue.layers[layer].name, size), *cells), height, above=1.0)


def _make_cell(claim: Claim, size: float) -> Cell:
    cell = claim.cell
    stated = cell.basis == "stated"
    sign = LETTERS[cell.owner] + doubts(cell)
    return Cell(
        sign if claim.origin == CATALOGUE else f"[{sign}]", size, bold=stated, italic=not stated, centred=True,
        fill=COLOURS[cell.owner][1:].upper(), ink=LETTER_COLOURS[cell.owner][1:].upper(),
    )  # fmt: skip


def _say(matrix: Matrix, services: Sequence[str], layers: Sequence[str]) -> str:
    catalogue = matrix.catalogue
    models = list(
        dict.fromkeys(catalogue.models[catalogue.services[id].model].name for id in services)
    )
    groups = list(dict.fromkeys(catalogue.layers[id].group for id in layers))
    owned = sum(
        matrix.claims[id][layer].cell.owner == "customer" for id in services for layer in layers
    )
    place = " and ".join([", ".join(groups[:-1]), groups[-1]] if len(groups) > 1 else groups)
    cells = len(services) * len(layers)
    whole = len(layers) == len(matrix.layers)
    where = "" if whole else f", {place}"
    return f"Who owns what, {_join(models)}{where}: {owned} of {cells} cells are yours alone"


def _join(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


def _tell_why(matrix: Matrix, services: Sequence[str], layers: Sequence[str]) -> str:
    """Speaker notes: each service's documentation, and the reasons for what is not plainly stated."""
    lines = []
    for id in services:
        lines.append(f"{matrix.catalogue.services[id].name}: {matrix.catalogue.services[id].docs}")
        for layer in layers:
            cell = matrix.claims[id][layer].cell
            name = matrix.catalogue.layers[layer].name
            lines += [f"  {name}: {NAMES[cell.owner]}, since {cell.why}"] if cell.why else []
            lines += [
                f"  {name}: AWS elsewhere says {NAMES[each.owner]}: {matrix.catalogue.sources[each.source].url}"
                for each in cell.contested
            ]
    return "\n".join(lines)
