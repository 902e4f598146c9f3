"""Hostile files end in one clear line, in bounded time and memory, and tell nothing of what they hold.

Each input here once led to a traceback, a hang or a full memory; `make fuzz` looks for more.
"""

from __future__ import annotations

import json
import random
import sys
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import srmlib as srm
from srmlib import SrmError
from srmlib.catalogue import load_catalogue
from srmlib.check import find_problems
from srmlib.duty_sheets import read_sheet
from srmlib.export.deck_template import open_template
from srmlib.inventory import read_paths
from srmlib.inventory.words import load_words
from srmlib.teams import read_teams
from tests.conftest import ROOT
from tests.test_inventory_random import FEW

CORPUS = ROOT / "tests" / "corpus"
CANARY = "Zx9!canary"
SEEDS = sorted(
    path for path in CORPUS.glob("*/*.*") if path.parts[-2] not in ("data", "teams", "record")
)
STATE = b'{"version":4,"serial":1,"resources":['
STACK = '{"Resources":{"A":{"Type":"AWS::CloudFormation::Stack","Properties":{"TemplateURL":%s}}}}'
# Deep enough for what walks through it; not for msgspec, whose depth is not Python's from 3.12 on.
DEPTH = 600 if sys.version_info < (3, 12) else 1500
DEEP = "[" * DEPTH + "]" * DEPTH


def typed(value: str) -> str:
    return f"Resources:\n  A: {{Type: AWS::S3::Bucket, B: {value}}}\n"


def queried(count: int) -> str:
    row = json.dumps({"COUNT(*)": count, "resourceType": "AWS::EC2::Instance"})
    return json.dumps({"Results": [row], "QueryInfo": {}})


REFUSED: dict[str, tuple[str, str | bytes, str]] = {
    "attributes that are no UTF-8": (
        "a.tfstate", STATE + b'{"type":"aws_db_instance","instances":[{"attributes":{"engine":"\x86"}}]}]}',
        "UTF-8",
    ),
    "a value in hundreds of lists": (
        "a.json",
        '{"Resources":{"A":{"Type":"AWS::RDS::DBInstance","Properties":{"Engine":' + DEEP + "}}}}",
        "nested too deeply",
    ),
    "a number of 5,000 digits": (
        "a.json", '{"format_version":"1.0","planned_values":{"x":' + "9" * 5000 + "}}", "damaged",
    ),
    "a number beyond all floats": (
        "a.json", '{"format_version":"1.0","planned_values":{"x":1e999999}}', "damaged",
    ),
    "an empty float": ("a.yaml", typed('!!float ""'), "its tag says"),
    "an empty integer": ("a.yaml", typed('!!int ""'), "its tag says"),
    "a boolean that is none": ("a.yaml", typed("!!bool x"), "its tag says"),
    "a day that is none": ("a.yaml", typed("!!timestamp x"), "its tag says"),
    "a template of a million values": ("a.yaml", typed("[" + "a," * 600_000 + "]"), "too large"),
    "comments that open each other": ("a", "/**/" * 60 + "x", "is no Terraform"),
    "a quarter of a million line ends": (
        "a.tfstate", STATE + b'{"type":"a","instances":[]},{' + b"\n" * 250_000 + b"x", "line 250001",
    ),
    "line ends alone": ("a.json", b"\n" * 65_000 + b"x", "is no Terraform"),
    "many beginnings of objects": ("a.json", b"{\n" * 30_000 + b" " * (8 << 20) + b"x", "broken JSON"),
    "a header of blanks": ("a.csv", f'"Service","{" " * 100_000}x","Total costs($)"\n', "no column"),
    "a line without an end": ("a.csv", b"arn:aws:s3:::a\n" + b"a" * (17 << 20), "broken table"),
    "a negative number of resources": ("a.json", queried(-3), "damaged"),
    "more resources than there are atoms": ("a.json", queried(10**400), "damaged"),
    "blanks alone": ("a.json", b" " * (1 << 20), "is empty"),
    "zeros alone": ("a.json", b"\0" * (1 << 20), "is empty"),
}  # fmt: skip

TAKEN: dict[str, tuple[str, str]] = {
    "a macro with parameters": (
        "a.json", '{"Transform":[{"Name":"AWS::Include"}],"Resources":{"A":{"Type":"AWS::S3::Bucket"}}}',
    ),
    "a nested stack with a name that no disk takes": ("a.json", STACK % json.dumps("a" * 5000)),
    "a nested stack with a zero in its name": ("a.json", STACK % '"a\\u0000b"'),
    "a module with a name that no disk takes": (
        "a/main.tf.json", '{"module":{"a":{"source":"./' + "a" * 5000 + '"}}}',
    ),
    "a module with a zero in its name": ("a/main.tf.json", '{"module":{"a":{"source":"./a\\u0000b"}}}'),
}  # fmt: skip


def save(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read_faults(path: Path) -> list[str]:
    """The faults of a path, each held to be one line that tells nothing of the file."""
    inventories, faults = read_paths([path])
    told = repr(inventories) + "".join(faults)
    assert CANARY not in told
    assert all(each.isprintable() and len(each) < 400 for each in faults)
    assert bool(inventories) != bool(faults)
    return faults


@pytest.mark.parametrize("what", REFUSED)
def test_a_hostile_file_is_one_clear_line(tmp_path: Path, what: str) -> None:
    name, content, message = REFUSED[what]
    (fault,) = read_faults(save(tmp_path, name, content))
    assert fault.startswith(f"{name}: ")
    assert message in fault


@pytest.mark.parametrize("what", TAKEN)
def test_a_hostile_reference_leads_nowhere_and_the_rest_is_read(tmp_path: Path, what: str) -> None:
    path = save(tmp_path, *TAKEN[what])
    assert read_faults(path if path.parent == tmp_path else path.parent) == []


@pytest.mark.parametrize("name", [".", "a" * 300, "a\0", "../.."])
def test_a_stage_that_leads_back_out_or_nowhere_is_one_line(tmp_path: Path, name: str) -> None:
    stage = {"type": "cdk:cloud-assembly", "properties": {"directoryName": name}}
    save(tmp_path, "cdk.out/manifest.json", json.dumps({"artifacts": {"S": stage}}))
    (fault,) = read_faults(tmp_path / "cdk.out")
    assert "run `cdk synth` again" in fault


def test_counts_that_multiply_beyond_all_accounts_are_refused(tmp_path: Path) -> None:
    for n in range(3):
        call = f'module "a" {{\n  source = "../m{n + 1}"\n  count = 999999999\n}}\n'
        save(tmp_path, f"m{n}/main.tf", call)
    save(tmp_path, "m3/main.tf", 'resource "aws_sqs_queue" "a" {}\n')
    (fault,) = read_faults(tmp_path / "m0")
    assert "more resources than any account holds" in fault


def test_a_name_that_no_disk_takes_is_one_line() -> None:
    for name in ("a" * 5000, "a\0b"):
        _, (fault,) = read_paths([name])
        assert "check the path" in fault


def test_a_zip_whose_content_is_broken_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(SEEDS[0], "a.json")
    content = bytearray(path.read_bytes())
    content[60:90] = bytes(30)
    (fault,) = read_faults(save(tmp_path, "a.zip", bytes(content)))
    assert "damaged zip" in fault


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("teams.yaml", "? {a: b}\n: c\n"),
        ("teams.yaml", "[a]: 1\n"),
        ("teams.yaml", "a: " + "[" * 100_000),
        ("ways.yaml", "[a]: 1\n"),
        ("mapping/terraform.csv", b"\xff,a,b\n"),
        ("mapping/terraform.csv", b'"' + b"a" * 200_000),
        ("tools.csv", b'"' + b"a" * 200_000 + b"\n\n"),
    ],
)
def test_a_damaged_file_of_ones_own_data_is_one_line(
    data: Path, name: str, content: str | bytes
) -> None:
    save(data, name, content)
    with pytest.raises(SrmError, match=Path(name).name) as raised:
        _load_all(data)
    assert "\n" not in str(raised.value)


def _load_all(data: Path) -> None:
    if (data / "teams.yaml").is_file():
        read_teams(data / "teams.yaml")
    load_words((data,)).read_table("terraform")
    assert load_catalogue(data).tools


def test_a_check_passes_over_a_table_that_begins_with_an_empty_line(data: Path) -> None:
    save(data, "mapping/terraform.csv", b"\naws_vpc,vpc,vpc\naws_eip,ec2,vpc\n")
    assert any(each.file == "mapping/terraform.csv" for each in find_problems(data))


@pytest.mark.parametrize("read", [read_sheet, open_template])
def test_an_office_file_with_a_damaged_part_is_one_line(tmp_path: Path, read: Any) -> None:
    whole = save(
        tmp_path, "a.xlsx" if read is read_sheet else "a.pptx", _make_office(read, tmp_path)
    )
    with zipfile.ZipFile(whole) as parts:
        held = {name: parts.read(name) for name in parts.namelist()}
    for name in held:
        if name.endswith((".xml", ".rels")):
            with zipfile.ZipFile(whole, "w") as out:
                for each, content in held.items():
                    out.writestr(each, b"<a" if each == name else content)
            with suppress(SrmError):
                read(whole)


def _make_office(read: Any, folder: Path) -> bytes:
    review = srm.review(CORPUS / "terraform-state" / "v4.tfstate")
    ending = "xlsx" if read is read_sheet else "pptx"
    return srm.write(review, folder / f"made.{ending}").read_bytes()


# Mutations ---------------------------------------------------------------------------------------

TOKENS = (
    b"{", b"}", b"[", b"]", b'"', b",", b"\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"\\u0000", b"1e999999",
    b"9" * 400, b"null", b"-1", b"${", b"<<EOT\n", b"/*", b"&a ", b"*a", b"!!float ", b"!Ref ", b"? ",
    b"\x1f\x8b", b"PK\x03\x04", b"PAR1", b"arn:aws:", b"AWS::", b"=cmd()", b'"Resources":', b"\r",
)  # fmt: skip


def mutate(content: bytes, random: random.Random) -> bytes:
    """Bits turned over, parts cut out, repeated or put in, as a fuzzer does."""
    for _ in range(random.randint(1, 4)):
        start, end = sorted(random.choices(range(len(content) + 1), k=2))
        before, part, after = content[:start], content[start:end][:200], content[end:]
        content = random.choice(
            (
                before + bytes([random.randrange(256)]) + content[start + 1 :],
                before + after,
                before,
                before + random.choice(TOKENS) + content[start:],
                before + part + part + content[start:],
            )
        )
    return content


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: f"{path.parts[-2]}/{path.name}")
@FEW
@given(st.randoms(use_true_random=False))
def test_a_mutated_file_is_read_or_gets_one_line(
    tmp_path: Path, seed: Path, random: random.Random
) -> None:
    read_faults(save(tmp_path, seed.name, mutate(seed.read_bytes(), random)))
