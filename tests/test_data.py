"""The catalogue itself: every claim has an owner, a reason and a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import srmlib as srm
from srmlib.catalogue import load_catalogue
from srmlib.check import find_problems
from srmlib.inventory.words import load_words
from srmlib.schema import Unless
from tests.conftest import ROOT

CATALOGUE = load_catalogue(ROOT / "data")
ASKED_FOR = {"ec2", "database-on-ec2", "rds", "rds-custom-oracle", "aurora", "s3", "lambda", "eks-managed-nodes", "outposts-rack", "opensearch", "ec2-bare-metal", "ebs", "vpc", "elb", "auto-scaling", "ecs-ec2", "ecs-fargate", "eks-self-managed-nodes", "eks-fargate", "eks-auto-mode", "lambda-container-image", "rds-custom-sql-server", "aurora-serverless", "redshift", "dynamodb", "documentdb", "elasticache", "sqs", "sns", "api-gateway", "efs", "cloudfront", "route53", "waf", "kms", "secrets-manager", "iam", "guardduty", "config", "cloudtrail", "cloudwatch", "on-premises", "amazon-mq"}  # fmt: skip
# Rows whose pages are named after what they are made of.
PAGES_OF = {
    "database-on-ec2": {"ec2", "rds"},
    "on-premises": {"rds"},
    "ebs": {"ec2"},
    "vpc": {"ec2"},
    "outposts-rack": {"outposts"},
    "aurora": {"rds"},
    "aurora-serverless": {"rds"},
    "rds-custom-oracle": {"rds"},
    "rds-custom-sql-server": {"rds"},
    "amazon-mq": {"mq"},
    "opensearch": {"opensearchservice"},
    "elb": {"elasticloadbalancing", "loadbalancing"},
    "auto-scaling": {"autoscaling"},
    "efs": {"efs", "filesystem"},
    "waf": {"waf"},
    "sqs": {"simplequeueservice"},
    "timestream-influxdb": {"tsinfluxdb"},
    "augmented-ai": {"sagemaker"},
    "medical-imaging": {"healthimaging"},
    "managed-prometheus": {"prometheus"},
    "managed-microsoft-ad": {"directoryservice"},
    "ad-connector": {"directoryservice"},
    "iam-identity-center": {"singlesignon"},
    "shield-advanced": {"ddos", "drt"},
    "elastic-transcoder": {"elastictranscoder", "ets"},
    "managed-flink": {"kinesisanalytics"},
}


def test_the_catalogue_has_no_problem() -> None:
    assert find_problems(ROOT / "data") == []


def test_every_row_asked_for_is_there() -> None:
    assert set(CATALOGUE.services) >= ASKED_FOR


def test_the_list_of_hipaa_eligible_services_has_its_date() -> None:
    matrix = srm.load_matrix()
    listed = matrix.hipaa.set_index("service")
    assert listed.loc["s3", "eligible"] == "yes"
    assert listed.loc["cloudfront", "eligible"] == "part"
    assert "embedded" in listed.loc["cloudfront", "note"]
    assert listed.loc["simple-ad", "eligible"] == "not on the list"
    dated = listed[listed["eligible"] != "not on the list"]["as_of"]
    assert dated.str.fullmatch(r"\d{4}-\d{2}-\d{2}").all()


@pytest.mark.parametrize(
    ("table", "word", "service"),
    [
        ("billing", "AmazonRDS", "rds"),
        ("billing", "AWSQueueService", "sqs"),
        ("service_names", "Amazon Elastic Compute Cloud - Compute", "ec2"),
        ("config", "AWS::ACM::Certificate", "acm"),
        ("arn", "s3express:bucket", "s3-express"),
        ("cloudformation", "AWS::QLDB::Ledger", "qldb"),
        ("terraform", "aws_opsworks_stack", "opsworks-stacks"),
    ],
)
def test_words_of_every_kind_of_file_have_a_row(table: str, word: str, service: str) -> None:
    rows = (ROOT / "data" / "mapping" / f"{table}.csv").read_text().splitlines()
    assert {row.split(",")[0]: row.split(",")[-1] for row in rows}[word] == service


def test_all_seven_delivery_models_answer_in_display_order() -> None:
    assert list(CATALOGUE.models) == [
        "on-premises", "iaas", "containers", "managed", "serverless", "saas", "control-plane",
    ]  # fmt: skip


@pytest.mark.parametrize("service", CATALOGUE.services)
def test_every_layer_of_a_row_has_an_owner_a_basis_and_a_page(service: str) -> None:
    claims = CATALOGUE.claims[service]
    assert list(claims) == list(CATALOGUE.layers)
    for layer, claim in claims.items():
        assert claim.cell.sources, layer
        assert all(each.id in CATALOGUE.sources for each in claim.cell.sources), layer


@pytest.mark.parametrize("service", CATALOGUE.services)
def test_a_stated_cell_cites_a_page_about_its_service(service: str) -> None:
    row = CATALOGUE.services[service]
    words = {service, *row.families, *PAGES_OF.get(service, ()), *service.split("-")[:1]}
    plain = {re.sub(r"[^a-z0-9]", "", word) for word in words}
    for layer, cell in row.cells.items():
        if cell.basis == "stated":
            pages = [CATALOGUE.sources[each.id] for each in cell.sources]
            told = [re.sub(r"[^a-z0-9]", "", f"{page.url} {page.title}".lower()) for page in pages]
            assert any(word in page for word in plain for page in told), (layer, told)


def test_every_page_is_of_aws() -> None:
    for id, page in CATALOGUE.sources.items():
        assert re.match(
            r"https://([a-z0-9-]+\.)*(aws\.amazon\.com|awsstatic\.com|github\.com/aws)", page.url
        ), id


@pytest.mark.parametrize("service", CATALOGUE.services)
def test_duties_are_one_sentence_in_the_imperative(service: str) -> None:
    for layer, cell in CATALOGUE.services[service].cells.items():
        for duty in filter(None, (cell.aws_duty, cell.customer_duty)):
            assert duty.endswith("."), (layer, duty)
            assert duty[0].isupper(), (layer, duty)
            assert len(duty) <= 260, (layer, duty)
            assert not re.match(r"(AWS|You|The customer|Customers) ", duty), (layer, duty)


def test_every_layer_of_the_customers_has_a_tool() -> None:
    helped = {tool.layer for tool in CATALOGUE.tools}
    owned = {
        layer
        for id, row in CATALOGUE.claims.items()
        if id != "on-premises"
        for layer, claim in row.items()
        if claim.cell.owner in ("customer", "shared")
    }
    without = {"physical", "hardware", "network-infrastructure", "virtualization", "service-plane"}
    assert owned - helped <= without


@pytest.mark.parametrize("tool", ["iam", "guardduty", "config", "security-hub", "inspector", "macie",
    "systems-manager", "kms", "cloudtrail", "cloudwatch", "backup", "waf", "shield", "artifact"])  # fmt: skip
def test_the_tools_a_customer_would_name_are_mapped(tool: str) -> None:
    assert [each.layer for each in CATALOGUE.tools if each.tool == tool]


def list_settings() -> set[tuple[str, str, str]]:
    def name(unless: Unless) -> str:
        return re.findall(r"\(([^()]+)\)", unless.setting)[-1]

    return {
        (layer, name(unless), unless.value)
        for row in CATALOGUE.services.values()
        for layer, cell in row.cells.items()
        for unless in cell.unless
        if "(" in unless.setting
    }


def test_every_setting_that_ways_looks_for_moves_a_cell() -> None:
    known = list_settings()
    for type, way in load_words(CATALOGUE.folders).ways.items():
        for sign in way.settings:
            for layer in sign.layers:
                assert (layer, sign.setting, sign.is_value) in known, type


def test_every_type_that_ways_names_is_in_the_mapping() -> None:
    words = load_words(CATALOGUE.folders)
    assert set(words.ways) <= set(words.read_table().services)


def test_the_commented_example_is_a_row_that_the_check_accepts(data: Path) -> None:
    text = (ROOT / "data" / "README.md").read_text()
    example = re.search(r"```yaml\n(id: .*?)```", text, re.S)
    assert example
    (data / "services" / "example-queue.yaml").write_text(example[1])
    assert [each for each in find_problems(data) if "example-queue" in each.file] == []
    cell = load_catalogue(data).claims["example-queue"]["encryption-at-rest"].cell
    assert all(getattr(cell, key) for key in ("unless", "contested", "since", "verified", "split"))


@pytest.mark.shared
def test_every_service_of_botocore_is_a_family_with_a_row_or_a_reason() -> None:
    table = ROOT.parent / "shared" / "reference" / "botocore_services.tsv"
    if not table.is_file():
        pytest.skip("the list of AWS's services is not beside the checkout")
    names = {line.split("\t")[0] for line in table.read_text().splitlines()[1:]}
    assert names <= {each.family for each in CATALOGUE.families}


def list_met_most() -> list[str]:
    """The services named in data/README.md."""
    text = (ROOT / "data" / "README.md").read_text()
    return text.partition("```text\n")[2].partition("```")[0].split()


DECIDING = [
    ("guest-os",), ("engine", "runtime"), ("orchestration",), ("availability",), ("encryption-at-rest",),
    ("keys-secrets",), ("backup",), ("logging-monitoring",),
]  # fmt: skip


def test_eighty_services_or_more_are_named() -> None:
    assert len(set(list_met_most())) >= 80


@pytest.mark.parametrize("service", list_met_most())
def test_the_deciding_cells_are_stated_or_say_where_aws_is_silent(service: str) -> None:
    claims = CATALOGUE.claims[service]
    for layers in DECIDING:
        cells = [claims[layer].cell for layer in layers]
        assert any(
            cell.basis == "stated"
            or cell.owner == "not-applicable"
            or (cell.why or "").startswith("AWS is silent")
            for cell in cells
        ), layers
