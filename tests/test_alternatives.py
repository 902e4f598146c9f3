"""What a reader without eyes for a picture gets: its words, its table, and marked heads."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook
from pptx import Presentation

import srmlib as srm
from scripts.make_docs import draw_chart
from scripts.make_slides import name_figure
from srmlib.export.sheets import ROOM, break_columns
from srmlib.figures.alternatives import Alternative, tell_figure, write_table
from srmlib.figures.marks import NAMES
from tests.conftest import ROOT

WORKLOADS = ROOT / "notebooks" / "workloads"
IDS = ["ec2", "eks-managed-nodes", "lambda"]


@pytest.fixture(scope="module")
def review() -> srm.Review:
    return srm.review(WORKLOADS / "shop-plan.json", record=WORKLOADS / "shop-record.yaml")


def tell(figure: Any) -> Alternative:
    other = tell_figure(figure.to_dict())
    assert {len(row) for row in other.rows} == {len(other.columns)}
    assert other.title
    assert other.told
    return other


def test_a_heatmap_is_told_cell_by_cell_in_words(matrix: srm.Matrix) -> None:
    shown = matrix.select(services=IDS)
    other = tell(srm.heatmap(shown))
    assert other.columns == ["Row", *IDS]
    for row, layer in zip(other.rows, shown.layers, strict=True):
        assert row[0] == matrix.catalogue.layers[layer].name
        owners = [NAMES[shown.claims[id][layer].cell.owner] for id in IDS]
        assert [cell.rstrip("*°") for cell in row[1:]] == owners
    assert "lambda: AWS 13, Customer 13, Shared 2." in other.told


def test_panels_become_one_table_with_every_service(matrix: srm.Matrix) -> None:
    other = tell(srm.heatmap(matrix))
    assert sorted(other.columns[1:]) == sorted(matrix.services)
    assert {cell.rstrip("*°") for row in other.rows for cell in row[1:]} <= set(NAMES.values())


def test_an_arrow_and_an_overlays_brackets_stay(matrix: srm.Matrix) -> None:
    other = tell(srm.comparison_chart(srm.compare(matrix, "ec2", "rds")))
    assert ["Guest OS", "Customer", "AWS ▲"] in other.rows
    house = srm.load_matrix(overlay=WORKLOADS / "house-overlay")
    rows = tell(srm.heatmap(house.select(services=["rds"]))).rows
    assert [row for row in rows if row[1].startswith("[")]


def test_bars_are_told_by_their_numbers(matrix: srm.Matrix, review: srm.Review) -> None:
    other = tell(srm.owners_chart(matrix.select(services=IDS)))
    assert ["ec2", "platform", "0", "0", "7"] in other.rows
    assert len(other.rows) == 3 * 6
    controls = review.answer_controls("hipaa-security-rule")
    numbers = [list(map(int, row[1:])) for row in tell(srm.controls_chart(controls)).rows]
    assert [sum(column) for column in zip(*numbers, strict=True)] == list(controls.counts)


def test_teams_rooms_and_organisations_are_told_too(matrix: srm.Matrix, review: srm.Review) -> None:
    teams = tell(srm.teams_chart(srm.split_work(review, WORKLOADS / "shop-teams.yaml")))
    assert "Platform team" in teams.rows[5]
    room = srm.find_misconceptions(matrix, ROOT / "notebooks" / "class-answers")
    assert any("AWS" in row for row in tell(srm.misconceptions_chart(room)).rows)
    fleet = srm.read_fleet(ROOT / "notebooks" / "fleet" / "2026-10-01")
    assert len(tell(srm.fleet_chart(fleet)).columns) == 31
    assert len(tell(srm.service_card(matrix, "rds")).rows) == 28


def test_a_table_has_a_caption_and_heads_and_no_markup_of_a_name_works() -> None:
    other = Alternative("<b>Who", "", ["Row", "<img>"], [["a & b", "<i>"]])
    table = BeautifulSoup(write_table(other), "html.parser")
    assert table.caption.get_text() == "<b>Who"  # type: ignore[union-attr]
    assert [head["scope"] for head in table.select("th")] == ["col", "col", "row"]
    assert not table.select("img, i, b")


def test_a_chart_of_the_site_has_its_words_and_its_table(matrix: srm.Matrix) -> None:
    figure = srm.heatmap(matrix.select(services=IDS)).to_dict()
    page = BeautifulSoup(draw_chart(figure, None), "html.parser")
    assert "lambda: AWS 13" in str(page.div["aria-label"])  # type: ignore[index]
    assert page.select_one("details summary").get_text() == "The chart as a table"  # type: ignore[union-attr]
    assert len(page.select("details tbody tr")) == 28
    assert "lambda: AWS 13" in name_figure(figure)


def test_every_table_and_chart_of_a_deck_says_what_it_holds(
    review: srm.Review, tmp_path: Path
) -> None:
    show = Presentation(str(srm.write(review, tmp_path / "r.pptx")))
    told = []
    for slide in show.slides:
        kinds = [
            shape.is_placeholder and shape.placeholder_format.type.name for shape in slide.shapes
        ]
        assert kinds[0] in ("TITLE", "CENTER_TITLE")
        if len(kinds) > 2:
            assert kinds[-2:] == ["FOOTER", "SLIDE_NUMBER"]
        assert slide.shapes.title.text
        told += [
            (shape.has_table, shape._element.nvGraphicFramePr.cNvPr.get("descr"))
            for shape in slide.shapes if shape.has_table or shape.has_chart
        ]  # fmt: skip
        assert all(shape.table.first_row for shape in slide.shapes if shape.has_table)
    assert all(text and ("columns: " in text or not is_table) for is_table, text in told)
    assert any("Access: Customer 36" in text for _, text in told)


def test_every_table_of_a_page_has_a_caption_and_scopes(
    matrix: srm.Matrix, review: srm.Review, tmp_path: Path
) -> None:
    fleet = srm.read_fleet(ROOT / "notebooks" / "fleet" / "2026-10-01")
    things = (review, srm.compare(matrix, "ec2", "rds"), fleet, review.answer_controls("soc-2"))
    for number, thing in enumerate(things):
        path = srm.write(thing, tmp_path / f"{number}.html")
        page = BeautifulSoup(path.read_text(), "html.parser")
        tables = page.select("table")
        assert tables
        assert [str(each)[:90] for each in tables if not each.caption] == []
        assert [str(each)[:90] for each in page.select("th") if not each.get("scope")] == []


def test_a_cell_of_the_map_is_named_by_its_owner(matrix: srm.Matrix, tmp_path: Path) -> None:
    path = srm.write(matrix.select(services=list(matrix.services[:12])), tmp_path / "m.html")
    names = {str(each["aria-label"]) for each in
             BeautifulSoup(path.read_text(), "html.parser").select("table.map td a")}  # fmt: skip
    assert {"AWS, stated", "Customer, stated", "AWS"} <= names


def test_a_wide_sheet_prints_over_pages_that_can_be_read(
    review: srm.Review, tmp_path: Path
) -> None:
    book = load_workbook(srm.write(review, tmp_path / "r.xlsx"))
    for sheet in (each for each in book if each.sheet_state == "visible"):
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.oddFooter.right.text == "Page &P of &N"
        fits = sheet.page_setup.scale is None
        width = sum(sheet.column_dimensions[each].width for each in sheet.column_dimensions)
        assert fits == (not sheet.col_breaks.brk)
        assert fits or sheet.page_setup.scale >= 65
        assert fits <= (width < 1.1 * ROOM) or sheet.max_column > 3
    assert book["Duties"].col_breaks.brk


@pytest.mark.parametrize("widths", [[20, 30, 40], [8, 20] + [60] * 9, [24, 36] + [13.5] * 28])
def test_no_page_of_a_sheet_is_wider_than_its_room(widths: list[float]) -> None:
    breaks = break_columns(widths)
    starts = [0, *breaks, len(widths)]
    for first, last in pairwise(starts):
        repeated = sum(widths[:2]) if first else 0
        assert sum(widths[first:last]) + repeated <= ROOM
