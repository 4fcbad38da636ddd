from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "callspring.console"
    label = "console"
