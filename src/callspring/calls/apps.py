from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "callspring.calls"
    label = "calls"
