"""Files made to fill a memory, a disk or a day end in one clear line, within bounds of all three."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.test_hostile import STATE, save

# Far above what is needed (a few seconds and a few hundred MiB): a blow-up ends here.
GUARD = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
from srmlib.inventory import read_paths
inventories, faults = read_paths(sys.argv[1:])
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if "VmHWM" in line)
print(len(inventories), peak >> 10, *faults)
"""
MOST = 600  # MiB
BIG = 1 << 30  # bytes


def read_guarded(path: Path) -> str:
    """The fault of a file that a process of its own reads, within bounds of time and memory."""
    done = subprocess.run(
        [sys.executable, "-c", GUARD, str(path)], check=True, capture_output=True, text=True
    )
    number, peak, fault = done.stdout.split(" ", 2)
    assert int(number) == 0
    assert int(peak) < MOST
    assert fault.startswith(f"{path.name}: ")
    return fault


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "head", "filling"),
    [
        ("zeros.json.gz", b"", b"\0"),
        ("blanks.json.gz", b"", b" "),
        ("text.tfstate.gz", STATE + b'{"type":"', b"a"),
        ("text.json.gz", b'{"Resources":{"a":"', b"a"),
        ("blanks.csv.gz", b"a,b\n", b" "),
        ("commas.csv.gz", b"a,b\n", b","),
        ("quote.csv.gz", b'lineItem/ProductCode,b\n"', b"a\n"),
        ("text.tf.gz", b'x = "', b"a"),
    ],
)
def test_a_gzip_bomb_is_one_clear_line(
    tmp_path: Path, name: str, head: bytes, filling: bytes
) -> None:
    block = filling * ((1 << 20) // len(filling))
    with gzip.open(tmp_path / name, "wb", compresslevel=1) as out:
        out.write(head)
        for _ in range(2 * BIG // len(block)):
            out.write(block)
    read_guarded(tmp_path / name)


@pytest.mark.heavy
@pytest.mark.parametrize("filling", [b"\0", b" ", b"a"])
def test_a_zip_bomb_is_one_clear_line(tmp_path: Path, filling: bytes) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.json", "w") as out:  # fmt: skip
        for _ in range(900):
            out.write(filling * (1 << 20))
    assert "packed far too tightly" in read_guarded(path)


@pytest.mark.heavy
def test_a_zip_that_lies_about_its_sizes_writes_no_more_than_it_says(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", b" " * (900 << 20))
    size = (900 << 20).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (100).to_bytes(4, "little")))
    assert "damaged zip" in read_guarded(path)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("line.csv", lambda: b"arn:aws:s3:::a\n" + b"a" * (300 << 20)),
        ("bill.csv", lambda: b"lineItem/ProductCode,lineItem/UsageType\n" + b"a" * (300 << 20)),
        ("columns.csv", lambda: (b"a," * 100_000 + b"\n") * 300),
        ("types.tfstate", lambda: _list_new_types(100_000)),
        ("nested.tf", lambda: b"x = " + b"(" * 20_000 + b"1" + b")" * 20_000 + b"\n"),
        ("heredoc.tf", lambda: b"x = <<EOT\n" + b"\n" * 200_000 + b"x\n"),
        ("heredocs.tf", lambda: b"x = <<EOT\n" + b"a <<EOT\n" * 200_000 + b"x\n"),
        ("sum.tf", lambda: b"x = " + b"1 + " * 50_000 + b"1\n"),
        ("source.tf", lambda: b'resource "aws_s3_bucket" "a" {\n  x = "y"\n}\n' * 100_000),
    ],
)  # fmt: skip
def test_an_endless_or_nested_file_is_one_clear_line(
    tmp_path: Path, name: str, make: Callable[[], bytes]
) -> None:
    read_guarded(save(tmp_path, name, make()))


def _list_new_types(number: int) -> bytes:
    blocks = ({"type": f"aws_new{n}" + "_a" * 90, "instances": [{}]} for n in range(number))
    broken = ',{"type": "aws_new"'
    return STATE + json.dumps(list(blocks))[1:-1].encode() + broken.encode()
