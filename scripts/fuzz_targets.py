"""What a mutated input is given to: every reader, the loader of data, and every exporter.

A target takes bytes and may raise SrmError, or nothing at all. Seeds lie in tests/corpus; those of
packed formats are made of them.
"""

from __future__ import annotations

import gzip
import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import srmlib as srm
from srmlib.catalogue import load_catalogue
from srmlib.check import find_problems
from srmlib.data_files import list_folders
from srmlib.duty_sheets import take_entries
from srmlib.errors import SrmError
from srmlib.export.deck_template import open_template
from srmlib.export.files import FORMATS
from srmlib.inventory.files import Intake
from srmlib.inventory.holdings import list_inventory
from srmlib.inventory.words import load_words
from srmlib.matrix import make_matrix
from srmlib.records import ReviewRecord, read_record
from srmlib.snapshots import take_snapshot
from srmlib.teams import read_teams
from srmlib.workload_diffs import compare_workloads

CORPUS = Path(__file__).parent.parent / "tests" / "corpus"
# It stands in every value of the seeds, and no name of a type or product can hold its sign.
CANARY = "Zx9!canary"
READERS = (
    "terraform-state", "terraform-show", "cloudformation", "terraform-source", "aws-config",
    "tagging-api", "resource-explorer", "resource-groups", "csv", "cost-and-usage", "focus",
    "cost-explorer",
)  # fmt: skip
TABLES = {"csv", "cost-and-usage", "focus"}
BOOK, DECK = "book.xlsx", "deck.pptx"
Target = Callable[[bytes], None]


def list_targets() -> dict[str, tuple[Target, Callable[[], Iterator[bytes]]]]:
    """Each target by name, with what its seeds come from."""
    readers = {name: (_read_as(name), _seeds_in(name)) for name in READERS}
    return readers | {
        "gzip": (_read_as("gzip"), _pack_gzip),
        "zip": (_read_as("zip"), _pack_zip),
        "parquet": (_read_as("parquet"), _make_parquet),
        "cdk-out": (_read_assembly, _seeds_in("cdk-out", "manifest.json")),
        "data": (_load_data, _list_data),
        "teams": (_read_with(read_teams, "teams.yaml"), _seeds_in("teams")),
        "record": (_read_with(read_record, "record.yaml"), _seeds_in("record")),
        "snapshot": (_read_snapshot, _make_export),
        "sheet": (_take_sheet, lambda: _list_members(BOOK)),
        "template": (_open_template, lambda: _list_members(DECK)),
        "exports": (_write_names, _list_names),
    }


@cache
def _scratch() -> Path:
    return Path(mkdtemp(prefix="srmlib-fuzz-"))


def clean_up() -> None:
    """Remove what the targets of this process wrote."""
    shutil.rmtree(_scratch(), ignore_errors=True)


def _seeds_in(folder: str, name: str = "*") -> Callable[[], Iterator[bytes]]:
    return lambda: (path.read_bytes() for path in sorted((CORPUS / folder).glob(name)))


def _name_input(target: str, content: bytes) -> str:
    """A name with an ending that leads to the target's reader, as far as names lead at all."""
    if target == "terraform-source":
        return "x.tf.json" if content[:1] == b"{" else "x.tf"
    if target in TABLES or (target == "cost-explorer" and content[:1] == b'"'):
        return "x.txt" if content.startswith(b"arn:") else "x.csv"
    return "x.json"


def _read_as(target: str) -> Target:
    def read(content: bytes) -> None:
        path = _scratch() / _name_input(target, content)
        path.write_bytes(content)
        _take(path)

    return read


def _take(path: Path) -> None:
    """Read a path and hold what comes out to its promises: one line a fault, and nothing leaks."""
    intake = Intake(load_words(list_folders(None, ())))
    found = intake.take(path)
    for fault in intake.faults:
        assert fault.isprintable() and len(fault) < 400, fault  # noqa: PT018, S101
    told = repr(found) + "".join(intake.faults)
    assert CANARY not in told, "a value of the file came out"  # noqa: S101
    numbers = [row["count"] for row in list_inventory(found)]
    assert all(0 < number < 1 << 53 for number in numbers), "a number is none"  # noqa: S101


def _pack_gzip() -> Iterator[bytes]:
    for name in READERS:
        yield from (gzip.compress(seed, mtime=0) for seed in _seeds_in(name)())


def _pack_zip() -> Iterator[bytes]:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", method) as archive:
            for name in ("terraform-state/v3.tfstate", "terraform-source/main.tf"):
                archive.write(CORPUS / name, name)
        yield made.getvalue()


def _make_parquet() -> Iterator[bytes]:
    import duckdb

    path = _scratch() / "seed.parquet"
    for name in ("cost-and-usage/cur2.csv", "focus/focus.csv"):
        # Both paths are our own.
        copied = f"COPY (SELECT * FROM read_csv('{CORPUS / name}', all_varchar=true)) TO '{path}'"  # noqa: S608
        duckdb.sql(f"{copied} (FORMAT parquet, COMPRESSION uncompressed)")
        yield path.read_bytes()


def _read_assembly(content: bytes) -> None:
    folder = _scratch() / "cdk.out"
    if not folder.is_dir():
        shutil.copytree(CORPUS / "cdk-out", folder)
    (folder / "manifest.json").write_bytes(content)
    _take(folder)


def _data_files() -> list[Path]:
    return sorted(path for path in (CORPUS / "data").rglob("*.*") if path.is_file())


def _list_data() -> Iterator[bytes]:
    """The first byte says which file of the folder is replaced."""
    yield from (bytes([n]) + path.read_bytes() for n, path in enumerate(_data_files()))


def _load_data(content: bytes) -> None:
    folder = _scratch() / "data"
    shutil.copytree(CORPUS / "data", folder, dirs_exist_ok=True)
    files = _data_files()
    place = files[(content[:1] or b"\0")[0] % len(files)].relative_to(CORPUS / "data")
    (folder / place).write_bytes(content[1:])
    for problem in find_problems(folder):
        assert problem.file and problem.problem and problem.mend, problem  # noqa: PT018, S101
    load_words.cache_clear()
    words = load_words((folder,))
    catalogue = load_catalogue(folder)
    assert all(isinstance(t, tuple) for t in (catalogue.tools, catalogue.baseline))  # noqa: S101
    inventories = Intake(words).take(CORPUS / "terraform-state" / "v4.tfstate")
    review = srm.Review(tuple(inventories), make_matrix(catalogue))
    assert isinstance(review.rows(), list)  # noqa: S101
    assert isinstance(review.warnings, list)  # noqa: S101


def _read_with(read: Callable[[Path], Any], name: str) -> Target:
    def run(content: bytes) -> None:
        path = _scratch() / name
        path.write_bytes(content)
        read(path)

    return run


@cache
def _review() -> srm.Review:
    matrix = srm.load_matrix(CORPUS / "data")
    return srm.review(CORPUS / "terraform-state" / "v4.tfstate", matrix=matrix)


@cache
def _matrix() -> srm.Matrix:
    return srm.load_matrix()


def _make_export() -> Iterator[bytes]:
    yield srm.write(_review(), _scratch() / "seed.json").read_bytes()


def _read_snapshot(content: bytes) -> None:
    path = _scratch() / "old.json"
    path.write_bytes(content)
    snapshot = take_snapshot(path, _review().base)
    srm.write(compare_workloads(path, _review()), _scratch() / "difference.md")
    assert snapshot.name == "old.json"  # noqa: S101


@cache
def _base(name: str) -> dict[str, bytes]:
    """The members of an Office file that srmlib wrote itself."""
    with zipfile.ZipFile(srm.write(_review(), _scratch() / name)) as archive:
        return {each: archive.read(each) for each in archive.namelist()}


def _list_members(name: str) -> Iterator[bytes]:
    """The first byte says which member is replaced."""
    for number, content in enumerate(_base(name).values()):
        if len(content) < 20_000 and number < 256:
            yield bytes([number]) + content


def _replace_member(name: str, content: bytes) -> Path:
    members = list(_base(name).items())
    place = (content[:1] or b"\0")[0] % len(members)
    members[place] = (members[place][0], content[1:])
    path = _scratch() / f"changed-{name}"
    with zipfile.ZipFile(path, "w") as archive:
        for each, held in members:
            archive.writestr(each, held)
    return path


def _take_sheet(content: bytes) -> None:
    record = _scratch() / "taken.yaml"
    record.unlink(missing_ok=True)
    take_entries(record, _replace_member(BOOK, content))


def _open_template(content: bytes) -> None:
    open_template(_replace_member(DECK, content))


def _list_names() -> Iterator[bytes]:
    yield from (
        each.encode() for each in ("=cmd()", "<img src=x>", "a\tb\r\n|*[x](y)", "\x1b[31m\ud7ff")
    )


def _write_names(content: bytes) -> None:
    """A workload, its record and its overlay named by the input, in every format but pictures."""
    name = content.decode("utf-8", "replace") or "x"
    decided = ReviewRecord(workload=name, scope=name, assumptions=(name,))
    named = [msgspec_replace(each, file=name, unseen=(name,)) for each in _review().inventories]
    for ending, form in FORMATS.items():
        if form not in ("image", "pptx"):
            # OSCAL is of a framework's controls, of which the small catalogue has none.
            base = _matrix() if form == "oscal" else _review().base
            review = srm.Review(tuple(named), base, record=decided)
            srm.write(review, _scratch() / f"out{ending}")


def msgspec_replace(what: Any, **changes: Any) -> Any:
    """A record with other values, unchecked."""
    import msgspec

    return msgspec.structs.replace(what, **changes)


__all__ = ["SrmError", "clean_up", "list_targets"]
