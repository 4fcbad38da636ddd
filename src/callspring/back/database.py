"""Making and migrating the record's database."""

from __future__ import annotations

from callspring.config import Config


def migrate(config: Config) -> int:
    """Bring the database up to date; the only place that makes a new SQLite file (settings open it `mode=rw`)."""
    import django
    from django.core.management import call_command

    if not config.database_url:
        config.var.mkdir(parents=True, exist_ok=True)
        config.database_file.touch(mode=0o600)
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    return 0


def check_migrations() -> int:
    """0 when every model has its migration, 1 otherwise (and says which)."""
    import django
    from django.core.management import call_command

    django.setup()
    try:
        call_command("makemigrations", check=True, dry_run=True)
    except SystemExit:
        return 1
    return 0
