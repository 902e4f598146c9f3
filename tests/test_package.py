"""The wheel stands alone: data and notebooks inside, the command works without the repository."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGE = ("dashboard.ipynb", "quiz.ipynb", "index.html.j2", "page.html")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_data_and_notebooks(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"srmlib/data/layers.csv", "srmlib/data/services/ec2.yaml"} <= names
    assert {
        "srmlib/notebooks/01-who-owns-what.ipynb",
        "srmlib/notebooks/workloads/shop-plan.json",
    } <= names
    pages = {"page.html.j2", "page_style.j2", "controls_page.html.j2"}
    assert {f"srmlib/export/{name}" for name in pages} <= names
    assert {f"srmlib/dashboard/page/{name}" for name in PAGE} <= names
    assert not any("tests/" in name or ".ipynb_checkpoints" in name for name in names)
    assert not any("shop-review" in name for name in names)


def test_the_unpacked_wheel_finds_its_own_data(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = "from srmlib.catalogue import find_data; print(find_data())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(done.stdout.strip()) == tmp_path / "site" / "srmlib" / "data"
