"""Config fields that a user sets by hand: `--set FIELD=VALUE`."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.base import fields
from shared.base.errors import UserError
from shared.paper import Paper
from shared.running import split_lists


def parse_overrides(paper: Paper, settings: Sequence[str]) -> dict[str, str]:
    """FIELD=VALUE as given; a field that no row has is an error that names its neighbours."""
    known = sorted({f.name for row in paper.rows for f in dataclasses.fields(row)} - {"id"})
    given: dict[str, str] = {}
    for setting in settings:
        field, equals, value = setting.partition("=")
        if not equals:
            raise UserError(f"--set {setting}: write FIELD=VALUE")
        if field not in known:
            near = difflib.get_close_matches(field, known, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise UserError(f"--set {setting}: no such field; {hint}there are {', '.join(known)}")
        if field in given:
            raise UserError(f"--set {field} is given twice")
        given[field] = value
    return given


def settle(
    paper: Paper, rows: Sequence[Any], overrides: Mapping[str, str], draws: int | None = None
) -> list[Any]:
    """The rows with what was set by hand; what no row may have is an error, before anything starts."""
    known = [*paper.rows, *map(paper.demo, paper.rows)]
    settled = [override(row, overrides) for row in rows]
    for row in settled:
        fields.check(row if draws is None else dataclasses.replace(row, draws=draws), known)
    return settled


def override(row: Any, overrides: Mapping[str, str]) -> Any:
    """The row with the overridden fields that it has, each read as the type of its own value."""
    own = fields_of(row, overrides)
    return dataclasses.replace(row, **{f: _typed(f, getattr(row, f), text) for f, text in own.items()})


def fields_of(row: Any, overrides: Mapping[str, str]) -> dict[str, str]:
    """Those of the overrides that the row has a field for."""
    return {field: value for field, value in overrides.items() if hasattr(row, field)}


def by_hand(paper: Paper, row: Any, overrides: Mapping[str, str], lists: Path | None) -> dict[str, str]:
    """All that sets a run apart from the row's own: fields, and lists instead of its split."""
    return fields_of(row, overrides) | split_lists.entry(paper, row, lists)


def _typed(field: str, like: Any, text: str) -> Any:
    try:
        if isinstance(like, tuple):
            kind = type(like[0]) if like else str
            return tuple(kind(part) for part in text.split(",")) if text else ()
        if isinstance(like, bool):
            return {"true": True, "false": False}[text.lower()]
        return type(like)(text)
    except (ValueError, KeyError, OverflowError):
        raise UserError(f"--set {field}={text}: expected a value like {fields.shown(like)}") from None
