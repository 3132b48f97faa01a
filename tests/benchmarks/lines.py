"""The lines of docs/speed.md: what is measured, against what, the target, and why a missed one is missed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A ratio to measure, or a time."""

    key: str
    subject: str
    """The module `bench_<subject>` that measures it."""
    what: str
    against: str
    target: str
    """'≥ 10×': their time over ours; '≤ 1.0×': our time over theirs; '≤ 3 s': our time."""
    missed: str = ""
    """Why, and what a profile showed; shown where the target is missed."""

    @property
    def bound(self) -> float:
        """The number of the target."""
        return float(self.target.split()[1].rstrip("×"))

    @property
    def unit(self) -> str:
        """'×' or 's'."""
        return "s" if self.target.endswith(" s") else "×"

    @property
    def more_is_better(self) -> bool:
        """Whether the number says how many times faster we are."""
        return self.target.startswith("≥")

    def met(self, value: float) -> bool:
        """Whether a value reaches the target."""
        return value >= self.bound if self.more_is_better else value <= self.bound

    def worse(self, now: float, before: float) -> float:
        """How much worse a value is than the one before, as a fraction; negative where it is better."""
        return before / now - 1 if self.more_is_better else now / before - 1


LOADER = "flip, rotation and zoom, 224 px, batches of 32"
FOLDER = "Keras' ImageDataGenerator from PNG files"
STEP = "training step"
START = "time to the first step: build, compile, one step"
BACKBONES = ("vgg16", "resnet50", "inceptionv3", "densenet201", "efficientnetb0")

BATCH_NORM = (
    "Keras computes batch norm in float32, as single operations with casts around them. In a profile "
    "the convolutions, several times as fast in bfloat16, are a third of such a step; batch norm is "
    "most of the rest."
)
CHANNELS = (
    "TensorFlow's ImageProjectiveTransformV3 is nine tenths of our time (2.1 ms of processor time for "
    "an image of three channels). It computes an image's place anew for each channel. OpenCV's warp is "
    "faster, but it would change the pixels, and with them every recorded run. Ours works on all cores and "
    "ImageDataGenerator on one, so the ratio grows with the cores; here there are two."
)
ONE_WARP = (
    "theirs warps twice with the operation that we use once, for turning and for zooming. "
    "So little more than two can come of it; the rest are the flip and the random numbers."
)
OPENCV = "albumentations warps uint8 with OpenCV; the reason is the warp of three channels, as above."
KEPT = (
    "at its peak a scan takes 1.5 kB a line, half of it for the paths of files; the table that is made of "
    "it keeps 0.22 kB a line. A table held whole cannot meet the target: 180,000 more lines are 40 MB more."
)
CROPPINGS = (
    "two thirds of our time is OpenCV's findTransformECC, which lays each image on 16 candidates (0.5 ms for "
    "each); a fifth is the search for these among 225 croppings of every image. Hashes lay nothing on "
    "anything and compare whole images, and miss half of the pairs."
)
TRACING = (
    "three quarters of what is left is tracing the step in Python, each layer forward and backward; a fifth "
    "is TensorFlow's preparation of the graph, without its meta optimizer; a tenth is building the network. "
    "Of VGG16's 2.5 s half is the step itself, which plain Keras takes as well: it has few layers to trace."
)
RECORDED = (
    "half of it is the report, half the tables in the READMEs, each from all run folders of evidence and all "
    "printed numbers anew; starting Python with NumPy is 0.4 s. Nothing is kept between two calls, so that "
    "no table can be older than its evidence."
)
BIT = (
    "Keras' group norm was a third of a step at 480 px, and half of one in bfloat16; by sums over channels "
    "it takes half of that. What is left of the difference is the standardising of kernels (15%), which "
    "PyTorch does in half the time; convolutions are faster here."
)
CONVOLUTIONS = (
    "nearly all of a step are convolutions, which both leave to the same library; our Adam saves 4%."
)

LINES = (
    Line("generator-3", "loader", f"{LOADER}, three channels", FOLDER, "≥ 10×", missed=CHANNELS),
    Line("generator-1", "loader", f"{LOADER}, one channel", FOLDER, "≥ 20×", missed=CHANNELS),
    Line(
        "keras-cv",
        "loader",
        f"{LOADER}, three channels",
        "keras-cv layers in tf.data, cached",
        "≥ 3×",
        missed=ONE_WARP,
    ),
    Line(
        "layers",
        "loader",
        f"{LOADER}, three channels",
        "keras.layers in tf.data, cached",
        "≥ 3×",
        missed=ONE_WARP,
    ),
    Line(
        *("torch-loader", "loader", f"{LOADER}, three channels"),
        *("albumentations in PyTorch's DataLoader, 2 workers, PNG files", "≥ 2×"),
        missed=OPENCV,
    ),
    Line(
        "bit-224",
        "steps",
        f"BiT-R50x1 {STEP}, 224 px, float32",
        "PyTorch, channels last",
        "≤ 1.0×",
        missed=BIT,
    ),
    Line(
        "bit-480",
        "steps",
        f"BiT-R50x1 {STEP}, 480 px, float32",
        "PyTorch, channels last",
        "≤ 1.0×",
        missed=BIT,
    ),
    Line(
        "bit-224-bf16",
        "steps",
        f"BiT-R50x1 {STEP}, 224 px, bfloat16",
        "PyTorch's autocast",
        "≤ 1.0×",
        missed=BIT,
    ),
    Line(
        "bit-480-bf16",
        "steps",
        f"BiT-R50x1 {STEP}, 480 px, bfloat16",
        "PyTorch's autocast",
        "≤ 1.0×",
        missed=BIT,
    ),
    Line(
        "resnet50-keras",
        "steps",
        f"ResNet50 {STEP}, 224 px",
        "keras.applications with fit",
        "≤ 0.9×",
        missed=CONVOLUTIONS,
    ),
    Line(
        "inceptionv3-keras",
        "steps",
        f"InceptionV3 {STEP}, 224 px",
        "keras.applications with fit",
        "≤ 0.9×",
        missed=CONVOLUTIONS,
    ),
    Line(
        "resnet50-torch",
        "steps",
        f"ResNet50 {STEP}, 224 px",
        "torchvision, channels last",
        "≤ 1.1×",
    ),
    Line(
        "inceptionv3-torch",
        "steps",
        f"InceptionV3 {STEP}, 224 px",
        "torchvision, channels last",
        "≤ 1.1×",
    ),
    Line(
        "cyclegan",
        "steps",
        f"CycleGAN {STEP}, 256 px",
        "the reference network in PyTorch",
        "≤ 1.0×",
    ),
    Line("cyclegan-half", "steps", f"CycleGAN {STEP}, 256 px, bfloat16", "ours in float32", "≤ 0.5×"),
    Line(
        *("resnet50-half", "steps", f"ResNet50 {STEP}, 224 px, bfloat16", "ours in float32", "≤ 0.7×"),
        missed=BATCH_NORM,
    ),
    Line("folds", "stages", "five folds on a frozen backbone: its passes", "one fold", "≤ 1.1×"),
    *(
        Line(f"start-{name}", "start", f"{name}, {START}", "plain Keras", "≤ 0.3×", missed=TRACING)
        for name in BACKBONES
    ),
    Line("second-row", "stages", "start-up of a second row of ResNet50", "the first row's", "≤ 0.1×"),
    Line("ten-draws", "stages", "start-up of ten draws of ResNet50", "ten times one draw's", "≤ 0.3×"),
    Line(
        "duplicates-time",
        "audit",
        "near duplicates among 10,000 images: time",
        "imagededup",
        "≤ 2×",
        missed=CROPPINGS,
    ),
    Line("duplicates-recall", "audit", "the same: recall of planted pairs", "imagededup's best", "≥ 1×"),
    Line("duplicates-precision", "audit", "the same: precision", "imagededup's best", "≥ 1×"),
    Line(
        "duplicates-growth",
        "audit",
        "near duplicates among 8,000 simulated figures: time",
        "1,000 of them",
        "≤ 12×",
    ),
    Line("covidx-time", "scale", "COVIDx CT scanned and split, 200,000 lines", "20,000 lines", "≤ 12×"),
    Line("covidx-memory", "scale", "the same: peak memory", "20,000 lines", "≤ 1.2×", missed=KEPT),
    Line("needs", "scale", "what all rows of a paper with NIH's images need", "one scan of NIH", "≤ 1.2×"),
    Line("report", "scale", "report of 1,000 runs", "–", "≤ 3 s"),
    Line("recorded", "scale", "report of all that is recorded", "–", "≤ 0.5 s", missed=RECORDED),
    Line("help", "scale", "--help of a paper", "–", "≤ 0.5 s"),
    Line("list", "scale", "--list of a paper", "–", "≤ 0.5 s"),
)
