"""Reading data/: inheritance, overlays, and the first fault as one clear line."""

from __future__ import annotations

from pathlib import Path

import pytest

from srmlib.catalogue import load_catalogue, load_heads
from srmlib.data_files import find_data
from srmlib.errors import SrmError

CELL = """
    owner: customer
    customer_duty: >-
      Keep it.
    basis: interpreted
    sources:
      - id: srm
        section: Overview
    why: A house rule.
"""


def write_overlay(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_a_cell_comes_from_the_row_the_row_it_is_like_its_model_or_every_model() -> None:
    claims = load_catalogue().claims["aurora-serverless"]
    homes = {claim.home for claim in claims.values()}
    assert {"aurora-serverless", "aurora"} <= homes
    assert homes <= {"aurora-serverless", "aurora", "model-serverless", "every"}


def test_a_row_and_a_model_of_the_same_id_do_not_hide_each_other() -> None:
    claims = load_catalogue().claims["on-premises"]
    assert claims["virtualization"].home == "model-on-premises"
    assert {claim.cell.owner for claim in claims.values()} == {"customer"}


def test_the_folder_in_the_package_wins_over_the_one_beside_it(tmp_path: Path) -> None:
    package = tmp_path / "srmlib"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "layers.csv").write_text("x")
    package.mkdir()
    assert find_data(package) == tmp_path / "data"
    (package / "data").mkdir()
    (package / "data" / "layers.csv").write_text("x")
    assert find_data(package) == package / "data"


def test_no_data_at_all_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SrmError, match="no data folder"):
        find_data(tmp_path)


def test_an_overlay_replaces_whole_cells_and_says_where_they_come_from(tmp_path: Path) -> None:
    house = write_overlay(
        tmp_path / "house", {"services/s3.yaml": f"id: s3\ncells:\n  backup:{CELL}"}
    )
    claim = load_catalogue(overlay=house).claims["s3"]["backup"]
    assert (claim.cell.owner, claim.origin, claim.home) == ("customer", "house", "s3")
    assert claim.cell.verified is None
    assert load_catalogue(overlay=house).claims["s3"]["data"].origin == "catalogue"


def test_an_overlay_adds_a_layer_with_a_default_for_every_model(tmp_path: Path) -> None:
    house = write_overlay(
        tmp_path / "house",
        {
            "layers.csv": "layer,group,kind,name,question,priority\n"
            "sustainability,operations,work,Sustainability,Who watches the carbon?,5\n",
            "models.yaml": f"every:\n  cells:\n    sustainability:{CELL.replace(chr(10), chr(10) + '  ')}",
        },
    )
    catalogue = load_catalogue(overlay=house)
    assert {row["sustainability"].cell.owner for row in catalogue.claims.values()} == {"customer"}


def test_a_new_layer_without_a_default_is_refused(tmp_path: Path) -> None:
    house = write_overlay(
        tmp_path / "house",
        {
            "layers.csv": "layer,group,kind,name,question,priority\n"
            "sustainability,operations,work,Sustainability,Who watches the carbon?,5\n"
        },
    )
    with pytest.raises(SrmError, match=r"cells\.sustainability has no answer"):
        load_catalogue(overlay=house)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("owner: aws", "owner: amazon", "rds.yaml: .*amazon"),
        ("model: managed", "model: manged", "rds.yaml: model is 'manged'; use one of"),
        ("  guest-os:", "  gest-os:", "rds.yaml: cells.gest-os is no layer"),
        ("id: rds\n", "id: rdx\n", "rds.yaml: id is 'rdx'"),
        (
            "basis: stated",
            "basis: stated\n    basis: model",
            "rds.yaml: unreadable YAML: .*duplicate",
        ),
        ("id: rds-welcome", "id: nowhere", "rds.yaml: .* cites 'nowhere'"),
        (
            "id: rds\n",
            "id: rds\nlike: aurora-serverless\n",
            "rds-on-outposts.yaml: like is 'rds'; name a row that is like no other",
        ),
    ],
)
def test_the_loader_stops_at_a_fault_and_names_the_file(
    data: Path, old: str, new: str, message: str
) -> None:
    path = data / "services" / "rds.yaml"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(SrmError, match=message):
        load_catalogue(data)


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SrmError, match="no such folder"):
        load_catalogue(tmp_path / "none")


def test_the_heads_alone_say_what_the_whole_rows_say(tmp_path: Path) -> None:
    house = tmp_path / "house"
    (house / "services").mkdir(parents=True)
    (house / "services" / "s3.yaml").write_text("id: s3\nname: Our buckets\ncells: {}\n")
    whole = load_catalogue(overlay=house).services
    heads = {head.id: head for head in load_heads(overlay=house)}
    assert list(heads) == list(whole)
    assert heads["s3"].name == "Our buckets"
    for id, head in heads.items():
        assert all(getattr(whole[id], key) == getattr(head, key) for key in head.__struct_fields__)


def test_a_fault_in_a_head_names_its_file(data: Path) -> None:
    path = data / "services" / "sqs.yaml"
    path.write_text(path.read_text().replace("name: ", "nome: ", 1))
    with pytest.raises(SrmError, match=r"sqs\.yaml: Object"):
        load_heads(data)


def test_the_iam_prefixes_of_a_row_are_those_of_its_families() -> None:
    catalogue = load_catalogue()
    assert catalogue.list_iam_prefixes("rds") == ["pi", "rds"]
    assert catalogue.list_iam_prefixes("elb") == ["elasticloadbalancing"]
    assert catalogue.list_iam_prefixes("on-premises") == []
