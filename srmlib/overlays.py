"""A reader's own claim about a cell, written into an overlay folder; all else in it stays."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from srmlib.atomic import replace_file
from srmlib.catalogue import CATALOGUE, Catalogue, load_catalogue
from srmlib.cell_lines import put_cell
from srmlib.check import find_problems
from srmlib.data_files import PathLike, find_data
from srmlib.errors import SrmError
from srmlib.matrix import Matrix, make_matrix
from srmlib.schema import Cell

FORM = ("*.csv", "*.yaml", "mapping/*.csv", "services/*")


def write_cell(
    folder: PathLike,
    matrix: Matrix,
    service: str,
    layer: str,
    *,
    owner: str,
    split: str | None = None,
    third_party: str | None = None,
    customer_duty: str | None = None,
    aws_duty: str | None = None,
    why: str,
) -> Path:
    """Write one claim into FOLDER/services/SERVICE.yaml, as interpreted; the file's path.

    The pages, the dates and the settings of the cell that it replaces stay in it. The folder is
    made where it is missing. What `srmlib check` would name raises SrmError, and nothing changes.
    """
    matrix.select(services=[service], layers=[layer])  # Only names that the matrix knows.
    home = find_home(folder, matrix)
    below = _load_below(home, matrix).claims.get(service, matrix.claims[service])
    words = {"owner": owner, "split": split, "third_party": third_party}
    words |= {"aws_duty": aws_duty, "customer_duty": customer_duty, "why": why}
    cell = _make_cell(below.get(layer, matrix.claims[service][layer]).cell, words)
    try:
        place = _find_place(home, service)
        text = put_cell(place, service, layer, cell, list(matrix.catalogue.layers))
        _check_as_it_would_be(home, matrix, place, text)
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SrmError(f"{home}: cannot be used: {error.strerror}; choose another folder") from None
    return replace_file(place, text.encode())


def lay_over(matrix: Matrix, folder: PathLike) -> Matrix:
    """The same services and layers with one more overlay on top.

    What a workload's own settings have moved stays moved, unless the overlay speaks of that cell.
    """
    catalogue = load_catalogue(*_stack(Path(folder), matrix))
    fresh = make_matrix(catalogue).select(services=matrix.services, layers=matrix.layers)
    before = matrix.catalogue.claims
    claims = {
        id: {
            layer: claim if before[id].get(layer) != claim else matrix.claims[id][layer]
            for layer, claim in catalogue.claims[id].items()
        }
        for id in matrix.services
    }
    return replace(fresh, claims=claims)


def find_home(folder: PathLike, matrix: Matrix) -> Path:
    """The overlay's folder, if one may be written there: it needs a name and room of its own."""
    home = Path(str(folder).strip())
    home = home.expanduser() if home.parts[:1] == ("~",) else home
    if home.name in ("", "..", CATALOGUE):
        raise SrmError(f"{str(folder)!r} names no overlay; give a folder such as my-overlay")
    if home.resolve() in (find_data().resolve(), matrix.catalogue.folders[0].resolve()):
        raise SrmError(f"{home} is the catalogue itself; give a folder of your own")
    return home


def _stack(home: Path, matrix: Matrix) -> tuple[Path, list[Path]]:
    """The data folder and the overlays over it, this one on top."""
    data, *overlays = matrix.catalogue.folders
    return data, [*(each for each in overlays if each.resolve() != home.resolve()), home]


def _load_below(home: Path, matrix: Matrix) -> Catalogue:
    """What the overlay lies on: an earlier claim of its own is not what a new one replaces."""
    data, overlays = _stack(home, matrix)
    if len(overlays) == len(matrix.catalogue.folders):
        return matrix.catalogue
    return load_catalogue(data, overlays[:-1])


def _make_cell(below: Cell, words: dict[str, str | None]) -> Cell:
    """The claim as interpreted, over the pages that were read for the cell below.

    A setting that moves an owner is a fact, and stays where it still moves this one.
    """
    told = {key: _tidy(text) for key, text in words.items()}
    exists = told["owner"] != "not-applicable"
    unless = tuple(each for each in below.unless if exists and each.owner != told["owner"])
    since = below.since if exists else None
    return Cell(basis="interpreted", sources=below.sources, since=since, unless=unless, **told)  # type: ignore[arg-type]


def _tidy(text: str | None) -> str | None:
    """One paragraph without characters that YAML forbids; nothing is None."""
    words = "".join(each for each in text or "" if each.isprintable() or each.isspace()).split()
    return " ".join(words) or None


def _find_place(home: Path, service: str) -> Path:
    """The service's file; a link must not lead out of the folder."""
    place = home / "services" / f"{service}.yaml"
    if not place.resolve().is_relative_to(home.resolve()):
        raise SrmError(f"{place}: leads out of {home}; put a folder or file there, not a link")
    return place


def _check_as_it_would_be(home: Path, matrix: Matrix, place: Path, text: str) -> None:
    """Hold a copy of the folder, with the new text in it, against the rules."""
    with tempfile.TemporaryDirectory() as room:
        copy = Path(room) / home.name
        _copy_form(home, copy)
        (copy / place.relative_to(home)).write_text(text, encoding="utf-8")
        data, overlays = _stack(home, matrix)
        # `srmlib check` holds an overlay against the catalogue alone; the loader knows the rest.
        if len(overlays) == 1 and data.resolve() == find_data().resolve():
            for each in find_problems(copy):
                where = f"{home.name}/{each.file}" + (f": {each.key}" if each.key else "")
                raise SrmError(f"{where} {each.problem}; {each.mend}")
        load_catalogue(data, [*overlays[:-1], copy])


def _copy_form(home: Path, copy: Path) -> None:
    """What belongs to an overlay's form; whatever else lies in the folder may be large."""
    (copy / "services").mkdir(parents=True)
    (copy / "mapping").mkdir()
    for path in (path for pattern in FORM for path in home.glob(pattern) if path.is_file()):
        shutil.copyfile(path, copy / path.relative_to(home))
