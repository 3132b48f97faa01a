"""The second part of the catalogue `zebin.py`."""

from tests.mistakes._zebin_networks import GENERATOR_AND_DISCRIMINATOR
from tests.mistakes._zebin_words import CYCLEGAN, DATA, FIGURES, FOLDER, MODEL, PROTOCOL, STAGES, TESTS
from tests.mistakes.mistake import within

NETWORK = within(
    f"{FOLDER}/model.py",
    (
        "the backbone is not frozen",
        "layer.trainable = False",
        "layer.trainable = layer.name.startswith('block5')",
        "The text freezes the earlier layers, which leaves the later ones to train.",
    ),
    (
        "the head's rate is ten times too high",
        "optimizers.Adam(rate)",
        "optimizers.Adam(10 * rate)",
        "A factor is tried out by hand and stays.",
    ),
    (
        "the largest cell in place of the mean",
        "layers.AveragePooling2D(pool",
        "layers.MaxPooling2D(pool",
        "Max pooling is what comes to mind after a convolution.",
    ),
    (
        "a head without dropout",
        "layers.Dropout(dropout, ",
        "layers.Dropout(0.0, ",
        "It is switched off to see whether the loss falls, and never on again.",
    ),
    (
        "a head whose hidden layer is linear",
        'layers.Dense(hidden, activation="relu", name',
        "layers.Dense(hidden, name",
        "Keras' default for a dense layer has no activation.",
    ),
    (
        "all folds start from the process's own random state",
        "    fitting.seed_initialisers(seed)\n    return keras.models.clone_model(head).get_weights()",
        "    return keras.models.clone_model(head).get_weights()",
        "The seed is set once at the start of a run already.",
    ),
    protocol=True,
    tests=(MODEL, PROTOCOL),
)

GENERATED = (
    *within(
        f"{FOLDER}/synthetic.py",
        (
            "the CycleGAN of replaced images is found again",
            'settings(row) | {"pixels": fingerprint([normal, covid]), "seed": seed}',
            'settings(row) | {"seed": seed}',
            "The row's fields say which images are drawn.",
        ),
        (
            "the CycleGAN of another seed is found again",
            '{"pixels": fingerprint([normal, covid]), "seed": seed}',
            '{"pixels": fingerprint([normal, covid])}',
            "Another seed draws other images, whose hash differs anyway; not where all images are drawn.",
        ),
        (
            "the CycleGAN is keyed by the device's name",
            'key |= {"precision": context.runtime.precision}',
            'key |= {"device": context.runtime.device, "precision": context.runtime.precision}',
            "The features' key has both.",
        ),
        (
            "fewer synthetic images are found in place of more",
            '"protocol", "intensity", "synthetic")',
            '"protocol", "intensity")',
            "How many are made seems to be no matter of training.",
        ),
        (
            "the same normal images are always translated",
            "np.random.default_rng([seed, 0]).permutation(len(normal))",
            "np.arange(len(normal))",
            "Any hundred of them seem as good as others.",
        ),
        (
            "the wrong generator is used",
            "np.asarray(model.to_target(signed(",
            "np.asarray(model.to_source(signed(",
            "Normal images are the source, and to_source sounds like them.",
        ),
        (
            "every block trains on the same images",
            "epoch=block, steps=steps",
            "epoch=0, steps=steps",
            "The CycleGAN has no epochs.",
        ),
        (
            "images are paired for ever",
            "images(covid, seed + 1)",
            "images(covid, seed)",
            "One seed for one data set is the rule elsewhere.",
        ),
        (
            "generated images with half of the range",
            "np.rint((np.concatenate(translated) + 1) * 127.5)",
            "np.rint(np.concatenate(translated) * 127.5 + 63)",
            "Range conversions are written from memory.",
        ),
        protocol=True,
        tests=(STAGES, CYCLEGAN, PROTOCOL),
    ),
    *within(
        f"{FOLDER}/cyclegan.py",
        (
            "identity is asked of the other domain",
            "* (distance(source, same_source) + distance(target, same_target)),",
            "* (distance(source, same_target) + distance(target, same_source)),",
            "Which generator keeps which domain is easily turned round.",
        ),
        (
            "the discriminators see no older images",
            "seen = pool.exchange(ops.stop_gradient(fake))",
            "seen = ops.stop_gradient(fake)",
            "The pool is a detail of the reference implementation.",
        ),
        (
            "the discriminators are not slowed down",
            "return 0.5 * (ops.mean(",
            "return 1.0 * (ops.mean(",
            "The half is in the paper's text and not in its formula.",
        ),
        (
            "judges of the two domains exchanged",
            '"adversarial_loss": adversarial_loss(self.judge_target(fake_target))',
            '"adversarial_loss": adversarial_loss(self.judge_source(fake_target))',
            "An image made of a source is judged as a source.",
        ),
        protocol=True,
        tests=(CYCLEGAN,),
    ),
    *GENERATOR_AND_DISCRIMINATOR,
)

TOLD = (
    *within(
        f"{FOLDER}/claims.py",
        (
            "epochs of different length are compared",
            'return epochs_to(loss, run.history) * -(-images // run.facts["config"]["batch"])',
            "return epochs_to(loss, run.history)",
            "The paper counts epochs.",
        ),
        (
            "who is sooner is turned round",
            "saved = np.subtract(others, taken)",
            "saved = np.subtract(taken, others)",
            "Fewer is better here, and more is better everywhere else.",
        ),
        (
            "the better backbone in the wrong place",
            "all_of(beats(efficient, resnet), beats(resnet, v2))",
            "all_of(beats(resnet, efficient), beats(resnet, v2))",
            "The rows stand in the table's order.",
        ),
        (
            "clean claims ask for the other rows",
            'f"resnet50-v1{end}", f"efficientnetb0-v1{end}"',
            '"resnet50-v1", "efficientnetb0-v1"',
            "These two rows were added later.",
        ),
        tests=(f"{TESTS}_claims.py",),
    ),
    *within(
        f"{FOLDER}/overview.py",
        (
            "the matrix holds validation images too",
            'counts = run.of("test").counts.T',
            "counts = run.predictions.counts.T",
            "A run's predictions look like those of the test set.",
        ),
        (
            "rows and columns of Fig. 5 exchanged",
            'counts = run.of("test").counts.T',
            'counts = run.of("test").counts',
            "Most papers have what is true in rows.",
        ),
        tests=(f"{TESTS}_overview.py",),
    ),
    *within(
        f"{FOLDER}/figures.py",
        (
            "Grad-CAM paints what the head cannot see",
            "    maps[:, edge:], maps[:, :, edge:] = 0, 0\n",
            "",
            "A map covers the image in every other paper.",
        ),
        (
            "Grad-CAM of the predicted class in place of the shown one",
            "grad_cam(model, inputs(row, pixels), labels, BACKBONES",
            "grad_cam(model, inputs(row, pixels), None, BACKBONES",
            "No class means the predicted one, which is mostly the same.",
        ),
        tests=(FIGURES,),
    ),
    *within(
        f"{FOLDER}/memorisation.py",
        (
            "an image is its own neighbour",
            "    np.fill_diagonal(likeness, -np.inf)\n",
            "",
            "The function beside it compares two different sets.",
        ),
        (
            "the kernel distance is biased",
            "return (k.sum() - np.trace(k)) / (len(k) * (len(k) - 1))",
            "return k.mean()",
            "A mean is what the formula of MMD shows first.",
        ),
        tests=(f"{TESTS}_memorisation.py",),
    ),
)

SETTINGS = within(
    f"{FOLDER}/config.py",
    (
        "fewer epochs than the text has",
        'epochs: int = stated(50, "section 3.3")',
        'epochs: int = stated(5, "section 3.3")',
        "A short trial is forgotten in the config.",
    ),
    (
        "a row of ResNet50 v1 with synthetic images",
        'Unsaid(id="resnet50-v1", backbone="resnet50", augmentation="v1")',
        'Unsaid(id="resnet50-v1", backbone="resnet50")',
        "The class' own default is v2.",
    ),
    (
        "the whole training set in five folds",
        "folds: int = assumed(1, 11)",
        "folds: int = assumed(5, 11)",
        "The class above has five.",
    ),
    protocol=True,
    tests=(DATA,),
)
