"""The error that a user can mend."""

from __future__ import annotations


class UserError(Exception):
    """Something the user can mend: one line that names the file or field and says what was expected."""


class Diverged(UserError):
    """A training whose weights are no longer numbers: its draw has no result, the draws after it may have."""

    def __init__(self, title: str, sign: str):
        super().__init__(f"{title}: {sign}: the training diverged; lower its rate or choose another --seed")
