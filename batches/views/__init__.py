"""Views of batches."""
