from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "callspring.calls"
    label = "calls"

    def ready(self) -> None:
        from callspring.calls import credit_jobs, jobs  # noqa: F401 - their handlers register themselves
