"""The settings of signing in: django-allauth's, and which roles need a second step."""

from switchyard import env

AUTH_USER_MODEL = "jobs.Person"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
SESSION_ENGINE = "switchyard.accounts.session_store"
SESSION_COOKIE_AGE = 12 * 3600
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {
        "NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
]

# Passwords and mailed codes are ours; django-allauth does second steps and keeps the list of sessions.
ACCOUNT_APPS = [
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
]
ACCOUNT_ADAPTER = "switchyard.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# Our own limits hold over all processes; the library's would hold in each alone.
ACCOUNT_RATE_LIMITS = {"login_failed": None}
MFA_ADAPTER = "switchyard.accounts.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Switchyard"
# An app whose clock is half a minute off works too.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {"authenticate": "switchyard.accounts.forms.AuthenticateForm"}
# Which roles work only with an app or a passkey.
_ROLES = ("staff", "sender", "approver", "manager", "auditor", "ops", "admin")
SECOND_STEP_FOR = env.words("SECOND_STEP_FOR", "", among=_ROLES)
# Passkeys work on plain http only where everything runs on this machine.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = env.flag("SWITCHYARD_DEMO", default=False) or env.flag(
    "SWITCHYARD_DEBUG", default=False
)
# A school's own sign-in, at /account/school/ and the school's short name.
SOCIALACCOUNT_ADAPTER = "switchyard.accounts.schools_own.SchoolSignInAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
