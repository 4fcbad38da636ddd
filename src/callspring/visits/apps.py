from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "callspring.visits"
    label = "visits"
