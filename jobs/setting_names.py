"""What pages call the sections of the settings, and each value in them."""

from collections.abc import Mapping

from jobs.language import Words
from jobs.language import gettext_lazy as _

SECTIONS: Mapping[str, Words] = {
    "api": _("JSON API"),
    "breakers": _("Breakers"),
    "canary": _("Canary"),
    "history": _("Retention"),
    "routes": _("Routes"),
    "slowness": _("Slowness"),
    "status": _("Status"),
    "supervision": _("Supervision"),
}
"""Those that have a page, by their names in the settings file."""

VALUES: Mapping[str, Words] = {
    "at_least": _("at least"),
    "at_most": _("at most"),
    "attempts_days": _("attempts days"),
    "budget": _("budget"),
    "burst": _("burst"),
    "bytes_burst": _("bytes burst"),
    "bytes_rate": _("bytes rate"),
    "bytes_rates_of_schools": _("bytes rates of schools"),
    "calm_seconds": _("calm seconds"),
    "charts_days": _("charts days"),
    "child_megabytes": _("child megabytes"),
    "child_parts": _("child parts"),
    "claim_parts": _("claim parts"),
    "connections": _("connections"),
    "events_days": _("events days"),
    "every_seconds": _("every seconds"),
    "expected_seconds_over": _("expected seconds over"),
    "failures": _("failures"),
    "first_pause_seconds": _("first pause seconds"),
    "gone_seconds": _("gone seconds"),
    "grace_seconds": _("grace seconds"),
    "history_days": _("history days"),
    "is_on": _("is on"),
    "is_vital": _("is vital"),
    "jobs_days": _("jobs days"),
    "kind": _("kind"),
    "lane": _("lane"),
    "late_samples": _("late samples"),
    "lease_seconds": _("lease seconds"),
    "longest_pause_seconds": _("longest pause seconds"),
    "most_workers": _("most workers"),
    "name": _("name"),
    "notifications_days": _("notifications days"),
    "part_megabytes": _("part megabytes"),
    "part_seconds": _("part seconds"),
    "pool": _("pool"),
    "process_workers": _("process workers"),
    "promise_seconds": _("promise seconds"),
    "rate": _("rate"),
    "rates_of_schools": _("rates of schools"),
    "ready_days": _("ready days"),
    "requests_a_minute": _("requests a minute"),
    "sample_seconds": _("sample seconds"),
    "samples_days": _("samples days"),
    "school": _("school"),
    "school_bytes_rate": _("school bytes rate"),
    "school_rate": _("school rate"),
    "school_workers": _("school workers"),
    "seconds": _("seconds"),
    "service_workers": _("service workers"),
    "shrink_seconds": _("shrink seconds"),
    "slow_companion": _("slow companion"),
    "slower_than": _("slower than"),
    "slug": _("slug"),
    "spare_megabytes": _("spare megabytes"),
    "sweep_seconds": _("sweep seconds"),
    "time_zone": _("time zone"),
    "times": _("times"),
    "typed_days": _("typed days"),
    "units": _("units"),
    "unknown_megabyte_seconds": _("unknown megabyte seconds"),
    "update_minutes": _("update minutes"),
    "weight": _("weight"),
    "window_hours": _("window hours"),
    "worker_megabytes": _("worker megabytes"),
    "workers": _("workers"),
}
"""The values of lanes, services, sections, rules and schools, as within a sentence."""

SIZES: Mapping[str, Words] = {
    "bytes": _("bytes"),
    "documents": _("documents"),
    "own_files": _("own files"),
    "pages": _("pages"),
    "recipients": _("recipients"),
    "rows": _("rows"),
    "units": _("units"),
}
"""What rules look at, as kinds declare it."""


def section_words(name: str) -> str:
    """Return what pages call a section of the settings; the name itself of one that has no page."""
    return str(SECTIONS.get(name, name.capitalize()))


def value_words(name: str) -> str:
    """Return what pages call a value within a sentence; its name itself where they show none such."""
    return str(VALUES.get(name, name.replace("_", " ")))


def size_words(name: str) -> str:
    """Return what pages call a size; its name itself where no page has words for it."""
    return str(SIZES.get(name, name.replace("_", " ")))


def label_of(name: str) -> str:
    """Return what pages call a value beside its field: `Bytes rate` for `bytes_rate`."""
    words = value_words(name)
    return words[:1].upper() + words[1:]
