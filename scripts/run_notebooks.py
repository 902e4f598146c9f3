"""Run the notebooks and store their outputs: figures as data and, beside it, as a picture.

GitHub shows the picture; JupyterLab draws the data; nbval compares the data and skips the picture.
"""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from srmlib.atomic import replace_file
from srmlib.figures.alternatives import tell_figure

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
FIGURE = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURE_WIDTH = 1000


def main(names: list[str]) -> None:
    """Run the named notebooks, or all of them; each file is replaced whole or kept."""
    import kaleido

    os.environ["PLOTLY_RENDERER"] = "plotly_mimetype"
    # MathJax would be fetched from the network, and no figure needs it.
    kaleido.start_sync_server(silence_warnings=True, mathjax=False)
    try:
        for path in [NOTEBOOKS / name for name in names] or sorted(NOTEBOOKS.glob("*.ipynb")):
            run_notebook(path)
            print(path.name)
    finally:
        kaleido.stop_sync_server(silence_warnings=True)


def run_notebook(path: Path) -> None:
    """Execute a notebook in its folder and write it back without what changes from run to run."""
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, resources={"metadata": {"path": str(path.parent)}}).execute()
    # Widget state holds megabytes of plotly.js, language_info the Python of this machine.
    notebook.metadata.pop("widgets", None)
    notebook.metadata.pop("language_info", None)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:02}"
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            add_picture(output)
            forget_model(output.get("data", {}))
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    replace_file(path, (text.rstrip() + "\n").encode())


def add_picture(output: Any) -> None:
    """Give a stored figure its picture, and the picture its words; other outputs are left alone."""
    data = output.get("data", {})
    if FIGURE in data:
        data["image/png"] = draw(data[FIGURE])
        other = tell_figure(data[FIGURE])
        output.metadata["image/png"] = {"alt": f"{other.title}. {other.told}".strip()}


def forget_model(data: dict[str, Any]) -> None:
    """A widget's id is of the kernel that ran; a new one in every run would hide real changes."""
    if WIDGET in data:
        data[WIDGET]["model_id"] = "0" * 32


def draw(spec: dict[str, Any]) -> str:
    """A figure's data as a base64 PNG, at the width of a page."""
    import plotly.graph_objects as go

    figure = go.Figure({"data": spec["data"], "layout": spec["layout"]})
    return base64.b64encode(figure.to_image("png", width=PICTURE_WIDTH)).decode()


if __name__ == "__main__":
    main(sys.argv[1:])
