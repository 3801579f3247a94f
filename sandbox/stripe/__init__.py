"""A stand-in for Stripe: the same protocol over HTTP, with a clock that can be moved, and no money anywhere."""
