"""What changes between services, and how many layers each side owns."""

from __future__ import annotations

import pytest

from srmlib.errors import SrmError
from srmlib.matrix import Matrix
from srmlib.shift import compare, count_owners


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
