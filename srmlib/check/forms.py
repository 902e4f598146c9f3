"""Every fault of a record's form at once, in words that say how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from srmlib import schema

WORDS = {
    schema.Url: "use the https address of the page, without an anchor",
    schema.Date: "use a date as 2026-01-31",
    schema.DateOrUnknown: "use a date as 2026-01-31, or unknown",
    schema.Id: "use lower-case words joined by hyphens",
}
MENDS = {form.__metadata__[0].pattern: mend for form, mend in WORDS.items()}  # type: ignore[attr-defined]


def find_form_faults(tree: object, form: type[schema.Record]) -> Iterator[tuple[str, str, str]]:
    """Key, problem and mend of each fault against the JSON Schema of the record's own type."""
    for error in _validator(form).iter_errors(tree):
        yield (".".join(map(str, error.absolute_path)), *_word(error))


@cache
def _validator(form: type[schema.Record]) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(_without_null(msgspec.json.schema(form)))


def _without_null(tree: Any) -> Any:
    """A key that may be absent may still not be empty."""
    if isinstance(tree, list):
        return [_without_null(each) for each in tree]
    if not isinstance(tree, dict):
        return tree
    choices = tree.get("anyOf")
    if choices and {"type": "null"} in choices:
        rest = [each for each in choices if each != {"type": "null"}]
        return _without_null(rest[0])
    if None in tree.get("enum", []):
        tree = tree | {"enum": [each for each in tree["enum"] if each is not None]}
    return {key: _without_null(value) for key, value in tree.items()}


def _word(error: Any) -> tuple[str, str]:
    found = _short(error.instance)
    kind, wanted = error.validator, error.validator_value
    if kind == "enum":
        return f"is {found}", f"use {', '.join(map(str, wanted[:-1]))} or {wanted[-1]}"
    if kind == "required":
        missing = [key for key in wanted if key not in error.instance]
        return f"lacks {', '.join(missing)}", "add it; data/README.md shows every key"
    if kind == "additionalProperties":
        known = error.schema.get("properties", {})
        extra = [str(key) for key in error.instance if key not in known]
        return f"has unknown key {', '.join(extra)}", f"use {', '.join(known)}"
    if kind == "pattern":
        return f"is {found}", MENDS.get(wanted, f"use the form {wanted}")
    if kind in ("minItems", "minLength"):
        return "is empty", "fill it, or leave the key out where it may be absent"
    if kind == "type":
        return f"is {found}", f"use {'text, in quotes' if wanted == 'string' else f'a {wanted}'}"
    return f"is {found}", "see data/README.md for the form"


def _short(value: object) -> str:
    told = repr(value)
    return told if len(told) <= 60 else told[:57] + "..."
