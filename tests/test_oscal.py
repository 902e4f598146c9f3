"""OSCAL read back: valid by NIST's models, every reference resolves, and it says what the rows say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from trestle.core.duplicates_validator import DuplicatesValidator
from trestle.core.links_validator import LinksValidator
from trestle.core.refs_validator import RefsValidator
from trestle.oscal.component import ComponentDefinition
from trestle.oscal.ssp import SystemSecurityPlan

import srmlib as srm
from srmlib import cli
from srmlib.export.oscal_parts import NAMESPACE, name_control, quote
from srmlib.frameworks import ControlMatrix
from tests.conftest import ROOT

NIST = "nist-800-53-r5"
SHOP = ROOT / "notebooks" / "workloads" / "shop-plan.json"
FILES = {
    "component-definition.json": ComponentDefinition,
    "leveraged-ssp.json": SystemSecurityPlan,
    "ssp.json": SystemSecurityPlan,
}
# Those that ask for nothing of the network: the one for rules would fetch NIST's profile.
VALIDATORS = (DuplicatesValidator, LinksValidator, RefsValidator)
# A vendor's service, one whose layers are all the customer's, and one that is not AWS's at all.
ODD = ["on-premises", "ec2", "rosa", "vmware-cloud-on-aws", "s3"]


@pytest.fixture(scope="module", params=["shop", "odd"])
def asked(request: pytest.FixtureRequest, matrix: srm.Matrix) -> ControlMatrix:
    if request.param == "shop":
        return srm.review(SHOP).answer_controls(NIST).select("low")
    return srm.answer_controls(matrix.select(services=ODD), NIST)


@pytest.fixture(scope="module")
def folder(asked: ControlMatrix, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("oscal")
    srm.write_oscal(asked, place)
    return place


def read(path: Path) -> dict[str, Any]:
    (tree,) = json.loads(path.read_text()).values()
    return dict(tree)


def walk(tree: Any, key: str) -> Iterator[Any]:
    """Every value of a key, at any depth."""
    if isinstance(tree, dict):
        yield from (value for name, value in tree.items() if name == key)
        yield from (found for value in tree.values() for found in walk(value, key))
    if isinstance(tree, list):
        yield from (found for value in tree for found in walk(value, key))


def list_duties(told: list[dict[str, Any]]) -> set[str]:
    lines = (line for each in told for line in each["description"].splitlines())
    return {line[2:] for line in lines if line.startswith("- ")}


def find_owner(tree: dict[str, Any]) -> str:
    (owner,) = (each["value"] for each in tree["props"] if each["name"] == "owner")
    return str(owner)


def answers(folder: Path, file: str) -> dict[str, dict[str, Any]]:
    told = read(folder / file)["control-implementation"]["implemented-requirements"]
    return {each["control-id"]: each for each in told}


def name_services(plan: dict[str, Any]) -> dict[str, str]:
    """The row of the matrix by the component's id."""
    return {
        component["uuid"]: prop["value"]
        for component in plan["system-implementation"]["components"]
        for prop in component.get("props", [])
        if prop["name"] == "service" and prop["ns"] == NAMESPACE
    }


@pytest.mark.parametrize("file", FILES)
def test_trestle_reads_writes_and_validates_it(folder: Path, tmp_path: Path, file: str) -> None:
    model = FILES[file].oscal_read(folder / file)
    assert model is not None
    for validator in VALIDATORS:
        assert validator().model_is_valid(model, True, tmp_path), validator
    model.oscal_write(tmp_path / file)
    assert FILES[file].oscal_read(tmp_path / file) == model
    before, after = read(folder / file), read(tmp_path / file)
    for each in (before, after):
        each["metadata"]["last-modified"] = each["metadata"]["last-modified"][:19]
    assert before == after


def test_what_the_plan_refers_to_is_in_the_leveraged_plan(folder: Path) -> None:
    plan, leveraged = read(folder / "ssp.json"), read(folder / "leveraged-ssp.json")
    provided = [each["uuid"] for told in walk(leveraged, "provided") for each in told]
    owed = [each["uuid"] for told in walk(leveraged, "responsibilities") for each in told]
    assert (
        set(walk(plan, "provided-uuid")) == set(provided) >= set(walk(leveraged, "provided-uuid"))
    )
    assert set(walk(plan, "responsibility-uuid")) == set(owed)
    components = {each["uuid"] for each in leveraged["system-implementation"]["components"]}
    told = [each for props in walk(plan, "props") for each in props]
    assert {each["value"] for each in told if each["name"] == "inherited-uuid"} == components
    (authorization,) = plan["system-implementation"]["leveraged-authorizations"]
    assert {e["value"] for e in told if e["name"] == "leveraged-authorization-uuid"} == {
        authorization["uuid"]
    }


@pytest.mark.parametrize("file", ["ssp.json", "leveraged-ssp.json"])
def test_references_inside_a_plan_resolve(folder: Path, file: str) -> None:
    plan = read(folder / file)
    components = {each["uuid"] for each in plan["system-implementation"]["components"]}
    assert set(walk(plan, "component-uuid")) <= components
    roles = {each["id"] for each in plan["metadata"]["roles"]}
    assert {*walk(plan, "role-id"), *chain(*walk(plan, "role-ids"))} <= roles
    parties = {each["uuid"] for each in plan["metadata"]["parties"]}
    assert {*walk(plan, "party-uuid"), *chain(*walk(plan, "party-uuids"))} <= parties
    resources = {f"#{each}" for each in walk(plan.get("back-matter"), "uuid")}
    assert {each for each in walk(plan, "href") if each.startswith("#")} == resources


def test_the_plan_says_of_every_control_what_its_row_says(
    asked: ControlMatrix, folder: Path
) -> None:
    services, told = name_services(read(folder / "ssp.json")), answers(folder, "ssp.json")
    assert list(told) == [name_control(each.control) for each in asked.controls]
    for row in asked.rows():
        answered = told[name_control(row["control"])]
        whole, *parts = answered["by-components"]
        assert find_owner(answered) == row["owner"]
        planned = {
            services[each["component-uuid"]]
            for each in parts
            if each["implementation-status"]["state"] == "planned"
            and find_owner(each) != "third-party"
        }
        assert planned == set(row["services"])
        state = whole["implementation-status"]["state"]
        assert state == {"inherited": "implemented", "not-applicable": "not-applicable"}.get(
            row["owner"], "planned"
        )
        satisfied = [one for each in parts for one in each.get("satisfied", [])]
        own = [each for each in parts if services[each["component-uuid"]] == "on-premises"]
        assert list_duties([*satisfied, *own]) - {""} >= set(map(quote, row["customer_duty"]))
        inherited = list_duties([one for each in parts for one in each.get("inherited", [])])
        does = row["aws_provides"] if row["owner"] in ("inherited", "shared") else []
        assert inherited == set(map(quote, does))


def test_the_leveraged_plan_provides_what_the_rows_say(asked: ControlMatrix, folder: Path) -> None:
    told = answers(folder, "leveraged-ssp.json")
    for row in asked.rows():
        answered = told.get(name_control(row["control"]), {"by-components": []})
        exports = [each["export"] for each in answered["by-components"]]
        provided = [one for each in exports for one in each.get("provided", [])]
        does = row["aws_provides"] if row["owner"] in ("inherited", "shared") else []
        assert list_duties(provided) == set(map(quote, does))
        owed = list_duties([one for each in exports for one in each.get("responsibilities", [])])
        assert owed <= set(map(quote, row["customer_duty"]))


def test_a_component_says_who_answers_why_and_where_it_is_said(
    matrix: srm.Matrix, tmp_path: Path
) -> None:
    chosen = matrix.select(services=["rds", "s3"])
    tree = read(srm.write(chosen, tmp_path / "aws.oscal.json"))
    rds, s3 = tree["components"]
    assert (rds["type"], rds["title"], s3["title"]) == ("service", "Amazon RDS", "Amazon S3")
    props = {(each["name"], each["value"]) for each in rds["props"]}
    assert props >= {("model", "managed"), ("lifecycle", "active"), ("family", "rds")}
    (implemented,) = rds["control-implementations"]
    told = {each["control-id"]: each for each in implemented["implemented-requirements"]}
    rows = srm.answer_controls(matrix.select(services=["rds"]), NIST)
    for control, row in zip(rows.controls, rows.rows(), strict=True):
        each = told.get(name_control(control.control))
        assert (each is None) == bool(control.side)
        if each:
            assert find_owner(each) == row["owner"]
            assert all(quote(duty) in each["description"] for duty in row["customer_duty"])
            assert {link["href"].split(":")[0] for link in each["links"]} == {"https"}
    flaws = {(each["name"], each.get("class")): each["value"] for each in told["si-2"]["props"]}
    cell = matrix.claims["rds"]["engine"].cell
    assert flaws["layer-owner", "engine"] == cell.owner
    assert flaws["layer-basis", "engine"] == cell.basis == "stated"


def test_checks_come_with_their_rules(matrix: srm.Matrix, tmp_path: Path) -> None:
    tree = read(srm.write(matrix.select(services=["rds"]), tmp_path / "aws.oscal.json"))
    grouped: dict[str, set[str]] = {}
    for props in walk(tree, "props"):
        for each in props:
            if "group" in each:
                grouped.setdefault(each["group"], set()).add(each["name"])
    assert grouped["RDS.3"] == {"security-hub-control", "config-rule"}


def test_every_document_says_that_it_is_not_aws_s(folder: Path) -> None:
    for file in FILES:
        assert "not made, reviewed or endorsed by AWS" in read(folder / file)["metadata"]["remarks"]
    leveraged = read(folder / "leveraged-ssp.json")
    assert "srmlib" in leveraged["metadata"]["title"]
    assert "not AWS's system security plan" in leveraged["system-characteristics"]["description"]


def test_the_same_input_gives_the_same_bytes_and_its_own_ids(
    asked: ControlMatrix, folder: Path, tmp_path: Path
) -> None:
    paths = srm.write_oscal(asked, tmp_path / "again")
    assert {path.name for path in paths} == set(FILES)
    ids = []
    for path in paths:
        assert path.read_bytes() == (folder / path.name).read_bytes()
        ids += list(walk(read(path), "uuid"))
    shared = {each["uuid"] for each in read(folder / "ssp.json")["metadata"]["parties"]}
    assert len([each for each in ids if each not in shared]) == len(set(ids) - shared)


@pytest.mark.parametrize(
    ("date", "time"), [("2026-01-31", "2026-01-31T00:00:00Z"), (None, r"\d{4}-\d\d-\d\dT00:00:00Z")]
)
def test_the_time_is_the_day_shown(
    matrix: srm.Matrix, tmp_path: Path, date: str | None, time: str
) -> None:
    chosen = matrix.select(services=["s3"])
    tree = read(srm.write(chosen, tmp_path / "s3.oscal.json", date=date))
    assert re.fullmatch(time, tree["metadata"]["last-modified"])


def test_a_baseline_imports_nists_profile(tmp_path: Path) -> None:
    controls = srm.review(SHOP).answer_controls(NIST)
    for chosen, name in (
        (controls.select("moderate"), "rev5_MODERATE-baseline_profile.json"),
        (controls, "rev5_catalog.json"),
    ):
        plan = read(srm.write(chosen, tmp_path / "ssp.oscal.json"))
        assert plan["import-profile"]["href"].endswith(name)


def test_a_review_is_written_by_nists_controls_with_its_digest(tmp_path: Path) -> None:
    review = srm.review(SHOP, date="2026-01-31")
    plan = read(srm.write(review, tmp_path / "ssp.oscal.json"))
    told = plan["control-implementation"]["implemented-requirements"]
    assert len(told) == len(review.answer_controls(NIST).controls)
    assert plan["metadata"]["last-modified"].startswith("2026-01-31")
    assert review.digest in list(walk(plan, "value"))


def test_one_s_own_data_centre_leverages_nothing(matrix: srm.Matrix, tmp_path: Path) -> None:
    own = srm.answer_controls(matrix.select(services=["on-premises"]), NIST, ["SI-2"])
    paths = srm.write_oscal(own, tmp_path)
    assert {path.name for path in paths} == {"component-definition.json", "ssp.json"}
    plan = SystemSecurityPlan.oscal_read(tmp_path / "ssp.json")
    assert plan is not None
    assert plan.system_implementation.leveraged_authorizations is None


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda m: srm.answer_controls(m, "gdpr"), "gdpr has no OSCAL catalog"),
        (lambda m: srm.answer_controls(m.select(services=[]), NIST), "no service or no control"),
        (lambda m: srm.answer_controls(m, NIST, []), "no service or no control"),
        (lambda m: m.select(services=[]), "no service to write"),
    ],
)
def test_what_cannot_be_a_document_is_one_line(
    matrix: srm.Matrix, tmp_path: Path, make: Any, fault: str
) -> None:
    with pytest.raises(srm.SrmError, match=fault):
        srm.write(make(matrix), tmp_path / "x.oscal.json")
    assert not list(tmp_path.iterdir())


def test_a_matrix_is_no_plan(matrix: srm.Matrix, tmp_path: Path) -> None:
    with pytest.raises(srm.SrmError, match="give review"):
        srm.write_oscal(matrix, tmp_path)  # type: ignore[arg-type]


def test_the_command_line_writes_the_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["controls", NIST, str(SHOP), "--control", "SI-2", "--oscal", str(tmp_path / "oscal")]
    assert cli.main(words) == cli.DONE
    assert {path.name for path in (tmp_path / "oscal").iterdir()} == set(FILES)
    assert cli.main(["controls", NIST, "--oscal", str(tmp_path)]) == cli.UNUSABLE
    assert "name its files too" in capsys.readouterr().err
