"""Catalogue -> Matrix: who owns what, as tidy cells and as a wide frame; select() narrows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from srmlib.catalogue import Catalogue, Claim, load_catalogue
from srmlib.data_files import PathLike
from srmlib.errors import SrmError
from srmlib.schema import OWNERS, WITH_WORK, Cell, ServiceHead

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]

SERVICE_COLUMNS = (
    "service", "name", "families", "model", "aws_class", "category", "lifecycle", "docs",
)  # fmt: skip
LAYER_COLUMNS = ("layer", "group", "kind", "name", "question", "priority")
CELL_COLUMNS = (
    "service", "layer", "owner", "split", "third_party", "aws_duty", "customer_duty", "basis",
    "why", "unless", "contested", "sources", "verified", "origin",
)  # fmt: skip
TOOL_COLUMNS = ("tool", "name", "layer", "how", "source", "section")
LADDER_COLUMNS = ("ladder", "name", "services")
HIPAA_COLUMNS = ("service", "name", "eligible", "note", "as_of", "url")
UNLESS_COLUMNS = ("service", "layer", "owner", "setting", "value", "then")


@dataclass(frozen=True)
class Matrix:
    """Services x layers with the claim in each cell; made by `load_matrix`, narrowed by `select`."""

    catalogue: Catalogue
    claims: Mapping[str, Mapping[str, Claim]]
    services: tuple[str, ...]
    layers: tuple[str, ...]

    @property
    def owners(self) -> pd.DataFrame:
        """Who owns what: index service, columns layer, values owner (categorical, ordered)."""
        import pandas as pd

        kind = pd.CategoricalDtype(list(OWNERS), ordered=True)
        columns = {
            layer: pd.Categorical(
                [self.claims[service][layer].cell.owner for service in self.services], dtype=kind
            )
            for layer in self.layers
        }
        frame = pd.DataFrame(columns, index=pd.Index(self.services, name="service", dtype=object))
        return frame.rename_axis(columns="layer")

    @property
    def cells(self) -> pd.DataFrame:
        """Every claim with its duties and sources: one row a cell, the columns of CELL_COLUMNS."""
        return frame_of(self.rows(), self.columns)

    @property
    def settings(self) -> pd.DataFrame:
        """What moves an owner: one row a setting, columns of UNLESS_COLUMNS; `then` is its owner."""
        rows = [
            {"service": service, "layer": layer, "owner": cell.owner, "setting": each.setting}
            | {"value": each.value, "then": each.owner}
            for service in self.services
            for layer in self.layers
            for cell in [self.claims[service][layer].cell]
            for each in cell.unless
        ]
        return frame_of(rows, UNLESS_COLUMNS)

    @property
    def questions(self) -> pd.DataFrame:
        """What each layer asks: one row a layer, the columns of LAYER_COLUMNS."""
        rows = [row for row in list_layers(self.catalogue) if row["layer"] in self.layers]
        return frame_of(rows, LAYER_COLUMNS)

    @property
    def tools(self) -> pd.DataFrame:
        """The AWS tools that help the customer: one row a tool and layer, columns of TOOL_COLUMNS."""
        rows = [
            {key: getattr(each, key) for key in TOOL_COLUMNS}
            for each in self.catalogue.tools
            if each.layer in self.layers
        ]
        return frame_of(rows, TOOL_COLUMNS)

    @property
    def ladders(self) -> pd.DataFrame:
        """Named paths from self-run to managed: one row a ladder, columns of LADDER_COLUMNS."""
        return frame_of(list_ladders(self.catalogue), LADDER_COLUMNS)

    @property
    def hipaa(self) -> pd.DataFrame:
        """AWS's list of HIPAA eligible services, one row a service: columns of HIPAA_COLUMNS.

        `eligible` is yes, part (`note` says what is left out) or "not on the list", which proves nothing
        of later lists; `as_of` is the date of the list that was read. No legal advice.
        """
        return frame_of([_tell_hipaa(self.catalogue, id) for id in self.services], HIPAA_COLUMNS)

    def has_customer_work(self, layer: str) -> bool:
        """Whether a layer leaves work to the customer for any of the services."""
        owners = {self.claims[service][layer].cell.owner for service in self.services}
        return bool(owners & set(WITH_WORK))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `cells`."""
        return CELL_COLUMNS

    def rows(self) -> list[Row]:
        """The rows of `cells` as plain dicts."""
        return list_cells(self)

    def select(
        self,
        services: Iterable[str] | None = None,
        models: Iterable[str] | None = None,
        layers: Iterable[str] | None = None,
        groups: Iterable[str] | None = None,
    ) -> Matrix:
        """A smaller matrix: services in the order named, everything else in display order.

        Unknown names raise SrmError with the nearest known ones.
        """
        known = self.catalogue
        chosen = self.services if services is None else _known(services, self.services, "service")
        if models is not None:
            wanted = _known(models, tuple(known.models), "model")
            chosen = tuple(id for id in chosen if known.services[id].model in wanted)
        shown = self.layers if layers is None else _known(layers, self.layers, "layer")
        if groups is not None:
            all_groups = dict.fromkeys(layer.group for layer in known.layers.values())
            wanted = _known(groups, tuple(all_groups), "layer group")
            shown = tuple(id for id in shown if known.layers[id].group in wanted)
        in_order = tuple(id for id in self.layers if id in shown)
        return replace(self, services=chosen, layers=in_order)


def load_matrix(
    data: PathLike | None = None, overlay: PathLike | Iterable[PathLike] = ()
) -> Matrix:
    """The whole matrix of a data folder (the catalogue's own by default) under any overlays."""
    return make_matrix(load_catalogue(data, overlay))


def make_matrix(catalogue: Catalogue) -> Matrix:
    """The whole matrix of a catalogue already loaded."""
    return Matrix(catalogue, catalogue.claims, tuple(catalogue.services), tuple(catalogue.layers))


def list_services(rows: Iterable[ServiceHead]) -> list[Row]:
    """One row a service, in the columns of SERVICE_COLUMNS."""
    return [
        {"service": row.id} | {key: _plain(getattr(row, key)) for key in SERVICE_COLUMNS[1:]}
        for row in rows
    ]


def list_layers(catalogue: Catalogue) -> list[Row]:
    """One row a layer, in display order."""
    return [msgspec.structs.asdict(layer) for layer in catalogue.layers.values()]


def list_ladders(catalogue: Catalogue) -> list[Row]:
    """One row a ladder, with the services on it from first to last."""
    return [
        {"ladder": id, "name": each.name, "services": [step.service for step in each.steps]}
        for id, each in catalogue.ladders.items()
    ]


def list_cells(matrix: Matrix) -> list[Row]:
    """One row a cell, service by service, in the columns of CELL_COLUMNS."""
    return [
        _cell_row(matrix.catalogue, service, layer, matrix.claims[service][layer])
        for service in matrix.services
        for layer in matrix.layers
    ]


def cite(catalogue: Catalogue, id: str, section: str) -> Row:
    """A citation as it is exported: id, section and the page's address."""
    return {"id": id, "section": section, "url": catalogue.sources[id].url}


def cite_cell(catalogue: Catalogue, cell: Cell) -> list[Row]:
    """The citations of a cell, as `cite` gives each."""
    return [cite(catalogue, each.id, each.section) for each in cell.sources]


def frame_of(rows: list[Row], columns: Iterable[str]) -> pd.DataFrame:
    """Rows as a frame with these columns, also where there are no rows; absent values are None."""
    import pandas as pd

    return pd.DataFrame(rows, columns=list(columns), dtype=object)


def _cell_row(catalogue: Catalogue, service: str, layer: str, claim: Claim) -> Row:
    cell = claim.cell
    plain = {
        key: getattr(cell, key)
        for key in CELL_COLUMNS[2:-1]
        if key not in ("unless", "contested", "sources")
    }
    row = {"service": service, "layer": layer, "origin": claim.origin} | plain
    row["sources"] = cite_cell(catalogue, cell)
    row["unless"] = [
        {key: getattr(each, key) for key in ("setting", "value", "owner", "source", "section")}
        for each in cell.unless
    ]
    row["contested"] = [msgspec.structs.asdict(each) for each in cell.contested]
    return {key: row[key] for key in CELL_COLUMNS}


def _tell_hipaa(catalogue: Catalogue, service: str) -> Row:
    head = {"service": service, "name": catalogue.services[service].name}
    found = catalogue.hipaa.get(service)
    if found is None:
        return head | {"eligible": "not on the list", "note": None, "as_of": None, "url": None}
    page = catalogue.sources[found.source]
    return head | {
        "eligible": found.covers, "note": found.note or None, "as_of": page.as_of, "url": page.url,
    }  # fmt: skip


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _known(names: Iterable[str], known: tuple[str, ...], what: str) -> tuple[str, ...]:
    asked = (names,) if isinstance(names, str) else tuple(dict.fromkeys(names))
    all_known = set(known)
    for name in asked:
        if name not in all_known:
            raise SrmError(f"{name!r} is no {what} here; {suggest(name, known)}")
    return asked


def count_noun(number: int, noun: str, nouns: str = "") -> str:
    """A number with its noun: 1 resource, 2 resources; 2 duties where `nouns` says so."""
    return f"{number} {noun if number == 1 else nouns or f'{noun}s'}"


def suggest(name: str, known: Iterable[str]) -> str:
    """What to write instead of a name that is not known."""
    import difflib

    names = list(known)
    if close := difflib.get_close_matches(name, names, n=3, cutoff=0.5):
        return f"did you mean {' or '.join(close)}?"
    # A line that names hundreds of services tells nothing.
    rest = f" and {len(names) - 40} more" if len(names) > 40 else ""
    return f"known are {', '.join(names[:40])}{rest}"
