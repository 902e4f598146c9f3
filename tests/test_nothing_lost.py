"""Nothing is lost: a process that is killed, or has no room or no rights, leaves the old file whole."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import srmlib as srm
from srmlib.export.files import FORMATS
from tests.aws_server import AwsServer, serve_aws
from tests.conftest import ROOT
from tests.mortal import Ended, Run, start_runs
from tests.test_collect import make_resource, point_at, read_rows
from tests.test_records import RECORD

if sys.platform == "win32":
    pytest.skip("Windows has no signals and limits like these", allow_module_level=True)

WORKLOADS = ROOT / "notebooks" / "workloads"
PLAN, TEMPLATE = WORKLOADS / "shop-plan.json", WORKLOADS / "reporting-template.yaml"
FLEET = ROOT / "notebooks" / "fleet" / "2026-10-01"
OLD = b"what was there before\n"
ROOM = 300  # bytes, of files that are all longer
KILLED = -signal.SIGKILL
PICTURES = [ending for ending, form in FORMATS.items() if form == "image"]
KILLS = ("killed while it writes", "killed before it replaces")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with start_runs(tmp_path_factory.mktemp("told") / "errors") as run:
        yield run


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return srm.write(srm.review(PLAN), tmp_path_factory.mktemp("sheet") / "review.xlsx")


def name_part(name: str) -> str:
    """What a file that is not yet in place is called: hidden, and known by the name it will have."""
    return rf"\.{re.escape(name)}\.\w+\.tmp$"


def list_others(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir() if path != target)


def prove_whole(run: Run, target: Path, words: list[object]) -> None:
    """Killed at each moment the command leaves the old file and one part; then it does its work."""
    before = target.read_bytes()
    assert_room_is_missed(run, target, words)
    for fate in KILLS:
        assert_killed(run, target, words, fate)
    parts = [target.with_name(name) for name in list_others(target)]
    assert len(parts) == len(KILLS)
    assert run(*words, folder=target.parent).code in (0, 1)
    assert sorted(path.stat().st_size for path in parts) == [ROOM, target.stat().st_size]
    assert target.read_bytes() != before
    assert [target.with_name(name) for name in list_others(target)] == parts


def assert_killed(run: Run, target: Path, words: list[object], fate: str) -> None:
    before, beside = target.read_bytes(), list_others(target)
    part = name_part(target.name)
    ended = run(*words, folder=target.parent, fate=fate, where=part, room=ROOM)
    assert ended == (KILLED, "")
    assert target.read_bytes() == before
    (left,) = {*list_others(target)} - {*beside}
    assert re.fullmatch(part, left)


def assert_room_is_missed(run: Run, target: Path, words: list[object]) -> None:
    """Where a disk ends, one line says so, the old file is kept and the part is gone."""
    before, beside = target.read_bytes(), list_others(target)
    ended = run(
        *words, folder=target.parent, fate="no room", where=name_part(target.name), room=ROOM
    )
    assert ended == (
        2, f"srmlib: {target.name}: cannot be written: File too large; the old file is kept\n",
    )  # fmt: skip
    assert (target.read_bytes(), list_others(target)) == (before, beside)


@pytest.mark.parametrize("ending", sorted(FORMATS.keys() - PICTURES))
def test_an_export_is_whole_or_the_old_one(run: Run, tmp_path: Path, ending: str) -> None:
    (target := tmp_path / f"r{ending}").write_bytes(OLD)
    prove_whole(run, target, ["review", PLAN, "-o", target])


@pytest.mark.browser
def test_a_picture_is_whole_or_the_old_one(run: Run, tmp_path: Path, chromium: str) -> None:
    targets = [tmp_path / f"r{ending}" for ending in PICTURES]
    words: list[object] = ["review", PLAN]
    for target in targets:
        target.write_bytes(OLD)
        assert_killed(run, target, [*words, "-o", target], KILLS[0])
        words += ["-o", target]
    assert run(*words, folder=tmp_path) == (0, "")
    assert all(target.read_bytes() != OLD for target in targets)


def test_so_is_what_a_fleet_or_a_difference_is_written_to(run: Run, tmp_path: Path) -> None:
    for words in (["fleet", FLEET, "-o", "fleet.csv"], ["diff", PLAN, TEMPLATE, "-o", "d.md"]):
        (own := tmp_path / str(words[0])).mkdir()
        (own / str(words[-1])).write_bytes(OLD)
        prove_whole(run, own / str(words[-1]), [*words])


def test_so_is_a_record(run: Run, tmp_path: Path, sheet: Path) -> None:
    record = tmp_path / "review.yaml"
    record.write_text(RECORD)
    prove_whole(run, record, ["record", record, "--from", sheet])
    assert "# the fleet" in record.read_text()


def test_so_is_a_file_of_the_data_that_is_put_in_order(run: Run, data: Path) -> None:
    tools = data / "tools.csv"
    head, *rows = tools.read_text().splitlines(keepends=True)
    tools.write_text("".join([head, *reversed(rows)]))
    others = list_others(tools)
    for fate in KILLS:
        ended = run("check", data, "--fix", folder=data, fate=fate, where=name_part("tools.csv"))
        assert ended == (KILLED, "")
        assert tools.read_text() == "".join([head, *reversed(rows)])
    left = [name for name in list_others(tools) if name not in others]
    assert len(left) == len(KILLS)
    assert run("check", data, "--fix", folder=data) == (0, "srmlib: tools.csv: put in order\n")
    assert tools.read_text() == "".join([head, *rows])


def test_documents_that_refer_to_each_other_stay_of_one_day(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    words = ["controls", "nist-800-53-r5", PLAN, "--oscal", folder]
    assert run(*words, "--date", "2026-01-01", folder=tmp_path) == (0, "")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(before) == 3
    last = name_part("ssp.json")
    for fate, told in {"no room": 2, "killed while it writes": KILLED}.items():
        ended = run(*words, "--date", "2026-02-01", folder=tmp_path, fate=fate, where=last)
        assert ended.code == told
        assert {name: (folder / name).read_bytes() for name in before} == before
        if fate == "no room":
            assert len(list(folder.iterdir())) == 3


# What is collected from AWS ----------------------------------------------------------------------


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AwsServer]:
    with serve_aws([make_resource(n) for n in range(7)], page=2) as server:
        point_at(server.url, monkeypatch, tmp_path)
        yield server


@pytest.mark.parametrize("fate", ["killed while it writes", "no room"])
def test_pages_from_aws_are_kept_in_spite_of_a_page_that_is_half_written(
    run: Run, aws: AwsServer, tmp_path: Path, fate: str
) -> None:
    (folder := tmp_path / "out").mkdir()
    out, journal = folder / "org.json", folder / "org.json.part"
    out.write_bytes(OLD)
    words = ["collect", "--config", "-o", out]
    ended = run(*words, folder=folder, fate=fate, where=r"/org\.json\.part$", room=700)
    assert ended.code == (2 if fate == "no room" else KILLED)
    assert ended.complaint.count("\n") == (fate == "no room")
    assert out.read_bytes() == OLD
    assert len(journal.read_bytes()) == 700
    assert not journal.read_bytes().endswith(b"\n")
    asked = len(aws.asked)

    ended = run(*words, folder=folder)
    assert ended.code == 0
    assert re.fullmatch(
        r"srmlib: .*: \d resources are of a run that was cut off\n", ended.complaint
    )
    assert 0 < len(aws.asked) - asked < 4
    assert len({row["ResourceId"] for row in read_rows(out)}) == 7
    assert list(folder.iterdir()) == [out]


def test_what_was_collected_is_whole_and_not_asked_for_again(
    run: Run, aws: AwsServer, tmp_path: Path
) -> None:
    (folder := tmp_path / "out").mkdir()
    out = folder / "org.json"
    out.write_bytes(OLD)
    words = ["collect", "--config", "-o", out]
    for fate in KILLS:
        where = r"/\.org\.json\.\w+\.tmp$"
        assert run(*words, folder=folder, fate=fate, where=where).code == KILLED
        assert out.read_bytes() == OLD
    asked = len(aws.asked)
    assert run(*words, folder=folder).code == 0
    assert len(aws.asked) == asked == 4
    assert len(read_rows(out)) == 7


# Notebooks ---------------------------------------------------------------------------------------

CELLS = {
    "whole": "print('new ' * 200)",
    "killed": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
}


def write_notebook(path: Path, source: str) -> Path:
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    nbformat.write(new_notebook(cells=[new_code_cell(source)]), path)  # type: ignore[no-untyped-call]
    return path


def test_a_notebook_that_is_run_is_whole_or_the_old_one(run: Run, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "tiny.ipynb", CELLS["killed"])
    before = path.read_bytes()
    assert run("run-notebook", path, folder=tmp_path).code == KILLED
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before

    before = write_notebook(path, CELLS["whole"]).read_bytes()
    for fate in KILLS:
        where = name_part(path.name)
        assert run("run-notebook", path, folder=tmp_path, fate=fate, where=where).code == KILLED
        assert path.read_bytes() == before
    assert run("run-notebook", path, folder=tmp_path).code == 0
    assert "new new" in path.read_text()


def test_a_copy_of_the_notebooks_is_whole_or_not_there(run: Run, tmp_path: Path) -> None:
    shipped = tmp_path / "site" / "srmlib" / "notebooks"
    shipped.mkdir(parents=True)
    for name in ("01.ipynb", "02.ipynb"):
        (shipped / name).write_text(name * 100)
    (folder := tmp_path / "own").mkdir()
    copy = folder / "srmlib-notebooks"
    words = ["copy-notebooks", shipped.parent]
    for fate, where in zip(
        KILLS, (r"/\.srmlib-notebooks\..*/02\.ipynb$", "srmlib-notebooks"), strict=True
    ):
        ended = run(*words, folder=folder, fate=fate, where=where)
        assert ended.code == KILLED
        assert not copy.exists()
    assert run(*words, folder=folder) == (0, "")
    assert {path.name: path.read_text() for path in copy.iterdir()} == {
        name: name * 100 for name in ("01.ipynb", "02.ipynb")
    }


# No rights, no room ------------------------------------------------------------------------------

WRITERS: dict[str, list[Any]] = {
    "r.csv": ["review", PLAN, "-o", "r.csv"], "r.pptx": ["review", PLAN, "-o", "r.pptx"],
    "review.yaml": ["record", "review.yaml", "--from"],
}  # fmt: skip


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("barred", ["folder", "file"])
def test_where_nothing_may_be_written_one_line_says_so(
    run: Run, tmp_path: Path, sheet: Path, name: str, barred: str
) -> None:
    words = [*WRITERS[name], *[sheet] * (name == "review.yaml")]
    (folder := tmp_path / "out").mkdir()
    target = folder / name
    target.write_text(RECORD)
    (folder if barred == "folder" else target).chmod(0o555)
    ended = run(*words, folder=folder, fate="no rights")
    folder.chmod(0o755)
    told = {
        "folder": "cannot be written: Permission denied; choose another folder",
        "file": "is write-protected; make it writable or choose another name",
    }
    assert ended == (2, f"srmlib: {name}: {told[barred]}\n")
    assert target.read_text() == RECORD
    assert list(folder.iterdir()) == [target]


def test_a_link_stays_a_link_and_a_pipe_a_pipe(run: Run, tmp_path: Path) -> None:
    import os

    (folder := tmp_path / "elsewhere").mkdir()
    (link := tmp_path / "r.csv").symlink_to(folder / "r.csv")
    (folder / "r.csv").write_bytes(OLD)
    assert run("review", PLAN, "-o", link, folder=tmp_path) == (0, "")
    assert link.is_symlink()
    assert (folder / "r.csv").read_bytes().startswith(b"duty,")
    os.mkfifo(tmp_path / "pipe.csv")
    ended = run("review", PLAN, "-o", "pipe.csv", folder=tmp_path)
    assert ended == (
        2, "srmlib: pipe.csv: is no file that could be replaced; choose another name\n",
    )  # fmt: skip


MOUNTED = """
mount -t tmpfs -o size=32k,mode=755 none . && cd . && echo old > r.pptx && cp r.pptx r.csv
{python} -m srmlib review {plan} -o r.pptx > /dev/null; echo "$? $(cat r.pptx) $(ls -A)"
mount -o remount,ro none . && {python} -m srmlib review {plan} -o r.csv > /dev/null
echo "$? $(cat r.csv) $(ls -A)"
"""


def test_a_full_disk_and_one_that_is_only_read_are_one_line_each(tmp_path: Path) -> None:
    script = MOUNTED.format(python=sys.executable, plan=PLAN).replace("cd .", f"cd {tmp_path}")
    own = ["unshare", "--user", "--map-root-user", "--mount"]
    if (
        not shutil.which("unshare")
        or subprocess.run([*own, "true"], capture_output=True).returncode
    ):
        pytest.skip("this system lets nobody mount a disk of their own")
    done = subprocess.run([*own, "sh", "-c", script], cwd=tmp_path, text=True, capture_output=True)
    assert done.stdout.split() == ["2", "old", "r.csv", "r.pptx"] * 2
    assert done.stderr.splitlines() == [
        "srmlib: r.pptx: cannot be written: No space left on device; the old file is kept",
        "srmlib: r.csv: cannot be written: Read-only file system; choose another folder",
    ]


@pytest.mark.parametrize("format", ["table", "csv", "json"])
@pytest.mark.parametrize("command", [["services"], ["review", PLAN]], ids=lambda words: words[0])
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /dev/full")
def test_a_standard_output_that_is_full_is_one_line(
    run: Run, tmp_path: Path, command: list[Any], format: str
) -> None:
    ended = run(*command, "--format", format, folder=tmp_path, output="/dev/full")
    assert ended == (
        2, "srmlib: cannot write: No space left on device; make room or choose another place\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("closed", "words", "told"),
    [
        (">&-", "services", (0, "")),
        ("<&-", "inventory -", (2, "srmlib: -: is closed; give a file, or pipe one into standard input\n")),
        ("2>&-", "inventory nowhere", (2, "")),
    ],
)  # fmt: skip
def test_a_stream_that_is_closed_brings_nothing_down(
    closed: str, words: str, told: tuple[int, str]
) -> None:
    command = f"{sys.executable} -m srmlib {words} {closed}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert Ended(done.returncode, done.stderr) == told


def test_a_zip_without_room_to_unpack_it_is_not_called_damaged(run: Run, tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "a"), "zip", WORKLOADS, PLAN.name)
    ended = run("inventory", "a.zip", folder=tmp_path, fate="no room", where=rf"{PLAN.name}$")
    assert ended == (2, "srmlib: a.zip: cannot be unpacked: make room for temporary files\n")
