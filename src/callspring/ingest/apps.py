from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "callspring.ingest"
    label = "ingest"
