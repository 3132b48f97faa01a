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
