"""What if some of a workload ran as another service: duties dropped, kept, added, and doubts."""

from __future__ import annotations

from pathlib import Path

import pytest

import srmlib as srm
from srmlib.errors import SrmError
from srmlib.moves import Move, doubt_moves, read_move
from srmlib.reviews import WEIGHED_COLUMNS, count_resources
from tests.conftest import ROOT

SHOP = ROOT / "notebooks" / "workloads" / "shop-plan.json"


@pytest.fixture(scope="module")
def shop() -> srm.Review:
    return srm.review(SHOP)


@pytest.fixture(scope="module")
def moved(shop: srm.Review) -> srm.Review:
    return shop.what_if({"ec2": "ecs-fargate", "rds": "aurora-serverless"})


def test_all_resources_of_a_service_move(shop: srm.Review, moved: srm.Review) -> None:
    before, after = count_resources(shop), count_resources(moved)
    assert "ec2" not in after
    assert after["ecs-fargate"] == before["ecs-fargate"] + before["ec2"]
    assert sum(after.values()) == sum(before.values())


def test_the_review_that_is_asked_stays_as_it_was(shop: srm.Review, moved: srm.Review) -> None:
    assert moved.before is shop
    assert "ec2" in shop.matrix.services
    assert shop.whatif == ()
    assert shop.shift.empty


def test_duties_are_dropped_kept_and_added(shop: srm.Review, moved: srm.Review) -> None:
    fates = moved.shift.set_index("duty")["fate"]
    old, new = set(shop.duties["duty"]), set(moved.duties["duty"])
    assert set(fates[fates == "dropped"].index) == old - new
    assert set(fates[fates == "added"].index) == new - old
    assert set(fates[fates == "kept"].index) == old & new
    assert fates["guest-os/ec2"] == "dropped"
    assert fates["capacity/rds"] == "dropped"
    assert fates["capacity/aurora-serverless"] == "added"


def test_the_duties_themselves_say_what_changed(moved: srm.Review) -> None:
    change = moved.duties.set_index("duty")["change"]
    assert change["capacity/aurora-serverless"] == "new"
    assert change["threat-detection"] == "changed: +aurora-serverless -ec2 -rds"
    assert "guest-os/ec2" in {row["duty"] for row in moved.gone}


def test_a_part_may_move_and_the_rest_keeps_its_duties(shop: srm.Review) -> None:
    part = shop.what_if({"ec2": ("ecs-fargate", 1)})
    assert count_resources(part)["ec2"] == 1
    assert "guest-os/ec2" in set(part.duties["duty"])
    assert any("which 1 of ec2" in line for line in part.warnings)


def test_resources_may_go_two_ways(shop: srm.Review) -> None:
    both = shop.what_if([Move("ec2", "ecs-fargate", 1), Move("ec2", "lambda", 1)])
    assert "ec2" not in both.matrix.services


def test_settings_of_a_service_that_is_left_move_nothing(
    shop: srm.Review, moved: srm.Review
) -> None:
    assert "rds" in set(shop.settings["service"])
    assert "rds" not in set(moved.settings["service"])


def test_a_move_between_unlike_services_is_doubted(shop: srm.Review, moved: srm.Review) -> None:
    odd = shop.what_if({"rds": "s3"})
    assert any("rds to s3 is not like for like" in line for line in odd.warnings)
    assert not any("no common ladder" in line for line in moved.warnings)


def test_a_move_up_a_ladder_tells_what_the_target_cannot_do(matrix: srm.Matrix) -> None:
    def doubt(before: str, after: str) -> str:
        return " ".join(doubt_moves(matrix.catalogue, [Move(before, after)]))

    assert "ec2 to lambda is not like for like" in doubt("ec2", "lambda")
    assert "minutes" in doubt("ec2", "lambda")
    assert "https://docs.aws.amazon.com" in doubt("ec2", "lambda")
    assert doubt("lambda", "ec2") == ""


def test_a_move_to_a_retired_service_is_doubted(shop: srm.Review) -> None:
    odd = shop.what_if({"s3": "mediastore"})
    assert any("mediastore is retired" in line for line in odd.warnings)


def test_candidates_stand_side_by_side(shop: srm.Review) -> None:
    weighed = shop.weigh({"rds": "aurora"}, {"rds": "s3"})
    assert tuple(weighed.columns) == WEIGHED_COLUMNS
    assert list(weighed["candidate"]) == ["all of rds moved to aurora", "all of rds moved to s3"]
    fates = shop.what_if({"rds": "aurora"}).shift["fate"]
    assert weighed.loc[0, "dropped"] == (fates == "dropped").sum()
    assert "not like for like" in " ".join(weighed.loc[1, "doubts"])


@pytest.mark.parametrize(
    ("moves", "told"),
    [
        ({"ec3": "lambda"}, "'ec3' is not in this workload; did you mean ec2"),
        ({"ec2": "lambada"}, "'lambada' is no service; did you mean lambda"),
        ({"ec2": "ec2"}, "moves nothing"),
        ({"ec2": ("lambda", 0)}, "moves nothing"),
        ({"ec2": ("lambda", 3)}, "3 resources are to move, and the workload has 2"),
        ({}, "no move is given"),
    ],
)
def test_a_move_that_cannot_be_made_says_why(
    shop: srm.Review, moves: dict[str, str], told: str
) -> None:
    with pytest.raises(SrmError, match=told):
        shop.what_if(moves)


def test_a_move_is_read_as_the_command_line_has_it() -> None:
    assert read_move("ec2=lambda") == Move("ec2", "lambda")
    assert read_move("ec2=lambda:3") == Move("ec2", "lambda", 3)
    with pytest.raises(SrmError, match="write it as FROM=TO"):
        read_move("ec2>lambda")


def test_a_what_if_says_so_in_every_export(moved: srm.Review, tmp_path: Path) -> None:
    for ending in ("md", "html", "csv", "json"):
        text = srm.write(moved, tmp_path / f"if.{ending}").read_text()
        assert "all of ec2 moved to ecs-fargate" in text, ending
        assert "Patch the operating system of every running instance" in text, ending


def test_the_record_goes_with_a_move(tmp_path: Path) -> None:
    record = tmp_path / "record.yaml"
    record.write_text("duties:\n  threat-detection:\n    owner: security\n    status: done\n")
    moved = srm.review(SHOP, record=record).what_if({"ec2": "lambda"})
    row = moved.duties.set_index("duty").loc["threat-detection"]
    assert (row["owner"], row["status"]) == ("security", "done")
