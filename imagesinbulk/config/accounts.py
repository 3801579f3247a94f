"""Forms and password rules of allauth (docs/decisions/0008)."""

_VALIDATION = "django.contrib.auth.password_validation"
PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.NumericPasswordValidator"},
    {"NAME": "accounts.passwords.BreachedPasswordValidator"},
]
ACCOUNT_FORMS = {
    "change_password": "accounts.keys.forms.ChangePassword",
    "login": "accounts.forms.LoginForm",
    "reset_password_from_key": "accounts.keys.forms.ResetPassword",
    "signup": "accounts.forms.SignupForm",
}
MFA_FORMS = {
    "add_webauthn": "accounts.forms.AddKeyForm",
    "authenticate": "accounts.audit.forms.CodeForm",
    "authenticate_webauthn": "accounts.audit.forms.SecondStepKeyForm",
    "edit_webauthn": "accounts.forms.RenameKeyForm",
    "login_webauthn": "accounts.audit.forms.PasskeyForm",
    "reauthenticate": "accounts.audit.forms.CodeAgainForm",
    "reauthenticate_webauthn": "accounts.audit.forms.KeyAgainForm",
}
