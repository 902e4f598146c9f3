"""Workbooks read back: cells, colours, what people may enter, and nothing that runs."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

import srmlib as srm
from srmlib.duty_sheets import MEMORY
from srmlib.export.edition import list_sources
from srmlib.figures.marks import COLOURS, NAMES
from srmlib.matrix import CELL_COLUMNS
from tests.conftest import ROOT
from tests.test_inventory import save, state
from tests.workloads import list_types

SHOP = ROOT / "notebooks" / "workloads" / "shop-plan.json"


@pytest.fixture(scope="module")
def shop() -> srm.Review:
    return srm.review(SHOP, date="2026-11-25")


@pytest.fixture(scope="module")
def book(shop: srm.Review, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return load_workbook(srm.write(shop, tmp_path_factory.mktemp("book") / "shop.xlsx"))


def read_rows(sheet: Any) -> list[dict[str, Any]]:
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize("count", [3, 40, 120])
def test_the_matrix_is_there_cell_by_cell_in_its_colours(tmp_path: Path, count: int) -> None:
    types = list_types()[:count]
    review = srm.review(save(tmp_path, "w.tfstate", state(*((type, {}) for type in types))))
    sheet = load_workbook(srm.write(review, tmp_path / "w.xlsx"))["Matrix"]
    head, *rows = sheet.iter_rows()
    names = {layer.name: id for id, layer in review.base.catalogue.layers.items()}
    assert {row[0].value for row in rows} == set(review.matrix.services)
    for row in rows:
        for title, cell in zip(head[2:], row[2:], strict=True):
            claim = review.matrix.claims[row[0].value][names[title.value]]
            assert cell.value.rstrip("*°") == NAMES[claim.cell.owner]
            assert cell.fill.fgColor.rgb[2:].lower() == COLOURS[claim.cell.owner][1:]
            assert bool(cell.font.b) == (claim.cell.basis == "stated")
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref


def test_duties_may_be_assigned_and_ticked_off(shop: srm.Review, book: Any) -> None:
    sheet = book["Duties"]
    rows = read_rows(sheet)
    assert [row["Duty"] for row in rows] == list(shop.duties["duty"])
    assert [row["What to do"] for row in rows] == list(shop.duties["text"])
    assert {row["Status"] for row in rows} == {"open"}
    assert sheet.auto_filter.ref.startswith("A1:N")
    assert sheet.freeze_panes == "A2"
    (rule,) = sheet.data_validations.dataValidation
    assert rule.formula1 == '"open,in progress,done,accepted"'
    status = [cell.value for cell in sheet[1]].index("Status")
    letter = sheet.cell(1, status + 1).column_letter
    assert str(rule.sqref) == f"{letter}2:{letter}{len(rows) + 1}"


def test_cells_sources_inventory_and_what_was_expected_are_there(
    shop: srm.Review, book: Any
) -> None:
    cells = read_rows(book["Cells"])
    assert len(cells) == 28 * len(shop.matrix.services)
    assert tuple(cells[0]) == CELL_COLUMNS
    assert [row["Address"] for row in read_rows(book["Sources"])] == [
        page["url"] for page in list_sources(shop)
    ]
    inventory = read_rows(book["Inventory"])
    assert sum(row["Count"] for row in inventory) == shop.inventory["count"].sum()
    assert {row["Sha256"] for row in inventory} == {shop.digest}
    assert [row["Item"] for row in read_rows(book["Expected"])] == list(shop.expected["name"])
    told = {row[0].value: row[1].value for row in book["Summary"].iter_rows()}
    assert (told["Date"], told["Inputs, SHA-256"]) == ("2026-11-25", shop.digest)
    assert book[MEMORY].sheet_state == "veryHidden"


def test_text_that_begins_like_a_formula_stays_text(tmp_path: Path) -> None:
    record = tmp_path / "r.yaml"
    signs = ["=1+1", "+1", "-1", "@SUM(A1)"]
    entries = "".join(f"  {duty}:\n    owner: '{sign}'\n" for duty, sign in
                      zip(("backup/s3", "identity/s3", "data/s3", "residency/s3"), signs, strict=True))  # fmt: skip
    record.write_text(f"workload: '=cmd|x'\nscope: '@x'\nduties:\n{entries}")
    review = srm.review(save(tmp_path, "a.tfstate", state(("aws_s3_bucket", {}))), record=record)
    path = srm.write(review, tmp_path / "r.xlsx")
    with zipfile.ZipFile(path) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets/" in name]
    assert not any("<f>" in sheet or "<f " in sheet for sheet in sheets)
    owners = {row["Duty"]: row["Owner"] for row in read_rows(load_workbook(path)["Duties"])}
    assert sorted(filter(None, owners.values())) == sorted(signs)
    text = srm.write(review, tmp_path / "r.csv").read_text()
    assert not re.search(r"(^|,)[=+@-]\w", text, re.M)
    assert "'=1+1" in text


def test_a_comparison_and_a_matrix_have_their_sheets(matrix: srm.Matrix, tmp_path: Path) -> None:
    comparison = srm.compare(matrix, "ec2", "lambda")
    book = load_workbook(srm.write(comparison, tmp_path / "c.xlsx"))
    rows = [{key: value or "" for key, value in row.items()} for row in read_rows(book["Changes"])]
    assert rows == comparison.rows()
    book = load_workbook(srm.write(matrix.select(services=["s3"]), tmp_path / "m.xlsx"))
    assert book.sheetnames == ["Summary", "Matrix", "Cells", "Sources"]
    with pytest.raises(srm.SrmError, match="no service to write"):
        srm.write(matrix.select(services=[]), tmp_path / "n.xlsx")


def test_the_same_input_gives_the_same_bytes(shop: srm.Review, tmp_path: Path) -> None:
    first = srm.write(shop, tmp_path / "a.xlsx").read_bytes()
    assert srm.write(srm.review(SHOP, date="2026-11-25"), tmp_path / "b.xlsx").read_bytes() == first


@pytest.mark.heavy
def test_libreoffice_opens_the_workbook_and_keeps_what_it_says(
    shop: srm.Review, tmp_path: Path
) -> None:
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed")
    path = srm.write(shop, tmp_path / "shop.xlsx")
    (tmp_path / "again").mkdir()
    subprocess.run(["soffice", "--headless", "--convert-to", "xlsx", "--outdir", tmp_path / "again", path],
                   check=True, capture_output=True)  # fmt: skip
    before, after = load_workbook(path), load_workbook(tmp_path / "again" / "shop.xlsx")
    assert after.sheetnames == before.sheetnames
    for name in ("Matrix", "Duties", "Inventory"):
        assert read_rows(after[name]) == read_rows(before[name])
    assert after["Duties"].data_validations.dataValidation
