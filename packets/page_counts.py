"""How many pages documents have: noted when a packet opens them, so that the next one tells its size."""

from collections.abc import Collection, Mapping

from packets.models import PageCount


def note_pages(school_id: int, pages: Mapping[int, int]) -> None:
    """Keep the number of `pages`, by document; what was noted before stays."""
    PageCount.objects.bulk_create(
        [
            PageCount(school_id=school_id, document_id=document_id, pages=count)
            for document_id, count in sorted(pages.items())  # in one order, so that nobody waits in a circle
        ],
        ignore_conflicts=True,
    )


def expected_pages(school_id: int, document_ids: Collection[int]) -> int | None:
    """Return how many pages the documents have together; None when none of them was ever opened.

    One that was not opened yet counts as the average of the others.
    """
    counted = PageCount.objects.filter(school_id=school_id, document_id__in=document_ids)
    known = list(counted.values_list("pages", flat=True))
    return round(sum(known) / len(known) * len(document_ids)) if known else None
