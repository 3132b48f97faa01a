"""The CycleGAN that turns normal chest X-rays into COVID-19 ones (section 2.3; Zhu et al. 2017)."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import layers, ops

from shared.training.runtime import Runtime

LOSSES = ("generator_loss", "discriminator_loss", "adversarial_loss", "cycle_loss", "identity_loss")


def convolution(
    filters: int, kernel: int, strides: int = 1, padding: str = "valid", **options
) -> layers.Layer:
    """A convolution with the reference implementation's initial weights, N(0, 0.02)."""
    start = keras.initializers.RandomNormal(stddev=0.02)
    return layers.Conv2D(filters, kernel, strides, padding, kernel_initializer=start, **options)


class InstanceNorm(layers.Layer):
    """Instance norm without scale and offset, as in the reference implementation, of one image.

    That is the batch norm of a batch of one, and this is one kernel, which reads half precision as it is;
    Keras' group norm, a dozen operations in float32, took two fifths of a step in bfloat16.
    """

    def call(self, image):
        if image.shape[0] != 1:
            raise ValueError(f"one image at a time: the CycleGAN's norm was given {image.shape[0]}")
        ones, zeros = (make(image.shape[-1], "float32") for make in (ops.ones, ops.zeros))
        # The running averages are unknown and unused in training.
        unknown = ops.zeros(0, "float32")
        return tf.raw_ops.FusedBatchNormV3(
            x=image, scale=ones, offset=zeros, mean=unknown, variance=unknown, epsilon=1e-5, is_training=True
        ).y


def reflect(x, border: int):
    """Reflection padding: the reference implementation's remedy against border artefacts."""
    return ops.pad(x, ((0, 0), (border, border), (border, border), (0, 0)), mode="reflect")


def residual_block(x, filters: int):
    """Two 3×3 convolutions around a shortcut."""
    y = ops.relu(InstanceNorm()(convolution(filters, 3)(reflect(x, 1))))
    y = InstanceNorm()(convolution(filters, 3)(reflect(y, 1)))
    return layers.Add()([x, y])


def generator(side: int, channels: int, filters: int, blocks: int, name: str) -> keras.Model:
    """c7s1-64, d128, d256, residual blocks, u128, u64, c7s1: an image in [-1, 1] to an image in [-1, 1]."""
    image = keras.Input((side, side, channels), batch_size=1)
    x = ops.relu(InstanceNorm()(convolution(filters, 7)(reflect(image, 3))))
    for wider in (2 * filters, 4 * filters):
        x = ops.relu(InstanceNorm()(convolution(wider, 3, 2, "same")(x)))
    for _ in range(blocks):
        x = residual_block(x, 4 * filters)
    for narrower in (2 * filters, filters):
        start = keras.initializers.RandomNormal(stddev=0.02)
        up = layers.Conv2DTranspose(narrower, 3, 2, "same", kernel_initializer=start)
        x = ops.relu(InstanceNorm()(up(x)))
    x = convolution(channels, 7, dtype="float32")(reflect(x, 3))
    return keras.Model(image, ops.tanh(x), name=name)


def discriminator(side: int, channels: int, filters: int, name: str) -> keras.Model:
    """PatchGAN: every output score sees 70×70 pixels."""
    image = keras.Input((side, side, channels), batch_size=1)
    x = image
    for stage, strides in enumerate((2, 2, 2, 1)):
        x = convolution(filters * 2**stage, 4, strides)(layers.ZeroPadding2D(1)(x))
        x = ops.leaky_relu(x if stage == 0 else InstanceNorm()(x), negative_slope=0.2)
    x = convolution(1, 4, dtype="float32")(layers.ZeroPadding2D(1, dtype="float32")(x))
    return keras.Model(image, x, name=name)


def adversarial_loss(fake_scores):
    """Least squares: a generator wants its images scored 1."""
    return ops.mean(ops.square(fake_scores - 1.0))


def discrimination_loss(real_scores, fake_scores):
    """Least squares: a discriminator scores real images 1 and generated ones 0; halved to slow it down."""
    return 0.5 * (ops.mean(ops.square(real_scores - 1.0)) + ops.mean(ops.square(fake_scores)))


def distance(images, others):
    """L1, the measure of cycle consistency and identity."""
    return ops.mean(ops.abs(images - others))


class ImagePool(layers.Layer):
    """The last generated images: a discriminator sees an older one half the time (Shrivastava et al. 2017).

    Its images are weights of the model, so that a checkpoint holds them.
    """

    def __init__(self, shape: tuple[int, int, int], size: int, **options):
        super().__init__(trainable=False, dtype="float32", **options)
        self.size = size
        self.images = self.add_weight(shape=(size, *shape), initializer="zeros", name="images")
        self.filled = self.add_weight(shape=(), initializer="zeros", dtype="int32", name="filled")
        self.draw = keras.random.SeedGenerator(0)

    def exchange(self, image):
        """Store one (1, h, w, c) image; give back it or the one that it replaces."""
        full = ops.equal(self.filled, self.size)
        older = ops.logical_and(full, keras.random.uniform((), seed=self.draw) > 0.5)
        slot = ops.where(full, keras.random.randint((), 0, self.size, seed=self.draw), self.filled)
        held = ops.take(self.images, slot, axis=0)[None]
        kept = ops.where(ops.logical_or(older, ops.logical_not(full)), image, held)
        self.images.assign(ops.scatter_update(self.images, ops.reshape(slot, (1, 1)), kept))
        self.filled.assign(ops.minimum(self.filled + 1, self.size))
        return ops.where(older, held, image)


class CycleGAN(keras.Model):
    """Two generators and two discriminators, trained on unpaired batches of one image per domain.

    All gradients of a step are taken at the weights before it, and Adam works on each weight by itself: one
    optimizer over all four networks is the reference implementation's two.
    """

    def __init__(
        self,
        side: int,
        channels: int = 1,
        filters: int = 64,
        blocks: int = 9,
        pool: int = 50,
        cycle_weight: float = 10.0,
        identity_weight: float = 5.0,
    ):
        super().__init__(name="cyclegan")
        self.cycle_weight, self.identity_weight = cycle_weight, identity_weight
        self.to_target = generator(side, channels, filters, blocks, "to_target")
        self.to_source = generator(side, channels, filters, blocks, "to_source")
        self.judge_target = discriminator(side, channels, filters, "judge_target")
        self.judge_source = discriminator(side, channels, filters, "judge_source")
        self.pool_target = ImagePool((side, side, channels), pool, name="pool_target")
        self.pool_source = ImagePool((side, side, channels), pool, name="pool_source")
        self.trackers = {name: keras.metrics.Mean(name=name) for name in LOSSES}
        self.input_shape = self.output_shape = (None, side, side, channels)
        self.built = True

    def ready(self, rate: float, beta_1: float, runtime: Runtime) -> CycleGAN:
        """Compiled, its optimizer built: otherwise the step is traced twice."""
        self.compile(optimizer=keras.optimizers.Adam(rate, beta_1), jit_compile=runtime.jit_compile)
        self.optimizer.build(self.trainable_variables)
        return self

    def call(self, images):
        """Source images as target images."""
        return self.to_target(images)

    @property
    def metrics(self):
        """The mean losses of an epoch."""
        return list(self.trackers.values())

    def train_step(self, data):
        """One image of each domain through both generators and both discriminators."""
        one = (1, *self.input_shape[1:])
        source, target = (tf.ensure_shape(images, one) for images in data[:2])
        judges = self.judge_target.trainable_variables + self.judge_source.trainable_variables
        makers = self.to_target.trainable_variables + self.to_source.trainable_variables
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([v.value for v in makers])
            losses, fake_target, fake_source = self.generator_losses(source, target)
            scaled = self.optimizer.scale_loss(losses["generator_loss"])
        gradients = tape.gradient(scaled, [v.value for v in makers])
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([v.value for v in judges])
            losses["discriminator_loss"] = self.discriminator_loss(source, target, fake_source, fake_target)
            scaled = self.optimizer.scale_loss(losses["discriminator_loss"])
        gradients += tape.gradient(scaled, [v.value for v in judges])
        self.optimizer.apply_gradients(zip(gradients, makers + judges, strict=True))
        for name, tracker in self.trackers.items():
            tracker.update_state(losses[name])
        return {name: tracker.result() for name, tracker in self.trackers.items()}

    def generator_losses(self, source, target):
        """The generators' losses by name, and the generated target and source images."""
        fake_target, fake_source = self.to_target(source), self.to_source(target)
        same_target, same_source = self.to_target(target), self.to_source(source)
        cycled_source = self.to_source(fake_target)
        cycled_target = self.to_target(fake_source)
        losses = {
            "adversarial_loss": adversarial_loss(self.judge_target(fake_target))
            + adversarial_loss(self.judge_source(fake_source)),
            "cycle_loss": self.cycle_weight
            * (distance(source, cycled_source) + distance(target, cycled_target)),
            "identity_loss": self.identity_weight
            * (distance(source, same_source) + distance(target, same_target)),
        }
        losses["generator_loss"] = sum(losses.values())
        return losses, fake_target, fake_source

    def discriminator_loss(self, source, target, fake_source, fake_target):
        """Both discriminators' losses; what they see of the generated images comes out of the pools."""
        total = 0.0
        for judge, pool, real, fake in (
            (self.judge_target, self.pool_target, target, fake_target),
            (self.judge_source, self.pool_source, source, fake_source),
        ):
            seen = pool.exchange(ops.stop_gradient(fake))
            total = total + discrimination_loss(judge(real), judge(seen))
        return total
