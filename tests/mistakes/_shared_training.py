"""Mistakes in training: epochs, seeds, the best weights, optimizers, backbones, stages, and who runs them."""

from tests.mistakes.mistake import within

TESTS = "tests/shared/training"

FITTING = within(
    "shared/training/fitting.py",
    (
        "every epoch is the first one",
        "dataset = batches(epoch)",
        "dataset = batches(0)",
        "A validation set is asked for without an epoch.",
    ),
    (
        "dropout is the same in every epoch",
        "np.random.SeedSequence((seed, epoch, index))",
        "np.random.SeedSequence((seed, index))",
        "The seed of a layer is usually set once.",
    ),
    (
        "the last epoch's weights instead of the best",
        "    if keep_best:\n        model.set_weights(",
        "    if keep_best and stopped:\n        model.set_weights(",
        "Keras restores the best weights only when it stops early.",
    ),
    (
        "the best epoch is the one with the highest loss",
        'int(np.argmin(values) if "loss" in log else np.argmax(values))',
        "int(np.argmax(values))",
        "Accuracy is what one thinks of.",
    ),
    (
        "the last of equally good epochs is kept",
        "else np.argmax(values))",
        "else len(values) - 1 - np.argmax(values[::-1]))",
        "More training seems better where nothing tells two epochs apart.",
    ),
    (
        "the stopping rule is not heard",
        "stopped = bool(after_epoch and after_epoch(epoch, logs))",
        "stopped = bool(after_epoch and after_epoch(epoch, logs) and epoch + 1 == epochs)",
        "A condition from the last epoch is copied.",
    ),
    (
        "the stopping rule is asked before the validation",
        "scores = model.evaluate(validation(), verbose=0, return_dict=True)",
        "scores = model.evaluate(batches(epoch), verbose=0, return_dict=True)",
        "The training's batches are at hand.",
    ),
    (
        "Adam's moments go from one draw to the next",
        'elif variable.name != "learning_rate":',
        'elif variable.name == "iteration":',
        "Setting the steps back looks like a fresh optimizer.",
    ),
    (
        "initial weights do not follow the seed",
        "    random.seed(seed)",
        "    np.random.seed(seed)",
        "NumPy's generator is the one that everybody seeds.",
    ),
    (
        "optimizer is not built with the model",
        "    model.optimizer.build(model.trainable_variables)\n",
        "",
        "Keras builds it at the first step by itself.",
    ),
    protocol=True,
    tests=(f"{TESTS}/test_fitting.py", f"{TESTS}/test_first_and_last.py"),
)

NETWORKS = (
    *within(
        "shared/training/checkpoints.py",
        (
            "a resumed training starts with a fresh optimizer",
            "return [*model.weights, *model.optimizer.variables]",
            "return list(model.weights)",
            "Weights are what one saves.",
        ),
        protocol=True,
        tests=(f"{TESTS}/test_fitting.py",),
    ),
    *within(
        "shared/training/optimizers.py",
        (
            "the rates of layers are ignored",
            'rate = keras.ops.cast(learning_rate, "float32") * self._rates[index]',
            'rate = keras.ops.cast(learning_rate, "float32")',
            "The rate is multiplied elsewhere, one would think.",
        ),
        (
            "the rates of layers multiply all layers",
            "[self.layer_rates.get(layer, 1.0) for layer in layers]",
            "[max(self.layer_rates.values(), default=1.0) for layer in layers]",
            "A single rate is given, so it looks like the rate.",
        ),
        protocol=True,
        tests=(f"{TESTS}/test_optimizers.py",),
    ),
    *within(
        "shared/training/backbones.py",
        (
            "published weights are never loaded",
            "        model.load_weights(path)\n",
            "        path.stat()\n",
            "Training works from any start, so nobody notices.",
        ),
        (
            "weights are looked for under another network's name",
            '"densenet201", "DenseNet201", "densenet", 224, "relu", f"densenet201_{_TF}"',
            '"densenet201", "DenseNet201", "densenet", 224, "relu", f"densenet121_{_TF}"',
            "The line above it is copied.",
        ),
        (
            "ResNetV2 is preprocessed like ResNet",
            '"ResNet101V2", "resnet_v2", 224',
            '"ResNet101V2", "resnet", 224',
            "The names differ by two characters.",
        ),
        (
            "the published head keeps the thousand classes",
            "return keras.Model(whole.input, whole.layers[-2].output, name=self.name)",
            "return keras.Model(whole.input, whole.output, name=self.name)",
            "The other two heads return the whole network.",
        ),
        (
            "the last map is pooled by its maximum",
            'pooling = None if head == "map" else "avg"',
            'pooling = None if head == "map" else "max"',
            "Both are options of the same argument.",
        ),
        protocol=True,
        tests=(f"{TESTS}/test_backbones.py",),
    ),
    *within(
        "shared/training/gradcam.py",
        (
            "a picture is explained in training mode",
            "model(pixels, training=False)",
            "model(pixels, training=True)",
            "A gradient is taken, as in training.",
        ),
        protocol=True,
        tests=(f"{TESTS}/test_gradcam.py",),
    ),
    *within(
        "shared/training/gradcam.py",
        (
            "what speaks against a class is painted too",
            "maps = ops.relu(ops.sum(features * weights, axis=-1, keepdims=True))",
            "maps = ops.abs(ops.sum(features * weights, axis=-1, keepdims=True))",
            "Maps of negative values look wrong.",
        ),
        tests=(f"{TESTS}/test_gradcam.py",),
    ),
)

STAGES = within(
    "shared/training/stages.py",
    (
        "a stage's key holds no values",
        "text = json.dumps(_plain(key), sort_keys=True)",
        "text = json.dumps(sorted(key))",
        "Sorting a mapping gives its names.",
    ),
    (
        "any stage of the name counts as done",
        "any(all(key.get(field) == value for field, value in part.items()) for key in keys)",
        "any(any(key.get(field) == value for field, value in part.items()) for key in keys)",
        "Two loops of any read smoothly.",
    ),
    (
        "a killed stage begins again",
        'work = final.with_suffix(".work")',
        'work = final.with_suffix(f".{os.urandom(4).hex()}")',
        "A clean folder is the usual start.",
    ),
    protocol=True,
    tests=(f"{TESTS}/test_stages.py",),
)

RUNNING = (
    *within(
        "shared/running/runner.py",
        (
            "every draw is the first one",
            "predictions = place.paper.run(row, draw, context)",
            "predictions = place.paper.run(row, 0, context)",
            "One draw is the common case while one writes it.",
        ),
        (
            "the seed of the command is not handed on",
            "            args.seed,\n            place.demo,",
            "            0,\n            place.demo,",
            "The default seed is 0.",
        ),
        (
            "a run does not say what was set by hand",
            '"overrides": by_hand(place.paper, row, overrides, args.split_lists),',
            '"overrides": {},',
            "The config beside it holds the values already.",
        ),
        (
            "a demo is recorded as a result",
            '"scale": "demo" if place.demo else "paper",',
            '"scale": "paper",',
            "The row says what was small.",
        ),
        protocol=True,
        tests=("tests/shared/running/test_runner.py", "tests/shared/running/test_cli.py"),
    ),
    *within(
        "shared/running/places.py",
        (
            "a run with a field set by hand is stored as the row's own",
            "folder_name(row.id, by_hand, seed, precision, fast)",
            "folder_name(row.id, {}, seed, precision, fast)",
            "A folder is called after its row.",
        ),
        protocol=True,
        tests=("tests/shared/running/test_cli.py",),
    ),
    *within(
        "shared/base/sums.py",
        (
            "weights are known by name and size",
            "            found.update(block)",
            '            found.update(f"{path.name} {path.stat().st_size}".encode())',
            "Reading half a gigabyte for a key seems wasteful.",
        ),
        protocol=True,
        tests=("tests/shared/base/test_sums.py",),
    ),
    *within(
        "shared/running/overrides.py",
        (
            "False means True",
            'return {"true": True, "false": False}[text.lower()]',
            "return bool(text)",
            "The line below converts every other type like this.",
        ),
        tests=("tests/shared/running/test_overrides.py",),
    ),
)

TRAINING = (*FITTING, *NETWORKS, *STAGES, *RUNNING)
