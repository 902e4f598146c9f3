"""Toggle to repaint of the explorer, beside Plotly's own restyle of the same heatmap in the same page."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

from bench import print_line
from lab_server import BROWSER_OPTIONS, PLOT, SCREEN, run_notebook, serve_lab

RUNS = 21
SIZES = (12, 60, 300)
REST = 250  # ms before each, in which JupyterLab ends what the last one began
# The twin takes the figure's own place while it is measured; both until they are painted.
PAINTED = """
  const view = document.querySelector(plot), twin = window.twin || document.createElement('div');
  const painted = () => new Promise(done => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done(performance.now());
    channel.port2.postMessage(0); }));
  const show = async (shown, hidden) => {
    shown.style.display = ''; hidden.style.display = 'none'; await painted(); await painted(); };"""
TOGGLE = f"async ([plot, button]) => {{ {PAINTED}" + """
  const control = document.querySelectorAll(button)[1];
  await show(view, twin);
  const start = performance.now();
  await new Promise(done => { view.once('plotly_afterplot', done); control.click(); });
  return await painted() - start; }"""  # fmt: skip
RESTYLE = f"async (plot) => {{ {PAINTED}" + """
  if (!window.twin) { view.after(twin); window.twin = twin;
    await Plotly.newPlot(twin, view.data, view.layout); }
  const turned = Array.from(view.data[0].z, row => Array.from(row).reverse());
  await show(twin, view);
  const start = performance.now();
  await Plotly.restyle(twin, {z: [turned]}, [0]);
  const end = await painted();
  await show(view, twin);
  return end - start; }"""  # fmt: skip


def main() -> None:
    """Print the medians of interleaved runs; without a Chromium one line says so."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("toggle to repaint: no Chromium found, not measured")
        return
    from playwright.sync_api import sync_playwright

    with (
        tempfile.TemporaryDirectory() as folder,
        serve_lab(Path(folder)) as lab,
        sync_playwright() as play,
    ):
        page = play.chromium.launch(executable_path=browser, args=BROWSER_OPTIONS).new_page(
            viewport=SCREEN
        )
        for count in SIZES:
            name = write_notebook(Path(folder) / "notebooks", count)
            ours, theirs = measure(page, lab, name)
            what = f"toggle to repaint {count} services in JupyterLab"
            peer = "Plotly.restyle of the same heatmap in the same page"
            print_line(what, ours / 1000, theirs / 1000, "<= 2", peer)


def write_notebook(folder: Path, count: int) -> str:
    """A notebook with the explorer of so many services, of every delivery model."""
    import nbformat.v4 as form

    code = (
        "import srmlib as srm\nmatrix = srm.load_matrix()\n"
        f"step = max(1, len(matrix.services) // {count})\n"
        f"srm.explore(matrix.select(services=matrix.services[::step][:{count}]))"
    )
    cells = [form.new_code_cell(code)]  # type: ignore[no-untyped-call]
    name = f"toggle-{count}.ipynb"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = form.new_notebook(cells=cells, metadata=kernel)  # type: ignore[no-untyped-call]
    (folder / name).write_text(form.writes(notebook), encoding="utf-8")  # type: ignore[no-untyped-call]
    return name


def measure(page: Any, lab: str, name: str) -> tuple[float, float]:
    """Median milliseconds of a toggle and of a restyle, in turns."""
    import plotly

    run_notebook(page, lab, name, f"{PLOT} .heatmaplayer image")
    page.add_script_tag(path=str(Path(plotly.__file__).parent / "package_data" / "plotly.min.js"))
    ours, theirs = [], []
    for _ in range(RUNS):
        page.wait_for_timeout(REST)
        ours.append(page.evaluate(TOGGLE, [PLOT, ".srm-explorer button"]))
        page.wait_for_timeout(REST)
        theirs.append(page.evaluate(RESTYLE, PLOT))
    return statistics.median(ours), statistics.median(theirs)


if __name__ == "__main__":
    main()
