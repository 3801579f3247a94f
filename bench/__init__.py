"""The product's numbers: how fast, how small, how soon again after a crash (`make bench`)."""
