"""The notebooks in JupyterLab in a real browser: 01 draws its heatmap, 03 does all it promises."""

from __future__ import annotations

import os
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import srmlib as srm
from scripts.lab_server import BROWSER_OPTIONS, PLOT, SCREEN, run_notebook, serve_lab, wait_for
from srmlib.figures import SMALL, heatmap_spec
from tests.conftest import ROOT
from tests.explorer_tour import list_columns, search, tour

pytestmark = pytest.mark.browser
# The controls that a reader sees; what is folded away is not to be reached.
VISIBLE = (
    "[...document.querySelectorAll('.srm-explorer button, .srm-explorer input, .srm-explorer select')]"
    ".filter(each => each.offsetParent)"
)
OURS = ["on-premises", "database-on-ec2", "ec2", "ecs-ec2", "eks-managed-nodes", "ecs-fargate", "rds", "aurora",
        "opensearch", "redshift", "lambda", "s3"]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def lab(home: Path) -> Iterator[str]:
    with serve_lab(home) as url:
        yield url


@pytest.fixture
def page(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=BROWSER_OPTIONS)
        yield browser.new_page(viewport=SCREEN)
        browser.close()


def take_picture(page: Any, name: str) -> None:
    if shots := os.environ.get("SRMLIB_SCREENSHOTS"):
        page.wait_for_timeout(700)
        page.screenshot(path=str(Path(shots) / name))


def test_notebook_01_runs_in_jupyterlab_and_draws_its_heatmap(lab: str, page: Any) -> None:
    run_notebook(page, lab, "01-who-owns-what.ipynb", ".js-plotly-plot .heatmaplayer image")
    drawn = page.locator(".js-plotly-plot").first
    drawn.scroll_into_view_if_needed()
    take_picture(page, "jupyterlab.png")
    labels = drawn.inner_text()
    assert drawn.bounding_box()["width"] > 500
    assert "Guest OS" in labels
    assert "eks-managed-nodes" in labels


@pytest.fixture
def explorer(lab: str, home: Path, page: Any) -> Any:
    """Notebook 03 with a kernel of its own: what one test chose must not stand in the next."""
    source = home / "notebooks" / "03-toggle-services.ipynb"
    name = f"03-{len(list(source.parent.iterdir()))}.ipynb"
    shutil.copy(source, source.with_name(name))
    run_notebook(page, lab, name, f"{PLOT} .heatmaplayer image")
    page.locator(".srm-explorer").first.evaluate("view => view.scrollIntoView()")
    return page


def read_heatmap(page: Any) -> tuple[list[int], list[int], list[list[int]]]:
    return tuple(page.evaluate(  # type: ignore[return-value]
        f"""() => {{ const cells = document.querySelector('{PLOT}').data[0];
        return [Array.from(cells.x), Array.from(cells.y), Array.from(cells.z, r => Array.from(r))]; }}"""
    ))  # fmt: skip


def expected_heatmap(page: Any, matrix: srm.Matrix) -> tuple[list[int], list[int], list[list[int]]]:
    """What matrix.select() gives for the choices that stand in the page."""
    catalogue = matrix.catalogue
    pressed = set(page.locator(".srm-explorer button.mod-active").all_inner_texts())
    boxes = page.locator(".srm-explorer .widget-checkbox").all()
    ticked = {box.inner_text().strip() for box in boxes if box.locator("input").is_checked()}
    services = [
        id for id in matrix.services
        if id in ticked and catalogue.models[catalogue.services[id].model].name in pressed
    ]  # fmt: skip
    layers = [
        id for id, layer in catalogue.layers.items()
        if layer.name in ticked and layer.group.capitalize() in pressed
    ]  # fmt: skip
    cells = heatmap_spec(matrix.select(services=services, layers=layers), None, SMALL)["data"][0]
    return cells["x"], cells["y"], cells["z"]


def test_after_ten_random_toggles_the_heatmap_is_what_select_gives(
    explorer: Any, matrix: srm.Matrix
) -> None:
    page = explorer
    for name in ("Only customer work", "Containers"):  # The notebook itself has moved these.
        page.click(f".srm-explorer button:has-text('{name}')")
    for name in ("Single services", "Single layers"):
        page.click(f".srm-explorer button:has-text('{name}')")
    boxes = page.locator(".srm-explorer .widget-checkbox input")
    buttons = page.locator(
        ".srm-explorer button:visible", has_text=re.compile("IaaS|Containers|Access|Operations")
    )
    choose = random.Random(11)  # noqa: S311 (not for secrets)
    controls = [boxes.nth(n) for n in choose.sample(range(boxes.count()), 8)]
    controls += [buttons.nth(n) for n in choose.sample(range(buttons.count()), 2)]
    for control in controls:
        control.click()
    chosen = matrix.select(services=OURS)
    wait_for(
        lambda: read_heatmap(page) == expected_heatmap(page, chosen), 10, "the heatmap differs"
    )


def test_a_click_on_a_cell_shows_its_duties(explorer: Any, matrix: srm.Matrix) -> None:
    page = explorer
    page.locator(PLOT).scroll_into_view_if_needed()
    area = page.locator(f"{PLOT} .nsewdrag").bounding_box()
    labels = page.evaluate(f"document.querySelector('{PLOT}').layout.xaxis.ticktext")
    rows = page.evaluate(f"document.querySelector('{PLOT}').layout.yaxis.ticktext")
    column, row = labels.index("rds"), rows.index("Engine")
    page.mouse.move(area["x"] + 5, area["y"] + 5)
    place = (area["x"] + area["width"] * (column + 0.5) / len(labels),
             area["y"] + area["height"] * (row + 0.5) / len(rows))  # fmt: skip
    page.mouse.move(*place)
    page.wait_for_timeout(300)
    page.mouse.click(*place)
    duty = matrix.claims["rds"]["engine"].cell.customer_duty
    assert duty
    wait_for(
        lambda: duty in page.locator(".srm-details").inner_text(), 10, "no details of the cell"
    )
    page.locator(".srm-explorer").first.evaluate("view => view.scrollIntoView()")
    page.mouse.move(5, 5)
    take_picture(page, "explorer.png")


def test_nothing_is_cut_and_the_keyboard_reaches_every_control(explorer: Any) -> None:
    page = explorer
    view = page.locator(".srm-explorer").first
    assert view.evaluate("view => view.scrollWidth <= view.clientWidth")
    plot = page.locator(PLOT).bounding_box()
    side = page.locator(".srm-details").bounding_box()
    assert plot["x"] + plot["width"] <= side["x"] + 1
    for name in ("Single services", "Single layers", "Fold groups", "Load a workload", "Save …"):
        page.click(f".srm-explorer button:has-text('{name}')")
    controls = page.evaluate(f"() => {VISIBLE}.length")
    page.evaluate(f"() => {VISIBLE}[0].focus()")
    reached = set()
    for _ in range(controls + 5):
        reached.add(page.evaluate(
            f"() => {VISIBLE}.indexOf(document.activeElement)"
        ))  # fmt: skip
        page.keyboard.press("Tab")
    assert reached >= set(range(controls))
    before = read_heatmap(page)
    page.locator(".srm-explorer button").first.focus()
    page.keyboard.press("Space")
    wait_for(lambda: read_heatmap(page) != before, 10, "Space did not toggle")


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_the_page_fits_every_screen_and_asks_for_nothing(
    chromium: str, tmp_path: Path, look: str
) -> None:
    from playwright.sync_api import sync_playwright

    workloads = ROOT / "notebooks" / "workloads"
    path = srm.write(srm.review(workloads / "shop-plan.json"), tmp_path / "review.html")
    size = {"width": 390, "height": 844} if look == "phone" else SCREEN
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=BROWSER_OPTIONS)
        page = browser.new_page(viewport=size, color_scheme="dark" if look == "dark" else "light")
        asked: list[str] = []
        complaints: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(path.as_uri())
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        width = page.evaluate("document.documentElement.scrollWidth")
        take_picture(page, f"page-{look}.png")
        browser.close()
    assert asked == [path.as_uri()]
    assert complaints == []
    assert width <= size["width"]
    assert (ground == "rgb(255, 255, 255)") == (look != "dark")


def test_the_explorer_searches_folds_pins_loads_and_hands_over(
    explorer: Any, matrix: srm.Matrix
) -> None:
    tour(explorer, [model.name for model in matrix.catalogue.models.values()])
    take_picture(explorer, "what-if.png")


def test_what_was_chosen_stands_again_when_the_cell_runs_again(explorer: Any) -> None:
    page = explorer
    search(page, "aurora")
    wait_for(lambda: list_columns(page) == ["aurora"], 15, "the search did nothing")
    page.locator(".jp-CodeCell", has_text="srm.explore(").locator(".jp-InputArea-editor").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(500)
    box = ".srm-explorer input[placeholder*='family']"
    wait_for(
        lambda: page.locator(box).count() and page.locator(box).input_value() == "aurora"
        and list_columns(page) == ["aurora"], 30, "the view is another one",
    )  # fmt: skip
