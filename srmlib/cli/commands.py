"""What each command calls, and prints of it."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from srmlib.catalogue import load_catalogue, load_heads
from srmlib.cli.printing import DONE, FOUND, choose_format, complain, print_notes, print_rows
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


def run_services(options: argparse.Namespace) -> int:
    rows = list_services(load_heads(options.data, options.overlay))
    return print_rows(options, rows, SERVICE_COLUMNS)


def run_layers(options: argparse.Namespace) -> int:
    rows = list_layers(load_catalogue(options.data, options.overlay))
    return print_rows(options, rows, LAYER_COLUMNS)


def run_matrix(options: argparse.Namespace) -> int:
    matrix = _load(options).select(
        services=options.service, layers=options.layer, models=options.model
    )
    write_outputs(options, matrix)
    if not options.wide:
        return print_rows(options, matrix.rows(), matrix.columns)
    rows: list[Row] = [
        {"service": id} | {layer: matrix.claims[id][layer].cell.owner for layer in matrix.layers}
        for id in matrix.services
    ]
    return print_rows(options, rows, ("service", *matrix.layers), narrow=False)


def run_compare(options: argparse.Namespace) -> int:
    from srmlib.shift import compare, compare_ladder

    if bool(options.ladder) == bool(options.services):
        raise SrmError("compare takes services or one --ladder; `srmlib ladders` lists the ladders")
    matrix = _load(options)
    comparison = (
        compare_ladder(matrix, options.ladder)
        if options.ladder
        else compare(matrix, *options.services)
    )
    write_outputs(options, comparison)
    return print_rows(options, comparison.rows(), comparison.columns)


def run_ladders(options: argparse.Namespace) -> int:
    rows = list_ladders(load_catalogue(options.data, options.overlay))
    return print_rows(options, rows, LADDER_COLUMNS)


def run_inventory(options: argparse.Namespace) -> int:
    import msgspec

    from srmlib.inventory import INVENTORY_COLUMNS, list_inventory, read_paths

    inventories, faults = read_paths(
        options.files, options.data, options.overlay, column=options.column
    )
    if choose_format(options) == "json":
        hidden = {"settings", "digest"}
        listed = [
            {key: value for key, value in msgspec.to_builtins(each).items() if key not in hidden}
            for each in inventories
        ]
        print(msgspec.json.format(msgspec.json.encode(listed), indent=2).decode())
    elif inventories or choose_format(options) == "csv":
        print_rows(options, list_inventory(inventories), INVENTORY_COLUMNS)
        if choose_format(options) == "table":
            print_notes(
                f"{i.file}: {line}" for i in inventories for line in (*i.assumed, *i.unseen)
            )
    return complain(faults)


def run_collect(options: argparse.Namespace) -> int:
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
    return print_rows(options, collection.rows(), COLLECTION_COLUMNS)


def run_review(options: argparse.Namespace) -> int:
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
        write_outputs(options, review)
        gone = review.gone if options.move else []
        print_rows(options, [*review.rows(), *gone], review.columns)
        if choose_format(options) == "table":
            print_notes(review.warnings)
    return complain(review.faults)


def run_controls(options: argparse.Namespace) -> int:
    if not options.files:
        return _list_controls(options)
    from srmlib.frameworks import ANSWER_COLUMNS, LISTED_COLUMNS
    from srmlib.reviews import review_readable

    review = review_readable(
        options.files, date=options.date, data=options.data, overlay=options.overlay
    )
    if review.inventories:
        asked = review.answer_controls(options.framework, options.control)
        asked = asked.select(options.baseline) if options.baseline else asked
        write_outputs(options, asked)
        if options.oscal:
            from srmlib.export.files import write_oscal

            write_oscal(asked, options.oscal, date=options.date)
        pairs = zip(asked.listed(), asked.rows(), strict=True)
        columns = (*LISTED_COLUMNS, *ANSWER_COLUMNS[2:])
        print_rows(options, [listed | answered for listed, answered in pairs], columns)
        if choose_format(options) == "table":
            print_notes(asked.warnings)
    return complain(review.faults)


def _list_controls(options: argparse.Namespace) -> int:
    """The controls themselves: who answers for them is a question about a workload."""
    from srmlib.frameworks import LISTED_COLUMNS, answer_controls

    if options.outputs:
        raise SrmError(
            "a matrix of controls is written for a workload; name its files: "
            f"srmlib controls {options.framework} FILE... -o {options.outputs[0]}"
        )
    asked = answer_controls(_load(options), options.framework, options.control)
    asked = asked.select(options.baseline) if options.baseline else asked
    if options.oscal:
        raise SrmError("--oscal: a plan is of a workload; name its files too")
    return print_rows(options, asked.listed(), LISTED_COLUMNS)


def run_fleet(options: argparse.Namespace) -> int:
    from srmlib.fleet import read_readable_fleet

    matrix = _load(options)
    fleet = read_readable_fleet(options.paths, matrix=matrix, teams=options.teams)
    faults = list(fleet.faults)
    if not fleet.meaning.services:
        return complain(faults)
    since = None
    if options.since:
        since = read_readable_fleet(options.since, matrix=matrix)
        faults += since.faults
    asked = fleet.answer(options.by, framework=options.framework, since=since)
    write_outputs(options, asked)
    columns = asked.columns
    if choose_format(options) == "table":
        columns = tuple(each for each in columns if each not in ("tools", "checks", "sources"))
    print_rows(options, asked.rows(), columns)
    if choose_format(options) == "table":
        print_notes(fleet.warnings)
    return complain(faults)


def run_record(options: argparse.Namespace) -> int:
    from srmlib.duty_sheets import ENTRY_COLUMNS, take_entries

    taken = take_entries(options.record, options.sheet)
    return print_rows(options, [entry._asdict() for entry in taken], ENTRY_COLUMNS)


def run_diff(options: argparse.Namespace) -> int:
    from srmlib.workload_diffs import find_differences

    found = find_differences(options.old, options.new, options.data, options.overlay)
    write_outputs(options, found)
    rows = found.rows()
    if choose_format(options) == "table":
        rows = [row | {"service": row["service"] or row.get("services")} for row in rows]
        print_rows(options, rows, found.columns)
        print_notes([found.summary])
    else:
        print_rows(options, rows, found.columns)
    return FOUND if rows else DONE


def run_check(options: argparse.Namespace) -> int:
    from srmlib.check import COLUMNS, find_problems
    from srmlib.order import fix_order

    directory = options.directory or options.data
    if options.fix:
        if directory is None:
            raise SrmError("--fix needs the folder to mend; name it: srmlib check DIR --fix")
        for name in fix_order(directory):
            print(f"srmlib: {name}: put in order", file=sys.stderr)
    problems = find_problems(directory)
    print_rows(options, [problem._asdict() for problem in problems], COLUMNS)
    return FOUND if problems else DONE


def run_lab(options: argparse.Namespace) -> int:
    from srmlib.lab import open_lab

    return open_lab(options.rest)


def run_dashboard(options: argparse.Namespace) -> int:
    from srmlib.dashboard import open_dashboard

    return open_dashboard(options.rest, options.data, options.overlay, options.quiz)


def _load(options: argparse.Namespace) -> Matrix:
    return make_matrix(load_catalogue(options.data, options.overlay))


def write_outputs(options: argparse.Namespace, what: Any) -> None:
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
