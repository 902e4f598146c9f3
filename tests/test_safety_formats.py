"""The promises of test_safety.py for every format that is read, and for what people write themselves.

The files of tests/corpus hold a canary in every name, tag, value and output, and an account's id.
"""

from __future__ import annotations

import csv
import gzip
import html
import io
import re
import shutil
import zipfile
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

import srmlib as srm
from srmlib import cli
from srmlib.export.files import FORMATS
from srmlib.inventory import read_paths
from srmlib.workbench import Workload
from tests.test_hostile import CANARY, CORPUS, SEEDS
from tests.test_safety import read_all

ACCOUNT = "998877665544"
TAG = "<img src=x onerror=alert(1)>"
# How a spreadsheet's formula may begin, and what Markdown and HTML would run.
STARTS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1")
HOSTILE = (
    f"=cmd|' /C calc'!A0 {TAG} [x](javascript:alert(1)) ![x](https://example.org/x.png) `a` | b"
)
TEXTS = sorted(ending for ending, form in FORMATS.items() if form != "image")


def assert_quiet(told: str) -> None:
    assert CANARY not in told
    assert ACCOUNT not in told


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Each file of the corpus under a name that holds markup or a formula, and packed ones."""
    folder = tmp_path_factory.mktemp("in")
    made = []
    for number, seed in enumerate(path for path in SEEDS if "cdk-out" not in path.parts):
        name = f"{TAG if number % 2 else '=cmd()'}{number}{''.join(seed.suffixes)}"
        made.append(Path(shutil.copy(seed, folder / name)))
    (folder / "packed.json.gz").write_bytes(gzip.compress((CORPUS / "cloudformation/template.json").read_bytes()))  # fmt: skip
    with zipfile.ZipFile(folder / "packed.zip", "w") as archive:
        archive.write(CORPUS / "aws-config/snapshot.json", f"{CANARY}/{CANARY}.json")
    assembly = Path(shutil.copytree(CORPUS / "cdk-out", folder / "cdk.out"))
    return [*made, folder / "packed.json.gz", assembly, _write_parquet(folder / "bill.parquet")]


def _write_parquet(path: Path) -> Path:
    import duckdb

    bill = duckdb.read_csv(str(CORPUS / "cost-and-usage" / "cur.csv"), all_varchar=True)
    bill.write_parquet(str(path))
    return path


@pytest.fixture(scope="module")
def review(paths: list[Path]) -> srm.Review:
    return srm.review(paths)


def test_every_format_is_among_the_files(review: srm.Review) -> None:
    assert {each.format for each in review.inventories} == {
        "terraform-state", "terraform-show", "terraform-source", "cloudformation", "cdk-out",
        "aws-config", "tagging-api", "resource-explorer", "resource-groups", "csv",
        "cost-and-usage", "focus", "cost-explorer",
    }  # fmt: skip


def test_no_value_stands_in_any_frame_line_or_figure(review: srm.Review) -> None:
    frames = (
        review.duties, review.expected, review.settings, review.inventory, review.owners, review.sightings,
        review.controls("nist-800-53-r5"),
    )  # fmt: skip
    for frame in frames:
        assert_quiet(frame.to_csv() + repr(frame) + frame.to_html())
    assert_quiet("\n".join(review.warnings) + repr(review.inventories) + repr(review))
    assert_quiet(srm.heatmap(review).to_json() + srm.owners_chart(review).to_json())


@pytest.mark.parametrize("ending", TEXTS)
def test_no_value_and_no_markup_stands_in_any_export(
    review: srm.Review, tmp_path: Path, ending: str
) -> None:
    told = read_all(srm.write(review, tmp_path / f"review{ending}"))
    assert_quiet(told)
    if ending in (".html", ".md"):
        assert TAG not in told


@pytest.mark.browser
@pytest.mark.parametrize("figure", [srm.heatmap, srm.owners_chart])
def test_no_value_and_no_markup_stands_in_a_drawing(
    review: srm.Review, figure: Any, tmp_path: Path, chromium: str
) -> None:
    told = srm.write(figure(review), tmp_path / "figure.svg").read_text()
    assert_quiet(told)
    assert Page(told).live == []


def test_no_value_stands_in_what_differs_from_another_workload(
    review: srm.Review, paths: list[Path], tmp_path: Path
) -> None:
    found = srm.compare_workloads(paths[0], review, matrix=review.base)
    for ending in ("md", "csv", "json"):
        assert_quiet(srm.write(found, tmp_path / f"d.{ending}").read_text())


@pytest.mark.parametrize("format", ["table", "csv", "json"])
@pytest.mark.parametrize("command", ["inventory", "review"])
def test_no_value_is_printed(
    paths: list[Path], capsys: pytest.CaptureFixture[str], command: str, format: str
) -> None:
    assert cli.main([command, *map(str, paths), "--format", format]) == cli.DONE
    told = capsys.readouterr()
    assert_quiet(told.out + told.err)
    assert told.out


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: f"{path.parts[-2]}/{path.name}")
def test_a_damaged_file_tells_nothing_of_what_it_holds(tmp_path: Path, seed: Path) -> None:
    content = seed.read_bytes()
    damaged = [content[: len(content) * n // 7] for n in range(1, 7)]
    damaged += [content.replace(sign, b"\0", 1) for sign in (b":", b'"', b"\n", b",")]
    damaged += [content.replace(b"Zx9!canary", b"Zx9!canary\xff"), content.replace(b'"', b"[")]
    damaged += [content[: len(content) // 2] + content[len(content) * 2 // 3 :]]
    path = tmp_path / seed.name
    for each in damaged:
        path.write_bytes(each)
        inventories, faults = read_paths([path])
        assert_quiet(repr(inventories) + "".join(faults))


def test_no_value_stands_in_the_widget_of_an_upload(
    paths: list[Path], matrix: srm.Matrix, caplog: pytest.LogCaptureFixture
) -> None:
    files = [path for path in paths if path.is_file()]
    broken = {"name": f"{TAG}.json", "content": f'{{"Resources": {{"{CANARY}'.encode()}
    workload = Workload(matrix, lambda _: None)
    empty = {"size": 1, "type": "", "last_modified": datetime.now(UTC)}
    whole = [{"name": path.name, "content": path.read_bytes()} for path in files]
    workload.upload.value = tuple(each | empty for each in (*whole, broken))
    assert workload.review is not None
    assert workload.upload.value == ()
    states = [each.get_state() for each in (workload, *_list_widgets(workload))]
    assert_quiet(repr(states) + caplog.text)
    assert TAG not in workload.message.value


def _list_widgets(widget: Any) -> list[Any]:
    inner = getattr(widget, "children", ())
    return [*inner, *(each for child in inner for each in _list_widgets(child))]


# What people write themselves --------------------------------------------------------------------


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


class Page(HTMLParser):
    """The elements of a page that run or fetch, and the addresses it leads to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.live: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        if tag in ("script", "img", "iframe", "object", "embed", "base", "link", "foreignobject"):
            self.live.append(tag)
        self.live += [name for name in names if name.startswith("on")]
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]


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
