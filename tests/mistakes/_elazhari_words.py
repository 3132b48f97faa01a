"""The words that the catalogue `elazhari.py` repeats."""

FOLDER = "reproductions/elazhari"
