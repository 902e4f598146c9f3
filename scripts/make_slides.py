"""Turn notebooks into slides that need no network: reveal.js and plotly.js lie beside the pages.

A notebook's author says what a cell is on the slides with its metadata `slideshow.slide_type`:
`slide` and `subslide` begin one, `fragment` comes with the next key, `notes` is for the speaker,
`skip` stays out, and a cell without any goes on with the slide before. Code is hidden, and shown
where a cell has the tag `show-code`. Nothing is executed: stored outputs are what is shown.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import nbformat
from bs4 import BeautifulSoup
from nbconvert import SlidesExporter
from traitlets.config import Config

from srmlib.atomic import replace_file
from srmlib.errors import SrmError
from srmlib.figures.alternatives import tell_figure

ROOT = Path(__file__).parent.parent
NOTEBOOKS = ROOT / "notebooks"
SLIDES = ROOT / "slides"
TEMPLATE = Path(__file__).parent / "slides_template"
ABOUT_SLIDES = NOTEBOOKS / "05-from-notebook-to-slides.ipynb"
FIGURE = "application/vnd.plotly.v1+json"
# What to show of an output that is stored in several forms. No widgets: they need a kernel.
KINDS = [
    FIGURE, "text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain",
]  # fmt: skip
REVEAL_FILES = [
    "LICENSE", "dist/reset.css", "dist/reveal.css", "dist/reveal.js", "dist/theme/white.css",
    "dist/theme/fonts/source-sans-pro/*", "plugin/notes/notes.js",
]  # fmt: skip
BESIDE = ("data:", "reveal/", "plotly.min.js")
NO_SLIDES = "no cell has a slide type; set slideshow.slide_type to slide in one"


def main(names: list[str]) -> None:
    """Make the slides of the named notebooks, or of all that have any, with their scripts."""
    paths = [NOTEBOOKS / name for name in names] or list(find_notebooks())
    if not paths:
        raise SrmError(f"notebooks/: {NO_SLIDES}")
    SLIDES.mkdir(exist_ok=True)
    copy_scripts(SLIDES)
    for path in paths:
        print(make_slides(path, SLIDES).relative_to(ROOT))


def find_notebooks() -> Iterator[Path]:
    """The notebooks that are meant to be slides: the one about slides, and who says so itself."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if path == ABOUT_SLIDES or has_slides(read_notebook(path)):
            yield path


def make_slides(path: Path, folder: Path) -> Path:
    """Write a notebook's page of slides; it looks for its scripts in the same folder."""
    notebook = read_notebook(path)
    if not has_slides(notebook):
        raise SrmError(f"{path.name}: {NO_SLIDES}")
    place = {"metadata": {"name": path.stem, "path": str(path.parent)}}
    page, _ = build_exporter().from_notebook_node(notebook, place)
    return replace_file(folder / f"{path.stem}.slides.html", close_page(page, path.name).encode())


def read_notebook(path: Path) -> Any:
    """A notebook with a title and with ids that are the same each time."""
    if not path.is_file():
        raise SrmError(f"{path.name}: not found; name a file in notebooks/")
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:02}"
    notebook.metadata.setdefault("title", find_title(notebook) or path.stem)
    return notebook


def find_title(notebook: Any) -> str | None:
    """The first heading, as the name of the page."""
    words = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    lines = (line for source in words for line in source.splitlines())
    return next((line.lstrip("# ") for line in lines if line.startswith("#")), None)


def has_slides(notebook: Any) -> bool:
    return any("slide_type" in cell.metadata.get("slideshow", {}) for cell in notebook.cells)


def build_exporter() -> SlidesExporter:
    """nbconvert's exporter with our template in the place of its own."""
    return SlidesExporter(  # type: ignore[no-untyped-call]
        config=Config({"NbConvertBase": {"display_data_priority": KINDS}}),
        extra_template_basedirs=[str(TEMPLATE.parent)],
        template_name=TEMPLATE.name,
        filters={"name_figure": name_figure},
        reveal_url_prefix="reveal",
        reveal_theme="white",
        embed_images=True,
        exclude_anchor_links=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )


def name_figure(figure: dict[str, Any]) -> str:
    """What a screen reader says of a chart: its title, and what it shows in a sentence."""
    other = tell_figure(figure)
    return f"{other.title or 'Chart'}. {other.told}".strip()


def close_page(page: str, name: str) -> str:
    """The page as it is handed on: alone, so without what lies elsewhere."""
    soup = BeautifulSoup(page, "html.parser")
    refuse_other_files(soup, name)
    for link in soup.select("a[href]"):
        if str(link["href"]).startswith(("http:", "https:")):
            link["target"] = "_blank"  # the slides stay open
        elif not str(link["href"]).startswith(("#", "mailto:")):
            link.unwrap()
    return str(soup)


def refuse_other_files(soup: BeautifulSoup, name: str) -> None:
    """A picture from the network, or one that is not there, is told now and not at the talk."""
    for part in soup.select("[src]"):
        if not str(part["src"]).startswith(BESIDE):
            raise SrmError(
                f"{name}: {part['src']} does not get into the slides; lay the picture beside the "
                "notebook and write it as ![what it shows](picture.png)"
            )


def copy_scripts(folder: Path) -> None:
    """Lay reveal.js and plotly.js beside the pages: one copy for all of them."""
    reveal = Path(str(files("sphinx_revealjs"))) / "_static" / "revealjs"
    for source in (each for pattern in REVEAL_FILES for each in reveal.glob(pattern)):
        target = folder / "reveal" / source.relative_to(reveal)
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, source.read_bytes())
    plotly = Path(str(files("plotly"))) / "package_data" / "plotly.min.js"
    replace_file(folder / plotly.name, plotly.read_bytes())


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except SrmError as error:
        sys.exit(str(error))
