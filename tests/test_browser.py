"""The notebooks in JupyterLab in a real browser: 01 draws its heatmap, 03 does all it promises."""

from __future__ import annotations

import json
import os
import random
import re
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import srmlib as srm
from srmlib.figures import SMALL, heatmap_spec
from tests.conftest import ROOT

pytestmark = pytest.mark.browser
BROWSER_OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
SCREEN = {"width": 1366, "height": 768}
PLOT = ".srm-explorer .js-plotly-plot"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`srmlib lab` on a free port of loopback; its token is off for this server only."""
    folder = tmp_path_factory.mktemp("lab")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [
        "--no-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0", "--IdentityProvider.token=",
        "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        f"--ServerApp.root_dir={copy_notebooks(folder)}",
    ]  # fmt: skip
    homes = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "RUNTIME")}
    homes["JUPYTERLAB_WORKSPACES_DIR"] = str(folder / "workspaces")
    homes["JUPYTERLAB_SETTINGS_DIR"] = str(write_settings(folder / "settings"))
    server = subprocess.Popen(
        [sys.executable, "-m", "srmlib", "lab", *options], env=os.environ | homes,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: ask(f"{url}/api") is not None, 60, "JupyterLab did not start")
        yield url
    finally:
        server.terminate()
        server.wait(30)


def copy_notebooks(folder: Path) -> Path:
    """The notebooks without outputs, so that what is drawn was computed here."""
    import nbformat

    target = folder / "notebooks"
    target.mkdir()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, target / path.name)
    return target


def write_settings(folder: Path) -> Path:
    """JupyterLab keeps only cells in view in the page; a test wants all of them."""
    place = folder / "@jupyterlab" / "notebook-extension"
    place.mkdir(parents=True)
    (place / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    news = folder / "@jupyterlab" / "apputils-extension"
    news.mkdir(parents=True)
    (news / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    return folder


def ask(url: str) -> Any:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 (loopback)
            return json.load(answer)
    except OSError:
        return None


def wait_for(test: Callable[[], object], seconds: float, problem: str) -> None:
    end = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < end, problem
        time.sleep(0.2)


def is_idle(url: str, notebook: str) -> bool:
    """Whether the notebook's own kernel waits, with the page connected to it."""
    sessions = ask(f"{url}/api/sessions") or []
    kernels = [each["kernel"] for each in sessions if each["path"] == notebook]
    return bool(kernels) and all(
        each["execution_state"] == "idle" and each["connections"] for each in kernels
    )


@pytest.fixture
def page(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=BROWSER_OPTIONS)
        yield browser.new_page(viewport=SCREEN)
        browser.close()


def run_notebook(page: Any, lab: str, name: str, last: str) -> None:
    """Open a notebook, run all of it, and wait until the last code cell has its number."""
    # A workspace of its own: what another test left open stays closed.
    page.goto(f"{lab}/lab/workspaces/{uuid.uuid4().hex}/tree/{name}")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", state="attached", timeout=60_000)
    wait_for(lambda: is_idle(lab, name), 60, "the kernel did not become idle")
    page.click("text=Run >> nth=0")
    page.click("text=Run All Cells")
    page.wait_for_selector(last, state="attached", timeout=90_000)
    prompts = page.locator(".jp-CodeCell .jp-InputPrompt")
    wait_for(lambda: all("[" in t and "*" not in t and t.strip() != "[ ]:" for t in prompts.all_inner_texts()),
             90, "the notebook did not finish")  # fmt: skip
    wait_for(lambda: is_idle(lab, name), 60, "the kernel did not become idle")
    errors = "[data-mime-type='application/vnd.jupyter.error'], [data-mime-type*='stderr']"
    assert page.locator(errors).count() == 0


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
def explorer(lab: str, page: Any) -> Any:
    run_notebook(page, lab, "03-toggle-services.ipynb", f"{PLOT} .heatmaplayer image")
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
        ".srm-explorer button", has_text=re.compile("IaaS|Containers|Access|Operations")
    )
    choose = random.Random(11)  # noqa: S311 (not for secrets)
    controls = [boxes.nth(n) for n in choose.sample(range(boxes.count()), 8)]
    controls += [buttons.nth(n) for n in choose.sample(range(buttons.count()), 2)]
    for control in controls:
        control.click()
    chosen = matrix.select(models=["on-premises", "iaas", "containers", "managed"])
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
    take_picture(page, "explorer.png")


def test_nothing_is_cut_and_the_keyboard_reaches_every_control(explorer: Any) -> None:
    page = explorer
    view = page.locator(".srm-explorer").first
    assert view.evaluate("view => view.scrollWidth <= view.clientWidth")
    plot = page.locator(PLOT).bounding_box()
    side = page.locator(".srm-details").bounding_box()
    assert plot["x"] + plot["width"] <= side["x"] + 1
    for name in ("Single services", "Single layers"):
        page.click(f".srm-explorer button:has-text('{name}')")
    controls = page.locator(
        ".srm-explorer button, .srm-explorer input, .srm-explorer select"
    ).count()
    page.locator(".srm-explorer button").first.focus()
    reached = set()
    for _ in range(controls + 5):
        reached.add(page.evaluate(
            """() => { const all = [...document.querySelectorAll(
            '.srm-explorer button, .srm-explorer input, .srm-explorer select')];
            return all.indexOf(document.activeElement); }"""
        ))  # fmt: skip
        page.keyboard.press("Tab")
    assert reached >= set(range(controls))
    before = read_heatmap(page)
    page.locator(".srm-explorer button").first.focus()
    page.keyboard.press("Space")
    wait_for(lambda: read_heatmap(page) != before, 10, "Space did not toggle")
