"""The resource and module blocks of Terraform source, .tf or .tf.json, and what is literal in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from srmlib.errors import SrmError
from srmlib.inventory.documents import Document
from srmlib.inventory.json_text import as_mapping, decode_json
from srmlib.inventory.resources import Paths, Unknown, Values, pick

ENDINGS = (".tf", ".tf.json", ".tofu", ".tofu.json")
LABELS = {"resource": 2, "module": 1}
OVERRIDE = re.compile(r"(.*_)?override\.(tf|tofu)(\.json)?")
# `$${` and `%%{` stand for themselves.
TEMPLATE = re.compile(r"(?<!\$)\$\{|(?<!%)%\{|\A<<")
WHOLE = re.compile(r"\$\{.*\}", re.S)
SET = re.compile(r"\$\{to(?:set|map)\((.*)\)\}", re.S)
REFERENCE = re.compile(r"(?<![\w.-])(?:data\.)?aws(?:cc)?_\w+\.[\w-]+")
CACHED_FILES = 1024
# Lark reads some 40 KB a second, and tries a heredoc's end again at each of many blanks in a row.
MOST_TEXT = 2 << 20  # bytes
BLANKS = re.compile(rb"(?<!\s)\s{1000}")


class Block(NamedTuple):
    """A block's kind and labels, `("resource", "aws_vpc", "main")`, and what stands in it."""

    name: tuple[str, ...]
    body: dict[str, Any]


def list_sources(folder: Path) -> list[Path]:
    """The files that Terraform reads of a folder, overrides last; of a.tf and a.tofu, the latter."""
    found = [
        path
        for path in folder.iterdir()
        if path.name.endswith(ENDINGS) and not path.name.startswith(".") and path.is_file()
    ]
    names = {path.name for path in found}
    kept = [path for path in found if _as_tofu(path.name) not in names - {path.name}]
    return sorted(kept, key=lambda path: (bool(OVERRIDE.fullmatch(path.name)), path.name))


def load_folder(folder: Path) -> dict[tuple[str, ...], dict[str, Any]]:
    """The blocks of a folder by name; an override's arguments replace those of the same block."""
    blocks: dict[tuple[str, ...], dict[str, Any]] = {}
    for path in list_sources(folder):
        document = Document(path)
        try:
            parsed = load_document(document) if document.head.strip() else ()
        except SrmError as error:
            shown = "".join(letter if letter.isprintable() else "?" for letter in path.name)
            raise SrmError(f"holds {shown}, which {error}") from None
        for name, body in parsed:
            blocks[name] = blocks.get(name, {}) | body
    return blocks


def load_document(document: Document) -> tuple[Block, ...]:
    """The blocks of one file, in its order; broken source raises SrmError with its line."""
    return _parse(document.content, document.path.name.endswith(".json"))


@lru_cache(maxsize=CACHED_FILES)
def _parse(content: bytes, is_json: bool) -> tuple[Block, ...]:
    """By content, so that a module that many configurations call is parsed once (it is slow)."""
    tree = as_mapping(decode_json(content, Any) if is_json else _load_text(content))
    return tuple(
        Block((kind, *labels), body)
        for kind, depth in LABELS.items()
        for labels, body in open_blocks(tree.get(kind), depth)
    )


def _load_text(content: bytes) -> dict[str, Any]:
    if len(content) > MOST_TEXT or BLANKS.search(content):
        raise SrmError(
            "is over 2 MiB long, or blank for 1,000 characters; give `terraform show -json` of a plan"
        )
    try:
        return _load_hcl(content.decode())
    except UnicodeDecodeError:
        raise SrmError("is not UTF-8 text; save it as UTF-8") from None


def _load_hcl(text: str) -> dict[str, Any]:
    # Lark and its grammar are loaded only where a file is HCL.
    import hcl2
    from hcl2.utils import SerializationOptions
    from lark.exceptions import LarkError

    # Without the quotes HCL has the form of Terraform's JSON: an expression stands in `${}`.
    options = SerializationOptions(
        with_comments=False, explicit_blocks=False, strip_string_quotes=True
    )
    try:
        return hcl2.loads(text, serialization_options=options)
    except RecursionError:
        raise SrmError("is nested too deeply to be Terraform source") from None
    except (LarkError, RuntimeError, ValueError) as error:
        line = getattr(error, "line", None)
        where = f" at line {line}" if isinstance(line, int) and line > 0 else ""
        raise SrmError(
            f"is broken Terraform source{where}; run `terraform validate`, "
            "or give `terraform show -json` of a plan"
        ) from None


def open_blocks(node: Any, depth: int) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """The labels and the body of each block under objects, or lists of them, one a label."""
    for each in node if isinstance(node, list) else [node]:
        if not isinstance(each, dict):
            continue
        if depth == 0:
            yield (), each
            continue
        for label, inner in each.items():
            for labels, body in open_blocks(inner, depth - 1):
                yield (label, *labels), body


def count_instances(body: dict[str, Any]) -> int | None:
    """How many instances a block makes by its count or for_each; None where an expression decides.

    `toset(["a", "b"])` makes 2.
    """
    if "for_each" in body:
        return _measure(body["for_each"])
    count = body.get("count", 1)
    if isinstance(count, int | str) and re.fullmatch(r"-?\d{1,9}", str(count)):
        return max(0, int(count))
    return None


def pick_values(body: dict[str, Any], paths: Paths, scope: str) -> Values:
    """The literal values under each path; what an expression decides is Unknown.

    A variable's default may be overridden when the plan is made, and a local may be made of
    variables: both are Unknown. What refers to a resource names it as `scope` and `type.name`.
    """
    names = {path.partition(".")[0] for path in paths} | {"dynamic"}
    tree = _resolve({name: body[name] for name in names & body.keys()}, scope)
    return tuple(pick(tree, path) for path in paths)


def is_literal(text: str) -> bool:
    """Whether a text stands for itself: no expression in it, and no heredoc."""
    return not TEMPLATE.search(text)


def _as_tofu(name: str) -> str:
    return re.sub(r"\.tf(\.json)?$", r".tofu\1", name)


def _measure(each: Any) -> int | None:
    """The length of a literal map or set."""
    if isinstance(each, str):
        made = SET.fullmatch(each)
        try:
            return _measure(_load_hcl(f"x = {made[1]}\n")["x"]) if made else None
        except SrmError:
            return None
    if not isinstance(each, dict | list):
        return None
    keys = [key if isinstance(key, str) else "" for key in each]
    return len(set(keys)) if all(key and is_literal(key) for key in keys) else None


def _resolve(node: Any, scope: str) -> Any:
    """Expressions become Unknown, and so does what a dynamic block may or may not make."""
    if isinstance(node, list):
        return [_resolve(each, scope) for each in node]
    if isinstance(node, dict):
        tree = {key: _resolve(each, scope) for key, each in node.items() if key != "dynamic"}
        for (name,), _ in open_blocks(node.get("dynamic"), 1):
            tree[name] = [tree.get(name), Unknown(may_be_absent=True)]
        return tree
    return _resolve_text(node, scope) if isinstance(node, str) else node


def _resolve_text(text: str, scope: str) -> Any:
    """An expression that takes from one resource refers to it; one alone may turn out null.

    Text before an expression stands beside the Unknown: `kubernetes.io/cluster/${var.name}` tells.
    """
    if is_literal(text):
        return text
    named = set(REFERENCE.findall(text))
    refers_to = scope + named.pop() if len(named) == 1 else ""
    if text.startswith(("${", "%{", "<<")):
        return Unknown(refers_to, may_be_absent=not refers_to and bool(WHOLE.fullmatch(text)))
    return [text, Unknown(refers_to)]
