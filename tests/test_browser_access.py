"""Pages for whom sight, colours or a wide window are missing: in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import srmlib as srm
from scripts.lab_server import SCREEN
from tests.accessibility import list_faults
from tests.conftest import ROOT

pytestmark = pytest.mark.browser
NARROW: Any = {"width": 320, "height": 640}  # 1280 pixels at 400 %, as WCAG's reflow asks
WORKLOADS = ROOT / "notebooks" / "workloads"
NAMES = ["review", "comparison", "controls", "fleet"]
OUTLINE = """() => [...document.querySelectorAll('.screen td.moved')].map(each => {
  const look = getComputedStyle(each);
  return [look.outlineStyle, parseFloat(look.outlineWidth), look.outlineColor]; })"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, matrix: srm.Matrix) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    review = srm.review(WORKLOADS / "shop-plan.json", record=WORKLOADS / "shop-record.yaml")
    things = {
        "review": review,
        "comparison": srm.compare(matrix, "database-on-ec2", "rds", "aurora-serverless"),
        "controls": review.answer_controls("hipaa-security-rule"),
        "fleet": srm.read_fleet(ROOT / "notebooks" / "fleet" / "2026-10-01"),
    }
    return {name: srm.write(what, folder / f"{name}.html") for name, what in things.items()}


def open_page(browser: Any, path: Path, size: Any = SCREEN, **options: Any) -> Any:
    page = browser.new_page(viewport=size, **options)
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    return page


@pytest.mark.parametrize(
    ("name", "scheme", "size"),
    [("comparison", "light", SCREEN), ("comparison", "dark", NARROW), ("controls", "dark", NARROW)],
)
def test_axe_finds_nothing_that_shuts_people_out(
    browser: Any, pages: dict[str, Path], name: str, scheme: Any, size: Any
) -> None:
    page = open_page(browser, pages[name], size, color_scheme=scheme)
    assert list_faults(page) == []
    page.close()


def test_a_review_on_a_small_dark_screen_shuts_nobody_out(
    browser: Any, pages: dict[str, Path]
) -> None:
    page = browser.new_page(viewport=NARROW, color_scheme="dark")
    page.goto(pages["review"].as_uri())
    assert list_faults(page) == []
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_reflows_at_320_pixels(browser: Any, pages: dict[str, Path], name: str) -> None:
    page = open_page(browser, pages[name], NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.close()


def test_without_colours_owners_are_told_by_letters_and_changes_by_lines(
    browser: Any, pages: dict[str, Path]
) -> None:
    page = open_page(browser, pages["comparison"], forced_colors="active")
    cells = page.locator(".screen td").all_inner_texts()
    assert cells
    assert all(text.strip()[0].upper() in "ASCT–" for text in cells)
    looks = page.evaluate(OUTLINE)
    assert looks
    assert all(style == "solid" and width >= 2 for style, width, _ in looks)
    letter = page.locator(".screen td.aws a").first
    ink = letter.evaluate("each => getComputedStyle(each).color")
    assert ink != page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_changed_cells_line_stands_on_the_pages_own_ground(
    browser: Any, pages: dict[str, Path], scheme: Any
) -> None:
    """Beside ink alone, AWS's blue by day and the shared sand by night would be too alike."""
    page = open_page(browser, pages["comparison"], color_scheme=scheme)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert {colour for _, _, colour in page.evaluate(OUTLINE)} == {ink}
    shadow = page.locator(".screen td.moved").first.evaluate(
        "each => getComputedStyle(each).boxShadow"
    )
    assert shadow.startswith(ground)
    page.close()


@pytest.mark.parametrize("landscape", [False, True], ids=["upright", "across"])
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_reader_chooses_the_paper(
    browser: Any, pages: dict[str, Path], tmp_path: Path, paper: str, landscape: bool
) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(pages["comparison"].as_uri())
    content = page.pdf(format=paper, landscape=landscape, prefer_css_page_size=True)
    sides = {"A4": (594, 842), "Letter": (612, 792)}[paper]
    width, height = map(float, content.partition(b"/MediaBox [0 0 ")[2].partition(b"]")[0].split())
    wanted = sides[::-1] if landscape else sides
    assert (round(width), round(height)) == pytest.approx(wanted, abs=2)
    page.close()


def test_across_the_paper_all_layers_stand_on_one_page(
    browser: Any, pages: dict[str, Path]
) -> None:
    """A4 is lower than Letter: 210 mm less the margins of 27 are 692 pixels."""
    page = browser.new_page(viewport={"width": 1032, "height": 692})
    page.goto(pages["review"].as_uri())
    page.emulate_media(media="print")
    top = page.locator("#map").bounding_box()["y"]
    table = page.locator("table.map").first.bounding_box()
    assert table["y"] + table["height"] - top <= 692
    assert table["width"] <= 1032
    page.close()
