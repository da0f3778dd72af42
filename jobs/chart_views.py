"""The page of charts: how one lane was in the last hours, with a table under each chart."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from jobs import lane_minutes
from jobs.access import for_operations
from jobs.charts import Mark, Values, draw, place
from jobs.lane_minutes import Step
from jobs.language import Words
from jobs.refreshing import refreshed
from jobs.settings import switchyard
from jobs.templatetags.job_words import span as span_words

SPANS = {
    "1": (gettext_lazy("The last hour"), 1),
    "6": (gettext_lazy("The last 6 hours"), 5),
    "24": (gettext_lazy("The last 24 hours"), 20),
    "72": (gettext_lazy("The last 3 days"), 60),
}
"""By hours: the words, and the minutes of a step."""
USUAL = "6"
TIMES = 5
NOTHING = gettext_lazy("not known")
ROWS = 12
"""Of a table, each for as many steps as it takes."""


class ChartForm(forms.Form):
    """Which lane, and of which hours."""

    lane = forms.ChoiceField()
    hours = forms.ChoiceField(
        label=gettext_lazy("Time"), choices=[(hours, words) for hours, (words, _) in SPANS.items()]
    )

    def __init__(self, given: dict[str, str]) -> None:
        """Offer the lanes of the settings; what is no choice is the first one."""
        lanes = list(switchyard().lanes)
        lane, hours = given.get("lane", ""), given.get("hours", "")
        chosen = {"lane": lane if lane in lanes else lanes[0], "hours": hours if hours in SPANS else USUAL}
        super().__init__(chosen, auto_id="chart_%s")
        choices = [(name, name) for name in lanes]
        self.fields["lane"] = forms.ChoiceField(label=gettext_lazy("Lane"), choices=choices)
        self.order_fields(["lane", "hours"])
        self.full_clean()


@require_safe
@for_operations
def show_charts(request: HttpRequest) -> HttpResponse:
    """Show the charts of a lane."""
    return render(request, "jobs/charts.html", _shown(request))


@require_safe
@for_operations
@refreshed
def show_charts_now(request: HttpRequest) -> HttpResponse:
    """Refresh them."""
    return render(request, "jobs/charts_now.html", _shown(request))


def _shown(request: HttpRequest) -> dict[str, Any]:
    form = ChartForm(request.GET.dict())
    lane, hours = form.cleaned_data["lane"], form.cleaned_data["hours"]
    step = timedelta(minutes=SPANS[hours][1])
    steps = lane_minutes.history_of(lane, until=timezone.now(), span=timedelta(hours=int(hours)), step=step)
    return {
        "filter": form,
        "lane": switchyard().lanes[lane],
        "query": f"lane={lane}&hours={hours}",
        "charts": [_chart(*drawn, steps=steps) for drawn in CHARTS],
        "times": _times(steps),
        "is_empty": all(each.waiting is None for each in steps),
    }


Read = Callable[[Step], float | None]
CHARTS: Sequence[tuple[str, Words, Callable[[float], str], Sequence[tuple[Words, str, Read]]]] = (
    (
        "depth",
        gettext_lazy("Parts waiting"),
        lambda value: f"{value:,.0f}",
        [(gettext_lazy("waiting"), "main", lambda each: each.waiting)],
    ),
    (
        "wait",
        gettext_lazy("Longest wait, in seconds"),
        span_words,
        [
            (gettext_lazy("longest wait"), "main", lambda each: each.oldest_seconds),
            (gettext_lazy("promise"), "promise", lambda each: each.promise_seconds),
        ],
    ),
    (
        "done",
        gettext_lazy("Parts done in a minute"),
        lambda value: f"{value:,.3g}",
        [(gettext_lazy("done"), "main", lambda each: each.done_a_minute)],
    ),
    (
        "workers",
        gettext_lazy("Workers"),
        lambda value: f"{value:,.0f}",
        [
            (gettext_lazy("present"), "main", lambda each: each.present),
            (gettext_lazy("wanted"), "promise", lambda each: each.wanted),
        ],
    ),
)
"""Name, title, the words of a value, and the lines: each with its name, its look and how it is read."""


def _chart(
    name: str,
    title: Words,
    words: Callable[[float], str],
    lines: Sequence[tuple[Words, str, Read]],
    *,
    steps: Sequence[Step],
) -> dict[str, Any]:
    values: list[tuple[str, str, Values]] = [
        (str(said), look, [read(each) for each in steps]) for said, look, read in lines
    ]
    return {
        "chart": draw(name=name, title=str(title), lines=values),
        "columns": [said for said, _, _ in values],
        "rows": list(_rows(steps, [column for _, _, column in values], words=words)),
    }


def _rows(steps: Sequence[Step], columns: Sequence[Values], *, words: Callable[[float], str]) -> list[Any]:
    """Return the rows of the table, newest first: of the steps of each the highest value."""
    size = max(1, -(-len(steps) // ROWS))
    rows = []
    for start in range(0, len(steps), size):
        seen = [[value for value in column[start : start + size] if value is not None] for column in columns]
        cells = [words(max(values)) if values else NOTHING for values in seen]
        rows.append({"at": steps[start].at, "cells": cells})
    return rows[::-1]


def _times(steps: Sequence[Step]) -> list[Mark]:
    numbers = [round(each * (len(steps) - 1) / (TIMES - 1)) for each in range(TIMES)]
    day = "j M, H:i" if steps[-1].at - steps[0].at > timedelta(days=1) else "H:i"
    return [
        Mark(at=place(number, len(steps)), says=date_format(timezone.localtime(steps[number].at), day))
        for number in numbers
    ]
