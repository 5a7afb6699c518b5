"""Two questions a machine asks: do you live, and may I send people to you?"""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """The process answers; the database is not asked, so that its outage does not restart every web process."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """The database answers and holds the tables this version expects."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return JsonResponse({"status": "no", "reason": "The database does not answer."}, status=503)
    if missing:
        reason = f"{len(missing)} migrations are not applied; run fullkit migrate."
        return JsonResponse({"status": "no", "reason": reason}, status=503)
    return JsonResponse({"status": "ok"})
