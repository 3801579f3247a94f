"""How a customer is known upstream: by a hash that tells nothing about them."""

import hashlib
import hmac


def safety_identifier(secret: str, user_id: int) -> str:
    """Return a stable keyed hash of the customer, 64 hex characters.

    OpenAI wants one so that a policy violation concerns one customer and not the whole key:
    https://help.openai.com/en/articles/5428082-incorporating-a-safety-identifier
    """
    return hmac.new(secret.encode(), f"safety-identifier:{user_id}".encode(), hashlib.sha256).hexdigest()
