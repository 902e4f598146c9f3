"""An organisation's accounts held against the matrix: counts by hand, whatever the files are."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import srmlib as srm
from srmlib.errors import SrmError
from srmlib.fleet import fleets
from srmlib.fleet.cells import make_duties, make_words
from srmlib.fleet.questions import ask_duties, map_groups
from srmlib.fleet.tables import count_rows
from tests.accounts import LINES, NEW, OLD, SAMPLE, A, B, C, list_rows, save_csv
from tests.conftest import ROOT


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

    def unpack(home: Path, folder: Path) -> dict[Path, bytes]:
        # How tightly gzip packs is a matter of Python's version.
        files = folder.rglob("*.gz")
        return {path.relative_to(home): gzip.decompress(path.read_bytes()) for path in files}

    assert unpack(tmp_path, tmp_path / "notebooks") == unpack(ROOT, SAMPLE)


def test_the_samples_story_is_found(sample: srm.Fleet) -> None:
    assert sample.summary.startswith("61 accounts, ")
    assert "database-on-ec2" in set(sample.outliers["service"])
    moved = sample.trend(srm.read_fleet(OLD, matrix=sample.base))
    assert {"bedrock-agents", "aurora"} <= set(moved[moved["change"] == "came"]["service"])


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
