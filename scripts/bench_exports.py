"""Exports beside their bare libraries writing the same: workbook, deck and pictures, as ratios."""

from __future__ import annotations

import io
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import print_line

import srmlib as srm
from srmlib.export.deck import Deck
from srmlib.export.deck_tables import Cell, make_line
from srmlib.figures.marks import COLOURS, LETTERS

RUNS = 5
PICTURES = SLIDES = 10
PICTURE_RUNS = 3  # a run of the peer takes half a minute


def main() -> None:
    """Print a line an export: ours, the peer, the ratio and its goal."""
    matrix = srm.load_matrix()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure_workbook(matrix, folder)
        measure_deck(matrix, folder)
        measure_pictures(matrix, folder)


def measure_workbook(matrix: srm.Matrix, folder: Path) -> None:
    """The workbook of the whole matrix, and bare xlsxwriter on the cells read back from it."""
    path = srm.write(matrix, folder / "ours.xlsx")
    cells = list(list_cells(path))
    ours, theirs = take_turns(
        lambda: srm.write(matrix, path), lambda: write_bare(cells, folder / "bare.xlsx")
    )
    print_line(
        f"xlsx of {len(cells):,} cells", ours, theirs, "<= 1.5", "bare xlsxwriter, the same cells"
    )


def list_cells(path: Path) -> Any:
    """Sheet, row, column, value and colour of every cell that holds something."""
    from openpyxl import load_workbook

    for sheet in load_workbook(path):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    colour = cell.fill.fgColor.rgb[2:] if cell.fill.fill_type else ""
                    yield sheet.title, cell.row - 1, cell.column - 1, cell.value, colour


def write_bare(cells: list[Any], path: Path) -> None:
    """What a script of ten lines would do."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path))
    sheets = {name: book.add_worksheet(name) for name in dict.fromkeys(cell[0] for cell in cells)}
    looks = {colour: book.add_format({"bg_color": f"#{colour}"}) for *_, colour in cells if colour}
    for name, row, column, value, colour in cells:
        sheets[name].write(row, column, value, looks.get(colour))
    book.close()


def measure_deck(matrix: srm.Matrix, folder: Path) -> None:
    """The deck of the whole matrix, and ten slides of 26 x 13 cells, as python-pptx's cells, too."""
    path = srm.write(matrix, folder / "ours.pptx")
    measure_tables(list(list_tables(path)), "<= 0.5")
    measure_tables(list(cut_tables(matrix)), "<= 0.2")


def cut_tables(matrix: srm.Matrix) -> Any:
    """Ten heatmaps: a column of names, then one a service, in the colours of the owners."""
    from pptx.dml.color import RGBColor

    fills = {
        owner: RGBColor.from_string(colour[1:])  # type: ignore[no-untyped-call]
        for owner, colour in COLOURS.items()
    }
    owners = matrix.owners.T.iloc[:26]
    for first in range(0, SLIDES * 12, 12):
        part = owners.iloc[:, first : first + 12]
        yield [
            [(layer, None), *((LETTERS[owner], fills[owner]) for owner in row)]
            for layer, row in zip(part.index, part.to_numpy(), strict=True)
        ]


def measure_tables(tables: list[Any], goal: str) -> None:
    """Tables as our own XML, and cell by cell."""
    count = sum(len(table) * len(table[0]) for table in tables)
    ours, theirs = take_turns(lambda: write_lines(tables), lambda: write_cells(tables))
    print_line(
        f"pptx of {len(tables)} tables, {count:,} cells", ours, theirs, goal, "python-pptx's table.cell, the same tables",
    )  # fmt: skip


def list_tables(path: Path) -> Any:
    """Each table as rows of text and colour."""
    from pptx import Presentation

    for slide in Presentation(str(path)).slides:
        for shape in slide.shapes:
            if shape.has_table:
                yield [
                    [(cell.text, colour_of(cell)) for cell in row.cells] for row in shape.table.rows
                ]


def write_lines(tables: list[Any]) -> None:
    """The same tables through our own deck: reckoned, written as XML, saved."""
    deck = Deck(None, "benchmark")
    for rows in tables:
        slide = deck.add_slide("Table", "")
        widths = [slide.area.width / len(rows[0])] * len(rows[0])
        lines = [
            make_line(
                [Cell(text, 9, fill=str(colour) if colour else None) for text, colour in row],
                widths,
            )
            for row in rows
        ]
        slide.add_table(slide.area, widths, lines, "Table")
    deck.to_bytes("")


def colour_of(cell: Any) -> Any:
    return cell.fill.fore_color.rgb if cell.fill.type == 1 else None


def write_cells(tables: list[Any]) -> None:
    """A slide a table, filled cell by cell."""
    from pptx import Presentation
    from pptx.util import Inches, Pt

    show = Presentation()
    for rows in tables:
        slide = show.slides.add_slide(show.slide_layouts[6])
        box = (Inches(0), Inches(0), Inches(9), Inches(5))
        table = slide.shapes.add_table(len(rows), len(rows[0]), *box).table
        for row, cells in enumerate(rows):
            for column, (text, colour) in enumerate(cells):
                cell = table.cell(row, column)
                cell.text = text
                cell.text_frame.paragraphs[0].font.size = Pt(9)
                if colour is not None:
                    cell.fill.solid()
                    cell.fill.fore_color.rgb = colour
    show.save(io.BytesIO())


def measure_pictures(matrix: srm.Matrix, folder: Path) -> None:
    """Ten pictures in one batch, and plotly's write_image ten times."""
    figures = [
        srm.heatmap(matrix.select(services=matrix.services[n : n + 12])) for n in range(PICTURES)
    ]
    paths = [folder / f"{n}.png" for n in range(PICTURES)]

    def ours() -> None:
        srm.write_all(dict(zip(paths, figures, strict=True)))

    def theirs() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for figure, path in zip(figures, paths, strict=True):
                figure.write_image(path, width=1740, height=979, scale=2)

    mine, peer = take_turns(ours, theirs, runs=PICTURE_RUNS)
    print_line(f"{PICTURES} png", mine, peer, "<= 0.25", "write_image, ten times")


def take_turns(
    ours: Callable[[], object], theirs: Callable[[], object], runs: int = RUNS
) -> tuple[float, float]:
    """Median seconds of both, run in turns."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for run, times in zip((ours, theirs), spent, strict=True):
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
    return statistics.median(spent[0]), statistics.median(spent[1])


if __name__ == "__main__":
    main()
