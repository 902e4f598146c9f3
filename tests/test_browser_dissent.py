"""A reader in JupyterLab who sees a cell otherwise: the form, the file and the mark in the picture."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import srmlib as srm
from scripts.lab_server import BROWSER_OPTIONS, PLOT, SCREEN, run_notebook, serve_lab, wait_for
from srmlib.check import find_problems
from tests.test_browser import take_picture

pytestmark = pytest.mark.browser
VIEW = ".srm-explorer"
# What is folded away is not to be reached.
CONTROLS = ", ".join(f"{VIEW} {kind}:visible" for kind in ("button", "input", "select", "textarea"))
WHY = "Snapshots leave with the account, so we copy dumps to another one. <b>Ours</b>"


class Lab(NamedTuple):
    url: str
    folder: Path


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    with serve_lab(folder) as url:
        yield Lab(url, folder)


@pytest.fixture(params=["Light", "Dark"])
def theme(lab: Lab, request: pytest.FixtureRequest) -> str:
    """The theme that JupyterLab shows, from its own settings file."""
    place = lab.folder / "settings" / "@jupyterlab" / "apputils-extension"
    (place / "themes.jupyterlab-settings").write_text(
        json.dumps({"theme": f"JupyterLab {request.param}"})
    )
    return str(request.param).lower()


@pytest.fixture
def page(chromium: str, lab: Lab, theme: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=BROWSER_OPTIONS)
        page = browser.new_page(viewport=SCREEN)
        run_notebook(page, lab.url, "03-toggle-services.ipynb", f"{PLOT} .heatmaplayer image")
        page.locator(VIEW).first.evaluate("view => view.scrollIntoView()")
        yield page
        browser.close()


def is_cut(page: Any) -> bool:
    """Whether a part of the explorer is wider than its place."""
    return bool(page.evaluate(
        f"""() => [...document.querySelectorAll('{VIEW}, {VIEW} .widget-vbox')].some(
        each => each.scrollWidth > each.clientWidth)"""
    ))  # fmt: skip


def read_marks(page: Any) -> list[str]:
    """The letters as they are drawn, not as they were sent."""
    return [text.strip() for text in page.locator(f"{PLOT} .heatmap-label").all_text_contents()]


def reach_by_keyboard(page: Any) -> set[int]:
    """The places of the controls that Tab comes to from the first one on."""
    page.locator(CONTROLS).first.focus()
    reached = set()
    for _ in range(page.locator(CONTROLS).count() + 12):
        reached.add(page.evaluate(
            f"[...document.querySelectorAll('{CONTROLS.replace(':visible', '')}')]"
            ".filter(each => each.offsetParent).indexOf(document.activeElement)"
        ))  # fmt: skip
        page.keyboard.press("Tab")
    return reached


def test_a_reader_writes_an_overlay_from_the_details(page: Any, lab: Lab, theme: str) -> None:
    page.get_by_role("button", name="I see it otherwise").click()
    page.get_by_label("Why", exact=True).wait_for()
    assert page.evaluate("document.body.dataset.jpThemeLight") == str(theme == "light").lower()
    assert page.get_by_label("You", exact=True).input_value().startswith("Raise Backup")
    take_picture(page, f"dissent-{theme}.png")
    assert not is_cut(page)
    for name in ("Single services", "Single layers"):
        page.click(f"{VIEW} button:has-text('{name}')")
    assert reach_by_keyboard(page) >= set(range(page.locator(CONTROLS).count()))
    for name in ("Single services", "Single layers"):
        page.click(f"{VIEW} button:has-text('{name}')")
    page.get_by_label("Owner", exact=True).select_option("Customer")
    page.get_by_label("Folder", exact=True).fill(f"{theme}-overlay")
    page.get_by_role("button", name="Write it down").click()
    page.wait_for_selector(f"{VIEW} .srm-fault")
    assert "why is missing" in page.inner_text(f"{VIEW} .srm-fault")
    take_picture(page, f"dissent-fault-{theme}.png")
    assert not is_cut(page)
    page.get_by_label("Why", exact=True).press_sequentially(WHY)
    page.get_by_role("button", name="Write it down").press("Enter")
    page.wait_for_selector(f"{VIEW} .srm-done")
    home = lab.folder / "notebooks" / f"{theme}-overlay"
    claim = srm.load_matrix(overlay=home).claims["rds"]["backup"]
    assert (claim.cell.owner, claim.cell.why) == ("customer", WHY)
    assert find_problems(home) == []
    wait_for(lambda: "[c]" in "".join(read_marks(page)), 10, "no mark in the picture")
    details = page.inner_text(f"{VIEW} .srm-details")
    assert WHY in details
    assert f"Origin {home.name}" in details
    assert page.evaluate("document.activeElement.innerText").startswith("I see it otherwise")
    take_picture(page, f"dissent-done-{theme}.png")
    assert not is_cut(page)
