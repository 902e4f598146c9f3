"""What changes between services, and how many layers each side owns."""

from __future__ import annotations

import pytest

from srmlib.errors import SrmError
from srmlib.ladders import list_alike
from srmlib.matrix import Matrix
from srmlib.shift import compare, compare_ladder, count_owners, name_shift


def test_a_comparison_has_a_row_a_layer_and_says_what_changes(matrix: Matrix) -> None:
    table = compare(matrix, "database-on-ec2", "rds").table.set_index("layer")
    assert list(table.columns) == ["database-on-ec2", "rds", "changes"]
    assert list(table.index) == list(matrix.layers)
    assert table.loc["guest-os", "changes"] == "customer → aws"
    assert table.loc["data", "changes"] == ""


def test_changes_follow_every_step(matrix: Matrix) -> None:
    table = compare(matrix, "database-on-ec2", "rds", "aurora").table.set_index("layer")
    steps = [table.loc["backup", id] for id in ("database-on-ec2", "rds", "aurora")]
    assert table.loc["backup", "changes"] == " → ".join(steps)


def test_the_summary_counts_changed_layers(matrix: Matrix) -> None:
    comparison = compare(matrix, "database-on-ec2", "rds")
    changed = (comparison.table["changes"] != "").sum()
    assert comparison.summary == f"{changed} of 28 layers change hands"
    assert changed > 5


def test_one_service_is_no_comparison(matrix: Matrix) -> None:
    with pytest.raises(SrmError, match="two services or more"):
        compare(matrix, "rds", "rds")


def test_owners_by_group_add_up_to_the_layers(matrix: Matrix) -> None:
    counts = count_owners(matrix)
    assert set(counts.groupby("service")["layers"].sum()) == {28}
    assert set(counts[counts["group"] == "access"]["of"]) == {2}


def test_a_step_says_where_each_layer_goes_with_both_duties(matrix: Matrix) -> None:
    steps = compare(matrix, "database-on-ec2", "rds").steps.set_index("layer")
    cells = matrix.claims["rds"]["guest-os"].cell
    assert steps.loc["guest-os", "shift"] == "AWS takes over"
    assert steps.loc["guest-os", "duty_after"] == cells.customer_duty
    assert steps.loc["guest-os", "aws_duty"] == cells.aws_duty
    assert steps.loc["guest-os", "hands"] == ["new", "stops"]
    assert steps.loc["availability", "shift"] == "becomes shared"
    assert "data" not in steps.index


def test_what_comes_back_is_said(matrix: Matrix) -> None:
    steps = compare(matrix, "aurora-serverless", "aurora-dsql").steps.set_index("layer")
    assert steps.loc["backup", "shift"] == "comes back to you"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("aws", "aws", ""),
        ("customer", "shared", "becomes shared"),
        ("aws", "customer", "comes back to you"),
        ("not-applicable", "customer", "is new"),
        ("not-applicable", "aws", "AWS adds it"),
        ("customer", "not-applicable", "falls away"),
    ],
)
def test_a_shift_has_a_word(before: str, after: str, told: str) -> None:
    assert name_shift(before, after) == told


def test_counts_tell_each_step_among_the_layers_that_differ(matrix: Matrix) -> None:
    ladder = compare_ladder(matrix, "relational-database")
    counts = ladder.counts
    assert list(counts["before"]) == list(ladder.matrix.services[:-1])
    assert set(counts["of"]) == {len(ladder.differing)}
    for row in counts.to_dict("records"):
        steps = ladder.steps
        here = steps[(steps["before"] == row["before"]) & (steps["shift"] == "AWS takes over")]
        assert row["to_aws"] == len(here)
        assert row["summary"].endswith(f"of the {row['of']} layers that differ here")


def test_every_ladder_begins_with_most_customer_work(matrix: Matrix) -> None:
    for id in matrix.catalogue.ladders:
        ladder = compare_ladder(matrix, id)
        assert len(ladder.counts) >= 2
        owned = [
            sum(claim.cell.owner == "customer" for claim in matrix.claims[service].values())
            for service in ladder.matrix.services
        ]
        assert owned[0] == max(owned), id
        assert owned[-1] < owned[0], id


def test_the_thirteen_ladders_asked_for_are_there(matrix: Matrix) -> None:
    assert set(matrix.ladders["ladder"]) >= {
        "relational-database", "warehouse", "containers", "functions", "search", "streaming",
        "cache", "files", "big-data", "desktop", "machine-learning", "directory", "kubernetes",
    }  # fmt: skip


def test_an_unknown_ladder_is_named_with_the_nearest(matrix: Matrix) -> None:
    with pytest.raises(SrmError, match="did you mean kubernetes"):
        compare_ladder(matrix, "kubernets")


def test_what_does_the_same_work_stands_further_up_first(matrix: Matrix) -> None:
    alike = list_alike(matrix.catalogue, "rds")
    assert alike[:2] == ["aurora", "aurora-serverless"]
    assert alike[-1] == "database-on-ec2"
    assert "rds" not in alike
    assert list_alike(matrix.catalogue, "kms") == []
