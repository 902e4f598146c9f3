"""Random states, plans and templates: what was put in is what is counted, in every form of the file."""

from __future__ import annotations

import codecs
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from srmlib.data_files import list_folders
from srmlib.inventory import read_inventory
from srmlib.inventory.words import load_words
from tests.test_inventory import counts

WORDS = load_words(list_folders(None, ()))
FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
# Text that could be taken for a part of the file's form.
TEXT = st.text(max_size=20) | st.sampled_from(
    ['"type": "aws_instance"', "},\n    {\n", "]}", "Resources:", "!Ref X", "\\", "\u2028", "${x}"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
Resources = list[tuple[str, dict[str, Any]]]


def list_resources(table: str) -> st.SearchStrategy[Resources]:
    """Resources of known, new and foreign types; attributes that ways.yaml asks about hold anything."""
    known = sorted(WORDS.read_table(table).services)
    asked = [type for type in known if type in WORDS.wanted]
    types = st.sampled_from(known) | st.sampled_from(asked)
    foreign = "Custom::Thing" if table == "cloudformation" else "azurerm_subnet"

    def attributes(type: str) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
        names = [path.partition(".")[0] for path in WORDS.wanted.get(type, ())]
        keys = st.sampled_from(names) | TEXT if names else TEXT
        return st.tuples(st.just(type), st.dictionaries(keys, VALUES, max_size=4))

    return st.lists((types | st.just(foreign)).flatmap(attributes), min_size=1, max_size=12)


def tell(content: Any, form: str) -> bytes:
    """The document as tools write it: compact, indented, in UTF-16, packed."""
    if form == "yaml":
        return yaml.safe_dump(content, allow_unicode=False).encode()
    text = json.dumps(content, indent=None if form == "compact" else 2)
    if form == "utf-16":
        return codecs.BOM_UTF16_LE + text.encode("utf-16-le")
    return gzip.compress(text.encode()) if form == "gzip" else text.encode()


def check_counts(folder: Path, content: bytes, resources: Resources) -> None:
    path = folder / "x.json"
    path.write_bytes(content)
    found = read_inventory(path)
    told = counts(found) | {each.resource_type: each.count for each in found.not_aws}
    assert told == Counter(type for type, _ in resources)


FORMS = st.sampled_from(["compact", "indented", "utf-16", "gzip"])


@FEW
@given(list_resources("terraform"), FORMS, st.integers(0, 3))
def test_a_state_counts_what_was_put_in(
    tmp_path: Path, resources: Resources, form: str, deposed: int
) -> None:
    blocks: list[dict[str, Any]] = [
        {"mode": "managed", "type": type, "name": "x", "instances": [
            {"schema_version": 0, "attributes": values},
            *({"deposed": f"d{n}", "attributes": values} for n in range(deposed)),
        ]}
        for type, values in resources
    ]  # fmt: skip
    blocks.append({"mode": "data", "type": "aws_ami", "name": "x", "instances": [{}]})
    content = {
        "version": 4, "terraform_version": "1.9.8", "serial": 1, "lineage": "x", "outputs": {},
        "resources": blocks, "check_results": None,
    }  # fmt: skip
    check_counts(tmp_path, tell(content, form), resources)


@FEW
@given(list_resources("terraform"), FORMS, st.integers(0, 3))
def test_a_plan_counts_what_was_put_in(
    tmp_path: Path, resources: Resources, form: str, depth: int
) -> None:
    module: dict[str, Any] = {
        "resources": [
            {"address": f"x.{n}", "mode": "managed", "type": type, "name": "x", "values": values}
            for n, (type, values) in enumerate(resources)
        ]
    }
    for _ in range(depth):
        module = {"resources": [], "child_modules": [module]}
    content = {
        "format_version": "1.2", "planned_values": {"outputs": {}, "root_module": module},
        "resource_changes": [{"type": "aws_instance", "change": {"actions": ["delete"]}}],
    }  # fmt: skip
    check_counts(tmp_path, tell(content, form), resources)


@FEW
@given(list_resources("cloudformation"), FORMS | st.just("yaml"))
def test_a_template_counts_what_was_put_in(tmp_path: Path, resources: Resources, form: str) -> None:
    entries = {
        f"R{n}": {"Type": type, "Properties": values} for n, (type, values) in enumerate(resources)
    }
    content = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": entries}
    check_counts(tmp_path, tell(content, form), resources)


@FEW
@given(
    st.binary(max_size=300) | TEXT.map(str.encode) | VALUES.map(lambda v: json.dumps(v).encode())
)
def test_no_content_whatever_raises_anything_but_one_line(tmp_path: Path, content: bytes) -> None:
    from srmlib import SrmError

    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(SrmError) as raised:
        read_inventory(path)
    assert "\n" not in str(raised.value)
