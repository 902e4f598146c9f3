"""YAML templates with CloudFormation's short forms, through PyYAML's C loader."""

from __future__ import annotations

from typing import Any

import yaml

from srmlib.errors import SrmError
from srmlib.inventory.resources import Unknown

MOST = 2_000_000  # values; CloudFormation takes templates of 1 MB
SIGNS = (
    b"\n",
    b",",
    b":",
    b"[",
    b"{",
    b"- ",
    b"? ",
)  # Each value has one; PyYAML takes a kilobyte for it.
MOST_SIGNS, MOST_BYTES = 500_000, 32 << 20


class TemplateLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML with CloudFormation's short forms; any other tag counts as decided elsewhere."""


def _construct_tag(loader: TemplateLoader, suffix: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.ScalarNode) and suffix in ("Ref", "GetAtt"):
        return Unknown(node.value.partition(".")[0])
    return Unknown()


TemplateLoader.add_multi_constructor("!", _construct_tag)
# Dates and numbers of other bases stay as they are written: no value is needed as either.
TemplateLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if not tag.endswith((":timestamp", ":int"))]
    for first, rules in TemplateLoader.yaml_implicit_resolvers.items()
}


def _measure(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node stands for once its aliases are written out."""
    if id(node) not in known:
        known[id(node)] = MOST  # A node inside itself stands for ever more of them.
        inner = node.value if isinstance(node, yaml.CollectionNode) else ()
        parts = (part for each in inner for part in (each if isinstance(each, tuple) else (each,)))
        known[id(node)] = 1 + sum(_measure(part, known) for part in parts)
    if known[id(node)] >= MOST:
        raise SrmError("repeats parts of itself by aliases without end; write them out")
    return known[id(node)]


def load_yaml(content: bytes) -> Any:
    """The document as plain values and Unknowns; unreadable text raises SrmError with its line."""
    if len(content) > MOST_BYTES or sum(map(content.count, SIGNS)) > MOST_SIGNS:
        raise SrmError("is far too large for a template: CloudFormation takes 1 MB; split it")
    try:
        loader = TemplateLoader(content)
        node = loader.get_single_node()
        if node is None:
            return None
        if b"&" in content:  # Without an anchor nothing is repeated.
            _measure(node, {})
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        tab = " (a tab, where YAML wants spaces)" if "\\t" in str(error.problem) else ""
        raise SrmError(f"is broken YAML at line {line}{tab}; mend that line") from None
    except (ValueError, LookupError, AttributeError):
        # PyYAML, where a tag such as !!float stands before what is none.
        raise SrmError(
            "is YAML with a value that is not of the type its tag says; mend it"
        ) from None
    except yaml.YAMLError:
        raise SrmError("is not readable YAML in UTF-8; save it as UTF-8 text") from None
    except RecursionError:
        raise SrmError("is nested too deeply to be a template") from None
