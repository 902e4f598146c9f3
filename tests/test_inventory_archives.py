"""Archives, packed files, patterns and nested stacks: one path that leads to several files."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from srmlib.errors import SrmError
from srmlib.inventory import read_inventory, read_paths
from tests.test_inventory import counts, save, state, template


def pack(folder: Path, name: str, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return folder / name


def test_a_zip_of_templates_is_read_like_a_folder(tmp_path: Path) -> None:
    queue, topic = (json.dumps(template((f"AWS::S{t}", {}))) for t in ("QS::Queue", "NS::Topic"))
    archive = pack(tmp_path, "stacks.zip", {"a.json": queue, "b/c.json": topic, "notes.md": "-"})
    found, faults = read_paths([archive])
    assert [(each.file, counts(each)) for each in found] == [
        ("a.json", {"AWS::SQS::Queue": 1}),
        ("c.json", {"AWS::SNS::Topic": 1}),
    ]
    assert faults == []


def test_a_zip_that_would_fill_the_disk_is_refused(tmp_path: Path) -> None:
    archive = pack(tmp_path, "bomb.zip", dict.fromkeys(map(str, range(20_001)), ""))
    assert read_paths([archive]) == (
        [],
        ["bomb.zip: unpacks to over 1 GiB or 20,000 files; unpack it and give a part of it"],
    )


def test_a_member_of_a_zip_never_lands_outside_of_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    archive = pack(tmp_path / "in", "evil.zip", {"../../evil.json": json.dumps(template())})
    read_paths([archive])
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["evil.zip", "in"]


def test_a_damaged_zip_is_one_line(tmp_path: Path) -> None:
    archive = pack(tmp_path, "a.zip", {"a.json": json.dumps(template()) * 50})
    content = bytearray(archive.read_bytes())
    content[40:60] = bytes(20)
    archive.write_bytes(content)
    assert read_paths([archive])[1] == ["a.zip: is a damaged zip archive; make it again"]


def test_a_pattern_the_shell_left_alone_names_its_files(tmp_path: Path) -> None:
    for name in ("b.tfstate", "a.tfstate", "c.txt"):
        save(tmp_path, name, state(("aws_sqs_queue", {})))
    found, faults = read_paths([tmp_path / "*.tfstate", tmp_path / "*.none"])
    assert [each.file for each in found] == ["a.tfstate", "b.tfstate"]
    assert faults == ["*.none: no file has a name like this; check the pattern"]


def test_a_nested_stack_beside_its_parent_is_counted_once_for_each_use(tmp_path: Path) -> None:
    save(tmp_path, "parts/queue.json", template(("AWS::SQS::Queue", {})))
    stack = "AWS::CloudFormation::Stack"
    parent = template(
        (stack, {"TemplateURL": "parts/queue.json"}),
        (stack, {"TemplateURL": "./parts/queue.json"}),
        (stack, {"TemplateURL": "https://example.com/x.json"}),
        ("AWS::Serverless::Application", {"Location": "parts/none.yaml"}),
    )
    save(tmp_path, "parent.json", parent)
    found, _ = read_paths([tmp_path])
    assert [each.file for each in found] == ["parent.json"], "the nested one is not counted twice"
    assert counts(found[0])["AWS::SQS::Queue"] == 2
    assert "2 nested stacks are read by URL and not opened" in found[0].unseen


def test_the_nested_stack_that_cdk_wrote_is_found(tmp_path: Path) -> None:
    save(tmp_path, "inner.nested.template.json", template(("AWS::SQS::Queue", {})))
    parent = template(("AWS::CloudFormation::Stack", {"TemplateURL": {"Fn::Join": ["", []]}}))
    parent["Resources"]["R0"]["Metadata"] = {"aws:asset:path": "inner.nested.template.json"}
    found = read_inventory(save(tmp_path, "parent.template.json", parent))
    assert counts(found)["AWS::SQS::Queue"] == 1
    assert found.unseen == ()


def test_stacks_that_nest_each_other_come_to_an_end(tmp_path: Path) -> None:
    stack = "AWS::CloudFormation::Stack"
    save(tmp_path, "a.json", template((stack, {"TemplateURL": "b.json"})))
    save(tmp_path, "b.json", template((stack, {"TemplateURL": "a.json"})))
    found = read_inventory(tmp_path / "a.json")
    assert counts(found) == {stack: 2}
    assert found.unseen == ("1 nested stack is read by URL and not opened",)


def test_a_packed_state_is_read_as_the_plain_one(tmp_path: Path) -> None:
    content = gzip.compress(json.dumps(state(("aws_sqs_queue", {}))).encode())
    assert counts(read_inventory(save(tmp_path, "a.json.gz", content))) == {"aws_sqs_queue": 1}
    with pytest.raises(SrmError, match="is a damaged gzip file"):
        read_inventory(save(tmp_path, "b.json.gz", content[:-20]))
