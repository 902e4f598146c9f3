"""Nothing of a workload but types and counts comes out, and nothing in a name comes alive."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from pathlib import Path

import pytest

import srmlib as srm
from srmlib import cli
from srmlib.export.files import FORMATS
from tests.workloads import MARKUP, SECRET, write_workloads

FIGURES = [srm.heatmap, srm.owners_chart]


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "in"
    folder.mkdir()
    return write_workloads(folder)


@pytest.fixture
def review(paths: list[Path]) -> srm.Review:
    return srm.review(paths)


def assert_harmless(text: str) -> None:
    assert SECRET not in text
    assert MARKUP not in text
    assert "HYPERLINK" not in text
    assert "onerror" not in text


def read_all(path: Path) -> str:
    """A file's text; of an Office file that of every part in it."""
    if path.suffix not in (".pptx", ".xlsx"):
        return path.read_text()
    with zipfile.ZipFile(path) as parts:
        inner = [parts.read(name) for name in parts.namelist() if name.endswith((".xml", ".rels"))]
    return html.unescape(b"\n".join(inner).decode())


TEXTS = sorted(ending for ending, name in FORMATS.items() if name != "image")


@pytest.mark.parametrize("ending", TEXTS)
def test_every_export_is_harmless(review: srm.Review, tmp_path: Path, ending: str) -> None:
    path = srm.write(review, tmp_path / f"review{ending}")
    text = read_all(path)
    assert "Guest OS" in text or "guest-os" in text
    assert_harmless(text)


@pytest.mark.parametrize("format", ["table", "csv", "json"])
@pytest.mark.parametrize("command", ["inventory", "review"])
def test_every_command_that_reads_files_prints_only_types(
    paths: list[Path], capsys: pytest.CaptureFixture[str], command: str, format: str
) -> None:
    assert cli.main([command, *map(str, paths), "--format", format]) == cli.DONE
    told = capsys.readouterr()
    assert_harmless(told.out + told.err)
    assert told.out


@pytest.mark.parametrize("make", FIGURES, ids=lambda make: make.__name__)
def test_every_figure_is_harmless(review: srm.Review, make: object) -> None:
    text = make(review).to_json()  # type: ignore[operator]
    assert_harmless(text)
    assert "<b>[x]" not in text


def test_every_frame_and_line_is_harmless(review: srm.Review) -> None:
    frames = (review.duties, review.expected, review.settings, review.inventory, review.owners)
    for frame in frames:
        assert_harmless(frame.to_csv())
        assert_harmless(repr(frame))
    assert_harmless("\n".join(review.warnings))
    assert_harmless(repr(review.inventories))


def test_a_file_name_with_a_formula_stays_text_in_csv(
    paths: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["inventory", str(paths[0]), "--format", "csv"])
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert rows[1][0] == "'=cmd()<b>[x](y)state.tfstate"


def test_a_file_name_with_markup_stays_text_in_markdown_and_figures(
    review: srm.Review, tmp_path: Path
) -> None:
    text = srm.write(review, tmp_path / "review.md").read_text()
    assert "<b>" not in text
    assert r"\[x\](y)" in text
    assert "&lt;b&gt;" in srm.heatmap(review).layout.title.text


def test_control_characters_in_a_name_do_not_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a\x1b[31m\n.json"
    path.write_text("{}")
    assert cli.main(["inventory", str(path)]) == cli.UNUSABLE
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert told.count("\n") == 1


def test_errors_of_damaged_files_repeat_nothing_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.tfstate"
    wrong = [SECRET, {"type": SECRET, "instances": SECRET}, {"type": {SECRET: 1}}]
    for block in wrong:
        path.write_text(json.dumps({"version": 4, "serial": 1, "resources": [block]}))
        assert cli.main(["inventory", str(path)]) == cli.UNUSABLE
    for text in (f"Resources:\n  {SECRET}: [", f"Resources: *{SECRET}", f"{{{SECRET}"):
        path.write_text(text)
        assert cli.main(["review", str(path)]) == cli.UNUSABLE
    assert_harmless(capsys.readouterr().err)


def test_the_settings_of_a_review_are_told_in_the_catalogues_words(review: srm.Review) -> None:
    assert set(review.settings["value"]) <= {
        unless.value
        for row in review.base.catalogue.services.values()
        for cell in row.cells.values()
        for unless in cell.unless
    }
    assert re.search("StorageEncrypted", review.settings.to_csv())
