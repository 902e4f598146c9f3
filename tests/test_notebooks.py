"""The notebooks' own promises; that their outputs hold is nbval's part of the same run."""

from __future__ import annotations

import ast
import itertools
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FIGURE = "application/vnd.plotly.v1+json"


def load(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())  # type: ignore[no-any-return]


def list_code(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in load(path)["cells"] if cell["cell_type"] == "code"]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


def test_the_notebooks_are_there() -> None:
    assert {"01-who-owns-what", "04-review-your-architecture"} <= {path.stem for path in NOTEBOOKS}


def test_code_cells_are_short_and_define_nothing(notebook: Path) -> None:
    for cell in list_code(notebook):
        source = "".join(cell["source"])
        assert 1 <= len([line for line in source.splitlines() if line]) <= 5
        nodes = {type(node) for node in ast.walk(ast.parse(source))}
        assert not nodes & {ast.FunctionDef, ast.ClassDef, ast.For, ast.While}


def test_the_first_code_cell_only_imports(notebook: Path) -> None:
    body = ast.parse("".join(list_code(notebook)[0]["source"])).body
    assert all(isinstance(node, ast.Import | ast.ImportFrom) for node in body)


def test_prose_stands_before_and_after_every_code_cell(notebook: Path) -> None:
    kinds = [cell["cell_type"] for cell in load(notebook)["cells"]]
    assert kinds[0] == kinds[-1] == "markdown"
    assert all(pair != ("code", "code") for pair in itertools.pairwise(kinds))


def test_outputs_are_stored_without_clocks_paths_or_widgets(notebook: Path) -> None:
    text = notebook.read_text()
    assert "widgets" not in load(notebook)["metadata"]
    assert str(ROOT) not in text
    assert not re.search(r'"(iopub|shell)\.', text)
    for cell in list_code(notebook)[1:]:
        kinds = {output["output_type"] for output in cell["outputs"]}
        assert kinds <= {"execute_result", "display_data"}


def test_every_stored_figure_has_a_picture_for_readers_without_a_kernel(notebook: Path) -> None:
    data = [output["data"] for cell in list_code(notebook) for output in cell["outputs"]]
    figures = [each for each in data if FIGURE in each]
    assert figures
    assert all(len(each["image/png"]) > 20_000 for each in figures)
    stored = [output for cell in list_code(notebook) for output in cell["outputs"]]
    told = [each["metadata"]["image/png"]["alt"] for each in stored if FIGURE in each["data"]]
    assert all(re.search(r"\. A (heatmap|bar chart) of \d+", text) for text in told)


def list_columns(figure: dict[str, Any]) -> set[str]:
    """The services of a heatmap of owners, without the number of resources or an arrow."""
    if not any(trace["type"] == "scatter" for trace in figure["data"]):
        return set()
    names = figure["layout"]["xaxis"]["ticktext"]
    return {re.sub(r"<br>| \(\d+\)$|^→ ", "", name) for name in names}


def test_every_heatmap_of_owners_also_stands_there_as_a_table(notebook: Path) -> None:
    data = [output["data"] for cell in list_code(notebook) for output in cell["outputs"]]
    tables = ["".join(each.get("text/html", "")) for each in data]
    heads = [set(re.findall(r"<th[^>]*>([^<]+)</th>", table)) for table in tables]
    wanted = [list_columns(each[FIGURE]) for each in data if FIGURE in each]
    assert [names for names in wanted if not any(names <= head for head in heads)] == []


def test_links_between_notebooks_lead_somewhere(notebook: Path) -> None:
    for target in re.findall(r"\]\(([\w-]+\.ipynb)\)", notebook.read_text()):
        assert (notebook.parent / target).is_file()


def test_each_notebook_leads_to_the_one_after_it() -> None:
    for notebook, follower in itertools.pairwise(NOTEBOOKS):
        last = "".join(load(notebook)["cells"][-1]["source"])
        assert f"({follower.name})" in last.partition("**Next.**")[2], notebook.name


def test_the_readme_lists_every_notebook() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [path.name for path in NOTEBOOKS if f"notebooks/{path.name}" not in readme] == []


def test_a_changed_owner_of_a_shown_cell_makes_nbval_fail(tmp_path: Path) -> None:
    for folder in ("data", "notebooks", "srmlib"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    cell = tmp_path / "data" / "services" / "lambda.yaml"
    text = cell.read_text()
    changed = text.replace("  runtime:\n    owner: aws", "  runtime:\n    owner: customer", 1)
    assert changed != text
    cell.write_text(changed)
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", "-x"]
    path = tmp_path / "notebooks" / "01-who-owns-what.ipynb"
    env = {
        "PYTHONPATH": str(tmp_path),
        "PLOTLY_RENDERER": "plotly_mimetype",
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run(
        [*command, str(path)], capture_output=True, text=True, env=env, cwd=tmp_path
    )
    assert done.returncode == 1
    assert "mismatch" in done.stdout
