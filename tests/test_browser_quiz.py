"""A class fills the quiz in JupyterLab: by clicks, and by keys alone.

Both tests share one page, so the second one starts where the first one left the quiz.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import srmlib as srm
from scripts.lab_server import BROWSER_OPTIONS, PLOT, SCREEN, run_notebook, serve_lab
from srmlib.answers import read_answers
from tests.quiz_tour import BY_KEYS, IDS, VIEW, fill_by_clicks, fill_by_keys, save_by_keys
from tests.test_browser import take_picture

pytestmark = pytest.mark.browser
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


def test_a_class_fills_by_clicks_and_sees_the_truth(page: Any, matrix: srm.Matrix) -> None:
    fill_by_clicks(page, matrix, "quiz")


def test_keys_alone_answer_reveal_and_save(page: Any, lab: Lab, matrix: srm.Matrix) -> None:
    fill_by_keys(page, matrix)
    save_by_keys(page, "kim.csv")
    page.wait_for_selector(f"{VIEW} .srm-done")
    assert read_answers(lab.folder / "kim.csv", matrix).answers == BY_KEYS
    take_picture(page, "quiz-saved.png")
