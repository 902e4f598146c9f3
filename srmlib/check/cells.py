"""Models and services with their cells, as a data folder writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from srmlib import schema
from srmlib.catalogue import EVERY, list_source_ids
from srmlib.check.folder import Folder
from srmlib.data_files import find_data, read_yaml


def check_models(folder: Folder) -> None:
    """The default cells of each delivery model."""
    for id, tree in folder.trees.get("models.yaml", {}).items():
        form = schema.Every if id == EVERY else schema.Model
        if folder.is_overlay and isinstance(tree, dict):
            form = schema.Every
            tree = {"cells": tree.get("cells")}
        folder.check_form("models.yaml", str(id), tree, form)
        _check_cells(folder, "models.yaml", f"{id}.", tree, is_model=True)
    folder.check_order("models.yaml")


def check_services(folder: Folder) -> None:
    """Each row's head and cells."""
    for name in sorted(folder.trees):
        if name.startswith("services/"):
            _check_service(folder, name, folder.trees[name])


def _check_service(folder: Folder, name: str, tree: dict[str, Any]) -> None:
    stem = Path(name).stem
    if tree.get("id") != stem:
        folder.report(name, "id", f"is {tree.get('id')!r}", f"use the file's name, {stem!r}")
    adds_to_row = folder.is_overlay and (find_data() / "services" / f"{stem}.yaml").is_file()
    whole = _complete(stem, tree) if adds_to_row else tree
    folder.check_form(name, "", whole, schema.Service)
    model = tree.get("model")
    if isinstance(model, str) and model not in folder.models - {EVERY}:
        known = ", ".join(sorted(folder.models - {EVERY}))
        folder.report(name, "model", f"is {model!r}", f"use one of {known}")
    like = tree.get("like")
    if isinstance(like, str) and (
        like not in folder.services or like == stem or folder.services[like]
    ):
        folder.report(name, "like", f"is {like!r}", "name a row that is like no other row")
    _check_cells(folder, name, "", tree)
    folder.check_order(name)


def _complete(stem: str, tree: dict[str, Any]) -> dict[str, Any]:
    """An overlay's part of a row with the catalogue's head, as it will be read."""
    return read_yaml(find_data() / "services" / f"{stem}.yaml") | tree


def _check_cells(
    folder: Folder, name: str, prefix: str, tree: Any, *, is_model: bool = False
) -> None:
    cells = tree.get("cells") if isinstance(tree, dict) else None
    if not isinstance(cells, dict):
        return
    for layer, tree in cells.items():
        key = f"{prefix}cells.{layer}"
        folder.check_layer(name, key, str(layer))
        try:
            cell = msgspec.convert(tree, schema.Cell)
        except msgspec.ValidationError:
            continue  # Each fault of its form is reported with the file's.
        for part, problem, mend in schema.find_cell_faults(cell):
            folder.report(name, f"{key}.{part}", problem, mend)
        for id in list_source_ids(cell):
            folder.check_citation(name, f"{key}.sources", id)
        if is_model and cell.basis == "stated":
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
