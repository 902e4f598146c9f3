"""The form of data/: what a layer, a model, a service, a cell and a source may say.

The types are the one definition: the loader decodes with them and stops at the first fault,
`srmlib check` derives a JSON Schema from them and names every fault at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

Owner = Literal["aws", "shared", "customer", "third-party", "not-applicable"]
Split = Literal["independent", "dependent"]
Basis = Literal["stated", "model", "interpreted"]
AwsClass = Literal["infrastructure", "container", "abstracted", "none"]
Lifecycle = Literal["active", "closed-to-new", "retired"]
Kind = Literal["work", "choice", "keys"]
Text = Annotated[str, Meta(min_length=1)]
Id = Annotated[str, Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
Url = Annotated[str, Meta(pattern="^https://[^#\\s]+$")]
Date = Annotated[str, Meta(pattern="^\\d{4}-\\d{2}-\\d{2}$")]
DateOrUnknown = Annotated[str, Meta(pattern="^(\\d{4}-\\d{2}-\\d{2}|unknown)$")]

OWNERS: tuple[Owner, ...] = get_args(Owner)
# The owners under whom the customer has work.
WITH_WORK: tuple[Owner, ...] = ("customer", "shared")
# The owners under whom AWS has.
WITH_AWS_WORK: tuple[Owner, ...] = ("aws", "shared")
# From the owner who leaves most to the customer to the one who leaves least.
HEAVIEST: tuple[Owner, ...] = ("customer", "shared", "third-party", "aws", "not-applicable")


class Record(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A fact from data/; the order of its fields is the order of the keys in the file."""


class Citation(Record, frozen=True, kw_only=True):
    """A page of sources.yaml and the heading under which it says so."""

    id: Id
    section: Text


class Unless(Record, frozen=True, kw_only=True):
    """A setting that moves a cell to another owner, and the duty that then falls to the customer."""

    setting: Text
    value: Text
    owner: Owner
    duty: Text | None = None
    source: Id
    section: Text


class Contested(Record, frozen=True, kw_only=True):
    """Where AWS itself names another owner."""

    owner: Owner
    source: Id
    section: Text


class Cell(Record, frozen=True, kw_only=True):
    """Who owns one layer, what each side does, and why we say so."""

    owner: Owner
    split: Split | None = None
    third_party: Text | None = None
    aws_duty: Text | None = None
    customer_duty: Text | None = None
    since: Date | None = None
    basis: Basis
    sources: Annotated[tuple[Citation, ...], Meta(min_length=1)]
    why: Text | None = None
    unless: tuple[Unless, ...] = ()
    contested: tuple[Contested, ...] = ()
    verified: Date | None = None


class ServiceHead(Record, frozen=True, kw_only=True):
    """What a row says of itself, before its cells."""

    id: Id
    name: Text
    way: Text
    families: tuple[Text, ...]
    model: Id
    aws_class: AwsClass
    category: Id
    lifecycle: Lifecycle
    docs: Url


class Service(ServiceHead, frozen=True, kw_only=True):
    """One row: an AWS service in one way of running it, or a self-run pattern."""

    like: Id | None = None
    cells: dict[str, Cell]


class Every(Record, frozen=True, kw_only=True):
    """The default cells that most delivery models share."""

    cells: dict[str, Cell]


class Model(Record, frozen=True, kw_only=True):
    """A delivery model and the default cells of its services."""

    name: Text
    summary: Text
    aws_class: AwsClass
    cells: dict[str, Cell]


class Source(Record, frozen=True, kw_only=True):
    """A cited page: when it was read, and the date of the copy that was read."""

    title: Text
    url: Url
    publisher: Text
    read: Date
    as_of: DateOrUnknown


class Layer(Record, frozen=True, kw_only=True):
    """A concern that somebody must own; priority 1 is worst if nobody does it, 5 least."""

    layer: Id
    group: Text
    kind: Kind
    name: Text
    question: Text
    priority: Annotated[int, Meta(ge=1, le=5)]


class Tool(Record, frozen=True, kw_only=True):
    """How an AWS tool helps the customer with a layer; `families` where it helps with those only."""

    tool: Id
    name: Text
    layer: Id
    families: str = ""
    how: Text
    source: Id
    section: Text


class Family(Record, frozen=True, kw_only=True):
    """An AWS service by botocore's name, and the prefix of its actions in IAM, where it has one.

    `reason` says why no row has it, and is empty where one does.
    """

    family: Text
    name: Text
    iam_prefix: str
    reason: str


class Framework(Record, frozen=True, kw_only=True):
    """Where a framework's controls come from, and under which licence they are shown.

    `conformance_pack` is AWS Config's sample template for it in awslabs/aws-config-rules.
    """

    title: Text
    version: Text
    publisher: Text
    url: Url
    licence: Text
    as_of: Date
    conformance_pack: Text | None = None


class Control(Record, frozen=True, kw_only=True):
    """What a framework asks, and the layers whose owners decide who does it.

    `title` is empty where the owner's text is under copyright; a licensee adds it (ControlTitle).
    `side` is `each` where both parties do it for themselves, `customer` where it can only be the
    customer's own, and empty where the layers decide.
    """

    control: Text
    title: str
    baselines: str
    layers: Text
    side: Literal["", "each", "customer"]
    reason: Text
    basis: Literal["stated", "interpreted"]
    source: str
    section: str


class ControlTitle(Record, frozen=True, kw_only=True):
    """A control's text, in a licensee's own overlay: frameworks/<id>.titles.csv."""

    control: Text
    title: Text


class NoRow(Record, frozen=True, kw_only=True):
    """A file's word for a thing that no row answers for, and why."""

    resource_type: Text
    reason: Text


class Eligibility(Record, frozen=True, kw_only=True):
    """A row that stands on AWS's list of HIPAA eligible services, wholly or in part."""

    service: Id
    covers: Literal["yes", "part"]
    note: str
    source: Id
    section: Text


class Check(Record, frozen=True, kw_only=True):
    """A Security Hub control, and its AWS Config rule, that gives evidence on a layer of a family."""

    check: Text
    config_rule: str
    layer: Id
    family: Text


class Baseline(Record, frozen=True, kw_only=True):
    """What every account needs; `seen` are the resource types that prove it stands in a file."""

    item: Id
    name: Text
    layer: Id
    priority: Annotated[int, Meta(ge=1, le=5)]
    duty: Text
    seen: str
    source: Id
    section: Text


class Step(Record, frozen=True, kw_only=True):
    """A rung of a ladder; `unlike` says what its service cannot do as the rung before it does."""

    service: Id
    unlike: Text | None = None
    source: Id | None = None
    section: Text | None = None


class Ladder(Record, frozen=True, kw_only=True):
    """Services that do the same work, from the most customer work to the least."""

    name: Text
    steps: Annotated[tuple[Step, ...], Meta(min_length=2)]


def find_cell_faults(cell: Cell) -> Iterator[tuple[str, str, str]]:
    """Key, problem and mend of each rule between a cell's fields that it breaks."""
    if (cell.owner == "shared") != (cell.split is not None):
        yield "split", "goes with owner shared, and only there", "use independent or dependent"
    if (cell.owner == "third-party") != (cell.third_party is not None):
        yield "third_party", "goes with owner third-party, and only there", "name the vendor"
    for key, duty, owners in (
        ("aws_duty", cell.aws_duty, WITH_AWS_WORK),
        ("customer_duty", cell.customer_duty, WITH_WORK),
    ):
        if cell.owner in owners and duty is None:
            yield key, f"is missing where owner is {cell.owner}", "say what has to be done"
        if cell.owner == "not-applicable" and duty is not None:
            yield key, "stands where nobody has a duty", "drop it, or name an owner"
    if cell.why is None and (cell.basis == "interpreted" or cell.owner == "not-applicable"):
        yield "why", "is missing", "say in one sentence how the answer was reached"
    if (cell.basis == "stated") != (cell.verified is not None):
        yield "verified", "goes with basis stated, and only there", "give the date it was checked"
