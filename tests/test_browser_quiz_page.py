"""A class without code: the quiz as a page of `srmlib dashboard --quiz`, in a real browser.

The tests share one page: each starts where the one before it left the quiz.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import srmlib as srm
from scripts.lab_server import BROWSER_OPTIONS, PLOT, SCREEN
from srmlib.answers import read_answers
from tests.accessibility import list_faults
from tests.dashboard_page import get, list_hosts, open_page, serve_dashboard, with_token
from tests.quiz_tour import BY_KEYS, VIEW, fill_by_clicks, fill_by_keys, save_by_keys
from tests.test_browser import take_picture

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("folder")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serve_dashboard(folder, "--quiz") as address:
        yield address


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """Every address that the page asked for."""
    return []


@pytest.fixture(scope="module")
def page(chromium: str, address: str, asked: list[str]) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=BROWSER_OPTIONS)
        yield open_page(browser, address, asked)
        browser.close()


def test_the_page_says_what_to_do_and_gives_nothing_away(page: Any) -> None:
    assert page.title() == "Who owns it on AWS? A quiz"
    told = page.locator("[role=main]").inner_text()
    assert "Answer first" in told
    assert "Nothing leaves this machine" in told
    assert "show_quiz" not in page.content()
    assert list_faults(page) == []


def test_a_class_fills_by_clicks_and_sees_the_truth(page: Any, matrix: srm.Matrix) -> None:
    page.locator(VIEW).first.evaluate("view => view.scrollIntoView()")
    fill_by_clicks(page, matrix, "quiz-page")


def test_keys_alone_answer_reveal_and_download(
    page: Any, matrix: srm.Matrix, folder: Path, tmp_path: Path
) -> None:
    fill_by_keys(page, matrix)
    with page.expect_download() as download:
        save_by_keys(page, "kim.csv")
    assert download.value.suggested_filename == "kim.csv"
    download.value.save_as(tmp_path / "kim.csv")
    sheet = read_answers(tmp_path / "kim.csv", matrix)
    assert (sheet.person, sheet.answers) == ("kim", BY_KEYS)
    assert list(folder.iterdir()) == []
    assert "Saved by the browser: kim.csv" in page.inner_text(VIEW)
    assert page.locator(f"{VIEW} .srm-fault").count() == 0
    take_picture(page, "quiz-page-saved.png")
    assert list_faults(page) == []


def test_nothing_is_cut_in_a_narrow_window(page: Any) -> None:
    page.set_viewport_size({"width": 700, "height": 768})
    page.wait_for_timeout(300)
    boxes = [page.locator(each).bounding_box() for each in (PLOT, f"{VIEW} .srm-cell")]
    take_picture(page, "quiz-page-narrow.png")
    page.set_viewport_size(SCREEN)
    assert max(box["x"] + box["width"] for box in boxes) <= 700


def test_who_has_no_token_or_comes_from_elsewhere_gets_nothing(address: str) -> None:
    assert get(address, "/")[0] == 403
    assert get(address, "/?token=guessed")[0] == 403
    assert get(address, "/", **with_token(address), Origin="http://elsewhere.example")[0] == 403
    assert get(address, "/quiz.ipynb", **with_token(address))[0] >= 400


def test_the_page_asked_no_other_host(address: str, asked: list[str]) -> None:
    assert len(asked) > 20
    assert list_hosts(asked) == {urlsplit(address).netloc}
