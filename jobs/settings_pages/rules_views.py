"""The page of the routes: their order, a rule more or less, and which of them takes a job."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from jobs import versions
from jobs.access import for_operations, require_admin
from jobs.covering import covered_rules
from jobs.rules import NoRoute, Rule, first_rule, read_rules
from jobs.setting_fields import WrongSetting
from jobs.settings_pages.rules import DraftForm, ExampleForm, RuleForm
from jobs.settings_pages.saving import Editing, edit
from jobs.settings_pages.sharing import meanwhile_of

Rules = list[dict[str, Any]]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_operations
def change_routes(request: HttpRequest) -> HttpResponse:
    """Show the rules, and change their draft; "Put in force" saves it."""
    now = versions.settings_in_force()
    meanwhile = meanwhile_of(request)
    draft = DraftForm(request.POST or None, in_force=now, meanwhile=meanwhile)
    rule = RuleForm(request.POST if "add" in request.POST else None, lanes=list(now.lanes))
    rules = draft.rules
    if request.method == "POST" and "try" not in request.POST:
        require_admin(request)
        rules = _changed(request, rules, rule=rule)
        if rule.is_bound and not rule.errors:
            rule = RuleForm(None, lanes=list(now.lanes))
    if rules != draft.rules:
        draft = draft.with_rules(rules)
    in_force = [each.as_setting() for each in now.routes]
    context = {
        "is_draft": rules != in_force,
        "rule": rule,
        **_tried(request, read_rules(rules)),
    }
    editing = Editing(
        template="jobs/settings/routes.html",
        form=draft,
        meanwhile=meanwhile,
        back=reverse("jobs:settings-routes"),
        context=context,
    )
    return edit(request, editing)


def _changed(request: HttpRequest, rules: Rules, *, rule: RuleForm) -> Rules:
    """Return the rules after what the person clicked: move one, take one away, add one."""
    if "add" in request.POST:
        return _with(rules, rule) if rule.is_valid() else rules
    for click, step in (("up", -1), ("down", 1)):
        if (place := _place(request, click, rules)) is not None:
            return _moved(rules, place, step)
    if (place := _place(request, "delete", rules)) is not None:
        return rules[:place] + rules[place + 1 :]
    return rules


def _place(request: HttpRequest, click: str, rules: Rules) -> int | None:
    given = request.POST.get(click, "")
    return int(given) - 1 if given.isascii() and given.isdigit() and 1 <= int(given) <= len(rules) else None


def _moved(rules: Rules, place: int, step: int) -> Rules:
    """Let the rule change places with the next one of its kind: others make no difference to it."""
    kind, other = rules[place]["kind"], place + step
    while 0 <= other < len(rules) and rules[other]["kind"] != kind:
        other += step
    if not 0 <= other < len(rules):
        return rules
    moved = list(rules)
    moved[place], moved[other] = moved[other], moved[place]
    return moved


def _with(rules: Rules, form: RuleForm) -> Rules:
    """Put the new rule above the one that takes every job of its kind."""
    try:
        added = form.rule()
    except WrongSetting as error:
        form.add_error(None, error.hint)
        return rules
    kinds_last = [
        place
        for place, rule in enumerate(read_rules(rules))
        if rule.kind == added["kind"] and rule.is_for_all
    ]
    place = kinds_last[0] if kinds_last else len(rules)
    return [*rules[:place], added, *rules[place:]]


def _tried(request: HttpRequest, rules: list[Rule]) -> dict[str, Any]:
    example = ExampleForm(request.POST if "try" in request.POST else None)
    tried: dict[str, Any] = {
        "rules": _placed(rules),
        "covered": covered_rules(rules),
        "example": example,
    }
    if example.is_bound and example.is_valid():
        try:
            tried["taken_by"] = first_rule(rules, example.example())
        except NoRoute as error:
            tried["untaken"] = str(error)
    return tried


def _placed(rules: list[Rule]) -> list[tuple[Rule, bool, bool]]:
    """Return each rule with whether another one of its kind is above it, and below."""
    return [
        (
            rule,
            any(other.kind == rule.kind for other in rules[: rule.place - 1]),
            any(other.kind == rule.kind for other in rules[rule.place :]),
        )
        for rule in rules
    ]
