"""JupyterLab on the notebooks."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from srmlib.errors import SrmError

OWN_COPY = "srmlib-notebooks"


def open_lab(options: Sequence[str] = (), package: Path = Path(__file__).parent) -> int:
    """Replace this process by JupyterLab; it binds to loopback and keeps its token."""
    if find_spec("jupyterlab") is None:
        raise SrmError("JupyterLab is not installed; run `pip install 'srmlib[lab]'`")
    command = [sys.executable, "-m", "jupyterlab"]
    if not any(option.startswith("--ServerApp.root_dir") for option in options):
        command.append(f"--ServerApp.root_dir={find_notebooks(package)}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    os.execv(sys.executable, [*command, *options])  # noqa: S606 (our own interpreter)


def find_notebooks(package: Path = Path(__file__).parent) -> Path:
    """A checkout's notebooks; from a wheel a copy in this folder, made once, never overwritten."""
    beside = package.parent / "notebooks"
    if (beside / "01-who-owns-what.ipynb").is_file() and (
        package.parent / "pyproject.toml"
    ).is_file():
        return beside
    shipped = package / "notebooks"
    if not shipped.is_dir():
        raise SrmError("no notebooks in or beside the package; install srmlib again")
    own = Path.cwd() / OWN_COPY
    if not own.exists():
        shutil.copytree(shipped, own)
    return own
