"""The error that a user can mend."""

from __future__ import annotations


class UserError(Exception):
    """Something the user can mend: one line that names the file or field and says what was expected."""
