"""One workload in every format, with secrets and markup wherever a file can hold them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

SECRET = "Zx9-canary"
MARKUP = "<img src=x onerror=alert(1)>"
FORMULA = "=HYPERLINK(1)"
NASTY = f"{SECRET}{MARKUP}{FORMULA}"

VALUES: dict[str, Any] = {
    "engine": "postgres", "password": SECRET, "username": NASTY, "storage_encrypted": True,
    "tags": {NASTY: NASTY}, "nested": [{"token": SECRET}], "identifier": NASTY,
}  # fmt: skip


def _block(type: str, values: dict[str, Any]) -> dict[str, Any]:
    return {
        "mode": "managed", "type": type, "name": NASTY, "module": f"module.{NASTY}",
        "provider": NASTY, "instances": [{"attributes": values, "private": SECRET, "index_key": NASTY}],
    }  # fmt: skip


STATE = {
    "version": 4, "terraform_version": "1.9.8", "serial": 1, "lineage": SECRET,
    "outputs": {NASTY: {"value": SECRET, "type": "string"}},
    "resources": [
        _block("aws_db_instance", VALUES),
        _block("aws_instance", {"instance_type": SECRET, "user_data": SECRET}),
        _block("aws_ecs_service", {"launch_type": SECRET, "cluster": SECRET}),
        _block("aws_rds_cluster", {"engine": "aurora-mysql", "cluster_identifier": SECRET}),
        _block("aws_rds_cluster_instance", {"cluster_identifier": SECRET, "instance_class": SECRET}),
        _block(f"{FORMULA}{MARKUP}", {"x": SECRET}),
        _block("aws_nothing_known", {"x": SECRET}),
    ],
    "check_results": [{"object": NASTY}],
}  # fmt: skip

PLAN = {
    "format_version": "1.2", "terraform_version": "1.9.8",
    "variables": {NASTY: {"value": SECRET}},
    "planned_values": {
        "outputs": {NASTY: {"value": SECRET}},
        "root_module": {
            "resources": [
                {"mode": "managed", "type": each["type"], "name": NASTY, "address": NASTY,
                 "values": each["instances"][0]["attributes"]}
                for each in STATE["resources"]  # type: ignore[attr-defined]
            ],
        },
    },
    "configuration": {"root_module": {"variables": {"x": {"default": SECRET}}}},
}  # fmt: skip

OLD_STATE = {
    "version": 3, "terraform_version": "0.11.14", "serial": 1,
    "modules": [{
        "path": ["root"], "outputs": {"x": {"value": SECRET}},
        "resources": {NASTY: {"type": "aws_db_instance", "primary": {
            "id": SECRET, "attributes": {"engine": "postgres", "password": SECRET}}}},
    }],
}  # fmt: skip

TEMPLATE = {
    "AWSTemplateFormatVersion": "2010-09-09", "Description": NASTY,
    "Parameters": {"Secret": {"Type": "String", "Default": SECRET, "Description": NASTY}},
    "Mappings": {"Secret": {"a": {"b": SECRET}}},
    "Metadata": {NASTY: NASTY},
    "Transform": [NASTY],
    "Resources": {
        NASTY: {"Type": "AWS::RDS::DBInstance", "Metadata": {"x": SECRET}, "Properties": {
            "Engine": "postgres", "MasterUserPassword": SECRET, "DBInstanceIdentifier": NASTY}},
        "Ec2": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": SECRET, "UserData": SECRET}},
        "Odd": {"Type": f"{FORMULA}{MARKUP}", "Properties": {"x": SECRET}},
        "Custom": {"Type": "Custom::Thing", "Properties": {"x": SECRET}},
    },
    "Outputs": {"Secret": {"Value": SECRET, "Description": NASTY}},
}  # fmt: skip


def write_workloads(folder: Path) -> list[Path]:
    """The workload as files whose names hold markup too; a cdk.out folder among them."""
    out = folder / "cdk.out"
    out.mkdir()
    stack = {"type": "aws:cloudformation:stack", "displayName": NASTY, "environment": NASTY,
             "properties": {"templateFile": "s.template.json", "parameters": {"x": SECRET}}}  # fmt: skip
    (out / "manifest.json").write_text(json.dumps({"artifacts": {"S": stack}}))
    (out / "s.template.json").write_text(json.dumps(TEMPLATE))
    files = {
        "=cmd()<b>[x](y)state.tfstate": json.dumps(STATE),
        "plan.json": json.dumps(PLAN),
        "old.tfstate": json.dumps(OLD_STATE),
        "template.json": json.dumps(TEMPLATE),
        "template.yaml": json.dumps(TEMPLATE, indent=1).replace("\t", " "),
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    return [*(folder / name for name in files), out]


def list_types() -> list[str]:
    """One Terraform type for each service that a type alone tells, in the order of the services."""
    with (ROOT / "data" / "mapping" / "terraform.csv").open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["service"]]
    return list({row["service"]: row["resource_type"] for row in reversed(rows)}.values())[::-1]
