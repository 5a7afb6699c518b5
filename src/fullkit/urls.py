"""The table of contents."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from fullkit.api import refusals
from fullkit.api.v1 import api
from fullkit.web import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health.health, name="health"),
    path("ready", health.ready, name="ready"),
    path("", include("fullkit.web.urls")),
    re_path(r"^api/v1/$", refusals.nothing_here),  # before the framework's own page
    path("api/v1/", api.urls),
    re_path(r"^api/", refusals.nothing_here),
]

handler400 = refusals.cannot_be_read
