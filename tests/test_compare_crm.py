"""The benchmark on cloud.gov's workbook: how its parts become one answer a control."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

import srmlib as srm
from scripts.compare_crm import (
    VIEWS,
    Pair,
    name_control,
    name_kind,
    pair_answers,
    read_parts,
    roll_up,
    tell_view,
)

HEADS = ("Control ID", "Implemented", "N/A", "Service Provider Corporate", "Shared",
         "Inherited from Pre-Existing Provisional Authorization (AWS GovCloud)")  # fmt: skip
# Control, corporate, shared, from AWS; and what can be inherited from cloud.gov.
PARTS = (
    ("AC-01 (a)", "X", None, None, "No"),
    ("AC-02 (a)", None, "X", "X", "Partial"),
    ("AC-02 (b)", "X", None, None, "Yes"),
    ("AC-02 (10) (a)", None, None, None, "No"),
    ("PE-03 (a)", None, None, "X", "Yes"),
    ("PE-03 (b)", None, None, "X", "Yes"),
)
AGENCY, PLATFORM = VIEWS


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> str:
    made = Workbook()
    origins, inherit = made.create_sheet("CIS Worksheet"), made.create_sheet("PaaS CRM")
    for heads in (("A worksheet",), ("Control ID", "Status"), HEADS):
        origins.append(heads)
    inherit.append(("Control ID", "Can Be Inherited from CSP"))
    for control, *marks, told in PARTS:
        origins.append((control, "X", None, *marks))
        inherit.append((control, told, "words"))
    path = tmp_path_factory.mktemp("crm") / "book.xlsx"
    made.save(path)
    return str(path)


@pytest.mark.parametrize(
    ("part", "control"),
    [("AC-01 (a)", "AC-1"), ("AC-02 (12) (b)", "AC-2(12)"), ("SI-16", "SI-16")],
)
def test_a_part_belongs_to_the_control_as_nist_writes_it(part: str, control: str) -> None:
    assert name_control(part) == control


def test_parts_become_one_answer_for_the_agency(book: str) -> None:
    assert roll_up(read_parts(book), AGENCY.answer_part) == {
        "AC-1": "customer", "AC-2": "shared", "AC-2(10)": "customer", "PE-3": "inherited",
    }  # fmt: skip


def test_parts_become_one_answer_for_the_platform_and_a_blank_is_none(book: str) -> None:
    told = roll_up(read_parts(book), PLATFORM.answer_part)
    assert told == {"AC-1": "customer", "AC-2": "shared", "PE-3": "inherited"}


def test_only_controls_of_both_are_paired_and_every_difference_has_a_kind(
    book: str, matrix: srm.Matrix
) -> None:
    theirs = roll_up(read_parts(book), AGENCY.answer_part)
    pairs = list(pair_answers(theirs, matrix.select(services=AGENCY.services)))
    assert pairs == [
        Pair("AC-1", "customer", "shared", "each"),
        Pair("AC-2", "shared", "customer", "layers"),
        Pair("PE-3", "inherited", "inherited", "layers"),
    ]
    assert name_kind(pairs[0]).endswith("inherited there: none of it")
    assert name_kind(pairs[1]) == "by layers: more is the customer's here than there"
    told = "\n".join(tell_view(AGENCY, pairs, len(theirs) - len(pairs)))
    assert "1 of 3 answers agree; of those by layers 1 of 2; 1 controls" in told
    assert "| PE | 1 | 1 | 1 | 1 | 1, 0, 0 | 1, 0, 0 |" in told


def test_another_workbook_is_refused_by_name(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "other.xlsx")
    with pytest.raises(SystemExit, match="has no sheet 'CIS Worksheet'"):
        read_parts(str(tmp_path / "other.xlsx"))
