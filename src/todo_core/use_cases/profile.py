"""
The profile: what a person is called, reads, and lives by.
"""

from __future__ import annotations

from attrs import evolve, frozen

from todo_core.errors import Unauthenticated
from todo_core.model.profile import DEFAULT_TIMEZONE, ProfileChanges, known_locale, known_timezone
from todo_core.model.session import Caller
from todo_core.model.user import User
from todo_core.ports import MessageRenderer, UnitOfWork


@frozen
class ChangeProfile:
    """
    Change of a profile what is said, and nothing else; the languages are those that we can write mail in.
    """

    renderer: MessageRenderer
    unit_of_work: UnitOfWork

    async def __call__(self, changes: ProfileChanges, *, caller: Caller) -> User:
        """
        Return the caller as they now stand.

        Raises:
            InvalidInput: the language or the time zone is none that we know.
            Unauthenticated: the account went meanwhile.
        """
        async with self.unit_of_work.begin() as work:
            held = await work.users.hold(caller.user.id)
            if held is None:
                raise Unauthenticated
            changed = self._changed(held, changes)
            await work.users.set_profile(
                held.id, display_name=changed.display_name, locale=changed.locale, timezone=changed.timezone
            )
        return changed

    def _changed(self, user: User, changes: ProfileChanges) -> User:
        changed = evolve(user, display_name=changes.get("display_name", user.display_name))
        if "locale" in changes:
            text = changes["locale"]
            locale = None if text is None else known_locale(text, offered=self.renderer.locales)
            changed = evolve(changed, locale=locale)
        if "timezone" in changes:
            name = changes["timezone"]
            changed = evolve(changed, timezone=DEFAULT_TIMEZONE if name is None else known_timezone(name))
        return changed
