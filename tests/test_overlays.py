"""A reader's claim in an overlay: it is in force at once, and nothing else in the folder changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import srmlib as srm
from srmlib import cli
from srmlib.check import find_problems
from srmlib.data_files import read_yaml
from srmlib.overlays import lay_over, write_cell
from tests.conftest import ROOT
from tests.test_inventory import save, state

CLAIM = {
    "owner": "shared", "split": "dependent", "aws_duty": "Take snapshots.",
    "customer_duty": "Ask for them.", "why": "We buy backups from the platform team.",
}  # fmt: skip
OURS = """\
# Our house rules.
id: rds
cells: # ours
  # We run our own images.
  engine:  # decided in May
    # The minor versions are ours.
    owner: customer # all of it
    customer_duty: 'Build the engine''s   image.'
    basis: interpreted
    sources:
      - {id: srm, section: Overview}
    why: >-
      We do it ourselves
      # 1 of all.

  # Queues of the team.
  backup:
    owner: not-applicable
    basis: interpreted
    sources:
      - id: srm
        section: Overview
        # The page of May.
    why: Nothing is kept.
  # More to come.
# The end.
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "my-overlay"


@pytest.fixture
def ours(home: Path) -> Path:
    """A file that a reader wrote by hand, in a layout of their own."""
    place = home / "services" / "rds.yaml"
    place.parent.mkdir(parents=True)
    place.write_text(OURS)
    return place


def snapshot(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_claim_makes_an_overlay_that_is_in_force(home: Path, matrix: srm.Matrix) -> None:
    place = write_cell(home, matrix, "rds", "identity", **CLAIM)
    assert place == home / "services" / "rds.yaml"
    claim = srm.load_matrix(overlay=home).claims["rds"]["identity"]
    assert (claim.cell.owner, claim.origin, claim.home) == ("shared", "my-overlay", "rds")
    assert claim.cell.basis == "interpreted"
    assert claim.cell.verified is None
    assert claim.cell.sources == matrix.claims["rds"]["identity"].cell.sources


def test_the_folder_is_clean_for_srmlib_check(home: Path, matrix: srm.Matrix) -> None:
    for layer in ("identity", "backup", "physical", "engine"):
        write_cell(home, matrix, "rds", layer, **CLAIM)
    assert cli.main(["check", str(home)]) == cli.DONE
    assert list(read_yaml(home / "services" / "rds.yaml")["cells"]) == [
        "physical", "engine", "backup", "identity",
    ]  # fmt: skip


def test_the_cell_is_written_in_the_style_of_the_catalogue(home: Path, matrix: srm.Matrix) -> None:
    long = "Restore the copy of each database into an account of its own, every quarter, and tell."
    place = write_cell(
        home, matrix, "s3", "encryption-at-rest", **CLAIM | {"why": f"{long} {long}"}
    )
    assert place.read_text() == (
        "id: s3\ncells:\n  encryption-at-rest:\n    owner: shared\n    split: dependent\n"
        "    aws_duty: >-\n      Take snapshots.\n    customer_duty: >-\n      Ask for them.\n"
        "    since: 2023-01-05\n    basis: interpreted\n    sources:\n      - id: s3-sse-s3\n"
        "        section: Using server-side encryption with Amazon S3 managed keys (SSE-S3)\n"
        "      - id: s3-api-put-bucket-encryption\n        section: PutBucketEncryption\n"
        f"    why: >-\n      {long}\n      {long}\n"
    )


def test_a_claim_joins_what_a_reader_wrote_and_its_comments(
    ours: Path, matrix: srm.Matrix, home: Path
) -> None:
    write_cell(home, matrix, "rds", "capacity", **CLAIM)
    head, tail = OURS.split("\n  # Queues")
    text = ours.read_text()
    assert text.startswith(head.rstrip())
    assert text.endswith("\n  # Queues" + tail)
    assert list(read_yaml(ours)["cells"]) == ["engine", "capacity", "backup"]


@pytest.mark.parametrize("layer", ["engine", "backup"])
def test_only_the_lines_of_the_cell_change_and_its_comments_stay(
    ours: Path, matrix: srm.Matrix, home: Path, layer: str
) -> None:
    before = read_yaml(ours)
    write_cell(home, matrix, "rds", layer, **CLAIM)
    text, after = ours.read_text(), read_yaml(ours)
    for line in OURS.splitlines():
        if "#" in line and "1 of all" not in line:
            assert "#" + line.partition("#")[2] in text, line
    other = {"engine": "backup", "backup": "engine"}[layer]
    assert after["cells"][other] == before["cells"][other]
    assert after["cells"][layer]["owner"] == "shared"
    assert text.index("# We run") < text.index("  engine:") < text.index("# Queues")


def test_an_earlier_claim_of_ones_own_is_replaced(home: Path, matrix: srm.Matrix) -> None:
    write_cell(home, matrix, "rds", "engine", **CLAIM)
    theirs = srm.load_matrix(overlay=home)
    write_cell(home, theirs, "rds", "engine", owner="aws", aws_duty="Do all.", why="We changed.")
    cell = srm.load_matrix(overlay=home).claims["rds"]["engine"].cell
    assert (cell.owner, cell.why, cell.customer_duty) == ("aws", "We changed.", None)
    # The catalogue's setting leads to `shared`: left out of the first claim, it is back.
    assert [each.owner for each in cell.unless] == ["shared"]
    assert find_problems(home) == []


def test_a_whole_row_of_ones_own_keeps_its_head(home: Path, matrix: srm.Matrix) -> None:
    row = (ROOT / "data" / "services" / "rds.yaml").read_text()
    place = home / "services" / "rds.yaml"
    place.parent.mkdir(parents=True)
    place.write_text(row.replace("name: Amazon RDS", "name: Our RDS"))
    write_cell(home, matrix, "rds", "backup", **CLAIM)
    before, after = row.splitlines(), place.read_text().splitlines()
    assert after[1] == "name: Our RDS"
    assert after[2 : before.index("  backup:")] == before[2 : before.index("  backup:")]
    tail = before[before.index("  disaster-recovery:") :]
    assert after[-len(tail) :] == tail


@pytest.mark.parametrize(
    "text",
    ["id: rds", "id: rds\ncells:\n", "id: rds\ncells: {} # none yet\n", "id: rds\ncells: null\n",
     "id: rds\nname: Our RDS\n# The end.\n"],
)  # fmt: skip
def test_a_row_without_cells_gets_its_first(
    ours: Path, home: Path, matrix: srm.Matrix, text: str
) -> None:
    ours.write_text(text)
    write_cell(home, matrix, "rds", "backup", **CLAIM)
    assert list(read_yaml(ours)["cells"]) == ["backup"]
    assert ("# none yet" in text) == ("# none yet" in ours.read_text())


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"why": " \n "}, "cells.backup.why is missing; say in one sentence"),
    ({"split": None}, "cells.backup.split goes with owner shared, and only there; use independent"),
    (
        {"owner": "third-party", "split": None},
        "cells.backup.third_party goes with .*name the vendor",
    ),
    ({"owner": "customer", "split": None, "customer_duty": ""}, "customer_duty is missing"),
    ({"owner": "not-applicable", "split": None}, "stands where nobody has a duty"),
    ({"owner": "amazon", "split": None}, "owner is 'amazon'; use aws"),
]


@pytest.mark.parametrize(("change", "told"), REFUSED)
def test_what_check_would_name_is_one_line_and_nothing_changes(
    ours: Path, home: Path, matrix: srm.Matrix, change: dict[str, Any], told: str
) -> None:
    before = snapshot(home)
    with pytest.raises(srm.SrmError, match=rf"^my-overlay/services/rds\.yaml: .*{told}") as error:
        write_cell(home, matrix, "rds", "backup", **CLAIM | change)
    assert "\n" not in str(error.value)
    assert snapshot(home) == before


@pytest.mark.parametrize(
    "text",
    ["{id: rds, cells: {}}\n", "id: rds\ncells: {engine: {owner: aws}}\n", "id: rds\ncells: [1]\n",
     "id: rds\nid: rds\n", "nothing", "id: rds\ncells:\n\tbackup: 1\n", "id: sqs\ncells: {}\n",
     OURS.replace("  backup:", "  backup: &b") + "  identity: *b\n"],
)  # fmt: skip
def test_a_layout_that_cannot_be_kept_is_left_alone(
    ours: Path, home: Path, matrix: srm.Matrix, text: str
) -> None:
    ours.write_text(text)
    with pytest.raises(srm.SrmError, match=r"rds\.yaml"):
        write_cell(home, matrix, "rds", "backup", **CLAIM)
    assert ours.read_text() == text


def test_a_fault_elsewhere_in_the_folder_is_named_first(home: Path, matrix: srm.Matrix) -> None:
    write_cell(home, matrix, "rds", "backup", **CLAIM)
    (home / "services" / "acm.yaml").write_text("id: acm\ncells: {}\nwho: me\n")
    before = snapshot(home)
    with pytest.raises(srm.SrmError, match=r"my-overlay/services/acm\.yaml has unknown key who"):
        write_cell(home, matrix, "rds", "engine", **CLAIM)
    assert snapshot(home) == before


def test_a_refused_claim_makes_no_folder(home: Path, matrix: srm.Matrix) -> None:
    with pytest.raises(srm.SrmError):
        write_cell(home, matrix, "rds", "backup", **CLAIM | {"why": ""})
    assert not home.exists()


@pytest.mark.parametrize("folder", ["", " ", ".", "..", "catalogue", ROOT / "data"])
def test_a_folder_that_is_no_overlay_is_refused(matrix: srm.Matrix, folder: Any) -> None:
    with pytest.raises(srm.SrmError, match="give a folder"):
        write_cell(folder, matrix, "rds", "backup", **CLAIM)


def test_a_file_in_the_folders_place_is_one_line(home: Path, matrix: srm.Matrix) -> None:
    home.write_text("mine")
    with pytest.raises(srm.SrmError, match=r"my-overlay: cannot be used: .*choose another folder"):
        write_cell(home, matrix, "rds", "backup", **CLAIM)
    assert home.read_text() == "mine"


def test_nothing_is_written_outside_the_folder(
    home: Path, matrix: srm.Matrix, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    home.mkdir()
    (home / "services").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(srm.SrmError, match="leads out of"):
        write_cell(home, matrix, "rds", "backup", **CLAIM)
    with pytest.raises(srm.SrmError, match="is no service here"):
        write_cell(home, matrix, "../rds", "backup", **CLAIM)
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize(
    "text",
    ["yes", "null", "2026-01-31", "a: b # c", "'x'", "- x", "# x", "{x}", "*x", "1e3", "👍 é"],
)
def test_every_text_comes_back_as_it_was(home: Path, matrix: srm.Matrix, text: str) -> None:
    words = {"owner": "third-party", "third_party": text, "why": f"{text}\n\n  {text}\x00 "}
    write_cell(home, matrix, "rds", "backup", **words)
    cell = srm.load_matrix(overlay=home).claims["rds"]["backup"].cell
    assert (cell.third_party, cell.why) == (text, f"{text} {text}")


def test_a_matrix_under_another_overlay_may_be_disagreed_with(home: Path, tmp_path: Path) -> None:
    house = tmp_path / "house"
    (house / "services").mkdir(parents=True)
    (house / "sources.yaml").write_text(
        "house-page:\n  title: Ours\n  url: https://example.com/ours\n  publisher: We\n"
        "  read: 2026-01-31\n  as_of: unknown\n"
    )
    write_cell(house, srm.load_matrix(), "rds", "backup", **CLAIM)
    file = house / "services" / "rds.yaml"
    file.write_text(file.read_text().replace("- id: rds-backups", "- id: house-page"))
    theirs = srm.load_matrix(overlay=house)
    write_cell(home, theirs, "rds", "backup", **CLAIM | {"why": "We know better."})
    claim = lay_over(theirs, home).claims["rds"]["backup"]
    assert (claim.origin, claim.cell.why) == ("my-overlay", "We know better.")
    assert "house-page" in {each.id for each in claim.cell.sources}


def test_laying_over_keeps_the_selection_and_what_a_workload_has_moved(
    home: Path, tmp_path: Path
) -> None:
    path = save(
        tmp_path, "a.tfstate",
        state(("aws_db_instance", {"engine": "postgres", "backup_retention_period": 0})),
    )  # fmt: skip
    moved = srm.review(path).matrix.select(groups=["configuration"])
    write_cell(home, moved, "rds", "keys-secrets", owner="customer", customer_duty="x", why="x")
    laid = lay_over(moved, home)
    assert (laid.services, laid.layers) == (moved.services, moved.layers)
    assert laid.owners.loc["rds", "backup"] == "customer"
    assert laid.claims["rds"]["keys-secrets"].origin == "my-overlay"
