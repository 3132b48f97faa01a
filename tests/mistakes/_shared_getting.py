"""Mistakes in fetching data and weights, in the plan, and in what the README counts."""

from tests.mistakes.mistake import within

GETTING = (
    *within(
        "shared/base/download.py",
        (
            "a piece is put where the file ends, wherever it is from",
            "if not found or int(found[1]) != there:",
            "if not found:",
            "206 says that the server sent a part.",
        ),
        (
            "halves of two versions are joined",
            'return headers if remote.md5 else {**headers, "If-Range": tag}',
            "return headers",
            "The range alone is asked for in every example.",
        ),
        (
            "the server knows best how long a file is",
            "wanted = remote.size or total",
            "wanted = total",
            "Content-Length is what one reads so many bytes of.",
        ),
        (
            "pieces with a wrong sum end the fetch",
            "if problem and in_pieces:",
            "if problem and not in_pieces:",
            "A wrong sum means a wrong file.",
        ),
        tests=("tests/shared/base/test_download.py",),
    ),
    *within(
        "data_builders/unpacking.py",
        (
            "a damaged archive is kept",
            "        archive.unlink(missing_ok=True)\n",
            "",
            "What took hours to fetch is not thrown away.",
        ),
        tests=("tests/data_builders/test_getting.py",),
    ),
    *within(
        "data_builders/getting.py",
        (
            "the pinned labels are put at the top",
            "(locate(name, tree.parent) or tree) / remote.name",
            "tree / remote.name",
            "That is where the dataset is.",
        ),
        tests=("tests/data_builders/test_getting.py",),
    ),
    *within(
        "data_builders/kaggle.py",
        (
            "a damaged archive of Kaggle's is asked for its rest",
            "            shutil.rmtree(cache, ignore_errors=True)\n",
            "",
            "kagglehub resumes by itself.",
        ),
        tests=("tests/data_builders/test_getting.py",),
    ),
    *within(
        "shared/training/weight_files.py",
        (
            "any file in Keras' cache is the weights",
            "return _md5(path, state.st_size, state.st_mtime_ns) == PUBLISHED_MD5[path.name]",
            "return state.st_size > 0",
            "Keras would have removed a broken one.",
        ),
        tests=("tests/test_getting_command.py",),
    ),
)

PLAN = (
    *within(
        "shared/running/plan.py",
        (
            "a limit is given as the time",
            'return "at most " if any(work.at_most for work in works) else ""',
            'return ""',
            "The epochs are those of the config.",
        ),
        (
            "what two rows share is counted for both",
            "        seen.update(map(_identity, own))\n",
            "",
            "Each row needs it.",
        ),
        tests=("tests/shared/running/test_plan.py",),
    ),
    *within(
        "shared/running/costs.py",
        (
            "scoring keeps the output of every layer",
            "kept = sum(outputs) if train else 2 * max(outputs, default=0)",
            "kept = sum(outputs)",
            "The layers are the same.",
        ),
        tests=("tests/shared/running/test_plan.py",),
    ),
)

COUNTS = (
    *within(
        "shared/report/summaries.py",
        (
            "quoted numbers count",
            'return [line for line in lines if line.reported.by == "paper"]',
            "return list(lines)",
            "They stand in the paper's tables.",
        ),
        tests=("tests/shared/report/test_readmes.py",),
    ),
    *within(
        "shared/consistency/shares.py",
        (
            "the figure forgets that digits are cut off",
            "ALLOWED = (-0.5, 1.0)",
            "ALLOWED = (-0.5, 0.5)",
            "Printed numbers are rounded.",
        ),
        tests=("tests/shared/consistency/test_shares.py",),
    ),
)
