"""Where `srmlib lab` finds the notebooks; the browser tests open it for real."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from srmlib import lab
from srmlib.cli import main
from srmlib.errors import SrmError
from tests.conftest import ROOT


def test_a_checkout_serves_its_own_notebooks() -> None:
    assert lab.find_notebooks() == ROOT / "notebooks"


def test_a_wheel_serves_a_copy_that_is_made_once_and_never_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "srmlib"
    (package / "notebooks").mkdir(parents=True)
    (package / "notebooks" / "01.ipynb").write_text("shipped")
    monkeypatch.chdir(tmp_path)
    own = lab.find_notebooks(package)
    assert (own / "01.ipynb").read_text() == "shipped"
    (own / "01.ipynb").write_text("mine")
    assert (lab.find_notebooks(package) / "01.ipynb").read_text() == "mine"


def test_a_copy_can_be_changed_where_the_package_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = tmp_path / "site-packages" / "srmlib" / "notebooks" / "01.ipynb"
    notebook.parent.mkdir(parents=True)
    notebook.write_text("shipped")
    notebook.chmod(0o444)
    monkeypatch.chdir(tmp_path)
    own = lab.find_notebooks(notebook.parent.parent)
    assert (own / "01.ipynb").stat().st_mode & 0o200
    assert [path.name for path in tmp_path.glob("*srmlib-*")] == ["srmlib-notebooks"]


def test_where_no_copy_can_be_made_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "srmlib" / "notebooks").mkdir(parents=True)
    (tmp_path / "gone").mkdir()
    monkeypatch.setattr(lab, "OWN_COPY", "gone/away/srmlib-notebooks")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        SrmError, match=r"cannot be written: No such file .*; choose another folder"
    ):
        lab.find_notebooks(tmp_path / "srmlib")


def test_without_jupyterlab_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "find_spec", lambda name: None)
    with pytest.raises(SrmError, match=r"pip install 'srmlib\[lab\]'"):
        lab.open_lab()


def test_jupyterlab_replaces_the_process_on_the_notebooks(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(lab.os, "execv", lambda program, words: started.append(words))
    monkeypatch.setattr(lab.os, "geteuid", lambda: 1000)
    lab.open_lab(["--no-browser"])
    assert started[0][-1] == "--no-browser"
    assert f"--ServerApp.root_dir={ROOT / 'notebooks'}" in started[0]
    assert "--allow-root" not in started[0]
    monkeypatch.setattr(lab.os, "geteuid", lambda: 0)
    lab.open_lab()
    assert "--allow-root" in started[1]


@pytest.mark.parametrize(
    "options",
    [["--ip=*"], ["--ip", "192.0.2.1"], ["--ServerApp.ip="], ["--ServerApp.allow_origin=*"]],
    ids=" ".join,
)
def test_what_would_reach_further_is_refused(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lab", *options]) == 2
    assert re.fullmatch(
        r"srmlib: lab keeps \w+ as it is: .*`jupyter lab` itself\n", capsys.readouterr().err
    )
