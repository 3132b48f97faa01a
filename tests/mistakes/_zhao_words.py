"""The words that the catalogue `zhao.py` repeats."""

from tests.mistakes.mistake import Mistake

FOLDER = "reproductions/zhao"


NEAR = "tests/reproductions/test_zhao"


PROTOCOL, DATA, MODEL, CONFIG = (
    (f"{NEAR}_{name}.py",) for name in ("protocol", "data", "bit", "config")
)  # the fast ones: the real network's own test takes longer


CLAIMS, SCHEDULE, SWEEPS, LISTS = (
    (f"{NEAR}_{name}.py",) for name in ("claims", "schedule", "sweeps", "lists")
)


def protocol(name: str, file: str, text: str, replacement: str, why: str, tests=PROTOCOL) -> Mistake:
    """A mistake about who, what, how often, at which rate, from which weights or under which key."""
    return Mistake(name, f"{FOLDER}/{file}", text, replacement, why, protocol=True, tests=tests)


def slip(name: str, file: str, text: str, replacement: str, why: str, tests) -> Mistake:
    """Any other mistake."""
    return Mistake(name, f"{FOLDER}/{file}", text, replacement, why, tests=tests)
