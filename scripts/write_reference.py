"""The reference in the repository: docs/commands.md from the parser, docs/api.md from docstrings.

What argparse and pydoc print differs between versions of Python, so that the pages are told from
the parser's own actions and from signatures as they are written in the source.
"""

from __future__ import annotations

import argparse
import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import srmlib
from srmlib.atomic import replace_file
from srmlib.cli import make_parser

DOCS = Path(__file__).parent.parent / "docs"
WIDTH = 88
COMMANDS = """# The command line

Made by `make reference` from the parser; `srmlib COMMAND --help` says the same.

The printing commands write a table to a terminal, csv into a pipe, and with `--format json` an array of objects. `-` stands for standard
input or output. Faults are one line each on standard error, `srmlib: FILE: what is wrong and what to do`, and good files are answered
beside bad ones.

| exit code | means |
| --- | --- |
| 0 | done |
| 1 | `check` found problems, `diff` found differences |
| 2 | an argument or an input cannot be used |
"""
API = """# The API

Made by `make reference` from the docstrings.

`import srmlib as srm` brings these names, sorted by the module that holds them; a name is loaded when it is first used. Of classes, the
attributes and methods that are meant for readers stand here; functions make their objects. A default of `...` is a function that does nothing.
"""


def main() -> None:
    """Write both pages."""
    replace_file(DOCS / "commands.md", tell_commands().encode())
    replace_file(DOCS / "api.md", tell_api().encode())


def tell_commands() -> str:
    """The page of the command line: what each command does, its arguments, a line to try."""
    commands = list_commands(make_parser())
    rows = [(f"[`srmlib {name}`](#srmlib-{name})", each.description) for name, each in commands]
    parts = [COMMANDS, tell_table(("command", "does"), rows)]
    return "\n".join([*parts, *(tell_command(name, each) for name, each in commands)])


def list_commands(parser: argparse.ArgumentParser) -> list[tuple[str, argparse.ArgumentParser]]:
    """The commands of a parser in its own order."""
    held = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return list(held.choices.items())


def tell_command(name: str, parser: argparse.ArgumentParser) -> str:
    """One command: its heading, what it cannot do without, its arguments, its example."""
    actions = [each for each in parser._actions if each.dest != "help"]
    rows = [(f"`{spell(each).replace('|', chr(92) + '|')}`", each.help) for each in actions]
    note, _, example = (parser.epilog or "").partition("Example: ")
    usage = " ".join(["srmlib", name, *list_needed(parser)])
    told = [f"## srmlib {name}\n", f"{parser.description}\n", f"`{usage} [options]`\n"]
    told += [tell_table(("argument", "does"), rows)] if rows else []
    told += [f"{note.strip()}\n"] if note else []
    return "\n".join([*told, f"```sh\n{example}\n```\n"])


def list_needed(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The arguments that stand in every call, and those of which one does."""
    for group in parser._mutually_exclusive_groups:
        if group.required:
            yield f"({' | '.join(spell(each) for each in group._group_actions)})"
    yield from (spell(each) for each in parser._actions if each.required or not each.option_strings)


def spell(action: argparse.Action) -> str:
    """An argument as one writes it: `FILE...`, `[DIR]`, `--baseline NAME`, `--wide`."""
    value = "|".join(action.choices) if action.choices else action.metavar or action.dest.upper()
    shapes = {None: "{}", "+": "{}...", "*": "[{}...]", "?": "[{}]", 0: ""}
    told = [*action.option_strings[:1], shapes[action.nargs].format(value)]
    return " ".join(filter(None, told))


def tell_table(head: tuple[str, str], rows: list[tuple[str, str | None]]) -> str:
    """A table of Markdown with a line below it."""
    lines = [head, ("---", "---"), *rows]
    return "\n".join(f"| {left} | {right or ''} |" for left, right in lines) + "\n"


def tell_api() -> str:
    """The page of the API: every public name, under the module that holds it."""
    homes: dict[str, list[str]] = {}
    for name in srmlib.__all__:
        homes.setdefault(srmlib._HOMES[name], []).append(name)
    parts = [API]
    for home, names in sorted(homes.items()):
        parts.append(f"## {home}\n\n{inspect.getdoc(import_module(f'srmlib.{home}'))}\n")
        parts += [tell_name(name) for name in names]
    return "\n".join(parts)


def tell_name(name: str) -> str:
    """One function with its signature, or one class with its members, and what they say."""
    kind = getattr(srmlib, name)
    if not isinstance(kind, type):
        signature = tell_signature(name, kind)
        return f"### {name}\n\n```python\n{signature}\n```\n\n{inspect.getdoc(kind)}\n"
    fields = getattr(kind, "__match_args__", ())
    told = [f"### {name}\n\n{inspect.getdoc(kind)}\n"]
    told += [f"Fields: {', '.join(f'`{each}`' for each in fields)}.\n"] if fields else []
    return "\n".join([*told, *tell_members(kind)])


def tell_members(kind: type) -> Iterator[str]:
    """What a class has beside its fields, in the order of its source."""
    for name, member in vars(kind).items():
        function = find_function(member)
        if function is None or name.startswith("_") or not function.__doc__:
            continue
        code = f"{name}: {inspect.signature(function).return_annotation}"
        if inspect.isfunction(member):
            code = tell_signature(name, function, width=None)
        yield textwrap.indent(f"- `{code}`\n\n{inspect.getdoc(function)}\n", "  ")[2:]


def find_function(member: Any) -> Callable[..., Any] | None:
    """The function behind a method or a property; None for anything else."""
    if isinstance(member, property):
        return member.fget
    if isinstance(member, cached_property):
        return member.func
    return member if inspect.isfunction(member) else None


def tell_signature(name: str, function: Callable[..., Any], *, width: int | None = WIDTH) -> str:
    """A call with types as the source has them, on one line or a line a parameter."""
    signature = inspect.signature(function)
    told = list(tell_parameters(signature))
    line = f"{name}({', '.join(told)}) -> {signature.return_annotation}"
    if width is None or len(line) <= width:
        return line
    listed = "".join(f"    {each},\n" for each in told)
    return f"{name}(\n{listed}) -> {signature.return_annotation}"


def tell_parameters(signature: inspect.Signature) -> Iterator[str]:
    starred = False
    for each in signature.parameters.values():
        if each.name == "self":
            continue
        if each.kind is each.KEYWORD_ONLY and not starred:
            yield "*"
        starred |= each.kind in (each.KEYWORD_ONLY, each.VAR_POSITIONAL)
        name = f"*{each.name}" if each.kind is each.VAR_POSITIONAL else each.name
        # A function's own text holds its address.
        default = "..." if callable(each.default) else repr(each.default)
        yield f"{name}: {each.annotation}" + ("" if each.default is each.empty else f" = {default}")


if __name__ == "__main__":
    main()
