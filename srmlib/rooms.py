"""What a room of people got wrong in the quiz, as counts: nobody's name is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from srmlib.answers import Place, Sheet, find_truth, list_places, read_answers
from srmlib.data_files import PathLike
from srmlib.errors import SrmError
from srmlib.matrix import Matrix, Row, frame_of
from srmlib.schema import OWNERS

if TYPE_CHECKING:
    import pandas as pd

ROOM_COLUMNS = (
    "service", "layer", "owner", "answered", "right", "wrong_answer", "wrong_by", "wrong_share",
)  # fmt: skip
SAID = {
    "aws": "gave {} to AWS",
    "shared": "took {} for shared",
    "customer": "gave {} to the customer",
    "third-party": "gave {} to a third party",
    "not-applicable": "took {} for not applicable",
}


@dataclass(frozen=True)
class Misconceptions:
    """How often each cell got each answer; made by `find_misconceptions`."""

    matrix: Matrix
    counts: Mapping[Place, Mapping[str, int]]
    people: int

    @property
    def table(self) -> pd.DataFrame:
        """One row a cell: columns of ROOM_COLUMNS.

        `wrong_answer` is the most common wrong one (of two, the one that leaves less to the
        customer), None where nobody erred; `wrong_by` is how many gave it, `wrong_share` what part
        of those who answered the cell (0 to 1, None where nobody did).
        """
        return frame_of(self.rows(), ROOM_COLUMNS)

    @property
    def worst(self) -> pd.DataFrame:
        """The rows of `table` in which anybody erred, the most common wrong answer first."""
        return frame_of(_sort_errors(self.rows()), ROOM_COLUMNS)

    @property
    def summary(self) -> str:
        """What most of the room took for right: `18 of 24 gave backup of rds to AWS`."""
        errors = _sort_errors(self.rows())
        if not errors:
            return "nobody gave a wrong answer"
        first = errors[0]
        said = SAID[first["wrong_answer"]].format(f"{first['layer']} of {first['service']}")
        return f"{first['wrong_by']} of {first['answered']} {said}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `table`."""
        return ROOM_COLUMNS

    def rows(self) -> list[Row]:
        """The rows of `table` as plain dicts."""
        return [_count_cell(self, place) for place in list_places(self.matrix)]


def find_misconceptions(matrix: Matrix, files: PathLike | Iterable[PathLike]) -> Misconceptions:
    """What a room got wrong, from one csv a person: the folder of them, or the files themselves.

    Only services and layers that anybody answered are in it. SrmError names the file and the line
    that is wrong.
    """
    sheets = [read_answers(path, matrix) for path in _list_files(files)]
    _check_persons(sheets)
    counts: dict[Place, Counter[str]] = {}
    for sheet in sheets:
        for place, answer in sheet.answers.items():
            counts.setdefault(place, Counter())[answer] += 1
    services, layers = ({place[part] for place in counts} for part in (0, 1))
    met = matrix.select([id for id in matrix.services if id in services], layers=layers)
    return Misconceptions(met, counts, len(sheets))


def _list_files(files: PathLike | Iterable[PathLike]) -> list[Path]:
    if not isinstance(files, str | Path):
        listed = [Path(each) for each in files]
        if not listed:
            raise SrmError("no file of answers is named; name one csv a person, or their folder")
        return listed
    place = Path(files)
    if not place.is_dir():
        return [place]
    listed = sorted(each for each in place.iterdir() if each.suffix.lower() == ".csv")
    if not listed:
        raise SrmError(f"{place.name}: holds no .csv; put one file of answers a person there")
    return listed


def _check_persons(sheets: Iterable[Sheet]) -> None:
    """A person who counts twice would weigh twice; the message names files, as nobody is named."""
    seen: dict[str, str] = {}
    for sheet in sheets:
        person = sheet.person.casefold()
        if person in seen:
            raise SrmError(
                f"{sheet.file}: is of the same person as {seen[person]}; leave one of the two out"
            )
        seen[person] = sheet.file


def _count_cell(room: Misconceptions, place: Place) -> Row:
    owner, given = find_truth(room.matrix, place), room.counts.get(place, {})
    answered = sum(given.values())
    wrong = {answer: given[answer] for answer in OWNERS if answer in given and answer != owner}
    most = max(wrong, key=wrong.__getitem__, default=None)
    by = wrong[most] if most else 0
    return {
        "service": place[0], "layer": place[1], "owner": owner, "answered": answered,
        "right": given.get(owner, 0), "wrong_answer": most, "wrong_by": by,
        "wrong_share": by / answered if answered else None,
    }  # fmt: skip


def _sort_errors(rows: Iterable[Row]) -> list[Row]:
    """Rows with an error: by how many gave the same wrong answer, then by how many erred at all."""
    wrong = [row for row in rows if row["right"] < row["answered"]]
    return sorted(wrong, key=lambda row: (-row["wrong_by"], row["right"] - row["answered"]))
