"""Reviewing a batch's images: verdicts, and further versions of images that the customer does not like."""
