"""What the page shows beside its map: the choices that filter it, its duties, cells and changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from srmlib.export.page_map import name_theirs
from srmlib.figures.marks import BASIS_NAMES, NAMES
from srmlib.matrix import Matrix, Row
from srmlib.records import STATUSES
from srmlib.reviews import Review
from srmlib.schema import OWNERS
from srmlib.shift import Comparison

NOBODY = "nobody named"


class Option(NamedTuple):
    """One value to tick, and how many duties or cells have it."""

    name: str
    items: int


class Facet(NamedTuple):
    """A question to filter by; an item's class is the key and the place of its value in `values`.

    The values are of people's own making, so the page's rules never name one.
    """

    key: str
    name: str
    values: list[Any]
    options: list[Option]

    def mark(self, value: Any) -> str:
        """The class of an item with this value."""
        return f"{self.key}-{self.values.index(value)}"


def list_changes(comparison: Comparison) -> list[Row]:
    """The layers that change hands, with both duties of each service."""
    matrix = comparison.matrix
    return [
        {
            "name": matrix.catalogue.layers[row["layer"]].name,
            "changes": " → ".join(NAMES[owner] for owner in row["changes"].split(" → ")),
            "sides": [(id, matrix.claims[id][row["layer"]].cell) for id in matrix.services],
        }
        for row in comparison.rows()
        if row["changes"]
    ]


def mark_services(matrix: Matrix, whose: Facet) -> list[Row]:
    """Each service with its cells, each cell with the classes that the filters know it by."""
    told = []
    for id in matrix.services:
        row = matrix.catalogue.services[id]
        cells = [
            _tell_cell(matrix, cell) | {"place": place}
            | {"marks": f"layer-{place} {whose.mark(cell['owner'])}"}
            for place, cell in enumerate(matrix.select(services=[id]).rows())
        ]  # fmt: skip
        told.append({"id": id, "name": row.name, "way": row.way, "cells": cells})
    return told


def _tell_cell(matrix: Matrix, cell: Row) -> Row:
    """A cell in words; of settings only those that the files do not show already."""
    shown = cell["why"]
    unless = [each for each in cell["unless"] if f"{each['setting']} is {each['value']}" != shown]
    return cell | {
        "layer": matrix.catalogue.layers[cell["layer"]].name,
        "basis": BASIS_NAMES[cell["basis"]],
        "theirs": name_theirs(cell["origin"]),
        "unless": unless,
        "contested": [_cite(matrix, each) for each in cell["contested"]],
        "sources": _drop_repeats(cell["sources"]),
    }


def _drop_repeats(sources: Iterable[Row]) -> list[Row]:
    """Citations, each once: where a setting moved an owner, its page may stand there before."""
    return list({(each["url"], each["section"]): each for each in sources}.values())


def mark_duties(review: Review, facets: Iterable[Facet]) -> list[Row]:
    """The duties with the classes that the filters know them by."""
    places = {layer: place for place, layer in enumerate(review.matrix.layers)}
    asked, rows = list(facets), review.rows()
    sets = _list_sets(rows)
    return [
        row
        | {"theirs": name_theirs(row["origin"]), "sources": _drop_repeats(row["sources"])}
        | {"marks": " ".join([f"layer-{places[row['layer']]}", *_list_marks(row, asked)])}
        | {"of": sets.index(row["services"])}
        for row in rows
    ]


def list_service_choices(matrix: Matrix, rows: Iterable[Row]) -> Row:
    """The services to filter the duties by, and for each set of services that shares a duty the
    places of its members: a duty is shown where one of them is ticked."""
    counts = Counter(service for row in rows for service in row["services"])
    names = [id for id in matrix.services if counts[id]]
    sets = [[names.index(id) for id in services] for services in _list_sets(rows)]
    return {"options": [Option(id, counts[id]) for id in names], "sets": sets}


def _list_sets(rows: Iterable[Row]) -> list[list[str]]:
    """Each set of services that shares a duty, once, in the order of the duties."""
    return [list(each) for each in dict.fromkeys(tuple(row["services"]) for row in rows)]


def list_layer_choices(matrix: Matrix) -> list[tuple[str, list[tuple[int, str]]]]:
    """The layer groups, each with place and name of its layers."""
    layers = [(place, matrix.catalogue.layers[id]) for place, id in enumerate(matrix.layers)]
    return [
        (group, [(place, layer.name) for place, layer in same])
        for group, same in groupby(layers, key=lambda pair: pair[1].group)
    ]


def list_pairs(matrix: Matrix, whose: Facet) -> list[Row]:
    """Which owner stands in which layer at all: what the rules that hide a service go through."""
    groups = {
        place: group
        for group, (_, layers) in enumerate(list_layer_choices(matrix))
        for place, _ in layers
    }
    found = {
        (place, whose.values.index(matrix.claims[id][layer].cell.owner))
        for id in matrix.services
        for place, layer in enumerate(matrix.layers)
    }
    return [
        {"layer": place, "owner": owner, "group": groups[place]} for place, owner in sorted(found)
    ]


def find_whose(matrix: Matrix) -> Facet:
    """Who is responsible, over all cells."""
    owned = Counter(
        matrix.claims[id][layer].cell.owner for id in matrix.services for layer in matrix.layers
    )
    return _make_facet("whose", "Responsible", owned, list(OWNERS), NAMES)


def find_duty_facets(duties: Iterable[Row]) -> list[Facet]:
    """What the duties may be filtered by beside their layer; only questions with two answers."""
    told = [_answer(row) for row in duties]
    owners = sorted({row["owner"] for row in told} - {None})
    facets = [
        _count_facet("priority", "Priority", told, list(range(1, 6))),
        _count_facet("owner", "Owner", told, [*owners, None]),
        _count_facet("status", "Status", told, list(STATUSES)),
        _count_facet("change", "Change", told, ["new", "changed", "as before"]),
    ]
    return [facet for facet in facets if len(facet.values) > 1]


def _answer(row: Row) -> Row:
    """A duty's value for each question of the filters."""
    change = str(row["change"] or "as before").partition(":")[0]
    return {
        "priority": row["priority"], "owner": row["owner"], "status": row["status"],
        "change": change,
    }  # fmt: skip


def _list_marks(row: Row, facets: Iterable[Facet]) -> Iterator[str]:
    answers = _answer(row)
    for facet in facets:
        yield facet.mark(answers[facet.key])


def _count_facet(key: str, name: str, rows: Iterable[Row], order: list[Any]) -> Facet:
    return _make_facet(key, name, Counter(row[key] for row in rows), order, {None: NOBODY})


def _make_facet(
    key: str, name: str, counts: Counter[Any], order: list[Any], names: Mapping[Any, str]
) -> Facet:
    values = [value for value in order if counts[value]]
    options = [Option(str(names.get(value, value)), counts[value]) for value in values]
    return Facet(key, name, values, options)


def find_vague(sources: Iterable[Row]) -> set[str]:
    """The headings under which more than one page is cited: they say nothing without its title."""
    pages = {(source["section"], source["url"]) for source in sources}
    counts = Counter(section for section, _ in pages)
    return {section for section, count in counts.items() if count > 1}


def _cite(matrix: Matrix, contest: Row) -> Row:
    id = contest["source"]
    return contest | {"id": id, "url": matrix.catalogue.sources[id].url}
