"""Pictures of figures: at the shape of a slide, the same bytes each time, one browser a batch."""

from __future__ import annotations

import re
import shutil
import struct
from pathlib import Path

import pytest

import srmlib as srm
from srmlib import cli
from srmlib.export import image_file

browser = pytest.mark.browser


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose browser is not where it should be."""
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chromium")


@browser
def test_a_batch_draws_figures_and_heatmaps_with_one_browser(
    chromium: str, matrix: srm.Matrix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import kaleido

    starts = []
    start = kaleido.Kaleido.open
    monkeypatch.setattr(kaleido.Kaleido, "open", lambda self: (starts.append(1), start(self))[1])
    chosen = matrix.select(models=["containers"])
    paths = srm.write_all({
        tmp_path / "heat.png": chosen, tmp_path / "bars.png": srm.owners_chart(chosen),
        tmp_path / "step.svg": srm.compare(matrix, "ec2", "rds"), tmp_path / "heat.pdf": chosen,
        tmp_path / "page.html": chosen,
    })  # fmt: skip
    assert starts == [1]
    assert [path.name for path in paths] == [
        "heat.png",
        "bars.png",
        "step.svg",
        "heat.pdf",
        "page.html",
    ]
    for path in paths[:2]:
        width, height = struct.unpack(">II", path.read_bytes()[16:24])
        assert width / height == pytest.approx(16 / 9, rel=0.01)
        assert width >= 2560
    assert "Guest OS" in paths[2].read_text()
    assert paths[3].read_bytes().startswith(b"%PDF")


@browser
def test_no_picture_asks_the_network(
    chromium: str, matrix: srm.Matrix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kaleido._page_generator import PageGenerator

    pages: list[str] = []
    make = PageGenerator.generate_index
    monkeypatch.setattr(
        PageGenerator, "generate_index", lambda self: (pages.append(make(self)), pages[-1])[1]
    )
    srm.write(matrix.select(services=["rds"]), tmp_path / "rds.png")
    assert len(pages) == 1
    assert re.findall(r'src="(\w+):', pages[0]) == ["file", "file"]


@browser
def test_the_same_figure_gives_the_same_bytes(
    chromium: str, matrix: srm.Matrix, tmp_path: Path
) -> None:
    chosen = matrix.select(services=["ec2", "rds", "lambda"])
    names = ("a.png", "a.svg", "a.pdf")
    first = [
        path.read_bytes() for path in srm.write_all({tmp_path / name: chosen for name in names})
    ]
    again = [
        path.read_bytes() for path in srm.write_all({tmp_path / name: chosen for name in names})
    ]
    assert [a == b for a, b in zip(first, again, strict=True)] == [True] * 3


def test_without_a_browser_one_line_says_what_to_do(
    no_browser: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["compare", "ec2", "rds", "-o", str(tmp_path / "c.png")]
    assert cli.main(words) == cli.UNUSABLE
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == f"srmlib: {image_file.NO_BROWSER}\n"
    assert cli.main([*words[:-1], str(tmp_path / "c.pptx")]) == cli.DONE
    assert [path.name for path in tmp_path.iterdir()] == ["c.pptx"]


def test_a_browser_that_ends_at_once_is_one_line_and_no_endless_wait(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BROWSER_PATH", shutil.which("false") or "/bin/false")
    assert cli.main(["compare", "ec2", "rds", "-o", str(tmp_path / "c.png")]) == cli.UNUSABLE
    assert capsys.readouterr().err == f"srmlib: {image_file.NO_PICTURE}\n"
    assert not list(tmp_path.iterdir())


def test_a_figure_has_no_other_form_and_a_table_no_picture(
    matrix: srm.Matrix, tmp_path: Path
) -> None:
    figure = srm.heatmap(matrix.select(services=["s3"]))
    with pytest.raises(srm.SrmError, match=r"f\.xlsx: a figure is written as \.png"):
        srm.write(figure, tmp_path / "f.xlsx")
    with pytest.raises(srm.SrmError, match="DataFrame has no picture"):
        image_file.render(matrix.cells, "png")


def test_a_tall_figure_is_a_page_and_no_empty_picture(matrix: srm.Matrix, tmp_path: Path) -> None:
    wall, card = tmp_path / "wall.png", tmp_path / "card.png"
    srm.write_all({wall: matrix, card: srm.service_card(matrix, "rds")})
    for path in (wall, card):
        width, height = struct.unpack(">II", path.read_bytes()[16:24])
        assert width == 2560
        assert height > width


def test_a_drawing_says_what_it_shows_to_a_screen_reader(
    matrix: srm.Matrix, tmp_path: Path
) -> None:
    figure = srm.comparison_chart(srm.compare(matrix, "ec2", "rds"), "From <b>EC2</b> & back")
    text = srm.write(figure, tmp_path / "x.svg").read_text()
    head = re.match(
        r'<svg role="img" aria-labelledby="(\S+) (\S+)" [^>]*><title id="(\S+)">([^<]*)</title>'
        r'<desc id="(\S+)">([^<]*)</desc>', text,
    )  # fmt: skip
    assert head
    first, second, title, name, told, sentence = head.groups()
    assert (first, second, name) == (title, told, "From EC2 &amp; back")
    assert "rds: Customer 13, AWS 9, Shared 6." in sentence
