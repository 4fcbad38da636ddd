from django.apps import AppConfig


class SitesConfig(AppConfig):
    name = "callspring.sites"
    label = "sites"
