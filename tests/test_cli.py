"""The command line: columns, formats, exit codes, one line for each fault."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from srmlib import __version__, cli
from srmlib.duties import DUTY_COLUMNS
from srmlib.fleet.fleets import (
    ACCOUNT_COLUMNS,
    FLEET_SERVICE_COLUMNS,
    FRAMEWORK_COLUMNS,
    TREND_COLUMNS,
)
from srmlib.matrix import CELL_COLUMNS, LAYER_COLUMNS, SERVICE_COLUMNS
from tests.conftest import ROOT
from tests.test_inventory import save, state

SHOP = str(ROOT / "notebooks" / "workloads" / "shop-plan.json")
FLEET = str(ROOT / "notebooks" / "fleet" / "2026-10-01")
OLDER_FLEET = str(ROOT / "notebooks" / "fleet" / "2026-07-01")


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    try:
        code = cli.main(list(words))
    except SystemExit as stop:
        code = int(stop.code or 0)
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.mark.parametrize(
    ("words", "columns"),
    [
        (["services"], SERVICE_COLUMNS),
        (["layers"], LAYER_COLUMNS),
        (["matrix", "--service", "rds"], CELL_COLUMNS),
        (["compare", "ec2", "rds"], ("layer", "ec2", "rds", "changes")),
        (["compare", "--ladder", "cache"],
         ("layer", "ec2", "elasticache", "elasticache-serverless", "changes")),
        (["ladders"], ("ladder", "name", "services")),
        (["controls", "gdpr"], ("control", "title", "layers")),
        (["controls", "gdpr", SHOP], ("control", "title", "layers", "owner", "aws_provides",
                                      "customer_duty", "services", "checks")),
        (["inventory", SHOP], ("file", "format", "status", "resource_type", "service", "count", "family")),
        (["review", SHOP], DUTY_COLUMNS),
        (["fleet", FLEET], ACCOUNT_COLUMNS),
        (["fleet", FLEET, "--by", "services"], FLEET_SERVICE_COLUMNS),
        (["fleet", FLEET, "--framework", "soc-2"], FRAMEWORK_COLUMNS),
        (["fleet", FLEET, "--since", OLDER_FLEET], TREND_COLUMNS),
        (["check"], ("file", "key", "problem", "mend")),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)  # fmt: skip
def test_each_command_prints_its_columns(
    capsys: pytest.CaptureFixture[str], words: list[str], columns: tuple[str, ...]
) -> None:
    code, out, err = run(capsys, *words)
    assert (code, err) == (cli.DONE, "")
    assert next(csv.reader(io.StringIO(out))) == list(columns)
    code, out, _ = run(capsys, *words, "--format", "json")
    rows = json.loads(out)
    assert isinstance(rows, list)
    if rows and words[0] != "inventory":
        assert list(rows[0]) == list(columns)
    code, out, _ = run(capsys, *words, "--format", "table")
    assert code == cli.DONE


def test_matrix_narrows_and_widens(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["matrix", "--service", "rds", "--service", "ec2", "--layer", "guest-os", "--wide"]
    assert run(capsys, *words)[1] == "service,guest-os\nrds,aws\nec2,customer\n"
    out = run(capsys, "matrix", "--model", "on-premises", "--layer", "physical")[1]
    assert out.count("\n") == 2


def test_inventory_json_has_the_promised_form(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = save(
        tmp_path, "a.tfstate", state(("aws_ecs_service", {}), ("aws_new", {}), ("random_id", {}))
    )
    assert json.loads(run(capsys, "inventory", str(path), "--format", "json")[1]) == [
        {
            "file": "a.tfstate",
            "format": "terraform-state",
            "resources": [
                {"resource_type": "aws_ecs_service", "service": "ecs-fargate", "count": 1}
            ],
            "unmapped": [{"resource_type": "aws_new", "count": 1, "family": None}],
            "not_aws": [{"resource_type": "random_id", "count": 1}],
            "assumed": ["aws_ecs_service: launch type not in the file, taken for ecs-fargate"],
            "unseen": [],
        }
    ]


@pytest.mark.parametrize("command", ["inventory", "review"])
def test_of_nineteen_good_files_and_one_bad_the_nineteen_are_answered(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str
) -> None:
    good = [str(save(tmp_path, f"{n}.tfstate", state(("aws_sqs_queue", {})))) for n in range(19)]
    bad = str(save(tmp_path, "bad.json", "{"))
    code, out, err = run(capsys, command, *good[:7], bad, *good[7:])
    assert code == cli.UNUSABLE
    assert err.startswith("srmlib: bad.json: is broken JSON")
    assert err.count("\n") == 1
    assert out.count("\n") >= 20 if command == "inventory" else "identity" in out


def test_review_writes_each_output_in_the_format_of_its_ending(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    outs = [tmp_path / f"r.{ending}" for ending in ("md", "csv", "json")]
    words = [word for out in outs for word in ("-o", str(out))]
    code, out, _ = run(capsys, "review", SHOP, *words)
    assert code == cli.DONE
    assert out.startswith("duty,layer,services,")
    assert all(path.stat().st_size for path in outs)


@pytest.mark.parametrize("words", [["compare", "ec2", "rds"], ["matrix", "--model", "iaas"]])
def test_a_comparison_and_a_selection_are_written_as_a_review_is(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, words: list[str]
) -> None:
    outs = [tmp_path / f"x.{ending}" for ending in ("pptx", "xlsx", "html", "md", "csv", "json")]
    more = [word for out in outs for word in ("-o", str(out))]
    code, _, err = run(capsys, *words, *more, "--date", "2026-11-25")
    assert (code, err) == (cli.DONE, "")
    assert all(path.stat().st_size for path in outs)
    assert "2026-11-25" in (tmp_path / "x.md").read_text()


def test_outputs_are_known_before_anything_is_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = ["compare", "ec2", "rds", "-o", str(tmp_path / "a.md"), "-o", str(tmp_path / "a.doc")]
    code, out, err = run(capsys, *words)
    assert (code, out) == (cli.UNUSABLE, "")
    assert err.startswith("srmlib: a.doc: no format for this ending")
    assert list(tmp_path.iterdir()) == []


def test_review_of_files_without_aws_writes_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = save(tmp_path, "a.tfstate", state(("random_id", {})))
    code, out, err = run(capsys, "review", str(path), "-o", str(tmp_path / "r.md"))
    assert (code, out) == (cli.UNUSABLE, "")
    assert err == "srmlib: a.tfstate: holds no AWS resource; give a file that does\n"
    assert not (tmp_path / "r.md").exists()


def test_review_tells_a_person_at_a_terminal_what_it_does_not_know(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = run(capsys, "review", SHOP, "--format", "table")[1]
    assert "note: expected of every account and not seen: " in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["matrix", "--service", "lamda"], "'lamda' is no service here; did you mean lambda"),
        (["compare", "ec2"], "two services or more"),
        (["review"], "required: FILE"),
        (["frobnicate"], "invalid choice"),
        ([], "required: command"),
        (["services", "--data", "/nowhere"], "/nowhere: no such folder"),
        (["services", "--frobnicate"], "unrecognized arguments: --frobnicate"),
        (["check", "--fix"], "--fix needs the folder"),
        (["review", SHOP, "-o", "r.doc"], "r.doc: no format for this ending"),
        (["review", SHOP, "--date", "soon"], "'soon' is no date; write it as 2026-01-31"),
        (["review", SHOP, "--record", "none.yaml"], "none.yaml: no such record"),
        (["compare", "ec2", "rds", "-o", "r.jira.csv"], "give a review for .jira.csv"),
        (
            ["compare", "ec2", "rds", "-o", "r.pptx", "--template", "none.pptx"],
            "none.pptx: cannot be read",
        ),
        (["record", "r.yaml"], "required: --from"),
        (["record", "r.yaml", "--from", "none.xlsx"], "none.xlsx: cannot be read"),
    ],
)
def test_unusable_arguments_are_one_line(
    capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    code, _, err = run(capsys, *words)
    assert code == cli.UNUSABLE
    assert message in err
    assert err.count("\n") == 1
    assert err.startswith("srmlib")


def test_check_names_problems_with_code_1_and_fixes_order(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    tools = data / "tools.csv"
    rows = tools.read_text().splitlines(keepends=True)
    tools.write_text("".join([rows[0], *reversed(rows[1:])]))
    code, out, _ = run(capsys, "check", str(data))
    assert code == cli.FOUND
    assert "tools.csv,,is not in order," in out
    code, out, err = run(capsys, "check", str(data), "--fix")
    assert (code, err) == (cli.DONE, "srmlib: tools.csv: put in order\n")


def test_an_overlay_is_taken_by_every_command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    part = tmp_path / "house" / "services" / "s3.yaml"
    part.parent.mkdir(parents=True)
    part.write_text(
        "id: s3\ncells:\n  backup:\n    owner: customer\n    customer_duty: Copy it.\n"
        "    basis: interpreted\n    sources:\n      - id: srm\n        section: Overview\n    why: House.\n"
    )
    words = ["matrix", "--overlay", str(tmp_path / "house"), "--service", "s3", "--layer", "backup"]
    assert "Copy it." in run(capsys, *words)[1]
    assert run(capsys, *words)[1].rstrip().endswith(",house")


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"srmlib {__version__}\n", "")


def test_a_file_that_is_named_twice_is_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    twice = [str(tmp_path / "c.csv"), f"{tmp_path}/./c.csv"]
    assert run(capsys, "compare", "ec2", "rds", "-o", twice[0], "-o", twice[1])[0] == 0
    assert [path.name for path in tmp_path.iterdir()] == ["c.csv"]


def test_a_closed_pipe_is_no_error() -> None:
    command = f"{sys.executable} -m srmlib matrix | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr == ""


def test_a_dash_reads_standard_input() -> None:
    content = json.dumps(state(("aws_sqs_queue", {})))
    command = [sys.executable, "-m", "srmlib", "inventory", "-"]
    done = subprocess.run(command, input=content, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1] == "-,terraform-state,mapped,aws_sqs_queue,sqs,1,"


def test_a_person_at_a_terminal_sees_a_bar_that_leaves_the_output_alone(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty", reason="no terminals on this system")
    ours, theirs = pty.openpty()
    words = ["compare", "ec2", "rds", "-o", str(tmp_path / "c.pptx")]
    command = [sys.executable, "-m", "srmlib", *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, text=True, check=True)
    os.close(theirs)
    assert b"Writing" in os.read(ours, 100_000)
    os.close(ours)
    assert done.stdout.startswith("layer,ec2,rds,changes\n")
    quiet = subprocess.run(command, capture_output=True, text=True, check=True)
    assert quiet.stderr == ""


def test_a_move_is_answered_with_what_it_drops(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "review", SHOP, "--move", "ec2=ecs-fargate", "--format", "json")
    rows = {row["duty"]: row for row in json.loads(out)}
    assert code == cli.DONE
    assert rows["guest-os/ec2"]["change"] == "gone"
    assert rows["guest-os/ec2"]["priority"] == 1


def test_a_comparison_takes_services_or_a_ladder(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["compare"], ["compare", "ec2", "rds", "--ladder", "cache"]):
        code, out, err = run(capsys, *words)
        assert (code, out) == (cli.UNUSABLE, "")
        assert "srmlib ladders" in err


def test_controls_are_narrowed_by_id_and_baseline(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["controls", "nist-800-53-r5", SHOP, "--control", "SC-28", "--format", "json"]
    code, out, _ = run(capsys, *words)
    (row,) = json.loads(out)
    assert (code, row["control"], row["owner"]) == (cli.DONE, "SC-28", "shared")
    code, out, _ = run(
        capsys, "controls", "nist-800-53-r5", "--baseline", "low", "--format", "json"
    )
    assert len(json.loads(out)) == 149
    code, out, _ = run(capsys, "controls", "hipaa-security-rule", SHOP, "--format", "table")
    assert "note: not on AWS's list of HIPAA eligible services of 2026-05-22: iam;" in out
    code, _, err = run(capsys, "controls", "nist-800-53")
    assert (code, err.count("\n")) == (cli.UNUSABLE, 1)


def test_a_review_names_the_controls_of_a_framework(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "review", SHOP, "--framework", "gdpr", "--format", "json")
    rows = {row["duty"]: row for row in json.loads(out)}
    assert code == cli.DONE
    assert "Art. 32(1)(a)" in rows["encryption-at-rest/ec2"]["controls"]


def test_a_pipe_gets_utf8_whatever_the_systems_encoding() -> None:
    command = [sys.executable, "-m", "srmlib", "compare", "ec2", "rds"]
    theirs = os.environ | {"PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(command, env=theirs, capture_output=True, check=True)
    assert "→" in done.stdout.decode("utf-8")
