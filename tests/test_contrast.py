"""Contrast of WCAG 2.2 AA: text 4.5 to 1 on what it stands on, marks without words 3 to 1."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pptx import Presentation

import srmlib as srm
from srmlib.export.fleet_page import SHADES
from srmlib.figures.fleet_maps import NUMBERS
from srmlib.figures.marks import COLOURS, INK, LETTER_COLOURS, QUIET
from srmlib.figures.quiz_maps import BLANK, WRONG
from srmlib.figures.room_maps import SHARES
from srmlib.figures.team_maps import GAP_COLOUR, NOT_OURS, TEAM_COLOURS
from tests.conftest import ROOT
from tests.test_figures import contrast

TEXT, MARK = 4.5, 3.0
WORKLOADS = ROOT / "notebooks" / "workloads"
STYLE = (ROOT / "srmlib" / "export" / "page_style.j2").read_text()
SPAN = re.compile(r"color:(#[0-9a-f]{6})")
# Of the page's own colours: text on its grounds, and the lines that tell a control or the focus.
TEXTS = [
    ("ink", "ground"), ("ink", "panel"), ("ink", "hit"), ("quiet", "ground"), ("quiet", "panel"),
    ("quiet", "hit"), ("link", "ground"), ("link", "hit"), ("on-strong", "strong"),
    ("on-doing", "doing"), ("on-done", "done"), ("on-accepted", "accepted"),
]  # fmt: skip
LINES = [("edge", "ground"), ("edge", "panel"), ("link", "ground"), ("link", "panel")]
BLACK, WHITE = "000000", "FFFFFF"


def read_colours(block: str) -> dict[str, str]:
    """The colours that a rule of the page's sheet names, in six digits."""
    found = re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", block)
    return {name: f"#{code[1] * 2}{code[2] * 2}{code[3] * 2}" if len(code) == 4 else code
            for name, code in found}  # fmt: skip


def list_schemes() -> dict[str, dict[str, str]]:
    """The page's colours by light, by night and on paper."""
    light, dark, paper = re.findall(r":root \{(.*?)\}", STYLE, re.S)
    return {"light": read_colours(light), "dark": read_colours(dark), "paper": read_colours(paper)}


def mix(scale: list[list[Any]], share: float) -> str:
    """The colour at a place of a scale, as a browser mixes it."""
    for (low, one), (high, other) in pairwise(scale):
        if low <= share <= high:
            part = (share - low) / (high - low)
            pairs = [(int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
            return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)
    raise AssertionError(share)


@pytest.mark.parametrize("owner", COLOURS)
def test_a_letter_is_read_on_its_owners_colour(owner: str) -> None:
    assert contrast(LETTER_COLOURS[owner], COLOURS[owner]) >= TEXT


@pytest.mark.parametrize(
    ("ink", "ground"),
    [(INK, "#ffffff"), (QUIET, "#ffffff"), (QUIET, NOT_OURS), (QUIET, BLANK), (INK, WRONG),
     (QUIET, SHARES[0][1]), ("#ffffff", GAP_COLOUR), *((INK, each) for each in TEAM_COLOURS)],
)  # fmt: skip
def test_names_notes_and_small_letters_are_read(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= TEXT


@pytest.mark.parametrize("scheme", ["light", "dark", "paper"])
def test_the_pages_own_colours_are_read(scheme: str) -> None:
    colours = list_schemes()[scheme]
    assert [pair for pair in TEXTS if contrast(*(colours[each] for each in pair)) < TEXT] == []
    assert [pair for pair in LINES if contrast(*(colours[each] for each in pair)) < MARK] == []


def test_numbers_are_read_on_every_shade_of_the_fleets_page() -> None:
    assert [shade for shade, ink in SHADES.items() if contrast(shade, ink) < TEXT] == []


def list_inked(figure: Any, scale: list[list[Any]]) -> Iterator[tuple[str, str]]:
    """The ink and the ground of each cell that has a mark."""
    cells = figure.data[0]
    for values, marks in zip(cells.z, cells.text, strict=True):
        for value, mark in zip(values, marks, strict=True):
            if found := SPAN.search(mark):
                yield found[1], mix(scale, value / cells.zmax)


def test_numbers_are_read_on_every_shade_of_an_organisations_map() -> None:
    fleet = srm.read_fleet(ROOT / "notebooks" / "fleet" / "2026-10-01")
    for layer in (None, "backup"):
        pairs = set(list_inked(srm.fleet_chart(fleet, layer=layer), NUMBERS))
        assert pairs
        assert [pair for pair in pairs if contrast(*pair) < TEXT] == []


@pytest.mark.parametrize(("module", "scale"), [("room_maps", SHARES), ("fleet_maps", NUMBERS)])
def test_black_or_white_is_read_on_every_shade_of_a_scale(
    module: str, scale: list[list[Any]]
) -> None:
    from importlib import import_module

    dark = import_module(f"srmlib.figures.{module}").DARK
    for step in range(1001):
        ink = "#ffffff" if step / 1000 > dark else "#000000"
        assert contrast(ink, mix(scale, step / 1000)) >= TEXT, step


def test_what_changes_is_outlined_on_every_owners_colour(matrix: srm.Matrix) -> None:
    figure = srm.comparison_chart(srm.compare(matrix, "ec2", "lambda"))
    lines = [shape.line for shape in figure.layout.shapes if shape.type == "rect"]
    wide, thin = lines[0], lines[1]
    assert wide.width > thin.width
    assert contrast(wide.color, thin.color) >= MARK


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop's review, a framework's controls and an organisation, as decks and workbooks."""
    folder = tmp_path_factory.mktemp("office")
    review = srm.review(WORKLOADS / "shop-plan.json", record=WORKLOADS / "shop-record.yaml")
    controls = review.answer_controls("hipaa-security-rule")
    for form in ("pptx", "xlsx"):
        srm.write(review, folder / f"review.{form}")
        srm.write(controls, folder / f"controls.{form}")
    srm.write(srm.read_fleet(ROOT / "notebooks" / "fleet" / "2026-10-01"), folder / "fleet.xlsx")
    return folder


@pytest.mark.parametrize("name", ["review", "controls", "fleet"])
def test_every_cell_of_a_workbook_is_read(written: Path, name: str) -> None:
    pairs = {}
    book = load_workbook(written / f"{name}.xlsx")
    for sheet in (each for each in book if each.sheet_state == "visible"):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    ground = cell.fill.fgColor.rgb if cell.fill.fill_type else f"FF{WHITE}"
                    ink = cell.font.color.rgb
                    pairs[ink[-6:], ground[-6:]] = f"{sheet.title}!{cell.coordinate}"
    assert pairs
    assert {pair: place for pair, place in pairs.items() if not is_read(*pair)} == {}


def is_read(ink: str, ground: str) -> bool:
    return contrast(f"#{ink}", f"#{ground}") >= TEXT


def find_code(part: Any, path: str, default: str) -> str:
    found = part.xpath(path)
    return found[0].get("val") if found else default


def list_table_pairs(table: Any) -> Iterator[tuple[str, str]]:
    for cell in table.iter_cells():
        ground = find_code(cell._tc, "./a:tcPr/a:solidFill/a:srgbClr", WHITE)
        for run in cell._tc.xpath(".//a:rPr"):
            yield find_code(run, "./a:solidFill/a:srgbClr", BLACK), ground


def list_chart_pairs(chart: Any) -> Iterator[tuple[str, str]]:
    for series in chart.plots[0].series:
        assert contrast(f"#{series.format.line.color.rgb}", f"#{WHITE}") >= MARK
        yield str(series.data_labels.font.color.rgb), str(series.format.fill.fore_color.rgb)


@pytest.mark.parametrize("name", ["review", "controls"])
def test_every_cell_and_bar_of_a_deck_is_read(written: Path, name: str) -> None:
    pairs = set()
    for slide in Presentation(str(written / f"{name}.pptx")).slides:
        for shape in slide.shapes:
            if shape.has_table:
                pairs |= set(list_table_pairs(shape.table))
            elif shape.has_chart:
                pairs |= set(list_chart_pairs(shape.chart))
    assert len(pairs) > 3
    assert [pair for pair in pairs if not is_read(*pair)] == []


def test_our_own_master_has_no_tint_too_light_to_read(written: Path) -> None:
    """Footers and subtitles come from python-pptx in a grey of 3.5 to 1."""
    show = Presentation(str(written / "review.pptx"))
    for holder in (show.slide_master, *show.slide_layouts):
        assert holder.element.xpath(".//a:schemeClr/a:tint") == []
        for share in holder.element.xpath(".//a:schemeClr/a:lumOff"):
            grey = round(int(share.get("val")) / 100_000 * 255)
            assert contrast("#" + f"{grey:02x}" * 3, "#ffffff") >= TEXT
