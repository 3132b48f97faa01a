"""Mistakes in Zebin and Rezvy: who is drawn, folds, heads, features, the CycleGAN, stages and claims."""

from tests.mistakes._zebin_more import GENERATED, NETWORK, SETTINGS, TOLD
from tests.mistakes._zebin_words import DATA, FOLDER, MODEL, PROTOCOL, STAGES
from tests.mistakes.mistake import Mistake, within

WHO = within(
    f"{FOLDER}/data.py",
    (
        "views of all kinds are drawn",
        'np.isin(table.extra["view"], views(row)) & (table',
        "(table",
        "The collection's note of its views is taken for a choice that it has made.",
    ),
    (
        "images of the whole collection are drawn",
        ' & (table.extra["line"] <= row.collection)',
        "",
        "The collection that is at hand looks like the collection that the paper had.",
    ),
    (
        "training and test sets exchanged",
        "train, test = splits.random_holdout(",
        "test, train = splits.random_holdout(",
        "Whether a split gives the held-out part first is remembered from another library.",
    ),
    (
        "the clean test set divides images",
        "splits.grouped_holdout(chosen.labels, chosen.patients, wanted, (seed, TEST))",
        "splits.random_holdout(chosen.labels, wanted, (seed, TEST))",
        "The line of the other protocol is copied and its patients are forgotten.",
    ),
    (
        "the clean folds divide images",
        "splits.grouped_k_fold(labels, samples.patients[places], row.folds, (seed, FOLDS))",
        "splits.k_fold(labels, row.folds, (seed, FOLDS))",
        "The line of the other protocol is copied and its patients are forgotten.",
    ),
    (
        "a fold trains on what it should hold out",
        "return [(places[kept], places[held]) for kept, held in pairs]",
        "return [(places[held], places[kept]) for kept, held in pairs]",
        "A pair without names is unpacked from memory.",
    ),
    (
        "every draw is the first fold",
        "train, validation = folds(row, samples, seed)[number]",
        "train, validation = folds(row, samples, seed)[again]",
        "Quotient and remainder are easily exchanged.",
    ),
    (
        "a second division is the first one",
        "seed += 1000 * again",
        "seed += again // 1000",
        "Draws beyond the folds are never made in a normal run.",
    ),
    (
        "synthetic images of held-out sources are trained on",
        "samples.synthetic[~np.isin(samples.sources, held)]",
        "samples.synthetic",
        "A synthetic image is thought to be new, whatever it was made of.",
    ),
    (
        "synthetic images are labelled normal",
        "np.full(len(added), COVID)",
        "self.labels[sources]",
        "Patients are those of the sources two lines below, so labels might be too.",
    ),
    (
        "synthetic images keep a range of their own",
        "added = prepared(row, np.stack([resize(image, side, side) for image in images]))",
        "added = np.stack([resize(image, side, side) for image in images])",
        "The CycleGAN was trained on images that are stretched already.",
    ),
    (
        "the stretch is that of all images together",
        'low = pixels.min(axis=(1, 2, 3), keepdims=True).astype("float32")',
        'low = pixels.min(keepdims=True).astype("float32")',
        "Normalization over the data set is what most pipelines do.",
    ),
    (
        "the CycleGAN and the neighbours see test images",
        "return self.train[self.labels[self.train] == label]",
        "return np.flatnonzero(self.labels == label)",
        "All images of a class are more than those of a part of them.",
    ),
    (
        "augmentation without its flip",
        "shift=row.shift, flip=row.flip, fill=row.fill",
        "shift=row.shift, fill=row.fill",
        "Flipping a chest turns the heart to the other side, so somebody takes it out to try.",
    ),
    (
        "classes in the order of another dataset",
        "COVID, NORMAL, PNEUMONIA = range(len(CLASSES))",
        "NORMAL, PNEUMONIA, COVID = range(len(CLASSES))",
        "The Kermany set counts normal as 0, and Fig. 6 shows the classes in this order.",
    ),
    protocol=True,
    tests=(DATA, PROTOCOL),
)

HEAD = within(
    f"{FOLDER}/experiment.py",
    (
        "each fold trains on all training images",
        '"finish": tf.identity, "rows": fold.train}',
        '"finish": tf.identity, "rows": inputs.samples.train}',
        "Features are there for all training images, and a fold is only a choice of them.",
    ),
    (
        "the same augmentation in every epoch",
        "train_batches(inputs.augmented(epoch), labels",
        "train_batches(inputs.augmented(0), labels",
        "Stored features are thought of as one table.",
    ),
    (
        "training without augmentation",
        "train_batches(inputs.augmented(epoch), labels",
        "train_batches(inputs.plain, labels",
        "Both are features of all images and have the same shape.",
    ),
    (
        "validation on augmented images",
        "(inputs.plain[fold.validation], targets)",
        "(inputs.augmented(0)[fold.validation], targets)",
        "The paper says that it validates on the augmented training set.",
    ),
    (
        "validation on the test set",
        '        targets = np.eye(classes, dtype="float32")[labels[fold.validation]]\n'
        "        held = tf.data.Dataset.from_tensor_slices((inputs.plain[fold.validation], targets))",
        '        targets = np.eye(classes, dtype="float32")[labels[inputs.samples.test]]\n'
        "        held = tf.data.Dataset.from_tensor_slices((inputs.plain[inputs.samples.test], targets))",
        "Many public notebooks hand the test set to fit as validation data.",
    ),
    (
        "a fold goes on where the last one ended",
        "fitting.reset(network.head, model.fresh_weights(network.head, fold.seed))",
        "fitting.reset(network.head, network.head.get_weights())",
        "The model is shared by all folds to save its tracing.",
    ),
    (
        "validation and test predictions exchanged",
        "scored = np.concatenate([fold.validation, samples.test])",
        "scored = np.concatenate([samples.test, fold.validation])",
        "The order is said twice in one function.",
    ),
    (
        "ImageNet's weights are never loaded",
        'find_weights(context.weights_dir, row.backbone) if row.weights == "imagenet" else None',
        'find_weights(context.weights_dir, row.backbone) if row.weights == "ImageNet" else None',
        "The name of the weights is written with capitals everywhere but in the code.",
    ),
    (
        "the backbone's own preprocessing left out",
        "return lambda images: BACKBONES[backbone].preprocess(repeat_grey(images))",
        "return lambda images: repeat_grey(images)",
        "Images are stretched to 0..255 before, which looks like all that is needed.",
    ),
    (
        "the threshold is trained with synthetic images",
        "samples = inputs.samples.without_synthetic()",
        "samples = inputs.samples",
        "The function begins with the samples that it is given.",
    ),
    (
        "pictures explain the threshold's head",
        "    network.head.set_weights(weights)  # the pictures explain the row's own model\n",
        "",
        "Nothing that is scored comes after it.",
    ),
    (
        "sources of synthetic images as places among the normal ones",
        "return replace(made, sources=normal[made.sources])",
        "return made",
        "An index is an index until somebody asks into what.",
    ),
    (
        "the CycleGAN is trained the other way",
        "synthetic.generate(row, pixels[normal], pixels[covid], context.seed, context)",
        "synthetic.generate(row, pixels[covid], pixels[normal], context.seed, context)",
        "Class 0 is COVID-19 and comes first everywhere else.",
    ),
    (
        "v1 trains on synthetic images too",
        'if row.augmentation == "v2" else None',
        "if row.synthetic else None",
        "Every row has the field with their number.",
    ),
    protocol=True,
    tests=(PROTOCOL,),
)

FEATURES = (
    *within(
        f"{FOLDER}/features.py",
        (
            "features of all epochs are one stage",
            '"seed": self.seed, "epoch": epoch, "ids": ids.tolist()}',
            '"seed": self.seed, "ids": ids.tolist()}',
            "The epoch looks like a part of the title only.",
        ),
        (
            "features under another precision are found again",
            'key |= {"device": self.runtime.device, "precision": self.runtime.precision}',
            'key |= {"device": self.runtime.device}',
            "The device is thought to say it all.",
        ),
        (
            "features of replaced images are found again",
            'key |= {"identity": self.identity, "pixels": fingerprint([pixels])}',
            'key |= {"identity": self.identity, "pixels": str(pixels.shape)}',
            "Hashing all pixels takes a second for each epoch.",
        ),
        (
            "test images are at hand in training",
            "self.samples.train, lambda pixels, ids:",
            "np.sort(np.concatenate([self.samples.train, self.samples.test])), lambda pixels, ids:",
            "The plain features beside it are of training and test images.",
        ),
        (
            "augmentation is keyed by the place in a part",
            "placed[places] = features(self.samples.pixels[places], places)",
            "placed[places] = features(self.samples.pixels[places], np.arange(len(places)))",
            "The images are cut out, so their numbers start at 0.",
        ),
        protocol=True,
        tests=(STAGES, PROTOCOL, MODEL),
    ),
    Mistake(
        "features of another weight file are found again",
        f"{FOLDER}/experiment.py",
        'identity = f"{row.backbone} {row.side} {row.pool} {weights}"',
        'identity = f"{row.backbone} {row.side} {row.pool} {row.weights}"',
        "The row has a field that is called weights.",
        protocol=True,
        tests=(STAGES,),
    ),
)

MISTAKES = (
    *WHO,
    *HEAD,
    *FEATURES,
    *NETWORK,
    *GENERATED,
    *TOLD,
    *SETTINGS,
)
