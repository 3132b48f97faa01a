"""The runtime of the tests: a CPU, float32, no XLA."""

from shared.training.runtime import Runtime

ON_CPU = Runtime("CPU", gpus=0, precision="float32", jit_compile=False)


def set_deterministic() -> None:
    """As every run that is not `--fast`; where bits of two processes are compared, both need it."""
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()


def set_as_in_a_run() -> None:
    """TensorFlow as every run on a CPU sets it."""
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
