from django.apps import AppConfig


class ScenariosConfig(AppConfig):
    name = "callspring.scenarios"
    label = "scenarios"

    def ready(self) -> None:
        from callspring.scenarios import jobs, porting, resting_jobs, snippet_tests  # noqa: F401 - their handlers register themselves
        from callspring.scenarios.importing import arrivals  # noqa: F401
