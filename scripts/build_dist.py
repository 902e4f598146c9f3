"""Build wheel, sdist and the list of what a user installs, in dist/; twice gives the same bytes.

The list is a CycloneDX SBOM of requirements-user.lock, whose hashes it carries, checked against
CycloneDX's own schema before it is written. The lock lies beside it, to install with.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import srmlib

ROOT = Path(__file__).parent.parent
DIST = ROOT / "dist"
LOCK = ROOT / "requirements-user.lock"


def main() -> int:
    """Replace dist/ by a new one, whole."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "dist"
        build_packages(folder)
        write_sbom(folder / f"srmlib-{srmlib.__version__}.cdx.json")
        shutil.copyfile(LOCK, folder / LOCK.name)
        shutil.rmtree(DIST, ignore_errors=True)
        shutil.copytree(folder, DIST)
    for path in sorted(DIST.iterdir()):
        print(path.relative_to(ROOT).as_posix())
    return 0


def build_packages(folder: Path, root: Path = ROOT) -> None:
    """Wheel and sdist by what stands in the lock; nothing is fetched."""
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL)


def write_sbom(target: Path, lock: Path = LOCK) -> None:
    """The packages of the lock with versions, purls and hashes, without time or random ids."""
    with tempfile.TemporaryDirectory() as place:
        project = Path(place) / "pyproject.toml"
        project.write_text(state_version(), encoding="utf-8")
        # A lock says what is installed, not what needs what: the tool would warn of that.
        command = [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements", str(lock),
                   "--pyproject", str(project), "--mc-type", "application", "--short-PURLs",
                   "--output-reproducible", "--validate", "-o", str(target)]  # fmt: skip
        subprocess.run(command, check=True)


def state_version() -> str:
    """pyproject.toml with the version in it, which hatchling reads from the package."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return re.sub(
        r'^dynamic = \["version"\]$', f'version = "{srmlib.__version__}"', text, flags=re.M
    )


if __name__ == "__main__":
    raise SystemExit(main())
