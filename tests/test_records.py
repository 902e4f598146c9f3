"""The record: what people decided survives every run, and nothing of theirs is lost."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

import srmlib as srm
from srmlib import cli
from srmlib.duty_sheets import DUTIES, MEMORY, take_entries
from srmlib.export.edition import REVIEW_COLUMNS
from srmlib.records import RECORD_COLUMNS, read_record
from tests.conftest import ROOT
from tests.test_inventory import save, state

RECORD = """\
# Kept beside the code of the shop.
workload: Web shop
date: 2026-11-25
scope: Production account, eu-central-1
assumptions:
  - The network account is reviewed apart
exceptions:
  - duty: backup/sqs
    who: J. Doe, CISO
    why: Messages live for minutes
    until: 2027-06-30
sign_off:
  - name: A. Roe
    role: Architect
    date: 2026-11-26
duties:
  guest-os/ec2: # the fleet
    owner: Platform team
    status: in progress
"""


def write_state(folder: Path, *types: str) -> Path:
    return Path(save(folder, "shop.tfstate", state(*((type, {}) for type in types))))


def write_record(folder: Path, text: str = RECORD) -> Path:
    path = folder / "review.yaml"
    path.write_text(text)
    return path


def fill(path: Path, entries: dict[str, dict[str, str]]) -> Path:
    """A person opens the sheet, sorts it the other way round, enters something and saves."""
    book = load_workbook(path)
    sheet = book[DUTIES]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head, body = rows[0], rows[:0:-1]
    for row in body:
        for title, value in entries.get(row[head.index("Duty")], {}).items():
            row[head.index(title)] = value
    for number, row in enumerate(body, 2):
        for place, value in enumerate(row, 1):
            sheet.cell(number, place).value = value
    book.save(path)
    return path


def export(folder: Path, record: Path | None = None, *types: str) -> Path:
    review = srm.review(
        write_state(folder, *(types or ("aws_instance", "aws_sqs_queue"))), record=record
    )
    return srm.write(review, folder / "review.xlsx")


def test_a_review_takes_name_date_owner_and_status_from_its_record(tmp_path: Path) -> None:
    review = srm.review(
        write_state(tmp_path, "aws_instance", "aws_sqs_queue"), record=write_record(tmp_path)
    )
    assert (review.workload, review.date) == ("Web shop", "2026-11-25")
    duties = review.duties.set_index("duty")
    assert tuple(review.duties.columns[-5:]) == RECORD_COLUMNS
    assert duties.loc["guest-os/ec2", "owner"] == "Platform team"
    assert duties.loc["guest-os/ec2", "status"] == "in progress"
    assert duties.loc["backup/sqs", "status"] == "accepted"
    assert "J. Doe, CISO: Messages live for minutes (until 2027-06-30)" in set(duties["exception"])
    assert set(duties["change"]) == {None}


def test_a_date_given_stands_before_the_records_and_ends_an_exception(tmp_path: Path) -> None:
    review = srm.review(
        write_state(tmp_path, "aws_sqs_queue"), record=write_record(tmp_path), date="2027-07-01"
    )
    assert review.date == "2027-07-01"
    assert review.duties.set_index("duty").loc["backup/sqs", "status"] == "open"
    assert "record: the exception for backup/sqs ended on 2027-06-30" in review.notes


def test_a_status_entered_in_the_sheet_is_there_after_the_plan_changed(tmp_path: Path) -> None:
    record = write_record(tmp_path)
    sheet = fill(export(tmp_path, record), {
        "identity/ec2": {"Owner": "Security", "Status": "done", "Note": "see wiki"},
        "guest-os/ec2": {"Status": "done"},
    })  # fmt: skip
    taken = take_entries(record, sheet)
    assert [(each.duty, each.field, each.was, each.now) for each in taken if each.duty == "guest-os/ec2"] == [
        ("guest-os/ec2", "status", "in progress", "done")
    ]  # fmt: skip
    review = srm.review(write_state(tmp_path, "aws_instance", "aws_lambda_function"), record=record)
    duties = review.duties.set_index("duty")
    assert list(duties.loc["identity/ec2", ["owner", "status", "note"]]) == [
        "Security",
        "done",
        "see wiki",
    ]
    assert duties.loc["runtime/lambda", "change"] == "new"
    assert duties.loc["threat-detection", "change"].startswith("changed: +lambda -sqs")
    assert {row["duty"] for row in review.gone} >= {"backup/sqs", "identity/sqs"}
    assert not {row["duty"] for row in review.gone} & set(duties.index)


def test_taking_entries_keeps_the_records_comments_and_other_words(tmp_path: Path) -> None:
    record = write_record(tmp_path)
    take_entries(record, fill(export(tmp_path, record), {"identity/ec2": {"Owner": "Security"}}))
    text = record.read_text()
    assert text.startswith("# Kept beside the code of the shop.\nworkload: Web shop\n")
    assert "# the fleet" in text
    assert "why: Messages live for minutes" in text
    kept = read_record(record)
    assert kept.scope == "Production account, eu-central-1"
    assert kept.duties["guest-os/ec2"].owner == "Platform team"


def test_an_old_sheet_overwrites_nothing_that_was_decided_since(tmp_path: Path) -> None:
    record = write_record(tmp_path)
    sheet = fill(export(tmp_path, record), {"identity/ec2": {"Owner": "Security"}})
    record.write_text(RECORD.replace("status: in progress", "status: done"))
    assert [each.duty for each in take_entries(record, sheet)] == ["identity/ec2"]
    assert read_record(record).duties["guest-os/ec2"].status == "done"


def test_an_owner_taken_out_of_the_sheet_is_taken_out_of_the_record(tmp_path: Path) -> None:
    record = write_record(tmp_path)
    sheet = export(tmp_path, record)
    fill(sheet, {"guest-os/ec2": {"Owner": ""}})
    take_entries(record, sheet)
    assert read_record(record).duties["guest-os/ec2"].owner is None


def test_a_record_is_made_where_there_is_none_and_marks_what_comes_later(tmp_path: Path) -> None:
    record = tmp_path / "new.yaml"
    take_entries(record, fill(export(tmp_path), {"identity/ec2": {"Owner": "Özge, =SUM(A1)"}}))
    assert read_record(record).duties["identity/ec2"].owner == "Özge, =SUM(A1)"
    same = srm.review(write_state(tmp_path, "aws_instance", "aws_sqs_queue"), record=record)
    assert set(same.duties["change"]) == {None}
    assert same.gone == []


def test_a_duty_that_went_is_told_once_and_its_owner_kept(tmp_path: Path) -> None:
    record = tmp_path / "review.yaml"
    take_entries(record, fill(export(tmp_path), {"identity/sqs": {"Owner": "Team Q"}}))
    later = export(tmp_path, record, "aws_instance")
    assert srm.review(write_state(tmp_path, "aws_instance"), record=record).gone
    take_entries(record, later)
    assert srm.review(write_state(tmp_path, "aws_instance"), record=record).gone == []
    back = srm.review(write_state(tmp_path, "aws_instance", "aws_sqs_queue"), record=record)
    row = back.duties.set_index("duty").loc["identity/sqs"]
    assert (row["owner"], row["change"]) == ("Team Q", "new")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("duties:\n  guest-os/ec2:\n    status: finished\n", "duties.guest-os/ec2: Invalid enum value 'finished'"),
        ("exceptions:\n  - duty: backup\n", "Object missing required field `who`"),
        ("date: tomorrow\n", "review.yaml: Expected `str` matching regex"),
        ("owner: me\n", "unknown field `owner`"),
        ("duties:\n  a:\n    note: x\n  a:\n    note: y\n", "unreadable YAML"),
        ("", "holds no keys"),
    ],
)  # fmt: skip
def test_a_faulty_record_is_one_line_and_stays_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    record = write_record(tmp_path, text)
    path = write_state(tmp_path, "aws_sqs_queue")
    assert cli.main(["review", str(path), "--record", str(record)]) == cli.UNUSABLE
    told = capsys.readouterr()
    assert message in told.err
    assert told.err.startswith("srmlib: review.yaml: ")
    assert told.err.count("\n") == 1
    assert cli.main(["record", str(record), "--from", str(export(tmp_path))]) == cli.UNUSABLE
    assert record.read_text() == text


def damage(path: Path, how: str) -> None:
    if how == "text":
        path.write_text("Duty,Owner\n")
        return
    book = load_workbook(path)
    if how == "sheet":
        del book[MEMORY]
    else:
        sheet = book[DUTIES]
        titles = [cell.value for cell in sheet[1]]
        if how == "column":
            sheet.delete_cols(titles.index("Duty") + 1)
        else:
            sheet.cell(2, titles.index("Status") + 1).value = "finished"
    book.save(path)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("text", "is no .xlsx workbook"),
        ("sheet", "has no sheet srmlib"),
        ("column", "Duties has no column duty"),
        ("status", "is 'finished'; use open, in progress, done or accepted"),
    ],
)
def test_a_faulty_sheet_is_one_line_and_leaves_the_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str, message: str
) -> None:
    record = write_record(tmp_path)
    sheet = export(tmp_path, record)
    damage(sheet, how)
    assert cli.main(["record", str(record), "--from", str(sheet)]) == cli.UNUSABLE
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1
    assert record.read_text() == RECORD


def test_a_sheet_of_another_workload_is_refused(tmp_path: Path) -> None:
    sheet = export(tmp_path, write_record(tmp_path))
    other = write_record(tmp_path, "workload: Billing\n")
    with pytest.raises(srm.SrmError, match=r"is about Web shop, review\.yaml about Billing"):
        take_entries(other, sheet)


def test_the_command_prints_what_it_took(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = fill(export(tmp_path), {"identity/ec2": {"Owner": "Security"}})
    assert cli.main(["record", str(tmp_path / "r.yaml"), "--from", str(sheet)]) == cli.DONE
    assert capsys.readouterr().out == "duty,field,was,now\nidentity/ec2,owner,,Security\n"


def test_warnings_name_exceptions_that_match_nothing_and_acceptance_without_one(
    tmp_path: Path,
) -> None:
    text = RECORD + "  identity/ec2:\n    status: accepted\n"
    review = srm.review(write_state(tmp_path, "aws_instance"), record=write_record(tmp_path, text))
    told = "\n".join(review.warnings)
    assert "the exception for backup/sqs matches no duty" in told
    assert "identity/ec2 is accepted without an exception" in told


@pytest.mark.parametrize("ending", [".csv", ".json", ".md", ".html", ".xlsx", ".pptx", ".jira.csv"])
def test_every_export_shows_the_record_the_catalogue_and_the_inputs(
    tmp_path: Path, ending: str
) -> None:
    from tests.test_safety import read_all

    review = srm.review(
        write_state(tmp_path, "aws_instance", "aws_sqs_queue"), record=write_record(tmp_path)
    )
    text = read_all(srm.write(review, tmp_path / f"review{ending}"))
    wanted: list[Any] = ["Platform team", "in progress", "Messages live for minutes", review.digest,
                         review.base.catalogue.edition, "2026-11-25"]  # fmt: skip
    assert [each for each in wanted if each not in text] == []
    if ending not in (".csv", ".json", ".jira.csv"):
        assert "Production account, eu-central-1" in text
        assert "A. Roe" in text


def test_the_form_in_the_docs_is_a_record(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "record.md").read_text()
    example = text.partition("```yaml\n")[2].partition("```")[0]
    record = read_record(write_record(tmp_path, example))
    assert record.workload == "Web shop"
    assert record.exceptions[0].duty == "backup/sqs"
    assert record.duties["guest-os/ec2"].status == "in progress"
    assert record.reviewed


def test_the_columns_in_the_docs_are_those_of_the_table() -> None:
    text = (ROOT / "docs" / "exports.md").read_text().partition("## The table of a review")[2]
    text = text.partition("\n## ")[0]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert tuple(named) == REVIEW_COLUMNS
