"""The masters and layouts of a deck: our own in 16:9, or a company's, known by its placeholders."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from srmlib.errors import SrmError
from srmlib.inventory.limits import check_parts

EMU = 12_700  # in a point
SLIDE = (960, 540)  # points
P14 = "http://schemas.microsoft.com/office/powerpoint/2010/main"
PML = "http://schemas.openxmlformats.org/presentationml/2006/main"
DML = "http://schemas.openxmlformats.org/drawingml/2006/main"
FURNITURE = {"DATE", "FOOTER", "SLIDE_NUMBER"}
TITLES = {"TITLE", "CENTER_TITLE"}
# How wide a font runs, for those that companies use; of another it is better to expect too much.
LETTERS = {
    "calibri": 0.48, "carlito": 0.48, "aptos": 0.51, "arial": 0.51, "helvetica": 0.51, "liberation sans": 0.51,
    "georgia": 0.52, "segoe ui": 0.53, "tahoma": 0.53, "times new roman": 0.46, "verdana": 0.6,
}  # fmt: skip
UNKNOWN_LETTER = 0.56
# Left, top, width and height in points.
MASTER = {"TITLE": (36, 18, 888, 54), "BODY": (36, 80, 888, 424), "DATE": (36, 514, 100, 16),
          "FOOTER": (36, 514, 760, 16), "SLIDE_NUMBER": (824, 514, 100, 16)}  # fmt: skip
# A thin line in the colour of what AWS owns, over every slide.
BAR = (
    f'<p:sp xmlns:p="{PML}" xmlns:a="{DML}"><p:nvSpPr><p:cNvPr id="90" name="Bar"/><p:cNvSpPr/><p:nvPr userDrawn="1"/>'
    f'</p:nvSpPr><p:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{SLIDE[0] * EMU}" cy="{6 * EMU}"/></a:xfrm>'
    '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill><a:srgbClr val="2B5C8A"/></a:solidFill>'
    "<a:ln><a:noFill/></a:ln></p:spPr></p:sp>"
)
COVER = {"CENTER_TITLE": (72, 150, 816, 110), "SUBTITLE": (72, 275, 816, 150)}


def open_template(path: Path) -> Any:
    """A company's deck without its slides."""
    from pptx import Presentation

    try:
        content = path.read_bytes()
        check_parts(content)
        show = Presentation(io.BytesIO(content))
        slides = show.slides._sldIdLst
    except SrmError as error:
        raise SrmError(f"{path.name}: {error}") from None
    except OSError as error:
        raise SrmError(f"{path.name}: cannot be read: {error.strerror}; check the path") from None
    except Exception:  # python-pptx ends in whatever a damaged part leads it to.
        raise SrmError(f"{path.name}: is no .pptx; save the template as .pptx") from None
    for slide in list(slides):
        show.part.drop_rel(slide.rId)
        slides.remove(slide)
    # A list of sections would still name the slides that are gone, and PowerPoint would complain.
    for extra in show.element.findall(f".//{{{P14}}}sectionLst"):
        extra.getparent().getparent().remove(extra.getparent())
    return show


def make_template() -> Any:
    """python-pptx's own template, made 16:9, with a quiet title at the top left."""
    from pptx import Presentation

    show: Any = Presentation()
    stretch = SLIDE[0] * EMU / show.slide_width
    show.slide_width, show.slide_height = (side * EMU for side in SLIDE)
    for holder in (show.slide_master, *show.slide_layouts):
        for shape in holder.placeholders:
            if shape._element.spPr.xfrm is not None:
                shape.left, shape.width = round(shape.left * stretch), round(shape.width * stretch)
    for layout in list(show.slide_layouts):
        if layout.name not in ("Title Slide", "Title Only"):
            show.slide_layouts.remove(layout)
    _place_master(show.slide_master)
    _place_cover(show.slide_layouts[0])
    _darken_quiet(show)
    return show


def _darken_quiet(show: Any) -> None:
    """The grey of footers and subtitles: 3.5 to 1 on white as it comes, 7 to 1 as it leaves."""
    for holder in (show.slide_master, *show.slide_layouts):
        for tint in list(holder.element.iter(f"{{{DML}}}tint")):
            colour = tint.getparent()
            colour.remove(tint)
            for part, share in (("lumMod", "65000"), ("lumOff", "35000")):
                colour.append(colour.makeelement(f"{{{DML}}}{part}", {"val": share}))


def _place_master(master: Any) -> None:
    from pptx.enum.text import MSO_ANCHOR
    from pptx.oxml import parse_xml

    for shape in master.placeholders:
        kind = shape.placeholder_format.type.name
        _place(shape, MASTER[kind])
        if kind == "TITLE":
            shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
            shape.text_frame.margin_left = 0
    style = master.element.find(f".//{{{PML}}}titleStyle/{{{DML}}}lvl1pPr")
    style.set("algn", "l")
    style.find(f"{{{DML}}}defRPr").set("sz", "2000")
    style.find(f"{{{DML}}}defRPr").set("b", "1")
    _align_footer(master)
    master.shapes._spTree.append(parse_xml(BAR))


def _place(shape: Any, box: tuple[int, int, int, int]) -> None:
    shape.left, shape.top, shape.width, shape.height = (length * EMU for length in box)


def _align_footer(master: Any) -> None:
    """The footer begins at the left, small."""
    for shape in master.placeholders:
        if shape.placeholder_format.type.name == "FOOTER":
            first = shape._element.txBody.find(f"{{{DML}}}lstStyle/{{{DML}}}lvl1pPr")
            first.set("algn", "l")
    for size in master.element.iter(f"{{{DML}}}defRPr"):
        if size.get("sz") == "1200" and size.getparent().getparent().tag == f"{{{DML}}}lstStyle":
            size.set("sz", "900")


def _place_cover(layout: Any) -> None:
    for shape in layout.placeholders:
        box = COVER.get(shape.placeholder_format.type.name)
        if box is not None:
            _place(shape, box)
        else:
            shape._element.getparent().remove(shape._element)
    for style in layout.element.iter(f"{{{DML}}}lvl1pPr"):
        style.set("algn", "l")
    sizes = {"CENTER_TITLE": "3200", "SUBTITLE": "1400"}
    for shape in layout.placeholders:
        size = sizes[shape.placeholder_format.type.name]
        _set_size(shape, size)


def _set_size(shape: Any, size: str) -> None:
    from lxml import etree

    styles = shape._element.txBody.find(f"{{{DML}}}lstStyle")
    first = styles.find(f"{{{DML}}}lvl1pPr")
    if first is None:
        first = etree.SubElement(styles, f"{{{DML}}}lvl1pPr", algn="l")
    letters = first.find(f"{{{DML}}}defRPr")
    if letters is None:
        letters = etree.SubElement(first, f"{{{DML}}}defRPr")
    letters.set("sz", size)


def _kinds(layout: Any) -> set[str]:
    return {each.placeholder_format.type.name for each in layout.placeholders} - FURNITURE


def find_layouts(show: Any, name: str) -> tuple[Any, Any]:
    """The layouts for the cover and for all else, known by their placeholders, not their names."""
    covers = [each for each in show.slide_layouts if _is_cover(_kinds(each))]
    plain = [each for each in show.slide_layouts if _kinds(each) and _kinds(each) <= TITLES]
    bodied = [each for each in show.slide_layouts if _has_one_body(_kinds(each))]
    if not covers:
        raise SrmError(
            f"{name}: has no layout with a title and a subtitle for the cover; add one to its master"
        )
    if not plain and not bodied:
        raise SrmError(
            f"{name}: has no layout with a title and free room below it (Title Only); add one"
        )
    return covers[0], (plain or bodied)[0]


def find_letter(show: Any) -> float:
    """The average width of a letter of the template's text font, as a share of its size."""
    from pptx.opc.constants import RELATIONSHIP_TYPE

    theme = show.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME).blob
    found = re.search(rb'<a:minorFont>.*?<a:latin typeface="([^"]*)"', theme, re.S)
    name = found[1].decode("utf-8", "replace").lower() if found else ""
    return LETTERS.get(name, UNKNOWN_LETTER)


def _is_cover(kinds: set[str]) -> bool:
    return bool(kinds & TITLES) and "SUBTITLE" in kinds


def _has_one_body(kinds: set[str]) -> bool:
    return bool(kinds & TITLES) and kinds - TITLES in ({"OBJECT"}, {"BODY"})


def find_area(show: Any, layout: Any) -> tuple[float, float, float, float]:
    """Where the master has its text, below the layout's own title."""
    width, height = show.slide_width / EMU, show.slide_height / EMU
    title = next(
        each for each in layout.placeholders if each.placeholder_format.type.name in TITLES
    )
    top = (title.top + title.height) / EMU + 6
    body = next(
        (
            each
            for each in show.slide_master.placeholders
            if each.placeholder_format.type.name == "BODY"
        ),
        None,
    )
    if body is None or top > height / 2:
        return 0.04 * width, 0.16 * height, 0.92 * width, 0.76 * height
    bottom = (body.top + body.height) / EMU
    top = max(top, body.top / EMU)
    return body.left / EMU, top, body.width / EMU, bottom - top
