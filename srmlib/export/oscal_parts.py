"""What every OSCAL document is made of: stable ids, properties, its head and who stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from srmlib.catalogue import Catalogue
from srmlib.data_files import split_list
from srmlib.errors import SrmError
from srmlib.export.edition import name_catalogue
from srmlib.frameworks import NIST, ControlMatrix
from srmlib.matrix import Matrix
from srmlib.schema import WITH_AWS_WORK, Service

Tree = dict[str, Any]

NAMESPACE = "urn:srmlib:ns"
OSCAL_VERSION = "1.1.3"
# Where NIST keeps the catalog and the profiles of the baselines, as OSCAL.
NIST_FOLDER = (
    "https://raw.githubusercontent.com/usnistgov/oscal-content/main/nist.gov/SP800-53/rev5/json"
)
CATALOG = f"{NIST_FOLDER}/NIST_SP-800-53_rev5_catalog.json"
BASELINES = ("low", "moderate", "high", "privacy")
NOT_BY_AWS = (
    "Made by srmlib from what AWS publishes; not made, reviewed or endorsed by AWS, and no legal advice. "
    "Duties are in srmlib's own words; the links lead to the pages that say so. A property "
    "layer-basis of model or interpreted is a conclusion, not AWS's statement about the service."
)
PROVIDER_ROLE, CUSTOMER_ROLE = "provider", "customer"
AWS_UUID = str(uuid5(NAMESPACE_URL, f"{NAMESPACE}/party/aws"))
CUSTOMER_UUID = str(uuid5(NAMESPACE_URL, f"{NAMESPACE}/party/customer"))


def make_uuid(*names: str) -> str:
    """The same id for the same names in every run: version 5 of RFC 4122 over the names."""
    return str(uuid5(NAMESPACE_URL, "\n".join((NAMESPACE, *names))))


def make_prop(name: str, value: str, layer: str | None = None, group: str | None = None) -> Tree:
    """A property of srmlib's namespace; its class is the layer it is about."""
    # OSCAL's tokens begin with a letter; the id of an overlay's layer need not.
    token = layer and re.sub(r"^(?=\d)", "_", layer)
    told = {"name": name, "ns": NAMESPACE, "value": value, "class": token, "group": group}
    return {key: each for key, each in told.items() if each}


def quote(text: str) -> str:
    """One line of text in which no Markdown and no tag works."""
    return re.sub(r"([\\`*<>\[\]~^])", r"\\\1", " ".join(text.split()))


def render_duties(duties: Iterable[str]) -> str:
    """Duties as a Markdown list."""
    return "\n".join(f"- {quote(duty)}" for duty in duties)


def name_control(control: str) -> str:
    """A control as NIST's catalog names it: AC-2(1) is ac-2.1."""
    return control.lower().replace("(", ".").replace(")", "")


def check_framework(asked: ControlMatrix) -> None:
    """Only a framework with a catalog of its controls in OSCAL can be written as OSCAL."""
    if asked.framework != NIST:
        raise SrmError(
            f"{asked.framework} has no OSCAL catalog here to refer to; use {NIST}, or write .csv or .json"
        )


def find_profile(asked: ControlMatrix) -> str:
    """NIST's profile of the baseline that the controls are, else the catalog they stand in."""
    held = {each.control for each in asked.controls}
    known = asked.matrix.catalogue.list_controls(asked.framework)
    for name in BASELINES:
        if held == {each.control for each in known if name in split_list(each.baselines)}:
            return f"{NIST_FOLDER}/NIST_SP-800-53_rev5_{name.upper()}-baseline_profile.json"
    return CATALOG


def make_metadata(
    title: str, catalogue: Catalogue, date: str | None, inputs: str | None = None
) -> Tree:
    """The head of a document; its time is the day shown, or the day of the catalogue."""
    day = date or catalogue.edition[:10]
    props = [make_prop("catalogue", name_catalogue(catalogue))]
    props += [make_prop("inputs-sha-256", inputs)] if inputs else []
    return {
        "title": quote(title), "last-modified": f"{day}T00:00:00Z", "version": catalogue.edition,
        "oscal-version": OSCAL_VERSION, "props": props,
        "roles": [
            {"id": PROVIDER_ROLE, "title": "Provider of the cloud"},
            {"id": CUSTOMER_ROLE, "title": "Customer of the cloud"},
        ],
        "parties": [
            {"uuid": AWS_UUID, "type": "organization", "name": "Amazon Web Services"},
            {
                "uuid": CUSTOMER_UUID, "type": "organization", "name": "The customer",
                "remarks": "To be filled: the organisation that runs the workload.",
            },
        ],
        "responsible-parties": [
            {"role-id": PROVIDER_ROLE, "party-uuids": [AWS_UUID]},
            {"role-id": CUSTOMER_ROLE, "party-uuids": [CUSTOMER_UUID]},
        ],
        "remarks": NOT_BY_AWS,
    }  # fmt: skip


def describe_service(service: Service) -> Tree:
    """What a component says of a row of the matrix, in every document alike."""
    told = {each: str(getattr(service, each)) for each in ("model", "category", "lifecycle")}
    props = [make_prop("service", service.id), *(make_prop(*each) for each in told.items())]
    return {
        "type": "service", "title": quote(service.name), "description": quote(service.way),
        "props": [*props, *(make_prop("family", each) for each in service.families)],
        "links": [{"href": service.docs, "rel": "reference", "text": "Documentation"}],
    }  # fmt: skip


def list_leveraged(matrix: Matrix) -> tuple[str, ...]:
    """The services that AWS has a part in; one's own data centre is none of them."""
    return tuple(
        id
        for id in matrix.services
        if any(claim.cell.owner in WITH_AWS_WORK for claim in matrix.claims[id].values())
    )
