"""The matrix as small tables that counted resources are joined with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from srmlib.catalogue import Claim
from srmlib.data_files import split_list
from srmlib.duties import list_owed, rank_duty
from srmlib.fleet.tables import make_arrow
from srmlib.fleet.words import Named
from srmlib.frameworks import NONE, find_controls
from srmlib.matrix import Matrix
from srmlib.teams import GAP, Teams, find_teams

if TYPE_CHECKING:
    from ibis import Table

# A machine for any purpose: to use it says nothing of the work on a ladder.
HOSTS = ("ec2", "on-premises")
SELF_RUN = ("iaas", "on-premises")


def make_words(services: Mapping[Named, str | None]) -> Table:
    """Type and named service -> the row of the matrix; types without a row are left out."""
    rows = [(*each, service) for each, service in services.items() if service]
    return _make_table(rows, {"resource_type": "string", "named": "string", "service": "string"})


def make_duties(matrix: Matrix) -> Table:
    """Every customer duty of a matrix, with the ids of a review."""
    places = {layer: place for place, layer in enumerate(matrix.layers)}
    rows = [
        (service, duty, layer, _rank(matrix, layer, claim), places[layer])
        for duty, service, layer, claim in list_owed(matrix)
    ]
    schema = {"service": "string", "duty": "string", "layer": "string"}
    return _make_table(rows, schema | {"priority": "int64", "place": "int64"})


def make_owners(matrix: Matrix) -> Table:
    """Who owns which layer of which service, where it applies."""
    rows = [
        (service, layer, matrix.claims[service][layer].cell.owner)
        for service in matrix.services
        for layer in matrix.layers
        if matrix.claims[service][layer].cell.owner != NONE
    ]
    return _make_table(rows, {"service": "string", "layer": "string", "owner": "string"})


def make_teams(matrix: Matrix, teams: Teams) -> Table:
    """The team of each duty in each of the two roles, by name; GAP where nobody is."""
    names = teams.teams
    rows = [
        (service, duty, _rank(matrix, layer, claim), role, names.get(id, GAP))
        for duty, service, layer, claim in list_owed(matrix)
        for role, id in zip(
            ("responsible", "accountable"), find_teams(teams, matrix, service, layer), strict=True
        )
    ]
    schema = {"service": "string", "duty": "string", "priority": "int64"}
    return _make_table(rows, schema | {"role": "string", "team": "string"})


def make_controls(matrix: Matrix, framework: str) -> Table:
    """A row a control of a framework and layer that it is about, in the framework's order."""
    rows = [
        (control.control, place, control.side, layer)
        for place, control in enumerate(find_controls(matrix.catalogue, framework).values())
        for layer in split_list(control.layers)
    ]
    schema = {"control": "string", "place": "int64", "side": "string", "layer": "string"}
    return _make_table(rows, schema)


def make_steps(matrix: Matrix) -> Table:
    """A row a step of a ladder, machines for any purpose left out; `place` grows toward managed."""
    catalogue = matrix.catalogue
    rows = [
        (ladder, place, step.service, catalogue.services[step.service].model in SELF_RUN)
        for ladder, each in catalogue.ladders.items()
        for place, step in enumerate(each.steps)
        if step.service not in HOSTS and step.service in catalogue.services
    ]
    schema = {"ladder": "string", "place": "int64", "service": "string", "self_run": "boolean"}
    return _make_table(rows, schema)


def _rank(matrix: Matrix, layer: str, claim: Claim) -> int:
    return rank_duty(matrix.catalogue.layers[layer].priority, claim)


def _make_table(rows: list[tuple[Any, ...]], schema: dict[str, str]) -> Table:
    import ibis

    return ibis.memtable(make_arrow(rows, schema))
