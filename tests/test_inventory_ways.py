"""What a type runs as: by its attributes, by its kin, or assumed aloud."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from srmlib.inventory import read_inventory
from tests.test_inventory import save, services, state, template

ECS = "aws_ecs_service"
WAYS: list[tuple[str, dict[str, Any], str]] = [
    ("aws_db_instance", {"engine": "postgres", "customer_owned_ip_enabled": True}, "rds-on-outposts"),
    ("aws_neptune_cluster", {"serverless_v2_scaling_configuration": [{"max_capacity": 8}]}, "neptune-serverless"),
    ("aws_neptune_cluster_instance", {"instance_class": "db.serverless"}, "neptune-serverless"),
    ("AWS::Neptune::DBCluster", {"ServerlessScalingConfiguration": {"MaxCapacity": 8}}, "neptune-serverless"),
    ("aws_lambda_function", {"package_type": "Zip", "runtime": "provided.al2023"}, "lambda-os-only-runtime"),
    ("AWS::Lambda::Function", {"Runtime": "provided.al2"}, "lambda-os-only-runtime"),
    ("AWS::Serverless::Function", {"Runtime": "python3.13"}, "lambda"),
    ("aws_batch_compute_environment", {"compute_resources": [{"type": "FARGATE_SPOT"}]}, "batch-fargate"),
    ("AWS::Batch::ComputeEnvironment", {"ComputeResources": {"Type": "EC2"}}, "batch"),
    ("aws_ecs_service", {"launch_type": "EXTERNAL"}, "ecs-anywhere"),
    ("aws_ecs_capacity_provider", {"managed_instances_provider": [{"infrastructure_role_arn": "x"}]}, "ecs-managed-instances"),
    ("aws_eks_cluster", {"remote_network_config": [{"remote_node_networks": [{"cidrs": ["x"]}]}]}, "eks-hybrid-nodes"),
    ("AWS::FSx::FileSystem", {"FileSystemType": "ONTAP"}, "fsx-ontap"),
    ("aws_vpc_endpoint", {"vpc_endpoint_type": "Interface"}, "privatelink"),
    ("aws_vpc_endpoint", {"vpc_endpoint_type": "Gateway"}, "vpc"),
    ("AWS::EC2::VPCEndpoint", {}, "vpc"),
    ("aws_kms_key", {"xks_key_id": "x"}, "kms-external-key-store"),
    ("AWS::KMS::Key", {"Origin": "EXTERNAL"}, "kms-imported-keys"),
    ("aws_kms_external_key", {}, "kms-imported-keys"),
    ("AWS::FSx::FileSystem", {"FileSystemType": "WINDOWS"}, "fsx-windows"),
    ("AWS::FSx::Volume", {"VolumeType": "OPENZFS"}, "fsx-openzfs"),
    ("aws_instance", {"instance_type": "m7i.metal-24xl"}, "ec2-bare-metal"),
    ("aws_instance", {"instance_type": "m7i.large"}, "ec2"),
    ("AWS::EC2::Instance", {"InstanceType": "u-6tb1.metal"}, "ec2-bare-metal"),
    (ECS, {"launch_type": "EC2"}, "ecs-ec2"),
    (ECS, {"launch_type": "FARGATE"}, "ecs-fargate"),
    (ECS, {"capacity_provider_strategy": [{"capacity_provider": "FARGATE_SPOT"}]}, "ecs-fargate"),
    (ECS, {"capacity_provider_strategy": [{"capacity_provider": "my-nodes"}]}, "ecs-ec2"),
    (ECS, {"capacity_provider_strategy": [], "launch_type": "EC2"}, "ecs-ec2"),
    ("AWS::ECS::Service", {"LaunchType": "EC2"}, "ecs-ec2"),
    ("aws_db_instance", {"engine": "custom-oracle-ee-cdb"}, "rds-custom-oracle"),
    ("aws_db_instance", {"engine": "custom-sqlserver-web"}, "rds-custom-sql-server"),
    ("aws_db_instance", {"engine": "mariadb"}, "rds"),
    ("AWS::RDS::DBInstance", {"Engine": "aurora-mysql", "DBInstanceClass": "db.r6g.large"}, "aurora"),
    ("AWS::RDS::DBInstance", {"Engine": "aurora-mysql", "DBInstanceClass": "db.serverless"}, "aurora-serverless"),
    ("AWS::RDS::DBInstance", {"DBClusterIdentifier": {"Ref": "X"}, "DBInstanceClass": "db.r6g.large"}, "aurora"),
    ("aws_rds_cluster", {"engine": "mysql", "allocated_storage": 100}, "rds"),
    ("aws_rds_cluster", {"engine": "aurora-mysql", "engine_mode": "serverless"}, "aurora-serverless"),
    ("AWS::RDS::DBCluster", {"Engine": "postgres"}, "rds"),
    ("aws_lambda_function", {"package_type": "Image"}, "lambda-container-image"),
    ("aws_lambda_function", {"package_type": "Zip"}, "lambda"),
    ("AWS::Lambda::Function", {"Code": {"ImageUri": {"Fn::Sub": "x"}}}, "lambda-container-image"),
    ("AWS::Serverless::Function", {"PackageType": "Image"}, "lambda-container-image"),
    ("aws_eks_cluster", {"compute_config": [{"enabled": True}]}, "eks-auto-mode"),
    ("AWS::EKS::Cluster", {"ComputeConfig": {"Enabled": True}}, "eks-auto-mode"),
    ("aws_eks_cluster", {"name": "k"}, "eks-self-managed-nodes"),
    ("aws_eks_fargate_profile", {"cluster_name": "k"}, "eks-fargate"),
    ("aws_autoscaling_group", {"tag": [{"key": "kubernetes.io/cluster/k", "value": "owned"}]}, "eks-self-managed-nodes"),
    ("aws_autoscaling_group", {"tag": [{"key": "Name", "value": "kubernetes.io/cluster/k"}]}, "auto-scaling"),
    ("aws_redshift_cluster", {}, "redshift"),
    ("aws_redshiftserverless_workgroup", {}, "redshift-serverless"),
    ("aws_opensearch_domain", {}, "opensearch"),
    ("aws_opensearchserverless_collection", {}, "opensearch-serverless"),
    ("aws_emr_cluster", {}, "emr-ec2"),
    ("aws_emrserverless_application", {}, "emr-serverless"),
    ("aws_msk_cluster", {}, "msk"),
    ("AWS::MSK::ServerlessCluster", {}, "msk-serverless"),
    ("AWS::Serverless::StateMachine", {}, "step-functions"),
    ("AWS::MediaLive::Channel", {"AnywhereSettings": {"ClusterId": "1"}}, "medialive-anywhere"),
    ("AWS::MediaLive::Channel", {}, "medialive"),
    ("aws_workspaces_directory", {"workspace_type": "POOLS"}, "workspaces-pools"),
    ("aws_workspaces_directory", {"workspace_type": "PERSONAL"}, "workspaces"),
    ("aws_kinesisanalyticsv2_application", {"runtime_environment": "SQL-1_0"},
     "kinesis-data-analytics-sql"),
    ("aws_kinesisanalyticsv2_application", {"runtime_environment": "FLINK-1_20"}, "managed-flink"),
    ("aws_fsx_s3_access_point_attachment", {"type": "ONTAP"}, "fsx-ontap"),
]  # fmt: skip


@pytest.mark.parametrize(("type", "values", "service"), WAYS)
def test_the_way_of_running(
    tmp_path: Path, type: str, values: dict[str, Any], service: str
) -> None:
    content = template((type, values)) if "::" in type else state((type, values))
    found = read_inventory(save(tmp_path, "a.json", content))
    assert services(found, type) == {service: 1}


@pytest.mark.parametrize(
    ("type", "family"),
    [
        ("aws_fsx_backup", "fsx"),
        ("AWS::FSx::Backup", "fsx"),
        ("aws_cloudcontrolapi_resource", "cloudcontrol"),
        ("aws_fsx_file_cache_brand_new_thing", "fsx"),
        ("aws_rds_brand_new_thing", "rds"),
        ("aws_batch_brand_new_thing", "batch"),
        ("aws_brand_new_thing", None),
    ],
)
def test_a_row_that_is_missing_is_unmapped_with_its_family(
    tmp_path: Path, type: str, family: str | None
) -> None:
    content = template((type, {})) if "::" in type else state((type, {}))
    found = read_inventory(save(tmp_path, "a.json", content))
    assert [(e.resource_type, e.family) for e in found.unmapped] == [(type, family)]


def test_an_aurora_cluster_is_decided_with_its_instances(tmp_path: Path) -> None:
    scaling = {"serverlessv2_scaling_configuration": [{"max_capacity": 8}]}
    content = state(
        ("aws_rds_cluster", {"cluster_identifier": "a", "engine": "aurora-mysql", **scaling}),
        ("aws_rds_cluster_instance", {"cluster_identifier": "a", "instance_class": "db.r6g.large"}),
        ("aws_rds_cluster", {"cluster_identifier": "b", "engine": "aurora-mysql"}),
        (
            "aws_rds_cluster_instance",
            {"cluster_identifier": "b", "instance_class": "db.serverless"},
        ),
        ("aws_db_subnet_group", {}),
    )
    found = read_inventory(save(tmp_path, "a.tfstate", content))
    both = {"aurora": 1, "aurora-serverless": 1}
    assert services(found, "aws_rds_cluster") == both
    assert services(found, "aws_rds_cluster_instance") == both
    assert services(found, "aws_db_subnet_group") == {"aurora": 1}


def test_an_aurora_cluster_of_a_template_is_linked_by_reference(tmp_path: Path) -> None:
    text = """
Resources:
  One: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-mysql}}
  Two: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-mysql}}
  A:
    Type: AWS::RDS::DBInstance
    Properties: {Engine: aurora-mysql, DBInstanceClass: db.serverless, DBClusterIdentifier: !Ref One}
  B:
    Type: AWS::RDS::DBInstance
    Properties: {Engine: aurora-mysql, DBInstanceClass: db.r6g.large, DBClusterIdentifier: !Ref Two}
"""
    found = read_inventory(save(tmp_path, "a.yaml", text))
    assert services(found, "AWS::RDS::DBCluster") == {"aurora": 1, "aurora-serverless": 1}


def test_one_eks_cluster_may_mix_its_nodes(tmp_path: Path) -> None:
    content = state(
        ("aws_eks_cluster", {"name": "k"}),
        ("aws_eks_node_group", {"cluster_name": "k"}),
        ("aws_eks_fargate_profile", {"cluster_name": "k"}),
        ("aws_autoscaling_group", {"tag": [{"key": "kubernetes.io/cluster/k"}]}),
        ("aws_eks_addon", {"cluster_name": "k"}),
    )
    found = read_inventory(save(tmp_path, "a.tfstate", content))
    used = {each.service for each in found.resources}
    assert used == {"eks-managed-nodes", "eks-fargate", "eks-self-managed-nodes"}
    assert services(found, "aws_eks_cluster") == {"eks-managed-nodes": 1}


def test_an_ecs_service_without_launch_type_takes_its_clusters_providers(tmp_path: Path) -> None:
    content = state(
        ("aws_ecs_service", {"name": "a"}),
        ("aws_ecs_cluster_capacity_providers", {"default_capacity_provider_strategy": [{"capacity_provider": "own"}]}),
        ("aws_ecs_capacity_provider", {"auto_scaling_group_provider": [{}]}),
        ("aws_ecs_cluster", {"name": "c"}),
    )  # fmt: skip
    found = read_inventory(save(tmp_path, "a.tfstate", content))
    assert {each.service for each in found.resources} == {"ecs-ec2"}
    assert not found.assumed


@pytest.mark.parametrize(
    ("type", "line"),
    [
        (ECS, "aws_ecs_service: launch type not in the file, taken for ecs-fargate"),
        ("aws_db_instance", "aws_db_instance: engine not in the file, taken for rds"),
        ("aws_eks_cluster", "aws_eks_cluster: node groups not in the file, taken for eks-self-managed-nodes"),
    ],
)  # fmt: skip
def test_what_the_file_does_not_say_is_assumed_aloud(tmp_path: Path, type: str, line: str) -> None:
    found = read_inventory(save(tmp_path, "a.tfstate", state((type, {}))))
    assert found.assumed == (line,)


def test_a_value_decided_outside_a_template_is_assumed_aloud(tmp_path: Path) -> None:
    content = template(("AWS::EC2::Instance", {"InstanceType": {"Ref": "Size"}}))
    found = read_inventory(save(tmp_path, "a.json", content))
    assert services(found, "AWS::EC2::Instance") == {"ec2": 1}
    assert found.assumed == ("AWS::EC2::Instance: instance type not in the file, taken for ec2",)


@pytest.mark.parametrize(
    ("type", "service", "prefix"),
    [
        ("aws_sqs_brand_new_thing", "sqs", "aws_sqs_"),
        ("AWS::SQS::BrandNewThing", "sqs", "AWS::SQS::"),
        ("aws_redshiftserverless_brand_new", "redshift-serverless", "aws_redshiftserverless_"),
    ],
)
def test_a_type_published_tomorrow_lands_where_all_of_its_kind_are(
    tmp_path: Path, type: str, service: str, prefix: str
) -> None:
    content = template((type, {})) if "::" in type else state((type, {}))
    found = read_inventory(save(tmp_path, "a.json", content))
    assert services(found, type) == {service: 1}
    assert found.assumed == (f"{type}: a new type, taken for {service} as all others of {prefix}*",)
