"""What tables and snapshots of many accounts a fleet is read from, and what it says of the rest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

import srmlib as srm
from srmlib.errors import SrmError
from srmlib.fleet import read_readable_fleet
from tests.accounts import CUT_OFF, HEAD, LINES, A, B, C, item, list_rows, save_csv, save_snapshot


@pytest.mark.parametrize(
    "head",
    [
        ("accountId", "awsRegion", "resourceType", "Count"),
        ("awsAccountId", "AwsRegion", "ResourceType", "resource_count"),
        ("AWS Account ID", "Region", "Resource Type", "count"),
        ("ACCOUNT_ID", "REGION", "RESOURCE_TYPE", "COUNT"),
    ],
)
def test_columns_are_known_in_the_spellings_of_real_tables(
    fleet: srm.Fleet, matrix: srm.Matrix, tmp_path: Path, head: tuple[str, ...]
) -> None:
    other = srm.read_fleet(save_csv(tmp_path / "b.csv", LINES, head), matrix=matrix)
    assert list_rows(other.services) == list_rows(fleet.services)


@pytest.mark.parametrize("comma", [";", "\t"])
def test_a_csv_of_a_spreadsheet_is_read(
    fleet: srm.Fleet, matrix: srm.Matrix, tmp_path: Path, comma: str
) -> None:
    text = "\ufeff" + save_csv(tmp_path / "a.csv").read_text().replace(",", comma)
    path = tmp_path / "b.csv"
    path.write_text(text, encoding="utf-8")
    assert list_rows(srm.read_fleet(path, matrix=matrix).services) == list_rows(fleet.services)


@pytest.mark.parametrize("name", ["r.csv.gz", "r.parquet"])
def test_every_form_of_table_has_the_same_answer(
    fleet: srm.Fleet, matrix: srm.Matrix, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "other" / name
    path.parent.mkdir()
    if path.suffix == ".parquet":
        rows = [(int(account), *rest) for account, *rest in LINES]
        pd.DataFrame(rows, columns=list(HEAD)).to_parquet(path)
    else:
        save_csv(path)
    other = srm.read_fleet(path, matrix=matrix)
    assert list_rows(other.duties.drop(columns="services")) == list_rows(
        fleet.duties.drop(columns="services")
    )
    assert list_rows(other.services) == list_rows(fleet.services)


def test_a_row_without_a_count_is_one_resource(tmp_path: Path, matrix: srm.Matrix) -> None:
    lines = [(A, "AWS::S3::Bucket", f"b{n}") for n in range(3)]
    path = save_csv(tmp_path / "a.csv", lines, ("account_id", "resource_type", "resource_id"))
    fleet = srm.read_fleet(path, matrix=matrix)
    assert list_rows(fleet.services) == [(A, "not given", "s3", 3)]


def test_the_tables_own_word_for_a_service_counts(tmp_path: Path, matrix: srm.Matrix) -> None:
    lines = [(A, "AWS::EC2::Instance", "database-on-ec2"), (A, "AWS::EC2::Instance", ""),
             (A, "AWS::EC2::Instance", "no-such-row")]  # fmt: skip
    path = save_csv(tmp_path / "a.csv", lines, ("account_id", "resource_type", "service"))
    services = srm.read_fleet(path, matrix=matrix).services
    assert list_rows(services[["service", "resources"]]) == [("database-on-ec2", 1), ("ec2", 2)]


def test_types_of_terraform_and_of_arns_are_known_too(tmp_path: Path, matrix: srm.Matrix) -> None:
    lines = [(A, "", type, 1) for type in ("aws_s3_bucket", "s3:bucket", "AWS::S3::Bucket")]
    fleet = srm.read_fleet(save_csv(tmp_path / "a.csv", lines), matrix=matrix)
    assert list_rows(fleet.services[["service", "resources"]]) == [("s3", 3)]


def test_rows_without_account_or_type_are_left_out_and_told(
    tmp_path: Path, matrix: srm.Matrix
) -> None:
    lines = [*LINES, ("", "eu-west-1", "AWS::S3::Bucket", 7), (A, "eu-west-1", "", 2)]
    fleet = srm.read_fleet(save_csv(tmp_path / "a.csv", lines), matrix=matrix)
    assert fleet.accounts["resources"].sum() == 9
    assert "9 resources without account or type left out" in fleet.warnings


def test_config_counts_a_resource_once_and_a_deleted_one_never(
    tmp_path: Path, matrix: srm.Matrix
) -> None:
    save_snapshot(tmp_path / "a.json.gz", item("q1"), item("q2"), item("q1"))
    save_snapshot(
        tmp_path / "b.json", item("q1"), item("q3", configurationItemStatus="ResourceDeleted"),
        item("b", "AWS::S3::Bucket", configurationItemStatus="OK"),
    )  # fmt: skip
    assert list_rows(srm.read_fleet(tmp_path, matrix=matrix).services) == [
        (C, "eu-west-1", "s3", 1), (C, "eu-west-1", "sqs", 2),
    ]  # fmt: skip


def test_of_several_states_of_a_resource_the_newest_counts(
    tmp_path: Path, matrix: srm.Matrix
) -> None:
    old, new = "2026-07-01T00:00:00.000Z", "2026-10-01T00:00:00.000Z"
    gone = {"configurationItemStatus": "ResourceDeleted"}
    save_snapshot(
        tmp_path / "a.json", item("q1", configurationItemCaptureTime=old),
        item("q2", configurationItemCaptureTime=new),
    )  # fmt: skip
    save_snapshot(
        tmp_path / "b.json", item("q1", configurationItemCaptureTime=new, **gone),
        item("q2", configurationItemCaptureTime=old, **gone),
    )  # fmt: skip
    assert list(srm.read_fleet(tmp_path, matrix=matrix).accounts["resources"]) == [1]


def test_a_role_that_recorders_of_two_regions_saw_counts_once(
    tmp_path: Path, matrix: srm.Matrix
) -> None:
    role = item("r", "AWS::IAM::Role")
    path = save_snapshot(tmp_path / "a.json", role, role | {"awsRegion": "us-east-1"})
    assert list_rows(srm.read_fleet(path, matrix=matrix).services) == [(C, "global", "iam", 1)]


def test_the_older_spelling_of_configs_account_is_read(tmp_path: Path, matrix: srm.Matrix) -> None:
    old = {"accountId": A, "resourceType": "AWS::SQS::Queue", "resourceId": "q"}
    path = save_snapshot(tmp_path / "a.json", old)
    assert list(srm.read_fleet(path, matrix=matrix).accounts["account"]) == [A]


def test_a_folder_takes_all_its_tables_and_leaves_the_rest(
    tmp_path: Path, matrix: srm.Matrix
) -> None:
    save_csv(tmp_path / "a.csv")
    (tmp_path / "deeper").mkdir()
    save_snapshot(tmp_path / "deeper" / "b.json.gz", item("q"))
    (tmp_path / "notes.txt").write_text("not a table")
    (tmp_path / "package.json").write_text('{"name": "x"}')
    fleet = srm.read_fleet(tmp_path, matrix=matrix)
    assert list(fleet.accounts["account"]) == [A, B, C]
    globbed = srm.read_fleet(str(tmp_path / "*.csv"), matrix=matrix)
    assert list(globbed.accounts["account"]) == [A, B]


def test_partitioned_folders_give_their_columns(tmp_path: Path, matrix: srm.Matrix) -> None:
    folder = tmp_path / f"account_id={A}" / "region=eu-west-1"
    folder.mkdir(parents=True)
    pd.DataFrame({"resource_type": ["AWS::S3::Bucket"] * 2}).to_parquet(folder / "0.parquet")
    fleet = srm.read_fleet(tmp_path, matrix=matrix)
    assert list_rows(fleet.services) == [(A, "eu-west-1", "s3", 2)]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("bad.parquet", b"PAR1 cut", "bad.parquet: is no Parquet file, or a broken one"),
        ("bad.csv", b"account_id,resource_type,count\n1,AWS::S3::Bucket,canary\n", "a column count whole"),
        ("bad.csv", b"account_id,resource_type\n1,AWS::S3::Bucket,canary,canary\n", "bad.csv: is no csv"),
        ("bad.csv", b"canary,resource_type\n1,AWS::S3::Bucket\n", "bad.csv: has no column account_id"),
        ("bad.csv.gz", b"canary", "bad.csv.gz: is no csv that can be read"),
        ("bad.json", b'{"canary": 1}', "bad.json: holds no items of AWS Config"),
        ("bad.json", CUT_OFF, "bad.json: is broken JSON"),
        ("bad.json.gz", b"\x1f\x8bcanary", "bad.json.gz: is a damaged gzip file"),
        ("bad.docx", b"canary", "bad.docx: is no file that fleet reads"),
    ],
)  # fmt: skip
def test_of_nineteen_good_files_and_one_bad_the_nineteen_are_answered(
    tmp_path: Path, matrix: srm.Matrix, name: str, content: bytes, told: str
) -> None:
    good = [
        save_csv(tmp_path / f"{n}.csv", [(f"{n:012d}", "r", "AWS::S3::Bucket", 1)])
        for n in range(19)
    ]
    bad = tmp_path / name
    bad.write_bytes(content)
    fleet = read_readable_fleet([*good[:7], bad, *good[7:]], matrix=matrix)
    assert len(fleet.accounts) == 19
    assert len(fleet.faults) == 1
    assert told in fleet.faults[0]
    assert "canary" not in fleet.faults[0].replace("bad", "")
    with pytest.raises(SrmError, match="bad"):
        srm.read_fleet([*good, bad], matrix=matrix)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"paths": "no-such-file.csv"}, r"no-such-file\.csv: no such file"),
        ({}, "from paths or from a connection's table"),
        ({"paths": "a.csv", "connection": duckdb}, "needs the name of its table"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    matrix: srm.Matrix, asked: dict[str, Any], told: str
) -> None:
    with pytest.raises(SrmError, match=told):
        srm.read_fleet(matrix=matrix, **asked)


def test_an_empty_table_says_so(tmp_path: Path, matrix: srm.Matrix) -> None:
    with pytest.raises(SrmError, match="no row has an account and a type"):
        srm.read_fleet(save_csv(tmp_path / "a.csv", []), matrix=matrix)


def test_a_text_that_is_no_type_name_is_never_repeated(tmp_path: Path, matrix: srm.Matrix) -> None:
    lines = [(A, "", "canary 'secret'; DROP TABLE", 1), (A, "", "AWS::S3::Bucket", 1)]
    fleet = srm.read_fleet(save_csv(tmp_path / "a.csv", lines), matrix=matrix)
    assert list_rows(fleet.unmapped) == [("(not a type name)", None, 1)]
    assert "canary" not in str(fleet.warnings)


def test_a_missing_ibis_is_one_line(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['ibis'] = None\n"
        f"from srmlib.cli import main; sys.exit(main(['fleet', {str(save_csv(tmp_path / 'a.csv'))!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == (
        "srmlib: fleet needs Ibis and DuckDB, which are not installed; run `pip install "
        "'srmlib[fleet]'`\n"
    )
