"""The promises of test_safety.py for what people write themselves: overlays, records, workloads."""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

import srmlib as srm
from tests.test_hostile import CORPUS
from tests.test_safety_formats import TAG, Page

# How a spreadsheet's formula may begin, and what Markdown and HTML would run.
STARTS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1")
HOSTILE = (
    f"=cmd|' /C calc'!A0 {TAG} [x](javascript:alert(1)) ![x](https://example.org/x.png) `a` | b"
)


@pytest.fixture(scope="module")
def told_by_people(tmp_path_factory: pytest.TempPathFactory) -> srm.Review:
    """A review whose overlay, record and workload say what a browser or spreadsheet would run."""
    folder = tmp_path_factory.mktemp("people")
    overlay = folder / f"{TAG}overlay"
    (overlay / "services").mkdir(parents=True)
    (overlay / "frameworks").mkdir()
    cell = {
        "owner": "shared", "split": "dependent", "aws_duty": HOSTILE, "customer_duty": HOSTILE,
        "basis": "interpreted", "sources": [{"id": "srm", "section": HOSTILE}], "why": HOSTILE,
    }  # fmt: skip
    layers = ["guest-os", "engine", "capacity", "backup", "data", "identity"]
    cells = {
        layer: cell | {"customer_duty": start + HOSTILE}
        for layer, start in zip(layers, STARTS, strict=True)
    }
    row = {"id": "rds", "name": HOSTILE, "way": HOSTILE, "cells": cells}
    (overlay / "services" / "rds.yaml").write_text(yaml.safe_dump(row))
    with (overlay / "frameworks" / "nist-800-53-r5.titles.csv").open("w", newline="") as out:
        csv.writer(out).writerows([("control", "title"), ("ac-2", HOSTILE)])
    record = {
        "workload": HOSTILE, "scope": HOSTILE, "assumptions": list(STARTS), "date": "2026-01-31",
        "exceptions": [{"duty": HOSTILE, "who": HOSTILE, "why": HOSTILE, "until": "2026-12-31"}],
        "sign_off": [{"name": HOSTILE, "role": HOSTILE, "date": "2026-01-31"}],
    }  # fmt: skip
    (folder / "record.yaml").write_text(yaml.safe_dump(record))
    state = CORPUS / "terraform-state" / "v4.tfstate"
    return srm.review(state, record=folder / "record.yaml", overlay=overlay)


def _known_pages(review: srm.Review) -> set[str]:
    return {page.url for page in review.base.catalogue.sources.values()}


def _as_kinds(review: srm.Review) -> dict[str, Any]:
    return {
        "review": review,
        "matrix": review.matrix,
        "controls": review.answer_controls("nist-800-53-r5"),
        "comparison": srm.compare(review.base, "rds", "aurora"),
    }


KINDS = ["review", "matrix", "controls", "comparison"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_runs_and_fetches_nothing_whatever_people_write(
    told_by_people: srm.Review, tmp_path: Path, kind: str
) -> None:
    text = srm.write(_as_kinds(told_by_people)[kind], tmp_path / "x.html").read_text()
    page = Page(text)
    assert page.live == []
    assert "default-src 'none'" in text
    assert "form-action 'none'" in text
    assert all(link.startswith(("https://", "#")) for link in page.links)
    assert HOSTILE.split(" ")[0] in html.unescape(text)


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_starts_no_formula_whatever_people_write(
    told_by_people: srm.Review, tmp_path: Path, kind: str
) -> None:
    endings = [".csv", ".jira.csv"] if kind == "review" else [".csv"]
    for ending in endings:
        text = srm.write(_as_kinds(told_by_people)[kind], tmp_path / f"x{ending}").read_text()
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert not [cell for cell in cells if cell[1:] and cell.startswith(tuple("=+-@\t\r"))]
        assert kind == "comparison" or any(HOSTILE in cell for cell in cells)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", [".xlsx", ".pptx"])
def test_an_office_file_holds_no_formula_and_leads_to_cited_pages_only(
    told_by_people: srm.Review, tmp_path: Path, kind: str, ending: str
) -> None:
    path = srm.write(_as_kinds(told_by_people)[kind], tmp_path / f"x{ending}")
    with zipfile.ZipFile(path) as parts:
        names = parts.namelist()
        sheets = [parts.read(n).decode() for n in names if re.search(r"worksheets/.*xml$", n)]
        links = [parts.read(n).decode() for n in names if n.endswith(".rels")]
    assert not [name for name in names if "vba" in name.lower() or "externalLink" in name]
    assert not [sheet for sheet in sheets if "<f>" in sheet or "<f " in sheet]
    external = [
        re.search(r'Target="([^"]*)"', each)[1].replace("&amp;", "&")  # type: ignore[index]
        for text in links
        for each in re.findall(r"<Relationship [^>]*External[^>]*>", text)
    ]
    pages = _known_pages(told_by_people)
    assert {each.partition("#")[0] for each in external} <= pages | _docs(told_by_people)


def _docs(review: srm.Review) -> set[str]:
    frameworks = {each.url for each in review.base.catalogue.frameworks.values()}
    return {row.docs for row in review.base.catalogue.services.values()} | frameworks


@pytest.mark.parametrize("kind", KINDS)
def test_markdown_shows_markup_as_text_whatever_people_write(
    told_by_people: srm.Review, tmp_path: Path, kind: str
) -> None:
    text = srm.write(_as_kinds(told_by_people)[kind], tmp_path / "x.md").read_text()
    assert "<img" not in text
    links = re.findall(r"(?<!\\)\]\(([^)]*)", text)
    assert {each.partition("#")[0] for each in links} <= _known_pages(told_by_people) | _docs(
        told_by_people
    )
    assert "&lt;img" in text


@pytest.mark.parametrize("figure", [srm.heatmap, srm.owners_chart])
def test_a_figure_shows_markup_as_text_whatever_people_write(
    told_by_people: srm.Review, figure: Any
) -> None:
    assert "<img" not in figure(told_by_people).to_json().replace("\\u003c", "<")
