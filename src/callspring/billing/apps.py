from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "callspring.billing"
    label = "billing"
