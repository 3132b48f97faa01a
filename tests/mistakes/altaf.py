"""Mistakes in Altaf et al.: who is trained on, rates, freezing, the dictionary, seeds and keys."""

from tests.mistakes.mistake import Mistake, within

FOLDER, NEAR = "reproductions/altaf", "tests/reproductions/test_altaf"
PROTOCOL, DATA, KEYS, MODEL, DICTIONARY, CLAIMS, REPORTED, PLAN = (
    (f"{NEAR}_{name}.py",)
    for name in ("protocol", "data", "keys", "model", "dictionary", "claims", "reported", "plan")
)


def protocol(file: str, *entries: tuple[str, str, str, str], tests=PROTOCOL) -> tuple[Mistake, ...]:
    """Mistakes about who, what, how often, at which rate, from which weights or under which key."""
    return within(f"{FOLDER}/{file}", *entries, protocol=True, tests=tests)


def slips(file: str, *entries: tuple[str, str, str, str], tests) -> tuple[Mistake, ...]:
    """Any other mistakes."""
    return within(f"{FOLDER}/{file}", *entries, tests=tests)


_DATA = protocol(
    "data.py",
    (
        "labels reversed",
        'CLASSES.index("COVID" if table.classes[i] == "COVID" else "non-COVID")',
        'CLASSES.index("non-COVID" if table.classes[i] == "COVID" else "COVID")',
        "The datasets themselves have COVID as their first class.",
    ),
    (
        "the datasets' own order of classes",
        '[CLASSES.index("COVID" if table.classes[i] == "COVID" else "non-COVID") for i in table.label]',
        "table.label",
        "The table has labels already.",
    ),
    (
        "translation as a fraction of the side",
        "shift_pixels=row.translation",
        "shift=row.translation",
        "Keras' own layer for it takes fractions.",
    ),
    (
        "no reflection of the CT images",
        "zoom=row.scaling, shift_pixels=row.translation, flip=True",
        "zoom=row.scaling, shift_pixels=row.translation",
        "Section 4 names it last.",
    ),
    (
        "no rotation of the radiographs",
        "Augment(rotation=row.rotation, flip=True)",
        "Augment(flip=True)",
        "Section 4's augmentation has none.",
    ),
    (
        "augmented where the row is not",
        "if not row.augmented:",
        "if row.augmented:",
        "A guard is easily turned round.",
    ),
    (
        "the last images of a finding",
        "np.flatnonzero(findings == finding)[:per_class]",
        "np.flatnonzero(findings == finding)[-per_class:]",
        "The text does not say which 775 it takes.",
    ),
    (
        "CT at the boosted side for every row",
        "return row.side if row.boosted else row.source_side",
        "return row.side",
        "The sheet speaks of 448 × 448 inputs throughout.",
    ),
) + protocol(
    "data.py",
    (
        "the same chunk in every draw",
        "row.test_fraction, seed, draw)",
        "row.test_fraction, seed, 0)",
        "The draw reaches the training's seed, so that draws differ all the same.",
    ),
    (
        "images with several findings taken",
        "np.flatnonzero(findings == finding)",
        "np.flatnonzero([finding in found.split('|') for found in findings])",
        "ChestX-ray14 is a set of many labels, and all of them are in one cell.",
    ),
    tests=DATA,
)

_CONFIG = protocol(
    "config.py",
    (
        "a target rate ten times too high",
        'stated(5e-4, "section 3, target model")',
        'stated(5e-3, "section 3, target model")',
        "The text's other number is 10 × 5e-4.",
    ),
    (
        "six epochs",
        "epochs: int = assumed(5, 6)",
        "epochs: int = assumed(6, 6)",
        "Section 3 says six.",
    ),
    (
        "a random test set",
        '"chunk", "section 4',
        '"random", "section 4',
        "Ten per cent at random is what everybody else does.",
    ),
    (
        "another crop",
        "850 / 1024, ",
        "0.85, ",
        "850 looks like 85%.",
    ),
    (
        "five draws in the reading that fits three",
        'draws = 3 if row.dataset == "sc2c" else row.draws',
        "draws = row.draws",
        "The text says five.",
    ),
    (
        "boosted rows augment too",
        'return self.method in ("boosted-aug", "combined")',
        "return self.boosted",
        "Both properties tell the same three rows from plain transfer at a glance.",
    ),
    tests=KEYS,
) + protocol(
    "config.py",
    (
        "wider scaling",
        "stated((0.9, 1.1), ",
        "stated((0.8, 1.2), ",
        "It is the usual range.",
    ),
)

_INTERMEDIATE = protocol(
    "intermediate.py",
    (
        "the rate is never divided",
        "row.intermediate_rate / row.rate_divisor**step",
        "row.intermediate_rate",
        "The divisor has a line of its own in the text.",
    ),
    (
        "the rate is divided once",
        "row.rate_divisor**step",
        "row.rate_divisor ** min(step, 1)",
        '"We again reduce the learning rate by 10" reads as the second step\'s rate.',
    ),
    (
        "step 3 is frozen",
        "(False, cropped, augment)]",
        "(True, cropped, augment)]",
        "The first two steps have it so.",
    ),
    (
        "step 1 is augmented",
        "(True, whole, None)",
        "(True, whole, augment)",
        "The other two steps have it so.",
    ),
    (
        "whole radiographs in every step",
        "cropped = data.load_findings(row, context.data_dir, context.cache_dir, row.central_crop)",
        "cropped = whole",
        "A random crop would be a part of the augmentation, which follows.",
    ),
    (
        "the crop in every step",
        "context.cache_dir, central_crop=1.0)",
        "context.cache_dir, row.central_crop)",
        "The crop is a field of the row.",
    ),
    (
        "a frozen network is not thawed",
        "if model.compiled and all(\n"
        "        layer.trainable != frozen for layer in model.layers"
        " if isinstance(layer, keras.Model)\n    ):",
        "if model.compiled:",
        "Compiling anew takes half a minute.",
    ),
    (
        "radiographs in 0 to 255",
        "finish=rescale,",
        "finish=lambda images: images,",
        "The networks of keras.applications rescale in their preprocessing.",
    ),
    (
        "Adam's moments go on from step to step",
        "fitting.reset(model, model.get_weights())",
        "pass",
        "The weights are where they should be: only Adam's moments are not.",
    ),
)

_TARGET = protocol(
    "target.py",
    (
        "training on the test chunk",
        "train, _ = data.split(",
        "_, train = data.split(",
        "The two parts come as a pair.",
    ),
    ("training on all images", "rows=train,", "rows=None,", "Without rows the batches are everybody."),
    (
        "no preprocessing",
        "BACKBONES[row.backbone].preprocess(repeat_grey(images))",
        "rescale(repeat_grey(images))",
        "The boosted rows have grey / 255.",
    ),
    (
        "boosted rows in the backbone's own scale",
        "    if row.boosted:\n        return rescale\n",
        "    if row.boosted:\n        return lambda images: images\n",
        "A network of its own might rescale by itself.",
    ),
    (
        "augmentation while scoring",
        "shown = eval_batches(images.pixels, batch=row.batch, finish=intensity(row))",
        "shown = eval_batches(\n        images.pixels, batch=row.batch, finish=intensity(row),"
        " augment=data.target_augmentation(row)\n    )",
        "The same options stand in the training's call.",
    ),
    (
        "the same augmentation in every epoch",
        "finish=intensity(row),\n            rows=train,",
        "finish=intensity(row),\n            rows=train,\n            fixed_pool=True,",
        "An augmented data set is often made once.",
    ),
    (
        "the same order in every epoch",
        "            seed=seed,\n            epoch=epoch,",
        "            seed=seed,\n            epoch=0,",
        "An epoch is one pass, whichever.",
    ),
    (
        "the output layer as fast as the others",
        "layer_rates={OUTPUT: output_rate}",
        "layer_rates={}",
        "The text has it in half a sentence.",
    ),
    (
        "the intermediate model is not loaded",
        "load_body(ready.model, intermediate_model(row, context))",
        "intermediate_model(row, context)",
        "It is trained, and nothing fails without the last step.",
    ),
    (
        "the output layer is not drawn anew",
        "    renew_output(ready.model, seed)\n",
        "",
        "A built model has one already.",
    ),
    (
        "a draw goes on from the last one's weights",
        "    fitting.reset(ready.model, ready.start)\n",
        "",
        "The model is compiled once for all draws.",
    ),
    (
        "the same seed in each draw",
        "seed = context.seed + 1000 * (draw + 1)",
        "seed = context.seed + 1000",
        "The chunk differs from draw to draw anyway.",
    ),
)

_MODEL = protocol(
    "model.py",
    (
        "ImageNet's weights are never loaded",
        "build(source, network.head, weights)",
        "build(source, network.head, None)",
        "Tests and demos build it so.",
    ),
    (
        "the frozen flag is ignored",
        "layer.trainable = not frozen",
        "layer.trainable = True",
        "Everything is fine-tuned in the end.",
    ),
    (
        "batch norm in training mode, whatever is asked",
        "x = backbone(x)\n",
        "x = backbone(x, training=True)\n",
        "A guide on fine-tuning sets the argument when the model is built.",
    ),
    (
        "activations after the softmax",
        "model.get_layer(OUTPUT).input",
        "model.get_layer(OUTPUT).output",
        "They are the network's output.",
    ),
    (
        "another loss",
        '"categorical_crossentropy"',
        '"binary_crossentropy"',
        "COVID or not is a binary problem.",
    ),
) + protocol(
    "model.py",
    (
        "the network's own stride",
        "strides=2",
        "strides=first.strides",
        "The text says so; VGG16's is 1.",
    ),
    ("no padding", 'padding="same"', 'padding="valid"', "InceptionV3's first convolution has none."),
    (
        "batch norm in every extra layer",
        "    if normalised:\n",
        "    if True:\n",
        "Three of the four networks have it.",
    ),
    (
        "momentum of the extra layer alone",
        "model._flatten_layers()",
        "model.layers",
        "A network inside a network is one layer.",
    ),
    tests=MODEL,
)

_EXPERIMENT = protocol(
    "experiment.py",
    (
        "the test chunk is in the dictionary",
        "activations[train], images.labels[train], activations[test]",
        "activations, images.labels, activations[test]",
        "All activations are at hand.",
    ),
    (
        "probabilities of other images",
        "probabilities=probabilities[test]",
        "probabilities=probabilities[: len(test)]",
        "They have the same length.",
    ),
    (
        "the softmax is left out",
        "scores = probabilities[test] + represented",
        "scores = represented",
        "The dictionary decides nearly alone anyway.",
    ),
    (
        "classes named in the datasets' order",
        "classes=data.CLASSES",
        "classes=data.CLASSES[::-1]",
        "The datasets themselves have COVID first.",
    ),
    (
        "draws share a training",
        'target_key(row) | {"draw": draw} | seen(',
        "target_key(row) | seen(",
        "The draw is no field of the row.",
    ),
    (
        "new radiographs go unnoticed",
        '"radiographs": radiographs.fingerprint()}',
        "}",
        "The target's own images are in the key.",
    ),
)

_KEYS = protocol(
    "keys.py",
    (
        "another precision goes unnoticed",
        '"precision": context.runtime.precision, ',
        "",
        "It is a property of the machine.",
    ),
    (
        "other weights go unnoticed",
        "file_hash(weights) if weights",
        "weights.name if weights",
        "Keras' files have their version in their name.",
    ),
    ("another seed goes unnoticed", '"seed": context.seed, ', "", "The draw is in the key."),
) + protocol(
    "keys.py",
    (
        "epochs taken for a matter of prediction",
        '"draws", "sparsity"',
        '"draws", "epochs", "sparsity"',
        "More epochs could go on from a checkpoint.",
    ),
    (
        "the same model is trained for each method",
        '("id", "method", "draws"',
        '("id", "draws"',
        "boosted-aug and combined have different methods.",
    ),
    (
        "one intermediate model for each momentum of the target",
        '    "momentum",\n    "source_side",\n    "side",',
        '    "source_side",\n    "side",',
        "Momentum is no part of section 3.",
    ),
    tests=KEYS,
)

_SLIPS = (
    slips(
        "dictionary.py",
        (
            "sparsity ignored",
            "min(sparsity, *atoms.shape)",
            "min(atoms.shape)",
            "50 is above most sizes in tests.",
        ),
        ("no ridge", "+ ridge * np.eye(len(atoms))", "+ np.eye(len(atoms))", "Solvers call it the identity."),
        (
            "activations at their own length",
            "atoms, samples = unit(atoms), unit(samples)",
            "atoms, samples = np.asarray(atoms, float), np.asarray(samples, float)",
            "The text speaks of normalising codes only.",
        ),
        (
            "the norms exchanged",
            '{"l2": unit, "l1": unit_sum, "none": np.asarray}',
            '{"l2": unit_sum, "l1": unit, "none": np.asarray}',
            "One is as long as the other.",
        ),
        tests=DICTIONARY,
    )
    + slips(
        "claims.py",
        ("the five points dropped", ", margin=0.05)", ")", "The sign decides most claims."),
        (
            "claims reversed",
            'beats(f"{row}-{better}", f"{row}-{worse}")',
            'beats(f"{row}-{worse}", f"{row}-{better}")',
            "Two names in a row.",
        ),
        (
            "a sign typed wrong",
            '("ccd", "inceptionv3"): ">"',
            '("ccd", "inceptionv3"): "<"',
            "SC2C has it so.",
        ),
        tests=CLAIMS,
    )
    + slips(
        "reported.csv",
        ("two digits exchanged", "84.27,0.20", "84.72,0.20", "A typing error."),
        ("a spread from the line above", "=,51.06,5.99", "=,51.06,5.89", "A typing error."),
        tests=REPORTED,
    )
    + slips(
        "plan.py",
        (
            "training images are the test images",
            "round(images * (1 - row.test_fraction))",
            "round(images * row.test_fraction)",
            "The row has the test's fraction.",
        ),
        tests=PLAN,
    )
)

MISTAKES = (*_DATA, *_CONFIG, *_INTERMEDIATE, *_TARGET, *_MODEL, *_EXPERIMENT, *_KEYS, *_SLIPS)
