"""ARN -> resource type, in the words of mapping/arn.csv; the name of a resource is never one."""

from __future__ import annotations

import re
from functools import cached_property

from srmlib.inventory.resources import NO_TYPE_NAME, Reading, Resource
from srmlib.inventory.words import Words

ARN = re.compile(
    r"arn:(?P<partition>[^:\s]+):(?P<service>[^:]+):(?P<place>[^:]*:[^:]*):/?(?P<id>.+)"
)
PARTITION = re.compile(r"aws(-[a-z]+)*")
UNKNOWN_SERVICE = "unknown AWS service"
# Where the first word of a resource is not its type: the resource's form -> the type, else the
# group in it. S3's are of the ARNs without Region and account. Source: Service Authorization Reference, a page a service.
SHAPES: dict[str, tuple[tuple[str, str], ...]] = {
    "aws-marketplace": ((r"[^/]+/([^/]+)/.+", ""),),
    "codecommit": ((r"[^:/]+", "repository"),),
    "codepipeline": (
        (r"[^:/]+", "pipeline"),
        (r"[^:/]+/[^:/]+", "stage"),
        (r"[^:/]+/[^:/]+/[^:/]+", "action"),
    ),
    "execute-api": ((r"[a-z0-9]+(/.*)?", "execute-api-general"),),
    "kinesis": ((r"stream/[^/]+/consumer/.+", "consumer"),),
    "neptune-db": ((r".+", "database"),),
    "s3": ((r"[^/]+", "bucket"), (r".+", "object")),
    "servicequotas": ((r"[^/]+/[^/]+", "quota"),),
    "sns": ((r"[^:/]+", "topic"), (r"[^:/]+:[0-9a-f-]+", "subscription")),
    "sqs": ((r".+", "queue"),),
    "ssm-sap": (
        (r"[^/]+/[^/]+", "application"),
        (r".+/COMPONENT/.+", "component"),
        (r".+/DB/.+", "database"),
    ),
    "wafv2": ((r"[^/]+/([^/]+)/.+", ""),),
}


class Census:
    """Counts the resources that a file names by ARN, each of them once, or by a word for its type."""

    def __init__(self, reading: Reading, words: Words) -> None:
        self.reading, self.wanted = reading, words.wanted
        self.known = words.read_table("arn").services
        self.seen: set[int] = set()  # Hashes: the ARNs themselves would fill the memory.

    @cached_property
    def services(self) -> frozenset[str]:
        """The services in ARNs of which a type at least is known."""
        return frozenset(word.partition(":")[0] for word in self.known)

    def add_arn(self, arn: str, named: str = "") -> None:
        """Count a resource unless its ARN was met before; `named` is the type that the file tells."""
        arn = arn.strip()
        key = hash(arn)
        if arn and key not in self.seen:
            self.seen.add(key)
            self.add_word(named or self.find_type(arn))

    def add_word(self, word: str, count: int = 1) -> None:
        """Count resources of a type, of which the file shows no attributes."""
        type = self.reading.add_name(word, count)
        if type in self.wanted:
            values = ((),) * len(self.wanted[type])
            self.reading.asked[Resource(type, "", values)] += count

    def find_type(self, arn: str) -> str:
        """`ec2:instance`; the service alone where its type is new; never what is in no table."""
        parts = ARN.fullmatch(arn)
        if parts is None or not PARTITION.fullmatch(parts["partition"]):
            return NO_TYPE_NAME
        service, id = parts["service"], parts["id"]
        first = re.split("[:/]", id, maxsplit=1)[0]
        shapes = SHAPES.get(service, ()) if service != "s3" or parts["place"] == ":" else ()
        for shape, type in shapes:
            found = re.fullmatch(shape, id)
            if found and f"{service}:{type or found[1]}" in self.known:
                return f"{service}:{type or found[1]}"
        if f"{service}:{first}" in self.known:
            return f"{service}:{first}"
        return service if service in self.services else UNKNOWN_SERVICE

    def find_known(self, word: str) -> str:
        """A type as Resource Explorer names it, `elasticloadbalancing:loadbalancer/app`, or nothing."""
        type = word.partition("/")[0]
        return type if type in self.known else ""
