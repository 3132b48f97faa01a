"""The datasets, and the way from their files to a model."""
