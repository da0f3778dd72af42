"""The page of metrics in the web server."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from jobs.scraping.admission import refusal
from jobs.scraping.page import page


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Tell the metrics to who may read them."""
    refused = refusal(headers=request.headers, client=request.META.get("REMOTE_ADDR", ""))
    if refused is not None:
        return HttpResponse(
            refused.says, status=refused.status, headers=refused.headers, content_type="text/plain"
        )
    return HttpResponse(page.text(now=timezone.now()), content_type=CONTENT_TYPE_LATEST)
