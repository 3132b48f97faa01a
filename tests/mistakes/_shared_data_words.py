"""The words that the catalogue `_shared_data.py` repeats."""

TESTS = "tests/data_builders"
