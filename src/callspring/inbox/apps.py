from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "callspring.inbox"
    label = "inbox"

    def ready(self) -> None:
        from callspring.inbox import jobs  # noqa: F401 - its handlers register themselves
