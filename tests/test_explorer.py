"""The explorer without a browser: setting a control's value does what a click on it does."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import srmlib as srm
from srmlib.figures import HAS_WORK, SMALL, heatmap_spec

IDS = ["on-premises", "ec2", "eks-managed-nodes", "rds", "aurora", "lambda", "s3", "iam"]


@pytest.fixture
def view(matrix: srm.Matrix) -> srm.Explorer:
    return srm.explore(matrix.select(services=IDS))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "my-overlay"


@pytest.fixture
def dissenter(matrix: srm.Matrix, home: Path) -> srm.Explorer:
    """An explorer whose reader has unfolded the form on the backup of RDS."""
    view = srm.explore(matrix.select(services=IDS), overlay=home)
    view.show("rds", "backup")
    view.dissent.toggle.value = True
    return view


def name_fields(view: srm.Explorer) -> list[str]:
    """The labels of the form, top to bottom."""
    fields = list(view.dissent._form.children)
    fields[1:2] = fields[1].children if fields else []
    return [field.description for field in fields]


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
    assert [name.replace("<br>", "") for name in view.figure.layout.xaxis.ticktext] == [
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


def test_the_form_starts_from_the_cell_and_holds_only_fields_that_count(
    dissenter: srm.Explorer, matrix: srm.Matrix
) -> None:
    form, cell = dissenter.dissent, matrix.claims["rds"]["backup"].cell
    assert (form.owner.value, form.split.value) == (cell.owner, cell.split)
    assert form.customer_duty.value == cell.customer_duty
    assert form.aws_duty.value == cell.aws_duty
    assert form.why.value == ""
    rest = ["Why", "Folder", "Write it down"]
    assert name_fields(dissenter) == ["Owner", "Shared", "You", "AWS", *rest]
    form.owner.value = "third-party"
    assert name_fields(dissenter) == ["Owner", "Vendor", "You", "AWS", *rest]
    form.owner.value = "not-applicable"
    assert name_fields(dissenter) == ["Owner", *rest]
    form.toggle.value = False
    assert name_fields(dissenter) == []


def test_a_claim_is_written_and_in_force_at_once(dissenter: srm.Explorer, home: Path) -> None:
    view, form = dissenter, dissenter.dissent
    form.owner.value = "customer"
    form.customer_duty.value = "Copy <b>dumps</b> elsewhere."
    form.why.value = "The <img src=x> snapshots leave with the account."
    form.button.click()
    place = home / "services" / "rds.yaml"
    assert "owner: customer" in place.read_text()
    assert f"Written to {place}. Use it with <code>load_matrix(overlay='{home}')</code>" in (
        form.message.value
    )
    claim = view.matrix.claims["rds"]["backup"]
    assert (claim.cell.owner, claim.origin) == ("customer", "my-overlay")
    assert "<b>Origin</b> my-overlay" in view.details.value
    assert "&lt;img" in view.details.value
    assert "<img" not in view.details.value
    row, column = view.matrix.layers.index("backup"), list(view.figure.layout.xaxis.ticktext)
    assert "[<i>c</i>]" in view.figure.data[0].text[row][column.index("rds")]
    assert drawn(view) == expected(view.matrix)
    assert tuple(view.matrix.services) == tuple(srm.load_matrix().select(services=IDS).services)
    assert form.why.value.startswith("The <img")
    assert not form.toggle.value


def test_a_claim_keeps_the_selection_of_the_moment(dissenter: srm.Explorer) -> None:
    view, form = dissenter, dissenter.dissent
    view.models["serverless"].value = False
    view.groups["infrastructure"].value = False
    before = view.matrix
    form.why.value = "So it is."
    form.button.click()
    assert (view.matrix.services, view.matrix.layers) == (before.services, before.layers)


def test_a_claim_counts_where_nothing_is_selected(dissenter: srm.Explorer) -> None:
    for model in dissenter.models.values():
        model.value = False
    dissenter.dissent.why.value = "So it is."
    dissenter.dissent.button.click()
    assert dissenter.matrix.claims["rds"]["backup"].origin == "my-overlay"
    assert "my-overlay" in dissenter.details.value


@pytest.mark.parametrize(
    ("owner", "told"),
    [
        ("third-party", "cells.backup.third_party goes with owner third-party"),
        ("customer", "cells.backup.why is missing"),
    ],
)
def test_a_fault_is_one_line_and_the_form_stays(
    dissenter: srm.Explorer, home: Path, owner: str, told: str
) -> None:
    form = dissenter.dissent
    form.owner.value, form.customer_duty.value = owner, "Copy dumps."
    if owner == "third-party":
        form.why.value = "They run it."
    before = drawn(dissenter)
    form.button.click()
    assert told in form.message.value
    assert (form.owner.value, form.customer_duty.value) == (owner, "Copy dumps.")
    assert form.toggle.value
    assert drawn(dissenter) == before
    assert not home.exists()


def test_a_fault_with_markup_in_the_folders_name_stays_text(dissenter: srm.Explorer) -> None:
    dissenter.dissent.folder.value = "<img src=x>/.."
    dissenter.dissent.why.value = "So it is."
    dissenter.dissent.button.click()
    assert "&lt;img src=x&gt;" in dissenter.dissent.message.value


def test_what_was_begun_waits_with_its_own_cell(
    dissenter: srm.Explorer, matrix: srm.Matrix
) -> None:
    form = dissenter.dissent
    form.why.value = "Half a thou"
    dissenter.show("lambda", "runtime")
    assert form.why.value == ""
    assert form.aws_duty.value == matrix.claims["lambda"]["runtime"].cell.aws_duty
    dissenter.models["managed"].value = False
    dissenter.show("rds", "backup")
    assert form.why.value == "Half a thou"


def test_a_new_owner_gets_its_place_in_the_legend(dissenter: srm.Explorer) -> None:
    form = dissenter.dissent
    assert "T Third party" not in {trace.name for trace in dissenter.figure.data}
    form.owner.value, form.third_party.value = "third-party", "Red Hat"
    form.why.value = "They run it."
    form.button.click()
    names = [trace.name for trace in dissenter.figure.data]
    assert names.count("T Third party") == 1
    assert len(names) == len(set(names))


def test_an_overlays_row_of_another_model_stays_in_the_picture(
    dissenter: srm.Explorer, home: Path
) -> None:
    (home / "services").mkdir(parents=True)
    (home / "services" / "s3.yaml").write_text("id: s3\nmodel: saas\ncells: {}\n")
    dissenter.dissent.why.value = "So it is."
    dissenter.dissent.button.click()
    assert "s3" in dissenter.matrix.services


def test_a_whole_catalogue_may_be_narrowed_to_what_has_letters(matrix: srm.Matrix) -> None:
    view = srm.explore(matrix)
    view.customer_only.value = True
    assert view.figure.data[0].text is None
    for id, button in view.models.items():
        button.value = id == "managed"
    few = view.figure.data[0]
    assert len(few.x) == len(view.matrix.services) < 100
    assert any("C" in letter for row in few.text for letter in row)
    assert few.texttemplate == "%{text}"
