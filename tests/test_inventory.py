"""Files -> types, counts and services: every format, every bad file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from srmlib.errors import SrmError
from srmlib.inventory import Inventory, read_inventory, read_paths


def save(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def state(*resources: tuple[str, dict[str, Any]], **extra: Any) -> dict[str, Any]:
    blocks = [
        {"mode": "managed", "type": type, "name": f"r{n}", "instances": [{"attributes": values}]}
        for n, (type, values) in enumerate(resources)
    ]
    return {"version": 4, "terraform_version": "1.9.8", "resources": blocks} | extra


def template(*resources: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    entries = {f"R{n}": {"Type": t, "Properties": p} for n, (t, p) in enumerate(resources)}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": entries}


def services(inventory: Inventory, type: str) -> dict[str, int]:
    return {each.service: each.count for each in inventory.resources if each.resource_type == type}


def counts(inventory: Inventory) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in (*inventory.resources, *inventory.unmapped):
        found[each.resource_type] = found.get(each.resource_type, 0) + each.count
    return found


def check_one_line(path: Path, message: str) -> None:
    """The file is refused in one line that begins with its name and repeats no secret of it."""
    with pytest.raises(SrmError) as raised:
        read_inventory(path)
    line = str(raised.value)
    assert line.startswith(f"{path.name}: ")
    assert message in line
    assert "\n" not in line
    assert "s3cr3t" not in line


# Real files -----------------------------------------------------------------------------------

REAL = (
    "cdk_synth_wafalb.template.json", "cfn_plain.json", "cfn_short_intrinsics.yaml",
    "sam_function_mq.yaml", "tfplan_utf16.json", "tfshow_plan_fv02.json", "tfshow_state_fv01.json",
    "tfstate_v4_attributes_flat_nonaws.tfstate", "tfstate_v4_datasources.tfstate",
    "tfstate_v4_modules.tfstate",
)  # fmt: skip
VARIANTS = (
    "aurora_v2.tfstate", "ecs_capacity_provider.json", "ecs_two_ways.tfstate",
    "eks_managed_nodes.tfstate", "lambda_two_ways.json", "metal.tfstate", "rds_custom.json",
)  # fmt: skip


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL)
def test_real_files_hold_what_is_expected(inputs: Path, name: str) -> None:
    expected = json.loads((inputs / "expected" / f"{name}.json").read_text())
    found = read_inventory(inputs / name)
    assert found.format == expected["format"]
    assert counts(found) == {each["resource_type"]: each["count"] for each in expected["aws"]}
    foreign = [{"resource_type": e.resource_type, "count": e.count} for e in found.not_aws]
    assert foreign == expected["not_aws"]
    assert not found.unmapped, "every type of the real files has a row"


@pytest.mark.shared
@pytest.mark.parametrize("name", VARIANTS)
def test_real_files_tell_the_way_of_running(inputs: Path, name: str) -> None:
    expected = json.loads((inputs / "variants" / "expected.json").read_text())[name]
    found = read_inventory(inputs / "variants" / name)
    assert {type: services(found, type) for type in expected} == expected


# Formats --------------------------------------------------------------------------------------


def test_a_state_counts_managed_instances_but_not_deposed_ones(tmp_path: Path) -> None:
    content = state(("aws_sqs_queue", {}), ("random_id", {}))
    content["resources"][0]["instances"] += [
        {"attributes": {}},
        {"deposed": "1a", "attributes": {}},
    ]
    content["resources"].append({"mode": "data", "type": "aws_ami", "instances": [{}]})
    found = read_inventory(save(tmp_path, "a.tfstate", content))
    assert (found.format, counts(found)) == ("terraform-state", {"aws_sqs_queue": 2})
    assert [(e.resource_type, e.count) for e in found.not_aws] == [("random_id", 1)]


def test_an_old_state_of_version_3_is_read(tmp_path: Path) -> None:
    resources = {
        "aws_instance.a": {"type": "aws_instance", "primary": {"attributes": {"instance_type": "m5.metal"}}},
        "aws_ecs_service.a": {"type": "aws_ecs_service", "primary": {"attributes": {
            "capacity_provider_strategy.#": "1", "capacity_provider_strategy.77.capacity_provider": "FARGATE"}}},
        "data.aws_ami.a": {"type": "aws_ami", "primary": {}},
    }  # fmt: skip
    content = {
        "version": 3,
        "terraform_version": "0.11.14",
        "modules": [{"path": ["root"], "resources": resources}],
    }
    found = read_inventory(save(tmp_path, "old.tfstate", content))
    assert services(found, "aws_instance") == {"ec2-bare-metal": 1}
    assert services(found, "aws_ecs_service") == {"ecs-fargate": 1}
    assert "aws_ami" not in counts(found)


def test_a_plan_counts_what_stands_after_apply_in_all_modules(tmp_path: Path) -> None:
    inner = {"resources": [{"mode": "managed", "type": "aws_sns_topic", "values": {}}]}
    content = {
        "format_version": "1.2",
        "planned_values": {"root_module": {
            "resources": [{"mode": "managed", "type": "aws_sns_topic", "values": {}},
                          {"mode": "data", "type": "aws_region", "values": {}}],
            "child_modules": [{"child_modules": [inner]}]}},
        "prior_state": {"values": {"root_module": {"resources": [{"mode": "managed", "type": "aws_vpc"}]}}},
    }  # fmt: skip
    found = read_inventory(save(tmp_path, "plan.json", content))
    assert (found.format, counts(found)) == ("terraform-show", {"aws_sns_topic": 2})


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-16-le"])
def test_marks_of_other_encodings_are_understood(tmp_path: Path, encoding: str) -> None:
    text = json.dumps(state(("aws_sqs_queue", {})))
    mark = "\ufeff" if encoding in ("utf-16-be", "utf-16-le") else ""
    found = read_inventory(save(tmp_path, "a.tfstate", (mark + text).encode(encoding)))
    assert counts(found) == {"aws_sqs_queue": 1}


def test_a_template_counts_every_type_and_says_what_it_hides(tmp_path: Path) -> None:
    text = """
Transform: [AWS::Serverless-2016-10-31, MyMacro]
Conditions:
  Never: !Equals [a, b]
Resources:
  F: {Type: AWS::Serverless::Function, Condition: Never}
  N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: !Sub "https://${B}/x"}}
  C: {Type: Custom::Thing}
  Fn::ForEach::Topics: [T, [a, b], {"T${T}": {Type: AWS::SNS::Topic}}]
"""
    found = read_inventory(save(tmp_path, "t.yaml", text))
    assert found.format == "cloudformation"
    assert counts(found) == {"AWS::Serverless::Function": 1, "AWS::CloudFormation::Stack": 1}
    assert [each.resource_type for each in found.not_aws] == ["Custom::Thing"]
    assert len(found.unseen) == 4


def test_a_template_needs_no_version_line_and_may_be_json(tmp_path: Path) -> None:
    found = read_inventory(
        save(tmp_path, "t.json", {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})
    )
    assert services(found, "AWS::SQS::Queue") == {"sqs": 1}


def test_a_cdk_out_folder_is_one_inventory_of_all_its_stacks(tmp_path: Path) -> None:
    out = tmp_path / "cdk.out"
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "a.template.json"}}
    stage = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-prod"}}
    save(out, "manifest.json", {"version": "36.0.0", "artifacts": {"A": stack, "S": stage}})
    save(out, "a.template.json", template(("AWS::SQS::Queue", {})))
    save(out, "tree.json", {"tree": {}})
    save(
        out / "assembly-prod",
        "manifest.json",
        {"artifacts": {"A": stack, "M": {"type": "cdk:tree"}}},
    )
    save(out / "assembly-prod", "a.template.json", template(("AWS::SQS::Queue", {})))
    for path in (out, out / "manifest.json"):
        found = read_inventory(path)
        assert (found.format, counts(found)) == ("cdk-out", {"AWS::SQS::Queue": 2})


def test_a_cdk_manifest_cannot_lead_out_of_its_folder(tmp_path: Path) -> None:
    save(tmp_path, "secret.json", template(("AWS::SQS::Queue", {})))
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "../secret.json"}}
    save(tmp_path / "cdk.out", "manifest.json", {"artifacts": {"A": stack}})
    with pytest.raises(SrmError, match="not in the folder"):
        read_inventory(tmp_path / "cdk.out")


def test_a_large_state_is_read_like_a_small_one(tmp_path: Path) -> None:
    filler = {"ami": "x" * 4000, "instance_type": "t3.micro"}
    content = state(
        *[("aws_instance", filler)] * 2500, ("aws_instance", {"instance_type": "i3.metal"})
    )
    found = read_inventory(save(tmp_path, "large.tfstate", json.dumps(content, indent=2)))
    assert services(found, "aws_instance") == {"ec2": 2500, "ec2-bare-metal": 1}


def test_a_folder_reads_what_it_knows_and_names_what_is_broken(tmp_path: Path) -> None:
    save(tmp_path, "a/one.tfstate", state(("aws_sqs_queue", {})))
    save(tmp_path, "b/two.yaml", "Resources:\n  T: {Type: AWS::SNS::Topic}\n")
    save(tmp_path, "package.json", {"name": "not ours"})
    save(tmp_path, "broken.tfstate", '{"version": 4, "terraform_version": "1", "resources": [')
    found, faults = read_paths([tmp_path])
    assert [each.file for each in found] == ["one.tfstate", "two.yaml"]
    assert len(faults) == 1
    assert faults[0].startswith("broken.tfstate: is broken JSON")


def test_a_folder_without_a_known_file_is_one_line(tmp_path: Path) -> None:
    save(tmp_path, "package.json", {"name": "not ours"})
    assert len(read_paths([tmp_path])[1]) == 1


# Bad files ------------------------------------------------------------------------------------

BAD: list[tuple[str, object, str]] = [
    ("empty.json", b"", "is empty"),
    ("blank.json", b" \n", "is empty"),
    ("cut.tfstate", '{"version": 4, "terraform_version": "1.9.8",\n"resources": [{"mode"', "broken JSON near line 2"),
    ("two.json", '{"format_version": "1.2", "values": {}}\n{"format_version": "1.2"}', "broken JSON near line 2"),
    ("printed.txt", 'Policy:\n{"Version": "2012-10-17", "Statement": []}\nDone', "is no Terraform state"),
    ("cycle.yaml", "Resources: &a\n  A: {Type: AWS::SQS::Queue, Properties: *a}\n", "aliases without end"),
    ("list.json", "[1, 2]", "is no Terraform state"),
    ("number.yaml", "3", "is no Terraform state"),
    ("package.json", {"name": "x", "version": "1.0.0"}, "is no Terraform state"),
    ("deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\n", "is no Terraform state"),
    ("provider.json", {"format_version": "1.0", "provider_schemas": {}}, "is no Terraform state"),
    ("log.json", '{"@level":"info","@message":"x"}\n{"@level":"info"}', "log stream"),
    ("tfplan", b"PK\x03\x04rest", "is a binary plan"),
    ("image.json", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is a binary file"),
    ("latin.yaml", b"Resources:\n  A: {Type: AWS::SQS::Queue, Description: \xe9}\n", "not readable YAML"),
    ("tab.yaml", "Resources:\n\tA: {Type: AWS::SQS::Queue}\n", "broken YAML at line 2"),
    ("half.yaml", "Resources:\n  A: [AWS::SQS\n", "broken YAML"),
    ("list.yaml", "Resources:\n  - Type: AWS::SQS::Queue\n", "no mapping under Resources"),
    ("half16.json", b"\xff\xfe{", "is damaged"),
    ("encrypted.tfstate", {"serial": 1, "lineage": "x", "meta": {}, "encrypted_data": "s3cr3t", "encryption_version": "v0"}, "encrypted state"),
    ("pointer.tfstate", {"version": 3, "serial": 1, "lineage": "x", "backend": {"type": "s3"}, "modules": [{"path": ["root"], "resources": {}}]}, "only points to a backend"),
    ("v2.tfstate", {"version": 2, "serial": 1, "modules": []}, "state of version 2"),
    ("types.tfstate", {"version": 4, "serial": 1, "resources": [{"type": ["s3cr3t"]}]}, "is damaged: Expected"),
    ("future.json", {"format_version": "2.0", "planned_values": {}}, "newer format"),
    ("part.json", {"format_version": "1.0", "resource_changes": []}, "without planned values"),
    ("deep.json", "[" * 200_000, "is no Terraform state"),
    ("deepmap.json", '{"a":' * 200_000, "is"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "message"), BAD, ids=[name for name, *_ in BAD])
def test_a_bad_file_is_one_clear_line(
    tmp_path: Path, name: str, content: object, message: str
) -> None:
    check_one_line(save(tmp_path, name, content), message)


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SrmError, match="cannot be read: No such file"):
        read_inventory(tmp_path / "none.json")


def multiply_yaml(levels: int) -> str:
    """A template whose aliases stand for nine to the power of `levels` values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    queue = f"{{Type: AWS::Lambda::Function, Properties: {{Runtime: *a{levels - 1}}}}}"
    return "\n".join(lines) + f"\nResources:\n  Q: {queue}\n"


def test_yaml_that_multiplies_itself_is_refused_in_no_time(tmp_path: Path) -> None:
    with pytest.raises(SrmError, match="aliases without end; write them out"):
        read_inventory(save(tmp_path, "bomb.yaml", multiply_yaml(12)))


def test_yaml_with_aliases_is_read(tmp_path: Path) -> None:
    found = read_inventory(save(tmp_path, "aliases.yaml", multiply_yaml(3)))
    assert counts(found) == {"AWS::Lambda::Function": 1}


WRAPPINGS = {
    "lines before": b"Switched to workspace prod.\n%s",
    "lines after": b"%s\nTook 3 s\n",
    "a coloured line": b"\x1b[1mReading\x1b[0m\n\x1b[0m%s",
    "braces in a line before": b"{x}\n%s",
}


@pytest.mark.parametrize("wrapping", WRAPPINGS.values(), ids=WRAPPINGS)
def test_what_a_tool_printed_around_the_json_is_passed_over_and_told(
    tmp_path: Path, wrapping: bytes
) -> None:
    document = json.dumps(state(("aws_sqs_queue", {})), indent=2).encode()
    found = read_inventory(save(tmp_path, "a.json", wrapping % document))
    assert (counts(found), found.unseen) == (
        {"aws_sqs_queue": 1},
        ("the text around the JSON was passed over",),
    )


@pytest.mark.parametrize("filling", [b"\0\0\0", b"\r\n\x1a"])
def test_what_fills_up_the_end_of_a_file_is_no_part_of_it(tmp_path: Path, filling: bytes) -> None:
    document = json.dumps(state(("aws_sqs_queue", {}))).encode()
    found = read_inventory(save(tmp_path, "a.json", document + filling))
    assert (counts(found), found.unseen) == ({"aws_sqs_queue": 1}, ())
