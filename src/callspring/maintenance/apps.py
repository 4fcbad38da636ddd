from django.apps import AppConfig


class MaintenanceConfig(AppConfig):
    name = "callspring.maintenance"
    label = "maintenance"

    def ready(self) -> None:
        from callspring.maintenance import jobs  # noqa: F401 - its handlers register themselves
