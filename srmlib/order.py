"""The order of rows, keys and cells in data/, and how to restore it without touching anything else."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ryaml import InvalidYamlError, loads

from srmlib import schema
from srmlib.atomic import replace_file
from srmlib.catalogue import load_catalogue
from srmlib.data_files import PathLike, read_rows, read_text


def fix_order(directory: PathLike) -> list[str]:
    """Put rows, keys and cells in order; the names of the files changed. Nothing else changes."""
    path = Path(directory)
    layers = _order_of_layers(path)
    changed = []
    for file in [*path.glob("*.csv"), *path.glob("mapping/*.csv"), *path.glob("**/*.yaml")]:
        old = read_text(file)
        new = restore_order(file, old, layers)
        if new != old:
            replace_file(file, new.encode())
            changed.append(file.name)
    return sorted(changed)


def restore_order(file: Path, text: str, layers: list[str]) -> str:
    """The file's text in order; unchanged where it is in order already."""
    order = _order_csv if file.suffix == ".csv" else _order_yaml
    return order(file, text, layers)


def _order_of_layers(path: Path) -> list[str]:
    rows = read_rows(path / "layers.csv") if (path / "layers.csv").is_file() else []
    below = [] if rows else list(load_catalogue().layers)
    return below + [row["layer"] for row in rows]


def _order_csv(file: Path, text: str, layers: list[str]) -> str:
    """Rows sorted by the table's own key; layers.csv is the display order and stays."""
    rows = list(csv.reader(io.StringIO(text)))
    if file.name == "layers.csv" or len(rows) < 2 or not rows[0]:
        return text
    head, body = rows[0], rows[1:]
    key = _row_key(head, {layer: place for place, layer in enumerate(layers)})
    if body == sorted(body, key=key):
        return text
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([head, *sorted(body, key=key)])
    return out.getvalue()


def _row_key(head: list[str], layers: dict[str, int]) -> Callable[[list[str]], tuple[Any, ...]]:
    firsts = {
        "tool": ("tool", "layer"),
        "check": ("family", "layer", "check"),
        "item": ("priority", "item"),
    }.get(head[0], (head[0],))

    def key(row: list[str]) -> tuple[Any, ...]:
        values = dict(zip(head, row, strict=False))
        return tuple(
            layers.get(values.get(name, ""), 99)
            if name == "layer"
            else _natural(values.get(name, ""))
            for name in firsts
        )

    return key


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """RDS.3 before RDS.12; every other text by its bytes."""
    parts = re.findall(r"\d+|\D+", text)
    return tuple(
        (0, int(part), "") if part.isdecimal() and len(part) < 10 else (1, 0, part)
        for part in parts
    )


def _order_yaml(file: Path, text: str, layers: list[str]) -> str:
    """Top-level keys, cells and their keys in order, moved as whole blocks of lines."""
    cell_keys = list(schema.Cell.__struct_fields__)
    if file.name in ("ladders.yaml", "frameworks.yaml"):
        return text  # Its order is the order of display.
    if file.name in ("sources.yaml", "ways.yaml"):
        ordered = _order_blocks(text, 0, None)
    elif file.name == "models.yaml":
        ordered = _order_deep(text, 2, [*schema.Model.__struct_fields__], layers, cell_keys)
    else:
        ordered = _order_deep(text, 0, [*schema.Service.__struct_fields__], layers, cell_keys)
    return ordered if ordered == text or _same_content(text, ordered) else text


def _same_content(old: str, new: str) -> bool:
    """A guard: whatever the layout of the file, order must be all that changes."""
    try:
        return bool(loads(old) == loads(new))
    except InvalidYamlError:
        return False


def _order_deep(
    text: str, indent: int, top: list[str], layers: list[str], cell_keys: list[str]
) -> str:
    text = _order_blocks(text, indent, top)
    text = _order_blocks(text, indent + 2, layers, under="cells")
    return _order_blocks(text, indent + 4, cell_keys, under="cells")


def _order_blocks(text: str, indent: int, order: list[str] | None, under: str = "") -> str:
    """Sort each run of sibling blocks at an indent; `under` limits it to what stands below a key."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    result: list[str] = []
    place = 0
    while place < len(lines):
        if _is_key(lines[place], indent) and (not under or _is_under(lines, place, under)):
            end = place
            while end < len(lines) and (_depth(lines[end]) >= indent or not lines[end].strip()):
                end += 1
            result += _sort_run(lines[place:end], indent, order)
            place = end
        else:
            result.append(lines[place])
            place += 1
    return "".join(result)


def _sort_run(lines: list[str], indent: int, order: list[str] | None) -> list[str]:
    blocks: list[list[str]] = []
    comments: list[str] = []
    for line in lines:
        is_comment = line.strip().startswith("#") and _depth(line) == indent
        if is_comment:
            comments.append(line)
        elif _is_key(line, indent) or not blocks:
            blocks.append([*comments, line])
            comments = []
        else:
            blocks[-1] += [*comments, line]
            comments = []
    rank = {key: place for place, key in enumerate(order or [])}

    def key(block: list[str]) -> tuple[int, str]:
        head = next(line for line in block if not line.strip().startswith("#"))
        name = head.strip().partition(": ")[0].rstrip(":").strip("\"'")
        return (rank.get(name, len(rank)), "" if order else name)

    return [line for block in sorted(blocks, key=key) for line in block] + comments


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _is_key(line: str, indent: int) -> bool:
    stripped = line.strip()
    return bool(stripped) and _depth(line) == indent and stripped[0] not in "#-" and ":" in stripped


def _is_under(lines: list[str], place: int, key: str) -> bool:
    """Whether a line stands below `key:`, at any depth."""
    depth = _depth(lines[place])
    for line in reversed(lines[:place]):
        if line.strip() and _depth(line) < depth:
            depth = _depth(line)
            if line.strip() == f"{key}:":
                return True
    return False
