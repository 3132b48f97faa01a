"""The fixed test set of Table 1."""

from shared.consistency.checks import TestSet

TEST_SETS = (
    TestSet(
        rows=("vgg16-v1", "vgg16-v2", "resnet50", "efficientnetb0"),
        counts={"COVID-19": 29, "Normal": 60, "Pneumonia": 60},
        place="Table 1",
    ),
)
