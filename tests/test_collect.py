"""`srmlib collect` against servers that speak AWS's API over HTTP; boto3 is the real one."""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import srmlib as srm
from srmlib import cli
from srmlib.collector import COLLECTION_COLUMNS
from tests.aws_server import AwsServer, serve_aws
from tests.conftest import ROOT

KEY, SESSION = "cAnArYsEcReTkEy/0000000000000000000000000", "cAnArYsEsSiOnToKeN"
TAG = "canary-tag-value"
VIEW = "arn:aws:resource-explorer-2:eu-west-1:111111111111:view/all/1"
SOURCES = {
    "aggregator": ["--aggregator", "organisation"],
    "config": ["--config"],
    "resource-explorer": ["--resource-explorer"],
    "view": ["--resource-explorer", VIEW],
}
# The IAM action of each operation, from AWS's service authorization reference.
ACTIONS = {
    "SelectAggregateResourceConfig": "config:SelectAggregateResourceConfig",
    "SelectResourceConfig": "config:SelectResourceConfig",
    "ListResources": "resource-explorer-2:Search",
}
EACH_SOURCE = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)


def make_resource(number: int) -> dict[str, Any]:
    """A resource as AWS holds it, in the words of both services."""
    account = ("111111111111", "222222222222")[number % 2]
    id = f"i-{number:017x}"
    return {
        "accountId": account, "awsRegion": "eu-west-1", "resourceType": "AWS::EC2::Instance",
        "resourceId": id, "resourceName": TAG, "tags": [{"key": "owner", "value": TAG}],
        "configuration": {"password": TAG},
        "Arn": f"arn:aws:ec2:eu-west-1:{account}:instance/{id}", "OwningAccountId": account,
        "Region": "eu-west-1", "ResourceType": "ec2:instance", "Service": "ec2",
        "Properties": [{"Name": "tags", "Data": [{"Key": "owner", "Value": TAG}]}],
    }  # fmt: skip


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AwsServer]:
    """Seven resources in pages of two, and credentials for them."""
    with serve_aws([make_resource(n) for n in range(7)], page=2) as server:
        point_at(server.url, monkeypatch, tmp_path)
        yield server


def point_at(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The environment of a user whose AWS is on loopback; no file of the machine's counts."""
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(name)
    settings = {
        "AWS_ENDPOINT_URL": url, "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "AKIACANARY0000000000", "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_SESSION_TOKEN": SESSION, "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


def collect(capsys: pytest.CaptureFixture[str], out: Path, *words: str) -> tuple[int, str, str]:
    """Exit code, output and errors of one run, which must show nothing that is secret."""
    try:
        code = cli.main(["collect", *words, "-o", str(out)])
    except SystemExit as stop:
        code = int(stop.code or 0)
    told = capsys.readouterr()
    left = [path.read_text() for path in out.parent.glob("*.json*")]
    for text in (told.out, told.err, *left):
        assert not [each for each in (KEY, SESSION, TAG) if each in text]
    return code, told.out, told.err


def read_rows(out: Path) -> list[dict[str, str]]:
    (rows,) = json.loads(out.read_text()).values()
    return rows


@EACH_SOURCE
def test_every_page_is_in_the_file_and_nothing_but_account_region_type_and_id(
    server: AwsServer, capsys: pytest.CaptureFixture[str], tmp_path: Path, source: list[str]
) -> None:
    out = tmp_path / "org.json"
    code, told, err = collect(capsys, out, *source)
    assert (code, err) == (cli.DONE, "")
    held = [make_resource(n) for n in range(7)]
    if source[0] == "--resource-explorer":
        names = ("OwningAccountId", "Region", "ResourceType", "Service", "Arn")
        assert json.loads(out.read_text()) == {
            "Resources": [{name: each[name] for name in names} for each in held]
        }
    else:
        names = ("SourceAccountId", "SourceRegion", "ResourceType", "ResourceId")
        asked = ("accountId", "awsRegion", "resourceType", "resourceId")
        assert json.loads(out.read_text()) == {
            "ResourceIdentifiers": [
                dict(zip(names, (each[name] for name in asked), strict=True)) for each in held
            ]
        }
    assert [body.get("NextToken") for _, body in server.asked] == [None, "0-2", "0-4", "0-6"]
    query = "SELECT accountId, awsRegion, resourceType, resourceId"
    assert {body.get("Expression", query) for _, body in server.asked} == {query}
    (row,) = csv.DictReader(io.StringIO(told))
    assert tuple(row) == COLLECTION_COLUMNS
    assert row["file"] == "org.json"
    assert [row[name] for name in ("accounts", "regions", "types", "resources")] == list("2117")
    assert [path.name for path in tmp_path.iterdir()] == ["org.json"]


def read_policies() -> list[dict[str, Any]]:
    """The policies that the guide tells people to use."""
    guide = (ROOT / "docs" / "collect.md").read_text()
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", guide, re.S)]


def test_only_the_actions_of_the_guides_policies_are_used_and_each_is_needed(
    server: AwsServer, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for number, source in enumerate(SOURCES.values()):
        assert collect(capsys, tmp_path / f"{number}.json", *source)[0] == cli.DONE
    statements = [each for policy in read_policies() for each in policy["Statement"]]
    assert {each["Effect"] for each in statements} == {"Allow"}
    allowed = [action for each in statements for action in each["Action"]]
    assert sorted({ACTIONS[operation] for operation, _ in server.asked}) == sorted(allowed)
    assert server.signed_for == {"config", "resource-explorer-2"}


@EACH_SOURCE
def test_a_throttled_run_waits_and_goes_on(
    server: AwsServer, capsys: pytest.CaptureFixture[str], tmp_path: Path, source: list[str]
) -> None:
    server.throttled = 2
    assert collect(capsys, tmp_path / "org.json", *source)[0] == cli.DONE
    assert len(read_rows(tmp_path / "org.json")) == 7
    assert len(server.asked) == 2 + 4


@EACH_SOURCE
def test_a_run_that_was_cut_off_asks_only_for_what_is_missing(
    server: AwsServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tmp_path: Path, source: list[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    out = tmp_path / "org.json"
    out.write_text("what was there")
    server.pages_left = 2
    code, told, err = collect(capsys, out, *source)
    assert (code, told, err.count("\n")) == (cli.UNUSABLE, "", 1)
    assert "the same command again" in err
    assert out.read_text() == "what was there"

    server.pages_left = None
    server.asked.clear()
    code, _, err = collect(capsys, out, *source)
    assert (code, err) == (
        cli.DONE, "srmlib: org.json: 4 resources are of a run that was cut off\n",
    )  # fmt: skip
    assert [body.get("NextToken") for _, body in server.asked] == ["0-4", "0-6"]
    assert len({tuple(row.values()) for row in read_rows(out)}) == 7
    assert list(tmp_path.iterdir()) == [out]


def leave_journal(
    server: AwsServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    out: Path, *source: str,
) -> Path:  # fmt: skip
    """What a run leaves behind that was cut off after two pages."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    server.pages_left = 2
    assert collect(capsys, out, *source)[0] == cli.UNUSABLE
    server.pages_left = None
    server.asked.clear()
    return out.with_name(f"{out.name}.part")


@EACH_SOURCE
def test_where_aws_has_forgotten_the_place_all_is_collected_anew(
    server: AwsServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tmp_path: Path, source: list[str],
) -> None:  # fmt: skip
    out = tmp_path / "org.json"
    leave_journal(server, monkeypatch, capsys, out, *source)
    server.forget_tokens()
    code, _, err = collect(capsys, out, *source)
    assert code == cli.DONE
    assert "all was collected anew" in err
    assert len(read_rows(out)) == 7


def test_a_page_that_was_half_written_is_asked_for_again(
    server: AwsServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:  # fmt: skip
    out = tmp_path / "org.json"
    journal = leave_journal(server, monkeypatch, capsys, out, "--config")
    journal.write_bytes(journal.read_bytes()[:-20])
    assert collect(capsys, out, "--config")[0] == cli.DONE
    assert [body["NextToken"] for _, body in server.asked] == ["0-2", "0-4", "0-6"]
    assert len({row["ResourceId"] for row in read_rows(out)}) == 7


@pytest.mark.parametrize(
    "other",
    [SOURCES["config"], SOURCES["view"], ["--aggregator", "organisation", "--region", "us-east-1"]],
    ids=["source", "view", "region"],
)
def test_a_run_with_other_options_does_not_go_on_with_what_is_there(
    server: AwsServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tmp_path: Path, other: list[str],
) -> None:  # fmt: skip
    out = tmp_path / "org.json"
    journal = leave_journal(server, monkeypatch, capsys, out, *SOURCES["aggregator"])
    kept = journal.read_bytes()
    code, _, err = collect(capsys, out, *other)
    assert code == cli.UNUSABLE
    assert err.startswith("srmlib: org.json.part: belongs to a run with other options")
    assert err.count("\n") == 1
    assert server.asked == []
    assert journal.read_bytes() == kept


def test_a_damaged_journal_is_told_in_one_line(
    server: AwsServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:  # fmt: skip
    out = tmp_path / "org.json"
    journal = leave_journal(server, monkeypatch, capsys, out, "--config")
    journal.write_bytes(journal.read_bytes() + b"{not json\n")
    code, _, err = collect(capsys, out, "--config")
    assert (code, err) == (
        cli.UNUSABLE, "srmlib: org.json.part: is damaged; delete it to begin anew\n",
    )  # fmt: skip


DENIAL = {"message": f"User: arn:aws:iam::111111111111:user/{TAG} is not authorized"}
FAULTS = [
    ("aggregator", 400, "AccessDeniedException", "need config:SelectAggregateResourceConfig"),
    ("config", 400, "AccessDeniedException", "need config:SelectResourceConfig"),
    ("view", 403, "AccessDeniedException", "need resource-explorer-2:Search"),
    ("resource-explorer", 401, "UnauthorizedException", "or set a default view in eu-west-1"),
    ("config", 400, "ExpiredTokenException", "credentials have expired; sign in again"),
    ("view", 403, "UnrecognizedClientException", "does not accept the credentials"),
    ("aggregator", 400, "ThrottlingException", "throttles these calls for too long"),
    ("config", 500, "InternalFailure", "failed with InternalFailure"),
    ("config", 400, "<b>odd</b>", "failed with an error without a name"),
]


@pytest.mark.parametrize(
    ("source", "status", "code", "line"), FAULTS, ids=[f"{each[0]}-{each[2]}" for each in FAULTS]
)
def test_what_aws_refuses_is_one_line_that_says_what_to_do(
    server: AwsServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tmp_path: Path, source: str, status: int, code: str, line: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    server.refused = status, {"__type": code, **DENIAL}
    out = tmp_path / "org.json"
    out.write_text("what was there")
    exit, told, err = collect(capsys, out, *SOURCES[source])
    assert (exit, told, err.count("\n")) == (cli.UNUSABLE, "", 1)
    assert line in err
    assert "111111111111" not in err
    assert out.read_text() == "what was there"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (["--aggregator", "other"], "there is no such aggregator in eu-west-1"),
        (["--aggregator", ""], "does not accept the name of the aggregator or view"),
        (["--resource-explorer", VIEW + "0"], "there is no such view in eu-west-1"),
        (["--config", "--profile", "nobody"], "there is no such profile"),
        (["--config", "--region", "a b"], "that is no Region"),
    ],
)
def test_a_wrong_name_is_one_line_that_says_how_to_find_the_right_one(
    server: AwsServer, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    source: list[str], line: str,
) -> None:  # fmt: skip
    code, _, err = collect(capsys, tmp_path / "org.json", *source)
    assert (code, err.count("\n")) == (cli.UNUSABLE, 1)
    assert line in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("missing", "line"),
    [
        (["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], "no usable AWS credentials"),
        (["AWS_SECRET_ACCESS_KEY"], "no usable AWS credentials"),
        (["AWS_REGION"], "no Region is set; name one with --region"),
    ],
    ids=["credentials", "half the credentials", "region"],
)
def test_what_the_environment_lacks_is_one_line_and_nothing_is_sent(
    server: AwsServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tmp_path: Path, missing: list[str], line: str,
) -> None:  # fmt: skip
    for name in missing:
        monkeypatch.delenv(name)
    code, _, err = collect(capsys, tmp_path / "org.json", "--config")
    assert (code, err.count("\n")) == (cli.UNUSABLE, 1)
    assert line in err
    assert server.asked == []


def test_a_network_that_is_not_there_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with serve_aws([], page=1) as gone:
        point_at(gone.url, monkeypatch, tmp_path)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    code, _, err = collect(capsys, tmp_path / "org.json", "--config")
    assert (code, err) == (
        cli.UNUSABLE,
        "srmlib: AWS Config: eu-west-1 cannot be reached; check the network and the Region, and "
        "give the same command again, it goes on where it stopped\n",
    )


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["-o", "a.json"], "one of the arguments --aggregator --config --resource-explorer"),
        (["-o", "a.json", "--config", "--resource-explorer"], "not allowed with argument"),
        (["--config"], "the following arguments are required: -o"),
        (["-o", "a.xlsx", "--config"], "a.xlsx: collect writes JSON"),
        (["-o", "-", "--config"], "-: collect writes JSON"),
    ],
)
def test_one_source_and_one_json_file_are_needed(
    capsys: pytest.CaptureFixture[str], words: list[str], line: str
) -> None:
    try:
        code = cli.main(["collect", *words])
    except SystemExit as stop:
        code = int(stop.code or 0)
    err = capsys.readouterr().err
    assert (code, err.count("\n")) == (cli.UNUSABLE, 1)
    assert line in err


def test_without_boto3_one_line_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['boto3'] = None\nfrom srmlib.cli import main\n"
        f"sys.exit(main(['collect', '--config', '-o', {str(tmp_path / 'a.json')!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == cli.UNUSABLE
    assert done.stderr == "srmlib: boto3 is not installed; run `pip install 'srmlib[collect]'`\n"


def test_an_account_without_resources_is_an_empty_list_and_a_note(
    server: AwsServer, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    server.resources.clear()
    out = tmp_path / "org.json"
    code, _, err = collect(capsys, out, "--config")
    assert code == cli.DONE
    assert err == (
        "srmlib: org.json: AWS Config named no resource; check the Region, and that it is on there\n"
    )
    assert json.loads(out.read_text()) == {"ResourceIdentifiers": []}


def test_python_collects_as_the_command_does_and_tells_how_far_it_is(
    server: AwsServer, tmp_path: Path
) -> None:
    told: list[int] = []
    collection = srm.collect_inventory(
        tmp_path / "org.json", resource_explorer=VIEW, progress=told.append
    )
    assert told == [2, 4, 6, 7]
    assert (collection.source, collection.accounts, collection.resources) == (
        "Resource Explorer", 2, 7,
    )  # fmt: skip
    with pytest.raises(srm.SrmError, match="one source"):
        srm.collect_inventory(tmp_path / "b.json", aggregator="organisation", config=True)


def test_a_profiles_own_credentials_and_region_are_used(
    server: AwsServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:  # fmt: skip
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.delenv(name)
    (tmp_path / "config").write_text("[profile audit]\nregion = eu-north-1\n")
    (tmp_path / "credentials").write_text(
        f"[audit]\naws_access_key_id = AKIACANARY0000000001\naws_secret_access_key = {KEY}\n"
    )
    out = tmp_path / "out" / "org.json"
    out.parent.mkdir()
    assert collect(capsys, out, "--config", "--profile", "audit")[0] == cli.DONE
    assert len(read_rows(out)) == 7


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """moto's server, an account of its own behind it."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    point_at(url, monkeypatch, tmp_path)
    yield url
    server.stop()


def test_buckets_that_motos_server_holds_are_collected(
    moto: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """moto answers a query with what its store is given; so it is given what its Config lists."""
    import boto3
    from moto.config.models import config_backends

    place = {"LocationConstraint": "eu-west-1"}
    for name in ("logs", "media", "backups"):
        boto3.client("s3", region_name="eu-west-1").create_bucket(
            Bucket=name, CreateBucketConfiguration=place
        )
    listed = boto3.client("config", region_name="eu-west-1").list_discovered_resources(
        resourceType="AWS::S3::Bucket"
    )
    account = boto3.client("sts", region_name="eu-west-1").get_caller_identity()["Account"]
    fixed = {"accountId": account, "awsRegion": "eu-west-1"}
    config_backends[account]["eu-west-1"].query_results_queue.append(
        [json.dumps(fixed | each) for each in listed["resourceIdentifiers"]]  # type: ignore[misc]
    )
    out = tmp_path / "account.json"
    assert collect(capsys, out, "--config")[0] == cli.DONE
    assert {row["ResourceId"] for row in read_rows(out)} == {"logs", "media", "backups"}
    assert {row["ResourceType"] for row in read_rows(out)} == {"AWS::S3::Bucket"}
    assert {row["SourceAccountId"] for row in read_rows(out)} == {account}


def test_an_operation_that_a_server_does_not_know_is_one_line(
    moto: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    for source in (SOURCES["aggregator"], SOURCES["view"]):  # moto 5 has neither
        code, _, err = collect(capsys, tmp_path / "org.json", *source)
        assert (code, err.count("\n")) == (cli.UNUSABLE, 1)
