"""The lists beside the matrix: sources, ways, ladders and frameworks with their controls."""

from __future__ import annotations

from pathlib import Path

import msgspec

from srmlib import schema
from srmlib.check.folder import Folder
from srmlib.data_files import split_list
from srmlib.inventory.ways import Way


def check_sources(folder: Folder) -> None:
    """Each page has its form."""
    for id, tree in folder.trees.get("sources.yaml", {}).items():
        folder.check_form("sources.yaml", str(id), tree, schema.Source)
    folder.check_order("sources.yaml")


def check_ways(folder: Folder) -> None:
    """The rules of each resource type have their form."""
    for type, tree in folder.trees.get("ways.yaml", {}).items():
        folder.check_form("ways.yaml", str(type), tree, Way)
    folder.check_order("ways.yaml")


def check_ladders(folder: Folder) -> None:
    """A ladder names rows that are there; what is unlike on it has a page that says so."""
    for id, tree in folder.trees.get("ladders.yaml", {}).items():
        folder.check_form("ladders.yaml", str(id), tree, schema.Ladder)
        try:
            ladder = msgspec.convert(tree, schema.Ladder)
        except msgspec.ValidationError:
            continue  # Each fault of its form is reported already.
        for step in ladder.steps:
            _check_step(folder, f"{id}.steps.{step.service}", step)


def _check_step(folder: Folder, key: str, step: schema.Step) -> None:
    folder.check_service("ladders.yaml", key, step.service)
    if step.source:
        folder.check_citation("ladders.yaml", f"{key}.source", step.source)
    if len({bool(step.unlike), bool(step.source), bool(step.section)}) > 1:
        folder.report(
            "ladders.yaml", key, "has not all of unlike, source and section",
            "give all three, or none",
        )  # fmt: skip


def check_frameworks(folder: Folder) -> None:
    """Each framework has a head and a table; each control layers, a reason, and a page if stated."""
    heads = folder.trees.get("frameworks.yaml", {})
    for id, tree in heads.items():
        folder.check_form("frameworks.yaml", str(id), tree, schema.Framework)
        if f"frameworks/{id}.csv" not in folder.tables:
            folder.report("frameworks.yaml", str(id), "has no table", f"add frameworks/{id}.csv")
    for name, rows in folder.tables.items():
        if not name.startswith("frameworks/"):
            continue
        is_titles = name.endswith(".titles.csv")
        if not is_titles and Path(name).stem not in heads and not folder.is_overlay:
            folder.report(name, "", "is in no frameworks.yaml", "say there where it comes from")
        check_row = _check_title if is_titles else _check_control
        for number, row in enumerate(rows, 2):
            check_row(folder, name, f"line {number}", row)
        if not is_titles:
            folder.check_unique(name, "control")


def _check_title(folder: Folder, name: str, key: str, row: dict[str, str]) -> None:
    folder.check_form(name, key, row, schema.ControlTitle)


def _check_control(folder: Folder, name: str, key: str, row: dict[str, str]) -> None:
    folder.check_form(name, key, row, schema.Control)
    for layer in split_list(row.get("layers", "")):
        folder.check_layer(name, f"{key}: layers", layer)
    if row.get("source"):
        folder.check_citation(name, f"{key}: source", row["source"])
    if (row.get("basis") == "stated") != bool(row.get("source") and row.get("section")):
        folder.report(
            name, key, "has not both stated and a page with its section",
            "cite the page, or say interpreted",
        )  # fmt: skip
