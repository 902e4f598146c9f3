"""Figures: what they show, that they are readable in grey and for every colour vision."""

from __future__ import annotations

import json
from itertools import combinations, pairwise

import pytest

import srmlib as srm
from srmlib.figures.marks import COLOURS, INK, letter
from srmlib.schema import OWNERS
from tests.conftest import ROOT

IDS = ["ec2", "rds", "lambda"]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_three_owners_differ_in_grey() -> None:
    for one, other in combinations(("aws", "shared", "customer"), 2):
        assert contrast(COLOURS[one], COLOURS[other]) > 1.8, (one, other)


def test_the_heatmap_has_a_row_a_layer_and_a_column_a_service(matrix: srm.Matrix) -> None:
    figure = srm.heatmap(matrix.select(services=IDS))
    cells = figure.data[0]
    assert len(cells.z) == 28
    assert list(figure.layout.xaxis.ticktext) == ["ec2", "rds", "lambda"]
    names = [layer.name for layer in matrix.catalogue.layers.values()]
    assert list(figure.layout.yaxis.ticktext) == names
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]


def test_the_legend_names_the_owners_that_occur(matrix: srm.Matrix) -> None:
    figure = srm.heatmap(matrix.select(services=IDS))
    assert [trace.name for trace in figure.data[1:]] == ["A AWS", "S Shared", "C Customer"]


def test_services_stand_by_model_from_most_customer_work_to_least(matrix: srm.Matrix) -> None:
    figure = srm.heatmap(matrix.select(services=["aurora", "lambda", "rds-custom-oracle", "ec2"]))
    assert list(figure.layout.xaxis.ticktext) == ["ec2", "rds-custom-oracle", "aurora", "lambda"]


def test_a_cells_mark_tells_owner_basis_and_doubt(matrix: srm.Matrix) -> None:
    assert letter(matrix.claims["lambda"]["runtime"]) == "<b>A</b>°"
    assert letter(matrix.claims["lambda"]["threat-detection"]) == "<i>c</i>"
    assert letter(matrix.claims["rds"]["availability"]).startswith("<b>S</b>*")


def test_the_hover_tells_both_duties_basis_and_source(matrix: srm.Matrix) -> None:
    figure = srm.heatmap(matrix.select(services=["lambda"], layers=["runtime"]))
    text = figure.data[0].hovertext[0][0]
    for part in (
        "AWS Lambda",
        "Owner: <b>AWS",
        "AWS: ",
        "Customer: ",
        "Basis: ",
        "Unless: ",
        "Source: ",
    ):
        assert part in text


def test_a_cell_from_an_overlay_is_marked(tmp_path_factory: pytest.TempPathFactory) -> None:
    house = tmp_path_factory.mktemp("house")
    (house / "services").mkdir()
    (house / "services" / "s3.yaml").write_text(
        "id: s3\ncells:\n  backup:\n    owner: customer\n    customer_duty: Copy it.\n"
        "    basis: interpreted\n    sources:\n      - id: srm\n        section: Overview\n    why: House.\n"
    )
    matrix = srm.load_matrix(overlay=house)
    assert letter(matrix.claims["s3"]["backup"]) == "[<i>c</i>]"


def test_a_review_shows_how_many_resources_run_as_each_service() -> None:
    review = srm.review(ROOT / "notebooks" / "workloads" / "shop-plan.json")
    labels = srm.heatmap(review).layout.xaxis.ticktext
    assert "ec2 (2)" in labels
    assert len(labels) == len(review.matrix.services)


def test_the_comparison_outlines_what_differs_from_the_step_before(matrix: srm.Matrix) -> None:
    comparison = srm.compare(matrix, "database-on-ec2", "rds")
    figure = srm.comparison_chart(comparison)
    outlined = [shape for shape in figure.layout.shapes if shape.line.color == INK]
    assert len(outlined) == (comparison.table["changes"] != "").sum()
    assert comparison.summary in figure.layout.title.text


def test_bars_add_up_to_the_layers_of_each_group(matrix: srm.Matrix) -> None:
    figure = srm.owners_chart(matrix.select(services=IDS))
    total = sum(sum(trace.x) for trace in figure.data)
    assert total == 28 * len(IDS)


def test_figures_hold_lists_and_no_template_of_plotly(matrix: srm.Matrix) -> None:
    text = srm.heatmap(matrix.select(services=IDS)).to_json()
    assert "bdata" not in text
    assert "colorway" not in json.loads(text)["layout"]["template"].get("layout", {})


def test_nothing_to_show_is_one_line(matrix: srm.Matrix) -> None:
    with pytest.raises(srm.SrmError, match="no service or no layer to show"):
        srm.heatmap(matrix.select(services=[]))


def test_letters_are_left_out_where_nobody_could_read_them(
    matrix: srm.Matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("srmlib.figures.cells.LETTERED_COLUMNS", 2)
    assert srm.heatmap(matrix.select(services=IDS)).data[0].text is None


@pytest.mark.parametrize("count", [15, 40, 41, 60, 200, 390])
def test_names_of_services_never_lie_on_one_another(matrix: srm.Matrix, count: int) -> None:
    figure = srm.heatmap(matrix.select(services=matrix.services[:count]))
    axes = [axis for axis in figure.select_xaxes() if axis.ticktext]
    named = [name.replace("<br>", "") for axis in axes for name in axis.ticktext]
    assert sorted(named) == sorted(matrix.services[:count])
    for axis in axes:
        room = (960 - 300 - 24) / (axis.range[1] - axis.range[0])
        assert 7 <= axis.tickfont.size <= max(room, 12)
        assert axis.showticklabels is not False


def test_many_services_stand_in_panels_that_do_not_touch(matrix: srm.Matrix) -> None:
    figure = srm.heatmap(matrix)
    layout = figure.layout
    ground = layout.height - layout.margin.t - layout.margin.b
    panels = [axis.domain for axis in figure.select_yaxes()]
    heights = {round((top - bottom) * ground) for bottom, top in panels}
    assert heights == {15 * 28}
    for (bottom, _), (_, top) in pairwise(panels):
        assert (bottom - top) * ground > 60
    cells = [trace for trace in figure.data if trace.type == "heatmap"]
    assert len(cells) == len(panels) == 10
    assert sum(len(trace.x) for trace in cells) == len(matrix.services)
    assert "point at one" in layout.annotations[0].text


def test_a_panel_shows_what_select_gives(matrix: srm.Matrix) -> None:
    managed = matrix.select(models=["managed"])
    figure = srm.heatmap(managed)
    seen = {}
    for trace in figure.data:
        if trace.type == "heatmap":
            axis = figure.layout[f"xaxis{trace.xaxis[1:]}"]
            for column, name in enumerate(axis.ticktext):
                seen[name] = [row[column] for row in trace.z]
    for id, owners in managed.owners.iterrows():
        assert seen[id] == [OWNERS.index(owner) for owner in owners]


def test_a_ladder_shows_each_change_by_outline_and_arrow(matrix: srm.Matrix) -> None:
    ladder = srm.compare_ladder(matrix, "relational-database")
    figure = srm.comparison_chart(ladder)
    outlined = [shape for shape in figure.layout.shapes if shape.line.color == INK]
    assert len(outlined) == (ladder.steps["shift"] != "").sum()
    text = figure.data[0].text
    rows = list(matrix.layers)
    assert "▲" in text[rows.index("guest-os")][1]
    assert "▼" in text[rows.index("backup")][-1]
    assert not any("▲" in cell or "▼" in cell for cell in text[rows.index("data")])
    assert "Relational database" in figure.layout.title.text


def test_owners_along_a_ladder_keep_its_order(matrix: srm.Matrix) -> None:
    ladder = srm.compare_ladder(matrix, "kubernetes")
    assert list(srm.owners_chart(ladder).data[0].y) == list(ladder.matrix.services)


def test_a_what_if_stands_before_and_after(matrix: srm.Matrix) -> None:
    shop = srm.review(ROOT / "notebooks" / "workloads" / "shop-plan.json")
    moved = shop.what_if({"ec2": "ecs-fargate", "rds": ("aurora", 1)})
    figure = srm.what_if_chart(moved)
    names = [name.replace("<br>", " ") for name in figure.layout.xaxis.ticktext]
    assert names == ["ec2 (2)", "→ ecs-fargate (2)", "rds (1)", "→ aurora (1)"]
    assert list(figure.data[0].z[5]) == [2, 0, 0, 0]
    assert "dropped" in figure.layout.title.text
    with pytest.raises(srm.SrmError, match="what_if first"):
        srm.what_if_chart(shop)


def test_a_card_has_every_layer_with_both_duties(matrix: srm.Matrix) -> None:
    figure = srm.service_card(matrix, "rds")
    layers, owners, yours, theirs = figure.data[0].cells["values"]
    assert len(layers) == len(owners) == 28
    cell = matrix.claims["rds"]["guest-os"].cell
    assert cell.customer_duty in yours
    assert cell.aws_duty in theirs
    assert figure.layout.title.text == "Amazon RDS: 19 of 28 layers leave work to you"


def test_names_are_cut_at_hyphens_before_they_stand_upright(matrix: srm.Matrix) -> None:
    ids = ["ec2", "workspaces", "appstream", "workspaces-secure-browser"]
    few = srm.heatmap(matrix.select(services=ids)).layout.xaxis
    assert few.tickangle == 0
    assert "workspaces-secure-<br>browser" in few.ticktext
    many = srm.heatmap(matrix.select(services=list(matrix.services)[:30])).layout.xaxis
    assert many.tickangle == -90
    assert not any("<br>" in name for name in many.ticktext)


def test_the_key_and_a_long_title_keep_within_the_page(matrix: srm.Matrix) -> None:
    figure = srm.comparison_chart(srm.compare_ladder(matrix, "relational-database"), "X" * 130)
    assert figure.layout.title.font.size * 0.55 * 130 <= 960
    assert figure.layout.annotations[0].text.split("<br>")[1].startswith("▲ leaves you")


def test_the_key_says_what_brackets_mean_under_an_overlay() -> None:
    house = ROOT / "notebooks" / "workloads" / "house-overlay"
    matrix = srm.load_matrix(overlay=house).select(services=["house-paas", "rds"])
    key = srm.heatmap(matrix).layout.annotations[0].text
    assert key.endswith("<br>[ ] from house-overlay")
