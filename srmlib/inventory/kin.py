"""Types that the catalogue has not met: known by the types that begin, or end, as they do."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import NamedTuple

LEAST = 2  # One type alone says nothing of the next.
DEEPEST = 16  # words of a type; none that is known has more
LAST = "\U0010ffff"  # behind every letter


class Kin(NamedTuple):
    """What all known types with the same beginning, or the same end in brackets, have in common."""

    pattern: str
    family: str | None
    service: str | None

    def tell(self, type: str) -> str:
        """What is assumed of a new type."""
        return f"{type}: a new type, taken for {self.service} as all others of {self.pattern}"


def find_kin(
    type: str,
    ordered: Sequence[str],
    families: Mapping[str, str],
    mapping: Mapping[str, str],
    ways: Container[str],
) -> Kin | None:
    """The family and the row that a new type most likely has, from the longest telling pattern.

    A pattern tells where two known types or more have it and all of them are of one family; the
    row only where all of them run as one, and their attributes never tell otherwise (`ways`).
    `ordered` are the known types in order.
    """
    for pattern in _list_patterns(type):
        kin = _list_like(pattern, ordered)
        family = {families[each] for each in kin}
        if len(kin) >= LEAST and len(family) == 1:
            services = {mapping[each] for each in kin}
            is_one = len(services) == 1 and not any(each in ways for each in kin)
            service = services.pop() if is_one else None
            return Kin(pattern, family.pop() or None, service or None)
    return None


def _list_like(pattern: str, ordered: Sequence[str]) -> Sequence[str]:
    """The known types with the beginning, or with the end, that the star leaves open."""
    if pattern.startswith("*"):
        return [each for each in ordered if each.endswith(pattern[1:])]
    start = pattern[:-1]
    return ordered[bisect_left(ordered, start) : bisect_left(ordered, start + LAST)]


def _list_patterns(type: str) -> Iterator[str]:
    """`aws_a_b_c` -> `aws_a_b_*`, `aws_a_*`; `AWS::A::B` -> `AWS::A::*`; `a:b` and `a` -> `a:*`;
    `A (B)` -> `* (B)`.

    Never the provider alone.
    """
    if type.endswith(")") and " (" in type:
        yield "*" + type[type.rindex(" (") :]
        return
    if ":" in type:
        yield type[: type.rindex(":") + 1] + "*"
        return
    words = type.split("_")
    if len(words) == 1:
        yield f"{type}:*"
    for length in range(min(len(words) - 1, DEEPEST), 1, -1):
        yield "_".join(words[:length]) + "_*"
