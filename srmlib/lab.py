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
# Who reaches JupyterLab runs code: no configuration file of the user's own Jupyter opens it further.
FENCE = {
    "ip": "localhost", "allow_remote_access": "False", "allow_origin": "", "allow_origin_pat": "",
    "disable_check_xsrf": "False",
}  # fmt: skip


def open_lab(options: Sequence[str] = (), package: Path = Path(__file__).parent) -> int:
    """Replace this process by JupyterLab; it binds to loopback, keeps its token and its own origin."""
    if find_spec("jupyterlab") is None:
        raise SrmError("JupyterLab is not installed; run `pip install 'srmlib[lab]'`")
    command = [sys.executable, "-m", "jupyterlab", *_fence(options)]
    if not any(option.startswith("--ServerApp.root_dir") for option in options):
        command.append(f"--ServerApp.root_dir={find_notebooks(package)}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    if os.name == "nt":  # There execv splits words at spaces and leaves the shell at once.
        return subprocess.run([*command, *options]).returncode  # noqa: S603 (our own interpreter)
    os.execv(sys.executable, [*command, *options])  # noqa: S606 (the same)


def _fence(options: Sequence[str]) -> list[str]:
    """What keeps others out, as options; one of the user's in its place is refused."""
    for option in options:
        name = option.partition("=")[0].lstrip("-").removeprefix("ServerApp.")
        if name in FENCE:
            raise SrmError(
                f"lab keeps {name} as it is: it is for this machine only; to open JupyterLab to "
                "others run `jupyter lab` itself"
            )
    return [f"--ServerApp.{name}={value}" for name, value in FENCE.items()]


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
