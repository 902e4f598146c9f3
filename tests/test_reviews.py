"""A workload held against the matrix: owners, duties, settings, and what is not known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import srmlib as srm
from srmlib.duties import DUTY_COLUMNS
from tests.conftest import ROOT
from tests.test_inventory import save, state

SHOP = ROOT / "notebooks" / "workloads" / "shop-plan.json"


@pytest.fixture(scope="module")
def shop() -> srm.Review:
    return srm.review(SHOP)


def review_of(
    folder: Path, *resources: tuple[str, dict[str, Any]], name: str = "a.tfstate"
) -> srm.Review:
    return srm.review(save(folder, name, state(*resources)))


def test_owners_are_the_services_in_use_over_all_layers(shop: srm.Review) -> None:
    assert {"ec2", "rds", "ecs-fargate", "lambda-container-image"} <= set(shop.owners.index)
    assert "iam" in shop.owners.index
    assert len(shop.owners.columns) == 28


def test_duties_have_the_promised_columns_most_urgent_first(shop: srm.Review) -> None:
    duties = shop.duties
    assert tuple(duties.columns) == DUTY_COLUMNS
    assert duties["duty"].is_unique
    assert duties["priority"].is_monotonic_increasing
    assert duties["sources"].map(len).min() >= 1


def test_a_duty_is_one_row_over_all_services_that_owe_it(shop: srm.Review) -> None:
    duties = shop.duties.set_index("duty")
    assert len(duties.loc["threat-detection", "services"]) > 3
    assert duties.loc["guest-os/ec2", "services"] == ["ec2"]
    assert "AWS Systems Manager Patch Manager" in duties.loc["guest-os/ec2", "tools"]
    assert "SSM.2" in duties.loc["guest-os/ec2", "checks"]


def test_a_tool_stands_only_where_it_helps(shop: srm.Review) -> None:
    tools = shop.duties.set_index("duty")["tools"]
    assert "AWS Systems Manager Patch Manager" not in tools["guest-os/rds"]
    assert "Amazon Macie" in tools["data/s3"]
    assert "Amazon Macie" not in tools["data/sqs"]
    assert not any("Amazon EKS cluster insights" in each for each in tools)


def test_a_duty_that_remains_where_aws_owns_the_layer_is_less_urgent(shop: srm.Review) -> None:
    duties = shop.duties.set_index("duty")
    assert duties.loc["guest-os/rds", "priority"] == duties.loc["guest-os/ec2", "priority"] + 2


def test_a_setting_in_the_file_moves_the_owner_and_the_duty(tmp_path: Path) -> None:
    review = review_of(
        tmp_path, ("aws_db_instance", {"engine": "postgres", "backup_retention_period": 0})
    )
    assert review.owners.loc["rds", "backup"] == "customer"
    assert "backup/rds/backupretentionperiod-0" in set(review.duties["duty"])
    assert "backup/rds" not in set(review.duties["duty"])
    assert review.base.owners.loc["rds", "backup"] == "shared"


def test_a_setting_may_take_a_duty_away(tmp_path: Path) -> None:
    review = review_of(
        tmp_path, ("aws_db_instance", {"engine": "postgres", "storage_encrypted": True})
    )
    assert review.owners.loc["rds", "encryption-at-rest"] == "aws"
    assert not any(duty.startswith("encryption-at-rest/") for duty in review.duties["duty"])


def test_a_setting_of_some_resources_leaves_both_duties_and_the_harder_owner(
    tmp_path: Path,
) -> None:
    review = review_of(
        tmp_path,
        ("aws_db_instance", {"engine": "postgres", "storage_encrypted": True}),
        ("aws_db_instance", {"engine": "postgres", "storage_encrypted": False}),
    )
    assert review.owners.loc["rds", "encryption-at-rest"] == "customer"
    assert "encryption-at-rest/rds" in set(review.duties["duty"])
    row = review.settings.iloc[0]
    assert (row["owner"], row["count"], row["of"]) == ("aws", 1, 2)


def test_a_setting_counts_over_all_files_together(tmp_path: Path) -> None:
    on = save(
        tmp_path,
        "on.tfstate",
        state(("aws_db_instance", {"engine": "mysql", "storage_encrypted": True})),
    )
    off = save(
        tmp_path,
        "off.tfstate",
        state(("aws_db_instance", {"engine": "mysql", "storage_encrypted": False})),
    )
    review = srm.review([on, off])
    assert review.owners.loc["rds", "encryption-at-rest"] == "customer"
    assert review.settings.iloc[0]["of"] == 2


def test_a_setting_kept_in_a_resource_of_its_own_counts_among_what_it_is_about(
    tmp_path: Path,
) -> None:
    review = review_of(
        tmp_path,
        ("aws_lambda_function", {"package_type": "Zip"}),
        ("aws_lambda_function", {"package_type": "Zip"}),
        ("aws_lambda_runtime_management_config", {"update_runtime_on": "Manual"}),
    )
    assert (review.settings.iloc[0]["count"], review.settings.iloc[0]["of"]) == (1, 2)
    assert review.owners.loc["lambda", "runtime"] == "customer"
    assert {"runtime/lambda", "runtime/lambda/updateruntimeon-manual"} <= set(review.duties["duty"])


def test_what_every_account_needs_is_expected_until_it_is_seen(tmp_path: Path) -> None:
    without = review_of(tmp_path, ("aws_sqs_queue", {}))
    items = set(without.expected["item"])
    assert {
        "root-user",
        "mfa",
        "iam",
        "cloudtrail",
        "config",
        "guardduty",
        "kms",
        "security-contacts",
    } <= items
    seen = review_of(
        tmp_path, ("aws_cloudtrail", {}), ("aws_guardduty_detector", {}),
        ("aws_config_configuration_recorder", {}), ("aws_account_alternate_contact", {}),
    )  # fmt: skip
    gone = {"cloudtrail", "config", "guardduty", "security-contacts"}
    assert items - set(seen.expected["item"]) == gone


def test_warnings_tell_what_was_assumed_unmapped_and_left_out(tmp_path: Path) -> None:
    review = review_of(
        tmp_path, ("aws_ecs_service", {}), ("aws_brand_new_thing", {}), ("random_id", {})
    )
    told = "\n".join(review.warnings)
    assert "assumed: aws_ecs_service: launch type" in told
    assert "no row yet for aws_brand_new_thing" in told
    assert "1 resource not of AWS left out" in told
    assert "expected of every account and not seen: " in told


def test_a_file_without_aws_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(srm.SrmError, match=r"a\.tfstate: holds no AWS resource"):
        review_of(tmp_path, ("random_id", {}))


def test_a_review_may_use_a_matrix_already_loaded(matrix: srm.Matrix) -> None:
    assert srm.review(SHOP, matrix=matrix).base is matrix


def test_the_house_overlay_reaches_the_review(tmp_path: Path) -> None:
    part = tmp_path / "house" / "services" / "sqs.yaml"
    part.parent.mkdir(parents=True)
    part.write_text(
        "id: sqs\ncells:\n  backup:\n    owner: not-applicable\n    basis: interpreted\n"
        "    sources:\n      - id: srm\n        section: Overview\n    why: Queues hold copies only.\n"
    )
    review = srm.review(SHOP, overlay=tmp_path / "house")
    assert review.owners.loc["sqs", "backup"] == "not-applicable"
