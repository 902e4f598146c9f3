"""The customer's system security plan as a skeleton: what is inherited, and what is still to do."""

from __future__ import annotations

from collections.abc import Iterable

from srmlib.errors import SrmError
from srmlib.export.oscal_leveraged import Ids
from srmlib.export.oscal_parts import (
    AWS_UUID,
    CUSTOMER_ROLE,
    CUSTOMER_UUID,
    Tree,
    describe_service,
    find_profile,
    list_leveraged,
    make_metadata,
    make_prop,
    name_control,
    quote,
    render_duties,
)
from srmlib.export.oscal_shares import Answered, Share, list_answers, sum_up, tell_share
from srmlib.frameworks import CUSTOMER, INHERITED, NONE, SHARED, SIDES, THIRD_PARTY, ControlMatrix

LEVERAGED_FILE = "leveraged-ssp.json"
TO_FILL = "To be filled"
SKELETON = (
    "A skeleton made from the services in use: what srmlib's catalogue says AWS provides, and the duties that "
    "it leaves. Whether a duty is done is not known here: every one stands as planned."
)
# What the workload as a whole has to say to a control, by whose it is.
WHOLE = {
    INHERITED: "Nothing is left to do at the services in use, by what AWS publishes.",
    SHARED: f"{TO_FILL}: how the duties at the services in use are met.",
    CUSTOMER: f"{TO_FILL}: how the workload meets the control.",
    THIRD_PARTY: f"{TO_FILL}: what the vendors named at the services do, and where they say so.",
    NONE: "None of the services in use has the layers that the control is about.",
}
STATES = {
    INHERITED: "implemented", SHARED: "planned", CUSTOMER: "planned", THIRD_PARTY: "planned",
    NONE: "not-applicable",
}  # fmt: skip
EVIDENCE = "By what AWS publishes; hold it against AWS's own evidence (AWS Artifact)."


def make_plan(asked: ControlMatrix, date: str | None, inputs: str | None = None) -> Tree:
    """The plan of the workload, which leverages the plan of `make_leveraged`."""
    if not asked.matrix.services or not asked.controls:
        raise SrmError("no service or no control to write; select at least one of each")
    ids, name = Ids(asked), asked.workload or "The workload"
    metadata = make_metadata(
        f"System security plan of {name}", asked.matrix.catalogue, date, inputs
    )
    return {
        "system-security-plan": {
            "uuid": ids.make("ssp"),
            "metadata": metadata,
            "import-profile": {"href": find_profile(asked)},
            "system-characteristics": _characterize(ids, " ".join(name.split())),
            "system-implementation": _implement(asked, ids),
            "control-implementation": {
                "description": SKELETON,
                "implemented-requirements": list(_list_requirements(asked, ids)),
            },
            "back-matter": {"resources": [_point_to_leveraged(ids)]},
        }
    }


def _characterize(ids: Ids, name: str) -> Tree:
    return {
        "system-ids": [
            {"identifier-type": "http://ietf.org/rfc/rfc4122", "id": ids.make("system")}
        ],
        "system-name": name,
        "description": f"{TO_FILL}: what the workload is for. {SKELETON}",
        "system-information": {
            "information-types": [
                {"title": TO_FILL, "description": f"{TO_FILL}: the information the workload holds."}
            ]
        },
        "status": {"state": "other", "remarks": f"{TO_FILL}: the state of the workload."},
        "authorization-boundary": {
            "description": f"{TO_FILL}: the boundary. In the workload's files are the services below."
        },
    }


def _implement(asked: ControlMatrix, ids: Ids) -> Tree:
    used = list_leveraged(asked.matrix)
    user = {"title": "Those who run the workload", "role-ids": [CUSTOMER_ROLE]}
    components = [_tell_system(ids), *([_tell_aws(ids)] if used else [])]
    components += [_tell_service(asked, ids, id, id in used) for id in asked.matrix.services]
    told = {"users": [{"uuid": ids.make("user")} | user], "components": components}
    return ({"leveraged-authorizations": [_leverage(ids)]} if used else {}) | told


def _leverage(ids: Ids) -> Tree:
    return {
        "uuid": ids.make("authorization"),
        "title": "Amazon Web Services",
        "props": [make_prop("to-be-filled", "date-authorized")],
        "links": [{"href": f"#{ids.make('resource')}", "rel": "reference"}],
        "party-uuid": AWS_UUID,
        "date-authorized": "1970-01-01",
        "remarks": f"{TO_FILL}: the date of the authorization of AWS that you rely on; the one that stands "
        "here is a placeholder. The plan that is linked is srmlib's reading, not AWS's plan.",
    }


def _tell_system(ids: Ids) -> Tree:
    return {
        "uuid": ids.make("component", ""),
        "type": "this-system",
        "title": "This system",
        "description": "The workload as a whole.",
        "status": {"state": "other", "remarks": f"{TO_FILL}: the state of the workload."},
        "responsible-roles": [{"role-id": CUSTOMER_ROLE, "party-uuids": [CUSTOMER_UUID]}],
    }


def _tell_aws(ids: Ids) -> Tree:
    return {
        "uuid": ids.make("component", "aws"),
        "type": "system",
        "title": "Amazon Web Services",
        "description": "The system that the services in use are part of.",
        "props": _inherit_from(ids, ""),
        "status": {"state": "operational"},
    }


def _tell_service(asked: ControlMatrix, ids: Ids, service: str, leveraged: bool) -> Tree:
    told = describe_service(asked.matrix.catalogue.services[service])
    point = {"name": "implementation-point", "value": "internal"}
    told["props"] = [
        *(_inherit_from(ids, service) if leveraged else [point]), *told["props"],
    ]  # fmt: skip
    return {"uuid": ids.make("component", service)} | told | {"status": {"state": "operational"}}


def _inherit_from(ids: Ids, service: str) -> list[Tree]:
    """NIST's own properties of a component that stands in another system's plan."""
    return [
        {"name": "implementation-point", "value": "external"},
        {"name": "leveraged-authorization-uuid", "value": ids.make("authorization")},
        {"name": "inherited-uuid", "value": ids.component(service)},
    ]


def _point_to_leveraged(ids: Ids) -> Tree:
    return {
        "uuid": ids.make("resource"),
        "title": "AWS's side of the workload, as srmlib reads it",
        "description": "Made along with this plan; it holds what provided-uuid and responsibility-uuid name.",
        "rlinks": [{"href": LEVERAGED_FILE, "media-type": "application/json"}],
    }


def _list_requirements(asked: ControlMatrix, ids: Ids) -> Iterable[Tree]:
    used = list_leveraged(asked.matrix)
    for answered in list_answers(asked):
        control, row = answered.control, answered.row
        shares = [_answer(control.control, share, ids, used) for share in answered.shares]
        yield {
            "uuid": ids.make("requirement", control.control),
            "control-id": name_control(control.control),
            "props": [make_prop("owner", row["owner"])],
            "by-components": [_answer_whole(answered, ids), *shares],
            "remarks": f"{control.control} {quote(control.title)}".strip(),
        }


def _answer_whole(answered: Answered, ids: Ids) -> Tree:
    """What the workload as a whole says to a control, and why the control is whose it is."""
    control, owner = answered.control, answered.row["owner"]
    side = [f"The control is {SIDES[control.side]}."] if control.side else []
    return {
        "component-uuid": ids.make("component", ""),
        "uuid": ids.make("by-component", control.control, ""),
        "description": WHOLE[owner],
        "implementation-status": {"state": STATES[owner]},
        "remarks": " ".join([*side, f"{quote(control.reason)} ({control.basis})"]),
    }


def _answer(control: str, share: Share, ids: Ids, used: tuple[str, ...]) -> Tree:
    """One service's answer; its sources and the basis of its layers stand in the leveraged plan."""
    status = {"state": share.state}
    owners = [each for each in share.layers if each["name"] in ("layer-owner", "layer-origin")]
    told = {
        "component-uuid": ids.make("component", share.service),
        "uuid": ids.make("by-component", control, share.service),
        "description": sum_up(share) if share.service in used else tell_share(share),
        "props": [make_prop("owner", share.owner), *owners, *share.checks],
        "implementation-status": status
        | ({"remarks": EVIDENCE} if share.state == "implemented" else {}),
    }
    return told | (_refer(control, share, ids) if share.service in used else {})


def _refer(control: str, share: Share, ids: Ids) -> Tree:
    """What is inherited from the leveraged plan, and the responsibilities of it that are met here."""
    inherited = {
        "uuid": ids.make("inherited", control, share.service),
        "provided-uuid": ids.provided(control, share.service),
        "description": render_duties(share.provided),
    }
    satisfied = {
        "uuid": ids.make("satisfied", control, share.service),
        "responsibility-uuid": ids.responsibility(control, share.service),
        "description": f"{TO_FILL}: how this is met.\n\n{render_duties(share.owed)}",
        "responsible-roles": [{"role-id": CUSTOMER_ROLE}],
    }
    told = {"inherited": [inherited]} if share.inherits else {}
    return told | ({"satisfied": [satisfied]} if share.owed else {})
