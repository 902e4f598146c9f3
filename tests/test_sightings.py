"""Several inputs in one review: what each shows, where they disagree, and what is counted once."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from bs4 import BeautifulSoup

import srmlib as srm
from srmlib.inventory import ResourceCount, cdk_out, files
from srmlib.inventory.ways import Setting
from srmlib.moves import Move
from srmlib.reviews import count_resources
from srmlib.sightings import SIGHTING_COLUMNS, VIEWS, find_view

FORMATS = {"declared": "terraform-show", "observed": "aws-config", "billed": "cost-and-usage"}


def show(
    view: str, held: dict[str, int], settings: tuple[Setting, ...] = (), name: str = ""
) -> srm.Inventory:
    """An inventory of one view: so many resources, or line items, of each service."""
    resources = tuple(ResourceCount(f"a_{id}", id, count) for id, count in held.items())
    return srm.Inventory(name or view, FORMATS[view], resources, (), (), (), (), settings)


@pytest.fixture(scope="module")
def hold(matrix: srm.Matrix) -> Any:
    return lambda *inventories: srm.Review(inventories, matrix)


def tell(review: srm.Review) -> dict[str, str]:
    return {row["service"]: row["disagreement"] for row in review.list_sightings()}


def encrypted(count: int, of: int) -> tuple[Setting, ...]:
    return (
        Setting(
            service="rds", layer="encryption-at-rest", setting="StorageEncrypted", value="true",
            count=count, of=of,
        ),
    )  # fmt: skip


def test_every_format_gives_one_view() -> None:
    read = {import_module(f"srmlib.inventory.{name}").FORMAT for name in files.READERS} | {
        cdk_out.FORMAT
    }
    assert [find_view(each) for each in read]
    named = [format for formats in VIEWS.values() for format in formats]
    assert len(named) == len(set(named)) == 13


def test_with_one_view_nothing_is_said(hold: Any) -> None:
    one = hold(show("declared", {"sqs": 2}), show("declared", {"sqs": 3}, name="other"))
    assert one.sightings.empty
    assert tuple(one.sightings.columns) == SIGHTING_COLUMNS
    assert not [line for line in one.warnings if ", not " in line]


def test_files_of_one_view_add_up_and_views_do_not(hold: Any) -> None:
    review = hold(
        show("declared", {"sqs": 2, "sns": 1}), show("declared", {"sqs": 3}, name="other"),
        show("observed", {"sqs": 4, "sns": 6}), show("billed", {"sqs": 90}),
    )  # fmt: skip
    assert count_resources(review) == {"sqs": 5, "sns": 6}


def test_a_service_that_a_bill_alone_shows_is_in_use_and_has_no_number(hold: Any) -> None:
    review = hold(show("billed", {"sqs": 90}))
    assert "sqs" in review.owners.index
    assert count_resources(review) == {"sqs": 0}


def test_a_row_tells_the_numbers_of_each_view_and_where_they_disagree(hold: Any) -> None:
    review = hold(
        show("declared", {"sqs": 12, "sns": 1, "dynamodb": 1}),
        show("observed", {"sqs": 9, "dynamodb": 1, "guardduty": 1}),
        show("billed", {"sqs": 30, "dynamodb": 7, "guardduty": 2, "athena": 5}),
    )
    rows = review.sightings.set_index("service")
    assert list(rows.loc["sqs"]) == [12, 9, 30, "12 declared, 9 observed"]
    assert list(rows.loc["athena"]) == [0, 0, 5, "billed, not declared or observed"]
    assert rows.loc["guardduty", "disagreement"] == "observed and billed, not declared"
    assert rows.loc["sns", "disagreement"] == "declared, not observed or billed"
    assert rows.loc["dynamodb", "disagreement"] == ""


def test_a_view_that_no_file_gives_is_no_disagreement(hold: Any) -> None:
    review = hold(show("declared", {"sqs": 1}), show("observed", {"sqs": 1, "sns": 1}))
    assert review.sightings["billed"].isna().all()
    assert tell(review) == {"sqs": "", "sns": "observed, not declared"}


def test_what_no_bill_ever_shows_is_not_missed_in_it(hold: Any) -> None:
    free = {"iam": 9, "vpc": 4, "cloudformation": 1, "auto-scaling": 1, "acm": 1, "ecs-ec2": 2}
    told = tell(hold(show("declared", free | {"sqs": 1}), show("billed", {"sns": 1})))
    assert {told[id] for id in free} == {""}
    assert told["sqs"] == "declared, not billed"


def test_what_has_no_resource_is_not_missed_in_templates(hold: Any) -> None:
    review = hold(show("declared", {"sqs": 1}), show("billed", {"sqs": 1, "security-incident-response": 1}))  # fmt: skip
    assert tell(review)["security-incident-response"] == ""


def test_a_bill_names_the_service_and_not_the_way_of_running_it(hold: Any) -> None:
    review = hold(show("declared", {"aurora": 2}), show("billed", {"rds": 40}))
    assert tell(review) == {"rds": "declared as aurora", "aurora": "billed as rds"}
    assert not [line for line in review.warnings if ", not " in line]
    ways = hold(show("declared", {"ecs-ec2": 2}), show("observed", {"ecs-fargate": 2}))
    assert tell(ways) == {
        "ecs-ec2": "declared, not observed",
        "ecs-fargate": "observed, not declared",
    }


def test_warnings_are_one_line_for_each_way_to_disagree(hold: Any, matrix: srm.Matrix) -> None:
    many = [id for id in matrix.services if id not in ("sqs", "sns")][:40]
    review = hold(
        show("declared", {"sqs": 12, "sns": 1}), show("observed", {"sqs": 9} | dict.fromkeys(many, 1))
    )  # fmt: skip
    lines = [line for line in review.warnings if ", not " in line]
    assert len(lines) == 2
    assert lines[0].startswith("observed, not declared: ")
    assert " and " in lines[0]
    assert " more (made by hand" in lines[0]
    assert lines[1].startswith("declared, not observed: sns (not made yet")
    assert not any("sqs" in line for line in lines)


def test_a_move_is_made_in_every_view(hold: Any) -> None:
    review = hold(
        show("declared", {"ec2": 12}), show("observed", {"ec2": 9}), show("billed", {"ec2": 500})
    )
    assert count_resources(review.what_if({"ec2": "ecs-fargate"})) == {"ecs-fargate": 12}
    some = review.what_if({"ec2": ("ecs-fargate", 10)})
    assert count_resources(some) == {"ec2": 2, "ecs-fargate": 10}
    both = review.what_if([Move("ec2", "ecs-fargate", 5), Move("ec2", "lambda", 7)])
    assert count_resources(both) == {"ecs-fargate": 5, "lambda": 7}


def test_no_more_moves_than_the_largest_view_has(hold: Any) -> None:
    review = hold(show("declared", {"ec2": 12}), show("observed", {"ec2": 9}))
    with pytest.raises(srm.SrmError, match="13 resources are to move, and the workload has 12"):
        review.what_if({"ec2": ("lambda", 13)})


def test_of_what_a_bill_alone_shows_all_moves_or_nothing(hold: Any) -> None:
    review = hold(show("billed", {"ec2": 500, "sqs": 3}))
    assert count_resources(review.what_if({"ec2": "lambda"})) == {"lambda": 0, "sqs": 0}
    with pytest.raises(srm.SrmError, match=r"ec2: a bill alone shows it.*move all of it"):
        review.what_if({"ec2": ("lambda", 1)})


def test_a_what_if_tells_what_the_files_show(hold: Any) -> None:
    review = hold(show("declared", {"ec2": 2}), show("billed", {"ec2": 500}))
    assert tell(review.what_if({"ec2": ("lambda", 1)})) == {"ec2": ""}


@pytest.mark.parametrize(
    ("declared", "observed", "owner", "told"),
    [
        ((3, 3), (3, 3), "aws", "for 3 of 3 resources"),
        ((3, 3), (2, 3), "customer", "for 2 of 3 resources"),
        ((3, 3), (0, 3), "customer", "for 3 of 3 resources"),
    ],
)
def test_a_setting_of_two_views_is_not_summed_and_holds_where_both_show_it(
    hold: Any, declared: tuple[int, int], observed: tuple[int, int], owner: str, told: str
) -> None:
    review = hold(
        show("declared", {"rds": 3}, encrypted(*declared)),
        show("observed", {"rds": 3}, encrypted(*observed)),
    )
    assert review.owners.loc["rds", "encryption-at-rest"] == owner
    (line,) = review.moves
    assert told in line
    assert ("another input shows otherwise" in line) == (declared != observed)


def test_exports_show_it_where_there_is_more_than_one_view(hold: Any, tmp_path: Path) -> None:
    one = hold(show("declared", {"sqs": 2}))
    two = hold(show("declared", {"sqs": 2}), show("billed", {"sqs": 1, "sns": 1}))
    for ending in ("md", "html"):
        title = "What each input shows"
        assert title not in srm.write(one, tmp_path / f"one.{ending}").read_text()
        assert title in srm.write(two, tmp_path / f"two.{ending}").read_text()
    page = BeautifulSoup((tmp_path / "two.html").read_text(), "html.parser")
    cells = [cell.get_text() for cell in page.select("#inputs ~ .flat")[0].select("td")]
    assert cells == ["sns", "0", "1", "billed, not declared", "sqs", "2", "1", ""]
    book = openpyxl.load_workbook(srm.write(two, tmp_path / "two.xlsx"))
    assert [cell.value for cell in book["What each input shows"][1]] == [
        "Service", "Declared", "Billed", "Disagreement",
    ]  # fmt: skip
    assert "What each input shows" not in openpyxl.load_workbook(
        srm.write(one, tmp_path / "one.xlsx")
    )
    duties = json.loads(srm.write(two, tmp_path / "two.json").read_text())
    assert all(len(row["held_by"]) == len(row["services"]) for row in duties)
    assert {
        n for row in duties for n in zip(row["services"], row["resources"], strict=True)
    } == {("sqs", 2), ("sns", 0)}  # fmt: skip
