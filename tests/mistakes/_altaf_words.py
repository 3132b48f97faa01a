"""The words that the catalogue `altaf.py` repeats."""

from tests.mistakes.mistake import Mistake, within

FOLDER, NEAR = "reproductions/altaf", "tests/reproductions/test_altaf"


PROTOCOL, DATA, KEYS, MODEL, DICTIONARY, CLAIMS, REPORTED, PLAN = (
    (f"{NEAR}_{name}.py",)
    for name in ("protocol", "data", "keys", "model", "dictionary", "claims", "reported", "plan")
)


def protocol(file: str, *entries: tuple[str, str, str, str], tests=PROTOCOL) -> tuple[Mistake, ...]:
    """Mistakes about who, what, how often, at which rate, from which weights or under which key."""
    return within(f"{FOLDER}/{file}", *entries, protocol=True, tests=tests)


def slips(file: str, *entries: tuple[str, str, str, str], tests) -> tuple[Mistake, ...]:
    """Any other mistakes."""
    return within(f"{FOLDER}/{file}", *entries, tests=tests)
