"""The wheel stands alone: data and notebooks inside, built the same twice, listed and hashed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

import srmlib
from scripts.build_dist import LOCK, build_packages, write_sbom
from scripts.lab_server import ask, find_port, wait_for
from tests.conftest import ROOT

PAGE = ("dashboard.ipynb", "quiz.ipynb", "index.html.j2", "page.html")
BUILT = ("srmlib", "data", "notebooks", "tests", "README.md", "LICENSE", "CHANGELOG.md",
         "pyproject.toml", ".gitignore")  # fmt: skip
PIN = re.compile(r"^([a-z0-9.-]+)(?:\[\S+\])?==(\S+)((?:.*\\\n)(?:    --hash=.*\n?)+)", re.M)
SAMPLE = re.compile(r'"(\w[\w-]*/[\w./-]+)"')


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build_packages(folder)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    return next(dist.glob("*.whl"))


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


def test_the_wheel_holds_every_file_that_a_notebook_reads(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    read = {each for path in (ROOT / "notebooks").glob("*.ipynb") for each in list_samples(path)}
    assert "workloads/shop-plan.json" in read
    for each in read:
        assert any(name.startswith(f"srmlib/notebooks/{each}") for name in names), each


def list_samples(notebook: Path) -> list[str]:
    """The relative paths that its code names."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return SAMPLE.findall("\n".join(code))


def test_the_wheel_is_small_enough_to_mail(wheel: Path) -> None:
    assert wheel.stat().st_size < 8 * 2**20
    sizes = {each.filename: each.file_size for each in zipfile.ZipFile(wheel).infolist()}
    assert not {name for name, size in sizes.items() if size > 2 * 2**20}


def test_the_unpacked_wheel_finds_its_own_data(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = "from srmlib.data_files import find_data; print(find_data())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(done.stdout.strip()) == tmp_path / "site" / "srmlib" / "data"


def test_wheel_and_sdist_built_elsewhere_and_later_are_the_same_bytes(
    dist: Path, tmp_path: Path
) -> None:
    copy = copy_checkout(tmp_path / "another place")
    build_packages(tmp_path / "again", copy)
    first, again = ({path.name: path.read_bytes() for path in folder.iterdir()}
                    for folder in (dist, tmp_path / "again"))  # fmt: skip
    assert len(first) == 2
    assert first == again


def copy_checkout(folder: Path) -> Path:
    """What is built, in files of another day and with other rights."""
    folder.mkdir()
    for name in BUILT:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, folder / name)
    for path in filter(Path.is_file, folder.rglob("*")):
        path.chmod(0o600)
        os.utime(path, (1e9, 1e9))
    return folder


def test_the_lock_of_a_user_is_a_part_of_the_tested_lock() -> None:
    tested, users = (set(PIN.findall(path.read_text()))
                     for path in (ROOT / "requirements.lock", LOCK))  # fmt: skip
    assert users < tested
    names = {name for name, _, _ in users}
    assert {"pandas", "jupyterlab", "boto3", "ibis-framework", "kaleido"} <= names
    assert not {"pytest", "moto", "mypy"} & names


def test_the_sbom_lists_each_package_of_the_lock_with_its_hashes(tmp_path: Path) -> None:
    """The tool itself holds the file against CycloneDX's schema, or writes none."""
    write_sbom(tmp_path / "a.cdx.json")
    bom = json.loads((tmp_path / "a.cdx.json").read_text(encoding="utf-8"))
    assert (bom["bomFormat"], bom["metadata"]["component"]["name"]) == ("CycloneDX", "srmlib")
    assert bom["metadata"]["component"]["version"] == srmlib.__version__
    listed = {(each["purl"], *list_hashes(each)) for each in bom["components"]}
    pins = PIN.findall(LOCK.read_text())
    assert listed == {
        (f"pkg:pypi/{name}@{version}", *sorted(re.findall("sha256:([0-9a-f]{64})", hashes)))
        for name, version, hashes in pins
    }
    assert len(bom["components"]) == len(pins)


def list_hashes(component: dict[str, list[dict[str, list[dict[str, str]]]]]) -> list[str]:
    files = component["externalReferences"]
    return sorted(each["content"] for file in files for each in file.get("hashes", ()))


def test_the_sbom_is_the_same_bytes_twice_and_names_no_path(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_sbom(tmp_path / name)
    content = (tmp_path / "a").read_bytes()
    assert content == (tmp_path / "b").read_bytes()
    assert str(tmp_path).encode() not in content
    assert str(ROOT).encode() not in content


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a venv that holds the wheel and the lock's packages, no more."""
    home = tmp_path_factory.mktemp("user") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    place = home / ("Scripts" if os.name == "nt" else "bin")
    pip = [str(place / "python"), "-m", "pip", "install", "--quiet"]
    hashed = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(LOCK)]
    subprocess.run([*pip, *hashed], check=True, env=clean_environment())
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    subprocess.run([*pip[:3], "check"], check=True)
    return place


def clean_environment() -> dict[str, str]:
    """Without what would let the checkout, or another person's Jupyter, be found."""
    return {
        name: value for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "JUPYTER", "VIRTUAL_ENV"))
    }  # fmt: skip


@pytest.mark.heavy
def test_the_installed_commands_work_without_the_repository(
    installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "arns.txt").write_text("arn:aws:s3:::photos\narn:aws:sqs:eu-west-1:1:jobs\n")
    srm = str(installed / "srmlib")
    told = [
        subprocess.run(
            [srm, *words], cwd=tmp_path, env=clean_environment(), check=True,
            capture_output=True, text=True, encoding="utf-8",
        ).stdout
        for words in (["--version"], ["services"], ["inventory", "arns.txt"])
    ]  # fmt: skip
    assert told[0] == f"srmlib {srmlib.__version__}\n"
    assert "\nrds," in told[1]
    assert ",sqs,1" in told[2]


@pytest.mark.heavy
def test_the_installed_lab_asks_for_its_token_and_keeps_what_the_user_changed(
    installed: Path, tmp_path: Path
) -> None:
    first = tmp_path / "srmlib-notebooks" / "01-who-owns-what.ipynb"
    with serve_installed(installed, tmp_path) as url:
        assert ask(f"{url}/api/contents/{first.name}?content=0&token=s3cr3t")["name"] == first.name
        with pytest.raises(HTTPError, match="403"):
            urlopen(f"{url}/api/contents", timeout=10)  # noqa: S310 (loopback)
    assert first.read_bytes() == (ROOT / "notebooks" / first.name).read_bytes()
    first.write_text("mine")
    with serve_installed(installed, tmp_path):
        assert first.read_text() == "mine"


@contextmanager
def serve_installed(place: Path, folder: Path) -> Iterator[str]:
    """The installed `srmlib lab`, once its server answers who has the token."""
    port = find_port()
    command = [str(place / "srmlib"), "lab", "--no-browser",
               f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]  # fmt: skip
    homes = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "RUNTIME", "DATA")}
    server = subprocess.Popen(
        command, cwd=folder, env=clean_environment() | homes | {"JUPYTER_TOKEN": "s3cr3t"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: ask(f"{url}/api/status?token=s3cr3t"), 120, "JupyterLab did not start")
        yield url
    finally:
        server.terminate()
        server.wait(30)
