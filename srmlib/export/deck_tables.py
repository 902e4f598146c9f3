"""Native tables of a deck: written as XML in one piece, cut into slides before they are written.

python-pptx's own cells cost a look-up each, which a matrix of a thousand cells feels.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

SMALLEST = 9.0  # points; nothing in a table is smaller
# Average width of a letter as a share of its size, a little wide, so that no row grows on its own.
LETTER = 0.48
LINE = 1.22
MARGIN = (4.0, 2.5)  # at the sides, above and below, in points
NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
# PowerPoint's own "No Style, No Grid": the template's text colour, nothing else.
STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
RULE = '<a:solidFill><a:schemeClr val="tx1"><a:lumMod val="50000"/><a:lumOff val="50000"/></a:schemeClr></a:solidFill>'


class Cell(NamedTuple):
    """A cell: its text, how it looks, what it links to, how many columns it spans."""

    text: str = ""
    size: float = 10
    bold: bool = False
    italic: bool = False
    centred: bool = False
    fill: str | None = None
    ink: str | None = None
    turned: bool = False
    link: str | None = None
    span: int = 1


class Line(NamedTuple):
    """A row: its cells and its height in points; a head's rule is stronger."""

    cells: tuple[Cell, ...]
    height: float
    is_head: bool = False
    has_rule: bool = True
    above: float = MARGIN[1]


def clean(text: str) -> str:
    """Text without the control characters that XML does not know."""
    return NO_XML.sub("", text)


def make_line(
    cells: Sequence[Cell],
    widths: Sequence[float],
    *,
    is_head: bool = False,
    above: float = MARGIN[1],
    fit: float = 1.0,
) -> Line:
    """A row as high as its longest cell needs, with so much room above and below it.

    `fit` is less than 1 for fonts wider than our own, as `Deck.fit` tells.
    """
    rows = [
        count_rows(cell.text, cell.size, width * fit, bold=cell.bold) * cell.size * LINE
        for cell, width in zip(cells, widths, strict=True)
    ]
    return Line(tuple(cells), max(rows) + 2 * above, is_head, above=above)


def count_rows(text: str, size: float, width: float, *, bold: bool = False) -> int:
    """How many rows a text takes in a column."""
    letters = max(3, int((width - 2 * MARGIN[0]) / (size * LETTER * (1.06 if bold else 1))))
    return sum(_count_lines(part, letters) for part in text.split("\n"))


def _count_lines(text: str, letters: int) -> int:
    """Most cells are short: textwrap is asked only where a break is needed."""
    return 1 if len(text) <= letters else len(textwrap.wrap(text, letters))


def cut_pages(head: Sequence[Line], lines: Sequence[Line], height: float) -> Iterator[list[Line]]:
    """The rows in pages that fit, each with the head again."""
    above = sum(line.height for line in head)
    page: list[Line] = []
    used = above
    for line in lines:
        if page and used + line.height > height:
            yield [*head, *page]
            page, used = [], above
        page.append(line)
        used += line.height
    if page:
        yield [*head, *page]


def table_xml(widths: Sequence[float], lines: Sequence[Line], links: Mapping[str, str]) -> str:
    """A table as DrawingML; `links` gives each address its relationship."""
    columns = "".join(f'<a:gridCol w="{_emu(width)}"/>' for width in widths)
    rows = "".join(_row_xml(line, links) for line in lines)
    return (
        f'<a:tbl {NAMESPACES}><a:tblPr firstRow="1"><a:tableStyleId>{STYLE}</a:tableStyleId></a:tblPr>'
        f"<a:tblGrid>{columns}</a:tblGrid>{rows}</a:tbl>"
    )


def _row_xml(line: Line, links: Mapping[str, str]) -> str:
    # Beside coloured cells, text stands in the middle of its row; a head's at the bottom.
    middle = "ctr" if any(cell.fill for cell in line.cells) else "b" if line.is_head else ""
    anchor = f' anchor="{middle}"' if middle else ""
    cells = "".join(_cell_xml(cell, line, links, anchor) for cell in line.cells)
    return f'<a:tr h="{_emu(line.height)}">{cells}</a:tr>'


def _cell_xml(cell: Cell, line: Line, links: Mapping[str, str], anchor: str) -> str:
    paragraphs = "".join(_paragraph_xml(part, cell, links) for part in cell.text.split("\n"))
    span = f' gridSpan="{cell.span}"' if cell.span > 1 else ""
    merged = '<a:tc hMerge="1"><a:txBody><a:bodyPr/><a:p/></a:txBody><a:tcPr/></a:tc>' * (
        cell.span - 1
    )
    return (
        f"<a:tc{span}><a:txBody><a:bodyPr/><a:lstStyle/>{paragraphs}</a:txBody>"
        f"{_look_xml(cell, line, anchor)}</a:tc>{merged}"
    )


def _paragraph_xml(text: str, cell: Cell, links: Mapping[str, str]) -> str:
    align = '<a:pPr algn="ctr"/>' if cell.centred else ""
    look = f'lang="en-GB" sz="{round(cell.size * 100)}"'
    look += ' b="1"' * cell.bold + ' i="1"' * cell.italic
    ink = f'<a:solidFill><a:srgbClr val="{cell.ink}"/></a:solidFill>' if cell.ink else ""
    link = f'<a:hlinkClick r:id="{links[cell.link]}"/>' if cell.link else ""
    if not text:
        return f"<a:p>{align}<a:endParaRPr {look}/></a:p>"
    told = escape(clean(text))
    return f"<a:p>{align}<a:r><a:rPr {look}>{ink}{link}</a:rPr><a:t>{told}</a:t></a:r></a:p>"


def _look_xml(cell: Cell, line: Line, anchor: str) -> str:
    side, above = (1.0, 1.0) if cell.fill else (MARGIN[0], line.above)
    margins = f'marL="{_emu(side)}" marR="{_emu(side)}" marT="{_emu(above)}" marB="{_emu(above)}"'
    turned = ' vert="vert270"' if cell.turned else ""
    fill = (
        f'<a:solidFill><a:srgbClr val="{cell.fill}"/></a:solidFill>' if cell.fill else "<a:noFill/>"
    )
    return f"<a:tcPr {margins}{turned}{anchor}>{_borders_xml(cell, line)}{fill}</a:tcPr>"


def _borders_xml(cell: Cell, line: Line) -> str:
    if cell.fill:
        white = '<a:solidFill><a:schemeClr val="bg1"/></a:solidFill>'
        return "".join(f'<a:ln{side} w="9525">{white}</a:ln{side}>' for side in "LRTB")
    if not line.has_rule:
        return ""
    return f'<a:lnB w="{12700 if line.is_head else 3175}">{RULE}</a:lnB>'


def _emu(points: float) -> int:
    return round(points * 12_700)
