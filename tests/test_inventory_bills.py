"""Bills -> products and their services: each export and encoding, ways of running, what is left out."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from srmlib.errors import SrmError
from srmlib.inventory import Inventory, list_inventory, read_inventory, read_paths
from srmlib.inventory.bill_table import NOT_RESOURCES
from srmlib.inventory.words import load_words
from srmlib.matrix import load_matrix
from tests.test_inventory import check_one_line, counts, save, services

LEGACY = {
    "code": "lineItem/ProductCode", "kind": "lineItem/LineItemType", "usage": "lineItem/UsageType",
    "operation": "lineItem/Operation", "entity": "bill/BillingEntity", "name": "product/ProductName",
    "term": "pricing/term", "unit": "pricing/unit", "id": "lineItem/ResourceId", "tag": "resourceTags/user:owner",
}  # fmt: skip
ATHENA = {
    "code": "line_item_product_code", "kind": "line_item_line_item_type", "usage": "line_item_usage_type",
    "operation": "line_item_operation", "entity": "bill_billing_entity", "name": "product_product_name",
    "term": "pricing_term", "unit": "pricing_unit", "id": "line_item_resource_id", "tag": "resource_tags_user_owner",
}  # fmt: skip
CUR2 = ATHENA | {"name": "product", "tag": "resource_tags"}
FOCUS = {
    "code": "x_ServiceCode", "service": "ServiceName", "kind": "ChargeCategory", "usage": "x_UsageType",
    "operation": "x_Operation", "provider": "ProviderName", "commitment": "CommitmentDiscountType",
    "cost": "BilledCost", "id": "ResourceId", "tag": "Tags",
}  # fmt: skip
Line = Mapping[str, str]
LINES: list[Line] = [
    {"code": "AWSQueueService", "kind": "Usage", "usage": "Requests-Tier1"},
    {"code": "AWSQueueService", "kind": "Usage", "usage": "EU-Requests-Tier1", "tag": 'a "b",\nc;d'},
    {"code": "AmazonECS", "kind": "Usage", "usage": "USW2-Fargate-GB-Hours", "id": "arn:aws:x"},
]  # fmt: skip


def write_csv(lines: Iterable[Line], names: Mapping[str, str], delimiter: str = ",") -> str:
    out = io.StringIO()
    table = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    table.writerow(names.values())
    table.writerows([line.get(key, "") for key in names] for line in lines)
    return out.getvalue()


def write_parquet(path: Path, lines: Iterable[Line], names: Mapping[str, str]) -> Path:
    """As AWS writes it: absent values are null, and a product of CUR 2.0 is a map."""
    rows = list(lines)
    columns: dict[str, Any] = {}
    for key, name in names.items():
        values = [line.get(key) or None for line in rows]
        if name == "product":
            pairs = [[("product_name", value)] if value else [] for value in values]
            columns[name] = pa.array(pairs, pa.map_(pa.string(), pa.string()))
        else:
            columns[name] = pa.array(values, pa.string())
    pq.write_table(pa.table(columns), path)
    return path


def read_lines(folder: Path, *lines: Line, names: Mapping[str, str] = LEGACY) -> Inventory:
    usage = [{"kind": "Usage", "cost": "0"} | dict(line) for line in lines]
    return read_inventory(save(folder, "bill.csv", write_csv(usage, names)))


def not_aws(inventory: Inventory) -> dict[str, int]:
    return {each.resource_type: each.count for each in inventory.not_aws}


# Forms ----------------------------------------------------------------------------------------


@pytest.mark.shared
def test_a_real_bill_has_as_many_lines_of_each_product_as_are_expected(inputs: Path) -> None:
    expected = json.loads((inputs / "expected" / "cur_legacy_sample.csv.json").read_text())
    found = read_inventory(inputs / "cur_legacy_sample.csv")
    assert found.format == expected["format"]
    codes = {code: n for code, n in expected["product_codes"].items() if code.startswith("Amazon")}
    assert counts(found) == codes | {"Red Hat OpenShift Service on AWS": 1}
    assert services(found, "Red Hat OpenShift Service on AWS") == {"rosa": 1}
    assert services(found, "AmazonEC2") == {"ebs": 7, "ec2": 6, "vpc": 4}
    assert not found.unmapped
    assert not found.not_aws


Writer = Callable[[Path], Path]
FORMS: dict[str, Writer] = {
    "slashes": lambda f: save(f, "a.csv", write_csv(LINES, LEGACY)),
    "underscores": lambda f: save(f, "a.csv", write_csv(LINES, ATHENA)),
    "cur2": lambda f: save(f, "a.csv", write_csv(LINES, CUR2)),
    "gzip": lambda f: save(f, "a.csv.gz", gzip.compress(write_csv(LINES, LEGACY).encode())),
    "mark": lambda f: save(f, "a.csv", write_csv(LINES, LEGACY).encode("utf-8-sig")),
    "utf-16": lambda f: save(f, "a.csv", write_csv(LINES, LEGACY).encode("utf-16")),
    "semicolons": lambda f: save(f, "a.csv", write_csv(LINES, LEGACY, ";")),
    "blank lines": lambda f: save(f, "a.csv", write_csv(LINES, LEGACY) + "\r\n\r\n"),
    "other letters": lambda f: save(f, "a.csv", write_csv([*LINES[1:], {**LINES[0], "tag": "ä"}], LEGACY).encode("latin-1")),
    "parquet": lambda f: write_parquet(f / "a.parquet", LINES, ATHENA),
    "parquet of cur2": lambda f: write_parquet(f / "a.snappy.parquet", LINES, CUR2),
    "parquet as a pattern": lambda f: write_parquet(f / "a[1]*.parquet", LINES, CUR2),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_bill_reads_the_same_in_every_form(tmp_path: Path, form: str) -> None:
    found = read_inventory(FORMS[form](tmp_path))
    assert found.format == "cost-and-usage"
    assert counts(found) == {"AWSQueueService": 2, "AmazonECS": 1}
    assert services(found, "AmazonECS") == {"ecs-fargate": 1}
    assert found.unseen == (NOT_RESOURCES,)


def test_gzipped_parquet_is_unpacked_first(tmp_path: Path) -> None:
    plain = write_parquet(tmp_path / "a.parquet", LINES, ATHENA)
    packed = save(tmp_path, "b.parquet", gzip.compress(plain.read_bytes()))
    assert counts(read_inventory(packed)) == counts(read_inventory(plain))


@pytest.mark.parametrize("writer", ["csv", "parquet"])
def test_a_focus_bill_tells_aws_by_its_codes(tmp_path: Path, writer: str) -> None:
    lines: list[Line] = [
        {"code": "AmazonEKS", "service": "Amazon Elastic Container Service for Kubernetes",
         "kind": "Usage", "usage": "EKS-Auto:c6g.large-management-hours", "provider": "AWS"},
        {"service": "Amazon Simple Queue Service", "kind": "Usage", "provider": "AWS"},
        {"code": "AmazonRegistrar", "service": "Amazon Registrar", "kind": "Purchase", "provider": "AWS"},
        {"code": "ComputeSavingsPlans", "kind": "Purchase", "commitment": "Compute", "provider": "AWS"},
        {"code": "AmazonS3", "kind": "Tax", "provider": "AWS"},
        {"code": "5hnnev4d0v7mapf09j0v8of0o2", "service": "Some Firewall", "kind": "Usage", "provider": "AWS"},
        {"service": "Virtual Machines", "kind": "Usage", "provider": "Microsoft"},
    ]  # fmt: skip
    if writer == "csv":
        path = save(tmp_path, "focus.csv", write_csv(lines, FOCUS))
    else:
        path = write_parquet(tmp_path / "focus.parquet", lines, FOCUS)
    found = read_inventory(path)
    assert found.format == "focus"
    assert counts(found) == {
        "AmazonEKS": 1, "Amazon Simple Queue Service": 1, "AmazonRegistrar": 1,
    }  # fmt: skip
    assert services(found, "AmazonEKS") == {"eks-auto-mode": 1}
    assert not_aws(found) == {"AWS Marketplace": 1, "Virtual Machines": 1}
    assert found.unseen[0].startswith("2 lines of tax")


def answer(*groups: list[str], keys: tuple[str, ...] = ("SERVICE",), **extra: Any) -> Any:
    made = [{"Keys": keys, "Metrics": {"UnblendedCost": {"Amount": "0"}}} for keys in groups]
    return {
        "GroupDefinitions": [{"Type": "DIMENSION", "Key": key} for key in keys],
        "ResultsByTime": [{"TimePeriod": {}, "Total": {}, "Groups": made, "Estimated": False}],
        "DimensionValueAttributes": [],
    } | extra


def test_an_answer_of_cost_explorer_counts_each_service(tmp_path: Path) -> None:
    content = answer(["AWS Lambda"], ["Amazon Simple Queue Service"], ["Tax"], NextPageToken="x")
    content["ResultsByTime"] *= 2
    found = read_inventory(save(tmp_path, "ce.json", content))
    assert found.format == "cost-explorer"
    assert counts(found) == {"AWS Lambda": 2, "Amazon Simple Queue Service": 2}
    assert found.unseen[0] == "more pages follow; fetch them with --next-page-token"
    assert found.unseen[1].startswith("2 lines of tax")


def test_an_answer_by_service_and_usage_type_tells_the_way_of_running(tmp_path: Path) -> None:
    content = answer(
        ["EUC1-Fargate-GB-Hours", "Amazon Elastic Container Service"],
        ["EU-EBS:VolumeUsage.gp3", "EC2 - Other"],
        ["EU-Unheard-Of", "EC2 - Other"],
        keys=("USAGE_TYPE", "SERVICE"),
    )
    found = read_inventory(save(tmp_path, "ce.json", content))
    assert services(found, "Amazon Elastic Container Service") == {"ecs-fargate": 1}
    assert services(found, "EC2 - Other") == {"ebs": 1}
    assert [(each.resource_type, each.count) for each in found.unmapped] == [("EC2 - Other", 1)]
    assert not found.assumed


COLUMNS = """"Service","EC2-Instances($)","EC2-Other($)","Tax($)","VPC($)","Key Management Service($)","Elastic Container Service($)","Total costs($)"
"Service total","2.1","0.5","9","1","0","1","4.6"
"2026-09-01","1.0","0.5","9","","0","","1.5"
"2026-10-01","1.1","","","1","0","1","3.1"
"""
ROWS = """"Service","2026-09-01","2026-10-01","Service total"
"Total costs","1.5","3.1","4.6"
"EC2-Instances","1.0","1.1","2.1"
"EC2-Other","0.5","","0.5"
"Tax","9","","9"
"VPC","","1","1"
"Key Management Service","0","0","0"
"Elastic Container Service","","1","1"
"""


@pytest.mark.parametrize("text", [COLUMNS, ROWS], ids=["columns", "rows"])
def test_the_consoles_table_is_read_with_services_in_columns_or_rows(
    tmp_path: Path, text: str
) -> None:
    found = read_inventory(save(tmp_path, "costs.csv", text))
    assert found.format == "cost-explorer"
    assert counts(found) == {
        "EC2-Instances": 2, "EC2-Other": 1, "VPC": 1, "Key Management Service": 2,
        "Amazon Elastic Container Service": 1,
    }  # fmt: skip
    assert services(found, "Key Management Service") == {"kms": 2}
    assert [each.resource_type for each in found.unmapped] == ["EC2-Other"]
    assert found.assumed == (
        "Amazon Elastic Container Service: launch type not in the file, taken for ecs-fargate",
    )


def test_the_files_of_a_report_are_read_and_its_manifest_is_none(tmp_path: Path) -> None:
    for number in (1, 2):
        packed = gzip.compress(write_csv(LINES, LEGACY).encode())
        save(tmp_path, f"20260901-20261001/costs-{number}.csv.gz", packed)
    columns = [{"category": "lineItem", "name": "ProductCode"}]
    save(tmp_path, "costs-Manifest.json", {"assemblyId": "1", "account": "1", "columns": columns})
    save(tmp_path, "people.csv", "name,age\nx,1\n")
    pq.write_table(pa.table({"name": ["x"]}), tmp_path / "people.parquet")
    found, faults = read_paths([tmp_path])
    assert [each.file for each in found] == ["costs-1.csv.gz", "costs-2.csv.gz"]
    assert not faults


# Counts ---------------------------------------------------------------------------------------

KINDS = ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage", "Tax", "Credit", "")
CODES = ("AmazonS3", "AmazonEC2", "AWSELB", "A4B", "AmazonBrandNew")
made_lines = st.lists(
    st.fixed_dictionaries({
        "code": st.sampled_from(CODES), "kind": st.sampled_from(KINDS),
        "usage": st.sampled_from(("", "EBS:VolumeUsage", "BoxUsage:m5.metal", "Requests-Tier1")),
        "tag": st.text(st.characters(exclude_categories=["Cs"]), max_size=8), "id": st.text("ab,\"'\n;", max_size=5),
    }), max_size=30,
)  # fmt: skip


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(lines=made_lines)
def test_every_line_of_usage_counts_once_whatever_stands_beside_it(
    tmp_path: Path, lines: list[Line]
) -> None:
    expected = Counter(line["code"] for line in lines if line["kind"] not in ("Tax", "Credit"))
    for path in (
        save(tmp_path, "a.csv", write_csv(lines, LEGACY).encode()),
        write_parquet(tmp_path / "a.parquet", lines, CUR2),
    ):
        found = read_inventory(path)
        assert counts(found) == dict(expected)
        left_out = len(lines) - expected.total()
        assert any(each.startswith(f"{left_out} line") for each in found.unseen) == bool(left_out)


@pytest.mark.parametrize(
    "kind",
    [
        "Tax", "Credit", "Refund", "RIFee", "SavingsPlanRecurringFee", "SavingsPlanUpfrontFee",
        "SavingsPlanNegation", "BundledDiscount", "EdpDiscount", "PrivateRateDiscount",
    ],
)  # fmt: skip
def test_what_only_bills_is_no_use_of_a_product(tmp_path: Path, kind: str) -> None:
    found = read_lines(tmp_path, {"code": "AmazonRDS", "kind": kind})
    assert not counts(found)
    assert found.unseen[0] == (
        "1 line of tax, credit, discount or commitment shows no usage: left out"
    )


def test_a_fee_is_use_of_a_product_but_a_reservation_paid_in_advance_is_none(
    tmp_path: Path,
) -> None:
    support = {"code": "AWSSupportEnterprise", "kind": "Fee", "term": ""}
    reserved = {"code": "AmazonRDS", "kind": "Fee", "term": "Reserved"}
    assert counts(read_lines(tmp_path, support, reserved)) == {"AWSSupportEnterprise": 1}


@pytest.mark.parametrize("names", [LEGACY, CUR2], ids=["legacy", "cur2"])
def test_what_marketplace_sells_is_awss_where_the_catalogue_knows_it(
    tmp_path: Path, names: Mapping[str, str]
) -> None:
    def sell(name: str) -> Line:
        told = json.dumps({"product_name": name}) if names is CUR2 else name
        return {"code": "5hnnev4d0v7mapf09j0v8of0o2", "entity": "AWS Marketplace", "name": told}

    found = read_lines(
        tmp_path, sell("Red Hat OpenShift Service on AWS"), sell("Claude (Amazon Bedrock Edition)"),
        sell("Brand New 9 (Amazon Bedrock Edition)"), sell("s3cr3t offer"), sell("Backup"), names=names,
    )  # fmt: skip
    assert services(found, "Red Hat OpenShift Service on AWS") == {"rosa": 1}
    assert services(found, "Claude (Amazon Bedrock Edition)") == {"bedrock-on-demand": 1}
    assert services(found, "Brand New 9 (Amazon Bedrock Edition)") == {"bedrock-on-demand": 1}
    assert not_aws(found) == {"AWS Marketplace": 2}
    assert found.assumed == (
        "Brand New 9 (Amazon Bedrock Edition): a new type, taken for bedrock-on-demand"
        " as all others of * (Amazon Bedrock Edition)",
    )


# Ways of running ------------------------------------------------------------------------------

WAYS: list[tuple[str, str, str, str]] = [
    ("AmazonEC2", "BoxUsage:m5.large", "RunInstances", "ec2"),
    ("AmazonEC2", "EUC1-SpotUsage:m5.metal", "RunInstances", "ec2-bare-metal"),
    ("AmazonEC2", "EUC1-BoxUsage:m7i.metal-24xl", "RunInstances", "ec2-bare-metal"),
    ("AmazonEC2", "EBS:VolumeUsage.gp3", "CreateVolume-Gp3", "ebs"),
    ("AmazonEC2", "EBSOptimized:m4.large", "RunInstances", "ec2"),
    ("AmazonEC2", "EU-NatGateway-Hours", "NatGateway", "vpc"),
    ("AmazonEC2", "ElasticIP:IdleAddress", "AssociateAddressVPC", "vpc"),
    ("AmazonEC2", "DataTransfer-Out-Bytes", "RunInstances", "vpc"),
    ("AmazonEC2", "LoadBalancerUsage", "LoadBalancing", "elb"),
    ("AmazonVPC", "USE1-VPN-Usage-Hours:ipsec.1", "CreateVpnConnection", "vpn"),
    ("AmazonVPC", "USE1-VpcEndpoint-Hours", "VpcEndpoint", "privatelink"),
    ("AmazonVPC", "USE1-TransitGateway-Hours", "TransitGatewayVPC", "transit-gateway"),
    ("AmazonVPC", "USE1-ClientVPN-EndpointHours", "ClientVPNEndpoints", "client-vpn"),
    ("AmazonVPC", "USE1-PublicIPv4:InUseAddress", "RunInstances", "vpc"),
    ("AmazonECS", "USW2-Fargate-vCPU-Hours:perCPU", "FargateTask", "ecs-fargate"),
    ("AmazonECS", "USW2-ECS-EC2-GB-Hours", "ECSTask-EC2", "ecs-ec2"),
    ("AmazonECS", "USW2-ECS-Anywhere-Instance-hours", "AddExternalInstance", "ecs-anywhere"),
    ("AmazonECS", "ECS-Managed-Instances:c5.large-management-hours", "", "ecs-managed-instances"),
    ("AmazonEKS", "USW2-Fargate-GB-Hours", "FargatePod", "eks-fargate"),
    ("AmazonEKS", "EKS-Auto:c6g.large-management-hours", "", "eks-auto-mode"),
    ("AmazonRDS", "EUC1-Aurora:ServerlessV2Usage", "CreateDBInstance:0021", "aurora-serverless"),
    ("AmazonRDS", "EUC1-Aurora:ServerlessV2IOOptimizedUsage", "", "aurora-serverless"),
    ("AmazonRDS", "InstanceUsage:db.r6g.large", "CreateDBInstance:0016", "aurora"),
    ("AmazonRDS", "InstanceUsage:db.r6g.large", "CreateDBInstance:0014", "rds"),
    ("AmazonRDS", "RDS:GP3-Storage", "", "rds"),
    ("AmazonRDS", "Aurora:StorageUsage", "", "aurora"),
    ("AmazonRedshift", "USE1-Redshift:ServerlessUsage", "", "redshift-serverless"),
    ("AmazonRedshift", "Node:ra3.xlplus", "RunComputeNode:0001", "redshift"),
    ("AmazonES", "APN1-IndexingOCU", "", "opensearch-serverless"),
    ("AmazonES", "APN1-IngestionOCU", "", "opensearch-ingestion"),
    ("AmazonES", "ESInstance:t3.small", "ESDomain", "opensearch"),
    ("ElasticMapReduce", "APS1-SERVERLESS-vCPUHours", "", "emr-serverless"),
    ("ElasticMapReduce", "USE1-EMR-EKS-EC2-vCPUHours", "", "emr-eks"),
    ("ElasticMapReduce", "BoxUsage:m5.xlarge", "RunInstances", "emr-ec2"),
    ("AmazonElastiCache", "USE1-ElastiCacheProcessingUnits:Valkey", "", "elasticache-serverless"),
    ("AmazonElastiCache", "NodeUsage:cache.t3.micro", "CreateCacheCluster:0002", "elasticache"),
    ("AmazonSageMaker", "USE1-Host:ml.m5.large", "RunInstance", "sagemaker-endpoints"),
    ("AmazonSageMaker", "USE1-Train:ml.m5.large", "RunInstance", "sagemaker-training"),
    ("AmazonSageMaker", "Notebk:ml.t3.medium", "RunInstance", "sagemaker-notebooks"),
    ("AmazonSageMaker", "Studio:VolumeUsage.gp3", "", "sagemaker-studio"),
    ("AmazonFSx", "USW2-Storage", "CreateFileSystem:Lustre", "fsx-lustre"),
    ("AmazonDocDB", "ElasticStorageUsage", "", "documentdb-elastic"),
    ("AWSLambda", "APN1-Lambda-Managed-Instances-Request", "", "lambda-managed-instances"),
    ("AWSLambda", "APN1-Lambda-GB-Second", "Invoke", "lambda"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "usage", "operation", "service"), WAYS)
def test_the_usage_type_tells_the_way_of_running(
    tmp_path: Path, code: str, usage: str, operation: str, service: str
) -> None:
    found = read_lines(tmp_path, {"code": code, "usage": usage, "operation": operation})
    assert services(found, code) == {service: 1}
    assert not found.assumed


@pytest.mark.parametrize(
    ("code", "unit", "service"),
    [
        ("AmazonNeptune", "NCU-Hr", "neptune-serverless"),
        ("AWSDatabaseMigrationSvc", "DCU-Hr", "dms-serverless"),
        ("AWSDatabaseMigrationSvc", "Hrs", "dms"),
    ],
)
def test_the_unit_tells_the_way_of_running(
    tmp_path: Path, code: str, unit: str, service: str
) -> None:
    assert services(read_lines(tmp_path, {"code": code, "unit": unit}), code) == {service: 1}


def test_auroras_storage_goes_with_its_instances(tmp_path: Path) -> None:
    storage = {"code": "AmazonRDS", "usage": "Aurora:StorageUsage"}
    backup = {"code": "AmazonRDS", "usage": "Aurora:BackupUsage"}
    serverless = {"code": "AmazonRDS", "usage": "Aurora:ServerlessV2Usage"}
    server = {"code": "AmazonRDS", "operation": "CreateDBInstance:0014"}
    found = read_lines(tmp_path, storage, backup, serverless, server)
    assert services(found, "AmazonRDS") == {"aurora-serverless": 3, "rds": 1}


@pytest.mark.parametrize(
    ("line", "assumed"),
    [
        ({"code": "AmazonEKS", "usage": "AmazonEKS-Hours:perCluster"}, "AmazonEKS: node groups not in the file, taken for eks-managed-nodes"),
        ({"code": "AmazonECS", "usage": "Unheard-Of"}, "AmazonECS: launch type not in the file, taken for ecs-fargate"),
        ({"code": "AmazonRDS", "operation": "CreateDBInstance"}, "AmazonRDS: engine not in the file, taken for rds"),
    ],
)  # fmt: skip
def test_what_the_bill_does_not_say_is_assumed_aloud(
    tmp_path: Path, line: Line, assumed: str
) -> None:
    assert read_lines(tmp_path, line).assumed == (assumed,)


def test_a_product_that_only_its_usage_type_tells_is_else_unmapped(tmp_path: Path) -> None:
    found = read_lines(tmp_path, {"code": "AmazonSageMaker", "usage": "Unheard-Of"})
    assert [(e.resource_type, e.family) for e in found.unmapped] == [
        ("AmazonSageMaker", "sagemaker")
    ]
    assert not found.assumed


def test_every_service_that_a_rule_names_is_a_row() -> None:
    words = load_words(load_matrix().catalogue.folders)
    for type, way in words.ways.items():
        named = {rule.service for rule in way.rules} | {way.default}
        named |= {service for rule in way.rules for service in rule.services}
        assert named - {None, ""} <= words.services, type


# Bad files and secrets ------------------------------------------------------------------------

GZIPPED = gzip.compress(write_csv(LINES * 500, LEGACY).encode())
BAD: list[tuple[str, object, str]] = [
    ("cut.csv.gz", GZIPPED[:-200], "is a damaged gzip file"),
    ("rotten.csv.gz", GZIPPED[:60] + b"\xff\x00" * 40, "is a damaged gzip file"),
    ("rotten.parquet", b"PAR1" + b"s3cr3t" * 40, "is a damaged Parquet file; fetch it again"),
    ("short.csv", write_csv(LINES, LEGACY) + '"s3cr3t","AWS"\r\n', "has a damaged row near line 6"),
    ("open.csv", write_csv(LINES, LEGACY) + '"s3cr3t' + "x" * (17 << 20), "has a damaged row near"),
    ("tags.json", answer(["team$s3cr3t"], keys=("TAG",)), "is not grouped by service"),
    ("accounts.json", answer(["s3cr3t"], keys=("LINKED_ACCOUNT",)), "is not grouped by service"),
    ("all.json", answer(["s3cr3t"], keys=()), "is not grouped by service"),
    ("odd.json", answer(["s3cr3t"], keys=("SERVICE", "TAG")), "has not a key for each definition"),
    ("accounts.csv", '"Linked account","s3cr3t($)","Total costs($)"\n"2026-09-01","1","1"\n', "is not grouped by service"),
    ("people.csv", "name,age\ns3cr3t,1\n", "has no column that mostly holds ARNs"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "message"), BAD, ids=[name for name, *_ in BAD])
def test_a_bad_bill_is_one_clear_line(
    tmp_path: Path, name: str, content: object, message: str
) -> None:
    check_one_line(save(tmp_path, name, content), message)


def test_a_parquet_file_that_is_no_bill_is_one_clear_line(tmp_path: Path) -> None:
    pq.write_table(pa.table({"name": ["x"]}), tmp_path / "people.parquet")
    with pytest.raises(SrmError, match="is a Parquet file with no bill in it; give"):
        read_inventory(tmp_path / "people.parquet")


def test_no_value_of_a_bill_comes_out_but_the_names_of_products(tmp_path: Path) -> None:
    secret = dict.fromkeys(("id", "tag", "usage", "operation", "unit", "cost"), "s3cr3t")
    lines = [secret | {"code": code, "kind": "Usage"} for code in CODES]
    lines.append(secret | {"code": "s3cr3t\n\x1b[0m", "kind": "Usage"})
    lines.append(secret | {"code": "x", "entity": "AWS Marketplace", "name": "s3cr3t offer"})
    save(tmp_path, "legacy.csv", write_csv(lines, LEGACY))
    save(tmp_path, "focus.csv", write_csv(lines, FOCUS))
    write_parquet(tmp_path / "cur2.parquet", lines, CUR2)
    keys = ("SERVICE", "USAGE_TYPE")
    save(tmp_path, "ce.json", answer(["EC2 - Other", "s3cr3t"], keys=keys))
    found, faults = read_paths([tmp_path])
    assert len(found) == 4
    assert not faults
    told = json.dumps(list_inventory(found)) + str(found)
    assert "s3cr3t" not in told
