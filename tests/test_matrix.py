"""The matrix as frames: order, selection and columns that later code relies on."""

from __future__ import annotations

import pytest

from srmlib.errors import SrmError
from srmlib.matrix import CELL_COLUMNS, Matrix, list_layers, list_services
from srmlib.schema import OWNERS


def test_owners_is_services_by_layers_with_ordered_categories(matrix: Matrix) -> None:
    owners = matrix.owners
    assert owners.index.name == "service"
    assert list(owners.columns) == list(matrix.catalogue.layers)
    assert list(owners["guest-os"].cat.categories) == list(OWNERS)
    assert owners["guest-os"].cat.ordered
    assert not owners.isna().any().any()


@pytest.mark.parametrize(
    ("service", "layer", "owner"),
    [
        ("ec2", "guest-os", "customer"),
        ("database-on-ec2", "engine", "customer"),
        ("rds", "guest-os", "aws"),
        ("rds-custom-oracle", "guest-os", "customer"),
        ("lambda", "runtime", "aws"),
        ("s3", "encryption-at-rest", "aws"),
        ("outposts-rack", "physical", "customer"),
        ("outposts-rack", "hardware", "aws"),
        ("eks-managed-nodes", "guest-os", "shared"),
        ("on-premises", "physical", "customer"),
        ("iam", "residency", "aws"),
    ],
)
def test_cells_that_carry_the_model(matrix: Matrix, service: str, layer: str, owner: str) -> None:
    assert matrix.owners.loc[service, layer] == owner


def test_cells_is_tidy_with_the_promised_columns(matrix: Matrix) -> None:
    cells = matrix.cells
    assert tuple(cells.columns) == CELL_COLUMNS
    assert len(cells) == len(matrix.services) * len(matrix.layers)
    row = cells[(cells["service"] == "lambda") & (cells["layer"] == "runtime")].iloc[0]
    assert set(row["sources"][0]) == {"id", "section", "url"}
    assert set(row["unless"][0]) == {"setting", "value", "owner", "source", "section"}
    assert row["split"] is None


def test_settings_tell_what_moves_an_owner(matrix: Matrix) -> None:
    settings = matrix.select(services=["lambda"]).settings
    row = settings[settings["value"] == "Manual"].iloc[0]
    assert (row["layer"], row["owner"], row["then"]) == ("runtime", "aws", "customer")


def test_questions_and_tools_are_of_the_layers_shown(matrix: Matrix) -> None:
    chosen = matrix.select(layers=["backup", "guest-os"])
    assert list(chosen.questions["layer"]) == ["guest-os", "backup"]
    assert set(chosen.tools["layer"]) == {"backup", "guest-os"}
    assert "AWS Backup" in set(chosen.tools["name"])


def test_select_keeps_display_order_of_layers_and_the_readers_order_of_services(
    matrix: Matrix,
) -> None:
    chosen = matrix.select(services=["rds", "ec2"], layers=["engine", "guest-os"])
    assert chosen.services == ("rds", "ec2")
    assert chosen.layers == ("guest-os", "engine")


def test_select_by_model_and_group(matrix: Matrix) -> None:
    chosen = matrix.select(models=["managed"], groups=["access"])
    assert {matrix.catalogue.services[id].model for id in chosen.services} == {"managed"}
    assert chosen.layers == ("identity", "data-access")


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"services": ["lamda"]}, "'lamda' is no service here; did you mean lambda"),
        ({"layers": ["guestos"]}, "'guestos' is no layer here; did you mean guest-os"),
        ({"models": ["paas"]}, "'paas' is no model here"),
        ({"groups": ["acess"]}, "did you mean access"),
    ],
)
def test_a_name_that_is_not_known_gets_the_nearest(
    matrix: Matrix, wish: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(SrmError, match=message):
        matrix.select(**wish)


def test_services_and_layers_as_rows(matrix: Matrix) -> None:
    services = list_services(matrix.catalogue.services.values())
    assert [row["service"] for row in services] == list(matrix.services)
    models = list(matrix.catalogue.models)
    places = [models.index(row["model"]) for row in services]
    assert places == sorted(places)
    assert [row["layer"] for row in list_layers(matrix.catalogue)] == list(matrix.layers)
