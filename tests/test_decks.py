"""Decks read back: every cell, duty and source is in them, natively, and nothing leaves its slide."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from pptx import Presentation
from pptx.util import Pt

import srmlib as srm
from srmlib.export.deck_template import make_template
from srmlib.export.edition import list_sources
from srmlib.figures.marks import COLOURS, LETTERS
from srmlib.schema import OWNERS
from tests.conftest import ROOT
from tests.test_inventory import save, state
from tests.workloads import list_types

SHOP = ROOT / "notebooks" / "workloads" / "shop-plan.json"
SMALLEST = 900  # hundredths of a point


def review_types(folder: Path, count: int) -> srm.Review:
    """A workload of so many services, one resource each."""
    types = list_types()[:count]
    return srm.review(save(folder, f"w{count}.tfstate", state(*((type, {}) for type in types))))


def open_deck(what: Any, path: Path, **how: Any) -> Any:
    return Presentation(str(srm.write(what, path, **how)))


def list_tables(deck: Any) -> list[tuple[Any, str, Any]]:
    """Slide, name and table of each native table."""
    return [
        (slide, shape.name, shape.table)
        for slide in deck.slides for shape in slide.shapes if shape.has_table
    ]  # fmt: skip


def read_rows(table: Any) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def read_map(deck: Any) -> dict[tuple[str, str], tuple[str, str]]:
    """(service, layer name) -> (letter, colour) over all heatmap slides."""
    found = {}
    for _, name, table in list_tables(deck):
        if name != "Who owns what":
            continue
        rows = list(table.rows)
        services = [re.sub(r"\s+|\(\d+\)", "", cell.text) for cell in rows[1].cells][1:]
        for row in rows[2:]:
            layer, *cells = row.cells
            for service, cell in zip(services, cells, strict=True):
                key = (service, layer.text)
                assert key not in found
                found[key] = (cell.text[0], f"#{cell.fill.fore_color.rgb}".lower())
    return found


@pytest.fixture(scope="module")
def shop() -> srm.Review:
    return srm.review(SHOP, date="2026-11-25")


@pytest.fixture(scope="module")
def deck(shop: srm.Review, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return open_deck(shop, tmp_path_factory.mktemp("deck") / "shop.pptx")


@pytest.mark.parametrize("count", [3, 40, 120])
def test_the_heatmap_is_the_matrix_cell_by_cell(tmp_path: Path, count: int) -> None:
    review = review_types(tmp_path, count)
    matrix = review.matrix
    expected = {
        (service, matrix.catalogue.layers[layer].name): (LETTERS[owner], COLOURS[owner])
        for service in matrix.services
        for layer in matrix.layers
        for owner in [matrix.claims[service][layer].cell.owner]
    }
    assert read_map(open_deck(review, tmp_path / "w.pptx")) == expected


@pytest.mark.parametrize("count", [3, 40, 120])
def test_nothing_is_small_and_nothing_leaves_its_slide(tmp_path: Path, count: int) -> None:
    deck = open_deck(review_types(tmp_path, count), tmp_path / "w.pptx")
    assert (deck.slide_width / 12700, deck.slide_height / 12700) == (960, 540)
    for slide in deck.slides:
        for shape in slide.shapes:
            rows = sum(row.height for row in shape.table.rows) if shape.has_table else shape.height
            assert shape.top + rows <= deck.slide_height - Pt(30) or shape.is_placeholder
            assert shape.left + shape.width <= deck.slide_width
        for size in re.findall(r'sz="(\d+)"', etree.tostring(slide._element).decode()):
            assert int(size) >= SMALLEST


def test_every_duty_stands_once_with_its_services_and_tools(shop: srm.Review, deck: Any) -> None:
    rows = [
        row for _, _, table in list_tables(deck) for row in read_rows(table)
        if len(row) == 5 and row[0].isdigit()
    ]  # fmt: skip
    assert Counter(row[2] for row in rows) == Counter(shop.duties["text"])
    guest = next(row for row in rows if row[1] == "Guest OS" and row[3] == "ec2")
    assert guest[0] == "1"
    assert "EC2 Image Builder" in guest[4]


def test_the_summary_has_a_native_chart_of_owners_by_layer_group(
    shop: srm.Review, deck: Any
) -> None:
    slide = deck.slides[1]
    chart = next(shape.chart for shape in slide.shapes if shape.has_chart)
    counted = srm.count_owners(shop.matrix).groupby(["owner", "group"])["layers"].sum()
    plot = chart.plots[0]
    assert {series.name for series in plot.series} == {
        "AWS",
        "Shared",
        "Customer",
        "Not applicable",
    }
    for owner, series in zip(OWNERS[:3], plot.series, strict=False):
        told = dict(zip((each.lower() for each in plot.categories), series.values, strict=True))
        assert {group: n for group, n in told.items() if n} == counted[owner].to_dict()
    texts = " ".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
    assert "Blind spots" in texts
    assert "Trail over all Regions" in texts
    urgent = read_rows(list_tables(deck)[0][2])[1:]
    assert [row[1] for row in urgent] == list(shop.duties["text"][:5])


def test_one_slide_tells_what_ends_what_stays_and_what_is_new(shop: srm.Review, deck: Any) -> None:
    slide, _, table = next(each for each in list_tables(deck) if each[1] == "What changes hands")
    rows = {row[0]: row[1:] for row in read_rows(table)}
    assert rows["Layer"] == ["We stop doing, for", "We still owe, for", "We newly owe, for"]
    assert rows["Guest OS"][1] == "ec2"
    assert "rds" in rows["Guest OS"][2]
    assert rows["Physical facility"][1:] == ["", ""]
    assert len(rows) == 29
    notes = slide.notes_slide.notes_text_frame.text
    stopped = re.search(r"Physical facility: we stop doing, for: (.*)", notes)
    assert stopped
    assert set(stopped[1].split(", ")) == set(shop.matrix.services)


def test_every_page_cited_is_a_link_and_links_lead_to_aws_only(shop: srm.Review, deck: Any) -> None:
    links = [
        relation.target_ref
        for slide in deck.slides for relation in slide.part.rels.values() if relation.is_external
    ]  # fmt: skip
    assert set(links) == {page["url"] for page in list_sources(shop)}
    assert all(re.match(r"https://(docs\.)?aws\.amazon\.com[:/]", link) for link in links)


def test_speaker_notes_carry_the_pages_behind_each_duty(shop: srm.Review, deck: Any) -> None:
    notes = {
        slide.shapes.title.text: slide.notes_slide.notes_text_frame.text for slide in deck.slides
    }
    told = "\n".join(text for title, text in notes.items() if title.startswith("Platform:"))
    duty = shop.duties.set_index("duty").loc["guest-os/ec2"]
    assert duty["text"] in told
    assert duty["sources"][0]["url"] in told
    assert all(notes[title] for title in notes if title.startswith("Who owns what, "))


def test_the_cover_and_every_footer_name_workload_date_and_catalogue(
    shop: srm.Review, deck: Any
) -> None:
    cover = " ".join(shape.text_frame.text for shape in deck.slides[0].shapes)
    edition = shop.base.catalogue.edition
    for part in ("shop-plan.json", "2026-11-25", f"catalogue of {edition}", shop.digest):
        assert part in cover
    for slide in list(deck.slides)[1:]:
        footers = [
            each.text_frame.text
            for each in slide.placeholders
            if each.placeholder_format.type.name == "FOOTER"
        ]
        assert footers == [
            f"shop-plan.json   ·   2026-11-25   ·   srmlib {srm.__version__}, catalogue of {edition}"
        ]


def test_the_deck_of_a_comparison_has_both_sides_words(matrix: srm.Matrix, tmp_path: Path) -> None:
    comparison = srm.compare(matrix, "database-on-ec2", "rds")
    deck = open_deck(comparison, tmp_path / "c.pptx")
    tables = {}
    for slide, _, table in list_tables(deck):
        tables.setdefault(slide.shapes.title.text.split(" (")[0], []).extend(read_rows(table)[1:])
    stopped = {row[0]: row[1:] for row in tables["We stop doing"]}
    before, after = (matrix.claims[id]["guest-os"].cell for id in comparison.matrix.services)
    assert stopped["Guest OS"] == [before.customer_duty, after.aws_duty]
    new = {row[0]: row[1] for row in tables["We newly owe"]}
    assert new["Guest OS"] == after.customer_duty
    assert "Identity and permissions" in {row[0] for row in tables["We still owe"]}
    assert comparison.summary in deck.slides[1].shapes.title.text


def test_the_deck_of_a_matrix_selection(matrix: srm.Matrix, tmp_path: Path) -> None:
    chosen = matrix.select(models=["managed"])
    deck = open_deck(chosen, tmp_path / "m.pptx")
    assert len(read_map(deck)) == 28 * len(chosen.services)
    with pytest.raises(srm.SrmError, match="no service to write"):
        srm.write(matrix.select(services=[]), tmp_path / "n.pptx")


def test_the_same_input_gives_the_same_bytes(shop: srm.Review, tmp_path: Path) -> None:
    first = srm.write(shop, tmp_path / "a.pptx").read_bytes()
    assert srm.write(srm.review(SHOP, date="2026-11-25"), tmp_path / "b.pptx").read_bytes() == first


def write_template(path: Path, *, without: str = "", samples: int = 2) -> Path:
    """A company's deck: fonts, size and layout names of its own, and sample slides."""
    show = Presentation()
    for layout in list(show.slide_layouts):
        if layout.name == without:
            show.slide_layouts.remove(layout)
        else:
            layout.name = f"Corp {layout.name}"
    for _ in range(samples):
        show.slides.add_slide(show.slide_layouts[0]).shapes.title.text = "Sample"
    show.save(str(path))
    return path


def test_a_companys_template_gives_size_and_layouts_and_loses_its_slides(
    shop: srm.Review, tmp_path: Path
) -> None:
    template = write_template(tmp_path / "corp.pptx")
    before = template.read_bytes()
    deck = open_deck(shop, tmp_path / "r.pptx", template=template)
    assert (deck.slide_width, deck.slide_height) == (9144000, 6858000)
    assert "Sample" not in [slide.shapes.title.text for slide in deck.slides]
    assert {slide.slide_layout.name for slide in deck.slides} == {
        "Corp Title Slide",
        "Corp Title Only",
    }
    assert len(read_map(deck)) == 28 * len(shop.matrix.services)
    assert template.read_bytes() == before
    again = open_deck(shop, tmp_path / "s.pptx", template=tmp_path / "r.pptx")
    assert len(again.slides) == len(deck.slides)


@pytest.mark.parametrize(
    ("without", "message"),
    [("Title Slide", "a title and a subtitle for the cover"), ("Title Only", "")],
)
def test_a_template_without_the_needed_layouts_is_one_line(
    shop: srm.Review, tmp_path: Path, without: str, message: str
) -> None:
    template = write_template(tmp_path / "corp.pptx", without=without)
    if message:
        with pytest.raises(srm.SrmError, match=rf"corp\.pptx: has no layout with {message}"):
            srm.write(shop, tmp_path / "r.pptx", template=template)
    else:  # One with a title and a single body serves as well: its body makes room.
        deck = open_deck(shop, tmp_path / "r.pptx", template=template)
        used = {slide.slide_layout.name for slide in deck.slides}
        assert used == {"Corp Title Slide", "Corp Title and Content"}


def test_what_is_no_template_is_one_line(shop: srm.Review, tmp_path: Path) -> None:
    (tmp_path / "t.pptx").write_text("no deck")
    with pytest.raises(srm.SrmError, match=r"t\.pptx: is no \.pptx"):
        srm.write(shop, tmp_path / "r.pptx", template=tmp_path / "t.pptx")
    with pytest.raises(srm.SrmError, match=r"none\.pptx: cannot be read"):
        srm.write(shop, tmp_path / "r.pptx", template=tmp_path / "none.pptx")
    assert not (tmp_path / "r.pptx").exists()


def test_our_own_master_needs_no_browser_and_no_file() -> None:
    assert [layout.name for layout in make_template().slide_layouts] == [
        "Title Slide",
        "Title Only",
    ]


@pytest.mark.heavy
@pytest.mark.parametrize("count", [3, 40, 120])
def test_libreoffice_renders_every_slide_with_nothing_under_the_footer(
    tmp_path: Path, count: int
) -> None:
    """Rows grow where text needs more room than was reckoned: none may reach the footer."""
    if not shutil.which("soffice") or not shutil.which("pdftotext"):
        pytest.skip("LibreOffice or poppler-utils is not installed")
    path = srm.write(review_types(tmp_path, count), tmp_path / "w.pptx")
    slides = len(Presentation(str(path)).slides)
    subprocess.run(["soffice", "--headless", "--convert-to", "pdf", "--outdir", tmp_path, path],
                   check=True, capture_output=True)  # fmt: skip
    done = subprocess.run(
        ["pdftotext", "-bbox", tmp_path / "w.pdf", "-"], check=True, capture_output=True, text=True
    )
    pages = done.stdout.split("<page ")[1:]
    assert len(pages) == slides
    for page in pages[1:]:
        height = float(re.search(r'height="([\d.]+)"', page)[1])  # type: ignore[index]
        words = re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]*)', page)
        footer = min(
            float(top) for top, _, word in words if word == "srmlib" and float(top) > 0.9 * height
        )
        body = [float(bottom) for top, bottom, _ in words if float(top) < footer - 2]
        assert max(body) <= footer + 1
