"""A component definition: what each service answers to each control, to import into one's own plan."""

from __future__ import annotations

from collections.abc import Callable

from srmlib.errors import SrmError
from srmlib.export.oscal_parts import (
    CATALOG,
    Tree,
    describe_service,
    make_metadata,
    make_prop,
    make_uuid,
    name_control,
    quote,
)
from srmlib.export.oscal_shares import Share, list_shares, tell_share
from srmlib.frameworks import NIST, ControlMatrix, answer_controls
from srmlib.matrix import Matrix, count_noun
from srmlib.schema import Control

ABOUT = (
    "Who answers for the control where this service is used: inherited is AWS's alone, shared has duties of "
    "both, customer is the customer's. Controls that each party can only do for itself are left out."
)


def make_components(
    matrix: Matrix, date: str | None, tell: Callable[[int, int], None] | None = None
) -> Tree:
    """The component definition of the services of a matrix."""
    return define_components(answer_controls(matrix, NIST), date, tell)


def define_components(
    asked: ControlMatrix, date: str | None, tell: Callable[[int, int], None] | None = None
) -> Tree:
    """One component a service, with the controls that the service's layers decide."""
    matrix = asked.matrix
    if not matrix.services:
        raise SrmError("no service to write; select at least one")
    decided = tuple(each for each in asked.controls if not each.side)
    asked = ControlMatrix(matrix, asked.framework, decided, asked.workload)
    components = []
    for place, service in enumerate(matrix.services, 1):
        components.append(_make_component(asked, service))
        if tell:
            tell(place, len(matrix.services) + 1)
    title = f"Who answers for which control: {count_noun(len(matrix.services), 'service')}"
    return {
        "component-definition": {
            "uuid": make_uuid("component-definition", asked.framework, *matrix.services),
            "metadata": make_metadata(title, matrix.catalogue, date),
            "components": components,
        }
    }


def name_component(service: str) -> str:
    """The id of a service's component, the same in every component definition."""
    return make_uuid("component", service)


def _make_component(asked: ControlMatrix, service: str) -> Tree:
    shares = list_shares(asked, service)
    answered = [
        _require(control, share)
        for control, share in zip(asked.controls, shares, strict=True)
        if share.says_something
    ]
    head = {"uuid": name_component(service)}
    told = head | describe_service(asked.matrix.catalogue.services[service])
    return told | ({"control-implementations": [_implement(service, answered)]} if answered else {})


def _implement(service: str, answered: list[Tree]) -> Tree:
    return {
        "uuid": make_uuid("control-implementation", service, NIST),
        "source": CATALOG,
        "description": ABOUT,
        "implemented-requirements": answered,
    }


def _require(control: Control, share: Share) -> Tree:
    return {
        "uuid": make_uuid("implemented-requirement", share.service, control.control),
        "control-id": name_control(control.control),
        "description": tell_share(share),
        "props": [make_prop("owner", share.owner), *share.layers, *share.checks],
        "links": share.links,
        "remarks": quote(control.reason),
    }
