"""allauth's settings for Google and Microsoft, or for the sandbox in their place."""

from typing import Any

Provider = dict[str, Any]
#: Client id and secret.
_SANDBOX_CLIENT = ("sandbox", "sandbox")


def social_providers(google: tuple[str, str], microsoft: tuple[str, str], sandbox_url: str) -> dict[str, Provider]:
    """Return `SOCIALACCOUNT_PROVIDERS` for each client's id and secret; with `sandbox_url`, the sandbox's."""
    if sandbox_url:
        at_google, at_microsoft = f"{sandbox_url}/google", f"{sandbox_url}/microsoft"
        # allauth reads Google's URLs once, when its module is imported.
        addresses = {
            "AUTHORIZE_URL": f"{at_google}/o/oauth2/v2/auth",
            "ACCESS_TOKEN_URL": f"{at_google}/token",
            "CERTS_URL": f"{at_google}/certs",
            "ID_TOKEN_ISSUER": at_google,
        }
        return {
            "google": _google(*_SANDBOX_CLIENT) | addresses,
            "microsoft": _microsoft(*_SANDBOX_CLIENT, login_url=at_microsoft, graph_url=at_microsoft),
        }
    return {
        "google": _google(*google) if google[0] else {},
        "microsoft": _microsoft(*microsoft) if microsoft[0] else {},
    }


def _google(client_id: str, secret: str) -> Provider:
    return {
        "APPS": [{"client_id": client_id, "secret": secret}],
        "SCOPE": ["openid", "profile", "email"],
        "OAUTH_PKCE_ENABLED": True,
        "AUTH_PARAMS": {"prompt": "select_account"},
        "EMAIL_AUTHENTICATION": True,
    }


def _microsoft(client_id: str, secret: str, **addresses: str) -> Provider:
    # No EMAIL_AUTHENTICATION: a tenant's administrator can set any address, so it is never trusted as verified.
    app = {"client_id": client_id, "secret": secret, "settings": {"tenant": "common", **addresses}}
    return {"APPS": [app], "OAUTH_PKCE_ENABLED": True}
