"""Slides from notebooks: nothing is fetched, the same bytes each time, and charts that fit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import srmlib as srm
from scripts.lab_server import BROWSER_OPTIONS, SCREEN
from scripts.make_slides import FIGURE, copy_scripts, make_slides
from srmlib.errors import SrmError
from srmlib.matrix import Matrix

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)
TABLE = "<table><tr><th>layer</th></tr>" + "<tr><td>engine</td></tr>" * 20 + "</table>"
LINKS = "See [the next one](02-next.ipynb) and [AWS](https://aws.amazon.com/)."
SHOWN = "section.present:not(.stack)"
SIZES = [SCREEN, {"width": 1920, "height": 1080}]


@pytest.fixture
def cells(matrix: Matrix) -> list[Any]:
    """A title, the tallest chart there is, a full table, code that is shown, notes."""
    figure = json.loads(
        srm.heatmap(matrix.select(services=["ec2", "rds", "eks-managed-nodes"])).to_json()
    )
    return [
        new_markdown_cell("# Who owns what?\n\nThree services.", metadata=as_slide("slide")),
        new_markdown_cell(f"## As a picture\n\n{LINKS}", metadata=as_slide("slide")),
        new_code_cell("draw()", outputs=[show({FIGURE: figure, "image/png": PIXEL})]),
        new_markdown_cell("## As a table", metadata=as_slide("subslide")),
        new_code_cell("tabulate()", outputs=[show({"text/html": TABLE})]),
        new_code_cell("print(1)", metadata=as_slide("slide") | {"tags": ["show-code"]}),
        new_markdown_cell("Say hello.", metadata=as_slide("notes")),
        new_markdown_cell("Left out.", metadata=as_slide("skip")),
    ]  # fmt: skip


def as_slide(kind: str) -> dict[str, Any]:
    return {"slideshow": {"slide_type": kind}}


def show(data: dict[str, Any]) -> Any:
    return new_output("display_data", data=data)


def write_notebook(folder: Path, cells: list[Any]) -> Path:
    path = folder / "talk.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


@pytest.fixture
def slides(tmp_path: Path, cells: list[Any]) -> Path:
    copy_scripts(tmp_path)
    return make_slides(write_notebook(tmp_path, cells), tmp_path)


def test_what_the_page_asks_for_lies_beside_it(slides: Path) -> None:
    page = BeautifulSoup(slides.read_text(), "html.parser")
    asked = [str(part["src"]) for part in page.select("[src]")]
    asked += [str(part["href"]) for part in page.select("link[href]")]
    files = [name for name in asked if not name.startswith("data:")]
    assert {"plotly.min.js", "reveal/dist/reveal.js", "reveal/dist/reveal.css"} <= set(files)
    assert all((slides.parent / name).is_file() for name in files)


def test_the_same_notebook_gives_the_same_bytes(slides: Path, cells: list[Any]) -> None:
    before = slides.read_bytes()
    for cell in cells:
        cell["id"] = f"other-{cell['id']}"
    make_slides(write_notebook(slides.parent, cells), slides.parent)
    assert slides.read_bytes() == before


def test_code_is_shown_where_asked_for_and_notes_are_for_the_speaker(slides: Path) -> None:
    page = BeautifulSoup(slides.read_text(), "html.parser")
    shown = page.select_one(".slides").get_text()  # type: ignore[union-attr]
    assert "print" in shown
    assert "tabulate" not in shown
    assert "Left out." not in shown
    assert page.select_one("aside.notes").get_text().strip() == "Say hello."  # type: ignore[union-attr]


def test_a_chart_has_its_picture_for_readers_without_scripts(slides: Path) -> None:
    picture = BeautifulSoup(slides.read_text(), "html.parser").select_one(".chart > img")
    assert picture is not None
    assert picture["src"] == f"data:image/png;base64,{PIXEL}"
    assert str(picture["alt"]).startswith("Who owns what")


def test_links_to_notebooks_become_words_and_other_links_stay(slides: Path) -> None:
    page = BeautifulSoup(slides.read_text(), "html.parser")
    assert [link["href"] for link in page.select(".slides a")] == ["https://aws.amazon.com/"]
    assert "See the next one" in page.get_text()


@pytest.mark.parametrize("picture", ["https://example.org/a.png", "missing.png"])
def test_a_picture_that_cannot_come_along_is_refused(tmp_path: Path, picture: str) -> None:
    cells = [new_markdown_cell(f"![a map]({picture})", metadata=as_slide("slide"))]
    with pytest.raises(SrmError, match=f"{picture} does not get into the slides"):
        make_slides(write_notebook(tmp_path, cells), tmp_path)
    assert not list(tmp_path.glob("*.html"))


def test_a_notebook_without_slide_types_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(SrmError, match=r"set slideshow\.slide_type"):
        make_slides(write_notebook(tmp_path, [new_markdown_cell("# Words")]), tmp_path)


@pytest.fixture(params=SIZES, ids=lambda size: f"{size['width']}")
def page(request: pytest.FixtureRequest, chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=BROWSER_OPTIONS)
        yield browser.new_page(viewport=request.param)
        browser.close()


@pytest.mark.browser
def test_a_browser_shows_every_slide_whole_and_asks_only_for_files(page: Any, slides: Path) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(slides.as_uri())
    page.wait_for_function("window.Reveal && window.Reveal.isReady()")
    for place in ([0, 0], [1, 0], [1, 1], [2, 0]):
        assert page.evaluate("(({h, v}) => [h, v])(Reveal.getIndices())") == place
        check_slide(page, has_chart=place == [1, 0])
        page.keyboard.press("ArrowRight")
    assert {url.split(":")[0] for url in asked} <= {"file", "data", "blob"}
    assert complaints == []


def check_slide(page: Any, has_chart: bool) -> None:
    """Nothing of the shown slide is cut by the screen, no label of its chart by another one."""
    page.wait_for_selector(f"{SHOWN}[data-filled]", state="attached")
    if has_chart:
        page.wait_for_selector(f"{SHOWN} .js-plotly-plot .main-svg .xtick")
        page.wait_for_selector(f"{SHOWN} .chart > img", state="detached")
    assert page.locator(f"{SHOWN} .js-plotly-plot").count() == has_chart
    assert page.locator("section.scrolls").count() == 0
    assert list_cut(page, f"{SHOWN} *", "html") == []
    assert list_cut(page, f"{SHOWN} .main-svg text", f"{SHOWN} .chart") == []
    assert list_overlaps(page, f"{SHOWN} .main-svg text") == []


def list_cut(page: Any, parts: str, frame: str) -> list[str]:
    """The text of what reaches out of the frame by more than a pixel's rounding."""
    return page.evaluate(  # type: ignore[no-any-return]
        """([parts, frame]) => { const box = document.querySelector(frame)?.getBoundingClientRect();
        return [...document.querySelectorAll(parts)].filter(part => {
            const own = part.getBoundingClientRect();
            return own.width && (own.left < box.left - 1 || own.right > box.right + 1
                || own.top < box.top - 1 || own.bottom > box.bottom + 1);
        }).map(part => part.textContent || part.tagName); }""",
        [parts, frame],
    )


def list_overlaps(page: Any, labels: str) -> list[list[str]]:
    """Pairs of labels that lie on each other by more than the air above and below letters."""
    return page.evaluate(  # type: ignore[no-any-return]
        """labels => { const all = [...document.querySelectorAll(labels)]
            .map(label => [label.textContent, label.getBoundingClientRect()])
            .filter(([words, own]) => words && own.width);
        return all.flatMap(([words, own], number) => all.slice(number + 1)
            .filter(([, other]) => own.left < other.right - 2 && other.left < own.right - 2
                && own.top < other.bottom - 2 && other.top < own.bottom - 2)
            .map(([others]) => [words, others])); }""",
        labels,
    )
