"""Everything that every paper does with a model."""
