"""The srmlib command: parses, calls, prints."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from io import TextIOWrapper
from typing import Any, NoReturn

from srmlib.catalogue import load_catalogue, load_heads
from srmlib.errors import SrmError
from srmlib.matrix import (
    LADDER_COLUMNS,
    LAYER_COLUMNS,
    SERVICE_COLUMNS,
    Matrix,
    Row,
    list_ladders,
    list_layers,
    list_services,
    make_matrix,
)

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


class Parser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}; see `{self.prog} --help`", file=sys.stderr)
        raise SystemExit(UNUSABLE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0 done, 1 something found, 2 unusable input."""
    parser = make_parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and options.command not in ("lab", "dashboard"):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    options.rest = rest
    _write_utf8()
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except SrmError as error:
        return _complain([str(error)])
    except BrokenPipeError:
        # The reader has what it wanted; Python would complain again when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return 130


def _write_utf8() -> None:
    """A pipe gets the same bytes on every system, as a file does; a terminal has its own encoding."""
    if isinstance(sys.stdout, TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")


def make_parser() -> Parser:
    """The command line with all its commands."""
    from srmlib import __version__
    from srmlib.collector.command import add_collect_options

    parser = Parser(prog="srmlib", description="Who owns what on AWS, you or AWS, and why.")
    parser.add_argument("--version", action="version", version=f"srmlib {__version__}")
    commands = parser.add_subparsers(
        dest="command", required=True, parser_class=Parser, metavar="command"
    )
    _add(commands, "services", _run_services, "the rows of the matrix")
    _add(commands, "layers", _run_layers, "the columns of the matrix")
    matrix = _add(commands, "matrix", _run_matrix, "who owns what, a row a cell")
    for name in ("service", "layer", "model"):
        matrix.add_argument(f"--{name}", action="append", metavar="ID", help=f"only this {name}")
    matrix.add_argument("--wide", action="store_true", help="a row a service, a column a layer")
    compare = _add(commands, "compare", _run_compare, "services side by side")
    compare.add_argument("services", nargs="*", metavar="ID")
    compare.add_argument(
        "--ladder", metavar="ID", help="the services of a named path from self-run to managed"
    )
    _add(commands, "ladders", _run_ladders, "named paths from self-run to managed")
    inventory = _add(commands, "inventory", _run_inventory, "what files hold, type by type")
    inventory.add_argument("files", nargs="+", metavar="FILE")
    _add_column(inventory)
    add_collect_options(
        _add(commands, "collect", _run_collect, "what was collected from AWS into a file")
    )
    review = _add(commands, "review", _run_review, "your duties for the workload in files")
    review.add_argument("files", nargs="+", metavar="FILE")
    _add_column(review)
    review.add_argument(
        "--record", metavar="FILE", help="what people decided before; read, never written"
    )
    review.add_argument(
        "--framework", metavar="ID", help="name with each duty the controls about its layer"
    )
    review.add_argument(
        "--teams", metavar="FILE", help="name the teams that have the duties, by a file of teams"
    )
    review.add_argument(
        "--move", action="append", default=[], metavar="FROM=TO[:COUNT]",
        help="what if resources of one service ran as another; may be given again",
    )  # fmt: skip
    controls = _add(commands, "controls", _run_controls, "a framework's controls, and who has them")
    controls.add_argument("framework", metavar="FRAMEWORK", help="for example nist-800-53-r5")
    controls.add_argument("files", nargs="*", metavar="FILE", help="answer them for this workload")
    controls.add_argument(
        "--control", action="append", metavar="ID", help="only this control; may be given again"
    )
    controls.add_argument("--baseline", metavar="NAME", help="only this baseline, as moderate")
    controls.add_argument(
        "--oscal", metavar="DIR", help="write plan, AWS's side and components there as OSCAL"
    )
    record = _add(commands, "record", _run_record, "what a record takes from a duty sheet")
    record.add_argument("record", metavar="FILE", help="the record, made where there is none")
    record.add_argument(
        "--from", dest="sheet", required=True, metavar="REVIEW.xlsx", help="the sheet people filled"
    )
    for each in (matrix, compare, review, controls):
        _add_outputs(each)
    diff = _add(commands, "diff", _run_diff, "what came, went and changed hands")
    diff.add_argument(
        "old", metavar="OLD",
        help="workload files in a folder, one file, a review's .json, - for standard input; or a data folder",
    )  # fmt: skip
    diff.add_argument("new", metavar="NEW", help="a later version of it")
    diff.add_argument(
        "-o", dest="outputs", action="append", default=[], metavar="OUT",
        help="also write it: .md for a pull request, .csv, .json; may be given again",
    )  # fmt: skip
    diff.set_defaults(date=None, template=None)
    check = _add(commands, "check", _run_check, "every problem in a data folder")
    check.add_argument("directory", nargs="?", metavar="DIR")
    check.add_argument("--fix", action="store_true", help="put rows and keys in order first")
    lab = commands.add_parser(
        "lab", help="JupyterLab on the notebooks", description="Open JupyterLab on the notebooks.",
        epilog="Other options are handed to JupyterLab.",
    )  # fmt: skip
    lab.set_defaults(run=_run_lab)
    dashboard = commands.add_parser(
        "dashboard", help="the explorer as a page for readers without code",
        description="Open the explorer as a page: on this machine only, at an address with a token.",
        epilog="Other options are handed to Voila: --port 9000, --no-browser.",
    )  # fmt: skip
    dashboard.add_argument(
        "--quiz", nargs="*", action="extend", metavar="ID",
        help="the quiz of these services in its place, for a class; "
        "default: ec2 ecs-fargate rds lambda s3",
    )  # fmt: skip
    _add_folders(dashboard)
    dashboard.set_defaults(run=_run_dashboard)
    return parser


def _add(
    commands: argparse._SubParsersAction[Parser],
    name: str,
    run: Callable[[argparse.Namespace], int],
    help: str,
) -> Parser:
    parser = commands.add_parser(name, help=help, description=f"Print {help}.")
    _add_folders(parser)
    parser.add_argument(
        "--format", choices=("table", "csv", "json"),
        help="default: table on a terminal, csv in a pipe",
    )  # fmt: skip
    parser.set_defaults(run=run)
    return parser


def _add_folders(parser: Parser) -> None:
    parser.add_argument("--data", metavar="DIR", help="read this data folder")
    parser.add_argument(
        "--overlay", metavar="DIR", action="append", default=[], help="lay this folder over it"
    )


def _add_column(parser: Parser) -> None:
    parser.add_argument(
        "--column", metavar="NAME", help="a csv's column of ARNs, types or services, if not found"
    )


def _add_outputs(parser: Parser) -> None:
    parser.add_argument(
        "-o", dest="outputs", action="append", default=[], metavar="OUT",
        help="also write it in the format of the ending: .pptx, .xlsx, .html, .md, .csv, "
        ".jira.csv (a review's duties), .json, .oscal.json, .png, .svg, .pdf; may be given again",
    )  # fmt: skip
    parser.add_argument("--date", metavar="DAY", help="the day that is shown, as 2026-01-31")
    parser.add_argument(
        "--template", metavar="FILE", help="a .pptx whose masters, fonts and colours a deck takes"
    )


def _run_services(options: argparse.Namespace) -> int:
    rows = list_services(load_heads(options.data, options.overlay))
    return _print(options, rows, SERVICE_COLUMNS)


def _run_layers(options: argparse.Namespace) -> int:
    rows = list_layers(load_catalogue(options.data, options.overlay))
    return _print(options, rows, LAYER_COLUMNS)


def _run_matrix(options: argparse.Namespace) -> int:
    matrix = _load(options).select(
        services=options.service, layers=options.layer, models=options.model
    )
    _write_outputs(options, matrix)
    if not options.wide:
        return _print(options, matrix.rows(), matrix.columns)
    rows: list[Row] = [
        {"service": id} | {layer: matrix.claims[id][layer].cell.owner for layer in matrix.layers}
        for id in matrix.services
    ]
    return _print(options, rows, ("service", *matrix.layers), narrow=False)


def _run_compare(options: argparse.Namespace) -> int:
    from srmlib.shift import compare, compare_ladder

    if bool(options.ladder) == bool(options.services):
        raise SrmError("compare takes services or one --ladder; `srmlib ladders` lists the ladders")
    matrix = _load(options)
    comparison = (
        compare_ladder(matrix, options.ladder)
        if options.ladder
        else compare(matrix, *options.services)
    )
    _write_outputs(options, comparison)
    return _print(options, comparison.rows(), comparison.columns)


def _run_ladders(options: argparse.Namespace) -> int:
    rows = list_ladders(load_catalogue(options.data, options.overlay))
    return _print(options, rows, LADDER_COLUMNS)


def _run_inventory(options: argparse.Namespace) -> int:
    import msgspec

    from srmlib.inventory import INVENTORY_COLUMNS, list_inventory, read_paths

    inventories, faults = read_paths(
        options.files, options.data, options.overlay, column=options.column
    )
    if _choose_format(options) == "json":
        hidden = {"settings", "digest"}
        listed = [
            {key: value for key, value in msgspec.to_builtins(each).items() if key not in hidden}
            for each in inventories
        ]
        print(msgspec.json.format(msgspec.json.encode(listed), indent=2).decode())
    else:
        _print(options, list_inventory(inventories), INVENTORY_COLUMNS)
        if _choose_format(options) == "table":
            _print_notes(
                f"{i.file}: {line}" for i in inventories for line in (*i.assumed, *i.unseen)
            )
    return _complain(faults)


def _run_collect(options: argparse.Namespace) -> int:
    from srmlib.collector import COLLECTION_COLUMNS, collect_inventory
    from srmlib.progress import show_count

    with show_count("Resources collected") as tell:
        collection = collect_inventory(
            options.output, aggregator=options.aggregator, config=options.config,
            resource_explorer=options.resource_explorer, profile=options.profile,
            region=options.region, progress=tell,
        )  # fmt: skip
    for note in collection.notes:
        print(f"srmlib: {collection.file.name}: {note}", file=sys.stderr)
    return _print(options, collection.rows(), COLLECTION_COLUMNS)


def _run_review(options: argparse.Namespace) -> int:
    from srmlib.moves import read_move
    from srmlib.reviews import review_readable

    review = review_readable(
        options.files, record=options.record, date=options.date, framework=options.framework,
        column=options.column, data=options.data, overlay=options.overlay,
    )  # fmt: skip
    if review.inventories:
        if options.move:
            review = review.what_if([read_move(each) for each in options.move])
        if options.teams:
            review = review.assign(options.teams)
        _write_outputs(options, review)
        gone = review.gone if options.move else []
        _print(options, [*review.rows(), *gone], review.columns)
        if _choose_format(options) == "table":
            _print_notes(review.warnings)
    return _complain(review.faults)


def _run_controls(options: argparse.Namespace) -> int:
    from srmlib.frameworks import ANSWER_COLUMNS, LISTED_COLUMNS, answer_controls

    faults: tuple[str, ...] = ()
    if options.outputs and not options.files:
        raise SrmError(
            "a matrix of controls is written for a workload; name its files: "
            f"srmlib controls {options.framework} FILE... -o {options.outputs[0]}"
        )
    if options.files:
        from srmlib.reviews import review_readable

        review = review_readable(
            options.files, date=options.date, data=options.data, overlay=options.overlay
        )
        faults = review.faults
        if not review.inventories:
            return _complain(faults)
        asked = review.answer_controls(options.framework, options.control)
    else:
        asked = answer_controls(_load(options), options.framework, options.control)
    if options.baseline:
        asked = asked.select(options.baseline)
    listed = [{key: getattr(each, key) for key in LISTED_COLUMNS} for each in asked.controls]
    for row in listed:
        row["layers"] = row["layers"].split("; ")
    columns: tuple[str, ...] = LISTED_COLUMNS
    if options.oscal and not options.files:
        raise SrmError("--oscal: a plan is of a workload; name its files too")
    if options.files:
        _write_outputs(options, asked)
        if options.oscal:
            from srmlib.export.files import write_oscal

            write_oscal(asked, options.oscal, date=options.date)
        listed = [row | answered for row, answered in zip(listed, asked.rows(), strict=True)]
        columns = (*LISTED_COLUMNS, *ANSWER_COLUMNS[2:])
    _print(options, listed, columns)
    if options.files and _choose_format(options) == "table":
        _print_notes(asked.warnings)
    return _complain(faults)


def _run_record(options: argparse.Namespace) -> int:
    from srmlib.duty_sheets import ENTRY_COLUMNS, take_entries

    taken = take_entries(options.record, options.sheet)
    return _print(options, [entry._asdict() for entry in taken], ENTRY_COLUMNS)


def _run_diff(options: argparse.Namespace) -> int:
    from srmlib.workload_diffs import find_differences

    found = find_differences(options.old, options.new, options.data, options.overlay)
    _write_outputs(options, found)
    rows = found.rows()
    if _choose_format(options) == "table":
        rows = [row | {"service": row["service"] or row.get("services")} for row in rows]
        _print(options, rows, found.columns)
        _print_notes([found.summary])
    else:
        _print(options, rows, found.columns)
    return FOUND if rows else DONE


def _run_check(options: argparse.Namespace) -> int:
    from srmlib.check import COLUMNS, find_problems
    from srmlib.order import fix_order

    directory = options.directory or options.data
    if options.fix:
        if directory is None:
            raise SrmError("--fix needs the folder to mend; name it: srmlib check DIR --fix")
        for name in fix_order(directory):
            print(f"srmlib: {name}: put in order", file=sys.stderr)
    problems = find_problems(directory)
    _print(options, [problem._asdict() for problem in problems], COLUMNS)
    return FOUND if problems else DONE


def _run_lab(options: argparse.Namespace) -> int:
    from srmlib.lab import open_lab

    return open_lab(options.rest)


def _run_dashboard(options: argparse.Namespace) -> int:
    from srmlib.dashboard import open_dashboard

    return open_dashboard(options.rest, options.data, options.overlay, options.quiz)


def _load(options: argparse.Namespace) -> Matrix:
    return make_matrix(load_catalogue(options.data, options.overlay))


def _write_outputs(options: argparse.Namespace, what: Any) -> None:
    """Write each -o, with a bar on a terminal; what is printed comes after, so a fault comes first."""
    paths = [path for path in options.outputs if path != "-"]
    if not paths:
        return
    from srmlib.export.files import write_all
    from srmlib.progress import show_progress

    with show_progress("Writing") as tell:
        write_all(
            dict.fromkeys(paths, what), date=options.date, template=options.template, progress=tell
        )


def _choose_format(options: argparse.Namespace) -> str:
    return options.format or ("table" if sys.stdout.isatty() else "csv")


def _print(
    options: argparse.Namespace, rows: list[Row], columns: Sequence[str], *, narrow: bool = True
) -> int:
    shown = _choose_format(options)
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


def _print_notes(lines: Iterable[str]) -> None:
    for line in lines:
        print(f"note: {line}")


def _complain(faults: Iterable[str]) -> int:
    """One line on stderr for each fault."""
    told = [" ".join(fault.split()) for fault in faults]
    for line in told:
        print(f"srmlib: {line}", file=sys.stderr)
    return UNUSABLE if told else DONE
