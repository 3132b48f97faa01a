"""The fields of a config: where each value is from, and which values it may have."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from shared.base.errors import UserError

Value = TypeVar("Value")
Number = float
SPAN = 1000
"""A whole number may be this many times the largest that the rows have, where nothing else is said."""


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a field's value, or each part of a tuple, may be; what is left open follows from the rows."""

    choices: Sequence[Any] = ()
    least: Number | None = None
    most: Number | None = None
    above: Number | None = None
    below: Number | None = None
    any_text: bool = False


def stated(value: Value, place: str, **limits: Any) -> Value:
    """A config value that the paper prints, with the place where it does and the limits of other values."""
    return _field(value, {"source": place, "limits": Limits(**limits)})


def assumed(value: Value, deviation: int, **limits: Any) -> Value:
    """A config value that the paper leaves open: the numbered deviation in the paper's README says why."""
    source = f"assumed: {deviation}"
    return _field(value, {"source": source, "deviation": deviation, "limits": Limits(**limits)})


def _field(value: Value, metadata: dict[str, Any]) -> Value:
    found: Any = dataclasses.field(default=value, metadata=metadata)
    return found


def deviations(row: Any) -> tuple[int, ...]:
    """The numbers of the README's deviations that a row's config rests on."""
    found = {f.metadata["deviation"] for f in dataclasses.fields(row) if "deviation" in f.metadata}
    return tuple(sorted(found))


def check(row: Any, rows: Iterable[Any]) -> None:
    """Refuses a config with a value that its field may not have, or with values that contradict each other.

    `rows` are the configs of the paper: a field's type, the words it knows and its sign are those that they
    have, where the field itself says nothing else. A row with a method `contradiction` is asked for one.
    """
    rows = list(rows)
    for field in dataclasses.fields(row):
        if field.name != "id":
            reason = problem(field, getattr(row, field.name), rows)
            if reason:
                raise UserError(f"{field.name}={shown(getattr(row, field.name))}: {reason}")
    contradiction = row.contradiction() if hasattr(row, "contradiction") else ""
    if contradiction:
        raise UserError(f"{row.id}: {contradiction}")


def problem(field: dataclasses.Field, value: Any, rows: Sequence[Any]) -> str:
    """Why a field may not have this value; '' where it may."""
    known = [getattr(row, field.name) for row in rows if hasattr(row, field.name)]
    if isinstance(known[0], tuple):
        return _tuple_problem(field, value, known)
    return _part_problem(_completed(field, known), value)


def shown(value: Any) -> str:
    """A value as it is written after `--set FIELD=`."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _tuple_problem(field: dataclasses.Field, value: Any, known: Sequence[tuple]) -> str:
    lengths = {len(each) for each in known}
    if not isinstance(value, tuple):
        return "several values are expected, separated by commas"
    if "..." not in str(field.type) and len(value) not in lengths:
        return f"{' or '.join(map(str, sorted(lengths)))} values are expected, separated by commas"
    limits = _completed(field, [part for each in known for part in each])
    return next(filter(None, (_part_problem(limits, part) for part in value)), "")


@dataclasses.dataclass(frozen=True)
class _Complete:
    """Limits with the type, the choices and the range that follow from the known values."""

    kind: type
    limits: Limits


def _completed(field: dataclasses.Field, known: Sequence[Any]) -> _Complete:
    limits: Limits = field.metadata.get("limits", Limits())
    kind = float if any(isinstance(value, float) for value in known) else type(known[0])
    if kind is str and not limits.choices and not limits.any_text:
        limits = dataclasses.replace(limits, choices=tuple(dict.fromkeys(known)))
    if kind in (int, float) and limits.least is None and limits.above is None:
        lowest = min(known)
        if lowest > 0:
            limits = dataclasses.replace(limits, above=0)
        elif lowest == 0:
            limits = dataclasses.replace(limits, least=0)
    if kind is int and limits.most is None and limits.below is None:
        limits = dataclasses.replace(limits, most=SPAN * max(1, *known))
    return _Complete(kind, limits)


def _part_problem(complete: _Complete, value: Any) -> str:
    kind, limits = complete.kind, complete.limits
    accepted = (int, float) if kind is float else kind
    if not isinstance(value, accepted) or isinstance(value, bool) != (kind is bool):
        return f"{_NAMES[kind]} is expected"
    if limits.choices and value not in limits.choices:
        return f"choose one of {', '.join(map(str, limits.choices))}{_nearest(value, limits.choices)}"
    if isinstance(value, (int, float)) and not (math.isfinite(value) and _in_range(value, limits)):
        return f"{_NAMES[kind]} {_range(limits)} is expected"
    return ""


_NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


def _nearest(value: Any, choices: Sequence[Any]) -> str:
    by_folded = {str(choice).casefold(): str(choice) for choice in choices}
    near = difflib.get_close_matches(str(value).casefold(), by_folded, n=1)
    return f"; did you mean {by_folded[near[0]]}?" if near else ""


def _in_range(value: Number, limits: Limits) -> bool:
    return (
        (limits.least is None or value >= limits.least)
        and (limits.most is None or value <= limits.most)
        and (limits.above is None or value > limits.above)
        and (limits.below is None or value < limits.below)
    )


def _range(limits: Limits) -> str:
    parts = {"from": limits.least, "above": limits.above, "up to": limits.most, "below": limits.below}
    given = [f"{word} {bound:,}" for word, bound in parts.items() if bound is not None]
    return " and ".join(given).replace(" and up to", " up to") or "that is finite"
