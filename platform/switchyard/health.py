"""Whether this web process can do its work: for load balancers, containers and the yard."""

import structlog
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

log = structlog.get_logger()


@login_not_required
@never_cache
@require_safe
def health(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers, else 503 with the reason."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.warning("database_unreachable", error=type(error).__name__)
        return JsonResponse({"status": "down", "reason": "The database does not answer."}, status=503)
    return JsonResponse({"status": "ok"})
