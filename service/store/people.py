"""People who sign in, and their sessions, in the database."""

from peewee import Database

from service.audit.rows import SessionRow, UserRow
from service.store.statements import insert, run, select, upsert

USER = select(UserRow, 'WHERE "id" = ?')
USER_NAMED = select(UserRow, 'WHERE "name" = ?')
USER_OF_SUBJECT = select(UserRow, 'WHERE "subject" = ?')
USERS = select(UserRow, 'WHERE "name" > ? ORDER BY "name" LIMIT ?')
SESSION = select(SessionRow, 'WHERE "id" = ?')
SAVE_USER = upsert(UserRow, ("id",))
ADD_SESSION = insert(SessionRow)
SEE_SESSION = 'UPDATE "sessions" SET "seen_at" = ? WHERE "id" = ?'
END_SESSION = 'DELETE FROM "sessions" WHERE "id" = ?'
END_SESSIONS = 'DELETE FROM "sessions" WHERE "user_id" = ?'
DROP_SESSIONS = 'DELETE FROM "sessions" WHERE "seen_at" < ? OR "created_at" < ?'


class PeopleReads:
    """What can be read of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def user(self, user_id: str) -> UserRow | None:
        """One user."""
        return self._user(USER, user_id)

    def user_named(self, name: str) -> UserRow | None:
        """The user who signs in by a name."""
        return self._user(USER_NAMED, name)

    def user_of(self, subject: str) -> UserRow | None:
        """The user whom an identity provider knows by a subject."""
        return self._user(USER_OF_SUBJECT, subject)

    def users(self, after: str, limit: int) -> list[UserRow]:
        """Users by name, after one."""
        return [UserRow._make(row) for row in run(self._database, USERS, (after, limit))]

    def session(self, session_id: str) -> SessionRow | None:
        """One session."""
        row = run(self._database, SESSION, (session_id,)).fetchone()
        return SessionRow._make(row) if row else None

    def _user(self, sql: str, value: str) -> UserRow | None:
        row = run(self._database, sql, (value,)).fetchone()
        return UserRow._make(row) if row else None


class People(PeopleReads):
    """What can be done with them."""

    def save_user(self, user: UserRow) -> None:
        """Add a user, or change one."""
        run(self._database, SAVE_USER, user)

    def add_session(self, session: SessionRow) -> None:
        """Begin a session."""
        run(self._database, ADD_SESSION, session)

    def see_session(self, session_id: str, at: int) -> None:
        """Note when a session was last used."""
        run(self._database, SEE_SESSION, (at, session_id))

    def end_session(self, session_id: str) -> None:
        """End one session."""
        run(self._database, END_SESSION, (session_id,))

    def end_sessions(self, user_id: str) -> None:
        """End every session of a user."""
        run(self._database, END_SESSIONS, (user_id,))

    def drop_sessions(self, seen_before: int, made_before: int) -> None:
        """Drop sessions that were not used, or not begun, since an instant."""
        run(self._database, DROP_SESSIONS, (seen_before, made_before))
