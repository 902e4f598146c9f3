"""An organisation's accounts held against the matrix: counts by hand, whatever the files are."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from playwright.sync_api import sync_playwright

import srmlib as srm
from scripts.lab_server import BROWSER_OPTIONS
from srmlib import cli
from srmlib.errors import SrmError
from srmlib.export.fleet_parts import list_sections
from srmlib.figures.fleet_maps import MOST_COLUMNS, gather_columns, take_layers
from srmlib.fleet import fleets, read_readable_fleet
from srmlib.fleet.cells import make_duties, make_words
from srmlib.fleet.questions import ask_duties, map_groups
from srmlib.fleet.tables import count_rows
from tests.accessibility import list_faults
from tests.conftest import ROOT

SAMPLE = ROOT / "notebooks" / "fleet"
OLD, NEW = SAMPLE / "2026-07-01", SAMPLE / "2026-10-01"
HEAD = ("account_id", "region", "resource_type", "count")
A, B, C = "000000000001", "000000000002", "123456789012"
LINES = (
    (A, "eu-west-1", "AWS::RDS::DBInstance", 2), (A, "us-east-1", "AWS::RDS::DBInstance", 1),
    (A, "eu-west-1", "AWS::S3::Bucket", 5), (B, "eu-west-1", "AWS::S3::Bucket", 1),
    (B, "eu-west-1", "AWS::Brand::New", 4),
)  # fmt: skip
CUT_OFF = (
    b'{"configurationItems": [{"resourceType": "AWS::SQS::Queue", "resourceId": "q", '
    b'"awsAccountId": "123456789012"}, {"canary": '
)
TEAMS = {
    "teams": {"app": "Application", "ops": "Operations"},
    "assignments": [
        {"responsible": "ops"}, {"layers": ["data"], "responsible": "app", "accountable": "ops"},
    ],
}  # fmt: skip


def save_csv(
    path: Path, lines: Iterable[tuple[Any, ...]] = LINES, head: tuple[str, ...] = HEAD
) -> Path:
    out = io.StringIO()
    csv.writer(out).writerows([head, *lines])
    content = out.getvalue().encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def save_snapshot(path: Path, *items: dict[str, str]) -> Path:
    content = json.dumps({"fileVersion": "1.0", "configurationItems": items}).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def item(id: str, type: str = "AWS::SQS::Queue", **more: str) -> dict[str, str]:
    return {
        "awsAccountId": C,
        "awsRegion": "eu-west-1",
        "resourceType": type,
        "resourceId": id,
    } | more


def list_rows(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    return list(frame.itertuples(index=False, name=None))


@pytest.fixture
def fleet(tmp_path: Path, matrix: srm.Matrix) -> srm.Fleet:
    return srm.read_fleet(save_csv(tmp_path / "resources.csv"), matrix=matrix, teams=TEAMS)


@pytest.fixture(scope="module")
def sample() -> srm.Fleet:
    return srm.read_fleet(NEW)


def test_services_are_counted_by_account_and_region(fleet: srm.Fleet) -> None:
    assert tuple(fleet.services.columns) == fleets.FLEET_SERVICE_COLUMNS
    assert list_rows(fleet.services) == [
        (A, "eu-west-1", "rds", 2), (A, "eu-west-1", "s3", 5), (A, "us-east-1", "rds", 1),
        (B, "eu-west-1", "s3", 1),
    ]  # fmt: skip


def test_duties_are_those_of_a_review_account_by_account(
    fleet: srm.Fleet, matrix: srm.Matrix, tmp_path: Path
) -> None:
    template = {
        "Resources": {"d": {"Type": "AWS::RDS::DBInstance"}, "b": {"Type": "AWS::S3::Bucket"}}
    }
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template))
    review = srm.review(path, matrix=matrix).duties
    mine = fleet.duties[fleet.duties["account"] == A]
    assert tuple(mine.columns) == fleets.FLEET_DUTY_COLUMNS
    assert list(mine["duty"]) == list(review["duty"])
    assert list(mine["priority"]) == list(review["priority"])
    assert [sorted(each) for each in review["services"]] == list(mine["services"])
    resources = {("rds",): 3, ("s3",): 5, ("rds", "s3"): 8}
    assert list(mine["resources"]) == [resources[tuple(each)] for each in mine["services"]]


def test_the_accounts_sum_up_their_duties(fleet: srm.Fleet) -> None:
    rows = fleet.accounts.set_index("account")
    assert tuple(fleet.accounts.columns) == fleet.columns == fleets.ACCOUNT_COLUMNS
    for account, services, resources in ((A, 2, 8), (B, 1, 1)):
        mine = fleet.duties[fleet.duties["account"] == account]
        told = (len(mine), (mine["priority"] == 1).sum(), services, resources)
        assert tuple(rows.loc[account]) == told


def test_the_organisations_duties_count_the_accounts_that_have_them(fleet: srm.Fleet) -> None:
    rows = fleet.by_duty.set_index("duty")
    assert set(rows.index) == set(fleet.duties["duty"])
    assert (rows.loc["backup/s3", "accounts"], rows.loc["backup/s3", "resources"]) == (2, 6)
    assert (rows.loc["backup/rds", "accounts"], rows.loc["backup/rds", "resources"]) == (1, 3)


def test_a_type_without_a_row_is_listed_and_not_answered_for(fleet: srm.Fleet) -> None:
    assert list_rows(fleet.unmapped) == [("AWS::Brand::New", None, 4)]
    assert "no row yet for AWS::Brand::New: 4 resources not answered for" in fleet.warnings


def test_what_a_type_does_not_tell_is_assumed_and_said(fleet: srm.Fleet) -> None:
    assert fleet.assumed == ["AWS::RDS::DBInstance: engine not in the table, taken for rds"]


def test_the_teams_have_every_duty_between_them(fleet: srm.Fleet) -> None:
    rows = fleet.by_team.set_index(["account", "team"])
    mine = fleet.duties[fleet.duties["account"] == A]
    data = int((mine["layer"] == "data").sum())
    assert rows.loc[(A, "Application"), "responsible"] == data > 0
    assert rows.loc[(A, "Operations"), "responsible"] == len(mine) - data
    assert rows.loc[(A, "Operations"), "accountable"] == data
    assert rows.loc[(A, "GAP"), "accountable"] == len(mine) - data


def test_without_teams_there_is_a_way_out(tmp_path: Path, matrix: srm.Matrix) -> None:
    fleet = srm.read_fleet(save_csv(tmp_path / "a.csv"), matrix=matrix)
    with pytest.raises(SrmError, match=r"no teams are known; name their file"):
        _ = fleet.by_team


@pytest.mark.parametrize("framework", ["soc-2", "nist-csf-2", "iso-27001-2022"])
def test_controls_are_answered_as_for_a_review(
    fleet: srm.Fleet, matrix: srm.Matrix, framework: str
) -> None:
    rows = fleet.controls(framework)
    counted = fleet.by_framework(framework).set_index("account")
    for account, services in ((A, ["rds", "s3"]), (B, ["s3"])):
        asked = srm.answer_controls(matrix.select(services=services), framework)
        mine = rows[rows["account"] == account]
        assert list(mine["control"]) == list(asked.table["control"])
        assert list(mine["owner"]) == list(asked.table["owner"])
        assert counted.loc[account, "of"] == len(mine)
        assert counted.loc[account, "shared"] == (mine["owner"] == "shared").sum()


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


def test_a_connection_gives_the_answer_of_the_files(fleet: srm.Fleet, matrix: srm.Matrix) -> None:
    import ibis

    other = ibis.duckdb.connect()
    other.raw_sql(
        "CREATE TABLE inventory (account_id TEXT, region TEXT, resource_type TEXT, count INT)"
    )
    other.con.executemany("INSERT INTO inventory VALUES (?, ?, ?, ?)", LINES)
    theirs = srm.read_fleet(connection=other, table="inventory", matrix=matrix)
    assert list_rows(theirs.services) == list_rows(fleet.services)
    assert list_rows(theirs.duties.drop(columns="services")) == list_rows(
        fleet.duties.drop(columns="services")
    )
    with pytest.raises(SrmError, match="missing: the connection has no such table"):
        srm.read_fleet(connection=other, table="missing", matrix=matrix)
    other.raw_sql("CREATE TABLE plain (name TEXT)")
    with pytest.raises(SrmError, match="plain: has no column account_id and resource_type"):
        srm.read_fleet(connection=other, table="plain", matrix=matrix)


def test_the_self_run_and_the_rare_stand_out_on_their_ladders(
    tmp_path: Path, matrix: srm.Matrix
) -> None:
    most = [(f"{n:012d}", "AWS::RDS::DBCluster", "") for n in range(9)]
    few = [(A * 1, "AWS::EC2::Instance", "ec2"), (B, "AWS::RDS::DBInstance", "")]
    own = [(C, "AWS::EC2::Instance", "database-on-ec2")]
    path = save_csv(
        tmp_path / "a.csv", [*most, *few, *own], ("account_id", "resource_type", "service")
    )
    rows = srm.read_fleet(path, matrix=matrix).outliers
    assert tuple(rows.columns) == fleets.OUTLIER_COLUMNS
    assert list_rows(rows) == [
        (C, "database-on-ec2", 1, "relational-database", 1, 10, ["aurora", "rds"]),
        (B, "rds", 1, "relational-database", 2, 10, ["aurora"]),
    ]


def test_what_half_of_the_accounts_do_is_no_outlier(tmp_path: Path, matrix: srm.Matrix) -> None:
    lines = [
        (f"{n:012d}", "", f"AWS::RDS::DB{'Instance' if n % 2 else 'Cluster'}", 1) for n in range(6)
    ]
    assert srm.read_fleet(save_csv(tmp_path / "a.csv", lines), matrix=matrix).outliers.empty


def test_the_trend_tells_what_came_went_and_changed(
    fleet: srm.Fleet, tmp_path: Path, matrix: srm.Matrix
) -> None:
    lines = [(A, "eu-west-1", "AWS::RDS::DBInstance", 1), (A, "eu-west-1", "AWS::S3::Bucket", 5),
             (B, "eu-west-1", "AWS::SQS::Queue", 2)]  # fmt: skip
    older = srm.read_fleet(save_csv(tmp_path / "older.csv", lines), matrix=matrix)
    trend = fleet.trend(older)
    assert tuple(trend.columns) == fleets.TREND_COLUMNS
    assert list_rows(trend) == [
        (A, "rds", "grew", 1, 3), (B, "s3", "came", 0, 1), (B, "sqs", "went", 2, 0),
    ]  # fmt: skip
    duties = fleet.trend_duties(older)
    assert tuple(duties.columns) == fleets.DUTY_TREND_COLUMNS
    assert set(duties["account"]) == {B}
    changes = duties.set_index("duty")["change"]
    assert (changes["backup/s3"], changes["backup/sqs"]) == ("came", "went")
    assert fleet.trend(fleet).empty


def test_the_sample_is_what_its_script_writes(tmp_path: Path) -> None:
    copy = shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    (tmp_path / "notebooks").mkdir()
    subprocess.run([sys.executable, str(copy / "write_fleet_sample.py")], check=True)
    made = {path.relative_to(tmp_path / "notebooks"): path.read_bytes()
            for path in (tmp_path / "notebooks").rglob("*.gz")}  # fmt: skip
    kept = {
        path.relative_to(ROOT / "notebooks"): path.read_bytes() for path in SAMPLE.rglob("*.gz")
    }
    assert made == kept


def test_the_samples_story_is_found(sample: srm.Fleet) -> None:
    assert sample.summary.startswith("61 accounts, ")
    assert "database-on-ec2" in set(sample.outliers["service"])
    moved = sample.trend(srm.read_fleet(OLD, matrix=sample.base))
    assert {"bedrock-agents", "aurora"} <= set(moved[moved["change"] == "came"]["service"])


@pytest.mark.parametrize("ending", ["csv", "json", "md", "html", "xlsx"])
def test_a_fleet_is_written_in_every_form_for_people(
    sample: srm.Fleet, tmp_path: Path, ending: str
) -> None:
    path = srm.write(sample, tmp_path / f"fleet.{ending}", date="2026-10-02")
    content = path.read_bytes()
    assert (
        content == srm.write(sample, tmp_path / f"again.{ending}", date="2026-10-02").read_bytes()
    )
    first = str(sample.accounts["account"][0])
    if ending == "xlsx":
        sheets = pd.read_excel(path, sheet_name=None, dtype=str)
        assert set(sheets["Accounts"]["Account"]) == set(sample.accounts["account"])
        assert len(sheets["Duties by account"]) == len(sample.duties)
        assert {each.title for each in list_sections(sample)} <= set(sheets)
    else:
        assert first in content.decode()
    if ending in ("md", "html"):
        assert "2026-10-02" in content.decode()
        assert all(each.title in content.decode() for each in list_sections(sample))


def test_any_table_of_a_fleet_is_written_as_it_is_asked(sample: srm.Fleet, tmp_path: Path) -> None:
    path = srm.write(sample.answer("duties"), tmp_path / "duties.json")
    rows = json.loads(path.read_text())
    assert len(rows) == len(sample.duties)
    assert list(rows[0]) == list(fleets.FLEET_DUTY_COLUMNS)
    assert isinstance(rows[0]["services"], list)
    with pytest.raises(SrmError, match="'dutys' is no table of a fleet; did you mean duties"):
        sample.answer("dutys")
    with pytest.raises(SrmError, match=r"fleet\.pptx: a fleet is written as"):
        srm.write(sample, tmp_path / "fleet.pptx")


def test_the_command_answers_what_it_can_and_names_the_rest(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    good, bad, out = save_csv(tmp_path / "a.csv"), tmp_path / "bad.csv", tmp_path / "out.csv"
    bad.write_text("name\nx\n")
    words = ["fleet", str(good), str(bad), "--by", "outliers", "-o", str(out), "--format", "json"]
    assert cli.main(words) == 2
    told = capsys.readouterr()
    assert json.loads(told.out) == []
    assert told.err.startswith("srmlib: bad.csv: has no column account_id and resource_type; ")
    assert told.err.count("\n") == 1
    assert out.read_text() == ",".join(fleets.OUTLIER_COLUMNS) + "\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--by", "dutys"], "'dutys' is no table of a fleet; did you mean duties"),
        (["--by", "by_team"], "no teams are known; name their file"),
        (["--framework", "soc2"], "'soc2' is no framework here; did you mean soc-2"),
        (["--by", "outliers", "--since", "{file}"], "outliers has no trend"),
        (["-o", "{folder}/a.pptx"], "a.pptx: a fleet is written as .csv"),
    ],
)
def test_a_wrong_word_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, words: list[str], told: str
) -> None:
    file = save_csv(tmp_path / "a.csv")
    asked = [each.format(file=file, folder=tmp_path) for each in words]
    assert cli.main(["fleet", str(file), *asked]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"srmlib: {told}")
    assert err.count("\n") == 1


def test_where_no_type_has_a_row_the_types_are_listed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = save_csv(tmp_path / "a.csv", [(A, "", "AWS::Brand::New", 4)])
    assert cli.main(["fleet", str(file), "--by", "unmapped"]) == 0
    assert capsys.readouterr().out == "resource_type,family,count\nAWS::Brand::New,,4\n"
    assert cli.main(["fleet", str(file)]) == 0
    assert capsys.readouterr().out == ",".join(fleets.ACCOUNT_COLUMNS) + "\n"
    assert cli.main(["fleet", str(file), "-o", str(tmp_path / "a.html")]) == 2
    assert capsys.readouterr().err.startswith("srmlib: a.html: no account runs a service that has")


def test_a_table_on_a_terminal_is_followed_by_notes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert cli.main(["fleet", str(save_csv(tmp_path / "a.csv")), "--format", "table"]) == 0
    out = capsys.readouterr().out
    assert A in out
    assert "note: assumed: AWS::RDS::DBInstance: engine not in the table, taken for rds" in out
    words = ["fleet", str(tmp_path / "a.csv"), "--by", "by_duty", "--format", "table"]
    assert cli.main(words) == 0
    heads = capsys.readouterr().out.split()[:7]
    assert heads == ["duty", "layer", "services", "text", "priority", "accounts", "resources"]


def test_a_column_an_account_as_long_as_names_can_be_read(fleet: srm.Fleet) -> None:
    figure = srm.fleet_chart(fleet)
    assert sorted(figure.layout.xaxis.ticktext) == [A, B]
    open_duties = fleet.layers.set_index(["account", "layer"])["duties"]
    place = list(figure.layout.xaxis.ticktext).index(A)
    row = list(fleet.matrix.layers).index("backup")
    assert figure.data[0].z[row][place] == open_duties[A, "backup"]


def test_accounts_that_are_alike_share_a_column_and_none_is_lost(sample: srm.Fleet) -> None:
    grid = take_layers(sample)
    columns = gather_columns(grid.held)
    assert len(columns) == MOST_COLUMNS
    held = [account for column in columns for account in column.accounts]
    assert sorted(held) == list(sample.accounts["account"])
    for column in columns:
        mean = sum(grid.held[each][0] for each in column.accounts) / len(column.accounts)
        assert column.values[0] == pytest.approx(mean)


def test_an_account_unlike_all_others_stands_alone() -> None:
    held = {f"{n:012d}": (1.0 + n % 2, 1.0) for n in range(500)} | {C: (40.0, 40.0)}
    columns = gather_columns(held)
    assert [len(column.accounts) for column in columns] == [1, 250, 250]
    assert columns[0] == ((C,), (40.0, 40.0))


def test_the_duties_of_a_layer_are_drawn_with_the_accounts_that_have_them(fleet: srm.Fleet) -> None:
    figure = srm.fleet_chart(fleet, layer="backup")
    cells = dict(zip(figure.layout.yaxis.ticktext, figure.data[0].z, strict=True))
    accounts = list(figure.layout.xaxis.ticktext)
    assert {accounts[place] for place, value in enumerate(cells["backup/s3"]) if value} == {A, B}
    assert {accounts[place] for place, value in enumerate(cells["backup/rds"]) if value} == {A}
    with pytest.raises(SrmError, match="'back-up' is no layer here; did you mean backup"):
        srm.fleet_chart(fleet, layer="back-up")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_shuts_nobody_out_and_fits_a_phone(
    sample: srm.Fleet, tmp_path: Path, chromium: str, scheme: str
) -> None:
    path = srm.write(sample, tmp_path / "fleet.html")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=BROWSER_OPTIONS)
        page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert list_faults(page) == []
        browser.close()


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


@pytest.mark.parametrize("dialect", ["athena", "trino", "pyspark", "duckdb"])
def test_the_count_is_one_select_in_the_sql_of_each_engine(dialect: str) -> None:
    import ibis
    import sqlglot

    schema = {"awsAccountId": "string", "awsRegion": "string", "resourceType": "string"}
    sql = str(ibis.to_sql(count_rows(ibis.table(schema, name="inventory")), dialect=dialect))
    (parsed,) = sqlglot.parse(sql, read="spark" if dialect == "pyspark" else dialect)
    assert isinstance(parsed, sqlglot.exp.Select)
    assert [table.name for table in parsed.find_all(sqlglot.exp.Table)] == ["inventory"]
    assert len(list(parsed.find_all(sqlglot.exp.Group))) == 1


@pytest.mark.heavy
def test_a_local_spark_gives_the_answer_of_duckdb(sample: srm.Fleet) -> None:
    """Counted by Spark and answered here, and the whole expression from rows to duties in Spark."""
    pytest.importorskip("pyspark", reason="PySpark is not installed; `make test-all` builds it")
    if not shutil.which("java"):
        pytest.skip("PySpark needs Java 17 or newer; install a JRE")
    import ibis
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    try:
        lines = pd.read_csv(NEW / "resources.csv.gz", dtype=str, keep_default_na=False)
        session.createDataFrame(lines.to_dict("records")).createOrReplaceTempView("inventory")
        spark = ibis.pyspark.connect(session)
        theirs = srm.read_fleet(connection=spark, table="inventory", matrix=sample.base)
        ours = srm.read_fleet(NEW / "resources.csv.gz", matrix=sample.base)
        for name in ("accounts", "services", "duties", "outliers"):
            pd.testing.assert_frame_equal(getattr(theirs, name), getattr(ours, name))
        words = make_words(ours.meaning.services)
        counts = map_groups(count_rows(spark.table("inventory")), words)
        whole = ask_duties(counts, make_duties(ours.matrix))
        rows = [tuple(row.values()) for row in spark.to_pyarrow(whole).to_pylist()]
        assert rows == list_rows(ours.duties)
    finally:
        session.stop()
