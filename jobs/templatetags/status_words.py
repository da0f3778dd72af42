"""Words of the status page that its snapshot does not carry itself."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
def moment(at: datetime, form: str = "j F Y, H:i") -> str:
    """Return a moment in the page's time zone, readable for programs too."""
    local = timezone.localtime(at)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), date_format(local, form))
