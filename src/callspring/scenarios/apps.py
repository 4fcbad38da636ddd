from django.apps import AppConfig


class ScenariosConfig(AppConfig):
    name = "callspring.scenarios"
    label = "scenarios"
