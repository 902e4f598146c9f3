"""Controls of frameworks: who answers for them over the services in use, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

import srmlib as srm
from srmlib.check import find_problems
from srmlib.errors import SrmError
from srmlib.frameworks import (
    ANSWER_COLUMNS,
    ANSWERS,
    answer,
    answer_controls,
    find_controls,
)
from srmlib.reasons import explain_control
from tests.conftest import ROOT

SHOP = ROOT / "notebooks" / "workloads" / "shop-plan.json"
NIST, HIPAA, GDPR, CSF = "nist-800-53-r5", "hipaa-security-rule", "gdpr", "nist-csf-2"


@pytest.fixture(scope="module")
def shop() -> srm.Review:
    return srm.review(SHOP)


@pytest.mark.parametrize(
    ("framework", "baseline", "count"),
    [
        (NIST, "low", 149),
        (NIST, "moderate", 287),
        (NIST, "high", 370),
        (NIST, "privacy", 96),
        (NIST, "fedramp-low", 156),
        (NIST, "fedramp-moderate", 323),
        (NIST, "fedramp-high", 410),
        (HIPAA, "required", 43),
        (HIPAA, "addressable", 22),
    ],
)
def test_a_baseline_is_whole(matrix: srm.Matrix, framework: str, baseline: str, count: int) -> None:
    assert len(answer_controls(matrix, framework).select(baseline).controls) == count


def test_the_framework_core_has_all_106_outcomes_and_gdpr_the_articles_asked_for(
    matrix: srm.Matrix,
) -> None:
    assert len(find_controls(matrix.catalogue, CSF)) == 106
    articles = {control.split("(")[0] for control in find_controls(matrix.catalogue, GDPR)}
    wanted = {5, 25, 28, 30, 32, 33, 34, 35, 44, 45, 46, 47, 48, 49}
    assert {f"Art. {number}" for number in wanted} <= articles


@pytest.mark.parametrize("framework", [NIST, HIPAA, GDPR, CSF])
def test_every_control_has_an_answer_and_a_reason_for_every_service(
    matrix: srm.Matrix, framework: str
) -> None:
    controls = find_controls(matrix.catalogue, framework).values()
    for control in controls:
        assert control.reason.endswith("."), control.control
        assert set(control.layers.split("; ")) <= set(matrix.layers), control.control
    for id in matrix.services:
        one = matrix.select(services=[id])
        assert {answer(control, one) for control in controls} <= set(ANSWERS)


def test_reasons_are_each_controls_own(matrix: srm.Matrix) -> None:
    for framework in matrix.catalogue.frameworks:
        reasons = [each.reason for each in find_controls(matrix.catalogue, framework).values()]
        assert len(set(reasons)) == len(reasons)


@pytest.mark.parametrize(
    ("services", "control", "owner"),
    [
        (["s3", "rds"], "PE-3", "inherited"),
        (["on-premises"], "PE-3", "customer"),
        (["s3", "on-premises"], "PE-3", "shared"),
        (["ec2"], "AC-1", "shared"),
        (["s3"], "CA-6", "customer"),
        (["on-premises"], "SC-28", "customer"),
        (["rds"], "SI-2", "shared"),
    ],
)
def test_the_answer_follows_from_side_and_owners(
    matrix: srm.Matrix, services: list[str], control: str, owner: str
) -> None:
    known = find_controls(matrix.catalogue, NIST)
    assert answer(known[control], matrix.select(services=services)) == owner


def test_a_review_answers_in_the_promised_columns(shop: srm.Review) -> None:
    table = shop.controls(NIST).set_index("control")
    assert ("control", *table.columns) == ANSWER_COLUMNS
    row = table.loc["SC-28"]
    assert row["owner"] == "shared"
    assert {"ec2", "elasticache"} <= set(row["services"])
    assert "kms" not in row["aws_provides"]
    assert any("EnableEbsEncryptionByDefault" in duty for duty in row["customer_duty"])
    assert "EC2.7" in row["checks"]
    assert not table.loc["PE-3", "services"]
    assert sum(shop.answer_controls(NIST).counts) == len(table) == 463


def test_hipaa_eligibility_is_told_where_it_is_asked_for(shop: srm.Review) -> None:
    told = shop.hipaa.set_index("service")
    assert list(told.index) == list(shop.matrix.services)
    assert told["eligible"].loc[["s3", "rds", "iam"]].tolist() == ["yes", "part", "not on the list"]
    assert not any("HIPAA" in line for line in shop.warnings)
    assert not shop.answer_controls(NIST).warnings
    missing, *parts, age = shop.answer_controls(HIPAA).select("required").warnings
    assert missing.startswith("not on AWS's list of HIPAA eligible services of 2026-05-22: iam;")
    assert [line.split(": ")[1] for line in parts] == ["rds", "cloudfront"]
    assert "more than 180 days old" in age


@pytest.mark.parametrize(("date", "old"), [("2026-11-18", False), ("2026-11-19", True)])
def test_a_list_is_old_after_180_days(matrix: srm.Matrix, date: str, old: bool) -> None:
    asked = answer_controls(matrix.select(services=["s3"]), HIPAA, date=date)
    assert ["days old" in line for line in asked.warnings] == [True] * old


def test_a_reviews_date_decides_whether_the_list_is_old() -> None:
    review = srm.review(SHOP, date="2026-06-01")
    assert not any("days old" in line for line in review.answer_controls(HIPAA).warnings)


def test_why_names_what_can_show_it(shop: srm.Review) -> None:
    told = str(shop.why(NIST, "SC-28"))
    check = "Security Hub control EC2.7 (AWS Config rule ec2-ebs-encryption-by-default)"
    assert f"Can show part of it: {check}" in told
    assert "conformance pack Operational-Best-Practices-for-NIST-800-53-rev-5" in told
    assert "AWS's own reports" in told
    assert "AWS's own reports" not in str(shop.why(GDPR, "Art. 5(1)(a)"))


def test_a_setting_in_the_files_moves_an_answer(shop: srm.Review) -> None:
    why = shop.why(NIST, "SC-28").table
    rds = why[
        why["services"].map(lambda ids: "rds" in ids) & (why["layer"] == "encryption-at-rest")
    ]
    assert list(rds["owner"]) == ["aws"]
    assert "StorageEncrypted" in rds.iloc[0]["why"]


@pytest.mark.parametrize(
    ("framework", "control"),
    [
        (NIST, "AC-2"), (NIST, "AU-2"), (NIST, "CP-9"), (NIST, "PE-3"), (NIST, "SC-7"),
        (NIST, "SI-2"), (NIST, "AT-2"), (HIPAA, "164.312(a)(2)(iv)"), (GDPR, "Art. 32(1)(a)"),
        (CSF, "PR.DS-01"),
    ],
)  # fmt: skip
def test_a_control_is_explained_from_why_alone(
    shop: srm.Review, framework: str, control: str
) -> None:
    why = shop.why(framework, control)
    told = str(why)
    assert told.startswith(f"{control} ")
    assert why.control.reason in told
    assert "https://" in told
    for layer in why.control.layers.split("; "):
        assert f"- {layer}: " in told
    if why.owner in ("customer", "shared"):
        assert "You: " in told
    if why.owner in ("inherited", "shared"):
        assert "AWS: " in told
    services = {id for row in why.reasons for id in row["services"]}
    assert services == set(shop.matrix.services)


@pytest.mark.parametrize(
    ("framework", "control", "told"),
    [
        ("nist-800-53", "AC-2", "did you mean nist-800-53-r5"),
        (NIST, "SC-280", "'SC-280' is no control of nist-800-53-r5; did you mean SC-28"),
    ],
)
def test_a_name_that_is_not_known_is_told_with_the_nearest(
    matrix: srm.Matrix, framework: str, control: str, told: str
) -> None:
    with pytest.raises(SrmError, match=told):
        explain_control(matrix, framework, control)
    with pytest.raises(SrmError, match="is no baseline"):
        answer_controls(matrix, NIST).select("hihg")


def test_an_overlay_brings_a_framework_of_its_own(tmp_path: Path) -> None:
    house = tmp_path / "house"
    (house / "frameworks").mkdir(parents=True)
    (house / "frameworks.yaml").write_text(
        "house:\n  title: House rules\n  version: '1'\n  publisher: We\n"
        "  url: https://intranet.example/rules\n  licence: Ours\n  as_of: 2026-01-31\n"
    )
    (house / "frameworks" / "house.csv").write_text(
        "control,title,baselines,layers,side,reason,basis,source,section\n"
        "H-1,Backups leave the account,,backup,,Copies are taken by whoever backs up.,interpreted,,\n"
    )
    review = srm.review(SHOP, overlay=house)
    assert list(review.controls("house")["owner"]) == ["shared"]


def test_a_licensees_overlay_adds_the_owners_texts(tmp_path: Path) -> None:
    house = tmp_path / "licensed"
    (house / "frameworks").mkdir(parents=True)
    path = house / "frameworks" / "nist-csf-2.titles.csv"
    path.write_text('control,title\nPR.DS-01,"Text that we may use"\n')
    review = srm.review(SHOP, overlay=house)
    titles = review.controls(CSF).set_index("control")["title"]
    assert titles["PR.DS-01"] == "Text that we may use"
    assert titles["PR.DS-02"].startswith("The confidentiality")
    assert find_problems(house) == []
    path.write_text("control,text\nPR.DS-01,x\n")
    assert {each.file for each in find_problems(house)} == {"frameworks/nist-csf-2.titles.csv"}


def test_a_review_by_a_framework_names_controls_with_each_duty(tmp_path: Path) -> None:
    shop = srm.review(SHOP, framework=NIST)
    duties = shop.duties.set_index("duty")
    assert "SC-28" in duties.loc["encryption-at-rest/ec2", "controls"]
    assert "AC-1" not in duties["controls"].sum()
    csv = srm.write(shop, tmp_path / "duties.csv").read_text()
    assert csv.splitlines()[0].endswith(",controls")
    assert "controls" in shop.what_if({"ec2": "lambda"}).duties.columns
    with pytest.raises(SrmError, match="did you mean nist-800-53-r5"):
        srm.review(SHOP, framework="nist-800-53")
