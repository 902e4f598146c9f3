"""Exports read back: what is written is what the object holds, whole or not at all."""

from __future__ import annotations

import csv
import html
import json
import os
import re
from pathlib import Path

import pytest

import srmlib as srm
from srmlib.atomic import replace_file
from srmlib.duties import DUTY_COLUMNS
from srmlib.export.edition import REVIEW_COLUMNS
from tests.conftest import ROOT
from tests.test_safety import TEXTS, read_all

WORKLOADS = ROOT / "notebooks" / "workloads"
HOUSE = """\
id: rds
cells:
  logging-monitoring:
    owner: customer
    customer_duty: Ship every log of the database to the house's own store.
    basis: interpreted
    sources:
      - id: srm
        section: Overview
    why: House rule 7.
"""


@pytest.fixture(scope="module")
def review() -> srm.Review:
    return srm.review([WORKLOADS / "shop-plan.json", WORKLOADS / "reporting-template.yaml"])


def test_csv_holds_the_duties_with_lists_joined(review: srm.Review, tmp_path: Path) -> None:
    path = srm.write(review, tmp_path / "r.csv")
    with path.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["duty"] for row in rows] == list(review.duties["duty"])
    gathered = next(row for row in rows if row["duty"] == "threat-detection")
    assert "; " in gathered["services"]


def test_json_holds_the_duties_as_objects(review: srm.Review, tmp_path: Path) -> None:
    rows = json.loads(srm.write(review, tmp_path / "r.json").read_text())
    assert [{key: row[key] for key in DUTY_COLUMNS} for row in rows] == review.duties.to_dict(
        "records"
    )
    assert {tuple(row) for row in rows} == {REVIEW_COLUMNS}
    assert {row["inputs"] for row in rows} == {review.digest}


def test_json_of_a_matrix_has_null_for_what_is_absent(matrix: srm.Matrix, tmp_path: Path) -> None:
    rows = json.loads(srm.write(matrix.select(services=["s3"]), tmp_path / "m.json").read_text())
    assert len(rows) == 28
    assert rows[0]["third_party"] is None
    assert isinstance(rows[0]["sources"], list)


def test_markdown_of_a_review_has_every_duty_with_its_source(
    review: srm.Review, tmp_path: Path
) -> None:
    text = srm.write(review, tmp_path / "r.md").read_text()
    assert text.count("  - source: [") == len(review.duties)
    for heading in ("# Who owns what", "## What you have to do", "## Expected of every account"):
        assert heading in text
    assert "](https://docs.aws.amazon.com/" in text


def test_markdown_of_a_comparison_is_a_table(matrix: srm.Matrix, tmp_path: Path) -> None:
    comparison = srm.compare(matrix, "ec2", "lambda")
    text = srm.write(comparison, tmp_path / "c.md").read_text()
    assert "| layer | ec2 | lambda | changes |" in text
    assert text.count("\n| ") == 30


def test_markdown_of_a_matrix_has_a_table_a_service(matrix: srm.Matrix, tmp_path: Path) -> None:
    text = srm.write(matrix.select(services=["s3", "ec2"]), tmp_path / "m.md").read_text()
    assert text.count("\n## ") == 2


@pytest.mark.parametrize("ending", TEXTS)
def test_the_same_input_gives_the_same_bytes(tmp_path: Path, ending: str) -> None:
    files = [WORKLOADS / "shop-plan.json", WORKLOADS / "reporting-template.yaml"]
    record = WORKLOADS / "shop-record.yaml"
    first, again = (
        srm.write(srm.review(files, record=record), tmp_path / f"{n}{ending}").read_bytes()
        for n in range(2)
    )
    assert first == again


def test_a_failed_export_leaves_the_old_file_whole(review: srm.Review, tmp_path: Path) -> None:
    path = srm.write(review, tmp_path / "r.pptx")
    before = path.read_bytes()
    (tmp_path / "t.pptx").write_text("no deck")
    with pytest.raises(srm.SrmError):
        srm.write(review, path, template=tmp_path / "t.pptx")
    assert path.read_bytes() == before


def test_progress_is_told_in_steps_up_to_the_last(review: srm.Review, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    srm.write(review, tmp_path / "r.pptx", progress=lambda done, of: told.append((done, of)))
    parts = told[0][1]
    assert told == [*((step, parts) for step in range(parts + 1)), (1, 1)]
    told.clear()
    paths = [tmp_path / "r.md", tmp_path / "r.csv"]
    srm.write_all(dict.fromkeys(paths, review), progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]


@pytest.mark.parametrize("ending", TEXTS)
@pytest.mark.parametrize("kind", ["review", "comparison", "matrix"])
def test_every_output_marks_what_comes_from_an_overlay(
    tmp_path: Path, kind: str, ending: str
) -> None:
    house = tmp_path / "house-rules"
    (house / "services").mkdir(parents=True)
    (house / "services" / "rds.yaml").write_text(HOUSE)
    matrix = srm.load_matrix(overlay=house)
    what = {
        "review": lambda: srm.review(WORKLOADS / "shop-plan.json", matrix=matrix),
        "comparison": lambda: srm.compare(matrix, "ec2", "rds"),
        "matrix": lambda: matrix.select(services=["rds"]),
    }[kind]()
    if ending == ".jira.csv" and kind != "review":
        return
    text = read_all(srm.write(what, tmp_path / f"x{ending}"))
    assert "house-rules" in text
    if ending in (".md", ".html", ".pptx", ".xlsx"):
        assert re.search(r"\[(<[bi]>)?[cC](ustomer)?|rds: house-rules", text)
    if kind == "comparison":
        assert "house-rules" in repr(what.rows())


def test_an_ending_that_is_not_known_names_those_that_are(
    matrix: srm.Matrix, tmp_path: Path
) -> None:
    with pytest.raises(srm.SrmError, match=r"r\.doc: no format .* use \.csv, \.html, .*\.pptx"):
        srm.write(matrix, tmp_path / "r.doc")


def test_a_failed_write_keeps_the_old_file_and_leaves_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.md"
    path.write_text("old")

    def fail(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(srm.SrmError, match="No space left on device; the old file is kept"):
        replace_file(path, b"new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupted_write_leaves_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace_file(tmp_path / "new.md", b"new")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_one_line(matrix: srm.Matrix, tmp_path: Path) -> None:
    with pytest.raises(srm.SrmError, match=r"m\.csv: cannot be written: No such file"):
        srm.write(matrix, tmp_path / "none" / "m.csv")


def test_a_rewritten_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("")
    path.chmod(0o640)
    replace_file(path, b"x")
    assert path.stat().st_mode & 0o777 == 0o640


def test_the_page_opens_without_network_and_runs_no_script(
    review: srm.Review, tmp_path: Path
) -> None:
    text = srm.write(review, tmp_path / "r.html").read_text()
    assert "<script" not in text
    assert "default-src 'none'" in text
    assert not re.search(r'(src|<link[^>]*href)="', text)
    assert set(re.findall(r'href="(https?://[^/"]+)', text)) <= {
        "https://docs.aws.amazon.com", "https://aws.amazon.com", "https://docs.aws.amazon.com:443",
    }  # fmt: skip


def test_the_page_holds_every_duty_cell_and_number(review: srm.Review, tmp_path: Path) -> None:
    text = html.unescape(srm.write(review, tmp_path / "r.html").read_text())
    assert all(duty in text for duty in review.duties["text"])
    assert text.count("<details>") == len(review.matrix.services)
    assert text.count("<td class=") == 28 * len(review.matrix.services)
    for part in (
        "catalogue of 2026-",
        "cells stated by AWS",
        "Expected of every account",
        "What was not seen",
    ):
        assert part in text


def test_the_page_of_a_matrix_and_of_a_comparison(matrix: srm.Matrix, tmp_path: Path) -> None:
    chosen = matrix.select(services=["ec2", "lambda"])
    text = srm.write(chosen, tmp_path / "m.html").read_text()
    assert text.count("<td class=") == 56
    assert "What you have to do" not in text
    text = srm.write(srm.compare(matrix, "ec2", "lambda"), tmp_path / "c.html").read_text()
    assert "layers change hands" in text


def test_a_page_without_services_is_one_line(matrix: srm.Matrix, tmp_path: Path) -> None:
    with pytest.raises(srm.SrmError, match="no service to write"):
        srm.write(matrix.select(services=[]), tmp_path / "m.html")
