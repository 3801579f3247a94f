"""The security trail around its model, `accounts.models.audit`."""
