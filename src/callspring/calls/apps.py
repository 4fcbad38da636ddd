from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "callspring.calls"
    label = "calls"

    def ready(self) -> None:
        from callspring.calls import jobs  # noqa: F401 - its handlers register themselves
