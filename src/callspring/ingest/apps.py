from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "callspring.ingest"
    label = "ingest"

    def ready(self) -> None:
        from callspring.ingest import jobs  # noqa: F401 - its handlers register themselves
