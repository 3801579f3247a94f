"""Replicate's HTTP API: predictions, their webhooks, and the host of their output files."""
