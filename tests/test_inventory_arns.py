"""ARNs and tables of them -> types and counts; names, tags and account numbers never come out."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srmlib.cli import main
from srmlib.data_files import list_folders
from srmlib.errors import SrmError
from srmlib.inventory import Inventory, read_inventory, read_paths
from srmlib.inventory.arns import SHAPES, UNKNOWN_SERVICE, Census
from srmlib.inventory.documents import Document
from srmlib.inventory.files import read_document
from srmlib.inventory.resources import NO_TYPE_NAME, NotRecognisedError, Reading
from srmlib.inventory.words import load_words
from srmlib.reviews import review
from tests.test_inventory import counts, save, services

WORDS = load_words(list_folders(None, ()))
CENSUS = Census(Reading("csv", ("arn",)), WORDS)
HERE = "arn:aws:{}:eu-west-1:123456789012:{}"
SECRET = "canary-8f3a"


def tagged(*arns: str) -> dict[str, Any]:
    tags = [{"Key": SECRET, "Value": SECRET}]
    return {"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": tags} for arn in arns]}


def tell_all(inventory: Inventory) -> str:
    return repr(inventory).replace(inventory.file, "")


# ARNs -----------------------------------------------------------------------------------------

ARNS = [
    (HERE.format("ec2", "instance/i-1"), "ec2:instance"),
    ("arn:aws:ec2:eu-west-1::snapshot/snap-1", "ec2:snapshot"),
    (HERE.format("rds", "cluster-snapshot:awsbackup:job-1"), "rds:cluster-snapshot"),
    (HERE.format("backup", "recovery-point:1a"), "backup:recovery-point"),
    (HERE.format("sqs", "queue"), "sqs:queue"),
    (HERE.format("sqs", "topic"), "sqs:queue"),
    (HERE.format("sns", "app"), "sns:topic"),
    (HERE.format("sns", "alarms:1a2b3c4d-0000-1111-2222-333344445555"), "sns:subscription"),
    (HERE.format("sns", "endpoint/GCM/x/1"), "sns:endpoint"),
    ("arn:aws:s3:::job", "s3:bucket"),
    ("arn:aws:s3:::job/accesspoint/x", "s3:object"),
    (HERE.format("s3", "accesspoint/x"), "s3:accesspoint"),
    ("arn:aws:s3::123456789012:accesspoint/x.mrap", "s3:accesspoint"),
    (HERE.format("dynamodb", "table/stream/index/x"), "dynamodb:table"),
    ("arn:aws:apigateway:eu-west-1::/restapis/a1/stages/prod", "apigateway:restapis"),
    (HERE.format("elasticloadbalancing", "loadbalancer/app/x/1"), "elasticloadbalancing:loadbalancer"),
    (HERE.format("elasticloadbalancing", "listener/net/x/1/2"), "elasticloadbalancing:listener"),
    (HERE.format("autoscaling", "autoScalingGroup:1:autoScalingGroupName/x"), "autoscaling:autoScalingGroup"),
    (HERE.format("logs", "log-group:/aws/lambda/x:*"), "logs:log-group"),
    (HERE.format("secretsmanager", "secret:prod/db-Ab12"), "secretsmanager:secret"),
    (HERE.format("states", "stateMachine:x"), "states:stateMachine"),
    ("arn:aws:iam::123456789012:role/service-role/user", "iam:role"),
    ("arn:aws:iam::aws:policy/ReadOnlyAccess", "iam:policy"),
    ("arn:aws:cloudfront::123456789012:distribution/E1", "cloudfront:distribution"),
    (HERE.format("execute-api", "a1b2c3/prod/GET/x"), "execute-api:execute-api-general"),
    (HERE.format("lambda", "function:x:prod"), "lambda:function"),
    (HERE.format("kinesis", "stream/x/consumer/y:1"), "kinesis:consumer"),
    (HERE.format("kinesis", "stream/consumer"), "kinesis:stream"),
    (HERE.format("wafv2", "regional/webacl/x/1"), "wafv2:webacl"),
    (HERE.format("codecommit", "repo"), "codecommit:repository"),
    (HERE.format("codepipeline", "webhook:x"), "codepipeline:webhook"),
    (HERE.format("codepipeline", "x/y/z"), "codepipeline:action"),
    (HERE.format("ssm-sap", "HANA/x/DB/y"), "ssm-sap:database"),
    ("arn:aws-cn:ec2:cn-north-1:123456789012:vpc/vpc-1", "ec2:vpc"),
    ("arn:aws-us-gov:ec2:us-gov-west-1:123456789012:vpc/vpc-1", "ec2:vpc"),
    ("arn:aws-iso-b:ec2:us-isob-east-1:123456789012:vpc/vpc-1", "ec2:vpc"),
    (HERE.format("kms", f"{SECRET}/x"), "kms"),
    (HERE.format("brand-new", f"{SECRET}/x"), UNKNOWN_SERVICE),
    ("arn:minio:s3:::bucket", NO_TYPE_NAME),
    (SECRET, NO_TYPE_NAME),
]  # fmt: skip


@pytest.mark.parametrize(("arn", "type"), ARNS, ids=[arn for arn, _ in ARNS])
def test_an_arn_tells_its_type(arn: str, type: str) -> None:
    assert CENSUS.find_type(arn) == type


PLAIN = sorted(word for word in CENSUS.known if word.partition(":")[0] not in SHAPES)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), min_size=1)


@given(st.sampled_from(PLAIN), st.sampled_from(":/"), NAMES, st.sampled_from(["", "/"]))
def test_every_word_of_the_mapping_is_found_in_its_arns(
    word: str, separator: str, name: str, slash: str
) -> None:
    service, _, type = word.partition(":")
    assert CENSUS.find_type(HERE.format(service, f"{slash}{type}{separator}{name}")) == word


@given(st.sampled_from(sorted(CENSUS.services)), st.lists(NAMES, min_size=1), st.sampled_from(":/"))
def test_no_name_of_a_resource_is_taken_for_a_type(
    service: str, names: list[str], separator: str
) -> None:
    found = CENSUS.find_type(HERE.format(service, separator.join(names)))
    assert found in CENSUS.known or found in {service, NO_TYPE_NAME}


@given(st.text())
def test_any_text_for_an_arn_comes_out_as_a_word_of_the_catalogue(text: str) -> None:
    told = CENSUS.known.keys() | CENSUS.services | {NO_TYPE_NAME, UNKNOWN_SERVICE}
    assert CENSUS.find_type(text) in told
    assert CENSUS.find_type(f"arn:{text}") in told


# What AWS's own commands print ------------------------------------------------------------------


@pytest.mark.shared
def test_a_real_answer_of_the_tagging_api_holds_what_is_expected(inputs: Path) -> None:
    name = "tagging_get_resources.json"
    expected = json.loads((inputs / "expected" / f"{name}.json").read_text())
    found = read_inventory(inputs / name)
    assert found.format == expected["format"]
    by_service = {type.partition(":")[0]: count for type, count in counts(found).items()}
    assert by_service == expected["arn_services"]
    assert not found.unmapped


def test_the_tagging_api_counts_each_arn_once_and_reads_no_tag(tmp_path: Path) -> None:
    queue = HERE.format("sqs", SECRET)
    content = tagged(queue, f" {queue}", HERE.format("sqs", "other"), f"arn:aws:s3:::{SECRET}")
    found = read_inventory(save(tmp_path, "tags.json", content))
    assert (found.format, counts(found)) == ("tagging-api", {"sqs:queue": 2, "s3:bucket": 1})
    assert services(found, "sqs:queue") == {"sqs": 2}
    assert SECRET not in tell_all(found)
    assert "123456789012" not in tell_all(found)
    assert any("never had a tag" in line for line in found.unseen)


def test_resource_explorer_counts_by_the_type_beside_the_arn(tmp_path: Path) -> None:
    def row(arn: str, type: str) -> dict[str, Any]:
        data = [{"Key": SECRET, "Value": SECRET}]
        return {
            "Arn": arn, "OwningAccountId": "123456789012", "Region": "eu-west-1",
            "ResourceType": type, "Service": type.partition(":")[0],
            "Properties": [{"Name": "tags", "Data": data}],
        }  # fmt: skip

    content = {
        "Count": {"Complete": False, "TotalResources": 1000},
        "Resources": [
            row(HERE.format("ec2", "instance/i-1"), "ec2:instance"),
            row(HERE.format("ec2", "instance/i-1"), "ec2:instance"),
            row(HERE.format("elasticloadbalancing", "x"), "elasticloadbalancing:loadbalancer/app"),
            row(f"arn:aws:s3:::{SECRET}", f"s3:{SECRET}"),
        ],
    }
    found = read_inventory(save(tmp_path, "found.json", content))
    assert found.format == "resource-explorer"
    assert counts(found) == {
        "ec2:instance": 1,
        "elasticloadbalancing:loadbalancer": 1,
        "s3:bucket": 1,
    }
    assert SECRET not in tell_all(found)
    assert any("list-resources" in line for line in found.unseen)


def test_an_empty_answer_is_no_broken_template(tmp_path: Path) -> None:
    found = read_inventory(save(tmp_path, "found.json", {"Resources": [], "ViewArn": SECRET}))
    assert (found.format, counts(found)) == ("resource-explorer", {})


@pytest.mark.parametrize("command", ["list-group-resources", "search-resources"])
def test_resource_groups_count_by_cloudformations_words(tmp_path: Path, command: str) -> None:
    named = [
        {"ResourceArn": HERE.format("ec2", "instance/i-1"), "ResourceType": "AWS::EC2::Instance"},
        {"ResourceArn": f"arn:aws:s3:::{SECRET}", "ResourceType": "AWS::S3::Bucket"},
        {"ResourceArn": HERE.format("sqs", SECRET), "ResourceType": SECRET},
    ]
    content: dict[str, Any] = {"ResourceIdentifiers": named, "QueryErrors": []}
    if command == "list-group-resources":
        content["Resources"] = [{"Identifier": each, "Status": {"Name": SECRET}} for each in named]
    found = read_inventory(save(tmp_path, "group.json", content))
    assert found.format == "resource-groups"
    assert counts(found) == {"AWS::EC2::Instance": 1, "AWS::S3::Bucket": 1, "sqs:queue": 1}
    assert SECRET not in tell_all(found)
    assert found.assumed == ("AWS::EC2::Instance: instance type not in the file, taken for ec2",)


def test_a_template_with_mapped_resources_stays_a_template(tmp_path: Path) -> None:
    content = {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"Arn": [{"Arn": 1}]}}}}
    assert read_inventory(save(tmp_path, "t.json", content)).format == "cloudformation"


# Ways of running --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("beside", "service"),
    [("nodegroup", "eks-managed-nodes"), ("fargateprofile", "eks-fargate"), ("vpc", "eks-self-managed-nodes")],
)  # fmt: skip
def test_a_clusters_way_is_told_by_what_is_listed_beside_it(
    tmp_path: Path, beside: str, service: str
) -> None:
    arns = [HERE.format("eks", f"{type}/k/1") for type in ("cluster", "addon", beside)]
    found = read_inventory(save(tmp_path, "a.json", tagged(*arns)))
    assert services(found, "eks:cluster") == {service: 1}
    assert services(found, "eks:addon") == {service: 1}
    assert any(line.startswith("eks:cluster") for line in found.assumed) == (beside == "vpc")


@pytest.mark.parametrize("type", sorted(type for type in WORDS.ways if type in CENSUS.known))
def test_what_an_arn_does_not_tell_is_said(tmp_path: Path, type: str) -> None:
    service, _, first = type.partition(":")
    found = read_inventory(save(tmp_path, "a.json", tagged(HERE.format(service, f"{first}/x"))))
    assert services(found, type) == {WORDS.ways[type].default: 1}
    if WORDS.ways[type].asks:
        taken = (
            f"{type}: {WORDS.ways[type].asks} not in the file, taken for {WORDS.ways[type].default}"
        )
        assert found.assumed == (taken,)


def test_a_new_type_is_taken_for_the_only_row_of_its_service(tmp_path: Path) -> None:
    found = read_inventory(save(tmp_path, "a.json", tagged(HERE.format("athena", f"new/{SECRET}"))))
    assert services(found, "athena") == {"athena": 1}
    assert "athena: a new type, taken for athena" in found.assumed[0]


def test_an_unknown_service_is_awss_all_the_same(tmp_path: Path) -> None:
    found = read_inventory(save(tmp_path, "a.json", tagged(HERE.format("brand-new", SECRET))))
    assert [(each.resource_type, each.count) for each in found.unmapped] == [(UNKNOWN_SERVICE, 1)]
    assert not found.not_aws


def test_what_an_account_needs_is_seen_in_a_list_of_arns(tmp_path: Path) -> None:
    content = tagged(HERE.format("cloudtrail", "trail/x"), HERE.format("guardduty", "detector/1"))
    missing = set(review(save(tmp_path, "a.json", content)).expected["item"])
    assert "config" in missing
    assert not missing & {"cloudtrail", "guardduty"}


# Tables -----------------------------------------------------------------------------------------

EC2, QUEUE = HERE.format("ec2", "instance/i-1"), HERE.format("sqs", SECRET)
LIST = f"{EC2}\n{QUEUE}\n\n{EC2}\n"
LISTS = [
    ("an ARN a line", LIST),
    ("with a header", f"ResourceARN\n{LIST}"),
    ("quoted", f'"{EC2}"\r\n"{QUEUE}"\r\n'),
    ("text of the AWS CLI", f"{EC2}\t{QUEUE}\t{EC2}\n"),
    ("a JSON array", json.dumps([EC2, QUEUE, EC2])),
    ("an indented JSON array", json.dumps([EC2, QUEUE], indent=2)),
    ("semicolons", f"Owner;Arn\n{SECRET};{EC2}\n{SECRET};{QUEUE}\n"),
    ("tabs", f"Arn\tOwner\n{EC2}\t{SECRET}\n{QUEUE}\t{SECRET}\n"),
]  # fmt: skip


@pytest.mark.parametrize("text", [text for _, text in LISTS], ids=[name for name, _ in LISTS])
@pytest.mark.parametrize("name", ["list.txt", "table.csv", "no-ending"])
def test_lists_and_tables_of_arns_are_read_however_they_are_written(
    tmp_path: Path, text: str, name: str
) -> None:
    found = read_inventory(save(tmp_path, name, text))
    assert (found.format, counts(found)) == ("csv", {"ec2:instance": 1, "sqs:queue": 1})
    assert SECRET not in tell_all(found)
    assert found.unseen == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marks_of_other_encodings_are_understood_in_tables(tmp_path: Path, encoding: str) -> None:
    path = save(tmp_path, "a.csv", f"Arn,Größe\n{EC2},1\n{QUEUE},2\n".encode(encoding))
    assert counts(read_inventory(path, column="arn")) == {"ec2:instance": 1, "sqs:queue": 1}


def test_a_packed_table_is_read_and_a_damaged_one_is_one_line(tmp_path: Path) -> None:
    packed = gzip.compress(("Arn\n" + "".join(f"{QUEUE}-{n}\n" for n in range(50_000))).encode())
    assert counts(read_inventory(save(tmp_path, "a.csv.gz", packed))) == {"sqs:queue": 50_000}
    with pytest.raises(SrmError, match="damaged"):
        read_inventory(save(tmp_path, "b.csv.gz", packed[: len(packed) // 2]))


TABLES = [
    ("tag editor", "Identifier,Tag: Name,Service,Type,Region,Tags,ARN\n"
     f"i-1,{SECRET},EC2,Instance,eu-west-1,1,{EC2}\nx,{SECRET},SQS,Queue,eu-west-1,1,{QUEUE}\n",
     {"ec2:instance": 1, "sqs:queue": 1}),
    ("resource explorer", "Identifier,Resource type,Region,AWS account,Total tags,Name\n"
     f"i-1,ec2:instance,eu-west-1,123456789012,2,{SECRET}\n{SECRET},s3:bucket,,123456789012,0,\n",
     {"ec2:instance": 1, "s3:bucket": 1}),
    ("config", f"resourceId,resourceType\n{SECRET},AWS::EC2::Instance\n{SECRET},AWS::SQS::Queue\n",
     {"AWS::EC2::Instance": 1, "AWS::SQS::Queue": 1}),
    ("config counts", "resourceType,COUNT(*)\nAWS::EC2::Instance,12\nAWS::SQS::Queue,3\n",
     {"AWS::EC2::Instance": 12, "AWS::SQS::Queue": 3}),
    ("terraform", f"address,type\n{SECRET},aws_sqs_queue\n{SECRET},aws_sqs_queue\n", {"aws_sqs_queue": 2}),
    ("services", "Service,Team,Quantity\nAmazon RDS,x,2\nAWS Lambda,y,4\nAmazon Simple Queue Service,z,1\n",
     {"rds": 2, "AWS Lambda": 4, "Amazon Simple Queue Service": 1}),
    ("codes", "AmazonEC2\nAmazonS3\n", {"AmazonEC2": 1, "AmazonS3": 1}),
    ("rows of the matrix", "what\necs-ec2\naurora-serverless\n", {"ecs-ec2": 1, "aurora-serverless": 1}),
    ("part with ARNs", f"type,arn\nAWS::SQS::Queue,\nAWS::SQS::Queue,{QUEUE}\nAWS::EC2::Instance,{EC2}\n",
     {"AWS::SQS::Queue": 1, "sqs:queue": 1, "ec2:instance": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("_", "text", "expected"), TABLES, ids=[name for name, *_ in TABLES])
def test_the_column_that_names_resources_is_found_by_content(
    tmp_path: Path, _: str, text: str, expected: dict[str, int]
) -> None:
    found = read_inventory(save(tmp_path, "a.csv", text))
    assert counts(found) == expected
    assert not found.unmapped
    assert not found.not_aws
    assert SECRET not in tell_all(found)


def test_words_of_all_tables_stand_in_one_csv(tmp_path: Path) -> None:
    text = "thing\naws_sqs_queue\nAWS::SQS::Queue\nsqs:queue\nds:directory\nAWS::BrandNew::Thing\naws_sqs_new\n"
    found = read_inventory(save(tmp_path, "a.csv", text))
    assert {each.service for each in found.resources} == {"sqs"}
    unmapped = {each.resource_type for each in found.unmapped}
    assert unmapped == {"ds:directory", "AWS::BrandNew::Thing"}
    assert not found.not_aws


def test_rows_that_name_nothing_known_are_counted_and_not_shown(tmp_path: Path) -> None:
    text = "type\n" + "AWS::SQS::Queue\n" * 3 + f"{SECRET}\n\nazurerm_{SECRET}\n"
    found = read_inventory(save(tmp_path, "a.csv", text))
    assert counts(found) == {"AWS::SQS::Queue": 3}
    assert found.unseen == ("rows that name no known ARN, type or service: 2",)
    assert SECRET not in tell_all(found)


def test_the_inventory_that_srmlib_writes_is_read_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = {"Resources": {
        "A": {"Type": "AWS::ECS::Service", "Properties": {"LaunchType": "EC2"}},
        "B": {"Type": "AWS::DirectoryService::BrandNew"}, "C": {"Type": "Custom::Thing"},
    }}  # fmt: skip
    first = save(tmp_path, "t.json", content)
    assert main(["inventory", str(first), "--format", "csv"]) == 0
    found = read_inventory(save(tmp_path, "again.csv", capsys.readouterr().out))
    assert counts(found) == {"ecs-ec2": 1, "AWS::DirectoryService::BrandNew": 1}
    assert services(found, "ecs-ec2") == {"ecs-ec2": 1}
    assert found.assumed == ()


TWO = f"Function,Role\n{HERE.format('lambda', 'function:x')},arn:aws:iam::123456789012:role/x\n"


def test_another_column_that_may_be_meant_is_told_and_can_be_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save(tmp_path, "a.csv", TWO)
    found = read_inventory(path)
    assert counts(found) == {"lambda:function": 1}
    assert found.assumed[0] == "column 1 names the resources; --column takes another"
    assert counts(read_inventory(path, column="ROLE")) == {"iam:role": 1}
    for command in ("inventory", "review"):
        assert main([command, str(path), "--column", "Role", "--format", "csv"]) == 0
    out = capsys.readouterr().out
    assert "iam:role" in out
    assert "lambda" not in out


def test_a_table_without_such_a_column_is_one_line_without_its_cells(tmp_path: Path) -> None:
    path = save(tmp_path, "a.csv", f"name,owner\n{SECRET},{SECRET}-2\n{SECRET}-3,{SECRET}\n")
    with pytest.raises(NotRecognisedError, match="--column") as told:
        read_inventory(path)
    with pytest.raises(NotRecognisedError, match="--column") as named:
        read_inventory(path, column="Service")
    assert SECRET not in f"{told.value}{named.value}"


def test_names_that_look_like_types_are_no_types(tmp_path: Path) -> None:
    path = save(tmp_path, "a.csv", "database,size\naws_prod_db,1\naws_test_db,2\n")
    with pytest.raises(NotRecognisedError) as told:
        read_inventory(path)
    assert "prod" not in str(told.value)


def test_an_open_quote_is_one_line(tmp_path: Path) -> None:
    path = save(tmp_path, "a.csv", f'arn,name\n{EC2},x\n{QUEUE},"{"x" * 200_000}')
    with pytest.raises(SrmError, match="quote is left open"):
        read_inventory(path)


def test_a_folder_takes_lists_and_skips_other_texts(tmp_path: Path) -> None:
    save(tmp_path, "arns.txt", LIST)
    save(tmp_path, "README.txt", "Read me, please.\nIt is short; that is all, really.\n")
    save(tmp_path, "people.csv", "name,age\nx,1\n")
    save(tmp_path, "template.txt", "Resources:\n  Q: {Type: AWS::SQS::Queue}\n")
    found, faults = read_paths([tmp_path])
    assert [(each.file, each.format) for each in found] == [
        ("arns.txt", "csv"), ("template.txt", "cloudformation"),
    ]  # fmt: skip
    assert faults == []


def refuse(content: str) -> str:
    """The line that says why a table is not read, or nothing."""
    try:
        read_document(Document(Path("a.csv"), content.encode()), WORDS)
    except SrmError as error:
        return str(error)
    return ""


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_table_is_read_or_refused_in_one_line(text: str) -> None:
    assert "\n" not in refuse(text)
    assert "\n" not in refuse(f"type,arn,count\nAWS::SQS::Queue,{EC2},1\n{text}")
