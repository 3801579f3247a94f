"""Editing an image by an instruction. The result is a further version of it."""
