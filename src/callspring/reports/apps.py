from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "callspring.reports"
    label = "reports"

    def ready(self) -> None:
        from callspring.reports import jobs  # noqa: F401 - its handlers register themselves
