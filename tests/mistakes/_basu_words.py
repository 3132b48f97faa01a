"""The words that the catalogue `basu.py` repeats."""

FOLDER = "reproductions/basu"


def tests(*names: str) -> tuple[str, ...]:
    """The nearest test files, the quickest first."""
    return tuple(f"tests/reproductions/test_basu_{name}.py" for name in names)
