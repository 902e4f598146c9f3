"""What the tests share: the matrix, real workload files where they lie beside, and a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import srmlib as srm
from scripts.lab_server import BROWSER_OPTIONS
from srmlib.matrix import Matrix, load_matrix
from tests.accounts import NEW, TEAMS, save_csv

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "inputs"

# Kernels that nbval starts inherit it: stored figures are data, never HTML with a random id.
os.environ["PLOTLY_RENDERER"] = "plotly_mimetype"


@pytest.fixture(scope="session")
def matrix() -> Matrix:
    return load_matrix()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of data/ to damage."""
    return Path(shutil.copytree(ROOT / "data", tmp_path / "data"))


@pytest.fixture(scope="session")
def inputs() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the real workload files are not beside the checkout")
    return SHARED


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; without one a test is skipped, except in CI, where it fails."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, names)), None)
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail("no Chromium in CI; .ci/run has to install it")
    pytest.skip("no Chromium found; install chromium or set BROWSER_PATH")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """One Chromium for a file's tests; each opens pages of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium, args=BROWSER_OPTIONS)
        yield opened
        opened.close()


@pytest.fixture
def fleet(tmp_path: Path, matrix: srm.Matrix) -> srm.Fleet:
    return srm.read_fleet(save_csv(tmp_path / "resources.csv"), matrix=matrix, teams=TEAMS)


@pytest.fixture(scope="session")
def sample() -> srm.Fleet:
    return srm.read_fleet(NEW)
