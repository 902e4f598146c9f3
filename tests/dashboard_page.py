"""`srmlib dashboard` for tests: the command itself, a browser's page on it, and bare requests."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scripts.lab_server import PLOT, SCREEN, find_port
from tests.conftest import ROOT


@contextmanager
def serve_dashboard(folder: Path, *options: str) -> Iterator[str]:
    """The command run in a folder; yields the address that it prints."""
    command = [sys.executable, "-m", "srmlib", "dashboard", *options]
    server = subprocess.Popen(
        [*command, "--no-browser", f"--port={find_port()}"], cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield server.stdout.readline().split()[-1]  # type: ignore[union-attr]
    finally:
        server.terminate()
        server.wait(30)


def open_page(browser: Any, address: str, asked: list[str] | None = None) -> Any:
    """A page whose heatmap is drawn; `asked` takes every address that it asks for."""
    page = browser.new_page(viewport=SCREEN)
    if asked is not None:
        page.on("request", lambda request: asked.append(request.url))
        page.on("websocket", lambda socket: asked.append(socket.url))
    page.goto(address)
    page.wait_for_selector(f"{PLOT} .heatmaplayer image", state="attached", timeout=60_000)
    return page


def list_hosts(asked: list[str]) -> set[str]:
    return {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))}


def get(address: str, path: str, **headers: str) -> tuple[int, str]:
    """Ask for a path as it stands, which a browser or urllib would tidy up."""
    link = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    link.request("GET", path, headers=headers)
    answer = link.getresponse()
    return answer.status, answer.read().decode(errors="replace")


def with_token(address: str) -> dict[str, str]:
    return {"Authorization": f"token {address.partition('token=')[2]}"}
