"""Mistakes in lists of who is in which part, and in what runs from them."""

from tests.mistakes.mistake import within

LISTS = (
    *within(
        "data_builders/listed.py",
        (
            "the order of a list is lost",
            "np.array(entries, np.int64)",
            "np.array(sorted(entries), np.int64)",
            "Rows of a table are sorted everywhere else.",
        ),
        (
            "a list's hashes are not compared",
            'if cells["sha256"].lower() != here:',
            'if len(cells["sha256"]) != len(here):',
            "The name says which image it is.",
        ),
        (
            "a list's classes are not compared",
            'if cells["class"] != shown:',
            'if cells["class"] not in table.classes:',
            "The dataset decides the class.",
        ),
        (
            "an image may be in training and test",
            "if before != part or key == NO_KEY:",
            "if before == part and key == NO_KEY:",
            "Twice in one part is what one stumbles over.",
        ),
        (
            "a second dataset is counted from its own start",
            "return self.first[dataset] + row",
            "return row",
            "Most papers have one dataset.",
        ),
        (
            "a divided patient is only seen where lines are neighbours",
            "first.setdefault(group, (part, line)) if group else (part, line)",
            "first.pop(group, (part, line)) if group else (part, line)",
            "A patient's images follow each other.",
        ),
        protocol=True,
        tests=("tests/data_builders/test_listed.py",),
    ),
    *within(
        "shared/running/split_lists.py",
        (
            "every draw takes the first list",
            'lists.get(f"{name}-draw-{draw}.csv")',
            'lists.get(f"{name}-draw-0.csv")',
            "A list for all draws is the simple case.",
        ),
        (
            "an edited list finds the run of the old one",
            'f"{path.name} {file_hash(path)}\\n"',
            'f"{path.name}\\n"',
            "The names tell the lists.",
        ),
        protocol=True,
        tests=("tests/shared/running/test_split_lists.py",),
    ),
    *within(
        "shared/running/many.py",
        (
            "a task from lists is done where the row's own is",
            "parse_overrides(paper, args.set), _lists(paper, args))",
            "parse_overrides(paper, args.set), None)",
            "A task is known by its row and draw.",
        ),
        protocol=True,
        tests=("tests/shared/running/test_many.py",),
    ),
    *within(
        "shared/running/overrides.py",
        (
            "a run from lists counts as the row's own",
            "return fields_of(row, overrides) | split_lists.entry(paper, row, lists)",
            "return fields_of(row, overrides)",
            "A list changes no field.",
        ),
        protocol=True,
        tests=("tests/shared/running/test_split_lists.py",),
    ),
    *within(
        "shared/running/plan.py",
        (
            "a plan counts a training from lists as the row's own",
            '**made_by, "split_list": None}',
            "**made_by}",
            "The key holds all that the row says.",
        ),
        tests=("tests/shared/running/test_split_lists.py",),
    ),
    *within(
        "reproductions/altaf/experiment.py",
        (
            "a training from lists is found by the row's own",
            "    key |= listed(context.split_list)\n",
            "",
            "The key has the draw.",
        ),
        protocol=True,
        tests=("tests/reproductions/test_listed_rows.py",),
    ),
    *within(
        "reproductions/zebin/published.py",
        (
            "a list's test images are validated on",
            'listed=(place["training"], validation)',
            'listed=(place["training"], place["test"])',
            "Both are held out.",
        ),
        (
            "a clean list may divide a patient",
            'if row.protocol == "clean":',
            'if row.protocol == "as_published":',
            "A published row needs more checks.",
        ),
        protocol=True,
        tests=("tests/reproductions/test_listed_rows.py",),
    ),
    *within(
        "reproductions/elazhari/data.py",
        (
            "listed items are augmented under their image's number",
            "return Items(rows, keys, augmented=True)",
            "return Items(rows, rows, augmented=True)",
            "Images as they are have their rows for keys.",
        ),
        (
            "an item may be made of another image",
            "(behind != rows) | (keys < 0)",
            "(keys < 0)",
            "The pool knows its images.",
        ),
        protocol=True,
        tests=("tests/reproductions/test_listed_rows.py",),
    ),
    *within(
        "reproductions/basu/published.py",
        (
            "listed images lose their places in Data-B",
            "kept, others = np.isin(own.rows, listed), np.setdiff1d(listed, own.rows)",
            "kept, others = np.zeros(len(own.rows), bool), np.unique(listed)",
            "One way serves all images.",
        ),
        protocol=True,
        tests=("tests/reproductions/test_listed_rows.py",),
    ),
    *within(
        "reproductions/basu/data.py",
        (
            "stage 1 may have seen the patients of a list",
            "row, findings, seed).rows], *more]",
            "row, findings, seed).rows]]",
            "Data-A does not depend on a list of Data-B.",
        ),
        protocol=True,
        tests=("tests/reproductions/test_listed_rows.py",),
    ),
    *within(
        "reproductions/zhao/data.py",
        (
            "a list's validation and test parts are exchanged",
            'PARTS = {"train": "training", "validation": "validation", "test": "test"}',
            'PARTS = {"train": "training", "validation": "test", "test": "validation"}',
            "Both are held out.",
        ),
        protocol=True,
        tests=("tests/reproductions/test_listed_rows.py",),
    ),
)
