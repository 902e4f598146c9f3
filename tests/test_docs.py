"""The site: every page has a title, every link leads somewhere, and nothing comes from the network."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from scripts.lab_server import BROWSER_OPTIONS, SCREEN, wait_for
from scripts.make_docs import FIGURE, build_site, draw_chart
from tests.accessibility import list_faults
from tests.conftest import ROOT

PHONE = {"width": 390, "height": 844}
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("docs")
    assert build_site(place, place / "html") == 0
    return place / "html"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, BeautifulSoup]:
    return {path: BeautifulSoup(path.read_text(), "html.parser") for path in site.rglob("*.html")}


def list_charts(path: Path) -> int:
    cells = json.loads(path.read_text())["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return sum(FIGURE in output.get("data", {}) for output in outputs)


def test_every_notebook_and_guide_has_a_page(site: Path) -> None:
    for path in [*NOTEBOOKS, *(ROOT / "docs").glob("*.md")]:
        assert (site / path.relative_to(ROOT)).with_suffix(".html").is_file()
    for name in ("index", "README", "CONTRIBUTING", "CHANGELOG", "data/README"):
        assert (site / f"{name}.html").is_file()


def test_every_page_has_a_title(pages: dict[Path, BeautifulSoup]) -> None:
    titles = [page.title.get_text().strip() for page in pages.values() if page.title]
    assert len(titles) == len(pages)
    assert all(titles)
    assert len(set(titles)) >= len(titles) - 1  # The start page and the read-me are called alike.


def test_no_part_of_a_page_comes_from_the_network(
    site: Path, pages: dict[Path, BeautifulSoup]
) -> None:
    for path, page in pages.items():
        parts = page.select("script[src], img[src], iframe[src], source[src], link[href]")
        named = [str(part.get("src") or part.get("href")) for part in parts]
        assert not [name for name in named if "//" in name.split("data:")[0]], path.name
        assert not page.select("script[type=module]")
    for path in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", path.read_text()), path.name


def test_every_link_leads_somewhere(pages: dict[Path, BeautifulSoup]) -> None:
    ids = {path: {str(part["id"]) for part in page.select("[id]")} for path, page in pages.items()}
    for path, page in pages.items():
        for part in page.select("a[href], img[src], script[src], link[href]"):
            address = urlsplit(str(part.get("href") or part.get("src")))
            if address.scheme:
                continue
            target = (path.parent / unquote(address.path)).resolve() if address.path else path
            assert target.is_file(), f"{path.name}: {address.geturl()}"
            assert not address.fragment or address.fragment in ids.get(target, ()), address.geturl()


def test_notebooks_lead_to_each_other(site: Path, pages: dict[Path, BeautifulSoup]) -> None:
    text = pages[site / "notebooks" / f"{NOTEBOOKS[0].stem}.html"].select("article a[href]")
    assert "01-who-owns-what.html" in {str(link["href"]) for link in text}


def test_a_widget_is_a_picture_and_says_how_to_open_it(
    site: Path, pages: dict[Path, BeautifulSoup]
) -> None:
    page = pages[site / "notebooks" / "03-toggle-services.html"]
    assert page.select_one("img[alt='The explorer in JupyterLab']")
    assert "srmlib dashboard" in page.get_text()
    assert "widget-view" not in str(page)


def test_no_page_stands_twice(site: Path) -> None:
    assert not (site / "commands.html").exists()
    assert not (site / "api.html").exists()


def test_contents_are_those_of_the_index(site: Path, pages: dict[Path, BeautifulSoup]) -> None:
    captions = pages[site / "index.html"].select(".sidebar-tree .caption-text")
    told = (ROOT / "docs" / "README.md").read_text()
    assert [each.get_text() for each in captions] == re.findall(r"^## (.*)$", told, re.M)


def test_a_title_cannot_end_the_chart_it_stands_in() -> None:
    title = 'a "quote" </script><b>'
    html = draw_chart({"data": [], "layout": {"title": {"text": title}}}, None)
    page = BeautifulSoup(html, "html.parser")
    assert page.select_one("b") is None
    assert page.div["aria-label"] == 'a "quote".'  # type: ignore[index]
    assert json.loads(page.script.get_text())["layout"]["title"]["text"] == title  # type: ignore[union-attr]


@pytest.mark.browser
@pytest.mark.parametrize("size", [SCREEN, PHONE], ids=["screen", "phone"])
def test_a_browser_draws_the_charts_and_asks_for_files_only(
    chromium: str, site: Path, size: Any
) -> None:
    from playwright.sync_api import sync_playwright

    notebook = NOTEBOOKS[1]
    asked: list[str] = []
    complaints: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=BROWSER_OPTIONS)
        page = browser.new_page(viewport=size)
        page.on("request", lambda request: asked.append(request.url))
        page.on("requestfailed", lambda request: complaints.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        for name in (
            "index.html",
            "docs/commands.html",
            "docs/faq.html",
            f"notebooks/{notebook.stem}.html",
        ):
            page.goto((site / name).as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
            assert list_faults(page) == []
        charts = page.locator(".srm-chart .js-plotly-plot .main-svg .xtick >> nth=0")
        charts.wait_for(state="attached", timeout=30_000)
        drawn = page.locator(".srm-chart .js-plotly-plot")
        wait_for(lambda: drawn.count() == list_charts(notebook), 30, "charts are missing")
        widths = [chart.bounding_box()["width"] for chart in drawn.all()]
        browser.close()
    assert min(widths) >= 760
    assert {urlsplit(url).scheme for url in asked} <= {"file", "data", "blob"}
    assert complaints == []
