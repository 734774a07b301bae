"""Settings, one file, read from top to bottom. Every SOLIDARITY_* name is documented in docs/settings.md."""

from datetime import timedelta
from pathlib import Path

from celery.schedules import crontab
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from solidarity import env

ROOT: Path = env.ROOT
STATE: Path = env.STATE

# --- the process -------------------------------------------------------------------------------------------------

DEBUG = env.flag("SOLIDARITY_DEBUG")
DEMO = env.flag("SOLIDARITY_DEMO")  # demo logins, no second factor; every page says so
# Outside demo mode, refuse to start with a weak or documented secret.
SECRET_KEY = env.secret("SOLIDARITY_SECRET_KEY", weak=DEMO or DEBUG)
FIELD_KEY = env.fernet_key("SOLIDARITY_FIELD_KEY")  # the Fernet key that encrypts contacts at rest
# Key of the audit log's hash chain; must be kept longer than the other two keys. The default is the field key.
AUDIT_KEY = env.text("SOLIDARITY_AUDIT_KEY", "") or FIELD_KEY
AUDIT_ANCHOR = Path(env.text("SOLIDARITY_AUDIT_ANCHOR", str(STATE / "audit" / "anchor.json")))
ALLOWED_HOSTS = env.items("SOLIDARITY_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.items("SOLIDARITY_TRUSTED_ORIGINS")
HTTPS = env.flag("SOLIDARITY_HTTPS")
DJANGO_ADMIN = env.flag("SOLIDARITY_DJANGO_ADMIN")  # /admin/, which nothing needs; off: 404

INSTALLED_APPS = [
    "solidarity.ops.apps.OpsConfig",
    "mapping.apps.MappingConfig",
    "needs.apps.NeedsConfig",
    "volunteers.apps.VolunteersConfig",
    "volunteers.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
]

MIDDLEWARE = [
    "solidarity.lib.http.security_headers.Headers",
    "django.middleware.security.SecurityMiddleware",
    "solidarity.lib.http.nul_characters.NulCharacters",
    "solidarity.lib.http.static_files.StaticFilesMiddleware",
    "solidarity.lib.http.kept_pages.kept_pages",
    "solidarity.lib.http.compressed_pages.CompressedPages",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "mapping.map.releases.public.public_files.public_files",
    "mapping.map.live.signed_tiles.signed_tiles",
    "solidarity.lib.http.not_stored.not_stored",
    "volunteers.people.api.token_requests.token_requests",
    "solidarity.lib.http.sessions.SessionMiddleware",
    "solidarity.lib.languages.PublicLanguageMiddleware",
    "solidarity.lib.http.features_off.FeaturesOff",
    "django.middleware.common.CommonMiddleware",
    "solidarity.lib.http.own_page_csrf.OwnPageCsrfMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "volunteers.people.roles.standing.UserMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "volunteers.people.roles.second_factor.SecondFactorMiddleware",
    "volunteers.people.sign_in.view_as.viewer_middleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "volunteers.people.api.page_throttling.PageLimits",
]

ROOT_URLCONF = "solidarity.urls"
WSGI_APPLICATION = "solidarity.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "mapping.out.home.navigation.nav",
                "solidarity.lib.languages.context",
                "solidarity.lib.publisher.context",
                "solidarity.lib.http.kept_pages.context",
            ],
            "builtins": ["solidarity.lib.site.feature_filters"],
        },
    },
]

# --- database, cache, worker -------------------------------------------------------------------------------------

# The limits end a connection to a host that was cut off: no request hangs on it, and no lock outlives its holder.
_TCP = {"connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
_TCP_OF_SERVER = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 "
_TCP_OF_SERVER += "-c tcp_user_timeout=10000"  # an answer that nobody confirms: keepalives do not look at these
DATABASES = {
    "default": {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": env.text("SOLIDARITY_DB_NAME", "solidarity"),
        "HOST": env.text("SOLIDARITY_DB_HOST", ""),
        "PORT": env.text("SOLIDARITY_DB_PORT", ""),
        "USER": env.text("SOLIDARITY_DB_USER", "postgres"),
        "PASSWORD": env.text("SOLIDARITY_DB_PASSWORD", ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,  # of connections that their socket does not show to be healthy (connection_health.py)
        "OPTIONS": {
            **_TCP,
            "tcp_user_timeout": 10_000,
            # Small statements of folds, filing and matching are prepared, because planning them costs more than execution.
            # temp_buffers: the states that a recompute has sent stay in memory until they are stored.
            "options": f"-c jit=off -c plan_cache_mode=force_generic_plan -c temp_buffers=32MB {_TCP_OF_SERVER}",
            # Of several hosts, the one that may be written to: after a promotion, no setting has to change.
            "target_session_attrs": "read-write" if "," in env.text("SOLIDARITY_DB_HOST", "") else "any",
        },
        "TEST": {"NAME": "test_solidarity_" + env.text("SOLIDARITY_TEST_SUFFIX", "main")},
    }
}
# What differs for the replica (solidarity.lib.database.replica). It is not in DATABASES, because Django's checks connect
# to all of these: nothing would start while the replica is away.
REPLICA: dict[str, object] = {}
REPLICA_WAIT_SECONDS = env.number("SOLIDARITY_REPLICA_WAIT_SECONDS", 5)  # afterwards the primary is read
if env.text("SOLIDARITY_REPLICA_HOST", ""):
    REPLICA = {
        "HOST": env.text("SOLIDARITY_REPLICA_HOST"),
        "PORT": env.text("SOLIDARITY_REPLICA_PORT", "") or env.text("SOLIDARITY_DB_PORT", ""),
        "OPTIONS": {
            **_TCP,
            "connect_timeout": 2,
            "tcp_user_timeout": 5_000,
            "options": "-c jit=off -c plan_cache_mode=force_generic_plan -c default_transaction_read_only=on "
            + _TCP_OF_SERVER,
        },
    }

REDIS_URL = env.text("SOLIDARITY_REDIS_URL", "redis://127.0.0.1:6379/0")
REDIS_MASTER = env.text("SOLIDARITY_REDIS_MASTER", "solidarity")  # its name in the sentinels of sentinel:// addresses


# How sentinels are asked. Without this, redis-py asks one that was cut off ten times, with pauses, before the next one.
SENTINEL_OPTIONS = {"socket_timeout": 1, "socket_connect_timeout": 1, "retry": Retry(NoBackoff(), 0)}


def cache_url(url: str) -> str:
    """Convert kombu's socket address (redis+socket:///path?virtual_host=0) to redis-py's spelling."""
    if url.startswith("redis+socket://"):
        path, _separator, query = url.removeprefix("redis+socket://").partition("?")
        return f"unix://{path}?db={query.removeprefix('virtual_host=') or '0'}"
    return url


CACHES = {
    "default": {
        "BACKEND": "solidarity.lib.database.redis_cache.RedisCache",
        "LOCATION": cache_url(REDIS_URL),
        "KEY_PREFIX": env.text("SOLIDARITY_CACHE_PREFIX", "solidarity"),
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 1},  # a Redis that hangs must not delay a report
    }
}
KEPT_PAGE_SECONDS = env.number("SOLIDARITY_KEPT_PAGE_SECONDS", 10)  # for public pages, for readers without session
SESSION_ENGINE = "solidarity.lib.http.sessions"  # sessions are in the database, because Redis may lose its data

CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None  # tasks store their results in the database
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 3600
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "visibility_timeout": 3700,
    "health_check_interval": 5,  # a Redis that was cut off is noticed within eleven seconds
    "master_name": REDIS_MASTER,
    "sentinel_kwargs": SENTINEL_OPTIONS,
}
CELERY_TASK_PUBLISH_RETRY = False  # a lost message costs only seconds, because beat sweeps the outbox
CELERY_TIMEZONE = "Europe/Paris"
CELERY_BEAT_SCHEDULE_FILENAME = str(STATE / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep the outbox": {"task": "mapping.tasks.sweep", "schedule": 5.0, "options": {"expires": 5.0}},
    "let evidence age": {
        "task": "mapping.tasks.refresh",
        "schedule": timedelta(minutes=15),
        "options": {"expires": 600},
    },
    "streets that name zones": {
        "task": "mapping.tasks.read_streets",
        "schedule": timedelta(minutes=10),
        "options": {"expires": 500},
    },
    "publish for volunteers": {"task": "mapping.tasks.publish", "schedule": crontab(hour="5", minute="0")},
    # The task publishes on Mondays at six. Its other hourly runs only make up for a missed publication.
    "publish for everybody": {"task": "mapping.tasks.publish_public", "schedule": crontab(minute="0")},
    "how often citizens report": {
        "task": "mapping.tasks.renew_citizen_rates",
        "schedule": crontab(hour="3", minute="10"),
    },
    "reconcile with the ledger": {"task": "mapping.tasks.reconcile", "schedule": crontab(hour="3", minute="30")},
    "people left unseen": {"task": "mapping.tasks.tell_unseen", "schedule": crontab(hour="3", minute="50")},
    "needs that come back": {"task": "mapping.tasks.count_months", "schedule": crontab(hour="3", minute="55")},
    "figures of associations": {"task": "needs.tasks.count_figures", "schedule": crontab(hour="4", minute="0")},
    "retention": {"task": "needs.tasks.forget", "schedule": crontab(hour="4", minute="15")},
    "write the lake": {"task": "mapping.tasks.write_lake", "schedule": crontab(hour="4", minute="40")},
    "weekly plans come back": {"task": "needs.tasks.fill_plans", "schedule": crontab(minute="20")},
    "seats of tours": {
        "task": "needs.tasks.look_after_seats",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 250},
    },
    "places at events": {
        "task": "needs.tasks.look_after_events",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 250},
    },
    "commitments run out": {
        "task": "needs.tasks.end_and_remind_commitments",
        "schedule": 60.0,
        "options": {"expires": 55.0},
    },
    "alarms go up": {"task": "needs.tasks.escalate_alarms", "schedule": 60.0, "options": {"expires": 50.0}},
    "needs that wait": {"task": "needs.tasks.review_ageing_needs", "schedule": crontab(hour="8", minute="30")},
    "needs nobody opened": {
        "task": "needs.tasks.announce_unopened",
        "schedule": timedelta(minutes=3),
        "options": {"expires": 150},
    },
    "proposals lapse": {
        "task": "needs.tasks.expire_proposals",
        "schedule": timedelta(minutes=10),
        "options": {"expires": 500},
    },
    "loans move on": {
        "task": "needs.tasks.move_loans",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 250},
    },
    "exports that hang": {"task": "mapping.tasks.resume_exports", "schedule": 60.0, "options": {"expires": 50.0}},
    "versions and cold plans take effect": {
        "task": "mapping.tasks.catch_up",
        "schedule": 20.0,
        "options": {"expires": 20.0},
    },
    "learn from the past": {"task": "mapping.tasks.propose_parameters", "schedule": crontab(hour="2", minute="10")},
    # Most reports of last night have arrived by then, and the tours of the evening have not begun.
    "predict what tours will find": {"task": "mapping.tasks.check_map", "schedule": crontab(hour="15", minute="5")},
    "old exports go": {"task": "mapping.tasks.drop_old_exports", "schedule": crontab(hour="4", minute="45")},
    "mails to read": {"task": "needs.tasks.fetch_mail", "schedule": 60.0, "options": {"expires": 50.0}},
    "digests": {"task": "mapping.tasks.send_digests", "schedule": 300.0, "options": {"expires": 250.0}},
    "send notices": {"task": "volunteers.tasks.send_notifications", "schedule": 60.0, "options": {"expires": 50.0}},
    "read messages": {"task": "needs.tasks.read_messages", "schedule": 60.0, "options": {"expires": 50.0}},
    "news for reporters": {"task": "needs.tasks.send_reporter_news", "schedule": 60.0, "options": {"expires": 50.0}},
    "answers by message": {"task": "needs.tasks.send_messages", "schedule": 60.0, "options": {"expires": 50.0}},
    "alerts on searches": {"task": "needs.tasks.send_alerts", "schedule": 300.0, "options": {"expires": 240.0}},
    "things that people look for": {
        "task": "needs.tasks.send_wish_alerts",
        "schedule": 600.0,
        "options": {"expires": 500.0},
    },
    "scheduled reports": {"task": "mapping.tasks.send_reports", "schedule": 60.0, "options": {"expires": 50.0}},
    "back-up": {"task": "solidarity.ops.tasks.back_up", "schedule": crontab(hour="2", minute="40")},
    "what runs": {"task": "solidarity.ops.tasks.watch", "schedule": 60.0, "options": {"expires": 50.0}},
    "administrators change": {
        "task": "volunteers.tasks.change_administrators",
        "schedule": 60.0,
        "options": {"expires": 50.0},
    },
    "duties end": {"task": "volunteers.tasks.close_duties", "schedule": crontab(hour="0", minute="5")},
    "old notices go": {"task": "volunteers.tasks.drop_old_notifications", "schedule": crontab(hour="4", minute="50")},
}

# --- people ------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "volunteers.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "volunteers.people.accounts.password_hasher.LightArgon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "volunteers.people.sign_in.account_mail.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "volunteers.people.sign_in.forms.SignInForm",
    "signup": "volunteers.people.sign_in.forms.EvenSignupForm",
    "change_password": "volunteers.people.sign_in.forms.NewPasswordForm",
    "reset_password": "volunteers.people.sign_in.forms.ResetLinkForm",
    "reset_password_from_key": "volunteers.people.sign_in.forms.ResetPasswordWithKeyForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # works only in the browser used for sign-up, within ACCOUNT_LOGIN_TIMEOUT
ACCOUNT_LOGIN_TIMEOUT = 3600  # seconds
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Solidarity: "
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Solidarity"
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "login_webauthn": "volunteers.people.sign_in.forms.PasskeySignInForm",
    "reauthenticate_webauthn": "volunteers.people.sign_in.forms.PasskeyProofForm",
}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or DEMO
MFA_REQUIRED = not DEMO  # for dispatchers, coordinators and administrators (volunteers.people.roles.second_factor)
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600  # seconds (volunteers.people.accounts.reauthentication)
USERSESSIONS_TRACK_ACTIVITY = False

# OpenID Connect (volunteers.people.openid): sign-in with the accounts of another organisation; empty: none.
OIDC_ISSUER = env.text("SOLIDARITY_OIDC_ISSUER", "")
OIDC_CLIENT_ID = env.text("SOLIDARITY_OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = env.text("SOLIDARITY_OIDC_CLIENT_SECRET", "")
OIDC_NAME = env.text("SOLIDARITY_OIDC_NAME", "") or OIDC_ISSUER.partition("://")[2]  # text on the button
SOCIALACCOUNT_ADAPTER = "volunteers.people.openid.social_adapter.SocialAdapter"
SOCIALACCOUNT_STORE_TOKENS = False

_MAIL_BACKEND = env.text("SOLIDARITY_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
MAILERS: dict[str, dict[str, object]] = {"default": {"BACKEND": _MAIL_BACKEND}}
if _MAIL_BACKEND.endswith("smtp.EmailBackend"):
    MAILERS["default"]["OPTIONS"] = {
        "host": env.text("SOLIDARITY_EMAIL_HOST", "localhost"),
        "port": env.number("SOLIDARITY_EMAIL_PORT", 25),
        "username": env.text("SOLIDARITY_EMAIL_USER", ""),
        "password": env.text("SOLIDARITY_EMAIL_PASSWORD", ""),
        "use_tls": env.flag("SOLIDARITY_EMAIL_TLS"),
        "timeout": 10,
    }
DEFAULT_FROM_EMAIL = env.text("SOLIDARITY_EMAIL_FROM", "solidarity@localhost")

# Reports by e-mail (needs.messages.channels.mail): the mailbox that the worker reads; empty: none.
MAIL_IN_URL = env.mailbox("SOLIDARITY_MAIL_IN_URL")
MAIL_IN_PASSWORD = env.text("SOLIDARITY_MAIL_IN_PASSWORD", "")
MAIL_IN_ADDRESS = env.text("SOLIDARITY_MAIL_IN_ADDRESS", "") or DEFAULT_FROM_EMAIL
MAIL_IN_AFTER = env.text("SOLIDARITY_MAIL_IN_AFTER", "seen")  # seen, delete, or the folder to move mails to
MAIL_IN_PER_HOUR = env.number("SOLIDARITY_MAIL_IN_PER_HOUR", 20)
MAIL_ANSWERS_PER_HOUR = env.number("SOLIDARITY_MAIL_ANSWERS_PER_HOUR", 300)

# --- notifications (docs/notifications.md) -----------------------------------------------------------------------

_HOST, _PORT = env.text("SOLIDARITY_HOST", "127.0.0.1"), env.text("SOLIDARITY_PORT", "8000")
_VISITED = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(_HOST, _HOST)  # "every address" cannot be visited
SITE_URL = env.text("SOLIDARITY_SITE_URL", f"http://{_VISITED}:{_PORT}").rstrip("/")  # the start of links in messages
VAPID_PRIVATE_KEY = env.text("SOLIDARITY_VAPID_PRIVATE_KEY", "")  # empty: no Web Push
VAPID_CONTACT = env.text("SOLIDARITY_VAPID_CONTACT", f"mailto:{DEFAULT_FROM_EMAIL}")
PUSH_SERVICES = env.items(
    "SOLIDARITY_PUSH_SERVICES", "fcm.googleapis.com,.push.services.mozilla.com,.push.apple.com,.notify.windows.com"
)
# Private origins that may be called (solidarity.lib.http.outgoing).
OUTGOING_PRIVATE = env.items("SOLIDARITY_OUTGOING_PRIVATE")
SMS_URL = env.text("SOLIDARITY_SMS_URL", "")  # empty: no text messages
SMS_GATEWAY = env.choice("SOLIDARITY_SMS_GATEWAY", ("generic", "android", "rapidpro", "twilio"))
SMS_ACCOUNT = env.text("SOLIDARITY_SMS_ACCOUNT", "")
SMS_KEY = env.text("SOLIDARITY_SMS_KEY", "")
SMS_SECRET = env.text("SOLIDARITY_SMS_SECRET", "")  # empty: no text messages come in (Twilio: the key is enough)
SMS_NUMBER = env.text("SOLIDARITY_SMS_NUMBER", "")  # our own, E.164
# Most automatic answers, so that spoofed senders cannot spend the association's credit (docs/channels.md).
SMS_ANSWERS_PER_DAY = env.number("SOLIDARITY_SMS_ANSWERS_PER_DAY", 20)  # maximum to one number
SMS_ANSWERS_PER_HOUR = env.number("SOLIDARITY_SMS_ANSWERS_PER_HOUR", 600)  # most for the whole site
# Most private links that reporters without an account may send, for the whole site.
LINK_TEXTS_PER_HOUR = env.number("SOLIDARITY_LINK_TEXTS_PER_HOUR", 60)
LINK_MAILS_PER_HOUR = env.number("SOLIDARITY_LINK_MAILS_PER_HOUR", 60)
# Countries to which text messages are sent, besides COUNTRY: the EU, the EEA, Switzerland and the United Kingdom.
SMS_COUNTRIES = env.items(
    "SOLIDARITY_SMS_COUNTRIES",
    "AT,BE,BG,CH,CY,CZ,DE,DK,EE,ES,FI,FR,GB,GF,GP,GR,HR,HU,IE,IS,IT,LI,LT,LU,LV,MQ,MT,NL,NO,PL,PT,RE,RO,SE,SI,SK,YT",
)

# --- who runs the site: footer, page about the site, legal notice (solidarity.lib.publisher) ---------------------

# Administrators can choose these, COUNTRY and the languages in the browser too; their choice is used first.
SITE_DETAILS_MODEL = "volunteers.SiteDetails"
PUBLISHER = {
    "name": env.text("SOLIDARITY_ORGANISATION", ""),
    "number": env.text("SOLIDARITY_ORGANISATION_NUMBER", ""),
    "address": env.text("SOLIDARITY_ORGANISATION_ADDRESS", ""),
    "email": env.text("SOLIDARITY_ORGANISATION_EMAIL", ""),
    "phone": env.text("SOLIDARITY_ORGANISATION_PHONE", ""),
    "director": env.text("SOLIDARITY_PUBLICATION_DIRECTOR", ""),
    "host": env.text("SOLIDARITY_HOST_DETAILS", ""),
}

# --- language and place ------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
PUBLIC_LANGUAGES = [  # of pages for people who need help (docs/languages.md)
    ("ar", "العربية"),
    ("es", "Español"),
    ("ro", "Română"),
    ("uk", "Українська"),
    ("ps", "پښتو"),
    ("prs", "دری"),
    ("ti", "ትግርኛ"),
]
LANGUAGES_BIDI = ["ar", "ps", "prs"]
SCRIPTS = {"ar": "arabic", "ps": "arabic", "prs": "arabic", "ti": "ethiopic"}  # scripts that need their own font
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
TIME_ZONE = env.text("SOLIDARITY_TIME_ZONE", "Europe/Paris")
USE_TZ = True
FORMAT_MODULE_PATH = "solidarity.formats"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600

# --- static and media --------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("SOLIDARITY_STATIC_ROOT", str(STATE / "static")))
_NODE = ROOT / "node_modules"
_OWN_STATIC = ROOT / "solidarity" / "static"
_VENDOR = [
    ("vendor/bootstrap", _NODE / ".styles"),  # made by ``npm run styles`` from solidarity/styles/
    ("vendor/htmx", _NODE / "htmx.org" / "dist"),
    ("vendor/maplibre-gl", _NODE / "maplibre-gl" / "dist"),
    ("vendor/pmtiles", _NODE / "pmtiles" / "dist"),
    ("vendor/protomaps", _NODE / "@protomaps" / "basemaps" / "dist" / "esm"),
    ("vendor/atkinson", _NODE / "@fontsource" / "atkinson-hyperlegible"),
    ("vendor/noto-arabic", _NODE / "@fontsource" / "noto-sans-arabic"),
    ("vendor/noto-ethiopic", _NODE / "@fontsource" / "noto-sans-ethiopic"),
    ("vendor/h3", _NODE / "h3-js" / "dist" / "browser"),
    ("vendor/idb", _NODE / "idb" / "build"),
]
_SHOTS = ("guides", ROOT / "docs" / "guides" / "screenshots")
STATICFILES_DIRS = [_OWN_STATIC, _SHOTS, *((prefix, folder) for prefix, folder in _VENDOR if folder.is_dir())]
# The files of npm packages that pages use; the finder ignores the other files.
VENDOR_FILES = (
    "vendor/bootstrap/*/*.css",
    "vendor/htmx/htmx.min.js",
    "vendor/maplibre-gl/maplibre-gl.css",
    "vendor/maplibre-gl/maplibre-gl.mjs",
    "vendor/maplibre-gl/maplibre-gl-worker.mjs",
    "vendor/pmtiles/pmtiles.js",
    "vendor/protomaps/index.js",
    "vendor/atkinson/files/*-latin-[47]00-*.woff2",
    "vendor/atkinson/files/*-latin-ext-[47]00-normal.woff2",
    "vendor/noto-arabic/files/*-arabic-400-normal.woff2",
    "vendor/noto-ethiopic/files/*-ethiopic-400-normal.woff2",
    "vendor/h3/h3-js.es.js",
    "vendor/idb/umd.js",
)
STATICFILES_FINDERS = [
    "solidarity.lib.http.static_files.UsedFiles",
    "solidarity.lib.http.static_files.UsedAppFiles",
]
STATIC_FROM_SOURCE = env.flag("SOLIDARITY_STATIC_FROM_SOURCE")  # in development and tests: nothing to collect
_STATIC_STORAGE = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if STATIC_FROM_SOURCE
    else "solidarity.lib.http.static_files.HashedFiles"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC_STORAGE},
}
WHITENOISE_USE_FINDERS = STATIC_FROM_SOURCE
WHITENOISE_MAX_AGE = 3600  # seconds, for names without a hash
WHITENOISE_ALLOW_ALL_ORIGINS = False  # only our own pages load our files
MEDIA_ROOT = Path(env.text("SOLIDARITY_MEDIA_ROOT", str(STATE / "media")))
EXPORTS_ROOT = MEDIA_ROOT / "exports"
RELEASES_ROOT = MEDIA_ROOT / "releases"
BASEMAP_URL = env.text("BASEMAP_URL", "")  # a PMTiles address on this host; empty: territory boundaries only
BASEMAP_ROOT = MEDIA_ROOT / "basemap"
# Where the street map comes from: the folder of the Protomaps builds (or one build, .pmtiles) and the list of builds.
BASEMAP_BUILDS = env.text("BASEMAP_BUILDS", "https://build.protomaps.com/")
BASEMAP_BUILDS_LIST = env.text("BASEMAP_BUILDS_LIST", "https://build-metadata.protomaps.dev/builds.json")
# The folder of the French national address file, one file per department; only `make addresses` reads it.
BORDERS_URL = env.text(
    "SOLIDARITY_BORDERS_URL", "https://geo.api.gouv.fr/departements/{area}/communes?format=geojson&geometry=contour"
)
ADDRESSES_URL = env.text("SOLIDARITY_ADDRESSES_URL", "https://adresse.data.gouv.fr/data/ban/adresses/latest/csv")

# --- back-ups ----------------------------------------------------------------------------------------------------

LAKE_FOLDER = env.text("SOLIDARITY_LAKE_FOLDER", "")  # empty: no lake
DASK = env.text("SOLIDARITY_DASK", "")

BACKUP_NIGHTLY = env.flag("SOLIDARITY_BACKUP_NIGHTLY", True)  # not in demo mode
BACKUP_ROOT = Path(env.text("SOLIDARITY_BACKUP_ROOT", str(STATE / "backups")))
BACKUP_KEY = env.text("SOLIDARITY_BACKUP_KEY", "")  # an age recipient; empty: back-ups are not encrypted
BACKUP_IDENTITY = env.text("SOLIDARITY_BACKUP_IDENTITY", "")  # a file with the private key, for restoring only

# --- what runs (docs/administration.md) --------------------------------------------------------------------------

METRICS_TOKEN = env.token("SOLIDARITY_METRICS_TOKEN")  # no metrics if this token and these addresses are empty
METRICS_ADDRESSES = env.networks("SOLIDARITY_METRICS_ADDRESSES")
OUTAGE_MINUTES = env.number("SOLIDARITY_OUTAGE_MINUTES", 15)  # time until a mail about a red part; 0: no mails
DISK_FREE_PERCENT = env.number("SOLIDARITY_DISK_FREE_PERCENT", 10)
BACKUP_ALARM_HOURS = env.number("SOLIDARITY_BACKUP_ALARM_HOURS", 36)

# --- security ----------------------------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "worker-src": [CSP.SELF, "blob:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-src": [CSP.NONE],
    "manifest-src": [CSP.SELF],
    "media-src": [CSP.SELF, "blob:"],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
# Not "no-referrer": browsers would then send "Origin: null" with forms, which the CSRF check refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
PERMISSIONS_POLICY = {  # "" means nobody; security_headers writes it
    "geolocation": "self", "camera": "self", "microphone": "self", "publickey-credentials-get": "self",
    "publickey-credentials-create": "self", "fullscreen": "self", "accelerometer": "", "autoplay": "self",
    "browsing-topics": "", "display-capture": "", "encrypted-media": "", "gyroscope": "", "hid": "", "idle-detection": "",
    "local-fonts": "", "magnetometer": "", "midi": "", "payment": "", "picture-in-picture": "", "screen-wake-lock": "self",
    "serial": "", "usb": "", "xr-spatial-tracking": "",
}  # fmt: skip
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True  # scripts read the token from the page
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = env.number("SOLIDARITY_HSTS_SECONDS", 31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if env.flag("SOLIDARITY_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
BEHIND_PROXY = env.flag("SOLIDARITY_BEHIND_PROXY")
FILES_BY_PROXY = env.flag("SOLIDARITY_FILES_BY_PROXY")  # nginx sends releases and the street map from disk
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)  # to find the IP address of a failed sign-in
SECURITY_CONTACT = env.text("SOLIDARITY_SECURITY_CONTACT", "") or DEFAULT_FROM_EMAIL  # in /.well-known/security.txt
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "needs.base.attachments.photos.CappedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- rules for reports (docs/privacy.md, docs/reliability.md) ----------------------------------------------------

ANONYMOUS_PER_HOUR = env.number("SOLIDARITY_ANONYMOUS_PER_HOUR", 5)
ANONYMOUS_PER_DAY = env.number("SOLIDARITY_ANONYMOUS_PER_DAY", 20)
ANONYMOUS_PER_NETWORK_HOUR = env.number("SOLIDARITY_ANONYMOUS_PER_NETWORK_HOUR", 60)
# Show the rounded unseen estimate on the home page.
PUBLIC_UNSEEN_ESTIMATE = env.flag("SOLIDARITY_PUBLIC_UNSEEN_ESTIMATE", True)
PUBLIC_COUNTS = env.flag("SOLIDARITY_PUBLIC_COUNTS", False)  # monthly counts with noise on the public map
VOLUNTEER_DELAY_HOURS = env.number("SOLIDARITY_VOLUNTEER_DELAY_HOURS", 24)
NEED_EXPIRES_DAYS = env.number("SOLIDARITY_NEED_EXPIRES_DAYS", 30)
COMMITMENT_HOURS_NOW = env.number("SOLIDARITY_COMMITMENT_HOURS_NOW", 4)
COMMITMENT_HOURS_SOON = env.number("SOLIDARITY_COMMITMENT_HOURS_SOON", 24)
COMMITMENT_HOURS_LATER = env.number("SOLIDARITY_COMMITMENT_HOURS_LATER", 72)
COMMITMENT_EXTENSIONS = env.number("SOLIDARITY_COMMITMENT_EXTENSIONS", 2)
COMMITMENTS_PER_VOLUNTEER = env.number("SOLIDARITY_COMMITMENTS_PER_VOLUNTEER", 3)
COMMITMENTS_PER_ASSOCIATION = env.number("SOLIDARITY_COMMITMENTS_PER_ASSOCIATION", 20)
COUNTRY = env.text("SOLIDARITY_COUNTRY", "FR")
PLACES_PER_DAY = env.number("SOLIDARITY_PLACES_PER_DAY", 5)  # exact places that a person may open in a day
# exact places that all people of an association may open together in a day
PLACES_PER_ASSOCIATION = env.number("SOLIDARITY_PLACES_PER_ASSOCIATION", 40)
# people whom one person, and one association, may invite or vouch for in 24 hours
INVITATIONS_PER_PERSON = env.number("SOLIDARITY_INVITATIONS_PER_PERSON", 10)
INVITATIONS_PER_ASSOCIATION = env.number("SOLIDARITY_INVITATIONS_PER_ASSOCIATION", 20)
VOUCHES_PER_PERSON = env.number("SOLIDARITY_VOUCHES_PER_PERSON", 5)
VOUCHES_PER_ASSOCIATION = env.number("SOLIDARITY_VOUCHES_PER_ASSOCIATION", 10)
PLACES_PER_TOUR = env.number("SOLIDARITY_PLACES_PER_TOUR", 25)  # exact places that the crew of a tour may open
OFFERS_PER_VOLUNTEER = env.number("SOLIDARITY_OFFERS_PER_VOLUNTEER", 5)  # offers of help that may wait for an answer
ALARM_MINUTES = env.number("SOLIDARITY_ALARM_MINUTES", 5)  # minutes after which an unacknowledged alarm is escalated
UNOPENED_MINUTES = env.number("SOLIDARITY_UNOPENED_MINUTES", 15)  # minutes after which an unopened need is escalated
DUTY_HOURS = env.number("SOLIDARITY_DUTY_HOURS", 12)  # hours for which “I am on duty” lasts
SHARING_HOURS = env.number("SOLIDARITY_SHARING_HOURS", 24)  # hours for which a need stays shared with another territory
OPEN311 = env.flag("SOLIDARITY_OPEN311", False)  # off, because cities use 311 data to clear camps (docs/api.md)

# --- retention periods (docs/retention.md; unsafe values are refused at start) -----------------------------------

EXACT_POINT_HOURS = env.number("SOLIDARITY_EXACT_POINT_HOURS", 72)
FINE_CELL_DAYS = env.number("SOLIDARITY_FINE_CELL_DAYS", 7)
FREE_TEXT_DAYS = env.number("SOLIDARITY_FREE_TEXT_DAYS", 14)
PHOTO_DAYS = env.number("SOLIDARITY_PHOTO_DAYS", 14)
CONTACT_DAYS = env.number("SOLIDARITY_CONTACT_DAYS", 14)
REPORT_DAYS = env.number("SOLIDARITY_REPORT_DAYS", 60)
IP_HOURS = env.number("SOLIDARITY_IP_HOURS", 24)
BACKUP_DAYS = env.number("SOLIDARITY_BACKUP_DAYS", 30)
ERASURES_FILE = Path(env.text("SOLIDARITY_ERASURES_FILE", str(STATE / "erasures.jsonl")))

# --- external data -----------------------------------------------------------------------------------------------

DATA_DIR = env.text("SOLIDARITY_DATA", "")  # real data sets for tests and benchmarks

# --- API ---------------------------------------------------------------------------------------------------------

API_RATES = {  # per address or account; a write uses up both limits
    "anonymous": env.text("SOLIDARITY_API_ANONYMOUS", "60/min"),
    "anonymous_writes": env.text("SOLIDARITY_API_ANONYMOUS_WRITES", "20/min"),
    "account": env.text("SOLIDARITY_API_ACCOUNT", "300/min"),
    "account_writes": env.text("SOLIDARITY_API_ACCOUNT_WRITES", "60/min"),
    "anonymous_reports": env.text("SOLIDARITY_API_ANONYMOUS_REPORTS", "500/hour"),  # reports in batches, not requests
    "account_reports": env.text("SOLIDARITY_API_ACCOUNT_REPORTS", "10000/hour"),
    "searches": env.text("SOLIDARITY_API_SEARCHES", "20/min"),  # searches in the desk's list
    "places": env.text("SOLIDARITY_API_PLACES", "240/min"),  # searches for addresses, while people type
    "pins": env.text("SOLIDARITY_API_PINS", "60/min"),  # streets under a pin, places near a position
    "polls": env.text("SOLIDARITY_API_POLLS", "60/min"),  # requests that open pages repeat
}
REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "volunteers.people.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": [
        "volunteers.people.api.throttling.AnonymousThrottle",
        "volunteers.people.api.throttling.AnonymousWrites",
        "volunteers.people.api.throttling.AccountThrottle",
        "volunteers.people.api.throttling.AccountWrites",
    ],
    "EXCEPTION_HANDLER": "volunteers.people.api.errors.handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Solidarity",
    "DESCRIPTION": "What people in the street need and what people around them can give. See docs/api.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
    "PREPROCESSING_HOOKS": ["needs.doors.api.schema.only_versioned"],
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "needs.doors.api.schema.with_errors"],
    "ENUM_NAME_OVERRIDES": {
        "Category": "needs.enums.Category",
        "Urgency": "needs.enums.Urgency",
        "NeedState": "needs.enums.NeedState",
        "Origin": "needs.enums.Origin",
        "OriginOfNeed": "needs.reports.serializers.ORIGINS",
        "OutcomeReason": "needs.enums.OutcomeReason",
        "GiveBackReason": "needs.help.open_needs.commitment_serializers.REASONS",
        "CommitmentState": "needs.enums.CommitmentState",
        "Channel": "needs.enums.Channel",
        "Answer": "needs.enums.Answer",
        "HelpAnswer": "needs.enums.HelpAnswer",
        "Side": "needs.enums.Side",
        "Medium": "volunteers.enums.Medium",
        "Topic": "volunteers.enums.Topic",
        "SpokenLanguage": "volunteers.enums.Language",
        "Skill": "volunteers.enums.Skill",
        "ItemCategory": "needs.neighbours.lending.item_kinds.ItemCategory",
        "ItemCondition": "needs.neighbours.lending.item_kinds.ItemCondition",
        "OfferKind": "needs.neighbours.giving.offer_kinds.OfferKind",
        "OfferRequestState": "needs.neighbours.giving.offer_kinds.OfferRequestState",
        "LoanState": "needs.neighbours.lending.loan_states.LoanState",
    },
}

# --- logs: never a place, a name, a private link or a URL with a query -------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"routes": {"()": "solidarity.lib.http.logged_paths.RoutesForPaths"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["routes"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.db.backends": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}
