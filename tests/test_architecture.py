"""The listing of files is the architecture: each module imports only from those above it."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import pytest

import srmlib
from tests.conftest import ROOT

ORDER = [
    "errors", "atomic", "schema", "data_files", "catalogue", "order", "matrix", "ladders", "shift", "families",
    "frameworks", "reasons", "inventory", "collector", "check", "cell_lines", "overlays", "sightings",
    "blind_spots", "moves", "teams", "answers", "rooms", "duties", "settings", "records",
    "duty_sheets", "reviews", "diffs", "snapshots", "workload_diffs", "fleet", "figures", "export",
    "form_controls", "dissent", "choices", "handover", "workbench", "explorer", "lessons", "lab",
    "dashboard", "progress", "cli",
]  # fmt: skip
LOCKS = ["requirements.lock", "requirements-user.lock", "requirements-lowest.lock"]
USERS = ("lab", "images", "fleet", "collect")
PIN = r"^([a-z0-9-]+)(?:\[\w+\])?==(\S+).* \\\n    --hash=sha256"
PACKAGE = ROOT / "srmlib"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__main__.py")


def name_module(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def list_imports(path: Path) -> set[str]:
    """The srmlib modules that a file imports anywhere, outside of type checking."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("srmlib"):
            parts = (node.module or "").split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
    return found - {"__version__"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_above_itself(path: Path) -> None:
    module = name_module(path)
    if module == "__init__":
        return
    above = ORDER[: ORDER.index(module)]
    assert list_imports(path) <= {*above, module}


def test_the_order_names_every_module() -> None:
    assert {name_module(path) for path in MODULES} == {*ORDER, "__init__"}


def test_the_contributors_guide_lists_the_modules_in_their_order() -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text()
    listed = guide.partition("from top to bottom:")[2].partition(". A module")[0]
    assert re.findall(r"`(\w+)/?`", listed) == ORDER


def test_exporters_never_import_each_other() -> None:
    for path in PACKAGE.glob("export/*_file.py"):
        assert not re.search(r"from srmlib\.export\.\w+_file", path.read_text()), path.name


def test_no_public_name_is_a_modules_name() -> None:
    assert not set(srmlib.__all__) & {*ORDER, "srmlib"}


@pytest.mark.parametrize("name", srmlib.__all__)
def test_every_public_name_says_what_it_is(name: str) -> None:
    assert inspect.getdoc(getattr(srmlib, name))


def test_importing_srmlib_loads_nothing_heavy() -> None:
    code = "import sys, srmlib; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pandas", "plotly", "msgspec", "yaml", "rich"} & set(done.stdout.split())


@pytest.mark.parametrize("command", [["services"], ["layers"], ["--version"]])
def test_light_commands_load_neither_pandas_nor_plotly(command: list[str]) -> None:
    code = (
        "import sys; from srmlib.cli import main\n"
        f"try: main({command})\nexcept SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pandas", "plotly", "yaml", "rich"} & set(done.stderr.split())


@pytest.mark.parametrize("lock", [*LOCKS, "requirements-spark.lock"])
def test_a_lock_holds_no_address_and_no_path(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "--hash=sha256" in text
    assert "://" not in text
    assert " @ " not in text
    assert str(ROOT) not in text


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_dependency_with_hashes(lock: str) -> None:
    pinned = re.findall(PIN, (ROOT / lock).read_text(), re.M)
    extras = USERS if lock == "requirements-user.lock" else None
    assert set(list_bounds(extras)) <= {name for name, _ in pinned}


def test_the_lowest_lock_holds_the_lower_bound_of_every_dependency() -> None:
    pinned = dict(re.findall(PIN, (ROOT / "requirements-lowest.lock").read_text(), re.M))
    for name, bound in list_bounds().items():
        assert f"{pinned[name]}.".startswith(f"{bound}."), name


def list_bounds(extras: Iterable[str] | None = None) -> dict[str, str]:
    """The lowest version that pyproject.toml allows of each package that it names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    wanted = [*project["dependencies"], *chain(*(optional[each] for each in extras or optional))]
    return dict(re.fullmatch(r"([\w-]+)(?:\[\w+\])?>=([\d.]+)", each).groups() for each in wanted)  # type: ignore[union-attr,misc]


def test_environment_yml_is_in_step_with_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    nbval = [each for each in extras["dev"] if each.startswith("nbval")]
    wanted = {*project["dependencies"], *nbval}
    for extra in USERS:
        wanted |= {each.replace("[duckdb]", "") for each in extras[extra]}
    listed = re.findall(
        r"^ +- ([\w.-]+(?:>=[\d.]+)?)$", (ROOT / "environment.yml").read_text(), re.M
    )
    ours = {
        "python-kaleido": "kaleido", "ruamel.yaml": "ruamel-yaml", "python-duckdb": "duckdb",
        "python-isal": "isal",
    }  # fmt: skip  # conda's own names
    named = {re.sub("|".join(ours), lambda name: ours[name[0]], each) for each in listed}
    assert named - {"conda-forge", "pip", "python>=3.11"} == wanted
    assert f"python{project['requires-python']}" in listed
