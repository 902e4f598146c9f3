"""The promises of test_safety.py for every format that is read.

The files of tests/corpus hold a canary in every name, tag, value and output, and an account's id.
"""

from __future__ import annotations

import gzip
import shutil
import zipfile
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import srmlib as srm
from srmlib import cli
from srmlib.export.files import FORMATS
from srmlib.inventory import read_paths
from srmlib.workbench import Workload
from tests.test_hostile import CANARY, CORPUS, SEEDS
from tests.test_safety import read_all

ACCOUNT = "998877665544"
TAG = "<img src=x onerror=alert(1)>"
TEXTS = sorted(ending for ending, form in FORMATS.items() if form != "image")


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
