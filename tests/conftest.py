"""What all tests share: quiet TensorFlow, and papers to run the shared tests over."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
