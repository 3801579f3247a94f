from accounts.models.api_key import ApiKey, KeyUsageDay
from accounts.models.audit import AuditAction, AuditEntry
from accounts.models.idempotency import IdempotentRequest
from accounts.models.user import User, UserManager

__all__ = ["ApiKey", "AuditAction", "AuditEntry", "IdempotentRequest", "KeyUsageDay", "User", "UserManager"]
