"""The second part of the catalogue `basu.py`."""

from tests.mistakes._basu_words import FOLDER, tests
from tests.mistakes.mistake import within

STAGE_ONE = within(
    f"{FOLDER}/stage_one.py",
    (
        "stage 1 trains on its validation images",
        "lambda epoch: images.training(split.train, context.seed, epoch)",
        "lambda epoch: images.training(split.validation, context.seed, epoch)",
        "Both parts are fields of one split and complete alike in an editor.",
    ),
    (
        "stage 1 hands on its last epoch",
        '        keep_best="val_accuracy",\n',
        "",
        "Training to the end is the default.",
    ),
    (
        "stage 1 keeps the epoch with the lowest loss",
        '        keep_best="val_accuracy",\n',
        '        keep_best="val_loss",\n',
        "Most libraries watch the loss.",
    ),
    (
        "stage 1 is scored on what it trained on",
        "images.ordered(split.validation)))",
        "images.ordered(split.train)))",
        "Both parts are fields of one split.",
    ),
    (
        "the key of stage 1 lacks the images that it trains on",
        '        "training": nih.take(split.train).fingerprint(),\n',
        "",
        "The protocol and the numbers seem to say which images these are.",
    ),
    (
        "the key of stage 1 lacks the labels",
        '.hash_of("findings"),',
        ".fingerprint(),",
        "The images are in it.",
    ),
    (
        "the key of stage 1 lacks the seed",
        '        "seed": context.seed,\n',
        "",
        "The split already follows from the seed.",
    ),
    (
        "nobody asks whether stage 1 learns",
        "        after_epoch=stop_at_chance(row, split.labels[split.train]),\n",
        "",
        "An argument is lost in a merge.",
    ),
    protocol=True,
    tests=tests("protocol", "keys", "experiment"),
)

NETWORKS = (
    *within(
        f"{FOLDER}/recipe.py",
        (
            "nothing is frozen",
            "    if recipe.frozen:\n",
            "    if not recipe.frozen and not classes:\n",
            "A condition is turned round while it is shortened.",
        ),
        (
            "stage 2 without momentum",
            "keras.optimizers.SGD(self.learning_rate, momentum=self.momentum)",
            "keras.optimizers.SGD(self.learning_rate)",
            "SGD takes a rate alone.",
        ),
        (
            "the cosine ends after one epoch",
            "FromScratch(row.learning_rate, steps * row.epochs, steps * row.warmup_epochs)",
            "FromScratch(row.learning_rate, steps * (1 + row.warmup_epochs), steps * row.warmup_epochs)",
            "A schedule counts epochs in other libraries.",
        ),
        (
            "the warm-up rises in one step",
            "warmup_steps=self.warmup_steps,",
            "warmup_steps=1,",
            "A flag and a count look alike.",
        ),
        protocol=True,
        tests=tests("rows", "protocol"),
    ),
    *within(
        f"{FOLDER}/model.py",
        (
            "the last block stays frozen",
            "return layer == HEAD or layer in record.dense or layer.startswith(record.last_block)",
            "return layer == HEAD or layer in record.dense",
            "The paper speaks of a linear classifier.",
        ),
        (
            "the dense layers stay frozen",
            "return layer == HEAD or layer in record.dense or layer.startswith(record.last_block)",
            "return layer == HEAD or layer.startswith(record.last_block)",
            "Only the last fully connected layer is replaced.",
        ),
        (
            "batch norm keeps its averages from the network before",
            "layer.set_weights([one, zero, zero, one])",
            "layer.set_weights([one, zero, *layer.get_weights()[2:]])",
            "Averages are not weights, one would think.",
        ),
        protocol=True,
        tests=tests("model", "protocol"),
    ),
    *within(
        f"{FOLDER}/model.py",
        (
            "AlexNet's second kernel stays large",
            'first, second = (11, 5) if kernels == "original" else (3, 3)',
            'first, second = (11, 5) if kernels == "original" else (3, 5)',
            "The text names the 11 × 11 kernel alone.",
        ),
        tests=tests("model"),
    ),
)

NUMBERS = (
    *within(
        f"{FOLDER}/reported.csv",
        (
            "VGGNet's accuracy is mistyped",
            "section IV,vgg16-detl,VGGNet,,test,accuracy,=,90.13,0.14",
            "section IV,vgg16-detl,VGGNet,,test,accuracy,=,91.03,0.14",
            "Two digits are exchanged.",
        ),
        (
            "a count of Table I is mistyped",
            "training_diseased,=,40819,",
            "training_diseased,=,40891,",
            "Two digits are exchanged.",
        ),
        tests=tests("rows", "reported"),
    ),
    *within(
        f"{FOLDER}/claims.py",
        (
            "VGGNet is compared with one network alone",
            '("resnet50", "alexnet")))',
            '("resnet50",)))',
            "The paper's numbers put ResNet second.",
        ),
        (
            "the claim on Data-A asks its test images",
            'split="validation"',
            'split="test"',
            "Every other claim is about test images.",
        ),
        (
            "the pair is compared with itself",
            "    both_ways[first, second] = 0\n",
            "",
            "The line looks as if it lost something.",
        ),
        tests=tests("claims"),
    ),
    *within(
        f"{FOLDER}/chance.py",
        (
            "guessing is always ln 2",
            "float(-(shares * np.log(shares)).sum())",
            "float(np.log(2))",
            "Data-A has two classes.",
        ),
        tests=tests("rows"),
    ),
)
