"""The runtime of the tests: a CPU, float32, no XLA."""

from shared.training.runtime import Runtime

ON_CPU = Runtime("CPU", gpus=0, precision="float32", jit_compile=False)
