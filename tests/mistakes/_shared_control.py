"""Mistakes in the demo, in its control, and in where its runs go."""

from tests.mistakes.mistake import within

CONTROL = (
    *within(
        "shared/running/demo.py",
        (
            "a demo forgets what was set by hand",
            "settle(paper, [paper.demo(row) for row in rows], overrides)",
            "[paper.demo(row) for row in settle(paper, rows, overrides)]",
            "Both orders read naturally.",
        ),
        (
            "the second pass sees the look-alikes of the first",
            "paper.write_phantoms(unfinished, shuffled)",
            "paper.write_phantoms(unfinished, False)",
            "The folder's name says already that they are shuffled.",
        ),
        (
            "a demo whose control fails ends as if all were well",
            "    return 0 if holds else 1",
            "    return 0",
            "The answer is on the screen.",
        ),
        protocol=True,
        tests=("tests/shared/running/test_control.py", "tests/test_command_line.py"),
    ),
    *within(
        "shared/running/control.py",
        (
            "images that chose the epoch count as held out",
            'held_out = run.predictions.of("test")',
            "held_out = run.predictions",
            "A run's predictions are what it was scored on.",
        ),
        (
            "an image that two draws scored counts twice",
            "found.setdefault(sample,",
            "found.setdefault((sample, len(found)),",
            "Every draw is an independent try.",
        ),
        (
            "several rows have a greater chance to leave their interval",
            "tail = (1 - CHANCE) / rows / 2",
            "tail = (1 - CHANCE) / 2",
            "The interval is one of 99%.",
        ),
        (
            "a learner of thirty images passes",
            "IMAGES = 60",
            "IMAGES = 30",
            "A demo is small.",
        ),
        tests=("tests/shared/running/test_control.py",),
    ),
    *within(
        "data_builders/painter.py",
        (
            "shuffled look-alikes show their patient",
            "body = draw if self._shuffled else",
            "body = draw if not self._shuffled else",
            "The body is the patient's.",
        ),
        (
            "healthy images look like COVID-19 in another dataset",
            '"normal": 0,',
            '"normal": 2,',
            "The names look alike.",
        ),
        tests=("tests/data_builders/test_phantom.py",),
    ),
)
