"""The settings of what browsers are told: TLS, cookies, and what a page may load; and the virus scanner."""

from csp.constants import NONE, SELF

from switchyard import addresses, env

_IS_AT_HOME = env.flag("SWITCHYARD_DEMO", default=False) or env.flag("SWITCHYARD_DEBUG", default=False)
SECURE = not _IS_AT_HOME
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^health$", r"^metrics$"]  # asked of the web process itself, behind the proxy
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
# Whether a proxy of ours stands before the web server and names the client in X-Forwarded-For, last.
BEHIND_PROXY = env.flag("WEB_BEHIND_PROXY", default=SECURE)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Pages load from here alone, no script or style stands in a page itself, and forms are sent here.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
# Where forms of the page of signing in may lead as well: a school's own sign-in is answered by sending the
# person there, and browsers hold that to be where the form goes.
SIGN_IN_LEADS_TO = ["https:"] if SECURE else ["https:", "http:"]
# The virus scanner (clamd) that looks at what people hand in, and how long it may take for one file.
CLAMAV_ADDRESS = addresses.scanner("CLAMAV_ADDRESS")
CLAMAV_SECONDS = env.number("CLAMAV_SECONDS", 20, least=1, most=120)
