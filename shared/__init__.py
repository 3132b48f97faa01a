"""What every paper does with a model."""
