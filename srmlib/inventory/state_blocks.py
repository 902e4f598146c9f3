"""The resource blocks of a Terraform state, of which only what is asked for is decoded."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Union

import msgspec
from msgspec import Raw, Struct, defstruct

from srmlib.inventory.resources import Paths

ABSENT = Raw()
# What an asked attribute may be; a number is left to the slow way, where 1 is not true.
FORM = str | bool | list[Any] | dict[str, Any] | None
# A state that knows more types than this, or new ones all the time, is read without forms of its own.
MOST_TYPES, MOST_FORMS = 1000, 50


class Instance(Struct, gc=False, frozen=True):
    """An instance of a type that nothing asks about: its attributes are skipped unread."""

    deposed: str = ""


class RawInstance(Instance, gc=False, frozen=True):
    """An instance of a block whose type was not known before; its attributes stay bytes."""

    attributes: Raw = ABSENT
    attributes_flat: Raw = ABSENT


class Block(Struct, gc=False, frozen=True):
    """Instances of one `type`, which each form has as its tag; equal ones are counted together."""

    mode: str = "managed"


class AnyBlock(Struct, gc=False, frozen=True):
    """A block of any type, its attributes undecoded."""

    type: str
    mode: str = "managed"
    instances: tuple[RawInstance, ...] = ()


DECODE_ANY = msgspec.json.Decoder(list[AnyBlock]).decode


class BlockDecoder:
    """Decodes lists of blocks; from the second on by a form for each type that was seen.

    A form takes the asked attributes in the same pass that skips the others: decoding them from
    their bytes afterwards reads these a second time, a third of all time.
    """

    def __init__(self, wanted: Mapping[str, Paths]) -> None:
        self._wanted = wanted
        self._forms: dict[str, Any] = {}
        self._made = 0
        self._decode = DECODE_ANY

    def __call__(self, content: memoryview) -> list[Any]:
        """The blocks of a JSON array; raises as msgspec does."""
        if self._forms:
            try:
                return self._decode(content)
            except msgspec.ValidationError:
                pass  # A new type; or a fault, which is told below.
        blocks = DECODE_ANY(content)
        self._learn({block.type for block in blocks})
        return blocks

    def _learn(self, types: set[str]) -> None:
        new = types - set(self._forms)
        if not new or self._made == MOST_FORMS or len(self._forms) + len(new) > MOST_TYPES:
            return
        self._made += 1
        self._forms |= {type: make_form(type, self._wanted.get(type)) for type in new}
        forms: Any = Union[tuple(self._forms.values())]  # noqa: UP007 (as many as there are)
        self._decode = msgspec.json.Decoder(list[forms]).decode


def make_form(type: str, paths: Paths | None) -> Any:
    """A block of one type whose instances hold the attributes under the paths; without paths none."""
    instance: Any = make_instance(paths) if paths else Instance
    return defstruct(
        "Form", [("instances", tuple[instance, ...], ())],
        bases=(Block,), namespace={"type": type}, tag_field="type", tag=type, gc=False, frozen=True,
    )  # fmt: skip


@cache
def make_attributes(paths: Paths, form: Any = FORM) -> Any:
    """A struct of just the named attributes: what is not named is skipped unread."""
    names = sorted({path.partition(".")[0] for path in paths})
    return defstruct("Attributes", [(name, form, None) for name in names], frozen=True) | None


@cache
def make_instance(paths: Paths) -> Any:
    """An instance of which the attributes under the paths are decoded."""
    fields = [("attributes", make_attributes(paths), None), ("attributes_flat", Any, None)]
    return defstruct("Asked", fields, bases=(Instance,), gc=False, frozen=True)
