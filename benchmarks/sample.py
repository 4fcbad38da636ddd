"""The peer for the voice door: a call question answered the way Twilio's own sample applications for Django do.

A synchronous Django view: check the signature with Twilio's validator, write one row through the ORM, build the TwiML
with Twilio's builder. Middleware and database are those that `startproject` gives: SQLite as it comes is durable before
it answers, as the voice door is. The server is no worse than what such an application is run on.

python -m benchmarks.sample PORT FOLDER
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Any

import django
import waitress
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, models
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import VoiceResponse

from benchmarks.traffic import SECRET

DESTINATION = "+13125559999"
THREADS = 4


def configure(folder: Path) -> None:
    """A Django project of one module."""
    settings.configure(
        SECRET_KEY="a benchmark's",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "sample.sqlite3"}},
    )
    django.setup()
    logging.getLogger("waitress").setLevel(logging.ERROR)  # it reports each request that had to wait


def answer_question(model: Any, request: HttpRequest) -> HttpResponse:
    """One call question or event."""
    form = request.POST.dict()
    signature = request.headers.get("X-Twilio-Signature", "")
    if not RequestValidator(SECRET).validate(request.build_absolute_uri(), form, signature):
        return HttpResponseForbidden()
    model.objects.create(call=form["CallSid"], caller=form["From"], dialled=form["To"], status=form["CallStatus"])
    response = VoiceResponse()
    if request.path.endswith("/call"):
        response.dial(DESTINATION)
    return HttpResponse(str(response), content_type="text/xml")


urlpatterns: list[Any] = []


def main() -> None:
    """Serve until killed."""
    os.sched_setaffinity(0, {0})
    configure(Path(sys.argv[2]))

    class Said(models.Model):
        call = models.CharField(max_length=64, db_index=True)
        caller = models.CharField(max_length=40)
        dialled = models.CharField(max_length=40)
        status = models.CharField(max_length=20)
        at = models.DateTimeField(auto_now_add=True)

        class Meta:
            app_label = "sample"

        def __str__(self) -> str:
            return self.call

    with connection.schema_editor() as editor:
        editor.create_model(Said)
    view = csrf_exempt(require_POST(lambda request: answer_question(Said, request)))
    urlpatterns.extend(path(f"voice/twilio/2/{endpoint}", view) for endpoint in ("call", "events"))
    waitress.serve(get_wsgi_application(), host="127.0.0.1", port=int(sys.argv[1]), threads=THREADS)


if __name__ == "__main__":
    main()
