from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "callspring.jobs"
    label = "jobs"
