"""The audit trail; its model is in `accounts.models.audit`."""
