"""A deck of slides in 16:9 or on a company's own template: titles, text, tables, charts, notes.

All lengths are in points. Text takes the template's fonts and colours; only owners' colours are ours.
"""

from __future__ import annotations

import copy
import datetime
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from srmlib.export.deck_tables import LETTER, Line, clean, table_xml
from srmlib.export.deck_template import (
    EMU,
    FURNITURE,
    find_area,
    find_layouts,
    find_letter,
    make_template,
    open_template,
)

MADE = datetime.datetime(2000, 1, 1)
STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


class Box(NamedTuple):
    """A place on a slide, in points."""

    left: float
    top: float
    width: float
    height: float

    def emu(self) -> tuple[int, int, int, int]:
        """The four lengths as PowerPoint counts them."""
        return tuple(round(length * EMU) for length in self)  # type: ignore[return-value]

    def part(self, left: float, top: float, width: float, height: float) -> Box:
        """A place inside this one, as shares of its width and height."""
        return Box(self.left + left * self.width, self.top + top * self.height,
                   width * self.width, height * self.height)  # fmt: skip


class Deck:
    """Slides one after the other; `area` is the room below a title, `fit` what of a row its font fills."""

    def __init__(self, template: Path | None, footer: str) -> None:
        self.show = open_template(template) if template else make_template()
        name = template.name if template else "the deck"
        self.first, self.plain = find_layouts(self.show, name)
        self.footer = footer
        self.area = Box(*find_area(self.show, self.plain))
        self.fit = LETTER / find_letter(self.show)

    def add_cover(self, title: str, lines: Sequence[str], notes: str) -> None:
        """The title slide: what it is about, and the facts below it."""
        slide = self.show.slides.add_slide(self.first)
        slide.shapes.title.text = clean(title)
        below = [each for each in slide.placeholders if each.placeholder_format.idx != 0]
        below[0].text = clean("\n".join(lines))
        for spare in below[1:]:
            spare._element.getparent().remove(spare._element)
        slide.notes_slide.notes_text_frame.text = clean(notes)

    def add_slide(self, title: str, notes: str) -> Slide:
        """A slide with a title and, in its speaker notes, the why and the links."""
        slide = self.show.slides.add_slide(self.plain)
        slide.shapes.title.text = clean(title)
        for spare in slide.placeholders:
            if spare.placeholder_format.idx != 0:
                spare._element.getparent().remove(spare._element)
        _add_furniture(slide, self.footer)
        if notes:
            slide.notes_slide.notes_text_frame.text = clean(notes)
        return Slide(slide, self.area)

    def to_bytes(self, title: str) -> bytes:
        """The deck as a file; the same slides give the same bytes."""
        facts = self.show.core_properties
        facts.title, facts.author, facts.last_modified_by = clean(title), "srmlib", "srmlib"
        facts.created = facts.modified = MADE
        facts.revision = 1
        for slide in self.show.slides:
            _end_with_furniture(slide)
        out = io.BytesIO()
        self.show.save(out)
        return settle(out.getvalue())


class Slide:
    """One slide: what is put below its title."""

    def __init__(self, slide: Any, area: Box) -> None:
        self.slide, self.area = slide, area

    def add_text(
        self, box: Box, lines: Sequence[str], size: float = 12, *, bold: bool = False
    ) -> None:
        """Lines of text, each a paragraph."""
        from pptx.util import Pt

        frame = self.slide.shapes.add_textbox(*box.emu()).text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        for place, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            run = paragraph.add_run()
            run.text, run.font.size, run.font.bold = clean(line), Pt(size), bold
            paragraph.space_after = Pt(size * 0.3)

    def add_table(
        self, box: Box, widths: Sequence[float], lines: Sequence[Line], name: str
    ) -> None:
        """A native table; its rows are `Line`s, its columns as wide as told."""
        from pptx.oxml import parse_xml

        height = sum(line.height for line in lines)
        frame = self.slide.shapes.add_table(
            1, 1, *Box(box.left, box.top, sum(widths), height).emu()
        )
        _name_frame(frame, name, _tell_table(lines))
        table = frame._element.graphic.graphicData.tbl
        links = {
            url: self.slide.part.relate_to(url, LINK, is_external=True)
            for url in dict.fromkeys(
                cell.link for line in lines for cell in line.cells if cell.link
            )
        }
        table.getparent().replace(table, parse_xml(table_xml(widths, lines, links)))

    def add_bars(
        self,
        box: Box,
        groups: Sequence[str],
        series: Iterable[tuple[str, str, Sequence[int]]],
        name: str = "Owners by layer group",
        *,
        is_share: bool = True,
        size: float = 11,
    ) -> None:
        """A chart that PowerPoint can edit: a bar a group, a part a series (name, colour, numbers).

        Bars are of one length, or, where they are no shares, as long as their numbers.
        """
        from pptx.chart.data import CategoryChartData
        from pptx.enum.chart import XL_CHART_TYPE

        data: Any = CategoryChartData()  # type: ignore[no-untyped-call]
        data.categories = [clean(group) for group in groups]
        shown = list(series)
        for label, _, numbers in shown:
            data.add_series(clean(label), [number or None for number in numbers])
        kind = XL_CHART_TYPE.BAR_STACKED_100 if is_share else XL_CHART_TYPE.BAR_STACKED
        frame = self.slide.shapes.add_chart(kind, *box.emu(), data)
        _name_frame(frame, name, _tell_bars(groups, shown))
        _dress_chart(frame.chart, [colour for _, colour, _ in shown], size, is_share)


CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
EDGE = "7D8891"
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"


def settle(content: bytes) -> bytes:
    """An Office file with the clock taken out of it, of the workbooks inside it too."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith(".xlsx"):
                part = settle(part)
            elif name == "docProps/core.xml":
                part = STAMP.sub(rb"\g<1>2000-01-01T00:00:00Z", part)
            entry = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, part)
    return out.getvalue()


def _add_furniture(slide: Any, footer: str) -> None:
    """The layout's footer and slide number, which python-pptx leaves out of a new slide."""
    for shape in slide.slide_layout.placeholders:
        kind = shape.placeholder_format.type.name
        if kind not in ("FOOTER", "SLIDE_NUMBER"):
            continue
        element = copy.deepcopy(shape._element)
        slide.shapes._spTree.append(element)
        if kind == "FOOTER":
            _write_footer(slide.shapes[-1].text_frame, footer)


def _end_with_furniture(slide: Any) -> None:
    """A screen reader reads shapes in their order: the title, what is below it, and footers last."""
    for shape in list(slide.placeholders):
        if shape.placeholder_format.type.name in FURNITURE:
            slide.shapes._spTree.append(shape._element)


def _name_frame(frame: Any, name: str, told: str) -> None:
    """A table's or a chart's name, and its alternative text."""
    frame.name = name
    frame._element.nvGraphicFramePr.cNvPr.set("descr", clean(f"{name}. {told}"))


def _tell_table(lines: Sequence[Line]) -> str:
    heads = [cell.text for line in lines if line.is_head for cell in line.cells]
    rows = sum(line.has_rule and not line.is_head for line in lines)
    columns = ", ".join(" ".join(head.split()) for head in heads if head)
    return f"A table of {rows} rows" + (f"; columns: {columns}" if columns else "")


def _tell_bars(groups: Sequence[str], series: Iterable[tuple[str, str, Sequence[int]]]) -> str:
    """The numbers of a chart, bar by bar."""
    held = {label: numbers for label, _, numbers in series}
    bars = [
        f"{group}: {', '.join(f'{label} {held[label][place]}' for label in held if held[label][place])}"
        for place, group in enumerate(groups)
    ]
    return f"A chart of bars. {'; '.join(bars)}"


def _write_footer(frame: Any, text: str) -> None:
    from pptx.util import Pt

    frame.text = clean(text)
    letters = frame.paragraphs[0].runs[0].font
    letters.size, letters.name = Pt(9), "+mn-lt"  # the template's own text font


def _dress_chart(chart: Any, colours: Sequence[str], size: float, is_share: bool) -> None:
    from pptx.enum.chart import XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
    from pptx.util import Pt

    chart.has_legend, chart.has_title = True, False
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    chart.font.size = Pt(size)
    chart.category_axis.reverse_order = True
    chart.category_axis.format.line.fill.background()
    chart.value_axis.visible = False
    chart.value_axis.has_major_gridlines = False
    chart.value_axis.tick_label_position = XL_TICK_LABEL_POSITION.NONE
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = 40, 100
    totals = [
        sum(filter(None, held)) for held in zip(*(s.values for s in plot.series), strict=True)
    ]
    if not is_share:
        totals = [max(totals)] * len(totals)
    for series, colour in zip(plot.series, colours, strict=True):
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = _colour(colour[1:])
        # Sand and grey alone hardly differ from the slide's white.
        series.format.line.color.rgb, series.format.line.width = _colour(EDGE), Pt(0.5)
        labels = series.data_labels
        _hide_small(labels, series, totals)
        labels.show_value, labels.font.size, labels.font.bold = True, Pt(size), True
        labels.font.color.rgb = _colour(contrast(colour))


def _hide_small(labels: Any, series: Any, totals: Sequence[float], least: float = 0.04) -> None:
    """Leave out numbers that have no room in their part of the bar; the data keep them."""
    from pptx.oxml import parse_xml

    small = [
        place
        for place, (value, total) in enumerate(zip(series.values, totals, strict=True))
        if value and value < least * total
    ]
    for place in reversed(small):
        labels._element.insert(0, parse_xml(
            f'<c:dLbl xmlns:c="{CHART}"><c:idx val="{place}"/><c:delete val="1"/></c:dLbl>'
        ))  # fmt: skip


def contrast(colour: str) -> str:
    """Black or white, whichever reads on a colour."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "111820" if 0.299 * red + 0.587 * green + 0.114 * blue > 130 else "FFFFFF"


def _colour(code: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor(*bytes.fromhex(code))  # type: ignore[no-untyped-call]
