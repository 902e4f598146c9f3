"""Speed as ratios: ours to a named peer, medians of interleaved runs in one go.

Milliseconds move twofold between runs on shared machines; a ratio inside one run does not.
"""

from __future__ import annotations

import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

RUNS = 7
PANDAS = "import pandas"
FIRST_FIGURE_PEER = "import pandas, plotly.graph_objects as go; go.Figure().to_json()"
FIRST_FIGURE = "import srmlib as srm; srm.heatmap(srm.load_matrix()).to_json()"
RESOURCES = 100_000
LOAD_YAML = """
class Loader(yaml.CSafeLoader): pass
Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
tree = yaml.load(open({!r}, "rb").read(), Loader)
collections.Counter(each["Type"] for each in tree["Resources"].values())
"""
MATRIX = """
import numpy, plotly.graph_objects as go, srmlib as srm
from srmlib.figures import SMALL, CellArrays, view_spec
matrix = srm.load_matrix()
arrays, frame = CellArrays(matrix, SMALL), matrix.owners
owners = frame.T.to_numpy(dtype=object)
known = [[matrix.claims[id][layer].cell for id in matrix.services] for layer in matrix.layers]
told = [[[c.owner, c.aws_duty, c.customer_duty, c.basis] for c in row] for row in known]
custom = numpy.array(told, dtype=object)
codes = numpy.array([frame[layer].cat.codes for layer in frame])
go.Figure(go.Heatmap(z=[[1]])).to_json()
"""
DRAW = "json.dumps(view_spec(matrix, arrays), default=lambda array: array.tolist())"
DRAW_OBJECTS = """
go.Figure(go.Heatmap(z=codes, x=matrix.services, y=matrix.layers, customdata=custom,
    hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]}")).to_json()
"""


class Item(NamedTuple):
    """One comparison: what ours is, what the peer is, and the ratio to reach."""

    name: str
    peer: str
    goal: str
    ours: Callable[[], float]
    theirs: Callable[[], float]


class Line(NamedTuple):
    """A measurement as it is told; without a peer there is no ratio."""

    name: str
    ours: str
    theirs: str
    ratio: str
    goal: str
    peer: str


LINES: list[Line] = []


def main() -> None:
    """Print a line an item: ours, the peer, the ratio and its goal."""
    # As installed: pip compiles what it installs, the peers too.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder:
        state = write_state(Path(folder))
        small = write_small(Path(folder))
        snapshot = write_snapshot(Path(folder))
        template = write_template(Path(folder))
        for item in list_items(state, small, snapshot, template):
            print_item(item)


def list_items(state: Path, small: Path, snapshot: Path, template: Path) -> list[Item]:
    """What is measured, with its peer and goal."""
    srmlib = [sys.executable, "-m", "srmlib"]
    loading = (
        "import orjson, pathlib, collections; "
        f"s = orjson.loads(pathlib.Path({str(state)!r}).read_bytes()); "
        "collections.Counter(r['type'] for r in s['resources'])"
    )
    unpacking = (
        "import orjson, gzip, collections; "
        f"s = orjson.loads(gzip.open({str(snapshot)!r}).read()); "
        "collections.Counter(r['resourceType'] for r in s['configurationItems'])"
    )
    pandas = python(PANDAS)
    return [
        Item("import srmlib", PANDAS, "<= 0.10", python("import srmlib"), pandas),
        Item("import, load all rows, first figure's JSON (fresh process, CPU)", "pandas and plotly's first Figure", "<= 1.10",
             python(FIRST_FIGURE, cpu=True), python(FIRST_FIGURE_PEER, cpu=True)),
        Item("`srmlib services`, whole process", PANDAS, "<= 0.25", command([*srmlib, "services"]), pandas),
        Item("`srmlib inventory` on a small state, whole process", PANDAS, "<= 0.25",
             command([*srmlib, "inventory", str(small)]), pandas),
        Item(f"terraform-state, {RESOURCES:,} resources, {state.stat().st_size >> 20} MiB", "orjson.loads + Counter", "<= 0.10",
             inside(reading(state)), inside(loading)),
        # Two processes read it: what they take together has no goal of its own.
        Item("terraform-state, its CPU", "orjson.loads + Counter", "",
             inside(reading(state), cpu=True), inside(loading, cpu=True)),
        Item(f"aws-config, {RESOURCES:,} items, {snapshot.stat().st_size >> 20} MiB of gzip", "gzip + orjson.loads + Counter", "<= 0.20",
             inside(reading(snapshot)), inside(unpacking)),
        Item(f"cloudformation, YAML, {template.stat().st_size >> 10} KiB", "PyYAML's C loader + Counter", "<= 1.10",
             inside(reading(template)), inside(LOAD_YAML.format(str(template)))),
        Item("heatmap of 28 x 390 cells with hover, as the explorer draws it", "go.Heatmap of object arrays", "<= 0.30",
             inside(DRAW, MATRIX), inside(DRAW_OBJECTS, MATRIX)),
    ]  # fmt: skip


def print_item(item: Item) -> None:
    """Measure ours and theirs in turns and print their medians."""
    ours, theirs = [], []
    for _ in range(RUNS):
        ours.append(item.ours())
        theirs.append(item.theirs())
    print_line(item.name, statistics.median(ours), statistics.median(theirs), item.goal, item.peer)


def print_line(name: str, ours: float, theirs: float, goal: str, peer: str) -> None:
    """One comparison, in seconds, as every benchmark prints and keeps it."""
    line = Line(name, f"{ours * 1000:.0f} ms", f"{theirs * 1000:.0f} ms", f"{ours / theirs:.2f}", goal, peer)  # fmt: skip
    keep_line(line)


def keep_line(line: Line) -> None:
    """Print a measurement, and keep it for the page that is written of them all."""
    LINES.append(line)
    print(
        f"{line.name:62} {line.ours:>9} {line.theirs:>9} {line.ratio:>7}  {line.goal:9} {line.peer}",
        flush=True,
    )


def python(code: str, *, cpu: bool = False) -> Callable[[], float]:
    """A fresh Python that runs the code; CPU seconds where asked, else the clock's."""
    return command([sys.executable, "-c", code], cpu=cpu)


def command(words: list[str], *, cpu: bool = False) -> Callable[[], float]:
    """A process from start to end."""

    def run() -> float:
        import resource

        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        elapsed = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return spent if cpu else elapsed

    return run


def reading(path: Path) -> str:
    """The code that reads an inventory."""
    return f"from srmlib.inventory import read_inventory; read_inventory({str(path)!r})"


def inside(code: str, before: str = "", *, cpu: bool = False) -> Callable[[], float]:
    """A fresh Python that times the code itself, after what it imports is loaded."""
    clock = "sum(os.times()[:4])" if cpu else "time.perf_counter()"
    timed = (
        "import collections, gzip, json, orjson, os, time, yaml, isal.igzip, srmlib.inventory.csv_table, "
        "srmlib.inventory.template_yaml, srmlib.inventory.terraform_state\n"
        f"{before}\nt = {clock}\n{code}\nprint({clock} - t)"
    )

    def run() -> float:
        done = subprocess.run([sys.executable, "-c", timed], check=True, capture_output=True)
        return float(done.stdout)

    return run


def write_state(folder: Path) -> Path:
    """A state as Terraform lays it out, with attributes of the usual size (3 kB a resource)."""
    attributes = {f"attribute_{n}": "v" * 60 for n in range(30)} | {
        "id": "i-0123456789abcdef0",
        "instance_type": "t3.micro",
        "tags": {f"tag{n}": "value" * 4 for n in range(8)},
    }
    kinds = ("aws_instance", "aws_s3_bucket", "aws_security_group_rule", "aws_iam_role")
    resources: list[dict[str, Any]] = [
        {
            "mode": "managed",
            "type": kinds[n % len(kinds)],
            "name": f"r{n}",
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [{"schema_version": 1, "attributes": attributes}],
        }
        for n in range(RESOURCES)
    ]
    return _write(folder / "large.tfstate", resources)


def write_snapshot(folder: Path) -> Path:
    """A snapshot as AWS Config delivers it: compact and packed, 3 kB an item, much of it ids."""
    shared = {f"attribute{n}": "v" * 60 for n in range(20)} | {"instanceType": "t3.micro"}
    kinds = ("AWS::EC2::Instance", "AWS::S3::Bucket", "AWS::EC2::SecurityGroup", "AWS::IAM::Role")
    path = folder / "snapshot.json.gz"
    with gzip.open(path, "wt", compresslevel=6) as out:
        out.write('{"fileVersion":"1.0","configSnapshotId":"x","configurationItems":[')
        for n in range(RESOURCES):
            ids = {f"id{k}": sha256(f"{n} {k}".encode()).hexdigest()[:32] for k in range(12)}
            item = {
                "relatedEvents": [],
                "relationships": [{"resourceId": "vpc-1", "resourceType": "AWS::EC2::VPC"}] * 2,
                "configuration": shared | ids,
                "tags": {f"tag{n}": "value" * 4 for n in range(8)},
                "configurationItemCaptureTime": "2026-11-01T10:00:00.000Z",
                "awsAccountId": "123456789012",
                "configurationItemStatus": "OK",
                "resourceType": kinds[n % len(kinds)],
                "resourceId": f"i-{n:017x}",
                "ARN": f"arn:aws:ec2:eu-west-1:123456789012:instance/i-{n:017x}",
                "awsRegion": "eu-west-1",
            }
            out.write(("," if n else "") + json.dumps(item, separators=(",", ":")))
        out.write("]}")
    return path


def write_template(folder: Path) -> Path:
    """A template of nearly the 1 MB that CloudFormation takes, in YAML with short forms."""
    entry = """  Queue{n}:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "${{AWS::StackName}}-queue-{n}"
      VisibilityTimeout: 30
      KmsMasterKeyId: !Ref Key
      Tags:
        - {{Key: owner, Value: !If [IsProduction, "012345678901", shared]}}
        - {{Key: number, Value: "{n}"}}
"""
    path = folder / "template.yaml"
    head = "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n"
    path.write_text(head + "".join(entry.format(n=n) for n in range(3300)), encoding="utf-8")
    return path


def write_small(folder: Path) -> Path:
    """A state with one resource."""
    one: dict[str, Any] = {
        "mode": "managed",
        "type": "aws_sqs_queue",
        "name": "q",
        "instances": [{"attributes": {}}],
    }
    return _write(folder / "small.tfstate", [one])


def _write(path: Path, resources: list[dict[str, Any]]) -> Path:
    head = {"version": 4, "terraform_version": "1.9.8", "serial": 1, "lineage": "x", "outputs": {}}
    path.write_text(json.dumps(head | {"resources": resources}, indent=2), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
