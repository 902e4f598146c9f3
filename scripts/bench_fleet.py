"""An organisation's duties from Parquet: ours to hand-written DuckDB SQL for the same answer.

Both are whole processes, from the start of Python to the last row; the peer is handed its mapping
and its duties as Parquet, and reads no catalogue. SRMLIB_BENCH_ROWS takes another number of rows.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
from bench import Line, command, keep_line, print_line

import srmlib as srm
from srmlib.fleet.cells import make_duties, make_words
from srmlib.fleet.words import Named, find_meaning

ROWS = int(os.environ.get("SRMLIB_BENCH_ROWS", 50_000_000))
RUNS = 5
FILES, TYPES = 20, 300
# Each account runs its own tenth of the types, in a few of the Regions.
FILL = """
COPY (
  SELECT lpad(CAST(account * 7919 AS VARCHAR), 12, '0') AS account_id,
    'region-' || (account + CAST(hash(i + 1) % 4 AS BIGINT)) % 20 AS region,
    types[1 + (account * 13 + CAST(hash(i + 2) % 30 AS BIGINT)) % len(types)] AS resource_type,
    'r-' || i AS resource_id
  FROM (SELECT i, CAST(hash(i) % 500 AS BIGINT) AS account FROM range({first}, {last}) AS t(i))
  CROSS JOIN (SELECT list(resource_type) AS types FROM '{words}')
) TO '{path}'
"""
OURS = """
import sys
from srmlib.fleet import read_fleet
print(len(read_fleet(sys.argv[1]).duties))
"""
THEIRS = """
import sys, duckdb
rows, words, duties = sys.argv[1:]
duckdb.sql("SET enable_progress_bar = false")
answer = duckdb.sql(f'''
  WITH used AS (
    SELECT account_id, service, sum(n) AS resources
    FROM (SELECT account_id, resource_type, count(*) AS n FROM '{rows}/*.parquet' GROUP BY ALL)
    JOIN '{words}' USING (resource_type) GROUP BY ALL)
  SELECT account_id, duty, layer, priority, list(service ORDER BY service) AS services,
    sum(resources)::BIGINT AS resources
  FROM used JOIN '{duties}' USING (service)
  GROUP BY account_id, duty, layer, priority, place ORDER BY account_id, priority, place, duty
''').df()
print(len(answer))
"""


def main() -> None:
    """Print the ratio and the memory of ours, with the goals."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        rows, words, duties = write_tables(folder)
        ours = [sys.executable, "-c", OURS, str(rows)]
        theirs = [sys.executable, "-c", THEIRS, str(rows), str(words), str(duties)]
        counts = [int(subprocess.check_output(words)) for words in (ours, theirs)]
        if counts[0] != counts[1]:
            raise SystemExit(
                f"the answers differ: {counts[0]} rows of ours, {counts[1]} of the peer"
            )
        for what in ("whole process", "its CPU"):
            runs = [command(each, cpu=what == "its CPU") for each in (ours, theirs)]
            pairs = [[run() for run in runs] for _ in range(RUNS)]
            medians = [statistics.median(times) for times in zip(*pairs, strict=True)]
            name = f"fleet duties, {ROWS:,} rows of Parquet, {what}"
            print_line(name, medians[0], medians[1], "<= 1.60", "DuckDB SQL")
        memory = f"{measure_memory(ours):.0f} MB"
        keep_line(Line(f"fleet duties, {ROWS:,} rows, memory", memory, "", "", "<= 1 GB", ""))


def write_tables(folder: Path) -> tuple[Path, Path, Path]:
    """The rows in a folder of their own, and what the peer joins them with."""
    matrix = srm.load_matrix()
    known = find_types()
    meaning = find_meaning({Named(type, ""): 1 for type in known}, matrix.catalogue)
    services = dict.fromkeys(filter(None, meaning.services.values()))
    words, duties, rows = folder / "words.parquet", folder / "duties.parquet", folder / "rows"
    make_words(meaning.services).to_parquet(words)
    make_duties(matrix, services).to_parquet(duties)
    rows.mkdir()
    for number in range(FILES):
        first, last = (ROWS * place // FILES for place in (number, number + 1))
        path = rows / f"{number:02}.parquet"
        duckdb.sql(FILL.format(first=first, last=last, words=words, path=path))
    return rows, words, duties


def find_types() -> list[str]:
    """Types of AWS Config, evenly picked from all that are mapped."""
    path = Path(__file__).parent.parent / "data" / "mapping" / "cloudformation.csv"
    lines = [line.split(",") for line in path.read_text().splitlines()[1:]]
    mapped = [type for type, _, service in lines if service]
    return mapped[:: len(mapped) // TYPES][:TYPES]


def measure_memory(words: list[str]) -> float:
    """The most megabytes that a process had resident."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, "
        "stdout=subprocess.DEVNULL); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    return int(subprocess.check_output([sys.executable, "-c", code, *words])) / 1000


if __name__ == "__main__":
    main()
