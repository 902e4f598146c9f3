"""The quiz without a browser, its files, and what a room of people got wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import srmlib as srm
from srmlib.answers import ANSWER_COLUMNS, FILE_COLUMNS, SCORE_COLUMNS, turn_answer
from srmlib.errors import SrmError
from srmlib.handover import Handover
from srmlib.rooms import ROOM_COLUMNS

IDS = ["ec2", "ecs-fargate", "rds", "lambda", "s3"]
HEAD = ",".join(FILE_COLUMNS)
Room = Callable[..., Path]


@pytest.fixture
def view(matrix: srm.Matrix) -> srm.Quiz:
    return srm.quiz(matrix.select(services=IDS))


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """Writes a folder of answers: one argument a person, each a dict of "service layer": answer."""

    def write(*persons: dict[str, str]) -> Path:
        for letter, given in zip("abcdefgh", persons, strict=False):
            lines = [f"{letter},{cell.replace(' ', ',')},{owner}" for cell, owner in given.items()]
            (tmp_path / f"{letter}.csv").write_text("\n".join([HEAD, *lines, ""]))
        return tmp_path

    return write


def read_text(view: srm.Quiz, service: str, layer: str) -> str:
    """A cell's letters without markup."""
    row, column = view.matrix.layers.index(layer), view.matrix.services.index(service)
    return re.sub("<[^>]*>", "", view.figure.data[0].text[row][column])


def click(view: srm.Quiz, service: str, layer: str) -> None:
    class Points:
        xs, ys = [view.matrix.services.index(service)], [view.matrix.layers.index(layer)]

    view._click(None, Points, None)


def test_a_blank_quiz_gives_nothing_away(view: srm.Quiz, matrix: srm.Matrix) -> None:
    assert {z for row in view.figure.data[0].z for z in row} == {0}
    assert repr(view) == "Quiz of 5 services and 28 layers"
    assert view.answers.empty
    assert tuple(view.answers.columns) == ANSWER_COLUMNS
    told = f"{view.figure.to_json()}{view.details.value}{view.told.value}"
    duties = {claim.cell.customer_duty for id in IDS for claim in matrix.claims[id].values()}
    assert not any(duty in told for duty in duties if duty)
    assert "0 of 140 cells answered" in view.told.value


def test_clicks_go_round_all_owners_and_to_blank(view: srm.Quiz) -> None:
    seen = []
    for _ in range(6):
        click(view, "rds", "backup")
        seen.append(read_text(view, "rds", "backup"))
    assert seen == ["A", "S", "C", "–", "", "A"]
    assert (view.service.value, view.layer.value) == ("rds", "backup")
    assert view.answers.to_dict("records") == [
        {"service": "rds", "layer": "backup", "answer": "aws"}
    ]


def test_only_owners_that_the_matrix_holds_are_in_the_round(matrix: srm.Matrix) -> None:
    few = srm.quiz(matrix.select(services=["ec2", "rds"]))
    assert few.choices == ("aws", "shared", "customer")
    assert turn_answer(few.choices, "customer") is None
    assert "third-party" in srm.quiz(matrix.select(services=["rosa"])).choices
    names = {trace.name for trace in few.figure.data[1:]}
    assert names == {"A AWS", "S Shared", "C Customer"}


def test_buttons_do_what_clicks_do(view: srm.Quiz) -> None:
    view.show("rds", "backup")
    view.setters["shared"].click()
    assert read_text(view, "rds", "backup") == "S"
    view.next.click()
    assert (view.service.value, view.layer.value) == ("rds", "disaster-recovery")
    view.setters["not-applicable"].click()
    view.blank.click()
    assert len(view.answers) == 1
    assert view.setters["not-applicable"].description == "Set not applicable"


def test_next_cell_passes_all_cells_and_starts_again(view: srm.Quiz) -> None:
    passed = set()
    for _ in range(140):
        passed.add((view.service.value, view.layer.value))
        view.next.click()
    assert len(passed) == 140
    assert view.service.value == view.matrix.services[0]


def test_reveal_marks_right_wrong_and_blank(view: srm.Quiz, matrix: srm.Matrix) -> None:
    lines = len(view.figure.layout.shapes)
    view.answer("rds", "backup", "aws")
    view.answer("ec2", "guest-os", "customer")
    view.reveal_button.click()
    assert read_text(view, "rds", "backup") == "A→S"
    assert read_text(view, "ec2", "guest-os") == "C"
    assert read_text(view, "lambda", "backup") == "→C"
    assert len(view.figure.layout.shapes) == lines + 1
    assert view.summary == "1 of 2 answered right, 2 of the 140 cells"
    assert view.figure.layout.title.text == view.summary
    assert view.summary in view.told.value
    click(view, "rds", "backup")
    assert read_text(view, "rds", "backup") == "A→S"
    duty = matrix.claims["rds"]["backup"].cell.customer_duty
    assert duty
    assert duty in view.details.value
    assert "<b>Source</b>" in view.details.value
    with pytest.raises(SrmError, match="start again"):
        view.answer("rds", "backup", "shared")


def test_start_again_blanks_everything(view: srm.Quiz) -> None:
    before = view.figure.to_plotly_json()
    view.answer("rds", "backup", "aws")
    view.reveal_button.click()
    view.again.click()
    assert view.answers.empty
    assert view.figure.to_plotly_json() == before
    assert view.again.layout.display == "none"


def test_the_score_counts_by_layer_group(view: srm.Quiz, matrix: srm.Matrix) -> None:
    for id in IDS:
        view.answer(id, "physical", "aws")
        view.answer(id, "backup", "aws")
    view.answer("rds", "identity", "customer")
    score = view.score.set_index("group")
    assert tuple(view.score.columns) == SCORE_COLUMNS
    assert score.loc["infrastructure"].tolist() == [5, 5, 25]
    assert score.loc["configuration"].tolist() == [0, 5, 35]
    assert score.loc["access"].tolist() == [1, 1, 10]
    assert score["of"].sum() == len(IDS) * len(matrix.layers)


def test_a_right_not_applicable_counts(view: srm.Quiz) -> None:
    view.answer("s3", "application", "not-applicable")
    view.answer("s3", "data", None)
    assert view.summary == "1 of 1 answered right, 1 of the 140 cells"


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (("rsd", "backup", "aws"), "'rsd' is no service of this quiz; did you mean rds"),
        (("rds", "backups", "aws"), "'backups' is no layer of this quiz; did you mean backup"),
        (("rds", "backup", "amazon"), "'amazon' is no answer of this quiz; known are aws, shared"),
    ],
)
def test_an_unknown_name_is_one_line(view: srm.Quiz, cell: tuple[str, str, str], told: str) -> None:
    with pytest.raises(SrmError, match=told):
        view.answer(*cell)


def test_too_many_services_and_none_are_one_line(matrix: srm.Matrix) -> None:
    with pytest.raises(SrmError, match=r"16 services are too many for a quiz; name 15 at most"):
        srm.quiz(matrix.select(services=matrix.services[:16]))
    with pytest.raises(SrmError, match="nothing to ask"):
        srm.quiz(matrix.select(services=[]))


def test_what_is_saved_is_read_back(view: srm.Quiz, matrix: srm.Matrix, tmp_path: Path) -> None:
    view.answer("rds", "backup", "aws")
    view.answer("ec2", "guest-os", "customer")
    place = view.save(tmp_path / "Zoë.csv")
    assert place.read_text(encoding="utf-8").splitlines() == [
        HEAD, "Zoë,ec2,guest-os,customer", "Zoë,rds,backup,aws",
    ]  # fmt: skip
    view.answer("rds", "backup", "shared")
    assert view.save(place) == place
    found = srm.find_misconceptions(matrix, place)
    assert found.people == 1
    assert found.worst.empty
    assert found.summary == "nobody gave a wrong answer"


def test_the_button_saves_and_tells(
    view: srm.Quiz, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    view.save_button.click()
    assert "srm-fault" in view.message.value
    assert "your-name.csv" in view.message.value
    view.answer("rds", "backup", "aws")
    view.file.value = "kim.csv"
    view.save_button.click()
    assert "Saved as kim.csv" in view.message.value
    assert (tmp_path / "kim.csv").is_file()


def test_with_a_handover_the_button_saves_into_the_downloads(
    matrix: srm.Matrix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[tuple[dict[str, str], list[bytes] | None]] = []
    handover = Handover()
    monkeypatch.setattr(
        handover, "_hand", lambda message, buffers=None: handed.append((message, buffers))
    )
    monkeypatch.chdir(tmp_path)
    view = srm.Quiz(matrix.select(services=IDS), handover=handover)
    view.file.value = "=cmd.csv"
    view.save_button.click()
    assert "person begins with" in view.message.value
    view.file.value = "../../kim.csv"
    view.save_button.click()
    assert "kim.csv: no cell is answered yet" in view.message.value
    assert {message["kind"] for message, _ in handed} == {"clear"}
    view.answer("rds", "backup", "aws")
    view.save_button.click()
    message, buffers = handed[-1]
    assert message == {"kind": "download", "name": "kim.csv", "type": "text/csv"}
    assert buffers == [f"{HEAD}\nkim,rds,backup,aws\n".encode()]
    assert view.message.value == ""
    assert list(tmp_path.iterdir()) == []


def test_a_notebooks_quiz_has_no_handover(view: srm.Quiz) -> None:
    assert view.handover is None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("kim.txt", "'kim.txt' is no name of a csv file; use one such as your-name.csv"),
        ("", "'' is no name of a csv file"),
        ("=cmd.csv", "=cmd.csv: person begins with '=', as a formula may"),
        ("no/where.csv", "where.csv: cannot be written: .*; choose another folder"),
    ],
)
def test_a_name_that_cannot_be_is_one_line(
    view: srm.Quiz, tmp_path: Path, name: str, told: str
) -> None:
    view.answer("rds", "backup", "aws")
    with pytest.raises(SrmError, match=told):
        view.save(tmp_path / name if name else name)
    assert list(tmp_path.iterdir()) == []


def test_nothing_else_is_overwritten_and_nothing_empty_written(
    view: srm.Quiz, tmp_path: Path
) -> None:
    place = tmp_path / "budget.csv"
    with pytest.raises(SrmError, match=r"budget\.csv: no cell is answered yet"):
        view.save(place)
    place.write_text("cost,month\n")
    view.answer("rds", "backup", "aws")
    with pytest.raises(SrmError, match=r"budget\.csv: is there and holds no answers"):
        view.save(place)
    assert place.read_text() == "cost,month\n"


def test_a_room_is_counted_cell_by_cell(matrix: srm.Matrix, room: Room) -> None:
    right = {"rds backup": "shared", "ec2 guest-os": "customer"}
    wrong = {"rds backup": "aws", "ec2 guest-os": "customer"}
    found = srm.find_misconceptions(
        matrix, room(wrong, wrong, {"rds backup": "customer"}, right, {"ec2 backup": "aws"})
    )
    assert tuple(found.table.columns) == ROOM_COLUMNS == found.columns
    assert found.matrix.services == ("ec2", "rds")
    assert found.people == 5
    cells = found.table.set_index(["service", "layer"])
    assert cells.loc[("rds", "backup")].tolist() == ["shared", 4, 1, "aws", 2, 0.5]
    assert cells.loc[("ec2", "guest-os")].tolist() == ["customer", 3, 3, None, 0, 0.0]
    assert cells.loc[("rds", "guest-os"), "answered"] == 0
    assert cells.loc[("rds", "guest-os"), "wrong_share"] is None
    assert found.summary == "2 of 4 gave backup of rds to AWS"
    assert found.worst["layer"].tolist() == ["backup", "backup"]


def test_of_two_wrong_answers_the_one_nearer_to_aws_is_told(matrix: srm.Matrix, room: Room) -> None:
    folder = room({"rds backup": "customer"}, {"rds backup": "aws"})
    assert srm.find_misconceptions(matrix, folder).summary == "1 of 2 gave backup of rds to AWS"


def test_files_may_be_named_one_by_one(matrix: srm.Matrix, room: Room) -> None:
    folder = room({"rds backup": "aws"}, {"rds backup": "aws"})
    (folder / "notes.txt").write_text("not answers")
    assert srm.find_misconceptions(matrix, folder).people == 2
    assert srm.find_misconceptions(matrix, [folder / "b.csv"]).people == 1
    assert srm.find_misconceptions(matrix, str(folder / "b.csv")).people == 1


def test_what_a_spreadsheet_does_to_a_csv_does_no_harm(matrix: srm.Matrix, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(
        b"\xef\xbb\xbfAnswer, Layer,Service,Person,remark\r\naws,backup, rds ,a,\r\n,,,,\r\n"
    )
    assert srm.find_misconceptions(matrix, tmp_path).summary == "1 of 1 gave backup of rds to AWS"


def test_nobodys_name_is_in_frame_or_picture(matrix: srm.Matrix, tmp_path: Path) -> None:
    for name in ("Xanthippe", "Yorick"):
        (tmp_path / f"{name}.csv").write_text(f"{HEAD}\n{name},rds,backup,aws\n")
    found = srm.find_misconceptions(matrix, tmp_path)
    chart = srm.misconceptions_chart(found)
    told = f"{chart.to_json()}{found.table.to_csv()}{found.counts}{found.people}{found.summary}"
    assert "Xanthippe" not in told
    assert "Yorick" not in told


def test_the_chart_shows_shares_and_the_most_common_wrong_answer(
    matrix: srm.Matrix, room: Room
) -> None:
    wrong, right = {"rds backup": "aws"}, {"rds backup": "shared", "ec2 backup": "customer"}
    found = srm.find_misconceptions(matrix, room(wrong, wrong, wrong, right))
    chart = srm.misconceptions_chart(found)
    cells = chart.data[0]
    assert chart.layout.title.text == "Where 4 people erred most: 3 of 4 gave backup of rds to AWS"
    ec2, rds = 0, 1
    assert list(chart.layout.xaxis.ticktext) == ["ec2", "rds"]
    assert len(cells.z) == 1
    assert (cells.z[0][ec2], cells.z[0][rds]) == (0, 0.75)
    assert ">A<" in cells.text[0][rds]
    assert "✓" in cells.text[0][ec2]
    assert "3 of 4: AWS" in cells.hovertext[0][rds]
    assert srm.misconceptions_chart(found, "Monday").layout.title.text == "Monday"


def test_a_cell_that_nobody_answered_stays_empty(matrix: srm.Matrix, room: Room) -> None:
    found = srm.find_misconceptions(matrix, room({"rds backup": "aws", "ec2 data": "aws"}))
    cells = srm.misconceptions_chart(found).data[0]
    assert cells.z[0][0] is None
    assert cells.text[0][0] == ""


def test_misconceptions_are_written_as_tables(matrix: srm.Matrix, room: Room) -> None:
    found = srm.find_misconceptions(matrix, folder := room({"rds backup": "aws"}))
    table = srm.write(found, folder / "room.md").read_text()
    assert table.startswith("# 1 of 1 gave backup of rds to AWS")
    assert "rds,backup,shared,1,0,aws,1,1.0" in srm.write(found, folder / "x.csv").read_text()
    with pytest.raises(SrmError, match=r"x\.pptx: misconceptions are written as \.csv, \.json or"):
        srm.write(found, folder / "x.pptx")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", r"a\.csv: line 1: has no one column person, service, layer, answer, but ''; use person,"),
        ("person,service,layer\na,rds,backup\n", r"a\.csv: line 1: has no one column answer, but 'person,service,layer'"),
        ("person;service;layer;answer\n", r"a\.csv: line 1: has no one column person, .* but 'person;service;layer;answer'"),
        (HEAD + ",answer\na,rds,backup,aws,aws\n", r"a\.csv: line 1: has no one column answer"),
        (HEAD + "\n", r"a\.csv: line 1: no answer follows; save the answers with the quiz again"),
        (HEAD + "\na,rdss,backup,aws\n", r"a\.csv: line 2: service is 'rdss'; did you mean rds"),
        (HEAD + "\n\na,rds,backups,aws\n", r"a\.csv: line 3: layer is 'backups'; did you mean backup"),
        (HEAD + "\na,rds,backup,amazon\n", r"a\.csv: line 2: answer is 'amazon'; known are aws, shared, customer"),
        (HEAD + "\na,rds,backup\n", r"a\.csv: line 2: has 3 values for 4 columns"),
        (HEAD + "\na,rds,backup,aws\na,rds,backup,shared\n", r"a\.csv: line 3: rds backup is answered twice"),
        (HEAD + "\na,rds,backup,aws\nb,rds,data,aws\n", r"a\.csv: line 3: another person begins; use one file a person"),
        (HEAD + "\n,rds,backup,aws\n", r"a\.csv: line 2: person is blank"),
        (HEAD + '\n"=HYPERLINK(""x"")",rds,backup,aws\n', r"a\.csv: line 2: person begins with '=', as a formula may; begin it with a letter"),
        (HEAD + "\n@sum,rds,backup,aws\n", r"a\.csv: line 2: person begins with '@'"),
        (HEAD + '\n"a,rds,backup,aws\n', r"a\.csv: line 2: is no csv"),
        (HEAD + "\na," + "x" * 500 + ",backup,aws\n", r"a\.csv: line 2: service is 'x{59}…'; known are .* and \d+ more"),
    ],
)  # fmt: skip
def test_a_bad_file_is_one_line(matrix: srm.Matrix, tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(SrmError, match=told) as fault:
        srm.find_misconceptions(matrix, tmp_path)
    assert "\n" not in str(fault.value)


def test_other_encodings_are_one_line(matrix: srm.Matrix, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(f"{HEAD}\nZoë,rds,backup,aws\n".encode("latin-1"))
    with pytest.raises(SrmError, match=r"a\.csv: line 2: is not UTF-8 text; save it as 'CSV UTF-8"):
        srm.find_misconceptions(matrix, tmp_path)


def test_one_person_counts_once(matrix: srm.Matrix, tmp_path: Path) -> None:
    for name, person in (("a.csv", "Kim"), ("copy.csv", "kim")):
        (tmp_path / name).write_text(f"{HEAD}\n{person},rds,backup,aws\n")
    with pytest.raises(SrmError, match=r"copy\.csv: is of the same person as a\.csv") as fault:
        srm.find_misconceptions(matrix, tmp_path)
    assert "kim" not in str(fault.value).lower()


def test_no_file_and_no_folder_are_one_line(matrix: srm.Matrix, tmp_path: Path) -> None:
    with pytest.raises(SrmError, match=r"holds no \.csv; put one file of answers a person there"):
        srm.find_misconceptions(matrix, tmp_path)
    with pytest.raises(SrmError, match=r"gone\.csv: cannot be read: .*; check the path"):
        srm.find_misconceptions(matrix, tmp_path / "gone.csv")
    with pytest.raises(SrmError, match="no file of answers is named"):
        srm.find_misconceptions(matrix, [])
