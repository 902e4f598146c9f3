"""JupyterLab on the notebooks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
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
    if os.name == "nt":  # There execv splits words at spaces and leaves the shell at once.
        return subprocess.run([*command, *options]).returncode  # noqa: S603 (our own interpreter)
    os.execv(sys.executable, [*command, *options])  # noqa: S606 (the same)


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
    return own if own.exists() else _copy_whole(shipped, own)


def _copy_whole(shipped: Path, own: Path) -> Path:
    """All of the notebooks or none; a package that is read-only makes no read-only copies."""
    try:
        with tempfile.TemporaryDirectory(dir=own.parent, prefix=f".{own.name}.") as part:
            copy = shutil.copytree(shipped, Path(part) / own.name, copy_function=shutil.copyfile)
            return copy.rename(own)
    except OSError as error:
        reason = error.strerror or "some files cannot be copied"
        raise SrmError(f"{own.name}: cannot be written: {reason}; choose another folder") from None
