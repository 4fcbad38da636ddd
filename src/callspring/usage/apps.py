from django.apps import AppConfig


class UsageConfig(AppConfig):
    name = "callspring.usage"
    label = "usage"

    def ready(self) -> None:
        from callspring.usage import jobs  # noqa: F401 - its handlers register themselves
