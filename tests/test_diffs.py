"""Two versions of a catalogue: what came, went and changed hands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from srmlib import cli
from srmlib.catalogue import load_catalogue
from srmlib.diffs import DIFF_COLUMNS, diff_catalogues, diff_folders
from srmlib.errors import SrmError
from tests.conftest import ROOT

DATA = ROOT / "data"


def change(folder: Path, service: str, old: str, new: str) -> None:
    path = folder / "services" / f"{service}.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_catalogue_beside_itself_differs_in_nothing() -> None:
    assert diff_catalogues(load_catalogue(), load_catalogue()) == []


def test_an_owner_that_changed_is_told_with_the_duty_and_the_pages(data: Path) -> None:
    change(data, "database-on-ec2", "  guest-os:\n    owner: customer\n", "  guest-os:\n    owner: aws\n    aws_duty: Patch it.\n")  # fmt: skip
    (row,) = diff_folders(DATA, data)
    assert tuple(row) == DIFF_COLUMNS
    assert (row["change"], row["service"], row["layer"]) == (
        "changed hands",
        "database-on-ec2",
        "guest-os",
    )
    assert (row["before"], row["after"]) == ("customer", "aws")
    assert row["duty"]
    assert row["sources"][0].startswith("https://docs.aws.amazon.com/")
    assert diff_folders(data, DATA)[0]["after"] == "customer"


def test_a_row_that_came_or_went_is_one_difference(data: Path) -> None:
    (data / "services" / "memorydb.yaml").unlink()
    assert [(row["change"], row["service"], row["layer"]) for row in diff_folders(DATA, data)] == [
        ("went", "memorydb", None)
    ]
    assert [(row["change"], row["service"]) for row in diff_folders(data, DATA)] == [
        ("came", "memorydb")
    ]


def test_a_setting_that_leads_elsewhere_is_told(data: Path) -> None:
    change(data, "rds", "        value: \"true\"\n        owner: aws\n", "        value: \"true\"\n        owner: shared\n        duty: Watch it.\n")  # fmt: skip
    (row,) = diff_folders(DATA, data)
    assert row["change"] == "setting changed hands"
    assert row["before"].endswith("is true: aws")
    assert row["after"].endswith("is true: shared")


def test_what_is_no_data_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SrmError, match="is no data folder"):
        diff_folders(tmp_path, DATA)


def test_the_command_exits_with_1_where_there_are_differences(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["diff", str(DATA), str(data)]) == cli.DONE
    assert capsys.readouterr().out == ",".join(DIFF_COLUMNS) + "\n"
    (data / "services" / "memorydb.yaml").unlink()
    assert cli.main(["diff", str(DATA), str(data), "--format", "json"]) == cli.FOUND
    assert json.loads(capsys.readouterr().out)[0]["change"] == "went"
