"""dj-stripe's tables in one migration; docs/decisions/0011 says why and how it is made."""
