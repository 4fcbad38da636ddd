"""What the inbox's templates say besides `console`: who a thread is with."""

from __future__ import annotations

from django import template

from callspring.console.inbox_thread import title

register = template.Library()

register.filter("thread_title", title)
