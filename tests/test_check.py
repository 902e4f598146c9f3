"""`srmlib check`: every fault its own clear line, all at once; --fix restores order only."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from srmlib.catalogue import load_catalogue
from srmlib.check import find_problems
from srmlib.order import fix_order

RDS = "services/rds.yaml"


def damage(data: Path, name: str, old: str, new: str) -> None:
    path = data / name
    text = path.read_text()
    assert old in text, f"{old!r} is not in {name}"
    path.write_text(text.replace(old, new, 1))


FAULTS = [
    (RDS, "owner: aws", "owner: amazon", "cells.physical.owner", "'amazon'"),
    (RDS, "  guest-os:", "  gest-os:", "cells.gest-os", "'gest-os' is no layer"),
    (RDS, "aws_duty:", "aws_duti:", "cells.physical", "unknown key aws_duti"),
    (RDS, "id: rds-welcome", "id: nowhere", "cells.physical.sources", "cites 'nowhere'"),
    (RDS, "docs: https", "docs: http", "docs", "'http:"),
    (RDS, "verified: 2026-11-23", "verified: 2199-01-01", "cells.physical.verified", "future"),
    (RDS, "verified: 2026-11-23", "verified: 2026-13-40", "cells.physical.verified", "no date"),
    (RDS, "    verified: 2026-11-23\n", "", "cells.physical.verified", "goes with basis stated"),
    (RDS, "id: rds\n", "id: rdx\n", "id", "is 'rdx'"),
    (RDS, "basis: stated", "basis: stated\n    basis: model", "", "unreadable YAML"),
    (RDS, "cells:", "cells: [", "", "unreadable YAML"),
    (RDS, "families:\n  - rds\n", "", "", "lacks families"),
    (RDS, "lifecycle: active", "lifecycle:", "lifecycle", "is None"),
    ("sources.yaml", "url: https://", "url: http://", "", "'http://"),
    ("sources.yaml", "read: 2026-11-23", "read: 2199-01-01", "", "in the future"),
    ("tools.csv", ",guest-os,", ",gest-os,", "", "'gest-os' is no layer"),
    ("layers.csv", ",work,", ",toil,", "line 2: kind", "'toil'"),
    ("mapping/terraform.csv", ",ec2,ec2\n", ",ec2,ec3\n", "", "'ec3' is no service"),
    ("ladders.yaml", "      section: Common DBA tasks for MySQL DB instances\n", "", "steps.rds",
     "not all of unlike"),
    ("ladders.yaml", "service: rds\n", "service: mediastore\n", "steps.mediastore", "is retired"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "key", "problem"), FAULTS)
def test_each_fault_has_its_own_line(
    data: Path, name: str, old: str, new: str, key: str, problem: str
) -> None:
    damage(data, name, old, new)
    found = [each for each in find_problems(data) if each.file == name]
    assert any(key in each.key and problem in each.problem for each in found), found
    assert all(each.mend for each in found)


def test_all_faults_are_named_at_once(data: Path) -> None:
    damage(data, RDS, "owner: aws", "owner: amazon")
    damage(data, "services/s3.yaml", "docs: https", "docs: http")
    damage(data, "services/lambda.yaml", "id: lambda\n", "id: lamda\n")
    files = {each.file for each in find_problems(data)}
    assert {RDS, "services/s3.yaml", "services/lambda.yaml"} <= files


def test_a_page_that_nobody_cites_is_named(data: Path) -> None:
    with (data / "sources.yaml").open("a") as file:
        file.write(
            "zz-unused:\n  title: t\n  url: https://docs.aws.amazon.com/x\n  publisher: AWS\n"
            "  read: 2026-01-01\n  as_of: unknown\n"
        )
    assert [each.key for each in find_problems(data)] == ["zz-unused"]


def test_a_row_that_stands_twice_is_named(data: Path) -> None:
    path = data / "mapping" / "terraform.csv"
    path.write_text(path.read_text() + "aws_vpc,ec2,vpc\n")
    problems = {each.problem for each in find_problems(data)}
    assert "stands 2 times" in problems


def test_today_counts_as_past(data: Path) -> None:
    day = datetime.date.fromisoformat(load_catalogue().edition)
    assert not find_problems(data, today=day)
    assert find_problems(data, today=day - datetime.timedelta(days=1))


def test_fix_restores_order_and_changes_nothing_else(data: Path) -> None:
    before = {path: path.read_text() for path in data.rglob("*") if path.is_file()}
    rds = data / RDS
    lines = rds.read_text().splitlines(keepends=True)
    cells = lines.index("cells:\n")
    first, second = (
        i for i, line in enumerate(lines) if line in ("  physical:\n", "  hardware:\n")
    )
    third = next(i for i in range(second + 1, len(lines)) if lines[i][2] != " ")
    swapped = [*lines[second:third], *lines[first:second], *lines[third:]]
    rds.write_text("".join([lines[1], lines[0], *lines[2 : cells + 1], *swapped]))
    tools = data / "tools.csv"
    rows = tools.read_text().splitlines(keepends=True)
    tools.write_text("".join([rows[0], *reversed(rows[1:])]))
    sources = data / "sources.yaml"
    entries = sources.read_text().split("\n")
    sources.write_text("\n".join([*entries[6:12], *entries[:6], *entries[12:]]))
    assert {"is not in order"} == {each.problem for each in find_problems(data)}
    assert fix_order(data) == ["rds.yaml", "sources.yaml", "tools.csv"]
    assert {path: path.read_text() for path in before} == before
    assert not find_problems(data)


def test_fix_keeps_comments_with_what_they_stand_over(data: Path) -> None:
    path = data / RDS
    text = path.read_text()
    path.write_text(text.replace("name: Amazon RDS\n", "", 1) + "# last\nname: Amazon RDS\n")
    fix_order(data)
    assert "# last\nname: Amazon RDS\nway:" in path.read_text()


def test_an_overlay_is_checked_against_the_catalogue(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    part = tmp_path / "services" / "s3.yaml"
    part.write_text("id: s3\ncells:\n  backup:\n    owner: nobody\n")
    problems = [(each.key, each.problem) for each in find_problems(tmp_path)]
    assert ("cells.backup.owner", "is 'nobody'") in problems
    assert any("lacks basis, sources" in problem for _, problem in problems)


def test_a_cell_not_verified_for_a_year_is_named(data: Path) -> None:
    day = datetime.date.fromisoformat(load_catalogue().edition)
    assert not find_problems(data, today=day)
    late = find_problems(data, today=day + datetime.timedelta(days=366))
    assert {problem.problem.partition(" ")[2] for problem in late} == {"is more than a year ago"}
    rows = load_catalogue().services.values()
    stated = sum(cell.basis == "stated" for row in rows for cell in row.cells.values())
    assert len(late) == stated


def test_a_row_that_says_nothing_of_its_own_is_named(data: Path) -> None:
    path = data / "services" / "memorydb.yaml"
    head = path.read_text().partition("cells:\n")[0]
    path.write_text(f"{head}cells: {{}}\n")
    told = [(p.file, p.problem) for p in find_problems(data) if p.file.startswith("services/")]
    assert told == [("services/memorydb.yaml", "are all inherited")]


def test_a_duty_repeated_in_an_unlike_service_is_named_and_in_a_sister_not(data: Path) -> None:
    words = "Say something that fits any service at all."
    for id in ("sqs", "memorydb"):
        _replace_first_duty(data / "services" / f"{id}.yaml", words)
    (problem,) = find_problems(data)
    assert problem.problem == "stands word for word in memorydb"
    assert problem.file == "services/sqs.yaml"


def test_a_family_without_a_row_needs_a_reason_and_one_with_a_row_has_none(data: Path) -> None:
    table = data / "families.csv"
    text = table.read_text()
    lost = re.search(r'^([^,\n]+),(.*),".+"$', text, re.M)
    assert lost
    text = text.replace(lost[0], f"{lost[1]},{lost[2]},")
    had = re.search(r"^memorydb,(.*),$", text, re.M)
    assert had
    text = text.replace(had[0], f"memorydb,{had[1]},too small")
    table.write_text(re.sub(r"^sqs,.*\n", "", text, flags=re.M))
    told = {(p.key, p.problem) for p in find_problems(data)}
    assert told == {
        (lost[1], "has no row"),
        ("memorydb", "has a reason and the row memorydb"),
        ("families", "'sqs' is not in families.csv"),
    }


def test_sisters_of_one_family_may_share_a_duty(data: Path) -> None:
    for id in ("aurora", "rds"):
        _replace_first_duty(data / "services" / f"{id}.yaml", "Say the same of both.")
    assert find_problems(data) == []


def _replace_first_duty(path: Path, words: str) -> None:
    text = path.read_text()
    start = text.index("    customer_duty: >-\n") + len("    customer_duty: >-\n")
    end = re.compile(r"^    \w", re.M).search(text, start)
    assert end
    path.write_text(f"{text[:start]}      {words}\n{text[end.start() :]}")
