"""One person's answers to the quiz: marked against the matrix, written to a csv and read back."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from srmlib.atomic import replace_file
from srmlib.data_files import PathLike
from srmlib.errors import SrmError
from srmlib.matrix import Matrix, Row, suggest
from srmlib.schema import OWNERS

# A cell is told by service and layer; one that is not answered has no entry.
Place = tuple[str, str]
Answers = Mapping[Place, str]
Line = tuple[str, dict[str, str]]

ANSWER_COLUMNS = ("service", "layer", "answer")
FILE_COLUMNS = ("person", *ANSWER_COLUMNS)
SCORE_COLUMNS = ("group", "right", "answered", "of")
ALWAYS = ("aws", "shared", "customer")
AGAIN = "save the answers with the quiz again"
# More columns leave no room for an answer and the truth beside each other.
MOST_SERVICES = 15


class Sheet(NamedTuple):
    """What one person answered, as one file holds it."""

    file: str
    person: str
    answers: Answers


def check_size(matrix: Matrix, way_out: str) -> None:
    """SrmError where a quiz of these services could not be read; `way_out` says how to name fewer."""
    if len(matrix.services) > MOST_SERVICES:
        raise SrmError(
            f"{len(matrix.services)} services are too many for a quiz; name {MOST_SERVICES} at most "
            f"{way_out}"
        )


def list_places(matrix: Matrix) -> list[Place]:
    """The cells of a matrix, service by service."""
    return [(service, layer) for service in matrix.services for layer in matrix.layers]


def find_truth(matrix: Matrix, place: Place) -> str:
    """Who owns a cell."""
    return matrix.claims[place[0]][place[1]].cell.owner


def list_choices(matrix: Matrix) -> tuple[str, ...]:
    """The owners to choose among: AWS, shared, customer, and what else the matrix holds."""
    held = {find_truth(matrix, place) for place in list_places(matrix)}
    return tuple(owner for owner in OWNERS if owner in held or owner in ALWAYS)


def turn_answer(choices: tuple[str, ...], answer: str | None) -> str | None:
    """The answer that a click turns to: one owner after the other, then blank (None) again."""
    cycle = (None, *choices)
    return cycle[(cycle.index(answer) + 1) % len(cycle)]


def list_answers(matrix: Matrix, answers: Answers) -> list[Row]:
    """One row a cell that is answered, service by service: the columns of ANSWER_COLUMNS."""
    return [
        {"service": place[0], "layer": place[1], "answer": answers[place]}
        for place in list_places(matrix)
        if place in answers
    ]


def score_answers(matrix: Matrix, answers: Answers) -> list[Row]:
    """How many cells of each layer group are right and answered: the columns of SCORE_COLUMNS."""
    scores: dict[str, Row] = {}
    for place in list_places(matrix):
        group = matrix.catalogue.layers[place[1]].group
        row = scores.setdefault(group, {"group": group, "right": 0, "answered": 0, "of": 0})
        row["of"] += 1
        row["answered"] += place in answers
        row["right"] += answers.get(place) == find_truth(matrix, place)
    return list(scores.values())


def tell_score(scores: Collection[Row]) -> str:
    """The score of all groups in a line: n of N answered right, and how many cells those are."""
    right, answered, of = (sum(row[key] for row in scores) for key in SCORE_COLUMNS[1:])
    return f"{right} of {answered} answered right, {answered} of the {of} cells"


def write_answers(path: PathLike, rows: Collection[Row]) -> Path:
    """Write one person's answers as csv; the file's name without its ending is the person.

    SrmError where there are no answers, or where the file that is there holds something else.
    """
    target = Path(path)
    content = render_answers(target.name, rows)
    if target.exists() and not _holds_answers(target):
        raise SrmError(f"{target.name}: is there and holds no answers; choose another name")
    return replace_file(target, content)


def render_answers(name: str, rows: Collection[Row]) -> bytes:
    """What a file of this name holds: one person's answers as csv; SrmError where there are none."""
    target = Path(name)
    if target.suffix.lower() != ".csv":
        raise SrmError(f"{target.name!r} is no name of a csv file; use one such as your-name.csv")
    _check_person(target.stem, target.name)
    if not rows:
        raise SrmError(f"{target.name}: no cell is answered yet; answer one before you save")
    out = io.StringIO()
    writer = csv.DictWriter(out, FILE_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({"person": target.stem} | row for row in rows)
    return out.getvalue().encode()


def _holds_answers(path: Path) -> bool:
    try:
        return path.read_bytes().startswith(",".join(FILE_COLUMNS).encode())
    except OSError:
        return False


def read_answers(path: PathLike, matrix: Matrix) -> Sheet:
    """One person's answers from a csv; SrmError names the file and the line that is wrong."""
    file, persons, answers = Path(path), set(), {}
    for line, row in _read_lines(file):
        _check_person(row["person"], line)
        _check_value("service", row["service"], matrix.services, line)
        _check_value("layer", row["layer"], matrix.layers, line)
        _check_value("answer", row["answer"], OWNERS, line)
        place = row["service"], row["layer"]
        if place in answers:
            raise SrmError(f"{line}: {' '.join(place)} is answered twice; leave one of the lines")
        answers[place] = row["answer"]
        persons.add(row["person"])
        if len(persons) > 1:
            raise SrmError(f"{line}: another person begins; use one file a person")
    return Sheet(file.name, persons.pop(), answers)


def _read_lines(path: Path) -> list[Line]:
    """The file and the number of each line, and what it says; there is at least one."""
    rows = _parse_csv(path)
    (number, head), *body = rows or [(1, [])]
    names = [name.strip().lower() for name in head]
    if missing := [name for name in FILE_COLUMNS if names.count(name) != 1]:
        raise SrmError(
            f"{path.name}: line {number}: has no one column {', '.join(missing)}, but "
            f"{_quote(','.join(names))}; use {','.join(FILE_COLUMNS)}, or {AGAIN}"
        )
    if not body:
        raise SrmError(f"{path.name}: line {number}: no answer follows; {AGAIN}")
    lines = []
    for number, values in body:
        line = f"{path.name}: line {number}"
        if len(values) != len(names):
            raise SrmError(f"{line}: has {len(values)} values for {len(names)} columns; {AGAIN}")
        lines.append((line, dict(zip(names, map(str.strip, values), strict=True))))
    return lines


def _parse_csv(path: Path) -> list[tuple[int, list[str]]]:
    """The lines that hold something, with their numbers."""
    reader = csv.reader(io.StringIO(_read_text(path), newline=""), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise SrmError(
            f"{path.name}: line {reader.line_num}: is no csv ({error}); {AGAIN}"
        ) from None
    return [(number, row) for number, row in rows if any(map(str.strip, row))]


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        raise SrmError(f"{path.name}: cannot be read: {error.strerror}; check the path") from None
    except UnicodeDecodeError as error:
        number = content[: error.start].count(b"\n") + 1
        raise SrmError(
            f"{path.name}: line {number}: is not UTF-8 text; save it as 'CSV UTF-8'"
        ) from None


def _check_value(column: str, value: str, known: Collection[str], line: str) -> None:
    if value not in known:
        raise SrmError(f"{line}: {column} is {_quote(value)}; {suggest(value, known)}")


def _check_person(name: str, where: str) -> None:
    """A spreadsheet runs what begins like a formula, and the files are opened in one."""
    if not name:
        raise SrmError(f"{where}: person is blank; write a name or a letter")
    if not name[0].isalnum():
        raise SrmError(
            f"{where}: person begins with {name[0]!r}, as a formula may; begin it with a letter or "
            f"a digit"
        )


def _quote(text: str) -> str:
    """What was found, short enough for a line."""
    return repr(text if len(text) <= 60 else f"{text[:59]}…")
