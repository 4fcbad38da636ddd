from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured


class BillingConfig(AppConfig):
    name = "callspring.billing"
    label = "billing"

    def ready(self) -> None:
        from callspring.billing import jobs, prices  # noqa: F401 - its handlers register themselves

        try:
            prices.price_list()
        except ValueError as problem:
            raise ImproperlyConfigured(str(problem)) from None
