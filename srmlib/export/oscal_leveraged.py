"""AWS's side as a leveraged system: what it provides to a workload, and what it leaves to do.

This is srmlib's reading of AWS's published statements in the form of a plan; it is not AWS's plan.
"""

from __future__ import annotations

from collections.abc import Iterable

from srmlib.export.oscal_parts import (
    AWS_UUID,
    CUSTOMER_ROLE,
    NOT_BY_AWS,
    PROVIDER_ROLE,
    Tree,
    describe_service,
    find_profile,
    list_leveraged,
    make_metadata,
    make_prop,
    make_uuid,
    name_control,
    render_duties,
)
from srmlib.export.oscal_shares import Answered, Share, list_answers, sum_up
from srmlib.frameworks import ControlMatrix

READING = (
    "AWS's side of the workload as srmlib reads AWS's published statements. This is not AWS's system "
    "security plan; that, and the evidence for it, AWS hands out itself (AWS Artifact)."
)


class Ids:
    """The ids by which a workload's plan and the leveraged plan refer to each other."""

    def __init__(self, asked: ControlMatrix) -> None:
        self.scope = asked.workload or "; ".join(asked.matrix.services)

    def make(self, *names: str) -> str:
        """An id of this workload's documents."""
        return make_uuid("plan", self.scope, *names)

    def component(self, service: str) -> str:
        """A service in the leveraged plan; its system as a whole where no service is named."""
        return self.make("leveraged", "component", service)

    def provided(self, control: str, service: str) -> str:
        """AWS's part of a control at a service."""
        return self.make("leveraged", "provided", control, service)

    def responsibility(self, control: str, service: str) -> str:
        """What a control leaves to the customer at a service."""
        return self.make("leveraged", "responsibility", control, service)


def make_leveraged(asked: ControlMatrix, date: str | None, inputs: str | None = None) -> Tree:
    """The leveraged system's plan: by control and service what is provided and what is left to do."""
    ids, catalogue, used = Ids(asked), asked.matrix.catalogue, list_leveraged(asked.matrix)
    title = f"AWS as srmlib reads it, for {asked.workload or 'the workload'}"
    return {
        "system-security-plan": {
            "uuid": ids.make("leveraged"),
            "metadata": make_metadata(title, catalogue, date, inputs),
            "import-profile": {"href": find_profile(asked)},
            "system-characteristics": _characterize(ids),
            "system-implementation": _implement(asked, ids, used),
            "control-implementation": {
                "description": READING,
                "implemented-requirements": list(_list_requirements(asked, ids, used)),
            },
        }
    }


def _characterize(ids: Ids) -> Tree:
    return {
        "system-ids": [
            {
                "identifier-type": "http://ietf.org/rfc/rfc4122",
                "id": ids.make("leveraged", "system"),
            }
        ],
        "system-name": "Amazon Web Services, as srmlib reads its published statements",
        "description": READING,
        "system-information": {
            "information-types": [
                {
                    "title": "Content of AWS's customers",
                    "description": "What a workload stores and processes; its own plan says what that is.",
                }
            ]
        },
        "status": {"state": "other", "remarks": "No statement about AWS's own authorization."},
        "authorization-boundary": {
            "description": "The layers of the services in use that AWS owns or shares."
        },
    }


def _implement(asked: ControlMatrix, ids: Ids, used: Iterable[str]) -> Tree:
    services = asked.matrix.catalogue.services
    system = {
        "uuid": ids.component(""),
        "type": "this-system",
        "title": "Amazon Web Services",
        "description": READING,
        "status": {"state": "operational"},
    }
    return {
        "users": [
            {
                "uuid": ids.make("leveraged", "user"),
                "title": "Customers of AWS",
                "role-ids": [CUSTOMER_ROLE],
            }
        ],
        "components": [
            system,
            *(
                {"uuid": ids.component(id)}
                | describe_service(services[id])
                | {"status": {"state": "operational"}}
                | {"responsible-roles": [{"role-id": PROVIDER_ROLE, "party-uuids": [AWS_UUID]}]}
                for id in used
            ),
        ],
        "remarks": NOT_BY_AWS,
    }


def _list_requirements(asked: ControlMatrix, ids: Ids, used: tuple[str, ...]) -> Iterable[Tree]:
    for answered in list_answers(asked):
        shares = [each for each in answered.shares if each.service in used]
        shares = [each for each in shares if each.inherits or each.owed]
        if shares:
            control = answered.control.control
            yield {
                "uuid": ids.make("leveraged", "requirement", control),
                "control-id": name_control(control),
                "props": [make_prop("owner", answered.row["owner"])],
                "by-components": [_answer(answered, each, ids) for each in shares],
            }


def _answer(answered: Answered, share: Share, ids: Ids) -> Tree:
    control = answered.control.control
    return {
        "component-uuid": ids.component(share.service),
        "uuid": ids.make("leveraged", "by-component", control, share.service),
        "description": sum_up(share),
        "props": [make_prop("owner", share.owner), *share.layers],
        "links": share.links,
        "export": _export(control, share, ids),
    }


def _export(control: str, share: Share, ids: Ids) -> Tree:
    provided = {
        "uuid": ids.provided(control, share.service),
        "description": render_duties(share.provided),
        "responsible-roles": [{"role-id": PROVIDER_ROLE}],
    }
    responsibility = {
        "uuid": ids.responsibility(control, share.service),
        "description": render_duties(share.owed),
        "responsible-roles": [{"role-id": CUSTOMER_ROLE}],
    } | ({"provided-uuid": provided["uuid"]} if share.inherits else {})
    told = {"provided": [provided]} if share.inherits else {}
    return told | ({"responsibilities": [responsibility]} if share.owed else {})
