"""The explorer without a browser: setting a control's value does what a click on it does."""

from __future__ import annotations

import dataclasses
import datetime
import math
import random
from pathlib import Path

import msgspec
import pytest

import srmlib as srm
from srmlib.figures import HAS_WORK, SMALL, heatmap_spec
from srmlib.figures.marks import NAMES
from tests.conftest import ROOT

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
    places = {z for row in view.figure.data[0].z for z in row if not math.isnan(z)}
    assert places <= set(HAS_WORK)


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


def test_of_many_services_a_hover_reads_names_at_the_axes(matrix: srm.Matrix) -> None:
    view = srm.explore(matrix)
    view.folds["platform"].value = True
    cells, layout = view.figure.data[0], view.figure.layout
    assert cells.hovertemplate == "%{x} · %{y}: %{hovertext}<extra></extra>"
    assert layout.xaxis.showticklabels is False
    assert list(layout.xaxis.tickvals) == list(cells.x)
    assert sorted(layout.xaxis.ticktext) == sorted(matrix.services)
    column = list(layout.xaxis.ticktext).index("rds")
    told = {
        name: row[column] for name, row in zip(layout.yaxis.ticktext, cells.hovertext, strict=True)
    }
    owner = matrix.claims["rds"]["backup"].cell.owner
    assert told[matrix.catalogue.layers["backup"].name] == NAMES[owner]
    assert told["▸ Platform (7)"].startswith("customer work in ")
    view.search.value = "rds"
    assert any(
        text.startswith("rds · Platform: customer work in ")
        for row in cells.hovertext
        for text in row
    )


def test_names_with_markup_stay_text_at_the_axes(matrix: srm.Matrix) -> None:
    rows = dict(matrix.catalogue.layers)
    rows["engine"] = msgspec.structs.replace(rows["engine"], name="<a href='x'>Engine</a>")
    catalogue = dataclasses.replace(matrix.catalogue, layers=rows)
    view = srm.explore(dataclasses.replace(matrix, catalogue=catalogue))
    assert "&lt;a href='x'&gt;Engine&lt;/a&gt;" in view.figure.layout.yaxis.ticktext


SHOP = ROOT / "notebooks" / "workloads" / "shop-plan.json"


def name_columns(view: srm.Explorer) -> list[str]:
    return [name.replace("<br>", "") for name in view.figure.layout.xaxis.ticktext]


def upload(view: srm.Explorer, *paths: Path) -> None:
    """What the browser sends when files are chosen."""
    view.workload.upload.value = tuple(
        {"name": path.name, "type": "", "size": path.stat().st_size, "content": path.read_bytes(),
         "last_modified": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)}
        for path in paths
    )  # fmt: skip


def test_a_ladder_is_a_view_in_its_own_order(matrix: srm.Matrix) -> None:
    view = srm.explore(matrix)
    view.preset.value = "ladder:relational-database"
    steps = [step.service for step in matrix.catalogue.ladders["relational-database"].steps]
    assert name_columns(view) == steps
    view.preset.value = "category:database"
    rows = matrix.catalogue.services
    assert set(view.matrix.services) == {id for id in rows if rows[id].category == "database"}
    view.preset.value = "all"
    assert view.matrix.services == matrix.services


def test_only_what_differs_leaves_the_layers_with_two_owners(view: srm.Explorer) -> None:
    view.services["on-premises"].value = False
    view.differing_only.value = True
    owners = view.matrix.owners
    assert (owners.nunique() > 1).all()
    assert "physical" not in owners.columns
    assert "guest-os" in owners.columns


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("aurora", {"aurora"}),
        ("rds", {"rds", "aurora"}),  # Aurora is of the family rds.
        ("eks node, lambda", {"eks-managed-nodes", "lambda"}),
        ("", set(IDS)),
    ],
)
def test_a_search_finds_by_name_id_and_family(
    view: srm.Explorer, text: str, found: set[str]
) -> None:
    view.search.value = text
    assert found <= set(view.matrix.services)
    assert not text or len(view.matrix.services) < len(IDS)


def test_a_search_that_finds_nothing_keeps_the_picture(view: srm.Explorer) -> None:
    view.search.value = "nothing of the kind"
    assert "Nothing is selected" in view.message.value
    assert len(drawn(view)[0]) == len(IDS)


def test_pinned_services_stay_and_stand_first(view: srm.Explorer) -> None:
    view.show("rds", "backup")
    view.pin.value = True
    view.search.value = "lambda"
    assert set(view.matrix.services) == {"rds", "lambda"}
    view.search.value = ""
    view.order.value = "name"
    assert name_columns(view)[0] == "rds"
    view.pin.value = False
    assert name_columns(view) == sorted(IDS)


def test_the_order_follows_the_work(view: srm.Explorer) -> None:
    view.order.value = "work"
    names = name_columns(view)
    work = [(view.matrix.owners.loc[id] == "customer").sum() for id in names]
    assert names[0] == "on-premises"
    assert work[0] == max(work)


def test_a_folded_group_is_one_row_that_counts(view: srm.Explorer, matrix: srm.Matrix) -> None:
    view.folds["platform"].value = True
    rows = list(view.figure.layout.yaxis.ticktext)
    assert len(rows) == 28 - 6
    row = rows.index("▸ Platform (7)")
    column = name_columns(view).index("rds")
    owners = matrix.select(services=["rds"], groups=["platform"]).owners.loc["rds"]
    work = owners.isin(["customer", "shared"]).sum()
    assert f">{work}/7<" in view.figure.data[0].text[row][column]
    assert view.figure.data[0].z[row][column] == 2  # The customer's, since capacity is.
    assert "guest-os" in view.matrix.layers


def test_a_click_on_a_folded_group_unfolds_it(view: srm.Explorer) -> None:
    view.folds["platform"].value = True

    class Points:
        xs, ys = [1], [5]

    view._click(None, Points, None)
    assert not view.folds["platform"].value
    assert view.layer.value == "guest-os"


def test_a_state_brings_a_view_back(view: srm.Explorer, matrix: srm.Matrix) -> None:
    view.models["managed"].value = False
    view.folds["access"].value = True
    view.search.value = "e"
    view.order.value = "name"
    view.show("lambda", "runtime")
    view.pin.value = True
    other = srm.explore(matrix.select(services=IDS))
    other.state = view.state
    assert drawn(other) == drawn(view)
    assert (other.service.value, other.layer.value) == ("lambda", "runtime")
    assert other.state == view.state


def test_a_state_of_another_matrix_is_taken_as_far_as_it_goes(
    view: srm.Explorer, matrix: srm.Matrix
) -> None:
    view.preset.value = "category:database"
    other = srm.explore(matrix.select(services=["ec2", "lambda"]))
    other.state = view.state | {"service": "rds"}
    assert set(other.matrix.services) == {"ec2", "lambda"}


def test_a_cell_that_runs_again_shows_what_was_chosen(
    matrix: srm.Matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("srmlib.explorer._name_cell", lambda: "cell-7")
    monkeypatch.setattr("srmlib.explorer._STATES", {})
    few = matrix.select(services=IDS)
    srm.explore(few).models["managed"].value = False
    again = srm.explore(few)
    assert not again.models["managed"].value
    assert "rds" not in again.matrix.services


def test_a_workload_is_loaded_shown_and_forgotten(view: srm.Explorer) -> None:
    upload(view, SHOP)
    assert view.workload.upload.value == ()
    assert view.review is not None
    assert set(view.matrix.services) == set(view.review.matrix.services)
    assert "ec2 (2)" in view.figure.layout.xaxis.ticktext
    assert "shop-plan.json: 18 services" in view.workload.message.value
    cells = view.matrix.claims["rds"]["encryption-at-rest"].cell
    assert cells.owner == "aws"  # The plan turns it on.
    view.preset.value = "all"
    assert set(IDS) <= set(view.matrix.services)


def test_a_move_is_tried_and_undone(view: srm.Explorer) -> None:
    upload(view, SHOP)
    work = view.workload
    work.before.value = "ec2"
    assert work.after.options[0][0].endswith("(same ladder)")
    work.after.value = "ecs-fargate"
    work.move.click()
    assert view.review
    assert view.review.whatif
    assert "ec2" not in view.matrix.services
    assert "dropped" in work.message.value
    assert "not like for like" in work.message.value
    work.undo.click()
    assert "ec2" in view.matrix.services
    assert work.undo.disabled


def test_a_move_that_cannot_be_made_is_one_line(view: srm.Explorer) -> None:
    upload(view, SHOP)
    view.workload.before.value = "ec2"
    view.workload.count.value = 99
    view.workload.move.click()
    assert "the workload has 2; move fewer" in view.workload.message.value
    assert view.review
    assert not view.review.whatif


def test_a_file_that_is_none_is_one_line_and_keeps_the_view(
    view: srm.Explorer, tmp_path: Path
) -> None:
    path = tmp_path / "<img src=x>.json"
    path.write_text("{}")
    before = drawn(view)
    upload(view, path)
    assert "&lt;img" in view.workload.message.value
    assert "<img" not in view.workload.message.value
    assert view.review is None
    assert drawn(view) == before
    assert view.workload.upload.value == ()


def test_a_claim_written_over_a_workload_keeps_its_settings(dissenter: srm.Explorer) -> None:
    upload(dissenter, SHOP)
    dissenter.show("rds", "backup")
    dissenter.dissent.toggle.value = True
    dissenter.dissent.owner.value = "customer"
    dissenter.dissent.customer_duty.value = "Copy dumps."
    dissenter.dissent.why.value = "So it is."
    dissenter.dissent.button.click()
    assert dissenter.matrix.claims["rds"]["encryption-at-rest"].cell.owner == "aws"
    assert dissenter.matrix.claims["rds"]["backup"].origin == "my-overlay"
    dissenter.workload.before.value, dissenter.workload.after.value = "ec2", "lambda"
    dissenter.workload.move.click()
    assert dissenter.matrix.claims["rds"]["backup"].origin == "my-overlay"


def test_the_heatmap_is_a_table_too_and_follows_what_is_chosen(view: srm.Explorer) -> None:
    assert view.readout.table.value == ""
    view.readout.toggle.value = True
    first = view.readout.table.value
    assert '<th scope="row">Guest OS</th>' in first
    assert all(f'<th scope="col">{id}</th>' in first for id in view.matrix.services)
    gone = view.matrix.services[0]
    view.services[gone].value = False
    assert f'<th scope="col">{gone}</th>' not in view.readout.table.value


def test_the_view_is_handed_over_as_markdown_and_as_a_file(
    view: srm.Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[tuple[dict[str, str], list[bytes]]] = []
    monkeypatch.setattr(
        view.takeaway.handover, "_hand", lambda message, buffers=None: handed.append((message, buffers))
    )  # fmt: skip
    view.search.value = "lambda"
    view.takeaway.copy.click()
    view.takeaway.form.value = "csv"
    view.takeaway.name.value = "../../mine"
    view.takeaway.save.click()
    (_, (copied, _), _, (saved, buffers)) = handed
    assert "## AWS Lambda" in copied["text"]
    assert "Amazon RDS" not in copied["text"]
    assert (saved["name"], saved["type"]) == ("mine.csv", "text/csv")
    assert buffers[0].startswith(b"service,layer,owner")


def test_a_picture_without_a_browser_is_one_line(
    view: srm.Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise srm.SrmError("a picture needs Chrome or Chromium")

    monkeypatch.setattr("srmlib.export.image_file._find_browser", fail)
    view.takeaway.form.value = "png"
    view.takeaway.save.click()
    assert "a picture needs Chrome" in view.takeaway.message.value
