"""data/ and overlays -> typed, frozen records, inheritance resolved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from srmlib import schema
from srmlib.data_files import (
    PathLike,
    convert,
    list_folders,
    parse_yaml,
    read_optional,
    read_records,
    read_table,
    read_tables,
    read_text,
    read_yaml,
    split_list,
)
from srmlib.errors import SrmError
from srmlib.schema import Cell, Layer, Model, Service, ServiceHead, Source

EVERY = "every"
TOP_KEY = re.compile(r"^([a-z0-9-]+):", re.M)
CATALOGUE = "catalogue"


class Claim(NamedTuple):
    """A cell in force: `home` is the row or model it is written in, `origin` the folder's name."""

    cell: Cell
    home: str
    origin: str


@dataclass(frozen=True)
class Catalogue:
    """The records of data/ with overlays laid over it; `claims` answers every layer of every service."""

    layers: Mapping[str, Layer]
    models: Mapping[str, Model]
    services: Mapping[str, Service]
    sources: Mapping[str, Source]
    claims: Mapping[str, Mapping[str, Claim]]
    folders: tuple[Path, ...]

    @cached_property
    def edition(self) -> str:
        """Which catalogue this is: the day its newest page was read, and the overlays over it."""
        day = self.read or "unknown"
        overlays = " and ".join(self.overlays)
        return f"{day}, with {overlays} laid over it" if overlays else day

    @property
    def read(self) -> str | None:
        """The day on which the newest page was read."""
        return max((page.read for page in self.sources.values()), default=None)

    @property
    def overlays(self) -> tuple[str, ...]:
        """The names of the folders laid over the catalogue; a cell's `origin` is one of them."""
        return tuple(folder.name for folder in self.folders[1:])

    @cached_property
    def tools(self) -> tuple[schema.Tool, ...]:
        """What helps the customer with which layer, in the order of tools.csv."""
        return tuple(read_tables(self.folders, "tools.csv", schema.Tool))

    def list_tools(self, layer: str, services: Iterable[str]) -> list[schema.Tool]:
        """The tools that help with a layer of any of these services.

        A row without families (one's own machines) may be helped by all of them.
        """
        held = [set(self.services[id].families) for id in services]
        return [
            each
            for each in self.tools
            if each.layer == layer
            and (
                not each.families
                or any(not fs or fs & set(split_list(each.families)) for fs in held)
            )
        ]

    def list_checks(self, layers: Iterable[str], services: Iterable[str]) -> list[str]:
        """The Security Hub controls that give evidence on any of these layers of these services."""
        wanted = set(layers)
        families = {family for id in services for family in self.services[id].families}
        found = (e.check for e in self.checks if e.layer in wanted and e.family in families)
        return list(dict.fromkeys(found))

    @cached_property
    def families(self) -> tuple[schema.Family, ...]:
        """Every AWS service by botocore's name."""
        return tuple(read_tables(self.folders, "families.csv", schema.Family))

    def list_iam_prefixes(self, service: str) -> list[str]:
        """The prefixes of the IAM actions of a row's families, as `rds` in `rds:CreateDBInstance`."""
        prefixes = {each.family: each.iam_prefix for each in self.families}
        found = (prefixes.get(family) for family in self.services[service].families)
        return sorted(filter(None, set(found)))

    @cached_property
    def checks(self) -> tuple[schema.Check, ...]:
        """Security Hub controls by family and layer."""
        return tuple(read_tables(self.folders, "checks.csv", schema.Check))

    @cached_property
    def frameworks(self) -> Mapping[str, schema.Framework]:
        """The frameworks whose controls stand in frameworks/, in the order of frameworks.yaml."""
        return read_records(self.folders, "frameworks.yaml", schema.Framework)

    def list_controls(self, framework: str) -> list[schema.Control]:
        """The controls of a framework in its own order; a later folder's file takes the place.

        Texts that a licensee keeps in an overlay (frameworks/<id>.titles.csv) stand in for titles.
        """
        name = f"frameworks/{framework}.csv"
        held = [folder for folder in self.folders if (folder / name).is_file()]
        texts = read_tables(self.folders, f"frameworks/{framework}.titles.csv", schema.ControlTitle)
        titles = {each.control: each.title for each in texts}
        return [
            msgspec.structs.replace(each, title=titles.get(each.control, each.title))
            for each in read_tables(held[-1:], name, schema.Control)
        ]

    @cached_property
    def hipaa(self) -> Mapping[str, schema.Eligibility]:
        """The rows on AWS's list of HIPAA eligible services; of the rest the list says nothing."""
        rows = read_tables(self.folders, "hipaa.csv", schema.Eligibility)
        return {each.service: each for each in rows}

    @cached_property
    def ladders(self) -> Mapping[str, schema.Ladder]:
        """Named paths from self-run to managed, in the order of ladders.yaml."""
        return read_records(self.folders, "ladders.yaml", schema.Ladder)

    @cached_property
    def baseline(self) -> tuple[schema.Baseline, ...]:
        """What every account needs, whatever the workload's files hold."""
        return tuple(read_tables(self.folders, "baseline.csv", schema.Baseline))


def load_catalogue(
    data: PathLike | None = None, overlay: PathLike | Iterable[PathLike] = ()
) -> Catalogue:
    """Read a data folder and the overlays over it; the first fault raises SrmError."""
    folders = list_folders(data, overlay)
    trees = Trees()
    for place, folder in enumerate(folders):
        trees.lay(folder, CATALOGUE if place == 0 else folder.name)
    return trees.resolve(folders)


def load_heads(
    data: PathLike | None = None, overlay: PathLike | Iterable[PathLike] = ()
) -> list[ServiceHead]:
    """The rows without their cells, in display order: a list needs nothing of what comes below."""
    folders = list_folders(data, overlay)
    models: dict[str, None] = {}
    trees: dict[str, dict[str, Any]] = {}
    for folder in folders:
        if (folder / "models.yaml").is_file():
            models |= dict.fromkeys(TOP_KEY.findall(read_text(folder / "models.yaml")))
        for path in sorted((folder / "services").glob("*.yaml")):
            head = read_text(path).partition("\ncells:")[0]
            trees[path.stem] = trees.get(path.stem, {}) | parse_yaml(f"{head}\n", path.name)
    order = {id: place for place, id in enumerate(models)}
    heads = [
        convert({key: tree[key] for key in tree if key != "like"}, ServiceHead, f"{id}.yaml")
        for id, tree in trees.items()
    ]
    return sorted(heads, key=lambda head: (order.get(head.model, len(order)), head.id))


class Trees:
    """What the files say, folder over folder, before inheritance."""

    def __init__(self) -> None:
        self.layers: dict[str, Layer] = {}
        self.models: dict[str, dict[str, Any]] = {}
        self.services: dict[str, dict[str, Any]] = {}
        self.sources: dict[str, Source] = {}
        self.origins: dict[tuple[str, str], str] = {}

    def lay(self, folder: Path, origin: str) -> None:
        """Lay a folder over what is there: whole cells replace, never single fields."""
        for layer in read_table(folder / "layers.csv", Layer):
            self.layers[layer.layer] = layer
        for id, tree in read_optional(folder / "sources.yaml").items():
            self.sources[id] = convert(tree, Source, "sources.yaml", id)
        for id, tree in read_optional(folder / "models.yaml").items():
            home = id if id == EVERY else name_model(id)
            self._lay_row(self.models, id, tree, "models.yaml", origin, home)
        for path in sorted((folder / "services").glob("*.yaml")):
            tree = read_yaml(path)
            if tree.get("id") != path.stem:
                raise SrmError(f"{path.name}: id is {tree.get('id')!r}; use {path.stem!r}")
            self._lay_row(self.services, path.stem, tree, path.name, origin, path.stem)

    def _lay_row(
        self,
        rows: dict[str, dict[str, Any]],
        id: str,
        tree: Any,
        file: str,
        origin: str,
        home: str,
    ) -> None:
        cells = tree.get("cells") if isinstance(tree, dict) else None
        if not isinstance(cells, dict):
            raise SrmError(f"{file}: {id} has no cells; give `cells:` with layers under it")
        below = rows.get(id, {})
        rows[id] = below | tree | {"cells": below.get("cells", {}) | cells}
        self.origins |= {(home, layer): origin for layer in cells}

    def resolve(self, folders: tuple[Path, ...]) -> Catalogue:
        """Typed records, and for every service the claim that answers each layer."""
        trees = dict(self.models)
        every = convert(trees.pop(EVERY, {"cells": {}}), schema.Every, "models.yaml", EVERY)
        models = {id: convert(tree, Model, "models.yaml", id) for id, tree in trees.items()}
        services = {id: convert(tree, Service, f"{id}.yaml") for id, tree in self.services.items()}
        order = {id: place for place, id in enumerate(models)}
        for service in services.values():
            _check_parents(service, models, services)
        ordered = sorted(services, key=lambda row: (order[services[row].model], row))
        written = {EVERY: every, **services}
        written |= {name_model(id): model for id, model in models.items()}
        self._check_references(written)
        claims = {id: dict(self._answer(services[id], written)) for id in ordered}
        rows = {id: services[id] for id in ordered}
        return Catalogue(self.layers, models, rows, self.sources, claims, folders)

    def _answer(self, service: Service, written: Mapping[str, Any]) -> Iterator[tuple[str, Claim]]:
        """Row, the row it is like, its delivery model, every model: the first to speak answers."""
        named = (service.id, service.like, name_model(service.model), EVERY)
        homes = [home for home in named if home]
        for layer in self.layers:
            home = next((id for id in homes if layer in written[id].cells), None)
            if home is None:
                raise SrmError(
                    f"{service.id}.yaml: cells.{layer} has no answer; give the cell here or a "
                    f"default in models.yaml"
                )
            yield layer, Claim(written[home].cells[layer], home, self.origins[home, layer])

    def _check_references(self, written: Mapping[str, Any]) -> None:
        for home, row in written.items():
            file = f"{home}.yaml" if home in self.services else f"models.yaml: {home}"
            for layer, cell in row.cells.items():
                if layer not in self.layers:
                    raise SrmError(f"{file}: cells.{layer} is no layer; use one of layers.csv")
                for key, problem, mend in schema.find_cell_faults(cell):
                    raise SrmError(f"{file}: cells.{layer}.{key} {problem}; {mend}")
                for id in list_source_ids(cell):
                    if id not in self.sources:
                        raise SrmError(
                            f"{file}: cells.{layer} cites {id!r}, which sources.yaml lacks; add it"
                        )


def name_model(id: str) -> str:
    """A delivery model as the home of a cell, apart from a row of the same id (on-premises)."""
    return f"model-{id}"


def list_source_ids(cell: Cell) -> list[str]:
    """The ids of all pages that a cell cites, with those of its settings and contests."""
    pages = [citation.id for citation in cell.sources]
    pages += [each.source for each in cell.unless]
    return pages + [each.source for each in cell.contested]


def _check_parents(
    service: Service, models: Mapping[str, Model], services: Mapping[str, Service]
) -> None:
    if service.model not in models:
        raise SrmError(
            f"{service.id}.yaml: model is {service.model!r}; use one of {', '.join(models)}"
        )
    if service.like is None:
        return
    parent = services.get(service.like)
    if parent is None or parent.like or parent.id == service.id:
        raise SrmError(
            f"{service.id}.yaml: like is {service.like!r}; name a row that is like no other"
        )
