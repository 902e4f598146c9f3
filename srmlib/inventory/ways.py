"""Which way of running a service is meant, and which settings a file shows: the rules of ways.yaml."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

import msgspec

from srmlib.inventory.resources import Paths, Reading, Unknown
from srmlib.schema import Id, Record, Text

# What a bill says on every line: a value that no rule names answers nothing.
METERS = {"usage_type", "operation", "unit"}


class Rule(Record, frozen=True, kw_only=True):
    """If the attribute matches (or there is no condition), take the members' service, else this one.

    `value` and `unless_value` are globs; the value `*` asks only whether the attribute is there.
    Where `services` names some, members that run as others do not count.
    """

    attribute: Text | None = None
    value: Text = "*"
    unless_value: Text | None = None
    members: tuple[Text, ...] = ()
    link: Text | None = None
    services: tuple[Id, ...] = ()
    service: Id | None = None


class Sign(Record, frozen=True, kw_only=True):
    """An attribute value that proves a setting which moves the owner of some layers (`unless`).

    `setting` is the API parameter that the cell's `unless` names in parentheses, `is_value` its
    value there; `among` is the type whose resources it is about, where that is another one.
    """

    attribute: Text
    value: Text
    setting: Text
    is_value: Text
    layers: tuple[Id, ...]
    among: Text | None = None


class Way(Record, frozen=True, kw_only=True):
    """The rules of one resource type; `asks` says what is missing when the default is assumed.

    Without a default, what no rule decides has no row.
    """

    asks: Text | None = None
    names: tuple[Text, ...] = ()
    rules: tuple[Rule, ...] = ()
    settings: tuple[Sign, ...] = ()
    default: Id = ""


class Setting(Record, frozen=True, kw_only=True):
    """A cell's `unless` as seen in a file: how many of the resources that could show it do."""

    service: Id
    layer: Id
    setting: Text
    value: Text
    count: int
    of: int


class Decision(msgspec.Struct):
    """What the rules make of a file's resources."""

    services: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)
    assumed: list[str] = msgspec.field(default_factory=list)
    settings: tuple[Setting, ...] = ()


def list_wanted(ways: Mapping[str, Way]) -> dict[str, Paths]:
    """The attribute paths that the rules need, by resource type: nothing else is read."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for type, way in ways.items():
        wanted[type] |= {rule.attribute for rule in way.rules if rule.attribute}
        wanted[type] |= {*way.names, *(sign.attribute for sign in way.settings)}
        for rule in way.rules:
            for member in rule.members:
                wanted[member] |= {rule.link} if rule.link else set()
    return {type: tuple(sorted(paths)) for type, paths in wanted.items()}


def decide(reading: Reading, ways: Mapping[str, Way], mapping: Mapping[str, str]) -> Decision:
    """The service of every resource that the rules ask about, over the whole file together."""
    return _Decider(reading, ways, mapping).decide_all()


class _Asked(NamedTuple):
    """A resource with its values by path, and how many of the file's resources answer so."""

    type: str
    id: str
    values: Mapping[str, tuple[str | Unknown, ...]]
    number: int


class _Decider:
    """Walks from a cluster to its members; what is being decided already is not asked again."""

    def __init__(
        self, reading: Reading, ways: Mapping[str, Way], mapping: Mapping[str, str]
    ) -> None:
        self.ways, self.mapping = ways, mapping
        self.by_type: dict[str, list[_Asked]] = defaultdict(list)
        wanted = list_wanted(ways)
        for (type, id, values), count in reading.asked.items():
            by_path = dict(zip(wanted[type], values, strict=True))
            self.by_type[type].append(_Asked(type, id, by_path, count))
        self.decided: dict[int, str] = {}
        self.under_way: set[int] = set()
        self.assumed: set[str] = set()

    def decide_all(self) -> Decision:
        decision = Decision()
        shown: Counter[tuple[str, str, Sign]] = Counter()
        for type, way in self.ways.items():
            for asked in self.by_type.get(type, ()):
                service = self._decide(asked)
                decision.services[type, service] += asked.number
                for sign in way.settings:
                    shown[sign.among or type, service, sign] += asked.number * _shows(asked, sign)
        decision.assumed = sorted(self.assumed)
        decision.settings = tuple(_sum_settings(shown, decision.services))
        return decision

    def _decide(self, asked: _Asked) -> str:
        key = id(asked)
        if key not in self.decided:
            self.under_way.add(key)
            self.decided[key] = self._apply(asked)
            self.under_way.discard(key)
        return self.decided[key]

    def _apply(self, asked: _Asked) -> str:
        way = self.ways.get(asked.type)
        if way is None:
            return self.mapping.get(asked.type, "")
        is_open = is_answered = False
        for rule in way.rules:
            values = asked.values[rule.attribute] if rule.attribute else ()
            if rule.attribute and not _matches(values, rule):
                is_open |= any(isinstance(value, Unknown) for value in values)
                is_answered |= bool(values) and rule.attribute not in METERS
                continue
            service = self._ask_members(asked, way, rule) or rule.service
            if service:
                return service
        if is_open or (way.asks and not is_answered):
            what = way.asks or "a setting"
            self.assumed.add(f"{asked.type}: {what} not in the file, taken for {way.default}")
        return way.default

    def _ask_members(self, asked: _Asked, way: Way, rule: Rule) -> str | None:
        """The service of the first kind of member that has one; the default where they differ."""
        for type in rule.members:
            found = {
                self._decide(member)
                for member in self.by_type.get(type, ())
                if id(member) not in self.under_way and _belongs(member, asked, way, rule)
            } - {""}
            if rule.services:
                found &= set(rule.services)
            if not found:
                continue
            chosen = way.default if way.default in found else min(found)
            if len(found) > 1 and way.asks and not rule.services:
                self.assumed.add(
                    f"{asked.type}: its {way.asks} run in several ways, counted under {chosen}"
                )
            return chosen
        return None


def _matches(values: tuple[str | Unknown, ...], rule: Rule) -> bool:
    if rule.value == "*" and rule.unless_value is None:
        return any(isinstance(value, str) or not value.may_be_absent for value in values)
    known = [value for value in values if isinstance(value, str)]
    if rule.unless_value is not None:
        return bool(known) and not any(fnmatchcase(each, rule.unless_value) for each in known)
    return any(fnmatchcase(each, rule.value) for each in known)


def _belongs(member: _Asked, owner: _Asked, way: Way, rule: Rule) -> bool:
    """Whether a member names this resource; one that names nothing known belongs to each."""
    if rule.link is None:
        return True
    named = {
        value.refers_to if isinstance(value, Unknown) else value
        for value in member.values[rule.link]
    } - {""}
    own = {value for path in way.names for value in owner.values[path]}
    names = {value for value in own if isinstance(value, str)} | ({owner.id} - {""})
    return not named or not names or bool(named & names)


def _shows(asked: _Asked, sign: Sign) -> bool:
    return any(
        isinstance(each, str) and fnmatchcase(each, sign.value)
        for each in asked.values[sign.attribute]
    )


def _sum_settings(
    shown: Counter[tuple[str, str, Sign]], services: Counter[tuple[str, str]]
) -> Iterator[Setting]:
    """Signs that no resource shows count too: another file of the same review may show them."""
    for (type, service, sign), count in shown.items():
        for layer in sign.layers:
            yield Setting(
                service=service, layer=layer, setting=sign.setting, value=sign.is_value,
                count=count, of=max(count, services[type, service]),
            )  # fmt: skip
