"""The options of `srmlib collect`."""

from __future__ import annotations

import argparse


def add_collect_options(parser: argparse.ArgumentParser) -> None:
    """One source, the file, and whose credentials are used."""
    parser.description = (
        "Write an inventory file from AWS Config or Resource Explorer, with your own AWS "
        "credentials, read-only. docs/collect.md has the IAM policy."
    )
    source = parser.add_mutually_exclusive_group(required=True)
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
    parser.add_argument(
        "-o", dest="output", required=True, metavar="OUT.json",
        help="the inventory file; a run that is cut off goes on from OUT.json.part",
    )  # fmt: skip
    parser.add_argument("--profile", metavar="NAME", help="a profile of your AWS configuration")
    parser.add_argument("--region", metavar="ID", help="where the aggregator, or the view, is")
