"""What every answer of the console tells the browser about itself."""

from __future__ import annotations

from django.http import HttpResponse

# The one style sheet that wavesurfer.js 8.0.1 writes into each waveform's shadow tree. Where another version writes
# another one, `tests/browser/test_leads.py` fails and names its hash.
WAVEFORM = "'sha256-GDz2FZP0i7VZaDhs1mgc43IRUXU2xajPIjvThHvZvbs='"
# Everything comes from our own origin; nothing inline runs. `data:` is for the small pictures inside Tabler's styles.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src 'self' {WAVEFORM}",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def put_headers(response: HttpResponse, *, signed_in: bool) -> HttpResponse:
    """Set the policy, and keep pages with people's data out of shared and back-button caches."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    if signed_in:
        response.headers.setdefault("Cache-Control", "no-store, private")
    return response
