"""The errors that a user can mend."""

from __future__ import annotations


class UserError(Exception):
    """Something the user can mend: one line that names the file or field and says what was expected."""


class NoResult(UserError):
    """A training that came to nothing: its draw has no result, the draws and rows after it may have one."""


class Diverged(NoResult):
    """A training whose weights are no longer numbers."""

    def __init__(self, title: str, sign: str):
        super().__init__(f"{title}: {sign}: the training diverged; lower its rate or choose another --seed")
