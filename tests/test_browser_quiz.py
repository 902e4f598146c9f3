"""A class fills the quiz in JupyterLab: by clicks, and by keys alone.

Both tests share one page, so the second one starts where the first one left the quiz.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import srmlib as srm
from scripts.lab_server import BROWSER_OPTIONS, PLOT, SCREEN, run_notebook, serve_lab, wait_for
from srmlib.answers import read_answers
from tests.test_browser import take_picture

pytestmark = pytest.mark.browser
VIEW = ".srm-quiz"
IDS = ["ec2", "ecs-fargate", "rds", "lambda", "s3"]
CELLS = ["import srmlib as srm", f"srm.quiz(srm.load_matrix().select(services={IDS}))"]


class Lab(NamedTuple):
    url: str
    folder: Path


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    import nbformat

    folder = tmp_path_factory.mktemp("lab")
    with serve_lab(folder) as url:
        cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        nbformat.write(notebook, folder / "notebooks" / "quiz.ipynb")
        yield Lab(url, folder / "notebooks")


@pytest.fixture(scope="module")
def page(chromium: str, lab: Lab) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=BROWSER_OPTIONS)
        page = browser.new_page(viewport=SCREEN)
        run_notebook(page, lab.url, "quiz.ipynb", f"{PLOT} .heatmaplayer image")
        page.locator(VIEW).first.evaluate("view => view.scrollIntoView()")
        yield page
        browser.close()


def read_axis(page: Any, axis: str) -> list[str]:
    names = page.evaluate(f"document.querySelector('{PLOT}').layout.{axis}axis.ticktext")
    return [name.replace("<br>", "") for name in names]


def click_cell(page: Any, service: str, layer: str) -> None:
    columns, rows = read_axis(page, "x"), read_axis(page, "y")
    area = page.locator(f"{PLOT} .nsewdrag").bounding_box()
    place = (area["x"] + area["width"] * (columns.index(service) + 0.5) / len(columns),
             area["y"] + area["height"] * (rows.index(layer) + 0.5) / len(rows))  # fmt: skip
    page.mouse.move(area["x"] + 5, area["y"] + 5)
    page.mouse.move(*place)
    page.wait_for_timeout(150)  # Plotly looks at the pointer at most every 50 ms.
    page.mouse.click(*place)


def read_mark(page: Any, service: str, layer: str) -> str:
    """The letters of a cell as they are drawn, without markup."""
    columns, rows = read_axis(page, "x"), read_axis(page, "y")
    text = page.evaluate(
        f"([row, column]) => document.querySelector('{PLOT}').data[0].text[row][column]",
        [rows.index(layer), columns.index(service)],
    )
    return str(page.evaluate("text => new DOMParser().parseFromString(text, 'text/html')"
                             ".body.textContent", text))  # fmt: skip


def expect_mark(page: Any, service: str, layer: str, mark: str) -> None:
    wait_for(
        lambda: read_mark(page, service, layer) == mark, 10, f"{service} {layer} is not {mark}"
    )


def test_a_class_fills_by_clicks_and_sees_the_truth(page: Any, matrix: srm.Matrix) -> None:
    take_picture(page, "quiz-blank.png")
    for turn in ("A", "S", "C", "–", "", "A"):
        click_cell(page, "rds", "Backup")
        expect_mark(page, "rds", "Backup", turn)
    click_cell(page, "ec2", "Physical facility")
    expect_mark(page, "ec2", "Physical facility", "A")
    take_picture(page, "quiz-filled.png")
    assert "Set AWS" in page.inner_text(VIEW)
    duty = matrix.claims["rds"]["backup"].cell.customer_duty
    assert duty not in page.content()
    page.get_by_role("button", name="Reveal").click()
    expect_mark(page, "rds", "Backup", "A→S")
    assert read_mark(page, "ec2", "Physical facility") == "A"
    assert read_mark(page, "lambda", "Backup") == "→C"
    wait_for(lambda: "1 of 2 answered right" in page.inner_text(VIEW), 10, "no score")
    click_cell(page, "rds", "Backup")
    wait_for(lambda: duty in page.inner_text(f"{VIEW} .srm-cell"), 10, "no duty")
    assert page.locator(f"{PLOT} .shapelayer path").count()
    take_picture(page, "quiz-revealed.png")
    assert read_mark(page, "rds", "Backup") == "A→S"
    page.get_by_role("button", name="Start again").click()
    expect_mark(page, "rds", "Backup", "")


def test_keys_alone_answer_reveal_and_save(page: Any, lab: Lab, matrix: srm.Matrix) -> None:
    page.get_by_label("Service", exact=True).focus()
    service, layer = read_axis(page, "x").index("rds"), read_axis(page, "y").index("Backup")
    for key in ("Home", *["ArrowDown"] * service, "Tab", "Home", *["ArrowDown"] * layer):
        page.keyboard.press(key)
    press_key(page, "Set shared")
    expect_mark(page, "rds", "Backup", "S")
    press_key(page, "Next cell")
    press_key(page, "Set AWS")
    expect_mark(page, "rds", "Disaster recovery", "A")
    press_key(page, "Reveal")
    expect_mark(page, "rds", "Disaster recovery", "A→C")
    assert "1 of 2 answered right, 2 of the 140 cells" in page.inner_text(VIEW)
    wait_for(
        lambda: page.evaluate("document.activeElement.tagName") == "SELECT", 10, "focus is lost"
    )
    page.get_by_label("File", exact=True).focus()
    press_key(page, "Save my answers")
    page.wait_for_selector(f"{VIEW} .srm-fault")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("kim.csv")
    press_key(page, "Save my answers")
    page.wait_for_selector(f"{VIEW} .srm-done")
    sheet = read_answers(lab.folder / "kim.csv", matrix)
    assert sheet.answers == {("rds", "backup"): "shared", ("rds", "disaster-recovery"): "aws"}
    take_picture(page, "quiz-saved.png")


def press_key(page: Any, name: str) -> None:
    """Go on with Tab, or back, until the button has the focus, and press Space."""
    button = page.get_by_role("button", name=name, exact=True)
    for key in ["Tab"] * 15 + ["Shift+Tab"] * 30:
        if button.evaluate("button => button === document.activeElement"):
            break
        page.keyboard.press(key)
    page.keyboard.press("Space")
