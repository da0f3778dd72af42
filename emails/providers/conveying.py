"""Conveying by a provider: the mails of one part in few calls.

As with the relay, a row is taken before the first byte of its mail leaves, and settled by the provider's
word. A call stands for all of its rows: one that is lost leaves every one of them in doubt.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails import composing, suppressing, unsubscribing
from emails.composing import Letter
from emails.linking import FileLinks
from emails.models import Recipient
from emails.owning import NoOwnFile, OwnFiles
from emails.providers import writing
from emails.providers.answers import Fate, Verdict
from emails.providers.calling import CallImpossible, CallLost, CallRefused, SlowDown, Unreachable, post
from emails.providers.catalogue import Provider
from emails.providers.writing import Enclosures, Written
from emails.return_paths import mark_of
from emails.sizes import encoded
from emails.smtp.tails import AttachmentChanged
from jobs.breakers import Visit
from jobs.models import School, StoredFile
from jobs.retries import NotNow, TemporaryFailure

DOUBTFUL = gettext_lazy("The mail may or may not have arrived.")
TRIAL_RECIPIENTS = 10
"""The most of the first call after a failure: so few are in doubt if it is lost too."""


@dataclass(kw_only=True)
class Conveyance:
    """The mails of one part on their way."""

    school: School
    provider: Provider
    visit: Visit
    letter: Letter
    enclosures: Enclosures
    links: FileLinks | None = None
    """Where the files are fetched; None when they are attached."""
    own: OwnFiles | None = None
    """Files of each recipient's own; None when the mailing has none. Then each mail has its own call."""
    check: Callable[[], None]
    """Raises when the part shall stop; asked before each mail is written and before each call."""
    report: Callable[[int, int], None]
    """Told how many are done and how many failed, after each call."""
    done: int
    failed: int
    _recipients: dict[str, Recipient] = field(default_factory=dict)
    """Those that are being written to, by the mark of their mail."""

    def convey(self, recipients: Iterable[Recipient]) -> None:
        """Hand over the mail of each recipient and note what became of it.

        Raises:
            TemporaryFailure: the provider is away, or lost a call; the rest still waits.
            NotNow: it wants no more calls until then; the rest still waits.
        """
        written = self._mails(recipients)
        trial = islice(written, TRIAL_RECIPIENTS if self.visit.follows_failure() else 0)
        for mails in chain(self._cut(trial), self._cut(written)):
            self._call(mails)

    def _cut(self, written: Iterable[Written]) -> Iterator[list[Written]]:
        provider = replace(self.provider, most_recipients=1) if self.own else self.provider
        return writing.cut(written, provider=provider, files_bytes=self.enclosures.size)

    def _mails(self, recipients: Iterable[Recipient]) -> Iterator[Written]:
        """Write one after the other; who can get none is settled at once."""
        for recipient in recipients:
            self.check()
            try:
                mail = self._written(recipient)
                own_bytes = encoded(sum(file.size for file in self._own(recipient)))
                writing.admit(mail.size + self.enclosures.size + own_bytes, provider=self.provider)
            except (composing.CannotCompose, writing.TooLarge, NoOwnFile) as error:
                self.failed += recipient.turn_down(words=str(error))
                continue
            self._recipients[mail.mark] = recipient
            yield mail

    def _written(self, recipient: Recipient) -> Written:
        return writing.write(
            self.letter,
            name=recipient.name,
            address=recipient.address,
            values=recipient.merge_values,
            unsubscribe_link=unsubscribing.link_for(recipient.pk),
            files=self.links.of(recipient.pk) if self.links else (),
            mark=mark_of(recipient.pk),
        )

    def _call(self, mails: list[Written]) -> None:
        """Hand over `mails` in one call, in several when the provider refuses them together."""
        self.check()
        try:
            enclosures = self._enclosures(mails)
        except AttachmentChanged as error:  # of the one student whose own files they are
            self.failed += self._recipients.pop(mails[0].mark).turn_down(words=str(error))
            return
        taken = [mail for mail in mails if self._take(mail)]
        if not taken:
            return
        try:
            with self.visit.asking():
                verdicts = post(
                    taken,
                    provider=self.provider,
                    letter=self.letter,
                    enclosures=enclosures,
                    now=timezone.now(),
                )
        except CallRefused as error:
            if not isinstance(error, CallImpossible):
                self.visit.worked()
            self._refuse(taken, words=str(error))
        except (SlowDown, Unreachable) as error:
            self._put_back(taken, words=str(error))
            self._wait(error)
        except CallLost as error:
            self._lose(taken, error)
        else:
            for mail, verdict in zip(taken, verdicts, strict=True):
                self._settle(self._recipients.pop(mail.mark), verdict)
            self.visit.worked()
        self.report(self.done, self.failed)

    def _take(self, mail: Written) -> bool:
        recipient = self._recipients[mail.mark]
        if recipient.take():
            return True
        # Another worker has it, or it was suppressed a moment ago.
        row = Recipient.objects.filter(pk=recipient.pk)
        self.done += suppressing.leave_out(row, school=self.school)
        return False

    def _own(self, recipient: Recipient) -> Sequence[StoredFile]:
        return self.own.of(recipient.student_id) if self.own else ()

    def _enclosures(self, mails: Sequence[Written]) -> Enclosures:
        """Return the files of a call: with own ones it has one mail."""
        if self.own is None:
            return self.enclosures
        own = Enclosures.of(self._own(self._recipients[mails[0].mark]))
        return Enclosures(files=[*self.enclosures.files, *own.files])

    def _settle(self, recipient: Recipient, verdict: Verdict) -> None:
        words = verdict.words
        if verdict.fate == Fate.ACCEPTED:
            self.done += recipient.accept(now=timezone.now(), words=words)
        elif verdict.fate == Fate.REFUSED:
            self.failed += recipient.refuse(words=words)
        elif verdict.fate == Fate.DEFERRED:
            recipient.put_back(words=words)
        else:
            self.failed += recipient.doubt(words=words)

    def _refuse(self, mails: list[Written], *, words: str) -> None:
        """Refuse the one mail; of several ask for each half, until it is known whose fault it is."""
        if len(mails) == 1:
            self.failed += self._recipients.pop(mails[0].mark).refuse(words=words)
            return
        self._put_back(mails, words=words)
        half = len(mails) // 2
        self._call(mails[:half])
        self._call(mails[half:])

    def _put_back(self, mails: list[Written], *, words: str) -> None:
        for mail in mails:
            self._recipients[mail.mark].put_back(words=words)

    def _wait(self, error: SlowDown | Unreachable) -> None:
        if error.is_its_fault:
            self.visit.failed(str(error), now=timezone.now())
        else:
            self.visit.worked()
        if isinstance(error, SlowDown):
            until = timezone.localtime(error.until, self.school.zone)
            says = _("{error} The rest is sent from {until:%H:%M:%S} on.").format(error=error, until=until)
            raise NotNow(says, until=error.until) from error
        raise TemporaryFailure(str(error)) from error

    def _lose(self, mails: list[Written], error: CallLost) -> None:
        """Leave all of them in doubt, and let the rest wait: the next call may be lost too."""
        for mail in mails:
            self.failed += self._recipients.pop(mail.mark).doubt(words=f"{error} {DOUBTFUL}")
        self.report(self.done, self.failed)
        self.visit.failed(str(error), now=timezone.now())
        raise TemporaryFailure(str(error)) from error
