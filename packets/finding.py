"""Which students the form of a packet offers: those of a filter or of a pasted list, as its page was sent."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from django.http import QueryDict
from django.utils.translation import gettext as _

from jobs.student_forms import StudentFilterForm
from packets import queries

LIST, ALL = "list", "all"
"""How the page says that it shows a list, and that everybody is asked for."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was looked for."""

    school_id: int
    filter: StudentFilterForm
    text: str = ""
    """The pasted list, also where it does not count."""
    is_list: bool = False

    @classmethod
    def of_address(cls, query: QueryDict, *, school_id: int) -> Self:
        """Return what the address of the page asks for."""
        return cls(school_id=school_id, filter=StudentFilterForm(query, school_id=school_id))

    @classmethod
    def shown(cls, sent: QueryDict, *, address: QueryDict, school_id: int) -> Self:
        """Return what the page that was sent showed."""
        found = sent.get("found")
        shown = QueryDict(found) if found not in {None, LIST} else QueryDict() if found else address
        chosen = StudentFilterForm(shown, school_id=school_id)
        return cls(school_id=school_id, filter=chosen, text=sent.get("listed", ""), is_list=found == LIST)

    @classmethod
    def wanted(cls, sent: QueryDict, *, school_id: int) -> Self:
        """Return what is looked for now: by the fields of the filter, by the list, or everybody."""
        how = sent["find"]
        chosen = StudentFilterForm(QueryDict() if how in {LIST, ALL} else sent, school_id=school_id)
        return cls(school_id=school_id, filter=chosen, text=sent.get("listed", ""), is_list=how == LIST)

    @property
    def found(self) -> str:
        """How the page says what it shows."""
        return LIST if self.is_list else self.filter.query

    @property
    def words(self) -> str:
        """What is looked for by a filter, as it stands behind 'No student fits'."""
        chosen = self.filter.chosen
        phrases = [
            (chosen.search, _("“{search}”")),
            (chosen.major, _("in {major}")),
            (chosen.graduation_year, _("graduating in {graduation_year}")),
            (chosen.vacancy, _("who applied to {vacancy}")),
        ]
        return " ".join(phrase for value, phrase in phrases if value).format_map(vars(chosen))

    def is_like(self, other: "Finding") -> bool:
        """Say whether both look for the same by a filter."""
        return not (self.is_list or other.is_list) and self.filter.chosen == other.filter.chosen

    def matches(self, *, ticked: Collection[str] | None) -> queries.Matches:
        """Return whom it finds; all are ticked when `ticked` is None."""
        if self.is_list:
            return queries.listed(school_id=self.school_id, text=self.text, ticked=ticked)
        return queries.matches(school_id=self.school_id, chosen=self.filter.chosen, ticked=ticked)
