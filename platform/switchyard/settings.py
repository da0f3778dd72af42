"""Django's settings and the platform's own, under SWITCHYARD."""

from email.utils import parseaddr
from pathlib import Path

from switchyard import addresses, database, env, logs
from switchyard.accounts.settings import *  # noqa: F403 - Django wants all in one module
from switchyard.languages import *  # noqa: F403
from switchyard.security import *  # noqa: F403

ROOT, VAR = env.ROOT, env.VAR
# Of this host alone: where its supervisors find its workers again.
RUN_FOLDER = env.RUN
# Where web processes keep the newest state of the status page, for when the database is away.
STATUS_FOLDER = Path(env.text("STATUS_FOLDER", str(VAR / "status")))

DEMO = env.flag("SWITCHYARD_DEMO", default=False)
DEBUG = env.flag("SWITCHYARD_DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY", "")
SECRET_KEY_FALLBACKS = env.names("SECRET_KEY_FALLBACKS", "")
ALLOWED_HOSTS = addresses.hosts("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]", patterns=True)
CSRF_TRUSTED_ORIGINS = addresses.origins("CSRF_TRUSTED_ORIGINS", "")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "jobs",
    "emails",
    "packets",
    "uploads",
    "switchyard",
]
INSTALLED_APPS += ACCOUNT_APPS  # noqa: F405

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "switchyard.hanging.HangingMiddleware",
    "switchyard.accounts.cookies.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "switchyard.pages.doors.SignInRequired",
    "switchyard.walling.WallMiddleware",
    "switchyard.local_time.LocalTimeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "switchyard.accounts.needing.second_step_middleware",
    "switchyard.accounts.reading.ReadersChangeNothing",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "switchyard.pages.refusing.other_ways_are_told",
]

ROOT_URLCONF = "switchyard.urls"
WSGI_APPLICATION = "switchyard.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": database.default()}

CELERY_BROKER_URL = addresses.broker("redis://127.0.0.1:6379/0")
# Every doorbell names its lane. Celery's own default would show an unused queue in Flower.
CELERY_TASK_DEFAULT_QUEUE = "mail"
# RabbitMQ keeps a quorum queue on several hosts. A queue keeps the type that it was made with.
CELERY_TASK_CREATE_MISSING_QUEUE_TYPE = env.word("BROKER_QUEUES", "classic", among=("classic", "quorum"))
# A page must not wait for a broker that is down: one try, and supervision rings later.
CELERY_BROKER_CONNECTION_TIMEOUT = 2
# A worker looks for its broker for ever, with short pauses: a code must not wait once it is back.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_CONSUMER = "jobs.consuming:Consumer"
# Celery would restore it from a slot's thread, which then reads RabbitMQ's answer while the worker's own
# thread reads too: one of them waits for ever. Doorbells are acknowledged early, so it is of no use here.
CELERY_WORKER_ENABLE_PREFETCH_COUNT_REDUCTION = False
# An exclusive one would stay locked by the connection that the network forgot: the worker would end for it.
CELERY_CONTROL_QUEUE_EXCLUSIVE = False
CELERY_CONTROL_QUEUE_DURABLE = True
# RabbitMQ's heartbeat in seconds: a worker finds out within twice this that the network forgot it.
CELERY_BROKER_HEARTBEAT = 6
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 0,
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    # Valkey's heartbeat: a worker drops a connection that the network forgot within twice this and a second.
    "health_check_interval": 5,
}

# Celery leaves the log to us: fixed words and fields on standard error, one event a line.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
LOGGING_CONFIG = None
logs.configure(as_json=env.flag("LOG_JSON", default=False))

TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_FOLDER", str(VAR / "static")))
MEDIA_ROOT = VAR / "files"
# A packet's form has a tick for each student: see packets.requesting.MOST_STUDENTS.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000

# Where files of schools' own software are picked up, and how long one must stay the same before it is.
PICKUP = {
    "folder": env.text("PICKUP_FOLDER", ""),
    "stable_seconds": env.number("PICKUP_STABLE_SECONDS", 30),
}

# Mail leaves through one relay: in the yard it is the local mail catcher.
EMAIL_BACKEND = "emails.backend.EmailBackend"
EMAIL_HOST = addresses.host("MAIL_RELAY_HOST", "127.0.0.1")
EMAIL_PORT = env.port("MAIL_RELAY_PORT", 25)
EMAIL_HOST_USER = env.text("MAIL_RELAY_USER", "")
EMAIL_HOST_PASSWORD = env.text("MAIL_RELAY_PASSWORD", "")
EMAIL_TIMEOUT = 30
MAIL = {
    "tls": env.word("MAIL_RELAY_TLS", "none", among=("none", "starttls", "implicit")),
    "ca_file": env.text("MAIL_RELAY_CA", ""),
    "ehlo_name": env.text("MAIL_EHLO_NAME", ""),
    "chunking": env.flag("MAIL_RELAY_CHUNKING", default=False),
    "spool_folder": env.text("MAIL_SPOOL_FOLDER", str(VAR / "spool")),
    "spool_megabytes": env.number("MAIL_SPOOL_MEGABYTES", 2048),
    "bounces_to": env.text("MAIL_BOUNCES_TO", ""),
    "dkim": env.names("MAIL_DKIM", ""),
    # For schools that have not chosen: attach, link (above so many megabytes a mail), or the sender chooses.
    "attachment_policy": env.word("MAIL_ATTACHMENT_POLICY", "attach", among=("attach", "link", "choose")),
    "link_above_megabytes": env.number("MAIL_LINK_ABOVE_MEGABYTES", 5),
    "link_days": env.number("MAIL_LINK_DAYS", 30, least=1, most=365),
    "again_hours": env.number("MAIL_AGAIN_HOURS", 48),
}
# Mailings may go through a provider's HTTP API in place of the relay; codes never do.
MAIL_PROVIDER = {
    "name": env.word("MAIL_PROVIDER", "none", among=("none", "postmark", "mailgun", "sparkpost")),
    "key": env.text("MAIL_PROVIDER_KEY", ""),
    "url": env.text("MAIL_PROVIDER_URL", ""),
    "domain": env.text("MAIL_PROVIDER_DOMAIN", ""),
    "stream": env.text("MAIL_PROVIDER_STREAM", ""),
    "schools": env.names("MAIL_PROVIDER_SCHOOLS", ""),
    "webhook_secret": env.text("MAIL_PROVIDER_WEBHOOK_SECRET", ""),
}
# Codes may come from an address of their own: what becomes of mass mail's reputation does not touch them.
CODES = {"sender": parseaddr(addresses.sender("MAIL_CODES_FROM", "", is_optional=True))[1]}
# Who may read /metrics: who sends this token; without one, who asks on the machine itself. And the folders
# whose disks are watched.
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
METRICS_FOLDERS = {"files": str(MEDIA_ROOT), "spool": str(MAIL["spool_folder"])}
# How mails say where this platform is: the links in them begin with it.
SITE_URL = addresses.origin("SITE_URL", "")
DEFAULT_FROM_EMAIL = addresses.sender("MAIL_FROM", "Career Office <careers@switchyard.example>")
# Set in the yard only: the folder where the mail catcher keeps what it caught.
MAIL_CATCHER_FOLDER = env.text("MAIL_CATCHER_FOLDER", "")

# Flower listens on loopback with a secret made at each start; ops see it at /ops/flower/.
FLOWER_URL = addresses.origin("FLOWER_URL", "")
FLOWER_SECRET = env.text("FLOWER_SECRET", "")

SWITCHYARD = {
    # workers: parts worked on at once · most_workers: up to how many by itself, while waits threaten the
    # promise · pool: threads or prefork · part_seconds: how long a part should take, else 2 ·
    # promise_seconds: the longest wait · more: jobs/lanes.py, and the page /ops/settings/, which changes it.
    # Lanes of mail have less than 50 together, the connections that Postfix takes from one client; threads
    # stay in one process (process_workers); forked children compute: many are of no use on few processors.
    "lanes": {
        "codes": {
            "workers": 2,
            "most_workers": 8,
            "pool": "threads",
            "part_seconds": 1,
            "promise_seconds": 5,
            "is_vital": True,
        },
        "mail": {"workers": 4, "most_workers": 8, "pool": "threads", "promise_seconds": 60},
        "bulk": {
            "workers": 8,
            "most_workers": 24,
            "pool": "threads",
            "promise_seconds": 1800,
            "slow_companion": "bulk-slow",
        },
        "bulk-slow": {"workers": 2, "most_workers": 8, "pool": "threads", "promise_seconds": 7200},
        "packets": {
            "workers": 2,
            "most_workers": 4,
            "pool": "prefork",
            "promise_seconds": 300,
            "slow_companion": "packets-slow",
        },
        "packets-slow": {"workers": 1, "most_workers": 2, "pool": "prefork", "promise_seconds": 1800},
        "uploads": {"workers": 2, "most_workers": 4, "pool": "prefork", "promise_seconds": 300},
        "webhooks": {"workers": 4, "most_workers": 16, "pool": "threads", "promise_seconds": 60},
    },
    # In order: the first rule that takes a job decides. A rule may also say school, at_least and at_most (by
    # size: units, recipients, bytes, rows), slower_than (times the usual) and expected_seconds_over.
    "routes": [
        {"kind": "emails.code", "lane": "codes"},
        {"kind": "emails.test", "lane": "mail"},
        # Mails of which each has files of its own are encoded one by one: such mailings keep nobody waiting.
        {"kind": "emails.mailing", "at_least": {"own_files": 1}, "lane": "bulk-slow"},
        {"kind": "emails.mailing", "lane": "bulk"},
        {"kind": "packets.build", "lane": "packets"},
        {"kind": "uploads.check", "lane": "uploads"},
        {"kind": "uploads.import", "lane": "uploads"},
        {"kind": "uploads.undo", "lane": "uploads"},
        {"kind": "webhooks.deliver", "lane": "webhooks"},
    ],
    # Limits of outside services over all lanes and hosts: rate, burst, bytes_rate and bytes_burst.
    "services": {"relay": {"rate": None, "bytes_rate": None}},
    # A job so many times slower than usual for its kind and weight moves to its lane's slow companion. Work
    # heavier than any that is known is taken to cost unknown_megabyte_seconds a megabyte.
    "slowness": {"times": 10, "units": 20, "seconds": 5, "unknown_megabyte_seconds": 0.2},
    # A job without effect in each lane measures the true wait; budget: the share of time that may be late.
    "canary": {"every_seconds": 10, "budget": 0.01, "window_hours": 24},
    # For all lanes together, on all hosts.
    "supervision": {"most_workers": env.number("MOST_WORKERS", 60, least=1, most=10_000)},
    # How long what has ended is kept; a school may have its own number for its jobs.
    "history": {"jobs_days": 365, "attempts_days": 90, "events_days": 365},
    "files": {"attachment_megabytes": 10, "upload_megabytes": 100, "document_megabytes": 20},
    # Of one packet; a school may have lower limits, and another number of days.
    "packets": {"documents": 5000, "megabytes": 4000, "pages": 20_000, "kept_days": 30},
    # An outside service that failed so often in a row is asked again after a pause that doubles.
    "breakers": {"failures": 5, "first_pause_seconds": 10, "longest_pause_seconds": 300},
    "webhooks": {
        "connect_seconds": 3,
        "read_seconds": 10,
        "call_seconds": 13,
        "overlap_hours": 24,
        "allowed_private_hosts": addresses.hosts("WEBHOOK_PRIVATE_HOSTS", ""),
    },
    # With one token; what is beyond is answered 429.
    "api": {"requests_a_minute": 600},
    # The public status page: what it shows, in order, each of one or several lanes; impact: how bad it is for
    # schools when its promise is broken. What has no lane is the web pages themselves.
    "components": {
        "pages": {
            "title": "Web pages",
            "says": "Signing in, forms, and the pages of jobs.",
            "impact": "critical",
        },
        "codes": {
            "title": "Sign-in codes",
            "says": "The mails with the code that signs a person in.",
            "lanes": ["codes"],
            "impact": "critical",
        },
        "packets": {
            "title": "Document packets",
            "says": "Students' documents, joined to one file.",
            "lanes": ["packets", "packets-slow"],
            "impact": "major",
        },
        "uploads": {
            "title": "Data uploads",
            "says": "Files of students' data: checked, then taken over.",
            "lanes": ["uploads"],
            "impact": "major",
        },
        "mailings": {
            "title": "Mailings",
            "says": "Mass e-mails to students, and test mails.",
            "lanes": ["bulk", "bulk-slow", "mail"],
            "impact": "minor",
        },
        "webhooks": {
            "title": "Webhooks",
            "says": "Messages to schools' own software.",
            "lanes": ["webhooks"],
            "impact": "minor",
        },
    },
    # An incident opens after so many looks in a row at a broken promise, and is resolved once all promises
    # have held again for so long.
    "status": {
        "sample_seconds": 10,
        "late_samples": 2,
        "gone_seconds": 60,
        "update_minutes": 15,
        "calm_seconds": 300,
        "samples_days": 14,
    },
}
