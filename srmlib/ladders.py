"""Services that do the same work, from self-run to managed: which stand on a ladder, and what is unlike."""

from __future__ import annotations

from collections.abc import Iterable

from srmlib.catalogue import Catalogue
from srmlib.schema import Step


def find_ladders(catalogue: Catalogue, *services: str) -> list[str]:
    """The ladders on which all of these services stand: there they do the same work."""
    return [
        id
        for id, ladder in catalogue.ladders.items()
        if set(services) <= {step.service for step in ladder.steps}
    ]


def list_alike(catalogue: Catalogue, service: str) -> list[str]:
    """The services that do the same work: those further up its ladders first, then those below."""
    above: list[str] = []
    below: list[str] = []
    for id in find_ladders(catalogue, service):
        steps = [step.service for step in catalogue.ladders[id].steps]
        place = steps.index(service)
        above += steps[place + 1 :]
        below += steps[:place]
    return list(dict.fromkeys([*above, *below]))


def list_unlike(catalogue: Catalogue, services: Iterable[str]) -> list[Step]:
    """Up a ladder from the first of these services: the others that are not like for like with it."""
    first, *others = services
    found: dict[str, Step] = {}
    for id in find_ladders(catalogue, first, *others):
        steps = catalogue.ladders[id].steps
        place = next(place for place, step in enumerate(steps) if step.service == first)
        found |= {step.service: step for step in steps[place + 1 :] if step.unlike}
    return [found[id] for id in others if id in found]
