"""JupyterLab on the notebooks for a browser to drive: for the browser tests and the benchmarks."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
BROWSER_OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
SCREEN: Any = {"width": 1366, "height": 768}
PLOT = ".srm-explorer .js-plotly-plot"


@contextmanager
def serve_lab(folder: Path) -> Iterator[str]:
    """`srmlib lab` on a free port of loopback; its token is off for this server only."""
    port = find_port()
    options = [
        "--no-browser", f"--ServerApp.port={port}",
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


def find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def copy_notebooks(folder: Path) -> Path:
    """The notebooks without outputs, so that what is drawn was computed here."""
    import nbformat

    target = folder / "notebooks"
    target.mkdir()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, target / path.name)  # type: ignore[no-untyped-call]
    return target


def write_settings(folder: Path) -> Path:
    """JupyterLab keeps only cells in view in the page; a test wants all of them."""
    place = folder / "@jupyterlab" / "notebook-extension"
    place.mkdir(parents=True)
    (place / "tracker.jupyterlab-settings").write_text(
        '{"windowingMode": "none"}', encoding="utf-8"
    )
    news = folder / "@jupyterlab" / "apputils-extension"
    news.mkdir(parents=True)
    (news / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false"}', encoding="utf-8"
    )
    return folder


def ask(url: str) -> Any:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)
    except OSError:
        return None


def wait_for(test: Callable[[], object], seconds: float, problem: str) -> None:
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            raise TimeoutError(problem)
        time.sleep(0.2)


def is_idle(url: str, notebook: str) -> bool:
    """Whether the notebook's own kernel waits, with the page connected to it."""
    sessions = ask(f"{url}/api/sessions") or []
    kernels = [each["kernel"] for each in sessions if each["path"] == notebook]
    return bool(kernels) and all(
        each["execution_state"] == "idle" and each["connections"] for each in kernels
    )


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
    if page.locator(errors).count():
        raise RuntimeError(f"{name} printed an error")
