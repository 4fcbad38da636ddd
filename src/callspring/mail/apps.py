from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "callspring.mail"
    label = "mail"

    def ready(self) -> None:
        from callspring.mail import jobs  # noqa: F401 - its handlers register themselves
