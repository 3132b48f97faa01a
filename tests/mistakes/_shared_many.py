"""Mistakes where many draws, devices or parts of a batch work together."""

from tests.mistakes.mistake import within

RUNNING = "tests/shared/running"
TRAINING = "tests/shared/training"

MANY = (
    *within(
        "shared/training/parts.py",
        (
            "parts of unequal size weigh alike",
            "model.optimizer.scale_loss(loss * share)",
            "model.optimizer.scale_loss(loss)",
            "Frameworks that accumulate gradients average over parts.",
        ),
        (
            "a last batch of fewer images than parts has empty ones",
            "used = tf.minimum(parts, images)",
            "used = parts",
            "Whole batches have more images than parts.",
        ),
        (
            "the loss that is told is a mean over parts",
            "sample_weight=own)",
            "sample_weight=1)",
            "The gradients are right without it.",
        ),
        (
            "a frozen batch norm is refused too",
            "and layer.trainable for layer",
            "for layer",
            "Batch norm needs whole batches.",
        ),
        tests=(f"{TRAINING}/test_parts.py",),
    ),
    *within(
        "shared/training/replicas.py",
        (
            "each device normalises by its own share of the batch",
            "norm.synchronized = True",
            "pass",
            "It is the default of Keras.",
        ),
        protocol=True,
        tests=(f"{TRAINING}/test_replicas.py",),
    ),
    *within(
        "shared/running/many.py",
        (
            "a draw of another config counts as done",
            "return not results.other_than(paper, row, run)",
            "return True",
            "It could be read.",
        ),
        tests=(f"{RUNNING}/test_many.py",),
    ),
    *within(
        "shared/running/engine.py",
        (
            "a job that is given up takes all that wait for it along",
            "_end_of(futures[job]))",
            "futures[job])",
            "A future is what Parsl waits for.",
        ),
        tests=(f"{RUNNING}/test_engine.py",),
    ),
    *within(
        "shared/running/plan.py",
        (
            "the plan of one draw is that of all",
            "args.draw or range(args.draws or row.draws)",
            "range(row.draws)",
            "The row says how many draws it has.",
        ),
        (
            "what was trained in another precision is done",
            '{"seed": args.seed, "precision": runtime.precision}',
            '{"seed": args.seed}',
            "The stage depends on the row and on the seed.",
        ),
        tests=(f"{RUNNING}/test_plan.py",),
    ),
    *within(
        "shared/running/gpu_check.py",
        (
            "gpu-check probes the first row",
            "return paper.control_rows[0]",
            "return paper.rows[0].id",
            "Any row will do.",
        ),
        tests=(f"{RUNNING}/test_gpu_check.py",),
    ),
    *within(
        "shared/running/tasks.py",
        (
            "every draw waits for the first one's training",
            'w.stage and w.key.get("draw", draw) == draw',
            "w.stage",
            "Most stages serve all draws.",
        ),
        (
            "who makes a stage comes in the order of rows",
            "key=lambda task: not task.makes",
            "key=lambda task: task.row",
            "A list in order is easier to read.",
        ),
        tests=(f"{RUNNING}/test_tasks.py",),
    ),
    *within(
        "shared/running/scripts.py",
        (
            "the steps of a printed script do not wait for each other",
            'after="--dependency=afterany:$job"',
            'after=""',
            "Claims keep the results right all the same.",
        ),
        tests=(f"{RUNNING}/test_many.py",),
    ),
)
