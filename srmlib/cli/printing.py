"""Tables, csv and JSON on standard output; notes below them, faults on standard error."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence

from srmlib.matrix import Row

DONE, FOUND, UNUSABLE = 0, 1, 2
# A terminal is too narrow for every column; csv and json always have them all.
NARROW = {
    "matrix": ("service", "layer", "owner", "customer_duty", "aws_duty", "basis"),
    "review": ("priority", "layer", "text", "services", "tools", "checks"),
    "services": ("service", "name", "model", "category", "lifecycle"),
    "layers": ("layer", "group", "question", "priority"),
    "controls": ("control", "title", "owner", "customer_duty", "checks"),
    "diff": ("change", "service", "layer", "before", "after", "duty"),
}


def choose_format(options: argparse.Namespace) -> str:
    return options.format or ("table" if sys.stdout.isatty() else "csv")


def print_rows(
    options: argparse.Namespace, rows: list[Row], columns: Sequence[str], *, narrow: bool = True
) -> int:
    shown = choose_format(options)
    if shown == "table":
        few = NARROW.get(options.command, columns) if narrow else columns
        extra = [name for name in ("change", "controls") if name in columns and name not in few]
        _print_table(rows, (*few, *extra))
    elif shown == "json":
        from srmlib.export.tables import render_json

        sys.stdout.write(render_json(rows, columns))
    else:
        from srmlib.export.tables import render_csv

        sys.stdout.write(render_csv(rows, columns))
    return DONE


def _print_table(rows: list[Row], columns: Iterable[str]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from srmlib.export.tables import flatten_rows

    names = list(columns)
    table = Table(*names, box=SIMPLE_HEAD, pad_edge=False)
    for row in flatten_rows(rows, names):
        table.add_row(*(Text(text) for text in row))
    Console().print(table)


def print_notes(lines: Iterable[str]) -> None:
    for line in lines:
        print(f"note: {line}")


def complain(faults: Iterable[str]) -> int:
    """One line on stderr for each fault."""
    told = [" ".join(fault.split()) for fault in faults]
    for line in told:
        print(f"srmlib: {line}", file=sys.stderr)
    return UNUSABLE if told else DONE
