from __future__ import annotations

from django.apps import AppConfig


class FullkitConfig(AppConfig):
    name = "fullkit"
    verbose_name = "Fullkit"
