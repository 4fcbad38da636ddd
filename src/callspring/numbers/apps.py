from django.apps import AppConfig


class NumbersConfig(AppConfig):
    name = "callspring.numbers"
    label = "numbers"
