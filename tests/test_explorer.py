"""The explorer without a browser: setting a control's value does what a click on it does."""

from __future__ import annotations

import random

import pytest

import srmlib as srm
from srmlib.figures import HAS_WORK, SMALL, heatmap_spec

IDS = ["on-premises", "ec2", "eks-managed-nodes", "rds", "aurora", "lambda", "s3", "iam"]


@pytest.fixture
def view(matrix: srm.Matrix) -> srm.Explorer:
    return srm.explore(matrix.select(services=IDS))


def drawn(view: srm.Explorer) -> tuple[list[int], list[int], list[list[int]]]:
    cells = view.figure.data[0]
    return list(cells.x), list(cells.y), [list(row) for row in cells.z]


def expected(matrix: srm.Matrix) -> tuple[list[int], list[int], list[list[int]]]:
    cells = heatmap_spec(matrix, None, SMALL)["data"][0]
    return cells["x"], cells["y"], cells["z"]


def test_everything_is_shown_at_first(view: srm.Explorer, matrix: srm.Matrix) -> None:
    assert drawn(view) == expected(matrix.select(services=IDS))
    assert repr(view) == "Explorer of 8 services and 28 layers"


def test_a_model_and_a_group_leave_together(view: srm.Explorer) -> None:
    view.models["managed"].value = False
    view.groups["infrastructure"].value = False
    assert {"rds", "aurora"}.isdisjoint(view.matrix.services)
    assert "physical" not in view.matrix.layers
    assert list(view.figure.layout.xaxis.ticktext) == [
        "on-premises",
        "ec2",
        "eks-managed-nodes",
        "lambda",
        "s3",
        "iam",
    ]


def test_ten_random_toggles_equal_the_same_selection(
    view: srm.Explorer, matrix: srm.Matrix
) -> None:
    choose = random.Random(7)  # noqa: S311 (not for secrets)
    controls = [*view.services.values(), *view.layers.values(), *view.models.values()]
    for control in choose.sample(controls, 10):
        control.value = not control.value
    services = [
        id for id in IDS
        if view.services[id].value and view.models[matrix.catalogue.services[id].model].value
    ]  # fmt: skip
    layers = [id for id in matrix.layers if view.layers[id].value]
    assert drawn(view) == expected(matrix.select(services=services, layers=layers))


def test_customer_only_leaves_rows_and_cells_with_work(view: srm.Explorer) -> None:
    view.services["on-premises"].value = False
    view.customer_only.value = True
    assert "physical" not in view.matrix.layers
    assert {z for row in view.figure.data[0].z for z in row} <= {*HAS_WORK, None}


def test_the_details_tell_all_that_is_known_of_a_cell(view: srm.Explorer) -> None:
    view.show("rds", "backup")
    text = view.details.value
    for part in ("Amazon RDS", "Shared", "<b>AWS</b>", "<b>You</b>", "<b>Basis</b>", "<b>Unless</b>",
                 "BackupRetentionPeriod", "<b>AWS elsewhere</b>", "<b>Source</b>", "2026-11-23", "<b>Tool</b>"):  # fmt: skip
        assert part in text


def test_a_click_shows_the_cell_that_was_clicked(view: srm.Explorer) -> None:
    class Points:
        xs, ys = [1], [5]

    view._click(None, Points, None)
    assert view.service.value == view.figure.layout.xaxis.ticktext[1]
    assert view.layer.value == view.matrix.layers[5]


def test_an_empty_selection_says_so_and_keeps_the_picture(view: srm.Explorer) -> None:
    before = drawn(view)
    for model in view.models.values():
        model.value = False
    assert "Nothing is selected" in view.message.value
    assert view.matrix.services
    assert len(drawn(view)[0]) >= 1
    for model in view.models.values():
        model.value = True
    assert drawn(view) == before
    assert view.message.value == ""


def test_markup_in_an_overlays_name_stays_text(tmp_path_factory: pytest.TempPathFactory) -> None:
    house = tmp_path_factory.mktemp("house")
    (house / "services").mkdir()
    (house / "services" / "s3.yaml").write_text(
        'id: s3\nname: "<img src=x onerror=alert(1)>"\ncells: {}\n'
    )
    view = srm.explore(srm.load_matrix(overlay=house).select(services=["s3"]))
    assert "<img" not in view.details.value
    assert "&lt;img" in view.details.value


def test_nothing_to_explore_is_one_line(matrix: srm.Matrix) -> None:
    with pytest.raises(srm.SrmError, match="nothing to explore"):
        srm.explore(matrix.select(services=[]))
