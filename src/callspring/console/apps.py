from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "callspring.console"
    label = "console"

    def ready(self) -> None:
        from callspring.console import jobs  # noqa: F401 - its handlers register themselves
