"""01 in JupyterLab in a real browser: it runs, and its heatmap is drawn."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.browser
NOTEBOOK = "01-who-owns-what.ipynb"
BROWSER_OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """`srmlib lab` on a free port of loopback; its token is off for this server only."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [
        "--no-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0", "--IdentityProvider.token=",
        "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        f"--ServerApp.root_dir={copy_notebooks(tmp_path)}",
    ]  # fmt: skip
    homes = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind) for kind in ("CONFIG", "RUNTIME")}
    homes["JUPYTERLAB_WORKSPACES_DIR"] = str(tmp_path / "workspaces")
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
    notebook = nbformat.read(ROOT / "notebooks" / NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, target / NOTEBOOK)
    return target


def ask(url: str) -> object:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 (loopback)
            return json.load(answer)
    except OSError:
        return None


def wait_for(test: object, seconds: float, problem: str) -> None:
    end = time.monotonic() + seconds
    while not test():  # type: ignore[operator]
        assert time.monotonic() < end, problem
        time.sleep(0.3)


def is_idle(url: str) -> bool:
    kernels = ask(f"{url}/api/kernels")
    return bool(kernels) and all(
        each["execution_state"] == "idle" and each["connections"]
        for each in kernels  # type: ignore[attr-defined]
    )


def test_notebook_01_runs_in_jupyterlab_and_draws_its_heatmap(lab: str, chromium: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=BROWSER_OPTIONS)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(f"{lab}/lab/tree/{NOTEBOOK}")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
        wait_for(lambda: is_idle(lab), 60, "the kernel did not become idle")
        page.click("text=Run >> nth=0")
        page.click("text=Run All Cells")
        # JupyterLab keeps only cells in view in the page; Run All has gone to the last one.
        page.wait_for_timeout(1000)
        wait_for(lambda: is_idle(lab), 60, "the notebook did not finish")
        page.locator(".jp-WindowedPanel-outer").first.evaluate("panel => panel.scrollTop = 0")
        heatmap = page.locator(".js-plotly-plot .heatmaplayer image").first
        heatmap.wait_for(state="attached", timeout=90_000)
        drawn = page.locator(".js-plotly-plot").first
        drawn.scroll_into_view_if_needed()
        labels = drawn.inner_text()
        box = drawn.bounding_box()
        errors = page.locator(".jp-OutputArea-output[data-mime-type*='error']").count()
        if shots := os.environ.get("SRMLIB_SCREENSHOTS"):
            page.wait_for_timeout(500)
            page.screenshot(path=str(Path(shots) / "jupyterlab.png"))
        browser.close()
    assert errors == 0
    assert box is not None
    assert box["width"] > 500
    assert "Guest OS" in labels
    assert "eks-managed-nodes" in labels
