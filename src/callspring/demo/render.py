"""The shop's pages and files, read from disk: templates, drawings and what the front-end build made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.template import Context, Engine

from callspring.config import assets
from callspring.demo.web import Response

HERE = Path(__file__).parent
PAGES = HERE / "pages"
ASSETS = assets() / "static" / "demo"
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}

# An engine of its own, outside of Django's settings: the shop runs without them.
_engine = Engine(dirs=[str(PAGES)], autoescape=True)


def page(name: str, context: dict[str, Any]) -> bytes:
    """Render `pages/NAME.html`."""
    return _engine.get_template(f"{name}.html").render(Context(context)).encode()


def file_below(root: Path, name: str) -> Response | None:
    """A file below `root`, or None where there is none, or where `name` leads out of `root`."""
    if "\0" in name:
        return None
    path = (root / name).resolve()
    content_type = CONTENT_TYPES.get(path.suffix)
    if content_type is None or not path.is_relative_to(root.resolve()) or not path.is_file():
        return None
    return Response(path.read_bytes(), 200, content_type, {"cache-control": "no-cache"})
