"""Every setting of an installation, as `docs/settings.md` lists them; `callspring.config` reads them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its name, its default as written, and what it is for."""

    name: str
    default: str
    help: str


SETTINGS: tuple[Setting, ...] = (
    Setting("CALLSPRING_VAR", "var", "Folder of all state: database, spools, snapshots, secrets."),
    Setting("PORT", "8000", "The console's port; the doors take the next one, the demo shop the one after."),
    Setting("CALLSPRING_HOST", "127.0.0.1", "Address that all servers listen on."),
    Setting("CALLSPRING_CONSOLE_URL", "", "Public address of the console; default http://HOST:PORT."),
    Setting("CALLSPRING_DOORS_URL", "", "Public address of the doors; default http://HOST:PORT+1."),
    Setting("CALLSPRING_SHOP_URL", "", "Address of the demo shop; default http://HOST:PORT+2."),
    Setting("CALLSPRING_DATABASE_URL", "", "postgresql://… ; empty means SQLite in the state folder."),
    Setting(
        "CALLSPRING_LEASES",
        "memory",
        "Where doors keep who holds which number: memory for one doors process, or a Valkey or Redis server, or one "
        "server of a Cluster, as redis://user:password@host:6379/0 (rediss:// for TLS), for several.",
    ),
    Setting(
        "CALLSPRING_TRUSTED_PROXIES",
        "127.0.0.0/8 ::1/128",
        "Networks whose X-Forwarded-* headers are believed, separated by spaces.",
    ),
    Setting("CALLSPRING_CITY_FILE", "", "A city-level .mmdb file (MaxMind or DB-IP); empty means countries only."),
    Setting(
        "CALLSPRING_SMTP_URL",
        "",
        "Mail server: smtp://user:password@host:587 (STARTTLS), smtps://user:password@host (TLS) or smtp://host; "
        "empty means mails are written into the state folder, mail/.",
    ),
    Setting("CALLSPRING_MAIL_FROM", "", "Sender of all mails; default Callspring <callspring@HOST of the console>."),
    Setting(
        "CALLSPRING_CARRIER_APIS",
        "",
        "Other addresses of carriers' APIs, as twilio=https://api.dublin.ie1.twilio.com, separated by spaces.",
    ),
    Setting(
        "CALLSPRING_FALLBACK_URL",
        "https://twimlets.com/forward?PhoneNumber={destination}",
        "Where a carrier that reads TwiML asks about a call that our doors do not answer; {number} and {destination} "
        "are put in. none switches it off.",
    ),
    Setting(
        "CALLSPRING_TEST_ORIGINS",
        "",
        "Origins that Test snippet may fetch though they are not on the public internet, as http://127.0.0.1:8002, "
        "separated by spaces, or none; default the demo shop's.",
    ),
    Setting(
        "CALLSPRING_CHROMIUM",
        "",
        "Chromium for Test snippet's deep test; empty means the one found on the PATH, none switches it off.",
    ),
    Setting("CALLSPRING_PRICE_LIST", "", "A price list of your own (TOML, see docs/billing.md); empty means ours."),
    Setting(
        "CALLSPRING_GRACE_DAYS",
        "7",
        "Days after which the websites of a prepaid account that owes money show its own numbers again. Calls always "
        "ring.",
    ),
    Setting(
        "CALLSPRING_MONTHLY_CAP",
        "500",
        "What an account spends in a month at most before no more numbers are bought, in whole units of its currency; "
        "0 for no cap. Owners can set another for their account.",
    ),
    Setting("CALLSPRING_STRIPE_KEY", "", "Secret key of your Stripe account, for top-ups; empty means no such button."),
    Setting("CALLSPRING_STRIPE_WEBHOOK_SECRET", "", "Signing secret of the webhook there, /stripe/webhook/."),
    Setting("CALLSPRING_STRIPE_API", "", "Another address of Stripe's API, for a stand-in; empty means Stripe's."),
    Setting(
        "CALLSPRING_TOP_UP_BY_HAND",
        "",
        "yes lets owners write payments and corrections into their ledger themselves, no forbids it; default yes until "
        "Stripe is set up.",
    ),
    Setting(
        "CALLSPRING_RECORDINGS",
        "",
        "Where recordings are kept: s3://bucket/prefix, or empty for the state folder. What was kept elsewhere before "
        "stays readable.",
    ),
    Setting(
        "CALLSPRING_S3_ENDPOINT",
        "",
        "Address of what speaks like S3, as https://minio.example.com; empty means Amazon.",
    ),
    Setting("CALLSPRING_S3_REGION", "", "Its region; default us-east-1."),
    Setting("CALLSPRING_S3_KEY", "", "Access key there; empty means the machine's own role or AWS_… variables."),
    Setting("CALLSPRING_S3_SECRET", "", "Secret of that key."),
    Setting("CALLSPRING_LARGEST_RECORDING", "500", "Megabytes up to which a recording is fetched from the carrier."),
    Setting("CALLSPRING_DEBUG", "", "1 shows Django's error pages. Never on a public address."),
)
