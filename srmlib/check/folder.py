"""A data folder as far as it can be read, the words that it may use, and its problems so far."""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from srmlib import schema
from srmlib.catalogue import EVERY, load_catalogue
from srmlib.check.forms import find_form_faults
from srmlib.data_files import read_rows, read_text, read_yaml
from srmlib.errors import SrmError
from srmlib.order import restore_order

TREES = ("sources.yaml", "models.yaml", "ways.yaml", "ladders.yaml", "frameworks.yaml")
TABLES: dict[str, type[schema.Record]] = {
    "layers.csv": schema.Layer,
    "tools.csv": schema.Tool,
    "checks.csv": schema.Check,
    "baseline.csv": schema.Baseline,
    "families.csv": schema.Family,
    "hipaa.csv": schema.Eligibility,
    "no_row.csv": schema.NoRow,
}


class Problem(NamedTuple):
    """One fault in a data folder: where it is, what was found and how to mend it."""

    file: str
    key: str
    problem: str
    mend: str


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
        """Note one problem."""
        self.problems.append(Problem(file, key, problem, mend))

    def report_error(self, file: str, error: SrmError) -> None:
        """Note what the loader says of a file."""
        told = str(error).partition(": ")[2]
        problem, _, mend = told.rpartition("; ")
        self.report(file, "", problem, mend)

    def check_service(self, file: str, key: str, service: str | None) -> None:
        """A row that a file names is there."""
        if service not in self.services:
            self.report(file, key, f"{service!r} is no service", "use a row's id")

    def check_layer(self, file: str, key: str, layer: str) -> None:
        """A layer that a file names is there."""
        if layer not in self.layers:
            close = difflib.get_close_matches(layer, self.layers, n=1)
            hint = f"did you mean {close[0]}?" if close else "use one of layers.csv"
            self.report(file, key, f"{layer!r} is no layer", hint)

    def check_citation(self, file: str, key: str, id: str) -> None:
        """A page that a file cites is there; it counts as cited."""
        self.cited.add(id)
        if id not in self.sources:
            self.report(file, key, f"cites {id!r}, which sources.yaml lacks", "add the page there")

    def check_form(self, file: str, key: str, tree: object, form: type[schema.Record]) -> None:
        """A record has the keys and the values of its form."""
        for where, problem, mend in find_form_faults(tree, form):
            place = ": ".join(part for part in (key, where) if part)
            self.report(file, place, problem, mend)

    def check_unique(self, file: str, *keys: str) -> None:
        """No two rows of a table have the same values under these keys."""
        rows = self.tables.get(file, [])
        counts = Counter(tuple(row.get(key, "") for key in keys) for row in rows)
        for values, count in counts.items():
            if count > 1:
                self.report(file, ", ".join(values), f"stands {count} times", "keep one row")

    def check_order(self, file: str) -> None:
        """Rows, keys and cells stand in order."""
        path = self.path / file
        if not path.is_file():
            return
        old = read_text(path)
        try:
            if restore_order(path, old, self.layers) != old:
                self.report(file, "", "is not in order", "run `srmlib check DIR --fix`")
        except SrmError:
            return


def read_folder(path: Path) -> Folder:
    """What can be read of a data folder, and the words that its files may use."""
    folder = Folder(path, is_overlay=not (path / "layers.csv").is_file())
    _read_trees(folder)
    _read_tables(folder)
    _learn_words(folder)
    return folder


def _read_trees(folder: Folder) -> None:
    services = (f"services/{path.name}" for path in sorted(folder.path.glob("services/*")))
    for name in (*TREES, *services):
        path = folder.path / name
        if not path.is_file():
            continue
        if path.suffix != ".yaml":
            folder.report(name, "", "is not a .yaml file", "rename or remove it")
            continue
        try:
            folder.trees[name] = read_yaml(path)
        except SrmError as error:
            folder.report_error(name, error)


def _read_tables(folder: Folder) -> None:
    paths = [*folder.path.glob("mapping/*.csv"), *folder.path.glob("frameworks/*.csv")]
    for name in (*TABLES, *(path.relative_to(folder.path).as_posix() for path in paths)):
        if (folder.path / name).is_file():
            try:
                folder.tables[name] = read_rows(folder.path / name)
            except SrmError as error:
                folder.report_error(name, error)


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
