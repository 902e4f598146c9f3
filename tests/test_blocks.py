"""A document read in blocks is the document: in any layout, cut anywhere, with any text in it."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw, Struct

from srmlib.data_files import list_folders
from srmlib.errors import SrmError
from srmlib.inventory import read_inventory
from srmlib.inventory.blocks import Blocks, find_array
from srmlib.inventory.json_text import decode_json
from srmlib.inventory.resources import Reading
from srmlib.inventory.state_blocks import DECODE_ANY, BlockDecoder
from srmlib.inventory.terraform_state import add_blocks
from srmlib.inventory.words import load_words
from tests.test_inventory import counts, save, services

SOME = settings(max_examples=150, deadline=None)


class Thing(Struct):
    type: str
    value: Raw = Raw()


DECODE = msgspec.json.Decoder(list[Thing]).decode


class Around(Struct):
    version: int = 0
    tail: Any = None


class Whole(Around):
    things: list[Thing] = []


# Text and keys that could be taken for the array, for its end, or for what parts its items.
TRICKS = (
    "},\n    {\n", '},{"type":', '"things": [', "]}", '"}', "\\", '\\"', "\u2028", "é", "[", "{}", "\n",
)  # fmt: skip
TEXT = st.text(max_size=6) | st.sampled_from(TRICKS)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-9, 9) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(TEXT | st.just("type"), inner, max_size=3)
        | st.lists(st.fixed_dictionaries({"type": TEXT, "value": inner}), max_size=3)
    ),
    max_leaves=10,
)
THINGS = st.lists(
    st.fixed_dictionaries({"type": TEXT}, optional={"value": VALUES})
    | st.fixed_dictionaries({"value": VALUES, "type": TEXT}),
    max_size=9,
)
DOCUMENTS = st.builds(
    lambda head, things, tail, version: head | {"things": things} | tail | {"version": version},
    st.dictionaries(TEXT, VALUES, max_size=2).map(lambda each: {"outputs": each}),
    THINGS,
    st.fixed_dictionaries({}, optional={"tail": VALUES, "other": THINGS}),
    st.integers(0, 9),
)
LAYOUTS = st.sampled_from(
    [{"separators": (",", ":")}, {}, {"indent": 2}, {"indent": 4}, {"indent": 0}, {"indent": "\t"}]
)


def read_blocks(content: bytes, size: int) -> tuple[list[Thing], Around]:
    blocks = Blocks(BufferedReader(BytesIO(content)), "things", DECODE, Around, size)  # type: ignore[arg-type]
    items = [item for block in blocks for item in block]
    assert blocks.count == len(items)
    return items, blocks.rest


def read_whole(content: bytes) -> tuple[list[Thing], Around]:
    whole = decode_json(content, Whole)
    return whole.things, Around(whole.version, whole.tail)


def tell(content: bytes, size: int | None) -> tuple[list[Thing], Around] | str:
    try:
        return read_whole(content) if size is None else read_blocks(content, size)
    except SrmError:
        return "is refused"


@SOME
@given(DOCUMENTS, LAYOUTS, st.booleans(), st.integers(1, 300))
def test_blocks_hold_what_a_decode_of_the_whole_holds(
    document: dict[str, Any], layout: dict[str, Any], ascii: bool, size: int
) -> None:
    content = json.dumps(document, ensure_ascii=ascii, **layout).encode("utf-8", "replace")
    assert read_blocks(content, size) == read_whole(content)


@SOME
@given(DOCUMENTS, LAYOUTS, st.integers(1, 300), st.data())
def test_a_document_cut_anywhere_is_refused(
    document: dict[str, Any], layout: dict[str, Any], size: int, data: st.DataObject
) -> None:
    content = json.dumps(document, **layout).encode()
    end = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(SrmError, match=r"is broken JSON|is damaged"):
        read_blocks(content[:end], size)


@SOME
@given(DOCUMENTS, LAYOUTS, st.integers(1, 300), st.data())
def test_a_byte_changed_anywhere_is_told_as_in_the_whole(
    document: dict[str, Any], layout: dict[str, Any], size: int, data: st.DataObject
) -> None:
    content = bytearray(json.dumps(document, **layout).encode())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] = data.draw(st.sampled_from(b'{}[],:"\\ \n0xt'))
    if content.count(b'"things"') == 1:
        assert tell(bytes(content), size) == tell(bytes(content), None)


@pytest.mark.parametrize("more", ["{}", "]", "x", '{"things": []}'])
def test_what_follows_the_document_is_refused(more: str) -> None:
    content = json.dumps({"things": [{"type": "a"}, {"type": "b"}]}) + "\n" + more
    with pytest.raises(SrmError, match="is broken JSON near line 2"):
        read_blocks(content.encode(), 8)


@pytest.mark.parametrize("key", ["things", "th\\u0069ngs"])
def test_an_array_that_stands_twice_is_refused(key: str) -> None:
    content = '{"things": [{"type": "a"}, {"type": "b"}], "again": [{"type": "c"}]}'
    content = content.replace("again", key)
    with pytest.raises(SrmError, match="has things twice"):
        read_blocks(content.encode(), 8)


@pytest.mark.parametrize(
    "content",
    [b'{"a": {"things": [', b'{"a": "\\"things\\": [', b'["things": [', b'{"x\\"things": [', b'{"things": {'],
)  # fmt: skip
def test_only_a_top_level_key_is_taken_for_the_array(content: bytes) -> None:
    assert find_array(content, "things") is None


def test_items_whose_first_keys_differ_are_parted_all_the_same() -> None:
    things = [{"type": "a", "value": n} if n % 3 else {"value": n, "type": "b"} for n in range(99)]
    content = json.dumps({"things": things}, separators=(",", ":")).encode()
    blocks = Blocks(BufferedReader(BytesIO(content)), "things", DECODE, Around, 64)  # type: ignore[arg-type]
    lengths = [len(block) for block in blocks]
    assert sum(lengths) == 99
    assert max(lengths) < 9, "no block holds much more than its size"


def test_a_fault_is_told_by_its_place_in_the_file() -> None:
    things: list[dict[str, Any]] = [{"type": "a"} for _ in range(50)]
    things[40]["type"] = 7
    content = json.dumps({"things": things}, indent=2).encode()
    with pytest.raises(
        SrmError, match=r"Expected a value, got a value at `\$\.things\[40\]\.type`"
    ):
        read_blocks(content, 64)
    lines = json.dumps({"things": things[:40]}, indent=2).splitlines()
    lines[100] += "}"
    with pytest.raises(SrmError, match="near line 101;"):
        read_blocks("\n".join(lines).encode(), 64)


def test_a_broken_document_is_not_read_to_its_end() -> None:
    class Counting(BytesIO):
        def __init__(self, content: bytes) -> None:
            super().__init__(content)
            self.got = 0

        def readinto(self, buffer: Any) -> int:
            count = super().readinto(buffer)
            self.got += count
            return count

    things = json.dumps([{"type": "a" * 50}] * 2000)
    stream = Counting(b'{"things": [{"type": "b"}, {"type" "c"}, ' + things.encode()[1:] + b"}")
    with pytest.raises(SrmError, match="near line 1;"):
        list(Blocks(stream, "things", DECODE, Around, 1024))  # type: ignore[arg-type]
    assert 1024 <= stream.got < 4096


def test_a_large_state_is_the_same_in_blocks(tmp_path: Path) -> None:
    text = json.dumps(make_state(4000), indent=2)
    expected = {"aws_sqs_queue": 2000, "aws_ecs_service": 2000}
    assert len(text) > 1 << 20, "the state takes several blocks"
    forms = {
        "a.tfstate": text.encode(),
        "compact.tfstate": json.dumps(json.loads(text), separators=(",", ":")).encode(),
        "a.tfstate.gz": gzip.compress(text.encode()),
        "marked.tfstate": text.encode("utf-8-sig"),
        "wide.tfstate": text.encode("utf-16"),
    }
    for name, content in forms.items():
        assert counts(read_inventory(save(tmp_path, name, content))) == expected, name


def make_state(count: int) -> dict[str, Any]:
    """Modules first, as Terraform writes them: their resources begin with another key."""
    resources = [
        ({"module": "module.m"} if n < count // 2 else {})
        | {"mode": "managed", "type": ("aws_sqs_queue", "aws_ecs_service")[n % 2], "name": f"r{n}"}
        | {"instances": [{"attributes": {"launch_type": "EC2", "filling": "x" * 200}}]}
        for n in range(count)
    ]
    head = {"version": 4, "terraform_version": "1.9.8", "serial": 1, "outputs": {}}
    return head | {"resources": resources, "check_results": None}


PEAK = """
import resource, sys
from srmlib.inventory import read_inventory
for path in sys.argv[1:]:
    print(read_inventory(path).resources)
with open("/proc/self/status") as lines:
    print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.parametrize("packed", [False, True])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, packed: bool) -> None:
    def measure(*paths: Path) -> int:
        done = subprocess.run(
            [sys.executable, "-c", PEAK, *map(str, paths)], capture_output=True, check=True
        )
        return int(done.stdout.split()[-1])

    def save_state(name: str, count: int) -> Path:
        text = json.dumps(make_state(count), indent=2).encode()
        return save(tmp_path, name, gzip.compress(text, 1) if packed else text)

    large = save_state("large.tfstate", 100_000)
    small = save_state("small.tfstate", 1000)
    assert packed or large.stat().st_size > 40 << 20
    assert measure(large) - measure(small) < 8 << 10, "KiB"


@pytest.mark.parametrize("fault", ["cut", "changed"])
def test_a_packed_state_that_is_damaged_gets_one_line(tmp_path: Path, fault: str) -> None:
    text = "".join(
        f'{{"mode": "managed", "type": "aws_vpc", "name": "{n * n}"}},' for n in range(50_000)
    )
    content = bytearray(
        gzip.compress(b'{"version": 4, "serial": 1, "resources": [' + text.encode())
    )
    content[len(content) // 2] ^= 0xFF
    with pytest.raises(SrmError, match=r"is a damaged gzip file|is broken JSON|not UTF-8"):
        read_inventory(save(tmp_path, "a.gz", bytes(content[:-99] if fault == "cut" else content)))


def test_msgspec_tells_where_a_document_ends() -> None:
    """What `Blocks` rests on: text that is cut is told apart from text that is wrong."""
    with pytest.raises(msgspec.DecodeError, match="truncated"):
        msgspec.json.decode(b'{"a": [1, {"b": "c"', type=Raw)
    with pytest.raises(msgspec.DecodeError, match=r"malformed.*byte 9"):
        msgspec.json.decode(b'{"a": [1 {"b": "c"', type=Raw)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (None, {"ecs-ec2": 1, "ecs-fargate": 1}),
        ({}, {"ecs-ec2": 1, "ecs-fargate": 1}),
        ({"launch_type": 7}, {"ecs-ec2": 1, "ecs-fargate": 1}),
        ({"launch_type": ["EC2", None]}, {"ecs-ec2": 2}),
    ],
)
def test_attributes_of_any_form_are_decided_apart_from_their_neighbours(
    tmp_path: Path, attributes: Any, expected: dict[str, int]
) -> None:
    content = make_state(4)
    content["resources"][1]["instances"][0] = {"attributes": attributes}
    found = read_inventory(save(tmp_path, "a.tfstate", content))
    assert services(found, "aws_ecs_service") == expected


def test_attributes_that_are_no_object_get_one_line(tmp_path: Path) -> None:
    content = make_state(2)
    content["resources"][1]["instances"][0]["attributes"] = "secret"
    with pytest.raises(SrmError, match=r"^a\.tfstate: is damaged") as error:
        read_inventory(save(tmp_path, "a.tfstate", content))
    assert "secret" not in str(error.value)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from(["aws_instance", "aws_db_instance", "x"]), VALUES),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_forms_of_known_types_decode_what_the_slow_way_does(
    parts: list[list[tuple[str, Any]]],
) -> None:
    words = load_words(list_folders(None, ()))
    decoder = BlockDecoder(words.wanted)
    fast, slow = Reading("x", ("terraform",)), Reading("x", ("terraform",))
    for part in parts:
        content = msgspec.json.encode([
            {"mode": "managed", "type": type, "instances": [
                {"attributes": {"instance_type": value, "engine": value, "storage_encrypted": value}},
                {"attributes_flat": {"instance_type": "a"}}, {"deposed": "x"},
            ]} for type, value in part
        ])  # fmt: skip
        for reading, decode in ((fast, decoder), (slow, DECODE_ANY)):
            add_blocks(reading, reading.counts, decode(content), words.wanted)
    assert (fast.counts, fast.asked) == (slow.counts, slow.asked)


@pytest.mark.parametrize("size", [64, 1000])
def test_items_that_are_kept_stay_what_they_were(size: int) -> None:
    """Raw parts of an item lie in the buffer that it was decoded from: nobody writes into it then."""
    things = [{"type": str(n), "value": "x" * (n % 700)} for n in range(5000)]
    content = json.dumps({"things": things}).encode()
    blocks = Blocks(BufferedReader(BytesIO(content)), "things", DECODE, Around, size)  # type: ignore[arg-type]
    kept = [thing for block in blocks for thing in block]
    assert [msgspec.json.decode(thing.value) for thing in kept] == [t["value"] for t in things]


@SOME
@given(DOCUMENTS, LAYOUTS, st.integers(1, 300), st.data())
def test_two_parts_hold_what_the_whole_holds_wherever_they_may_part(
    document: dict[str, Any], layout: dict[str, Any], size: int, data: st.DataObject
) -> None:
    content = json.dumps(document, **layout).encode()
    end = find_array(content, "things")
    assert end
    commas = [match.start() for match in re.finditer(b",", content[end:])]
    if not commas:
        return
    comma = end + data.draw(st.sampled_from(commas))
    stream = BufferedReader(BytesIO(content))  # type: ignore[arg-type]
    first = Blocks(stream, "things", DECODE, Around, size, stop=comma)
    try:
        items = [item for block in first for item in block]
    except SrmError:
        assert comma not in find_true_ends(content, end)
        return
    assert comma in find_true_ends(content, end)
    stream.seek(comma + 1)
    later = Blocks(stream, "things", DECODE, Around, size, head=content[:end])
    items += [item for block in later for item in block]
    assert (items, later.rest) == read_whole(content)
    assert first.count + later.count == len(items)


def skip_space(text: str, place: int) -> int:
    found = re.compile(r"\s*").match(text, place)
    assert found
    return found.end()


def find_true_ends(content: bytes, end: int) -> list[int]:
    """The commas between the items of an array, by a decode of one item after the other."""
    text, found = content.decode(), []
    place = len(content[:end].decode())
    while text[place] != "]":
        _, place = json.JSONDecoder().raw_decode(text, skip_space(text, place))
        place = skip_space(text, place)
        if text[place] == ",":
            found.append(len(text[:place].encode()))
            place += 1
    return found


@pytest.mark.parametrize(
    "tail",
    ['"x": [{"type": "a"}, {"type": "b"}]', '"things": [{"type": "a"}, {"type": "b"}]',
     '"x": 1, "things": [{"type": "a"}, {"type": "b"}]', '"version": [{"type": "a"}, {"type": "b"}]'],
)  # fmt: skip
def test_parts_never_part_in_another_array(tail: str) -> None:
    content = ('{"version": 4, "things": [{"type": "c"}, {"type": "d"}], ' + tail + "}").encode()
    stream = BufferedReader(BytesIO(content))  # type: ignore[arg-type]
    blocks = Blocks(stream, "things", DECODE, Around, 8, stop=content.rindex(b","))
    with pytest.raises(SrmError):
        list(blocks)
