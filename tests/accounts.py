"""An organisation's tables and snapshots as tests write them, with their counts by hand."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


SAMPLE = Path(__file__).parent.parent / "notebooks" / "fleet"
OLD, NEW = SAMPLE / "2026-07-01", SAMPLE / "2026-10-01"
HEAD = ("account_id", "region", "resource_type", "count")
A, B, C = "000000000001", "000000000002", "123456789012"
LINES = (
    (A, "eu-west-1", "AWS::RDS::DBInstance", 2), (A, "us-east-1", "AWS::RDS::DBInstance", 1),
    (A, "eu-west-1", "AWS::S3::Bucket", 5), (B, "eu-west-1", "AWS::S3::Bucket", 1),
    (B, "eu-west-1", "AWS::Brand::New", 4),
)  # fmt: skip
CUT_OFF = (
    b'{"configurationItems": [{"resourceType": "AWS::SQS::Queue", "resourceId": "q", '
    b'"awsAccountId": "123456789012"}, {"canary": '
)
TEAMS = {
    "teams": {"app": "Application", "ops": "Operations"},
    "assignments": [
        {"responsible": "ops"}, {"layers": ["data"], "responsible": "app", "accountable": "ops"},
    ],
}  # fmt: skip


def save_csv(
    path: Path, lines: Iterable[tuple[Any, ...]] = LINES, head: tuple[str, ...] = HEAD
) -> Path:
    out = io.StringIO()
    csv.writer(out).writerows([head, *lines])
    content = out.getvalue().encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def save_snapshot(path: Path, *items: dict[str, str]) -> Path:
    content = json.dumps({"fileVersion": "1.0", "configurationItems": items}).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def item(id: str, type: str = "AWS::SQS::Queue", **more: str) -> dict[str, str]:
    return {
        "awsAccountId": C,
        "awsRegion": "eu-west-1",
        "resourceType": type,
        "resourceId": id,
    } | more


def list_rows(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    return list(frame.itertuples(index=False, name=None))
