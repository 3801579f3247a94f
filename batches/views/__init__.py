"""The pages of the product, one view a verb."""
