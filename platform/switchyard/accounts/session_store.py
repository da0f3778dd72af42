"""Sessions in the database, as Django keeps them, read by a statement that is composed and planned once."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from jobs.postgres import prepared

SESSION = """
SELECT session_key, session_data, expire_date FROM django_session
WHERE session_key = %(key)s AND expire_date > %(now)s
"""


class SessionStore(db.SessionStore):
    """Django's own: each request reads one, and most read nothing else but who is signed in."""

    def _get_session_from_db(self) -> Session | None:
        found = prepared.read(SESSION, {"key": self.session_key, "now": timezone.now()})
        if found:
            return Session(**found[0])
        self._session_key = None
        return None
