"""Mistakes in how draws begin, go on elsewhere and end, and in the files of strangers that they meet."""

from tests.mistakes.mistake import within

RUNNING, TRAINING, DATA = "tests/shared/running", "tests/shared/training", "tests/data_builders"

BEGINNING = (
    *within(
        "shared/training/fitting.py",
        (
            "only a log called loss tells of a divergence",
            "np.isfinite(list(logs.values())).all()",
            'np.isfinite(logs.get("loss", 0.0))',
            "Keras' own models call it so.",
        ),
        tests=("tests/reproductions/test_zebin_cyclegan.py",),
    ),
    *within(
        "shared/training/checkpoints.py",
        (
            "a state of another precision ends in a traceback",
            "if [tuple(variable.shape) for variable in variables] != [array.shape for array in arrays]:",
            "if not arrays:",
            "A strict zip finds it.",
        ),
        tests=(f"{TRAINING}/test_checkpoints.py",),
    ),
    *within(
        "shared/running/provenance.py",
        (
            "a draw goes on in another precision",
            '_plain(ground) | {"precision": now["precision"]}',
            "_plain(ground)",
            "The device decides it.",
        ),
        (
            "nobody learns into how many parts batches were cut",
            ', "parts": runtime.parts}',
            "}",
            "The gradients are those of the whole batch.",
        ),
        protocol=True,
        tests=(f"{RUNNING}/test_provenance.py",),
    ),
    *within(
        "data_builders/provenance.py",
        (
            "a begun draw does not notice other labels",
            '        "annotations": table.hash_of("label", "patient", *about.extra),\n',
            "",
            "The fingerprint says which images these are.",
        ),
        protocol=True,
        tests=(f"{DATA}/test_dataset_facts.py",),
    ),
    *within(
        "shared/training/stages.py",
        (
            "every machine passes for the one that made a stage",
            "if value != self.machine.get(key)}",
            "if key not in self.machine}",
            "All machines have the same facts.",
        ),
        tests=(f"{TRAINING}/test_stages.py",),
    ),
)

ENDING = (
    *within(
        "reproductions/basu/chance.py",
        (
            "a training at chance ends the command",
            "import NoResult\n",
            "import UserError as NoResult\n",
            "A user can mend it.",
        ),
        tests=("tests/reproductions/test_basu_experiment.py",),
    ),
    *within(
        "shared/running/many.py",
        (
            "the first paper that fails keeps the others from running",
            "        if signalled(code):\n",
            "        if code:\n",
            "An error is an error.",
        ),
        (
            "Ctrl-C ends one paper, and the next begins",
            "        if signalled(code):\n            return code\n",
            "",
            "The worst code is returned in any case.",
        ),
        tests=(f"{RUNNING}/test_many.py",),
    ),
    *within(
        "shared/running/engine.py",
        (
            "two commands of one folder stop each other",
            'f"stop-{secrets.token_hex(4)}"',
            '"stop-0"',
            "A command has its own results folder.",
        ),
        tests=(f"{RUNNING}/test_engine.py",),
    ),
    *within(
        "shared/running/plan.py",
        (
            "work that does not fit takes no time",
            "fits = all(kind(work) in known for work in own)",
            "fits = True",
            "What is not known cannot be summed.",
        ),
        tests=(f"{RUNNING}/test_plan.py",),
    ),
)

STRANGERS = (
    *within(
        "data_builders/scanning.py",
        (
            "a line that is cut off has empty cells",
            "if any(line[column] is None for column in needed):",
            "if None in line:",
            "A reader of CSV files puts cells that are too many under None.",
        ),
        tests=(f"{DATA}/test_damaged.py",),
    ),
    *within(
        "data_builders/labels.py",
        (
            "one line labels every image of its name",
            "            if other != image:\n",
            "            if not line:\n",
            "A label file names files.",
        ),
        tests=(f"{DATA}/test_foreign.py",),
    ),
    *within(
        "data_builders/foreign.py",
        (
            "an image of 14 bits in 16 is judged as it is",
            "DARK = 64\n",
            "DARK = 16\n",
            "Twelve bits are what one meets.",
        ),
        tests=(f"{DATA}/test_foreign.py",),
    ),
    *within(
        "data_builders/getting.py",
        (
            "a dataset is fetched onto the disk of the link",
            "(Path(data_dir) / name).resolve()",
            "Path(data_dir) / name",
            "The data folder is where datasets go.",
        ),
        tests=(f"{DATA}/test_getting.py",),
    ),
    *within(
        "data_builders/covid_chestxray.py",
        (
            "a chain of patients loses its first link",
            "            before[other] = one\n",
            '            before[line["patientid"]] = one\n',
            "The line's patient is the one who is renamed.",
        ),
        tests=(f"{DATA}/test_covid_chestxray.py",),
    ),
)

DRAWS = (*BEGINNING, *ENDING, *STRANGERS)
