"""The HTML report, the tables of terminal and READMEs, and the wording of numbers."""
