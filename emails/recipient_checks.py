"""What the pre-flight finds about the recipients of a mailing and what would be written to them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from emails import formatting, merging, sparing
from emails.findings import Choice, Finding, block, fine, tell, warn
from emails.models import Mailing, SuppressionReason
from emails.reaching import Reach
from emails.settings import mail_settings
from emails.templating import CannotFill, WrongTemplate
from emails.unusable import Why
from jobs.directory import Student

ADDRESSES = gettext_lazy("Addresses")
FIELDS = gettext_lazy("Merge fields")
OPTED_OUT = gettext_lazy("Suppression list")
SUBJECT = gettext_lazy("Subject")
LATELY = gettext_lazy("Mailed lately")
WHY_LEFT_OUT = {
    SuppressionReason.UNSUBSCRIBED: gettext_lazy("unsubscribed"),
    SuppressionReason.BOUNCED: gettext_lazy("had mail that came back"),
    SuppressionReason.COMPLAINED: gettext_lazy("called a mailing spam"),
    SuppressionReason.STAFF: gettext_lazy("put on the list by staff"),
}
WHY_UNUSABLE = {
    Why.ADDRESS: gettext_lazy("their address cannot be used for mail"),
    Why.NAME: gettext_lazy("there is a line break or another control character in their name"),
}


def check_text(mailing: Mailing, reach: Reach) -> Iterator[Finding]:
    """Say whether a mail can be made of the text, and who has no value for what stands in it."""
    try:
        subject = merging.read(mailing.subject)
        body = formatting.body(mailing.body, written_as=mailing.body_format)
    except WrongTemplate as error:
        yield block(FIELDS, _("No mail can be made of the text. {error}").format(error=error))
        return
    yield from _without_subject(mailing, reach, subject=subject)
    needed = sorted(subject.needed | body.needed)
    gaps = list(_gaps(reach.recipients, needed, school_name=mailing.school.name))
    if gaps:
        says = _(
            "{counted} would get a mail with a gap, because a value is missing. Upload the "
            'missing values, or write what stands there instead: {{{{ major | default: "your subject" }}}}.'
        ).format(counted=counted(len(gaps)))
        yield warn(FIELDS, says, concerned=gaps)
    elif needed:
        yield fine(FIELDS, _("Every recipient has a value for {names}.").format(names=", ".join(needed)))


def check_addresses(reach: Reach) -> Iterator[Finding]:
    """Say who shares an address, who has none, and whose is none that mail can be sent to."""
    if not reach.addressed:
        yield block(
            _("Recipients"),
            _(
                "No student with an address matches this choice, so there is nobody to send to. "
                "Please change the recipients."
            ),
        )
        return
    findings = [*_doubled(reach), *_without_address(reach), *_invalid(reach)]
    yield from findings or [
        fine(ADDRESSES, _("Every recipient has an address of their own that can be used."))
    ]


def check_suppressed(reach: Reach) -> Iterator[Finding]:
    """Say who gets no mailings of the school; that is as it should be, unless nobody is left."""
    if not reach.left_out:
        yield fine(OPTED_OUT, _("None of the recipients has opted out or is on the suppression list."))
        return
    counts = Counter(reach.listed.values())
    told = "; ".join(
        f"{counts[reason]:,} {words}" for reason, words in WHY_LEFT_OUT.items() if counts[reason]
    )
    concerned = [who(student) for student in reach.left_out]
    if not reach.reachable:
        says = (
            _("All recipients are on the suppression list or have an address that cannot be used ({told}).")
            if reach.unreachable
            else _("All recipients are on the suppression list ({told}).")
        ).format(told=told)
        yield block(OPTED_OUT, says, concerned=concerned)
    else:
        says = _("{counted} will be left out: {told}.").format(counted=counted(len(concerned)), told=told)
        yield tell(OPTED_OUT, says, concerned=concerned)


def check_lately(mailing: Mailing, reach: Reach, *, now: datetime) -> Iterator[Finding]:
    """Say who had another mailing of the school lately, and whether they are left out of this one."""
    if not mailing.spares_lately:
        addresses = [student.email for student in reach.recipients]
        had_mail = sparing.had_mail_lately(mailing, addresses=addresses, now=now)
        if found := [who(student) for student in reach.recipients if student.email in had_mail]:
            says = _("{number:,} of them had a mailing of your school in {span}.").format(
                number=len(found), span=sparing.span_words()
            )
            yield warn(LATELY, says, concerned=found, choice=Choice.SPARE)
        return
    concerned = [who(student) for student in reach.spared]
    if concerned and len(concerned) == len(reach.reachable):
        says = _("All of them had a mailing of your school in {span} and would be left out.").format(
            span=sparing.span_words()
        )
        yield block(LATELY, says, concerned=concerned, choice=Choice.WRITE)
    elif concerned:
        says = _("{counted} will be left out: they had a mailing in {span}.").format(
            counted=counted(len(concerned)), span=sparing.span_words()
        )
        yield tell(LATELY, says, concerned=concerned, choice=Choice.WRITE)
    elif reach.recipients and mail_settings().again_hours:
        yield fine(
            LATELY,
            _("None of them had a mailing of your school in {span}.").format(span=sparing.span_words()),
        )


def _without_subject(mailing: Mailing, reach: Reach, *, subject: merging.Template) -> Iterator[Finding]:
    """Say for whom nothing is left of the subject; where it has words of its own nobody is looked at."""
    school_name = mailing.school.name
    if "{%" not in mailing.subject and _is_filled(subject, dict.fromkeys(merging.FIELDS, "")):
        return
    concerned = [
        who(student)
        for student in reach.recipients
        if not _is_filled(subject, merging.values_of(student, school_name=school_name))
    ]
    if concerned:
        says = _(
            "{counted} would get a mail without a subject, because a value is missing. "
            "Write words of your own beside it, or what stands there instead: "
            '{{{{ major | default: "Fair" }}}}.'
        ).format(counted=counted(len(concerned)))
        yield block(SUBJECT, says, concerned=concerned)


def _is_filled(subject: merging.Template, values: Mapping[str, str]) -> bool:
    try:
        return bool(subject.fill(values).strip())
    except CannotFill:
        return False


def _gaps(students: Iterable[Student], needed: Sequence[str], *, school_name: str) -> Iterator[str]:
    for student in students:
        values = merging.values_of(student, school_name=school_name)
        if missing := [name for name in needed if not values[name]]:
            yield _("{who}: no {names}").format(who=who(student), names=", ".join(missing))


def _doubled(reach: Reach) -> Iterator[Finding]:
    by_address: defaultdict[str, list[Student]] = defaultdict(list)
    for student in reach.matching:
        if student.email:
            by_address[student.email.lower()].append(student)
    written_to = {student.email.lower() for student in reach.recipients}
    shared = [each for address, each in by_address.items() if len(each) > 1 and address in written_to]
    if shared:
        concerned = [f"{students[0].email}: {', '.join(one.name for one in students)}" for students in shared]
        many = sum(map(len, shared)) - len(shared)
        says = _(
            "Some students share an address. It gets one mail: {counted} will get none of their own."
        ).format(counted=counted(many))
        yield warn(ADDRESSES, says, concerned=concerned)


def _without_address(reach: Reach) -> Iterator[Finding]:
    if without := [student.name for student in reach.matching if not student.email]:
        says = ngettext(
            "{counted} matches but has no address.", "{counted} match but have no address.", len(without)
        )
        yield warn(ADDRESSES, says.format(counted=counted(len(without))), concerned=without)


def _invalid(reach: Reach) -> Iterator[Finding]:
    wrong = [who(student) for student in reach.unreachable]
    if not wrong:
        return
    if len(wrong) == len(reach.addressed):
        yield block(ADDRESSES, _("None of the addresses and names can be used for mail."), concerned=wrong)
    else:
        for why, words in WHY_UNUSABLE.items():
            if some := [who(each) for each in reach.unreachable if reach.unusable[each.email] == why]:
                yield warn(
                    ADDRESSES,
                    _("{counted} will get nothing: {words}.").format(counted=counted(len(some)), words=words),
                    concerned=some,
                )


def who(student: Student) -> str:
    """Return what lists of people concerned call `student`."""
    return f"{student.name} <{student.email}>"


def counted(count: int) -> str:
    """Return so many students in words."""
    return ngettext("{count:,} student", "{count:,} students", count).format(count=count)
