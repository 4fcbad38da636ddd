from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "callspring.accounts"
    label = "accounts"
