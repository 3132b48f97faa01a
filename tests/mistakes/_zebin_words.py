"""The words that the catalogue `zebin.py` repeats."""

FOLDER = "reproductions/zebin"


TESTS = "tests/reproductions/test_zebin"


DATA, PROTOCOL, MODEL = f"{TESTS}_data.py", f"{TESTS}_protocol.py", f"{TESTS}_model.py"


STAGES, CYCLEGAN, FIGURES = f"{TESTS}_stages.py", f"{TESTS}_cyclegan.py", f"{TESTS}_figures.py"
