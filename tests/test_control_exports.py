"""A framework's controls in every format, read back and held against the answers themselves."""

from __future__ import annotations

import csv
import html
import json
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook
from pptx import Presentation

import srmlib as srm
from scripts.lab_server import BROWSER_OPTIONS, SCREEN
from srmlib import cli
from srmlib.export.control_parts import cut_texts, list_pages, split_sides
from srmlib.export.controls_crm import CAN_BE, name_control
from srmlib.export.controls_sheet import STATUSES
from srmlib.export.edition import CONTROL_COLUMNS, list_sources
from srmlib.families import find_family, group_controls
from srmlib.figures.marks import ANSWER_LETTERS, ANSWER_NAMES, ANSWER_OWNERS, COLOURS, NAMES
from srmlib.frameworks import (
    ANSWER_COLUMNS,
    ANSWERS,
    ControlMatrix,
    count_families,
)
from srmlib.reasons import list_reasons
from tests.accessibility import list_faults
from tests.conftest import ROOT
from tests.test_export import HOUSE
from tests.test_inventory import save, state
from tests.test_safety import assert_harmless, read_all
from tests.test_workbooks import read_rows
from tests.workloads import write_workloads

SHOP = ROOT / "notebooks" / "workloads" / "shop-plan.json"
NIST, HIPAA = "nist-800-53-r5", "hipaa-security-rule"
FORMATS = [".csv", ".json", ".md", ".html", ".xlsx", ".pptx"]
PHONE: Any = {"width": 390, "height": 844}
REST = re.compile(r"… and (\d+) more")


@pytest.fixture(scope="module")
def shop() -> srm.Review:
    return srm.review(SHOP, date="2026-11-25")


@pytest.fixture(scope="module", params=[NIST, HIPAA])
def asked(shop: srm.Review, request: pytest.FixtureRequest) -> ControlMatrix:
    answered = shop.answer_controls(request.param)
    return answered.select("moderate") if request.param == NIST else answered


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("controls")


def write(asked: ControlMatrix, folder: Path, ending: str) -> Path:
    path = folder / f"{asked.framework}{ending}"
    return path if path.exists() else srm.write(asked, path)


def assert_cut(shown: list[str], whole: list[str]) -> None:
    """Each duty shown is one of the whole, and those left out are counted."""
    rest = REST.search(shown[-1]) if shown else None
    kept = shown[:-1] if rest else shown
    for text in kept:
        start = text.removesuffix(" …")
        assert any(each.startswith(start) for each in whole), text
    assert len(kept) + (int(rest[1]) if rest else 0) == len(whole)


def list_tables(deck: Any) -> dict[str, list[list[str]]]:
    """The rows of all tables of a name, without their heads."""
    found: dict[str, list[list[str]]] = {}
    for slide in deck.slides:
        for shape in slide.shapes:
            if shape.has_table:
                rows = [[cell.text for cell in row.cells] for row in shape.table.rows]
                found.setdefault(shape.name, []).extend(rows[1:])
    return found


def test_json_holds_the_rows_and_what_they_rest_on(asked: ControlMatrix, folder: Path) -> None:
    rows = json.loads(write(asked, folder, ".json").read_text())
    assert [{key: row[key] for key in ANSWER_COLUMNS} for row in rows] == asked.rows()
    assert {tuple(row) for row in rows} == {CONTROL_COLUMNS}
    for row, control in zip(rows, asked.controls, strict=True):
        assert "; ".join(row["layers"]) == control.layers
        assert (row["reason"], row["basis"]) == (control.reason, control.basis)
        assert (row["side"] or "") == control.side
    (origin,) = {(row["framework"], row["version"], row["workload"], row["date"]) for row in rows}
    assert origin == (asked.title, asked.facts.version, "shop-plan.json", "2026-11-25")
    assert {row["inputs"] for row in rows} == {asked.inputs}
    assert all("catalogue of 2026-" in row["catalogue"] for row in rows)


def test_csv_holds_the_same_with_lists_joined(asked: ControlMatrix, folder: Path) -> None:
    with write(asked, folder, ".csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row, told in zip(rows, asked.rows(), strict=True):
        for key in ANSWER_COLUMNS:
            value = told[key] if isinstance(told[key], str) else "; ".join(told[key])
            assert row[key] == value


def test_the_workbook_has_every_control_in_colour_and_word(
    asked: ControlMatrix, folder: Path
) -> None:
    book = load_workbook(write(asked, folder, ".xlsx"))
    sheet = book["Controls"]
    rows = read_rows(sheet)
    for place, (row, told, control) in enumerate(
        zip(rows, asked.rows(), asked.controls, strict=True), 2
    ):
        assert (row["Control"], row["Title"]) == (told["control"], told["title"])
        assert row["Answer"] == ANSWER_NAMES[told["owner"]]
        colour = COLOURS[ANSWER_OWNERS[told["owner"]]]
        assert sheet.cell(place, 3).fill.fgColor.rgb[2:].lower() == colour[1:]
        for head, key in (("AWS provides", "aws_provides"), ("What you do", "customer_duty")):
            lines = (row[head] or "").split("\n") if row[head] else []
            assert_cut([line.removeprefix("– ") for line in lines], told[key])
        assert (row["Services"] or "") == ", ".join(told["services"])
        assert (row["Checks"] or "").split(", ")[0] == "".join(told["checks"][:1])
        assert row["Why"] == control.reason
        entries = ("Implementation status", "Responsible role", "Evidence", "Notes")
        assert all(row[entry] is None for entry in entries)
    (rule,) = sheet.data_validations.dataValidation
    assert rule.formula1 == f'"{",".join(STATUSES)}"'
    assert str(rule.sqref) == f"H2:H{len(rows) + 1}"
    assert sheet.freeze_panes == "D2"
    assert sheet.auto_filter.ref == f"A1:P{len(rows) + 1}"


def test_what_is_cut_stands_in_full_with_the_layers(asked: ControlMatrix, folder: Path) -> None:
    book = load_workbook(write(asked, folder, ".xlsx"))
    rows = read_rows(book["Layers"])
    wanted = [
        (asked.matrix.catalogue.layers[layer].name, NAMES[row["owner"]], row["customer_duty"])
        for layer in asked.layers
        for row in list_reasons(asked.matrix, layer)
    ]
    assert [(row["Layer"], row["Owner"], row["Customer"]) for row in rows] == wanted
    duties = {row["Customer"] for row in rows}
    assert {duty for row in asked.rows() for duty in row["customer_duty"]} <= duties
    provided = {row["AWS"] for row in rows}
    assert {duty for row in asked.rows() for duty in row["aws_provides"]} <= provided


def test_the_summary_counts_families_and_answers(asked: ControlMatrix, folder: Path) -> None:
    book = load_workbook(write(asked, folder, ".xlsx"))
    rows = [[cell.value for cell in row] for row in book["Summary"].iter_rows()]
    told = {row[0]: row[1:] for row in rows if row[0]}
    names = list(asked.counts.index)
    for family, held in count_families(asked).items():
        numbers = [held[name] for name in names]
        assert told[str(family)][: len(names) + 1] == [*numbers, sum(numbers)]
    assert told["All"][: len(names) + 1] == [*asked.counts, len(asked.controls)]
    assert "No legal advice. Not made or reviewed by AWS" in told["Limits"][0]
    assert asked.facts.as_of in told["Version"][0]
    assert ("HIPAA eligible" in told) == (asked.framework == HIPAA)
    addresses = [row["Address"] for row in read_rows(book["Sources"])]
    assert addresses == [page["url"] for page in list_sources(asked)]


def test_nist_stands_in_fedramps_columns(asked: ControlMatrix, folder: Path) -> None:
    book = load_workbook(write(asked, folder, ".xlsx"))
    if asked.framework != NIST:
        assert not {"CRM", "CIS"} & set(book.sheetnames)
        return
    rows, marks = read_rows(book["CRM"]), read_rows(book["CIS"])
    assert tuple(rows[0]) == (
        "Control ID", "Can Be Inherited from CSP",
        "Specific Inheritance and Customer Agency/CSP Responsibilities",
    )  # fmt: skip
    for row, mark, told, control in zip(rows, marks, asked.rows(), asked.controls, strict=True):
        assert row["Control ID"] == mark["Control ID"] == name_control(told["control"])
        assert row["Can Be Inherited from CSP"] == CAN_BE.get(told["owner"], "No")
        text = row["Specific Inheritance and Customer Agency/CSP Responsibilities"]
        assert (text is None) == (told["owner"] == "inherited")
        assert text is None or control.reason in text
        assert text is None or text.count("\n") < 27  # A row of the greatest height shows it all.
        assert list(mark.values()).count("X") == 1
    for sheet in ("CRM", "CIS"):
        assert book[sheet].freeze_panes == "A2"


@pytest.mark.parametrize(
    ("id", "name"),
    [("AC-2", "AC-02"), ("AC-2(1)", "AC-02 (1)"), ("SI-10", "SI-10"), ("AU-12(3)", "AU-12 (3)"),
     ("164.308(a)(1)(i)", "164.308(a)(1)(i)")],
)  # fmt: skip
def test_control_ids_are_written_as_fedramp_does(id: str, name: str) -> None:
    assert name_control(id) == name


def test_the_page_tells_each_control_in_full(asked: ControlMatrix, folder: Path) -> None:
    text = write(asked, folder, ".html").read_text()
    assert "<script" not in text
    assert not re.search(r'(src|<link[^>]*href)="', text)
    assert "default-src 'none'" in text
    page = BeautifulSoup(text, "html.parser")
    rows = page.select("tr.control")
    for row, told, control in zip(rows, asked.rows(), asked.controls, strict=True):
        cells = [each.get_text() for each in row.find_all(["th", "td"], recursive=False)]
        assert cells[:3] == [told["control"], told["title"], ANSWER_NAMES[told["owner"]]]
        chip = row.select_one("td > .chip")
        assert chip
        assert ANSWER_OWNERS[told["owner"]] in chip["class"]
        assert control.reason in cells[3]
        sides = split_sides(asked, control)
        assert [each.text for each in sides.aws] == told["aws_provides"]
        assert [each.text for each in sides.customer] == told["customer_duty"]
        wanted = [
            f"{task.text} ({', '.join(task.services)})" for task in (*sides.aws, *sides.customer)
        ]
        assert [each.get_text() for each in row.select("li")] == wanted
        assert not told["checks"] or ", ".join(told["checks"]) in cells[3]
        links = [str(each["href"]) for each in row.select("a")]
        assert links == [each["url"] for each in list_pages(asked, control)]
    counts = page.select("table.counts tbody tr")
    for line, held in zip(counts, count_families(asked).values(), strict=True):
        told = [cell.get_text() for cell in line.select("td")]
        names = list(asked.counts.index)
        assert told == [f"{ANSWER_LETTERS[n]} {held[n]}" if held[n] else "" for n in names]


@pytest.mark.browser
def test_a_browser_filters_opens_and_prints_the_page(
    chromium: str, asked: ControlMatrix, folder: Path
) -> None:
    from playwright.sync_api import sync_playwright

    path, told = write(asked, folder, ".html"), []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=BROWSER_OPTIONS)
        page = browser.new_page(viewport=SCREEN)
        page.on("request", lambda request: told.append(request.url))
        page.on("console", lambda message: told.append(message.text))
        page.goto(path.as_uri())
        assert told.pop() == path.as_uri()
        shown = page.locator("tr.control >> visible=true")
        assert shown.count() == len(asked.controls)
        page.check("#answer-0")
        assert shown.count() == asked.counts.iloc[0]
        assert page.locator("section >> visible=true").count() == sum(
            held[asked.counts.index[0]] > 0 for held in count_families(asked).values()
        )
        page.get_by_role("button", name="Show everything").click()
        page.check("#family-0")
        first = sum(next(iter(count_families(asked).values())).values())
        assert shown.count() == first
        assert page.locator("tr.control li >> visible=true").count() == 0
        page.check("#open-all")
        assert page.locator("tr.control >> nth=0").locator("li >> visible=true").count() > 0
        page.uncheck("#open-all")
        page.emulate_media(media="print")
        assert page.locator("tr.control details >> visible=true").count() == 0
        page.emulate_media(media="screen")
        for size in (SCREEN, PHONE):
            page.set_viewport_size(size)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert told == []
        assert list_faults(page) == []
        browser.close()


def test_markdown_has_a_row_a_control_and_the_layers_in_full(
    asked: ControlMatrix, folder: Path
) -> None:
    text = html.unescape(write(asked, folder, ".md").read_text())
    plain = re.sub(r"\\([\\`*_\[\]|~#])", r"\1", text)
    for told, control in zip(asked.rows(), asked.controls, strict=True):
        start = f"| {told['control']} | {told['title']} | {ANSWER_NAMES[told['owner']]} | "
        line = next(line for line in plain.split("\n") if line.startswith(start))
        assert control.reason in line
    duties = {duty for row in asked.rows() for duty in row["customer_duty"]}
    assert all(f"  - you: {duty}\n" in plain for duty in duties)


def test_the_deck_has_a_native_chart_and_every_control(asked: ControlMatrix, folder: Path) -> None:
    deck = Presentation(str(write(asked, folder, ".pptx")))
    (chart,) = [each.chart for slide in deck.slides for each in slide.shapes if each.has_chart]
    counts = count_families(asked)
    assert list(chart.plots[0].categories) == [str(family) for family in counts]
    for series, name in zip(chart.plots[0].series, asked.counts.index, strict=True):
        assert series.name == ANSWER_NAMES[name]
        assert [value or 0 for value in series.values] == [each[name] for each in counts.values()]
    rows = [row for rows in list_tables(deck).values() for row in rows]
    told = {row[0]: row[1:] for row in rows if len(row) == 4}
    for row in asked.rows():
        title, answer, duties = told[row["control"]]
        assert title.removesuffix(" …") in row["title"]
        assert answer == ANSWER_NAMES[row["owner"]]
        assert bool(duties) == bool(row["customer_duty"])
    notes = "\n".join(
        slide.notes_slide.notes_text_frame.text for slide in deck.slides if slide.has_notes_slide
    )
    assert all(control.reason in notes for control in asked.controls)
    assert notes.count("https://") > len(asked.controls)


def test_nothing_leaves_a_slide(asked: ControlMatrix, folder: Path) -> None:
    deck = Presentation(str(write(asked, folder, ".pptx")))
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= deck.slide_width
            assert shape.top + shape.height <= deck.slide_height


def test_the_chart_counts_every_control_once(asked: ControlMatrix) -> None:
    figure = srm.controls_chart(asked)
    held = {trace.name: sum(trace.x) for trace in figure.data}
    assert held == {
        f"{ANSWER_LETTERS[name]} {ANSWER_NAMES[name]}": count
        for name, count in asked.counts.items()
    }
    assert f"of {len(asked.controls)} controls" in figure.layout.title.text
    # Every number stands at the end of its bar too, where no part is too narrow for it.
    tails = [note.text for note in figure.layout.annotations][:-1]
    numbers = Counter(sign for tail in tails for sign in re.findall(r"[ISCT–](?= \d)", tail))
    assert sum(numbers.values()) == sum(x > 0 for trace in figure.data for x in trace.x)


@pytest.mark.browser
@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_a_picture_of_controls_is_the_chart(
    chromium: str, shop: srm.Review, tmp_path: Path, ending: str
) -> None:
    path = srm.write(shop.answer_controls(HIPAA), tmp_path / f"c.{ending}")
    assert path.stat().st_size > 5000


@pytest.mark.parametrize("ending", FORMATS)
def test_the_same_input_gives_the_same_bytes(
    asked: ControlMatrix, folder: Path, tmp_path: Path, ending: str
) -> None:
    again = srm.review(SHOP, date="2026-11-25").answer_controls(asked.framework)
    again = again.select("moderate") if asked.framework == NIST else again
    path = srm.write(again, tmp_path / f"again{ending}")
    assert path.read_bytes() == write(asked, folder, ending).read_bytes()


@pytest.mark.parametrize("ending", FORMATS)
def test_nothing_of_a_workload_comes_alive(tmp_path: Path, ending: str) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    answered = srm.review(write_workloads(inside)).answer_controls(NIST).select("low")
    assert "<b>[x](y)" in answered.workload
    path = srm.write(answered, tmp_path / f"x{ending}")
    text = read_all(path)
    assert "AC-2" in text
    assert_harmless(text)
    if ending in (".html", ".md"):
        assert "=cmd()<b>" not in path.read_text()
    if ending == ".md":
        assert r"\[x\](y)" in text
    if ending == ".csv":
        with path.open(newline="") as lines:
            cells = [cell for row in csv.reader(lines) for cell in row]
        assert not [
            cell for cell in cells if len(cell) > 1 and cell.startswith(("=", "+", "-", "@"))
        ]
    if ending == ".xlsx":
        with zipfile.ZipFile(path) as parts:
            sheets = [parts.read(each).decode() for each in parts.namelist() if "sheets/" in each]
        assert not any("<f>" in sheet or "<f " in sheet for sheet in sheets)


def test_the_chart_shows_a_workloads_name_as_text(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    answered = srm.review(write_workloads(inside)).answer_controls(HIPAA)
    text = srm.controls_chart(answered).to_json()
    assert_harmless(text)
    assert "<b>[x]" not in text


@pytest.mark.parametrize("ending", FORMATS)
def test_every_export_marks_what_comes_from_an_overlay(tmp_path: Path, ending: str) -> None:
    house = tmp_path / "house-rules"
    (house / "services").mkdir(parents=True)
    (house / "services" / "rds.yaml").write_text(
        HOUSE.replace("Ship every log", "=Ship <b>every</b> log")
    )
    matrix = srm.load_matrix(overlay=house)
    answered = srm.review(SHOP, matrix=matrix).answer_controls(NIST, ["AU-2", "SC-28"])
    path = srm.write(answered, tmp_path / f"x{ending}")
    assert "house-rules" in read_all(path)
    if ending in (".html", ".md"):
        assert "<b>every" not in path.read_text()
        assert re.search(r"\[house-rules\\?\]", path.read_text())


def test_where_there_is_nothing_to_write_one_line_says_so(shop: srm.Review, tmp_path: Path) -> None:
    none = shop.answer_controls(HIPAA, [])
    for ending in (*FORMATS, ".png"):
        with pytest.raises(srm.SrmError, match="there is no control to write; name at least one"):
            srm.write(none, tmp_path / f"x{ending}")
    with pytest.raises(srm.SrmError, match="no control to draw"):
        srm.controls_chart(none)
    unknown = srm.review(save(tmp_path, "a.tfstate", state(("aws_brand_new_thing", {}))))
    with pytest.raises(srm.SrmError, match="no service here has a row"):
        srm.write(unknown.answer_controls(HIPAA), tmp_path / "x.xlsx")
    with pytest.raises(srm.SrmError, match="issues are written of a review's duties"):
        srm.write(shop.answer_controls(HIPAA), tmp_path / "x.jira.csv")
    assert not list(tmp_path.glob("x*"))


def test_the_command_writes_every_file_and_prints_the_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outs = [tmp_path / f"crm{ending}" for ending in FORMATS]
    words = [word for out in outs for word in ("-o", str(out))]
    command = ["controls", HIPAA, str(SHOP), "--baseline", "required", "--date", "2026-11-25"]
    assert cli.main([*command, *words]) == cli.DONE
    assert capsys.readouterr().out.count("164.3") >= 43
    assert all(out.stat().st_size for out in outs)
    assert {row["date"] for row in json.loads(outs[1].read_text())} == {"2026-11-25"}
    assert cli.main(["controls", HIPAA, "-o", str(tmp_path / "none.xlsx")]) == cli.UNUSABLE
    told = capsys.readouterr()
    assert "srmlib controls hipaa-security-rule FILE... -o" in told.err
    assert (told.out, told.err.count("\n")) == ("", 1)


def test_every_control_has_a_family(matrix: srm.Matrix) -> None:
    for framework in matrix.catalogue.frameworks:
        controls = matrix.catalogue.list_controls(framework)
        families = group_controls(framework, controls)
        assert sum(map(len, families.values())) == len(controls)
        assert 4 <= len(families) <= 20, framework
        if framework.startswith(("nist", "hipaa", "gdpr")):
            assert all(family.name for family in families), framework
    assert str(find_family("pci-dss-4", "12.10.2")) == "Requirement 12"
    assert str(find_family("soc-2", "CC6.1")) == "CC6"
    assert str(find_family("iso-27001-2022", "A.8.24")) == "A.8"
    assert str(find_family("house-rules", "HR-7.2")) == "HR"


def test_texts_are_cut_between_duties_and_counted() -> None:
    assert cut_texts(["one", "two"], 6, "") == ["one", "two"]
    assert cut_texts(["one", "two", "six"], 6, " below") == ["one", "two", "… and 1 more below"]
    assert cut_texts(["one two three"], 9, "") == ["one two …"]
    assert cut_texts(["one two three", "four"], 9, "") == ["one two …", "and 1 more"]
    assert cut_texts(["a", "b", "c"], 20, "", least=10) == ["a", "b", "… and 1 more"]
    assert cut_texts([], 9, "") == []


def test_the_words_of_answers_are_those_of_the_frameworks() -> None:
    assert set(ANSWERS) == set(ANSWER_NAMES) == set(ANSWER_LETTERS) == set(ANSWER_OWNERS)
    assert set(ANSWER_OWNERS.values()) == set(COLOURS)
