"""What a reader of the explorer has chosen: services, layers, their order, what is folded and pinned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from srmlib.form_controls import (
    fold,
    make_checks,
    make_choice,
    make_line,
    make_toggle,
    make_toggles,
    wrap,
)
from srmlib.matrix import Matrix
from srmlib.schema import WITH_WORK, Service

ALL, WORKLOAD = "all", "workload"
BY_MODEL, BY_NAME, BY_WORK, AS_LISTED = "model", "name", "work", "listed"
ORDERS = {
    "By delivery model": BY_MODEL,
    "By name": BY_NAME,
    "Most customer work first": BY_WORK,
    "As the view lists them": AS_LISTED,
}
State = dict[str, Any]


class Choices:
    """The controls over a matrix, and the selection that follows from them.

    `on_change` is called after each change; `workload` are the services of a loaded workload.
    """

    def __init__(self, matrix: Matrix, on_change: Callable[[], None]) -> None:
        self._on_change, self._is_quiet = on_change, False
        self.workload: tuple[str, ...] = ()
        self.pinned: tuple[str, ...] = ()
        self.preset = make_choice("View", list_presets(matrix))
        self.search = make_line("Search", "name, id or family: rds, queue", is_followed=True)
        self.order = make_choice("Order", ORDERS)
        self.models = make_toggles(_names_of_models(matrix))
        self.groups = make_toggles(_names_of_groups(matrix))
        self.folds = {id: make_toggle(name) for id, name in _names_of_groups(matrix).items()}
        self.services = make_checks({id: id for id in matrix.services})
        self.layers = make_checks({id: matrix.catalogue.layers[id].name for id in matrix.layers})
        self.customer_only = make_toggle("Only customer work")
        self.differing_only = make_toggle("Only what differs")
        self.list_services = make_toggle("Single services …")
        self.list_layers = make_toggle("Single layers …")
        self.list_folds = make_toggle("Fold groups …")
        self.preset.observe(self._follow_preset, "value")
        for control in self._controls():
            control.observe(self._tell, "value")

    def arrange(self) -> list[widgets.Widget]:
        """The controls, the most used on top, lists folded away."""
        narrow = [self.preset, self.search, self.order]
        for control in narrow:
            control.layout.width = "30%"
            control.layout.min_width = "200px"
        return [
            wrap(narrow),
            wrap([widgets.Label("Models"), *self.models.values(), self.list_services]),
            wrap([widgets.Label("Layers"), *self.groups.values(), self.list_layers]),
            fold(self.list_services, wrap(self.services.values())),
            fold(self.list_layers, wrap(self.layers.values())),
            wrap([self.customer_only, self.differing_only, self.list_folds]),
            fold(self.list_folds, wrap([widgets.Label("One row each"), *self.folds.values()])),
        ]

    def select(self, matrix: Matrix) -> Matrix:
        """The services and layers chosen, in the order chosen; maybe none."""
        services = self._list_chosen(matrix)
        services = list(dict.fromkeys([*self._known_pins(matrix), *services]))
        layers = [
            id
            for id in matrix.layers
            if _is_on(self.layers, id) and _is_on(self.groups, matrix.catalogue.layers[id].group)
        ]
        chosen = matrix.select(services=services, layers=layers)
        if self.customer_only.value:
            chosen = chosen.select(layers=[id for id in layers if chosen.has_customer_work(id)])
        if self.differing_only.value:
            chosen = chosen.select(layers=_list_differing(chosen))
        return chosen

    def sort(self, chosen: Matrix) -> tuple[str, ...] | None:
        """The columns from left to right, pinned ones first; None for the order by delivery model."""
        order = self.order.value
        if order == BY_MODEL:
            return None
        services = list(chosen.services)
        if order == BY_NAME:
            services.sort()
        if order == BY_WORK:
            services.sort(key=lambda id: (-_weigh(chosen, id), id))
        return tuple(dict.fromkeys([*self._known_pins(chosen), *services]))

    @property
    def folded(self) -> list[str]:
        """The layer groups that take one row each."""
        return [group for group, toggle in self.folds.items() if toggle.value]

    def pin(self, service: str) -> None:
        """Keep a service in every view, or let it go again."""
        rest = tuple(id for id in self.pinned if id != service)
        self.pinned = rest if service in self.pinned else (*rest, service)
        self._on_change()

    def load(self, services: tuple[str, ...]) -> None:
        """Offer a workload's services as a view, and show it."""
        self.workload = services
        options = dict(self.preset.options)
        options = {"The workload": WORKLOAD} | {
            name: id for name, id in options.items() if id != WORKLOAD
        }
        self._is_quiet = True
        self.preset.options = list(options.items())
        self.preset.value = WORKLOAD
        self._is_quiet = False
        self._on_change()

    @property
    def state(self) -> State:
        """Everything chosen, as plain values; what a workload brought is not kept."""
        kept = {name: each.value for name, each in self._named().items()}
        return kept | {"pinned": list(self.pinned)}

    @state.setter
    def state(self, state: State) -> None:
        self._is_quiet = True
        for name, control in self._named().items():
            if name in state and _takes(control, state[name]):
                control.value = state[name]
        self.pinned = tuple(state.get("pinned", ()))
        self._is_quiet = False
        self._on_change()

    def _named(self) -> Mapping[str, Any]:
        single = ("preset", "search", "order", "customer_only", "differing_only")
        groups = ("models", "groups", "folds", "services", "layers")
        named = {name: getattr(self, name) for name in single}
        return named | {
            f"{group}.{id}": control
            for group in groups
            for id, control in getattr(self, group).items()
        }

    def _controls(self) -> list[Any]:
        return list(self._named().values())

    def _tell(self, _: object = None) -> None:
        if not self._is_quiet:
            self._on_change()

    def _follow_preset(self, _: object = None) -> None:
        """A ladder has an order of its own."""
        is_ladder = str(self.preset.value).startswith("ladder:")
        quiet, self._is_quiet = self._is_quiet, True
        if is_ladder:
            self.order.value = AS_LISTED
        elif self.order.value == AS_LISTED:
            self.order.value = BY_MODEL
        self._is_quiet = quiet

    def _list_preset(self, matrix: Matrix) -> list[str]:
        kind, _, name = str(self.preset.value).partition(":")
        if kind == WORKLOAD:
            return [id for id in self.workload if id in matrix.claims]
        if kind == "ladder":
            steps = matrix.catalogue.ladders[name].steps
            return [step.service for step in steps if step.service in matrix.services]
        rows = matrix.catalogue.services
        return [id for id in matrix.services if kind == ALL or rows[id].category == name]

    def _list_chosen(self, matrix: Matrix) -> list[str]:
        """The preset's services that are ticked, of a model that is shown, and found."""
        rows = matrix.catalogue.services
        hidden = {id for id, toggle in self.models.items() if not toggle.value}
        unticked = {id for id, box in self.services.items() if not box.value}
        if self.preset.value == WORKLOAD:
            unticked = set()
        parts = [part.split() for part in self.search.value.lower().split(",") if part.strip()]
        return [
            id
            for id in self._list_preset(matrix)
            if id not in unticked and rows[id].model not in hidden and _is_found(rows[id], parts)
        ]

    def _known_pins(self, matrix: Matrix) -> list[str]:
        return [id for id in self.pinned if id in matrix.services]


def list_presets(matrix: Matrix) -> dict[str, str]:
    """All services, each ladder and each category of which the matrix has two services or more."""
    presets = {"All services": ALL}
    rows = matrix.catalogue.services
    for id, ladder in matrix.catalogue.ladders.items():
        if sum(step.service in matrix.services for step in ladder.steps) > 1:
            presets[f"Ladder: {ladder.name}"] = f"ladder:{id}"
    for category in sorted({rows[id].category for id in matrix.services}):
        if sum(rows[id].category == category for id in matrix.services) > 1:
            presets[f"Category: {category.replace('-', ' ')}"] = f"category:{category}"
    return presets


def _is_found(row: Service, parts: list[list[str]]) -> bool:
    """Whether all words of one of the search's parts are the service's own; no parts find all."""
    told = " ".join((row.id, row.name, *row.families)).lower() if parts else ""
    return not parts or any(all(word in told for word in part) for part in parts)


def _list_differing(matrix: Matrix) -> list[str]:
    return [
        layer
        for layer in matrix.layers
        if len({matrix.claims[id][layer].cell.owner for id in matrix.services}) > 1
    ]


def _weigh(matrix: Matrix, id: str) -> int:
    owners = [matrix.claims[id][layer].cell.owner for layer in matrix.layers]
    return sum(2 if owner == "customer" else 1 for owner in owners if owner in WITH_WORK)


def _is_on(toggles: Mapping[str, Any], id: str) -> bool:
    """Whether a toggle is on; what an overlay or a workload brought in has none, and is."""
    return id not in toggles or bool(toggles[id].value)


def _takes(control: Any, value: object) -> bool:
    """Whether a control can have the value: a view may be gone since it was chosen."""
    options = getattr(control, "options", None)
    return options is None or value in [each for _, each in options]


def _names_of_models(matrix: Matrix) -> dict[str, str]:
    used = {matrix.catalogue.services[id].model for id in matrix.services}
    return {id: row.name for id, row in matrix.catalogue.models.items() if id in used}


def _names_of_groups(matrix: Matrix) -> dict[str, str]:
    groups = dict.fromkeys(matrix.catalogue.layers[id].group for id in matrix.layers)
    return {group: group.capitalize() for group in groups}
