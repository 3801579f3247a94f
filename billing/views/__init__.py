"""Pages of a customer's plan, credits and payments."""
