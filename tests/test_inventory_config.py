"""AWS Config's files, lists, queries and notifications -> resources, each counted once."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from srmlib.errors import SrmError
from srmlib.inventory import Inventory, aws_config, read_inventory
from srmlib.inventory.config_items import list_items
from srmlib.inventory.documents import Document
from tests.test_inventory import counts, save, services

DAY = "2026-01-0{}T10:00:00.000Z"


def item(type: str, id: str, configuration: Any = None, **more: Any) -> dict[str, Any]:
    """An item as files in S3 spell it: other arrays with types in it, and tags beside it."""
    return {
        "relatedEvents": [],
        "relationships": [{"resourceId": "x", "resourceType": "AWS::EC2::VPC", "name": "in"}],
        "configuration": configuration or {},
        "supplementaryConfiguration": {},
        "tags": {},
        "configurationItemVersion": "1.3",
        "configurationItemCaptureTime": DAY.format(1),
        "awsAccountId": "111111111111",
        "configurationItemStatus": "OK",
        "resourceType": type,
        "resourceId": id,
        "ARN": f"arn:aws:x:eu-west-1:111111111111:{id}",
        "awsRegion": "eu-west-1",
    } | more


def answer(type: str, id: str, configuration: Any = None, **more: Any) -> dict[str, Any]:
    """An item as the API spells it: the configuration is JSON in a string."""
    return {
        "version": "1.3",
        "accountId": "111111111111",
        "configurationItemCaptureTime": 1767261600.123,
        "configurationItemStatus": "ResourceDiscovered",
        "arn": f"arn:aws:x:eu-west-1:111111111111:{id}",
        "resourceType": type,
        "resourceId": id,
        "awsRegion": "eu-west-1",
        "configuration": json.dumps(configuration or {}),
    } | more


def snapshot(*items: dict[str, Any]) -> dict[str, Any]:
    return {"fileVersion": "1.0", "configSnapshotId": "7c", "configurationItems": list(items)}


def read(folder: Path, content: object, name: str = "config.json") -> Inventory:
    found = read_inventory(save(folder, name, content))
    assert found.format == "aws-config"
    return found


@pytest.mark.shared
@pytest.mark.parametrize("name", ["awsconfig_list_discovered.json", "awsconfig_snapshot_doc.json"])
def test_the_documentations_examples_hold_what_is_expected(inputs: Path, name: str) -> None:
    expected = json.loads((inputs / "expected" / f"{name}.json").read_text())
    found = read_inventory(inputs / name)
    assert (found.format, found.not_aws, found.unmapped) == (expected["format"], (), ())
    assert counts(found) == {each["resource_type"]: each["count"] for each in expected["aws"]}


# What counts ----------------------------------------------------------------------------------


def test_a_snapshot_counts_its_items_and_no_relationship(tmp_path: Path) -> None:
    items = [item("AWS::SQS::Queue", f"q{n}") for n in range(3)]
    content = snapshot(*items, item("Acme::Own::Thing", "t"), item("AWS::New::Thing", "n"))
    packed = gzip.compress(json.dumps(content, separators=(",", ":")).encode())
    found = read(tmp_path, packed, "111111111111_Config_eu-west-1_ConfigSnapshot_x.json.gz")
    assert counts(found) == {"AWS::SQS::Queue": 3, "AWS::New::Thing": 1}
    assert [(each.resource_type, each.count) for each in found.not_aws] == [("Acme::Own::Thing", 1)]


@pytest.mark.parametrize("status", ["ResourceDeleted", "ResourceDeletedNotRecorded"])
def test_deleted_resources_do_not_count(tmp_path: Path, status: str) -> None:
    gone = item("AWS::SQS::Queue", "b", configurationItemStatus=status)
    assert counts(read(tmp_path, snapshot(item("AWS::SQS::Queue", "a"), gone))) == {
        "AWS::SQS::Queue": 1
    }


def test_a_resource_that_is_found_but_not_recorded_counts(tmp_path: Path) -> None:
    content = snapshot(item("AWS::SQS::Queue", "a", configurationItemStatus="ResourceNotRecorded"))
    assert counts(read(tmp_path, content)) == {"AWS::SQS::Queue": 1}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize("last", ["OK", "ResourceDeleted"])
def test_of_a_history_the_newest_state_counts(
    tmp_path: Path, order: tuple[int, ...], last: str
) -> None:
    states = [("OK", "t3.micro"), ("ResourceDeleted", "t3.micro"), (last, "m5.metal")]
    items = [
        item("AWS::EC2::Instance", "i-1", {"instanceType": kind}, configurationItemStatus=status,
             configurationItemCaptureTime=DAY.format(n + 1))
        for n, (status, kind) in enumerate(states)
    ]  # fmt: skip
    found = read(tmp_path, {"fileVersion": "1.0", "configurationItems": [items[n] for n in order]})
    expected = {"ec2-bare-metal": 1} if last == "OK" else {}
    assert services(found, "AWS::EC2::Instance") == expected


def test_times_are_compared_as_times(tmp_path: Path) -> None:
    early = answer("AWS::SQS::Queue", "q", configurationItemCaptureTime="2026-01-02T00:30:00+02:00")
    late = answer("AWS::SQS::Queue", "q", configurationItemCaptureTime="2026-01-01T23:00:00Z",
                  configurationItemStatus="ResourceDeleted")  # fmt: skip
    assert not counts(read(tmp_path, {"configurationItems": [late, early]}))


def test_one_id_in_two_accounts_or_regions_is_two_resources(tmp_path: Path) -> None:
    content = snapshot(
        item("AWS::DynamoDB::Table", "orders"),
        item("AWS::DynamoDB::Table", "orders"),
        item("AWS::DynamoDB::Table", "orders", awsRegion="us-east-1"),
        item("AWS::DynamoDB::Table", "orders", awsAccountId="222222222222"),
        item("AWS::SQS::Queue", "orders"),
    )
    assert counts(read(tmp_path, content)) == {"AWS::DynamoDB::Table": 3, "AWS::SQS::Queue": 1}


def test_a_role_recorded_in_two_regions_is_one(tmp_path: Path) -> None:
    names = ("ResourceType", "ResourceId", "SourceAccountId", "SourceRegion")
    rows = [
        ("AWS::IAM::Role", "AROA1", "111111111111", "eu-west-1"),
        ("AWS::IAM::Role", "AROA1", "111111111111", "us-east-1"),
        ("AWS::IAM::Role", "AROA1", "222222222222", "us-east-1"),
    ]
    content = {"ResourceIdentifiers": [dict(zip(names, row, strict=True)) for row in rows]}
    assert counts(read(tmp_path, content)) == {"AWS::IAM::Role": 2}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["AWS::SQS::Queue", "AWS::EC2::Instance"]),
            st.sampled_from("abc"),
            st.sampled_from(["111111111111", "222222222222"]),
            st.sampled_from(["OK", "ResourceDeleted"]),
        ),
        max_size=12,
    ),
    st.booleans(),
    st.randoms(use_true_random=False),
)
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_random_histories_count_as_by_hand(
    tmp_path: Path, rows: list[tuple[str, str, str, str]], pretty: bool, random: Any
) -> None:
    items = [
        item(type, id, {"tags": [{"key": "},{"}]}, awsAccountId=account,
             configurationItemStatus=status, configurationItemCaptureTime=f"2026-01-01T00:00:{n:02}Z")
        for n, (type, id, account, status) in enumerate(rows)
    ]  # fmt: skip
    newest = {(type, id, account): status for type, id, account, status in rows}
    expected = Counter(key[0] for key, status in newest.items() if status == "OK")
    random.shuffle(items)
    content = json.dumps(snapshot(*items), indent=2 if pretty else None)
    assert counts(read(tmp_path, content)) == expected


# Forms ----------------------------------------------------------------------------------------

QUEUES = ["AWS::SQS::Queue"] * 2
TYPED = [{"resourceType": type, "resourceId": f"q{n}"} for n, type in enumerate(QUEUES)]
AGGREGATED = [
    {"SourceAccountId": "1", "SourceRegion": "eu-west-1", "ResourceType": type, "ResourceId": f"q{n}"}
    for n, type in enumerate(QUEUES)
]  # fmt: skip
ANSWERS = [answer(type, f"q{n}") for n, type in enumerate(QUEUES)]
CHANGES = [
    {"configurationItemDiff": None, "configurationItem": item(type, f"q{n}"),
     "messageType": "ConfigurationItemChangeNotification"}
    for n, type in enumerate(QUEUES)
]  # fmt: skip
SUMMARY = {
    "configurationItemSummary": {key: value for key, value in item(*QUEUES[:1], "q0").items()
                                 if key not in ("configuration", "relationships")},
    "messageType": "OversizedConfigurationItemChangeNotification",
}  # fmt: skip
OTHER = {"messageType": "ConfigurationSnapshotDeliveryCompleted", "configSnapshotId": "7c"}


def publish(message: object) -> dict[str, Any]:
    return {"Type": "Notification", "TopicArn": "arn:aws:sns:x", "Message": json.dumps(message)}


def receive(message: object) -> dict[str, Any]:
    return {"MessageId": "1", "Body": json.dumps(message)}


def in_lines(messages: list[Any], indent: int | None = None) -> str:
    return "\n".join(json.dumps(each, indent=indent) for each in messages) + "\n"


FORMS: dict[str, tuple[object, int]] = {
    "list-discovered-resources": ({"resourceIdentifiers": TYPED}, 2),
    "list-aggregate-discovered-resources": ({"ResourceIdentifiers": AGGREGATED}, 2),
    "batch-get-resource-config": ({"baseConfigurationItems": ANSWERS, "unprocessedResourceKeys": []}, 2),
    "batch-get-aggregate-resource-config": (
        {"BaseConfigurationItems": ANSWERS, "UnprocessedResourceIdentifiers": []}, 2),
    "get-resource-config-history": ({"configurationItems": [ANSWERS[0], ANSWERS[0]]}, 1),
    "select-resource-config": (
        {"Results": [json.dumps(each) for each in TYPED], "QueryInfo": {"SelectFields": []}}, 2),
    "a query that counts": (
        {"Results": [json.dumps({"COUNT(*)": 41, "resourceType": QUEUES[0]})], "QueryInfo": {}}, 41),
    "no result": ({"Results": [], "QueryInfo": {"SelectFields": []}}, 0),
    "an empty snapshot": (snapshot(), 0),
    "an empty list": ({"ResourceIdentifiers": []}, 0),
    "SNS": (publish(CHANGES[0]), 1),
    "SNS, raw": (CHANGES[0], 1),
    "SNS, indented": (in_lines([publish(CHANGES[0])], 4), 1),
    "SNS, oversized": (publish(SUMMARY), 1),
    "SQS": ({"Messages": [receive(publish(each)) for each in [*CHANGES, OTHER]]}, 2),
    "SQS, lines": (in_lines([receive(publish(each)) for each in [*CHANGES, OTHER]]), 2),
    "SNS, lines": (in_lines([publish(each) for each in [*CHANGES, *CHANGES, OTHER]]), 2),
    "EventBridge": ({"detail-type": "Config Configuration Item Change", "detail": CHANGES[0]}, 1),
    "a rule's event": ({"version": "1.0", "invokingEvent": json.dumps(CHANGES[0])}, 1),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_that_config_hands_out_is_read(tmp_path: Path, form: str) -> None:
    content, count = FORMS[form]
    assert counts(read(tmp_path, content)) == ({"AWS::SQS::Queue": count} if count else {})


def test_a_list_that_includes_deleted_resources_counts_the_others(tmp_path: Path) -> None:
    gone = TYPED[0] | {"resourceDeletionTime": 1767261600.1}
    assert counts(read(tmp_path, {"resourceIdentifiers": [gone, TYPED[1]]})) == {
        "AWS::SQS::Queue": 1
    }


@pytest.mark.parametrize("key", ["nextToken", "NextToken"])
def test_a_list_that_goes_on_says_so(tmp_path: Path, key: str) -> None:
    found = read(tmp_path, {"resourceIdentifiers": TYPED, key: "abc"})
    assert found.unseen == (
        "the list goes on in pages that are not in the file; ask for all of them",
    )


def test_a_query_without_types_is_told_what_to_select(tmp_path: Path) -> None:
    rows = {"Results": ['{"resourceId": "secret-queue"}'], "QueryInfo": {}}
    with pytest.raises(SrmError, match="select resourceType and resourceId") as error:
        read(tmp_path, rows)
    assert "secret" not in str(error.value)
    rows["Results"] = [*rows["Results"], *map(json.dumps, TYPED)]
    assert "entries without a resource type are not counted: 1" in read(tmp_path, rows).unseen


@pytest.mark.parametrize(
    "other",
    [
        {"ResourceIdentifiers": [{"ResourceArn": "arn:aws:sqs:x:1:q", "ResourceType": "AWS::SQS::Queue"}]},
        {"SchemaVersion": 2, "Results": [{"Target": "x", "Vulnerabilities": []}]},
        {"note": "a configurationItem", "Messages2": []},
    ],
)  # fmt: skip
def test_other_lists_of_that_name_are_not_taken_for_configs(
    tmp_path: Path, other: dict[str, Any]
) -> None:
    document = Document(save(tmp_path, "other.json", other))
    assert not aws_config.sniff(document)


# Ways of running ------------------------------------------------------------------------------

CLUSTER = "arn:aws:ecs:eu-west-1:111111111111:cluster/"


def test_a_service_finds_its_cluster_by_arn(tmp_path: Path) -> None:
    content = snapshot(
        *(item("AWS::ECS::Cluster", CLUSTER + each, {"ClusterName": each, "Arn": CLUSTER + each})
          for each in "ab"),
        item("AWS::ECS::Service", "s1", {"LaunchType": "EC2", "Cluster": CLUSTER + "a"}),
        item("AWS::ECS::Service", "s2", {"LaunchType": "FARGATE", "Cluster": CLUSTER + "b"}),
    )  # fmt: skip
    found = read(tmp_path, content)
    assert services(found, "AWS::ECS::Cluster") == {"ecs-ec2": 1, "ecs-fargate": 1}
    assert services(found, "AWS::ECS::Service") == {"ecs-ec2": 1, "ecs-fargate": 1}


@pytest.mark.parametrize("make", [item, answer])
@pytest.mark.parametrize("name", ["dBInstanceClass", "DBInstanceClass", "dbInstanceClass"])
def test_properties_are_known_in_each_spelling_and_packing(
    tmp_path: Path, name: str, make: Any
) -> None:
    content = {
        "configurationItems": [make("AWS::RDS::DBInstance", "db-1", {name: "db.serverless"})]
    }
    assert services(read(tmp_path, content), "AWS::RDS::DBInstance") == {"aurora-serverless": 1}


def test_nested_properties_and_tags_decide(tmp_path: Path) -> None:
    mark = "kubernetes.io/cluster/main"
    group = "AWS::AutoScaling::AutoScalingGroup"
    content = snapshot(
        item(group, "a", {"tags": [{"key": mark, "value": "owned"}]}),
        item(group, "b", {"tags": []}, tags={mark: "owned"}),
        item(group, "c", tags={"Name": "x"}),
        item("AWS::EC2::LaunchTemplate", "d", {"LaunchTemplateData": {"InstanceType": "c5.metal"}}),
    )
    found = read(tmp_path, content)
    assert services(found, group) == {"eks-self-managed-nodes": 2, "auto-scaling": 1}
    assert services(found, "AWS::EC2::LaunchTemplate") == {"ec2-bare-metal": 1}


@pytest.mark.parametrize(
    ("engine", "service"), [("docdb", "documentdb"), ("neptune", "neptune"), ("postgres", "rds")]
)
def test_clusters_of_other_engines_are_known_under_the_type_of_rds(
    tmp_path: Path, engine: str, service: str
) -> None:
    """The RDS API lists the clusters of DocumentDB and Neptune too."""
    content = snapshot(
        item("AWS::RDS::DBCluster", "c", {"engine": engine, "dBClusterIdentifier": "c"}),
        item("AWS::RDS::DBInstance", "i", {"engine": engine, "dBClusterIdentifier": "c"}),
    )
    found = read(tmp_path, content)
    assert services(found, "AWS::RDS::DBCluster") == {service: 1}


@pytest.mark.parametrize(("units", "count"), [(0, 0), (5, 1)])
def test_a_table_on_demand_is_not_taken_for_a_provisioned_one(
    tmp_path: Path, units: int, count: int
) -> None:
    """DescribeTable says zero units of a table on demand."""
    table = {"provisionedThroughput": {"readCapacityUnits": units, "writeCapacityUnits": units}}
    found = read(tmp_path, snapshot(item("AWS::DynamoDB::Table", "t", table)))
    shown = {each.value: each.count for each in found.settings if each.layer == "capacity"}
    assert shown == {"PROVISIONED": count}


@pytest.mark.parametrize("configuration", [None, "", "null", "[]", '"text"', [], 7])
def test_an_item_without_a_configuration_counts(tmp_path: Path, configuration: Any) -> None:
    one = item("AWS::EC2::Instance", "i-1") | {"configuration": configuration}
    assert services(read(tmp_path, snapshot(one)), "AWS::EC2::Instance") == {"ec2": 1}


# Bad files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        '{"configurationItems": [{"resourceType": "AWS::SQS::Queue", "resourceId": "secret-id"',
        '{"configurationItems": [{"resourceType": "AWS::SQS::Queue", "resourceId": {"secret-id": 1}}]}',
        '{"configurationItems": [{"resourceType": "AWS::SQS::Queue"}]} {"secret-id": 1}',
        '{"configurationItems": [null, {"resourceId": "secret-id"}]}',
        '{"configurationItems": [{"resourceType": "AWS::EC2::Instance", "configuration": "{secret-id"}]}',
        '{"Results": ["{\\"resourceType\\": secret-id}"]}',
        '{"configurationItem": {"resourceId": "q", "resourceType": 1, "x": "secret-id"}}',
        in_lines([CHANGES[0]]) + '{"configurationItem": secret-id}',
    ],
)  # fmt: skip
def test_a_damaged_file_gets_one_line_without_its_values(tmp_path: Path, content: str) -> None:
    with pytest.raises(SrmError, match=r"^config\.json: is (broken JSON|damaged)") as error:
        read(tmp_path, content)
    assert "secret" not in str(error.value)
    assert "\n" not in str(error.value)


def test_items_are_listed_with_their_place(tmp_path: Path) -> None:
    path = save(tmp_path, "a.json", snapshot(item("AWS::SQS::Queue", "q")))
    [found] = list_items(Document(path))
    assert (found.account, found.region, found.type, found.id) == (
        "111111111111", "eu-west-1", "AWS::SQS::Queue", "q",
    )  # fmt: skip
    assert (found.time, found.is_deleted) == (DAY.format(1), False)
