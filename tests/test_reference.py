"""The reference in the repository says what the parser and the docstrings say now."""

from __future__ import annotations

import argparse
import shlex

import pytest

import srmlib
from scripts.write_reference import list_commands, tell_api, tell_commands
from srmlib.cli import make_parser
from srmlib.cli.examples import EXAMPLES
from tests.conftest import ROOT

COMMANDS = dict(list_commands(make_parser()))


def test_the_page_of_commands_is_in_step_with_the_parser() -> None:
    told = (ROOT / "docs" / "commands.md").read_text()
    assert told == tell_commands(), "run `make reference`"


def test_the_page_of_the_api_is_in_step_with_the_docstrings() -> None:
    told = (ROOT / "docs" / "api.md").read_text()
    assert told == tell_api(), "run `make reference`"


def test_the_pages_hold_nothing_that_changes_from_run_to_run() -> None:
    assert " at 0x" not in tell_api()
    assert tell_commands() == tell_commands()


def test_every_public_name_has_a_heading() -> None:
    told = tell_api().splitlines()
    assert [name for name in srmlib.__all__ if f"### {name}" not in told] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_argument_says_what_it_does(command: str) -> None:
    actions = COMMANDS[command]._actions
    assert [each.dest for each in actions if not each.help or each.help is argparse.SUPPRESS] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_an_example_that_parses(command: str) -> None:
    assert f"srmlib {EXAMPLES[command]}" in str(COMMANDS[command].epilog)
    options, unknown = make_parser().parse_known_args(shlex.split(EXAMPLES[command]))
    assert options.command == command
    assert not unknown or command in ("lab", "dashboard")
