"""Every problem in a data folder, each its own line."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from srmlib import schema
from srmlib.catalogue import (
    EVERY,
    PathLike,
    find_data,
    list_source_ids,
    load_catalogue,
    read_rows,
    read_text,
    read_yaml,
    split_list,
)
from srmlib.errors import SrmError
from srmlib.faults import find_form_faults
from srmlib.inventory.ways import Way
from srmlib.order import restore_order
from srmlib.schema import Problem
from srmlib.upkeep import find_neglect

COLUMNS = ("file", "key", "problem", "mend")
MAPPING_COLUMNS = ("resource_type", "family", "service")
TABLES: dict[str, type[schema.Record]] = {
    "layers.csv": schema.Layer,
    "tools.csv": schema.Tool,
    "checks.csv": schema.Check,
    "baseline.csv": schema.Baseline,
    "families.csv": schema.Family,
    "hipaa.csv": schema.Eligibility,
    "no_row.csv": schema.NoRow,
}


@dataclass
class Folder:
    """A data folder as far as it can be read, over the catalogue where it is an overlay."""

    path: Path
    is_overlay: bool
    tables: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    trees: dict[str, dict[str, Any]] = field(default_factory=dict)
    layers: list[str] = field(default_factory=list)
    models: set[str] = field(default_factory=set)
    services: dict[str, str | None] = field(default_factory=dict)
    sources: set[str] = field(default_factory=set)
    cited: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def report(self, file: str, key: str, problem: str, mend: str) -> None:
        self.problems.append(Problem(file, key, problem, mend))


def find_problems(
    directory: PathLike | None = None, today: datetime.date | None = None
) -> list[Problem]:
    """Every fault of a data folder (the catalogue's own by default) or of an overlay over it."""
    path = Path(directory) if directory else find_data()
    if not path.is_dir():
        raise SrmError(f"{path}: no such folder; name a folder in the form of data/")
    folder = Folder(path, is_overlay=not (path / "layers.csv").is_file())
    _read_all(folder)
    _learn_words(folder)
    _check_tables(folder)
    _check_sources(folder)
    _check_models(folder)
    for name in sorted(folder.trees):
        if name.startswith("services/"):
            _check_service(folder, name, folder.trees[name])
    _check_ways(folder)
    _check_ladders(folder)
    _check_frameworks(folder)
    _check_mapping(folder)
    _check_unmapped(folder)
    day = today or datetime.date.today()
    _check_dates(folder, day)
    _check_whole(folder, day)
    return sorted(set(folder.problems))


def _read_all(folder: Folder) -> None:
    files = ["sources.yaml", "models.yaml", "ways.yaml", "ladders.yaml", "frameworks.yaml"]
    files += [f"services/{path.name}" for path in sorted(folder.path.glob("services/*"))]
    for name in files:
        path = folder.path / name
        if not path.is_file():
            continue
        if path.suffix != ".yaml":
            folder.report(name, "", "is not a .yaml file", "rename or remove it")
            continue
        try:
            folder.trees[name] = read_yaml(path)
        except SrmError as error:
            _report_error(folder, name, error)
    tables = [*folder.path.glob("mapping/*.csv"), *folder.path.glob("frameworks/*.csv")]
    for name in [*TABLES, *(path.relative_to(folder.path).as_posix() for path in tables)]:
        if (folder.path / name).is_file():
            try:
                folder.tables[name] = read_rows(folder.path / name)
            except SrmError as error:
                _report_error(folder, name, error)


def _report_error(folder: Folder, name: str, error: SrmError) -> None:
    told = str(error).partition(": ")[2]
    problem, _, mend = told.rpartition("; ")
    folder.report(name, "", problem, mend)


def _learn_words(folder: Folder) -> None:
    """The layers, models, services and sources that the folder may name."""
    if folder.is_overlay:
        below = load_catalogue()
        folder.layers = list(below.layers)
        folder.models = {EVERY, *below.models}
        folder.services = {id: row.like for id, row in below.services.items()}
        folder.sources = set(below.sources)
        folder.cited = set(below.sources)
    folder.layers += [row.get("layer", "") for row in folder.tables.get("layers.csv", [])]
    folder.models |= set(folder.trees.get("models.yaml", {}))
    folder.sources |= set(folder.trees.get("sources.yaml", {}))
    for name, tree in folder.trees.items():
        if name.startswith("services/"):
            like = tree.get("like")
            folder.services[Path(name).stem] = like if isinstance(like, str) else None


def _check_tables(folder: Folder) -> None:
    for name, form in TABLES.items():
        rows = folder.tables.get(name, [])
        for number, row in enumerate(rows, 2):
            typed: dict[str, Any] = dict(row)
            if str(row.get("priority", "")).isdigit():
                typed["priority"] = int(row["priority"])
            _check_form(folder, name, f"line {number}", typed, form)
            if "source" in row:
                _check_citation(folder, name, f"line {number}: source", row["source"])
            if "layer" in row and name != "layers.csv" and row["layer"] not in folder.layers:
                _report_layer(folder, name, f"line {number}: layer", str(row["layer"]))
            if name == "hipaa.csv" and row.get("service") not in folder.services:
                _report_service(folder, name, f"line {number}", row.get("service"))
        _check_rows_unique(folder, name, rows)
        _check_order(folder, name)


def _check_rows_unique(folder: Folder, name: str, rows: list[dict[str, str]]) -> None:
    keys = {
        "layers.csv": ("layer",),
        "tools.csv": ("tool", "layer"),
        "checks.csv": ("check", "family", "layer"),
        "baseline.csv": ("item",),
        "families.csv": ("family",),
        "hipaa.csv": ("service",),
    }.get(name, ("resource_type",))
    counts = Counter(tuple(row.get(key, "") for key in keys) for row in rows)
    for key, count in counts.items():
        if count > 1:
            folder.report(name, ", ".join(key), f"stands {count} times", "keep one row")


def _check_order(folder: Folder, name: str) -> None:
    path = folder.path / name
    if not path.is_file():
        return
    old = read_text(path)
    try:
        if restore_order(path, old, folder.layers) != old:
            folder.report(name, "", "is not in order", "run `srmlib check DIR --fix`")
    except SrmError:
        return


def _check_sources(folder: Folder) -> None:
    for id, tree in folder.trees.get("sources.yaml", {}).items():
        _check_form(folder, "sources.yaml", str(id), tree, schema.Source)
    _check_order(folder, "sources.yaml")


def _check_models(folder: Folder) -> None:
    for id, tree in folder.trees.get("models.yaml", {}).items():
        form = schema.Every if id == EVERY else schema.Model
        if folder.is_overlay and isinstance(tree, dict):
            form = schema.Every
            tree = {"cells": tree.get("cells")}
        _check_form(folder, "models.yaml", str(id), tree, form)
        _check_cells(folder, "models.yaml", f"{id}.", tree, None)
    _check_order(folder, "models.yaml")


def _check_service(folder: Folder, name: str, tree: dict[str, Any]) -> None:
    stem = Path(name).stem
    if tree.get("id") != stem:
        folder.report(name, "id", f"is {tree.get('id')!r}", f"use the file's name, {stem!r}")
    adds_to_row = folder.is_overlay and (find_data() / "services" / f"{stem}.yaml").is_file()
    whole = _complete(stem, tree) if adds_to_row else tree
    _check_form(folder, name, "", whole, schema.Service)
    model = tree.get("model")
    if isinstance(model, str) and model not in folder.models - {EVERY}:
        known = ", ".join(sorted(folder.models - {EVERY}))
        folder.report(name, "model", f"is {model!r}", f"use one of {known}")
    like = tree.get("like")
    if isinstance(like, str) and (
        like not in folder.services or like == stem or folder.services[like]
    ):
        folder.report(name, "like", f"is {like!r}", "name a row that is like no other row")
    _check_cells(folder, name, "", tree, tree)
    _check_order(folder, name)


def _complete(stem: str, tree: dict[str, Any]) -> dict[str, Any]:
    """An overlay's part of a row with the catalogue's head, as it will be read."""
    return read_yaml(find_data() / "services" / f"{stem}.yaml") | tree


def _check_cells(
    folder: Folder, name: str, prefix: str, tree: Any, service: dict[str, Any] | None
) -> None:
    cells = tree.get("cells") if isinstance(tree, dict) else None
    if not isinstance(cells, dict):
        return
    for layer, tree in cells.items():
        key = f"{prefix}cells.{layer}"
        if layer not in folder.layers:
            _report_layer(folder, name, key, str(layer))
        try:
            cell = msgspec.convert(tree, schema.Cell)
        except msgspec.ValidationError:
            continue  # Each fault of its form is reported with the file's.
        for part, problem, mend in schema.find_cell_faults(cell):
            folder.report(name, f"{key}.{part}", problem, mend)
        for id in list_source_ids(cell):
            _check_citation(folder, name, f"{key}.sources", id)
        if service is None and cell.basis == "stated":
            folder.report(name, f"{key}.basis", "is stated", "use model or interpreted for a model")
        _check_unless(folder, name, key, cell)


def _check_unless(folder: Folder, name: str, key: str, cell: schema.Cell) -> None:
    for each in cell.unless:
        if each.owner == cell.owner:
            folder.report(
                name, f"{key}.unless", f"leaves the owner {cell.owner}", "drop the setting"
            )
        if each.owner in schema.WITH_WORK and not (each.duty or cell.customer_duty):
            folder.report(name, f"{key}.unless", "has no duty", "say what falls to the customer")


def _check_unmapped(folder: Folder) -> None:
    """A word without a row has its reason in no_row.csv, and only such a word."""
    rows = folder.tables.get("no_row.csv", [])
    reasons = {row.get("resource_type", "") for row in rows}
    mapped: dict[str, str] = {}
    for name, words in folder.tables.items():
        for number, row in enumerate(words if name.startswith("mapping/") else [], 2):
            word, service = row.get("resource_type", ""), row.get("service")
            mapped[word] = service or ""
            if not service and word not in reasons and not folder.is_overlay:
                folder.report(
                    name, f"line {number}", f"{word} has no row",
                    "name one, or say in no_row.csv why there is none",
                )  # fmt: skip
    for word in reasons:
        if mapped.get(word, word):
            told = f"has the row {mapped[word]}" if word in mapped else "is in no mapping"
            folder.report("no_row.csv", word, told, "remove the reason")


def _report_service(folder: Folder, name: str, key: str, service: str | None) -> None:
    folder.report(name, key, f"{service!r} is no service", "use a row's id")


def _report_layer(folder: Folder, name: str, key: str, layer: str) -> None:
    import difflib

    close = difflib.get_close_matches(layer, folder.layers, n=1)
    hint = f"did you mean {close[0]}?" if close else "use one of layers.csv"
    folder.report(name, key, f"{layer!r} is no layer", hint)


def _check_citation(folder: Folder, name: str, key: str, id: str) -> None:
    folder.cited.add(id)
    if id not in folder.sources:
        folder.report(name, key, f"cites {id!r}, which sources.yaml lacks", "add the page there")


def _check_form(
    folder: Folder, name: str, key: str, tree: object, form: type[schema.Record]
) -> None:
    for where, problem, mend in find_form_faults(tree, form):
        place = ": ".join(part for part in (key, where) if part)
        folder.report(name, place, problem, mend)


def _check_ways(folder: Folder) -> None:
    for type, tree in folder.trees.get("ways.yaml", {}).items():
        _check_form(folder, "ways.yaml", str(type), tree, Way)
    _check_order(folder, "ways.yaml")


def _check_ladders(folder: Folder) -> None:
    """A ladder names rows that are there; what is unlike on it has a page that says so."""
    for id, tree in folder.trees.get("ladders.yaml", {}).items():
        _check_form(folder, "ladders.yaml", str(id), tree, schema.Ladder)
        try:
            ladder = msgspec.convert(tree, schema.Ladder)
        except msgspec.ValidationError:
            continue  # Each fault of its form is reported already.
        for step in ladder.steps:
            key = f"{id}.steps.{step.service}"
            if step.service not in folder.services:
                _report_service(folder, "ladders.yaml", key, step.service)
            if step.source:
                _check_citation(folder, "ladders.yaml", f"{key}.source", step.source)
            if len({bool(step.unlike), bool(step.source), bool(step.section)}) > 1:
                folder.report(
                    "ladders.yaml", key, "has not all of unlike, source and section",
                    "give all three, or none",
                )  # fmt: skip


def _check_frameworks(folder: Folder) -> None:
    """Each framework has a head and a table; each control layers, a reason, and a page if stated."""
    heads = folder.trees.get("frameworks.yaml", {})
    for id, tree in heads.items():
        _check_form(folder, "frameworks.yaml", str(id), tree, schema.Framework)
        if f"frameworks/{id}.csv" not in folder.tables:
            folder.report("frameworks.yaml", str(id), "has no table", f"add frameworks/{id}.csv")
    for name, rows in folder.tables.items():
        if not name.startswith("frameworks/"):
            continue
        if name.endswith(".titles.csv"):
            for number, row in enumerate(rows, 2):
                _check_form(folder, name, f"line {number}", row, schema.ControlTitle)
            continue
        if Path(name).stem not in heads and not folder.is_overlay:
            folder.report(name, "", "is in no frameworks.yaml", "say there where it comes from")
        for number, row in enumerate(rows, 2):
            _check_control(folder, name, f"line {number}", row)
        counts = Counter(row.get("control", "") for row in rows)
        for control, count in counts.items():
            if count > 1:
                folder.report(name, control, f"stands {count} times", "keep one row")


def _check_control(folder: Folder, name: str, key: str, row: dict[str, str]) -> None:
    _check_form(folder, name, key, row, schema.Control)
    for layer in split_list(row.get("layers", "")):
        if layer not in folder.layers:
            _report_layer(folder, name, f"{key}: layers", layer)
    if row.get("source"):
        _check_citation(folder, name, f"{key}: source", row["source"])
    if (row.get("basis") == "stated") != bool(row.get("source") and row.get("section")):
        folder.report(
            name, key, "has not both stated and a page with its section",
            "cite the page, or say interpreted",
        )  # fmt: skip


def _check_mapping(folder: Folder) -> None:
    ways = folder.trees.get("ways.yaml", {})
    for name, rows in folder.tables.items():
        if not name.startswith("mapping/"):
            continue
        if rows and tuple(rows[0]) != MAPPING_COLUMNS:
            folder.report(name, "line 1", "has other columns", f"use {','.join(MAPPING_COLUMNS)}")
            continue
        _check_rows_unique(folder, name, rows)
        _check_order(folder, name)
        for number, row in enumerate(rows, 2):
            service, way = row["service"], ways.get(row["resource_type"])
            if service and service not in folder.services:
                _report_service(folder, name, f"line {number}", service)
            if isinstance(way, dict) and way.get("default", "") != service:
                folder.report(
                    name, f"line {number}", f"says {service!r}, ways.yaml {way.get('default')!r}",
                    "let both name the default",
                )  # fmt: skip


def _check_dates(folder: Folder, today: datetime.date) -> None:
    for name, tree in folder.trees.items():
        for key, value in _walk_dates(tree, ""):
            try:
                is_future = datetime.date.fromisoformat(value) > today
            except ValueError:
                folder.report(name, key, f"{value!r} is no date", "use a date as 2026-01-31")
                continue
            if is_future:
                folder.report(name, key, f"{value} is in the future", "use the day it was read")


def _walk_dates(tree: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            inner = f"{key}.{name}" if key else str(name)
            if name in ("read", "as_of", "verified", "since") and isinstance(value, str):
                if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
                    yield inner, value
            else:
                yield from _walk_dates(value, inner)


def _check_whole(folder: Folder, today: datetime.date) -> None:
    """What shows only when all files are held together."""
    if not folder.problems:
        try:
            if folder.is_overlay:
                load_catalogue(None, folder.path)
            else:
                folder.problems += find_neglect(load_catalogue(folder.path), today)
        except SrmError as error:
            _report_error(folder, str(error).partition(":")[0], error)
    if not folder.is_overlay:
        for id in sorted(folder.sources - folder.cited):
            folder.report("sources.yaml", id, "is cited nowhere", "cite it or remove it")
