"""Adam as one operation per variable, with learning rates per layer.

Keras writes Adam's update as some thirty operations for each variable. In a network of six hundred variables
they are most of the traced step: its tracing, its first run and its memory. TensorFlow has the same update as
one operation, so this is a place where the backend's own is worth it.
"""

from __future__ import annotations

import keras


@keras.saving.register_keras_serializable("reproductions")
class Adam(keras.optimizers.Adam):
    """Keras' Adam; the rate is multiplied for the variables of the layers named in `layer_rates`."""

    def __init__(self, *args, layer_rates: dict[str, float] | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.layer_rates = dict(layer_rates or {})

    def build(self, variables):
        super().build(variables)
        layers = [variable.path.split("/")[-2] for variable in variables]
        # The rate, not the gradient: Adam's step does not depend on the gradient's scale.
        self._rates = [self.layer_rates.get(layer, 1.0) for layer in layers]

    def _backend_update_step(self, grads, trainable_variables, learning_rate):
        step = keras.ops.cast(self.iterations + 1, "float32")
        self._powers = [keras.ops.power(beta, step) for beta in (self.beta_1, self.beta_2)]
        super()._backend_update_step(grads, trainable_variables, learning_rate)
        self._powers = []  # not deleted: the second replica comes this way too

    def update_step(self, gradient, variable, learning_rate):
        index = self._get_variable_index(variable)
        rate = keras.ops.cast(learning_rate, "float32") * self._rates[index]
        if keras.backend.backend() != "tensorflow":
            super().update_step(gradient, variable, rate)
            return
        import tensorflow as tf

        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=self._powers[0],
            beta2_power=self._powers[1],
            lr=rate,
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=keras.ops.cast(gradient, variable.dtype),
        )

    def get_config(self):
        return super().get_config() | {"layer_rates": self.layer_rates}
