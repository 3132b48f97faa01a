"""The second part of the catalogue `altaf.py`."""

from tests.mistakes._altaf_words import CLAIMS, DICTIONARY, KEYS, MODEL, PLAN, REPORTED, protocol, slips

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
        "batch norm stays frozen when everything learns",
        "layer.trainable = not frozen\n",
        "layer.trainable = not frozen\n            for each in layer.layers:\n"
        "                each.trainable &= not isinstance(each, layers.BatchNormalization)\n",
        "A guide on fine-tuning leaves its averages alone.",
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
        "in averages.norms(model)",
        "in [one for one in model.layers if isinstance(one, layers.BatchNormalization)]",
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
        '        "radiographs": radiographs.fingerprint(),\n',
        "",
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
        '"draws", "averages", "sparsity"',
        '"draws", "epochs", "averages", "sparsity"',
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
