"""A large state is counted by two processes as by one, and by one where two cannot."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from srmlib.errors import SrmError
from srmlib.inventory import parts, read_inventory, terraform_state
from srmlib.inventory.documents import Document
from srmlib.inventory.parts import find_parts, work_apart
from tests.test_blocks import make_state
from tests.test_inventory import counts, save

STATE = make_state(4000)
TEXT = json.dumps(STATE, indent=2).encode()
EXPECTED = {"aws_sqs_queue": 2000, "aws_ecs_service": 2000}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is large here, and a machine of two processors wherever this runs."""
    monkeypatch.setattr(parts, "LATE", 0)
    monkeypatch.setattr(parts, "LARGE", 1 << 20)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the two processes together found, or None, each time that they were asked."""
    found: list[Any] = []
    count = terraform_state._count_parts

    def note(*words: Any) -> Any:
        found.append(count(*words))
        return found[-1]

    monkeypatch.setattr(terraform_state, "_count_parts", note)
    return found


def test_two_processes_count_what_one_does(
    tmp_path: Path, counted: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    state = make_state(4000)
    state["resources"][3999]["instances"][0]["attributes"]["launch_type"] = "FARGATE"
    path = save(tmp_path, "a.tfstate", json.dumps(state, indent=2).encode())
    by_two = read_inventory(path)
    assert counts(by_two) == EXPECTED
    assert counted[0].blocks == 4000
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert read_inventory(path) == by_two
    assert counted[1:] == [None]


def test_the_later_part_is_about_half(tmp_path: Path) -> None:
    found = find_parts(Document(save(tmp_path, "a.tfstate", TEXT)), "resources")
    assert found
    assert TEXT[found.comma - 1 :].startswith(b"},\n    {\n      ")
    assert abs(found.comma - len(TEXT) // 2) < 4096


@pytest.mark.parametrize(
    ("name", "content"),
    {
        "a.gz": gzip.compress(TEXT, 0),
        "marked.tfstate": b"\xef\xbb\xbf" + TEXT,
        "wide.tfstate": TEXT.decode().encode("utf-16"),
        "small.tfstate": json.dumps(make_state(99), indent=2).encode(),
    }.items(),
)
def test_what_is_packed_marked_or_small_is_read_by_one(
    tmp_path: Path, counted: list[Any], name: str, content: bytes
) -> None:
    found = sum(counts(read_inventory(save(tmp_path, name, content))).values())
    assert found == (99 if name == "small.tfstate" else 4000)
    assert counted == [None]


def test_a_guess_that_is_wrong_is_found_out(tmp_path: Path, counted: list[Any]) -> None:
    """The middle lies in another array, laid out as the resources are."""
    more = [{"mode": "managed", "type": "aws_vpc", "instances": [{}]}] * 40_000
    content = json.dumps(STATE | {"check_results": more}, indent=2).encode()
    assert counts(read_inventory(save(tmp_path, "a.tfstate", content))) == EXPECTED
    assert counted == [None]


@pytest.mark.parametrize("place", [0.3, 0.8])
def test_a_broken_state_is_told_by_its_line(tmp_path: Path, place: float) -> None:
    lines = TEXT.split(b"\n")
    at = next(n for n, line in enumerate(lines) if b"mode" in line and n > place * len(lines))
    lines[at] = b"      mode"
    with pytest.raises(SrmError, match=rf"^a\.tfstate: is broken JSON near line {at + 1};"):
        read_inventory(save(tmp_path, "a.tfstate", b"\n".join(lines)))


@pytest.mark.parametrize("executable", ["/nowhere/python", sys.executable])
def test_where_no_second_process_answers_one_does_all(
    tmp_path: Path, counted: list[Any], executable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    monkeypatch.setattr(parts, "WORK", "raise SystemExit(3)")
    assert counts(read_inventory(save(tmp_path, "a.tfstate", TEXT))) == EXPECTED
    assert counted == [None]


def test_the_second_process_imports_nothing_from_the_folder_it_works_in(
    tmp_path: Path, counted: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pickle", "msgspec", "re"):
        save(tmp_path, f"{name}.py", "from pathlib import Path\nPath('ran').touch()\n")
    save(tmp_path, "a.tfstate", TEXT)
    monkeypatch.chdir(tmp_path)
    assert counts(read_inventory("a.tfstate")) == EXPECTED
    assert counted[0] is not None
    assert not Path("ran").exists()


def test_a_second_process_never_outlives_what_asked_for_it() -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *words: Any, **more: Any) -> None:
            super().__init__(*words, **more)
            started.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "Popen", Noted)
        with pytest.raises(KeyboardInterrupt), work_apart(input):  # which waits for ever
            raise KeyboardInterrupt
    assert [each.returncode for each in started] == [-9]
