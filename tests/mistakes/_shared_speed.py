"""Mistakes in how fast a run is, and in what it says of that."""

from tests.mistakes.mistake import within

SPEED = (
    *within(
        "data_builders/pipeline.py",
        (
            "each call traces the augmentation anew",
            "@functools.lru_cache(maxsize=KEPT)\n",
            "",
            "A function in a function looks cheap.",
        ),
        tests=("tests/data_builders/test_pipeline.py",),
    ),
    *within(
        "shared/training/runtime.py",
        (
            "XLA is said to be on in a deterministic run",
            "return fast and gpus == 1 and parts == 1",
            "return gpus == 1 and parts == 1",
            "Keras takes jit_compile=True and turns it off without a word.",
        ),
        (
            "a fast run is deterministic all the same",
            "    if not fast:\n        tf.config",
            "    if True:\n        tf.config",
            "Determinism belongs to every run here.",
        ),
        tests=("tests/shared/training/test_runtime.py",),
    ),
    *within(
        "shared/training/pace.py",
        (
            "batches are fetched ahead of their notes",
            "        options.experimental_optimization.inject_prefetch = False\n",
            "",
            "TensorFlow's own prefetching should do no harm.",
        ),
        (
            "the time between epochs counts as training",
            "        self._began = None\n        yield",
            "        yield",
            "The clock of a run begins once.",
        ),
        tests=("tests/shared/training/test_pace.py",),
    ),
    *within(
        "shared/running/places.py",
        (
            "fast draws leave their stages to the others",
            '"stages-fast" if fast else "stages"',
            '"stages"',
            "A stage's key names all that it depends on.",
        ),
        protocol=True,
        tests=("tests/shared/running/test_cli.py",),
    ),
    *within(
        "shared/comparison/runs.py",
        (
            "fast draws are averaged with the others",
            '("fast=yes",) if self.facts.get("fast") else ()',
            "()",
            "They have a folder of their own already.",
        ),
        protocol=True,
        tests=("tests/shared/comparison/test_answers.py", "tests/shared/report/test_report.py"),
    ),
    *within(
        "shared/running/quiet.py",
        (
            "runs go on only if the benchmark lives",
            "stdin=subprocess.PIPE, start_new_session=True",
            "stdin=subprocess.DEVNULL, start_new_session=True",
            "Its end is in a finally.",
        ),
        (
            "a number is stopped that belongs to another process by now",
            'if sign.read_text(encoding="utf-8") == began(int(sign.name)) != "":',
            'if began(int(sign.name)) != "":',
            "A process that lives is the one that signed in.",
        ),
        tests=("tests/shared/running/test_quiet.py",),
    ),
    *within(
        "shared/running/gpu_check.py",
        (
            "every precision agrees with itself",
            "_line(paper, *pair, reference) for pair",
            '_line(paper, *pair, np.array(pair[1]["probabilities"])) for pair',
            "Each probe has its own probabilities at hand.",
        ),
        (
            "time is told for speed",
            "f\"{1 / probe['costs'][kind]['seconds']:.3g}\"",
            "f\"{probe['costs'][kind]['seconds']:.3g}\"",
            "It is what a cost holds.",
        ),
        (
            "the first precision is told for the whole page",
            "machine.removesuffix(f\", {WAYS['float32'][0]}\")",
            "machine",
            "The machine's own words have it.",
        ),
        tests=("tests/shared/running/test_gpu_check.py",),
    ),
)
