"""Build the site in site/ from the notebooks, docs/ and the package itself; it needs no network.

Nothing is executed: stored outputs are what is shown. Charts stay live by one plotly.js beside the
pages; a widget needs a kernel, so that its picture and the way to it stand in its place.
"""

from __future__ import annotations

import base64
import json
import os
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_output

from srmlib.figures.alternatives import Alternative, tell_figure, write_table

ROOT = Path(__file__).parent.parent
SITE = ROOT / "site"
TEMPLATE = Path(__file__).parent / "docs_template"
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "CITATION.cff", "data", "docs")
FIGURE = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
LINK = re.compile(r"\]\(([^)#:]+\.(?:md|ipynb))\)")
EXPLORER = ROOT / "docs" / "explorer.png"
LIVE = (
    "*This is a widget: it needs Python behind it. `make lab` opens it in JupyterLab, "
    "`srmlib dashboard` as a page of its own.*"
)


def main() -> int:
    """Replace site/ by a new one, whole, or leave it and say what is wrong."""
    with tempfile.TemporaryDirectory() as place:
        code = build_site(Path(place), Path(place) / "html")
        if code == 0:
            shutil.rmtree(SITE, ignore_errors=True)
            shutil.move(Path(place) / "html", SITE)
            print((SITE / "index.html").relative_to(ROOT))
    return code


def build_site(place: Path, site: Path) -> int:
    """Collect the pages in a folder and let Sphinx build them; a warning is a fault."""
    source = place / "source"
    collect_pages(source)
    options = ["--fail-on-warning", "--keep-going", "--quiet", "--builder", "html"]
    command = [sys.executable, "-m", "sphinx", *options, "--doctree-dir", str(place / "doctrees"),
               "--conf-dir", str(TEMPLATE), str(source), str(site)]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    if done.returncode == 0:
        plotly = Path(str(files("plotly"))) / "package_data" / "plotly.min.js"
        shutil.copy(plotly, site / "_static" / plotly.name)
        shutil.rmtree(site / "_sources", ignore_errors=True)  # Left empty.
    return done.returncode


def collect_pages(source: Path) -> None:
    """Everything lies as in the repository, so that its links hold on the site, too."""
    source.mkdir()
    for name in PAGES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    hidden = shutil.ignore_patterns(".ipynb_checkpoints", "shop-review.*")
    shutil.copytree(ROOT / "notebooks", source / "notebooks", ignore=hidden)
    for path in source.glob("notebooks/*.ipynb"):
        write_notebook(path)
    start = (TEMPLATE / "index.md").read_text(encoding="utf-8") + "".join(list_pages())
    (source / "index.md").write_text(start, encoding="utf-8")


def list_pages() -> Iterator[str]:
    """The site's contents, in the order and under the headings of docs/README.md."""
    text = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for section in text.split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        paths = [posixpath.normpath(f"docs/{name}") for name in LINK.findall(body)]
        pages = "\n".join(dict.fromkeys(path.rpartition(".")[0] for path in paths))
        yield f"\n```{{toctree}}\n:caption: {title}\n:maxdepth: 1\n\n{pages}\n```\n"


def write_notebook(path: Path) -> None:
    """Put what a page can show in the place of what only JupyterLab can."""
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    notebook.metadata["hide-toc"] = True  # Charts take the room.
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata["mystnb"] = {"image": {"alt": "The explorer in JupyterLab"}}
            cell.outputs = [shown for output in cell.outputs for shown in show_output(output)]
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]


def show_output(output: Any) -> Iterator[Any]:
    data = output.get("data", {})
    if FIGURE in data:
        yield show({"text/html": draw_chart(data[FIGURE], data.get("image/png"))})
    elif WIDGET in data:
        if data.get("text/plain", "").startswith("Explorer"):
            picture = base64.b64encode(EXPLORER.read_bytes()).decode()
            yield show({"image/png": picture})
        yield show({"text/markdown": LIVE})
    else:
        yield output


def show(data: dict[str, str]) -> Any:
    return new_output("display_data", data=data)  # type: ignore[no-untyped-call]


def draw_chart(figure: dict[str, Any], picture: str | None) -> str:
    """A chart as data, which static/site.js draws; its picture is for readers without scripts."""
    other = tell_figure(figure)
    name = escape(f"{other.title or 'Chart'}. {other.told}".strip())
    # In a script element, only a tag could end it.
    spec = json.dumps({key: figure[key] for key in ("data", "layout")}).replace("<", "\\u003c")
    image = f'<img alt="{name}" src="data:image/png;base64,{picture}">' if picture else ""
    return (
        f'<div class="srm-chart" role="img" aria-label="{name}">'
        f'<script type="application/json">{spec}</script><noscript>{image}</noscript></div>'
        f"{draw_table(other)}"
    )


def draw_table(other: Alternative) -> str:
    """What the chart shows as a table, out of sight until its line is pressed."""
    if not other.rows:
        return ""
    summary = "<summary>The chart as a table</summary>"
    return f'<details class="srm-table">{summary}<div>{write_table(other)}</div></details>'


if __name__ == "__main__":
    sys.exit(main())
