"""Terraform source -> types and counts: what is literal is read, what is not is told."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srmlib.errors import SrmError
from srmlib.inventory import Inventory, read_inventory, read_paths
from tests.test_inventory import counts, save, services, state

QUEUE = 'resource "aws_sqs_queue" "{}" {{\n  {}\n}}\n'


def read(folder: Path, text: str) -> Inventory:
    """The inventory of a folder that holds this text as main.tf."""
    return read_inventory(save(folder, "main.tf", text).parent)


# What counts ----------------------------------------------------------------------------------


def test_a_folder_is_one_inventory_of_its_resources(tmp_path: Path) -> None:
    save(tmp_path, "infra/main.tf", QUEUE.format("a", "") + 'data "aws_vpc" "a" {}\n')
    save(tmp_path, "infra/more.tf", 'resource "random_id" "a" {\n  byte_length = 8\n}\n')
    save(tmp_path, "infra/empty.tf", "")
    save(tmp_path, "infra/a.tftest.hcl", 'run "x" {\n')
    save(tmp_path, "infra/moved.tf", (
        "moved {\n  from = aws_sqs_queue.z\n  to = aws_sqs_queue.a\n}\n"
        "removed {\n  from = aws_sqs_queue.y\n}\n"
        'import {\n  to = aws_sqs_queue.a\n  id = "x"\n}\n'
    ))  # fmt: skip
    found = read_inventory(tmp_path / "infra")
    assert (found.file, found.format) == ("infra", "terraform-source")
    assert (counts(found), found.unseen) == ({"aws_sqs_queue": 1}, ())
    assert [(e.resource_type, e.count) for e in found.not_aws] == [("random_id", 1)]


@pytest.mark.parametrize(
    ("repeat", "count"),
    [
        ("count = 0", 0),
        ("count = 3", 3),
        ('count = "2"', 2),
        ('for_each = toset(["a", "b", "a"])', 2),
        ('for_each = toset([\n    "a", # first\n    "b)",\n  ])', 2),
        ('for_each = { a = 1, "b" = var.x }', 2),
        ('for_each = tomap({ a = "x" })', 1),
        ("for_each = {}", 0),
        ("for_each = toset([])", 0),
    ],
)
def test_a_literal_repeat_counts_its_instances(tmp_path: Path, repeat: str, count: int) -> None:
    found = read(tmp_path, QUEUE.format("a", repeat))
    assert (counts(found).get("aws_sqs_queue", 0), found.unseen) == (count, ())


@pytest.mark.parametrize(
    "repeat",
    [
        "count = var.create ? 1 : 0",
        'count = length(["a", "b"])',
        "for_each = local.names",
        'for_each = toset([var.a, "b"])',
        'for_each = toset(["a"]) == toset(["b"]) ? {} : {}',
        "for_each = { (var.a) = 1, b = 2 }",
        "for_each = { for x in var.all : x => x }",
    ],
)
def test_a_repeat_by_an_expression_counts_once_and_is_told(tmp_path: Path, repeat: str) -> None:
    found = read(tmp_path, QUEUE.format("a", repeat))
    assert counts(found) == {"aws_sqs_queue": 1}
    assert found.unseen == ("1 resource is repeated by an expression and counted once",)


def test_an_override_changes_a_resource_and_adds_none(tmp_path: Path) -> None:
    save(tmp_path, "override.tf", QUEUE.format("a", "count = 4"))
    save(tmp_path, "b_override.tf.json", {"resource": {"aws_sqs_queue": {"b": {"count": 2}}}})
    text = QUEUE.format("a", "count = 1") + QUEUE.format("b", "count = 9")
    assert counts(read(tmp_path, text)) == {"aws_sqs_queue": 6}


def test_json_source_counts_like_hcl(tmp_path: Path) -> None:
    content = {
        "//": "made by a program",
        "resource": [{"aws_sqs_queue": {"a": {"count": 2}, "b": [{"for_each": "${var.x}"}]}}],
        "module": {"m": {"source": "./m", "count": 3}},
    }
    save(tmp_path, "main.tf.json", content)
    save(tmp_path, "m/main.tofu.json", {"resource": {"aws_sns_topic": {"t": {}}}})
    found = read_inventory(tmp_path)
    assert counts(found) == {"aws_sqs_queue": 3, "aws_sns_topic": 3}
    assert len(found.unseen) == 1


def test_opentofus_file_stands_for_terraforms_of_the_same_name(tmp_path: Path) -> None:
    save(tmp_path, "main.tofu", QUEUE.format("a", "count = 2"))
    assert counts(read(tmp_path, QUEUE.format("b", "count = 7"))) == {"aws_sqs_queue": 2}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_source_with_an_encoding_mark_and_windows_line_ends_is_read(
    tmp_path: Path, encoding: str
) -> None:
    text = QUEUE.format("a", "count = 2\n  x = <<-EOT\n    {\n  EOT").replace("\n", "\r\n")
    assert counts(read_inventory(save(tmp_path, "main.tf", text.encode(encoding)))) == {
        "aws_sqs_queue": 2
    }


# Modules --------------------------------------------------------------------------------------


def test_a_local_module_counts_once_for_each_call(tmp_path: Path) -> None:
    calls = 'module "a" {\n  source = "../modules/m"\n  count = 2\n}\n'
    calls += 'module "b" {\n  source = "../modules/m/"\n  for_each = toset(["x"])\n}\n'
    calls += 'module "c" {\n  source = "../modules/m"\n  count = var.n\n}\n'
    calls += 'module "d" {\n  source = "../modules/m"\n  count = 0\n}\n'
    save(
        tmp_path,
        "modules/m/main.tf",
        QUEUE.format("q", "count = 3") + 'module "n" { source = "./n" }\n',
    )
    save(tmp_path, "modules/m/n/main.tf", 'resource "aws_sns_topic" "t" {}\n')  # fmt: skip
    found = read(tmp_path / "prod", calls)
    assert counts(found) == {"aws_sqs_queue": 12, "aws_sns_topic": 4}
    assert found.unseen == ("1 module is repeated by an expression and counted once",)


def test_modules_that_are_not_opened_are_told(tmp_path: Path) -> None:
    sources = ("terraform-aws-modules/vpc/aws", "git::https://git.example/x", "./none")
    calls = [f'module "m{n}" {{\n  source = "{each}"\n}}\n' for n, each in enumerate(sources)]
    assert read(tmp_path, "".join(calls)).unseen == (
        "2 modules are fetched from elsewhere and not opened",
        "1 local module is not in its place and not opened",
    )


def test_modules_that_call_each_other_in_a_circle_are_read_once(tmp_path: Path) -> None:
    save(tmp_path, "b/main.tf", QUEUE.format("q", "") + 'module "a" {\n  source = "../a"\n}\n')
    found = read(tmp_path / "a", 'module "b" {\n  source = "../b"\n}\n')
    assert counts(found) == {"aws_sqs_queue": 1}
    assert found.unseen == ("1 local module is called in a circle and not followed",)


def test_modules_that_double_at_each_level_are_counted_in_no_time(tmp_path: Path) -> None:
    for n in range(40):
        calls = [f'module "{c}" {{\n  source = "../m{n + 1}"\n}}\n' for c in "ab"]
        save(tmp_path, f"m{n}/main.tf", "".join(calls))
    save(tmp_path, "m40/main.tf", QUEUE.format("q", ""))
    assert counts(read_inventory(tmp_path / "m0")) == {"aws_sqs_queue": 2**40}


def test_one_file_stands_alone(tmp_path: Path) -> None:
    save(tmp_path, "other.tf", QUEUE.format("b", ""))
    save(tmp_path, "m/main.tf", QUEUE.format("c", ""))
    text = QUEUE.format("a", "") + 'module "m" {\n  source = "./m"\n}\n'
    found = read_inventory(save(tmp_path, "main.tf", text))
    assert (found.file, counts(found)) == ("main.tf", {"aws_sqs_queue": 1})
    assert found.unseen == ("1 module is not in this file and not opened; give the folder",)


def test_source_under_another_name_is_told_by_its_first_block(tmp_path: Path) -> None:
    text = '# a queue\n\n/* of\n ours */ resource "aws_sqs_queue" "a" {\n}\n'
    assert counts(read_inventory(save(tmp_path, "copied.txt", text))) == {"aws_sqs_queue": 1}


def test_terragrunts_file_is_not_taken_for_source(tmp_path: Path) -> None:
    path = save(tmp_path, "terragrunt.hcl", 'terraform {\n  source = "./m"\n}\n')
    with pytest.raises(SrmError):
        read_inventory(path)


# Folders --------------------------------------------------------------------------------------


def test_a_walk_reads_each_configuration_and_no_module_of_another(tmp_path: Path) -> None:
    call = 'module "m" {\n  source = "../modules/m"\n}\n'
    save(tmp_path, "prod/main.tf", call)
    save(tmp_path, "test/main.tf", call)
    save(tmp_path, "modules/m/main.tf", QUEUE.format("q", ""))
    save(tmp_path, "prod/.terraform/modules/x/main.tf", QUEUE.format("q", ""))
    save(tmp_path, "stack.yaml", "Resources:\n  T: {Type: AWS::SNS::Topic}\n")
    found, faults = read_paths([tmp_path])
    assert [each.file for each in found] == ["stack.yaml", "prod", "test"]
    assert counts(found[1]) == counts(found[2]) == {"aws_sqs_queue": 1}
    assert not faults


@pytest.mark.parametrize("place", ["", "terraform.tfstate.d/prod/"])
def test_a_state_beside_the_source_is_not_counted_twice(tmp_path: Path, place: str) -> None:
    save(tmp_path, "main.tf", QUEUE.format("a", ""))
    save(tmp_path, f"{place}terraform.tfstate", state(("aws_sqs_queue", {})))
    assert [each.format for each in read_paths([tmp_path])[0]] == ["terraform-state"]


def test_a_broken_configuration_is_one_line_and_the_others_are_read(tmp_path: Path) -> None:
    save(tmp_path, "good/main.tf", QUEUE.format("a", ""))
    save(tmp_path, "bad/net.tf", 'resource "aws_vpc" "a" {\n  cidr_block = "s3cr3t\n}\n')
    found, faults = read_paths([tmp_path])
    assert [each.file for each in found] == ["good"]
    assert len(faults) == 1
    assert faults[0].startswith("bad: holds net.tf, which is broken Terraform source at line 2;")
    assert "s3cr3t" not in faults[0]


def test_a_folders_digest_changes_with_its_modules_and_with_nothing_else(tmp_path: Path) -> None:
    save(tmp_path, "prod/main.tf", 'module "m" {\n  source = "../m"\n}\n')
    save(tmp_path, "m/main.tf", QUEUE.format("a", ""))
    digests = [read_paths([tmp_path / "prod"], digest=True)[0][0].digest]
    for place in ("prod/notes.md", "m/main.tf"):
        save(tmp_path, place, QUEUE.format("b", ""))
        digests.append(read_paths([tmp_path / "prod"], digest=True)[0][0].digest)
    assert len(digests[0]) == 64
    assert digests[0] == digests[1] != digests[2]


# Ways of running ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type", "body", "service"),
    [
        ("aws_ecs_service", 'launch_type = "EC2"', "ecs-ec2"),
        ("aws_ecs_service", 'capacity_provider_strategy {\n capacity_provider = "own"\n}', "ecs-ec2"),
        ("aws_instance", 'instance_type = "m7i.metal-24xl"', "ec2-bare-metal"),
        ("aws_lambda_function", 'package_type = "Image"', "lambda-container-image"),
        ("aws_eks_cluster", "compute_config {\n enabled = true\n}", "eks-auto-mode"),
        ("aws_autoscaling_group", 'tag {\n key = "kubernetes.io/cluster/${var.name}"\n}', "eks-self-managed-nodes"),
    ],
)  # fmt: skip
def test_a_literal_value_tells_the_way_of_running(
    tmp_path: Path, type: str, body: str, service: str
) -> None:
    found = read(tmp_path, f'resource "{type}" "a" {{\n{body}\n}}\n')
    assert (services(found, type), found.assumed) == ({service: 1}, ())


@pytest.mark.parametrize(
    ("type", "body", "service", "what"),
    [
        ("aws_ecs_service", "launch_type = var.launch_type", "ecs-fargate", "launch type"),
        ("aws_instance", 'instance_type = "${local.family}.large"', "ec2", "instance type"),
        ("aws_instance", 'instance_type = "m7i.${var.size}"', "ec2", "instance type"),
        ("aws_db_instance", 'engine = var.pro ? "custom-oracle-ee" : "mysql"', "rds", "engine"),
        ("aws_rds_cluster", 'engine = "aurora-mysql"\ndynamic "serverlessv2_scaling_configuration" {\n'
         "for_each = var.x\ncontent {\nmax_capacity = 8\n}\n}", "aurora", "instances"),
        ("aws_neptune_cluster", "serverless_v2_scaling_configuration {\nmax_capacity = var.most\n}",
         "neptune", "a setting"),
    ],
)  # fmt: skip
def test_what_an_expression_decides_is_assumed_aloud(
    tmp_path: Path, type: str, body: str, service: str, what: str
) -> None:
    text = (
        f'variable "launch_type" {{\n  default = "EC2"\n}}\nresource "{type}" "a" {{\n{body}\n}}\n'
    )
    found = read(tmp_path, text)
    assert services(found, type) == {service: 1}
    assert found.assumed == (f"{type}: {what} not in the file, taken for {service}",)


def test_members_go_with_the_cluster_that_they_refer_to(tmp_path: Path) -> None:
    text = "".join(
        f'resource "aws_rds_cluster" "{name}" {{\n  engine = "aurora-mysql"\n}}\n'
        f'resource "aws_rds_cluster_instance" "{name}" {{\n  instance_class = "{size}"\n'
        f"  cluster_identifier = {reference}\n}}\n"
        for name, size, reference in (
            ("one", "db.serverless", "aws_rds_cluster.one.id"),
            ("two", "db.r6g.large", '"${aws_rds_cluster.two.cluster_identifier}"'),
        )
    )
    save(tmp_path, "m/main.tf", text)
    found = read(tmp_path, text + 'module "m" {\n  source = "./m"\n  count = 2\n}\n')
    assert services(found, "aws_rds_cluster") == {"aurora": 3, "aurora-serverless": 3}


def test_a_reference_in_a_module_is_to_that_modules_cluster(tmp_path: Path) -> None:
    for name, size in (("a", "db.serverless"), ("b", "db.r6g.large")):
        save(tmp_path, f"{name}/main.tf", (
            'resource "aws_rds_cluster" "this" {\n  engine = "aurora-mysql"\n}\n'
            f'resource "aws_rds_cluster_instance" "this" {{\n  instance_class = "{size}"\n'
            "  cluster_identifier = aws_rds_cluster.this.id\n}\n"
        ))  # fmt: skip
    found = read(tmp_path, 'module "a" {\n source = "./a"\n}\nmodule "b" {\n source = "./b"\n}\n')
    assert services(found, "aws_rds_cluster") == {"aurora": 1, "aurora-serverless": 1}


# Bad files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("main.tf", 'resource "a" "b" {\n  x = \n}\n', "broken Terraform source at line 2"),
        ("main.tf", 'resource "a" "b" {\n  x = "s3cr3t"\n', "broken Terraform source"),
        ("main.tf", "x = " + "[" * 3000 + "]" * 3000 + "\n", "nested too deeply"),
        ("main.tf", "x = " + "9" * 9000 + "\n", "broken Terraform source"),
        ("main.tf", b'x = "\xe9"\n', "not UTF-8 text"),
        ("main.tf", b"\x00\x01", "is a binary file"),
        ("main.tf", b"", "is empty"),
        ("main.tf.json", '{"resource": \n', "broken JSON near line 2"),
    ],
)
def test_a_bad_file_is_one_clear_line(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(SrmError) as raised:
        read_inventory(save(tmp_path, name, content))
    assert str(raised.value).startswith(f"{name}: ")
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "s3cr3t" not in str(raised.value)


# Any configuration ----------------------------------------------------------------------------

TYPES = st.sampled_from(["aws_sqs_queue", "aws_sns_topic", "aws_vpc", "aws_ecs_service"])
NAMES = st.lists(st.text("abcxyz", min_size=1, max_size=3), max_size=3)
REPEATS = st.one_of(
    st.just(("", 1)),
    st.integers(0, 4).map(lambda n: (f"count = {n}", n)),
    NAMES.map(lambda names: (f"for_each = toset({json.dumps(names)})", len(set(names)))),
    NAMES.map(lambda n: ("for_each = {" + ", ".join(f"{x} = var.y" for x in n) + "}", len(set(n)))),
    st.sampled_from(["count = var.n", "for_each = local.all"]).map(lambda text: (text, 1)),
)
RESOURCES = st.lists(st.tuples(TYPES, REPEATS), max_size=4)


@settings(max_examples=60, deadline=None)
@given(st.lists(RESOURCES, min_size=1, max_size=4), st.data())
def test_any_configuration_counts_as_its_modules_multiply(
    modules: list[list[tuple[str, tuple[str, int]]]], data: st.DataObject
) -> None:
    """Module n calls some of those after it; the first one is the root."""
    with tempfile.TemporaryDirectory() as made:
        totals: list[Counter[str]] = [Counter() for _ in modules]
        for number in reversed(range(len(modules))):
            text = ""
            for index, (type, (repeat, count)) in enumerate(modules[number]):
                text += f'resource "{type}" "r{index}" {{\n  {repeat}\n}}\n'
                totals[number][type] += count
            for called in range(number + 1, len(modules)):
                if data.draw(st.booleans()):
                    repeat, count = data.draw(REPEATS)
                    text += f'module "m{called}" {{\n  source = "../m{called}"\n  {repeat}\n}}\n'
                    for type, each in totals[called].items():
                        totals[number][type] += each * count
            save(Path(made), f"m{number}/main.tf", text)
        assert counts(read_inventory(Path(made, "m0"))) == dict(+totals[0])
