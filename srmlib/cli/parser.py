"""The commands and their options."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import NoReturn, TypeAlias

from srmlib.cli import commands
from srmlib.cli.examples import show_example
from srmlib.cli.printing import UNUSABLE


class Parser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}; see `{self.prog} --help`", file=sys.stderr)
        raise SystemExit(UNUSABLE)


Listed: TypeAlias = "argparse._SubParsersAction[Parser]"


def make_parser(command: str | None = None) -> Parser:
    """The command line with all its commands; where one is known to be asked, with its like only,
    since argparse takes longer over all of them than a command over its work."""
    from srmlib import __version__

    parser = Parser(prog="srmlib", description="Who owns what on AWS, you or AWS, and why.")
    parser.add_argument("--version", action="version", version=f"srmlib {__version__}")
    listed = parser.add_subparsers(
        dest="command", required=True, parser_class=Parser, metavar="command"
    )
    asked = [add for names, add in GROUPS.items() if command in names]
    for add in asked or GROUPS.values():
        add(listed)
    return parser


def _add_matrix(listed: Listed) -> None:
    """The matrix itself: its rows, columns and cells, and rows side by side."""
    _add(listed, "services", commands.run_services, "the rows of the matrix")
    _add(listed, "layers", commands.run_layers, "the columns of the matrix")
    matrix = _add(listed, "matrix", commands.run_matrix, "who owns what, a row a cell")
    for name in ("service", "layer", "model"):
        told = f"only this {name}; may be given again"
        matrix.add_argument(f"--{name}", action="append", metavar="ID", help=told)
    matrix.add_argument("--wide", action="store_true", help="a row a service, a column a layer")
    compare = _add(listed, "compare", commands.run_compare, "services side by side")
    compare.add_argument(
        "services", nargs="*", metavar="ID", help="two or more rows of `srmlib services`"
    )
    compare.add_argument(
        "--ladder", metavar="ID", help="the services of a named path from self-run to managed"
    )
    _add(listed, "ladders", commands.run_ladders, "named paths from self-run to managed")
    _add_outputs(matrix)
    _add_outputs(compare)


def _add_inventory(listed: Listed) -> None:
    """What a workload is made of."""
    inventory = _add(listed, "inventory", commands.run_inventory, "what files hold, type by type")
    _add_files(inventory)
    _add_column(inventory)


def _add_collect(listed: Listed) -> None:
    """An inventory straight from AWS: one source, the file, and whose credentials are used."""
    collect = _add(
        listed, "collect", commands.run_collect, "what was collected from AWS into a file"
    )
    collect.description = (
        "Write an inventory file from AWS Config or Resource Explorer, with your own AWS "
        "credentials, read-only. docs/collect.md has the IAM policy."
    )
    source = collect.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--aggregator", metavar="NAME", help="AWS Config: all that this aggregator sees"
    )
    source.add_argument(
        "--config", action="store_true", help="AWS Config: one account in one Region"
    )
    source.add_argument(
        "--resource-explorer", nargs="?", const=True, metavar="VIEW",
        help="Resource Explorer: all that the Region's default view, or the view of this ARN, shows",
    )  # fmt: skip
    collect.add_argument(
        "-o", dest="output", required=True, metavar="OUT.json",
        help="the inventory file; a run that is cut off goes on from OUT.json.part",
    )  # fmt: skip
    collect.add_argument("--profile", metavar="NAME", help="a profile of your AWS configuration")
    collect.add_argument("--region", metavar="ID", help="where the aggregator, or the view, is")


def _add_review(listed: Listed) -> None:
    """Whose duties a workload brings."""
    review = _add(listed, "review", commands.run_review, "your duties for the workload in files")
    _add_files(review)
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
    _add_outputs(review)


def _add_controls(listed: Listed) -> None:
    """A framework's controls, in general or of a workload."""
    controls = _add(
        listed, "controls", commands.run_controls, "a framework's controls, and who has them"
    )
    controls.add_argument("framework", metavar="FRAMEWORK", help="for example nist-800-53-r5")
    controls.add_argument("files", nargs="*", metavar="FILE", help="answer them for this workload")
    controls.add_argument(
        "--control", action="append", metavar="ID", help="only this control; may be given again"
    )
    controls.add_argument("--baseline", metavar="NAME", help="only this baseline, as moderate")
    controls.add_argument(
        "--oscal", metavar="DIR", help="write plan, AWS's side and components there as OSCAL"
    )
    _add_outputs(controls)


def _add_fleet(listed: Listed) -> None:
    """An organisation of many accounts."""
    fleet = _add(listed, "fleet", commands.run_fleet, "what each account of an organisation owes")
    fleet.add_argument(
        "paths", nargs="+", metavar="PATH",
        help="tables of resources (.parquet, .csv, .csv.gz), snapshots of AWS Config (.json, .json.gz), "
        "folders of them",
    )  # fmt: skip
    fleet.add_argument(
        "--by", metavar="TABLE", default="accounts",
        help="accounts (default), services, duties, by_duty, by_team, outliers or unmapped",
    )  # fmt: skip
    fleet.add_argument("--teams", metavar="FILE", help="who has which duties, for --by by_team")
    fleet.add_argument(
        "--framework", metavar="ID", help="how many of its controls are whose, account by account"
    )
    fleet.add_argument(
        "--since", nargs="+", metavar="OLDER",
        help="what came and went since this older state: services, or with --by duties the duties",
    )  # fmt: skip
    _add_outputs(fleet)


def _add_record(listed: Listed) -> None:
    """What people decided."""
    record = _add(listed, "record", commands.run_record, "what a record takes from a duty sheet")
    record.add_argument("record", metavar="FILE", help="the record, made where there is none")
    record.add_argument(
        "--from", dest="sheet", required=True, metavar="REVIEW.xlsx", help="the sheet people filled"
    )


def _add_diff(listed: Listed) -> None:
    """What changed."""
    diff = _add(listed, "diff", commands.run_diff, "what came, went and changed hands")
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


def _add_check(listed: Listed) -> None:
    """The data's own faults."""
    check = _add(listed, "check", commands.run_check, "every problem in a data folder")
    check.add_argument(
        "directory", nargs="?", metavar="DIR", help="the folder; default: the catalogue's own"
    )
    check.add_argument("--fix", action="store_true", help="put rows and keys in order first")


def _add_servers(listed: Listed) -> None:
    """JupyterLab and the dashboard."""
    lab = listed.add_parser(
        "lab", help="JupyterLab on the notebooks", description="Open JupyterLab on the notebooks.",
        epilog=f"Other options are handed to JupyterLab. {show_example('lab')}",
    )  # fmt: skip
    lab.set_defaults(run=commands.run_lab)
    dashboard = listed.add_parser(
        "dashboard", help="the explorer as a page for readers without code",
        description="Open the explorer as a page: on this machine only, at an address with a token.",
        epilog="Other options are handed to Voila: --port 9000, --no-browser. "
        + show_example("dashboard"),
    )  # fmt: skip
    dashboard.add_argument(
        "--quiz", nargs="*", action="extend", metavar="ID",
        help="the quiz of these services in its place, for a class; "
        "default: ec2 ecs-fargate rds lambda s3",
    )  # fmt: skip
    _add_folders(dashboard)
    dashboard.set_defaults(run=commands.run_dashboard)


GROUPS: dict[tuple[str, ...], Callable[[Listed], None]] = {
    ("services", "layers", "matrix", "compare", "ladders"): _add_matrix,
    ("inventory",): _add_inventory,
    ("collect",): _add_collect,
    ("review",): _add_review,
    ("controls",): _add_controls,
    ("fleet",): _add_fleet,
    ("record",): _add_record,
    ("diff",): _add_diff,
    ("check",): _add_check,
    ("lab", "dashboard"): _add_servers,
}


def _add(
    listed: Listed,
    name: str,
    run: Callable[[argparse.Namespace], int],
    help: str,
) -> Parser:
    parser = listed.add_parser(
        name, help=help, description=f"Print {help}.", epilog=show_example(name)
    )
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
        "--overlay",
        metavar="DIR",
        action="append",
        default=[],
        help="lay this folder over it; may be given again",
    )


def _add_files(parser: Parser) -> None:
    parser.add_argument(
        "files", nargs="+", metavar="FILE",
        help="plans, states, templates, inventories, bills, folders of them, or - (docs/inputs.md)",
    )  # fmt: skip


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
