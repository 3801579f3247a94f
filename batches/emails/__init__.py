"""Emails to customers about their batches."""
