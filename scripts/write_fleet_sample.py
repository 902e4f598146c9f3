"""Write the sample organisation of notebook 12: invented accounts, the same bytes every time.

notebooks/fleet/README.txt says what it holds.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from srmlib.atomic import replace_file

FOLDER = Path(__file__).parent.parent / "notebooks" / "fleet"
ACCOUNTS = 60
REGIONS = (
    "eu-central-1", "eu-west-1", "us-east-1", "us-west-2", "ap-southeast-1", "ap-northeast-1",
)  # fmt: skip
HEAD = ("account_id", "region", "resource_type", "service", "count")
# What every account has, and what the accounts of each kind have besides.
EVERYWHERE = {
    "AWS::IAM::Role": 24,
    "AWS::S3::Bucket": 6,
    "AWS::KMS::Key": 3,
    "AWS::CloudTrail::Trail": 1,
}
KINDS = {
    "serverless": {
        "AWS::Lambda::Function": 30, "AWS::DynamoDB::Table": 8, "AWS::SQS::Queue": 12,
        "AWS::ApiGateway::RestApi": 3, "AWS::StepFunctions::StateMachine": 2,
    },
    "containers": {
        "AWS::ECS::Service": 14, "AWS::ECR::Repository": 14, "AWS::RDS::DBCluster": 2,
        "AWS::ElastiCache::ReplicationGroup": 1, "AWS::ElasticLoadBalancingV2::LoadBalancer": 3,
    },
    "machines": {
        "AWS::EC2::Instance": 40, "AWS::EC2::Volume": 70, "AWS::RDS::DBInstance": 4,
        "AWS::EC2::VPC": 2, "AWS::EC2::NatGateway": 2,
    },
    "analytics": {
        "AWS::Glue::Job": 9, "AWS::Athena::WorkGroup": 3, "AWS::RedshiftServerless::Workgroup": 1,
        "AWS::Kinesis::Stream": 4, "AWS::SageMaker::Endpoint": 2,
    },
}  # fmt: skip
SHARES = (0.35, 0.65, 0.9, 1.0)


class Line(NamedTuple):
    """Resources of one type and service in an account and Region."""

    account_id: str
    region: str
    resource_type: str
    service: str
    number: int


def main() -> None:
    """Write both days, the newer with what moved in a quarter; the last account as Config snapshot."""
    old = list(list_lines(random.Random(12)))  # noqa: S311 - a sample is to be foreseeable
    new = move_lines(old)
    last = new[-1].account_id
    FOLDER.mkdir(exist_ok=True)
    for day, lines in (("2026-07-01", old), ("2026-10-01", new)):
        folder = FOLDER / day
        folder.mkdir(exist_ok=True)
        config = [each for each in lines if each.account_id == last]
        write_table(
            folder / "resources.csv.gz", [each for each in lines if each.account_id != last]
        )
        if config:
            write_snapshot(folder / f"{last}.json.gz", day, config)


def list_lines(chance: random.Random) -> Iterable[Line]:
    """The older day: each account is of one kind, in one to three Regions."""
    for number in range(ACCOUNTS):
        account = f"{(number + 1) * 16_180_339_887 % 10**12:012d}"
        kind = list(KINDS)[sum(number / ACCOUNTS >= share for share in SHARES)]
        for region in chance.sample(REGIONS, chance.choice((1, 1, 2, 3))):
            for type, usual in (EVERYWHERE | KINDS[kind]).items():
                if chance.random() < 0.9:
                    yield Line(
                        account, region, type, "", max(1, round(usual * chance.uniform(0.3, 1.7)))
                    )
        if number in (11, 34):  # What the tag of an inventory tells, and a type does not.
            yield Line(account, "eu-west-1", "AWS::EC2::Instance", "database-on-ec2", 3)
        if number == 4:
            yield Line(account, "us-east-1", "Custom::CostReport", "", 5)
        if number == 22:
            yield Line(account, "us-east-1", "AWS::Redshift::Cluster", "", 1)
        if number == 40:
            yield Line(account, "eu-west-1", "AWS::MSK::Cluster", "", 2)


def move_lines(old: list[Line]) -> list[Line]:
    """The newer day: one self-run database has moved, machines went, functions came, one account is new."""
    accounts = list(dict.fromkeys(each.account_id for each in old))
    new = [each for each in old if not (each.account_id == accounts[11] and each.service)]
    new = [
        each for each in new
        if not (each.account_id in accounts[40:44] and each.resource_type == "AWS::RDS::DBInstance")
    ]  # fmt: skip
    new += [Line(accounts[11], "eu-west-1", "AWS::RDS::DBCluster", "", 1)]
    new += [Line(each, "eu-west-1", "AWS::Bedrock::Agent", "", 2) for each in accounts[:3]]
    new += [
        Line("000000000417", "eu-central-1", type, "", count) for type, count in EVERYWHERE.items()
    ]
    return sorted(new, key=lambda each: [*accounts, "000000000417"].index(each.account_id))


def write_table(path: Path, lines: list[Line]) -> None:
    """Rows as a gzipped csv whose bytes hold no clock."""
    text = "\n".join(",".join(map(str, each)) for each in (HEAD, *lines)) + "\n"
    replace_file(path, gzip.compress(text.encode(), mtime=0))


def write_snapshot(path: Path, day: str, lines: list[Line]) -> None:
    """An account as AWS Config delivers it, an item a resource, without configurations."""
    items = [
        {
            "configurationItemCaptureTime": f"{day}T02:00:00.000Z", "awsAccountId": each.account_id,
            "awsRegion": each.region, "resourceType": each.resource_type,
            "resourceId": f"{each.resource_type.rpartition('::')[2].lower()}-{each.region}-{number}",
            "configurationItemStatus": "OK",
        }
        for each in lines
        for number in range(each.number)
    ]  # fmt: skip
    snapshot = {"fileVersion": "1.0", "configurationItems": items}
    replace_file(path, gzip.compress(json.dumps(snapshot).encode(), mtime=0))


if __name__ == "__main__":
    main()
