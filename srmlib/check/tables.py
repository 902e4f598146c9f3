"""The tables of a data folder: their rows, their order, and the mapping of words to rows."""

from __future__ import annotations

from typing import Any

from srmlib.check.folder import TABLES, Folder

MAPPING_COLUMNS = ("resource_type", "family", "service")
# What tells a row of a table from all others.
KEYS = {
    "layers.csv": ("layer",),
    "tools.csv": ("tool", "layer"),
    "checks.csv": ("check", "family", "layer"),
    "baseline.csv": ("item",),
    "families.csv": ("family",),
    "hipaa.csv": ("service",),
    "no_row.csv": ("resource_type",),
}


def check_tables(folder: Folder) -> None:
    """Each row has its form, and names what is there."""
    for name in TABLES:
        for number, row in enumerate(folder.tables.get(name, []), 2):
            _check_row(folder, name, f"line {number}", row)
        folder.check_unique(name, *KEYS[name])
        folder.check_order(name)


def _check_row(folder: Folder, name: str, key: str, row: dict[str, str]) -> None:
    typed: dict[str, Any] = dict(row)
    if str(row.get("priority", "")).isdigit():
        typed["priority"] = int(row["priority"])
    folder.check_form(name, key, typed, TABLES[name])
    if "source" in row:
        folder.check_citation(name, f"{key}: source", row["source"])
    if "layer" in row and name != "layers.csv":
        folder.check_layer(name, f"{key}: layer", row["layer"])
    if name == "hipaa.csv":
        folder.check_service(name, key, row.get("service"))


def check_mapping(folder: Folder) -> None:
    """Each word is mapped once, to a row that is there, and to the default of its ways."""
    for name, rows in folder.tables.items():
        if not name.startswith("mapping/"):
            continue
        if rows and tuple(rows[0]) != MAPPING_COLUMNS:
            folder.report(name, "line 1", "has other columns", f"use {','.join(MAPPING_COLUMNS)}")
            continue
        folder.check_unique(name, "resource_type")
        folder.check_order(name)
        for number, row in enumerate(rows, 2):
            _check_word(folder, name, f"line {number}", row)


def _check_word(folder: Folder, name: str, key: str, row: dict[str, str]) -> None:
    service = row["service"]
    way = folder.trees.get("ways.yaml", {}).get(row["resource_type"])
    if service:
        folder.check_service(name, key, service)
    if isinstance(way, dict) and way.get("default", "") != service:
        folder.report(
            name, key, f"says {service!r}, ways.yaml {way.get('default')!r}",
            "let both name the default",
        )  # fmt: skip


def check_unmapped(folder: Folder) -> None:
    """A word without a row has its reason in no_row.csv, and only such a word."""
    rows = folder.tables.get("no_row.csv", [])
    reasons = {row.get("resource_type", "") for row in rows}
    mapped: dict[str, str] = {}
    for name, words in folder.tables.items():
        for number, row in enumerate(words if name.startswith("mapping/") else [], 2):
            word, service = row.get("resource_type", ""), row.get("service")
            mapped[word] = service or ""
            if not service and word not in reasons and not folder.is_overlay:
                folder.report(
                    name, f"line {number}", f"{word} has no row",
                    "name one, or say in no_row.csv why there is none",
                )  # fmt: skip
    for word in reasons:
        if mapped.get(word, word):
            told = f"has the row {mapped[word]}" if word in mapped else "is in no mapping"
            folder.report("no_row.csv", word, told, "remove the reason")
