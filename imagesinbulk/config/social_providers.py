"""How the site knows Google and Microsoft: by the client ids of the environment, or as the sandbox plays them."""

from typing import Any

Provider = dict[str, Any]
#: The id and the secret under which the sandbox knows the site.
_SANDBOX_CLIENT = ("sandbox", "sandbox")


def social_providers(google: tuple[str, str], microsoft: tuple[str, str], sandbox_url: str) -> dict[str, Provider]:
    """Return `SOCIALACCOUNT_PROVIDERS` for each client's id and secret; with `sandbox_url`, both are played there."""
    if sandbox_url:
        at_google, at_microsoft = f"{sandbox_url}/google", f"{sandbox_url}/microsoft"
        # allauth reads Google's addresses once, when its module is imported.
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
    # Microsoft lets a tenant's administrator claim any address: its e-mail is never taken as verified.
    app = {"client_id": client_id, "secret": secret, "settings": {"tenant": "common", **addresses}}
    return {"APPS": [app], "OAUTH_PKCE_ENABLED": True}
