"""dj-stripe's tables in one migration; docs/decisions/0007 says why and how it is made."""
