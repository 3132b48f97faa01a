"""What the data are, and how they reach a model."""
