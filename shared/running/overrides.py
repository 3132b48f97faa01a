"""Config fields that a user sets by hand: `--set FIELD=VALUE`."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from shared.base.errors import UserError
from shared.paper import Paper


def parse_overrides(paper: Paper, settings: Sequence[str]) -> dict[str, str]:
    """FIELD=VALUE as given; a field that no row has is an error that names its neighbours."""
    fields = {f.name for row in paper.rows for f in dataclasses.fields(row)} - {"id"}
    given = {}
    for setting in settings:
        field, equals, value = setting.partition("=")
        if not equals:
            raise UserError(f"--set {setting}: write FIELD=VALUE")
        if field not in fields:
            raise UserError(f"--set {setting}: no such field; there are {', '.join(sorted(fields))}")
        given[field] = value
    return given


def override(row: Any, overrides: dict[str, str]) -> Any:
    """The row with the overridden fields that it has, each read as the type of its own value."""
    own = {field: value for field, value in overrides.items() if hasattr(row, field)}
    return dataclasses.replace(row, **{f: _typed(f, getattr(row, f), text) for f, text in own.items()})


def _typed(field: str, like: Any, text: str) -> Any:
    try:
        if isinstance(like, tuple):
            kind = type(like[0]) if like else str
            return tuple(kind(part) for part in text.split(","))
        if isinstance(like, bool):
            return {"true": True, "false": False}[text.lower()]
        return type(like)(text)
    except (ValueError, KeyError):
        shown = ",".join(map(str, like)) if isinstance(like, tuple) else like
        raise UserError(f"--set {field}={text}: expected a value like {shown}") from None
