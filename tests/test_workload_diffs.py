"""Two versions of a workload: what came, went and changed hands, and how a pull request tells it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import srmlib as srm
from srmlib import cli
from srmlib.diffs import summarise
from srmlib.workload_diffs import NO_DUTY, WORKLOAD_COLUMNS
from tests.conftest import ROOT
from tests.test_cli import run
from tests.test_inventory import save, state
from tests.workloads import FORMULA, MARKUP, SECRET, write_workloads

SHOP = ROOT / "notebooks" / "workloads" / "shop-plan.json"
KEPT = {"engine": "postgres", "backup_retention_period": 7}
NOT_KEPT = {"engine": "postgres", "backup_retention_period": 0}


def put(folder: Path, name: str, *resources: tuple[str, dict[str, Any]]) -> Path:
    return save(folder, f"{name}.tfstate", state(*resources))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return put(
        tmp_path, "old", ("aws_instance", {}), ("aws_instance", {}), ("aws_db_instance", KEPT)
    )


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return put(
        tmp_path, "new", ("aws_ecs_service", {"launch_type": "FARGATE"}),
        ("aws_db_instance", NOT_KEPT), ("aws_db_instance", NOT_KEPT),
    )  # fmt: skip


def pick(found: Any, change: str) -> list[dict[str, Any]]:
    return [row for row in found.rows() if row["change"] == change]


def test_a_workload_beside_itself_differs_in_nothing(matrix: srm.Matrix) -> None:
    found = srm.compare_workloads(SHOP, SHOP, matrix=matrix)
    assert found.rows() == []
    assert found.summary == "nothing changed"
    assert tuple(found.table.columns) == WORKLOAD_COLUMNS


def test_services_that_came_went_and_changed_in_number(
    old: Path, new: Path, matrix: srm.Matrix
) -> None:
    found = srm.compare_workloads(old, new, matrix=matrix)
    rows = [
        (row["change"], row["service"], row["before"], row["after"]) for row in found.rows()[:3]
    ]
    assert rows == [
        ("came", "ecs-fargate", None, 1), ("went", "ec2", 2, None), ("number changed", "rds", 1, 2),
    ]  # fmt: skip
    assert all(tuple(row) == WORKLOAD_COLUMNS for row in found.rows())


def test_a_setting_moves_a_layer_from_hand_to_hand(
    old: Path, new: Path, matrix: srm.Matrix
) -> None:
    found = srm.compare_workloads(old, new, matrix=matrix)
    (row,) = [each for each in pick(found, "changed hands") if each["service"] == "rds"]
    assert (row["layer"], row["before"], row["after"]) == ("backup", "shared", "customer")
    assert "automated backups" in row["duty"]
    assert row["sources"][0].startswith("https://docs.aws.amazon.com/")


def test_what_takes_a_services_place_moves_its_layers(
    old: Path, new: Path, matrix: srm.Matrix
) -> None:
    rows = pick(srm.compare_workloads(old, new, matrix=matrix), "changed hands")
    moved = {row["layer"]: row for row in rows if row["service"] == "ec2 to ecs-fargate"}
    assert (moved["guest-os"]["before"], moved["guest-os"]["after"]) == ("customer", "aws")
    assert moved["guest-os"]["services"] == ["ec2", "ecs-fargate"]
    assert "physical" not in moved


def test_duties_are_new_most_urgent_first_and_gone(
    old: Path, new: Path, matrix: srm.Matrix
) -> None:
    found = srm.compare_workloads(old, new, matrix=matrix)
    before, after = (srm.review(each, matrix=matrix).duties for each in (old, new))
    came, went = pick(found, "duty new"), pick(found, "duty gone")
    assert {row["id"] for row in came} == set(after["duty"]) - set(before["duty"])
    assert {row["id"] for row in went} == set(before["duty"]) - set(after["duty"])
    assert [row["priority"] for row in came] == sorted(row["priority"] for row in came)
    back = srm.compare_workloads(new, old, matrix=matrix)
    assert {row["id"] for row in pick(back, "duty new")} == {row["id"] for row in went}


def test_the_summary_counts_each_kind_of_difference(
    old: Path, new: Path, matrix: srm.Matrix
) -> None:
    found = srm.compare_workloads(old, new, matrix=matrix)
    urgent = sum(row["priority"] == 1 for row in pick(found, "duty new"))
    assert found.summary == (
        f"1 service came, 1 went, 1 changed in number; {len(pick(found, 'duty new'))} duties new "
        f"({urgent} most urgent), {len(pick(found, 'duty gone'))} gone; "
        f"{len(pick(found, 'changed hands'))} layers changed hands"
    )
    one = {"change": "went", "service": None, "layer": "backup"}
    assert summarise([one]) == "1 layer went"


def test_a_side_may_be_a_review_with_its_record_and_settings(
    old: Path, new: Path, matrix: srm.Matrix
) -> None:
    reviews = [srm.review(each, matrix=matrix) for each in (old, new)]
    assert srm.compare_workloads(*reviews).rows() == (
        srm.compare_workloads(old, new, matrix=matrix).rows()
    )
    moved = reviews[0].what_if({"ec2": "ecs-fargate"})
    assert [row["service"] for row in pick(srm.compare_workloads(reviews[0], moved), "came")] == [
        "ecs-fargate"
    ]


def test_an_export_of_a_review_stands_for_the_workload_it_was_made_of(
    old: Path, new: Path, matrix: srm.Matrix, tmp_path: Path
) -> None:
    kept = srm.write(srm.review(old, matrix=matrix), tmp_path / "kept.json")
    assert srm.compare_workloads(kept, old, matrix=matrix).rows() == []
    assert srm.compare_workloads(old, kept, matrix=matrix).rows() == []
    found = srm.compare_workloads(kept, new, matrix=matrix)
    whole = srm.compare_workloads(old, new, matrix=matrix)
    assert found.summary.split("; ")[:2] == whole.summary.split("; ")[:2]
    hands = {(row["service"], row["layer"]): row for row in pick(found, "changed hands")}
    assert hands["rds", "backup"]["before"] == "shared"
    assert hands["ec2 to ecs-fargate", "guest-os"]["before"] == "customer"


def test_a_layer_without_a_duty_is_told_so_where_an_export_names_no_owner(
    tmp_path: Path, matrix: srm.Matrix
) -> None:
    on = put(tmp_path, "on", ("aws_db_instance", KEPT | {"storage_encrypted": True}))
    off = put(tmp_path, "off", ("aws_db_instance", KEPT))
    kept = srm.write(srm.review(on, matrix=matrix), tmp_path / "kept.json")
    (row,) = pick(srm.compare_workloads(kept, off, matrix=matrix), "changed hands")
    assert (row["layer"], row["before"], row["after"]) == (
        "encryption-at-rest",
        NO_DUTY,
        "customer",
    )


def test_what_a_move_dropped_from_an_export_is_not_owed(tmp_path: Path, matrix: srm.Matrix) -> None:
    moved = srm.review(SHOP, matrix=matrix).what_if({"ec2": "ecs-fargate"})
    kept = srm.write(moved, tmp_path / "kept.json")
    assert srm.compare_workloads(moved, kept).rows() == []


def test_other_words_of_a_duty_are_told(tmp_path: Path, matrix: srm.Matrix) -> None:
    kept = srm.write(srm.review(SHOP, matrix=matrix), tmp_path / "kept.json")
    duties = json.loads(kept.read_text())
    duties[0]["text"] = "Do it as one did."
    kept.write_text(json.dumps(duties))
    (row,) = srm.compare_workloads(kept, SHOP, matrix=matrix).rows()
    assert (row["change"], row["before"]) == ("duty reworded", "Do it as one did.")


def test_a_workload_that_is_empty_now_is_a_side_too(tmp_path: Path, matrix: srm.Matrix) -> None:
    found = srm.compare_workloads(SHOP, put(tmp_path, "empty"), matrix=matrix)
    assert not pick(found, "came")
    assert len(pick(found, "went")) == len(srm.review(SHOP, matrix=matrix).matrix.services)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "is broken JSON"),
        ('[{"duty": 1}]', "is damaged"),
        (
            '[{"duty": "d", "layer": "l", "services": [], "text": null, "change": null, '
            '"priority": 1, "sources": []}]',
            "write the review again",
        ),
    ],
)
def test_a_side_that_cannot_be_read_is_one_line_and_exits_with_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str, told: str
) -> None:
    bad = save(tmp_path, "bad.json", content)
    code, out, err = run(capsys, "diff", str(SHOP), str(bad))
    assert (code, out) == (cli.UNUSABLE, "")
    assert err.startswith("srmlib: bad.json: ")
    assert told in err
    assert err.count("\n") == 1


def test_a_data_folder_and_a_workload_are_no_pair(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "diff", str(ROOT / "data"), str(SHOP))
    assert code == cli.UNUSABLE
    assert err.startswith("srmlib: shop-plan.json: is no data folder")


def test_the_command_exits_with_1_where_there_are_differences(
    capsys: pytest.CaptureFixture[str], old: Path, new: Path
) -> None:
    assert run(capsys, "diff", str(old), str(old))[0] == cli.DONE
    code, out, err = run(capsys, "diff", str(old), str(new))
    assert (code, err) == (cli.FOUND, "")
    assert next(csv.reader(io.StringIO(out))) == list(WORKLOAD_COLUMNS)
    code, out, _ = run(capsys, "diff", str(old), str(new), "--format", "table")
    assert code == cli.FOUND
    assert "note: 1 service came" in out


def test_a_folder_is_one_side_with_all_its_files(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        put(tmp_path / name, "a", ("aws_sqs_queue", {}))
    put(tmp_path / "two", "b", ("aws_sqs_queue", {}))
    words = ("diff", str(tmp_path / "one"), str(tmp_path / "two"), "--format", "json")
    (row,) = json.loads(run(capsys, *words)[1])
    assert (row["change"], row["before"], row["after"]) == ("number changed", 1, 2)


def test_one_side_may_come_from_standard_input(old: Path, new: Path) -> None:
    command = [sys.executable, "-m", "srmlib", "diff", "-", str(new), "--format", "json"]
    done = subprocess.run(command, input=old.read_bytes(), capture_output=True, check=False)
    assert done.returncode == cli.FOUND
    assert json.loads(done.stdout)[1]["service"] == "ec2"
    both = [*command[:4], "-", "-"]
    done = subprocess.run(both, input=b"{}", capture_output=True, check=False)
    assert done.returncode == cli.UNUSABLE
    assert b"name a file for the other" in done.stderr


def test_the_markdown_is_one_line_then_tables_with_the_long_ones_folded(
    capsys: pytest.CaptureFixture[str], old: Path, new: Path, tmp_path: Path
) -> None:
    out = tmp_path / "d.md"
    assert run(capsys, "diff", str(old), str(new), "-o", str(out))[0] == cli.FOUND
    lines = out.read_text().splitlines()
    assert lines[0] == "# What changed from old.tfstate to new.tfstate"
    assert lines[2].startswith("**1 service came, 1 went, ")
    text = out.read_text()
    assert text.count("<details>") == text.count("\n\n</details>") == 2
    assert "</summary>\n\n| priority |" in text
    shown = text[: text.index("<details>")]
    assert "| 1 | engine |" in shown
    assert "\n| 2 |" not in shown
    assert "[page](https://docs.aws.amazon.com/" in text


def test_the_markdown_of_everything_fits_into_a_comment(matrix: srm.Matrix, tmp_path: Path) -> None:
    everything = srm.write(matrix_review(matrix), tmp_path / "all.json")
    found = srm.compare_workloads(put(tmp_path, "empty"), everything, matrix=matrix)
    assert len(pick(found, "duty new")) > 1000
    text = srm.write(found, tmp_path / "all.md").read_text()
    assert len(text) < 65_536
    assert "more stand in this comparison's csv and JSON" in text


def matrix_review(matrix: srm.Matrix) -> srm.Review:
    from srmlib.inventory import ResourceCount

    resources = tuple(ResourceCount("a", id, 1) for id in matrix.services)
    held = srm.Inventory("all", "terraform-state", resources, (), (), (), ())
    return srm.Review((held,), matrix)


def test_every_service_owes_something_so_that_an_export_names_it(matrix: srm.Matrix) -> None:
    owed = {id for row in matrix_review(matrix).rows() for id in row["services"]}
    assert owed == set(matrix.services)


@pytest.mark.parametrize("ending", ["html", "xlsx", "pptx", "png"])
def test_a_difference_is_written_as_text(
    ending: str, old: Path, new: Path, matrix: srm.Matrix, tmp_path: Path
) -> None:
    with pytest.raises(srm.SrmError):
        srm.write(srm.compare_workloads(old, new, matrix=matrix), tmp_path / f"d.{ending}")


def test_no_value_of_a_file_and_no_markup_comes_out(tmp_path: Path, matrix: srm.Matrix) -> None:
    for path in write_workloads(tmp_path):
        for sides in ((SHOP, path), (path, SHOP)):
            found = srm.compare_workloads(*sides, matrix=matrix)
            for ending in ("md", "csv", "json"):
                text = srm.write(found, tmp_path / f"d.{ending}").read_text()
                assert SECRET not in text
                assert MARKUP not in text
                assert FORMULA not in text
                assert ending != "md" or "<b>" not in text
