"""Mistakes in Zhao et al.: who is trained on and judged, BiT itself, its schedule, mixup, seeds and keys."""

from tests.mistakes.mistake import Mistake

FOLDER = "reproductions/zhao"
NEAR = "tests/reproductions/test_zhao"
PROTOCOL, DATA, MODEL, CONFIG = (
    (f"{NEAR}_{name}.py",) for name in ("protocol", "data", "bit", "config")
)  # the fast ones: the real network's own test takes longer
CLAIMS, SCHEDULE, SWEEPS, LISTS = (
    (f"{NEAR}_{name}.py",) for name in ("claims", "schedule", "sweeps", "lists")
)


def protocol(name: str, file: str, text: str, replacement: str, why: str, tests=PROTOCOL) -> Mistake:
    """A mistake about who, what, how often, at which rate, from which weights or under which key."""
    return Mistake(name, f"{FOLDER}/{file}", text, replacement, why, protocol=True, tests=tests)


def slip(name: str, file: str, text: str, replacement: str, why: str, tests) -> Mistake:
    """Any other mistake."""
    return Mistake(name, f"{FOLDER}/{file}", text, replacement, why, tests=tests)


MISTAKES = (
    # who is trained on, and as what
    protocol(
        "training on the test list",
        "experiment.py",
        'data.training_blocks(row, images["train"], seed)',
        'data.training_blocks(row, images["test"], seed)',
        "The three lists lie in one dictionary.",
    ),
    protocol(
        "training on all lists that are not test",
        "data.py",
        'tables = {name: table.take(table.extra["split"] == name) for name in SPLITS}',
        'tables = {name: table.take(table.extra["split"] == name) for name in SPLITS}\n'
        '    tables["train"] = table.take(table.extra["split"] != "test")',
        "More images are better, and the paper scores the test list.",
    ),
    protocol(
        "the check of patients is not asked",
        "data.py",
        "    refuse_shared_patients(tables)\n",
        "",
        "It costs a second at the start of every run.",
        DATA,
    ),
    protocol(
        "classes in another order",
        "config.py",
        'CLASSES = ("Normal", "CP", "NCP")',
        'CLASSES = ("Normal", "NCP", "CP")',
        "The abbreviations are easily confused.",
    ),
    protocol(
        "the box is not cut",
        "data.py",
        "Frame(side, side, box=True)",
        "Frame(side, side)",
        "The box is an option of the frame, off by default.",
    ),
    protocol(
        "training slices at the size of the crop",
        "experiment.py",
        'row.resize if name == "train" else row.crop',
        "row.crop",
        "The network's own size is the crop's, and the crop then takes the whole slice.",
    ),
    protocol(
        "no flip",
        "data.py",
        "Augment(flip=True, crop=(row.crop, row.crop))",
        "Augment(crop=(row.crop, row.crop))",
        "A mirrored chest is no chest; the paper flips anyway.",
    ),
    protocol(
        "pixels from 0 to 1",
        "data.py",
        "repeat_grey(pixels / 255.0 * (high - low) + low)",
        "repeat_grey(pixels / 255.0)",
        "The usual rescaling.",
    ),
    protocol(
        "the same batches in every block",
        "data.py",
        "epoch=block,",
        "epoch=0,",
        "A block is no epoch, so that its number seems to be no business of the pipeline.",
    ),
    protocol(
        "the same batches in every draw",
        "data.py",
        "            seed=seed,\n            epoch",
        "            seed=0,\n            epoch",
        "A fixed seed makes results comparable, one thinks.",
        DATA,
    ),
    protocol(
        "mixup is never passed on",
        "data.py",
        "            mixup=row.mixup,\n",
        "",
        "The parameter has a default.",
    ),
    protocol(
        "a new subset in every block",
        "data.py",
        "    rows = subset(row, training.labels, seed)\n\n    def batches(block: int):\n",
        "    def batches(block: int):\n        rows = subset(row, training.labels, seed + block)\n",
        "What belongs to a batch is gathered in one place.",
        DATA,
    ),
    protocol(
        "one subset for all draws",
        "data.py",
        "splits.pick_per_class(labels, row.per_class, seed)",
        "splits.pick_per_class(labels, row.per_class, 0)",
        "The paper has one subset.",
        DATA,
    ),
    protocol(
        "a subset of that many images in all",
        "data.py",
        "splits.pick_per_class(labels, row.per_class, seed)",
        "np.sort(np.random.default_rng(seed).choice(len(labels), 3 * row.per_class, replace=False))",
        "Drawn at random, the classes are about even.",
        DATA,
    ),
    # what is judged
    protocol(
        "validation and test exchanged",
        "experiment.py",
        "split=[name for name in JUDGED for _ in range(len(tables[name]))]",
        "split=[name for name in reversed(JUDGED) for _ in range(len(tables[name]))]",
        "The two are lists side by side.",
    ),
    protocol(
        "the test list's probabilities kept for both",
        "experiment.py",
        "        batches = data.ordered(row, images[name])\n",
        '        batches = data.ordered(row, images["test"])\n',
        "A line copied from where there was one list.",
    ),
    protocol(
        "the curve on the test list",
        "experiment.py",
        "images[row.curve]",
        'images["test"]',
        "The text says so, and the caption says otherwise.",
    ),
    protocol(
        "the curve on the first images of its list",
        "data.py",
        "return np.linspace(0, count - 1, round(row.curve_share * count)).round().astype(int)",
        "return np.arange(round(row.curve_share * count))",
        "A share of a list is its beginning.",
        DATA,
    ),
    protocol(
        "a step counted twice on the curve",
        "experiment.py",
        "[: block + 1])",
        "[: block + 2])",
        "Blocks are counted from 0, steps from 1.",
    ),
    # weights
    protocol(
        "the official weights are never loaded",
        "model.py",
        "        bit.load_npz(model, weights_path(weights_dir, row.weights))\n",
        "        bit.initialise(model, row.initialiser, seed)\n",
        "A test without files was wanted.",
    ),
    protocol(
        "the head of the training before stays",
        "bit.py",
        "            variable.assign(ops.zeros(variable.shape))\n    return keep_head",
        "            pass\n    return keep_head",
        "Another head does not fit, so there is nothing to load.",
        MODEL,
    ),
    protocol(
        "two files exchanged",
        "config.py",
        '"bit-s": "BiT-S-R50x1.npz",\n    "bit-m": "BiT-M-R50x1.npz"',
        '"bit-s": "BiT-M-R50x1.npz",\n    "bit-m": "BiT-S-R50x1.npz"',
        "S and M do not say that M is the larger pre-training set.",
    ),
    protocol(
        "the same random start in every draw",
        "bit.py",
        "np.random.SeedSequence(seed).generate_state",
        "np.random.SeedSequence(0).generate_state",
        "Reproducible, one thinks.",
        MODEL,
    ),
    protocol(
        "every kernel from the same seed",
        "bit.py",
        "INITIALISERS[initialiser](seed=own_seed)",
        "INITIALISERS[initialiser](seed=seed)",
        "One seed per start seems enough.",
        MODEL,
    ),
    protocol(
        "PyTorch's start with He's variance",
        "bit.py",
        'VarianceScaling, 1 / 3, "fan_in", "uniform"',
        'VarianceScaling, 2.0, "fan_in", "uniform"',
        "PyTorch calls it kaiming_uniform.",
        MODEL,
    ),
    protocol(
        "the optimizer remembers the training before",
        "model.py",
        "    fitting.reset(model, model.get_weights())\n",
        "",
        "The weights were just set.",
    ),
    # rates and steps
    protocol(
        "one schedule for all rows",
        "model.py",
        "rates.fill(row.schedule, row.rate, row.warmup_from)",
        "rates.fill((500, 3000, 6000, 9000, 10000), row.rate, row.warmup_from)",
        "The general setting of the paper.",
    ),
    protocol(
        "a drop at its own step",
        "schedule.py",
        "drop < step for drop",
        "drop <= step for drop",
        "Where the text says at step 3,000.",
        SCHEDULE,
    ),
    protocol(
        "a rate halved instead of divided by ten",
        "schedule.py",
        "return rate / 10 ** sum",
        "return rate / 2 ** sum",
        "A habit from other schedules.",
        SCHEDULE,
    ),
    protocol(
        "a rate ten times too high",
        "config.py",
        "rate: float = stated(0.003, SETTING)",
        "rate: float = stated(0.03, SETTING)",
        "BiT's own rule has 0.003 for 512 images and 0.03 in an early version.",
    ),
    protocol(
        "a warm-up that begins a step ahead",
        "schedule.py",
        "(rate - start) * step / warm",
        "(rate - start) * (step + 1) / warm",
        "A first step at rate zero looks like a mistake.",
        SCHEDULE,
    ),
    protocol(
        "Nesterov's momentum",
        "model.py",
        "momentum=momentum, weight_decay",
        "momentum=momentum, nesterov=True, weight_decay",
        "Most recipes for ResNets have it.",
    ),
    protocol(
        "weight decay as everywhere",
        "model.py",
        "weight_decay=weight_decay or None",
        "weight_decay=weight_decay or 1e-4",
        "ResNets are trained with it.",
    ),
    protocol(
        "another loss",
        "model.py",
        '"categorical_crossentropy"',
        '"binary_crossentropy"',
        "The autocompletion offers it first.",
    ),
    protocol(
        "a frozen body",
        "model.py",
        "    rates = RateTable(steps)\n",
        "    rates = RateTable(steps)\n    for layer in model.layers[:-1]:\n        layer.trainable = 0\n",
        "Transfer learning usually freezes the body.",
    ),
    protocol(
        "one block more",
        "experiment.py",
        "epochs=len(blocks(row.schedule[-1], row.block))",
        "epochs=row.schedule[-1] // row.block + 1",
        "Rounding up, but wrong where nothing is left over.",
    ),
    protocol(
        "Figure 8's sizes in the general setting alone",
        "config.py",
        "schedule: tuple[int, ...] = assumed(SCHEDULES[0], 11)",
        "schedule: tuple[int, ...] = assumed(SCHEDULES[2], 11)",
        "The section on settings names one schedule.",
        CONFIG,
    ),
    protocol(
        "mixup on few images",
        "config.py",
        "mixup: float = assumed(0.0, 11)",
        "mixup: float = assumed(MIXUP, 11)",
        "The general setting has mixup.",
        CONFIG,
    ),
    # seeds and keys
    protocol(
        "one seed for all draws",
        "experiment.py",
        "fitting.draw_seed(context.seed, draw)",
        "fitting.draw_seed(context.seed, 0)",
        "The draw is already in the key.",
    ),
    protocol(
        "the seed that was asked for has no effect",
        "experiment.py",
        "fitting.draw_seed(context.seed, draw)",
        "fitting.draw_seed(0, draw)",
        "Draws differ, and nobody asks for another seed.",
    ),
    protocol(
        "a key without the slices",
        "experiment.py",
        '        "data": {name: table.fingerprint() for name, table in tables.items()},\n',
        "",
        "There is one COVIDx CT-2A.",
    ),
    protocol(
        "a key with the weight file's name for its contents",
        "experiment.py",
        "file_hash(weights_path(weights_dir, row.weights))",
        "weights_path(weights_dir, row.weights).name",
        "Hashing a hundred megabytes takes a second.",
    ),
    protocol(
        "a key without the draw",
        "experiment.py",
        '        "draw": draw,\n',
        "",
        "The seed is in it, and it comes from the draw, one thinks.",
    ),
    protocol(
        "a key without mixup",
        "config.py",
        'NOT_TRAINING = ("id", "shown",',
        'NOT_TRAINING = ("id", "mixup", "shown",',
        "The list is about fields, and one more was wanted out of a table.",
    ),
    # the network
    slip(
        "kernels standardised over the picture alone",
        "bit.py",
        "ops.moments(kernel, axes=(0, 1, 2), keepdims=True)",
        "ops.moments(kernel, axes=(0, 1), keepdims=True)",
        "As layer norms are taken over space.",
        MODEL,
    ),
    slip(
        "the stride on the first convolution",
        "bit.py",
        'x = convolve(x, filters, 1, 1, f"{name}.a")\n'
        '    x = convolve(normalise(x, f"{name}.b."), filters, 3, strides, f"{name}.b")',
        'x = convolve(x, filters, 1, strides, f"{name}.a")\n'
        '    x = convolve(normalise(x, f"{name}.b."), filters, 3, 1, f"{name}.b")',
        "The first ResNet had it there.",
        MODEL,
    ),
    slip(
        "the shortcut projects what is not yet normalised",
        "bit.py",
        'shortcut = convolve(x, 4 * filters, 1, strides, f"{name}.a.proj")',
        'shortcut = convolve(shortcut, 4 * filters, 1, strides, f"{name}.a.proj")',
        "ResNet-v2 papers draw the shortcut from the block's input.",
        MODEL,
    ),
    slip(
        "the pool pads with minus infinity",
        "bit.py",
        '    x = layers.ZeroPadding2D(1, name="root_block.pool_pad")(x)\n'
        '    return layers.MaxPooling2D(3, 2, name="root_block.pool")(x)',
        '    return layers.MaxPooling2D(3, 2, padding="same", name="root_block.pool")(x)',
        "Keras' own ResNets pad so.",
        MODEL,
    ),
    # claims, figures, the paper's numbers
    slip(
        "a claim turned round",
        "claims.py",
        'all_of(beats("bit-m", "bit-s"), beats("bit-s", "random"))',
        'all_of(beats("bit-s", "bit-m"), beats("random", "bit-s"))',
        "Better and worse are two strings side by side.",
        CLAIMS,
    ),
    slip(
        "half of a claim",
        "claims.py",
        'for row in ("bit-m-c", "bit-m-s"))),',
        'for row in ("bit-m-c",))),',
        "The row was not run yet.",
        CLAIMS,
    ),
    slip(
        "a spread ten times too wide",
        "claims.py",
        "SPREAD = 0.002",
        "SPREAD = 0.02",
        "0.2 points, as a fraction.",
        CLAIMS,
    ),
    slip(
        "the worst COVID-Net for the best",
        "claims.py",
        "return max(r.number",
        "return min(r.number",
        "A threshold is something low.",
        CLAIMS,
    ),
    slip(
        "Figure 7 draws the training's accuracy",
        "sweeps.py",
        'append(100 * logs["val_accuracy"])',
        'append(100 * logs["accuracy"])',
        "Keras gives that one.",
        SWEEPS,
    ),
    slip(
        "Figure 5 of the validation list",
        "figures.py",
        'test = found.of("test")',
        'test = found.of("validation")',
        "The picture is made before the test is looked at.",
        SWEEPS,
    ),
    slip(
        "patients counted as slices",
        "data.py",
        "len(set(table.patient[rows]))",
        "len(table.patient[rows])",
        "In the look-alike a patient has few slices.",
        LISTS,
    ),
    slip(
        "a typing error in Table 2",
        "reported.csv",
        "Table 2,bit-m,Bit-M(ours),NCP,test,sensitivity,=,98.7",
        "Table 2,bit-m,Bit-M(ours),NCP,test,sensitivity,=,97.8",
        "Two digits exchanged while typing.",
        (f"{NEAR}_reported.py", f"{NEAR}_config.py"),
    ),
    slip(
        "a typing error in Table 3",
        "reported.csv",
        "Table 3,bit-m-c,Bit-M-C,,validation,accuracy,=,97.7",
        "Table 3,bit-m-c,Bit-M-C,,validation,accuracy,=,79.7",
        "Two digits exchanged while typing.",
        (f"{NEAR}_reported.py", f"{NEAR}_config.py"),
    ),
)
