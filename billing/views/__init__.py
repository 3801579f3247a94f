"""What customers do about plans and credits: one module a concern."""
