"""Fitting that can be killed and resumed, stages, optimizers, the runtime, backbones, Grad-CAM."""
