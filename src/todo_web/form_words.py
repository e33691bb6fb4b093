"""
What pages say without script, in each language that they are written in.

With script the page says it itself: its words are in ``frontend/src/words``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from attrs import frozen

_LONG_WAIT = 90
"""Seconds from which on minutes are said."""


@frozen
class FormWords:
    """
    The texts in one language.

    Args:
        error: stands before the title of a page that tells of one.
        problems: by the slug of a problem; whatever is not there, ``failed`` tells.
        another: said behind that a link is dead where the page can have another one mailed.
        wait: said when the limit is used up, with the number of seconds or minutes.
        done: what was done, by the name of its form.
        required: a field was left empty.
        fields: what is wrong with a field, by its name.
        passwords: what is wrong with a password, by what the core says of it.
    """

    error: str
    failed: str
    problems: Mapping[str, str]
    another: str
    wait: Callable[[int, bool], str]
    done: Mapping[str, str]
    required: str
    fields: Mapping[str, str]
    passwords: Mapping[str, str]

    def of_problem(self, slug: str, *, retry_after: int | None = None) -> str:
        """
        Return what to say of a problem.
        """
        if slug == "too-many-requests" and retry_after is not None:
            long = retry_after >= _LONG_WAIT
            return self.wait(math.ceil(retry_after / 60) if long else retry_after, long)
        return self.problems.get(slug, self.failed)

    def of_fault(self, name: str, detail: str) -> str:
        """
        Return what to say of a field *name* of which the service says *detail*.
        """
        if detail == "Required":
            return self.required
        if name.endswith("password"):
            return self._of_password(detail)
        return self.fields.get(name, f"{name}: {detail}")

    def _of_password(self, detail: str) -> str:
        for pattern, said in self.passwords.items():
            if found := re.search(pattern, detail):
                return said.format(*found.groups())
        return detail


_TOO_SHORT = r"at least (\d+) characters"
_NAMED = "must not be the e-mail address"
_COMMON = "among the most common"
_LEAKED = "known from a data leak"
_TOO_LONG = "at most|<="

_ENGLISH = FormWords(
    error="Error",
    failed="That did not work. Nothing was changed; please try again.",
    problems={
        "invalid-input": "Something is missing or not right. It is marked below.",
        "invalid-token": "This link does not work any more: it was used, has expired, or a newer one was sent.",
        "wrong-credentials": "Address and password do not belong together. If you forgot your password, have a link"
        " mailed with which you choose a new one.",
        "email-not-verified": "Your address has to be verified first. Follow the link in the mail that we sent you, or"
        " have another one mailed here.",
        "unauthenticated": "You are not logged in.",
        "cross-origin": "Your browser does not say that this form was sent by our own page, so nothing was done. Send"
        " it from here.",
    },
    another="Have another one mailed here.",
    wait=lambda number, minutes: f"Too many tries. Try again in {number} {'minutes' if minutes else 'seconds'}.",
    done={
        "reset-password": "Your new password counts from now on. You have been logged out everywhere; log in with it.",
        "verify-email": "Your address is verified. You can log in now.",
        "confirm-email": "Your account has its new address. The old one was told, and can take the change back.",
        "undo-email-change": "Your account has its old address again. A link to choose a new password is on its way"
        " there.",
        "undo-deletion": "Your account stays. You can log in now.",
        "log-out": "You are logged out.",
    },
    required="This is needed.",
    fields={
        "email": "This is not an e-mail address. It looks like name@example.org.",
        "display_name": "This name is too long.",
    },
    passwords={},
)

_GERMAN = FormWords(
    error="Fehler",
    failed="Das hat nicht geklappt. Es wurde nichts geändert; versuch es bitte noch einmal.",
    problems={
        "invalid-input": "Etwas fehlt oder stimmt nicht. Es ist unten markiert.",
        "invalid-token": "Dieser Link gilt nicht mehr: Er wurde benutzt, ist abgelaufen, oder ein neuerer wurde"
        " geschickt.",
        "wrong-credentials": "Adresse und Passwort gehören nicht zusammen. Wenn du dein Passwort vergessen hast, lass"
        " dir einen Link schicken, mit dem du ein neues wählst.",
        "email-not-verified": "Deine Adresse muss erst bestätigt werden. Folge dem Link in unserer Mail, oder lass dir"
        " hier einen neuen schicken.",
        "unauthenticated": "Du bist nicht angemeldet.",
        "cross-origin": "Dein Browser sagt nicht, dass unsere eigene Seite dieses Formular geschickt hat, darum wurde"
        " nichts getan. Schick es von hier ab.",
    },
    another="Lass dir hier einen neuen schicken.",
    wait=lambda number, minutes: (
        f"Zu viele Versuche. Versuch es in {number} {'Minuten' if minutes else 'Sekunden'} noch einmal."
    ),
    done={
        "reset-password": "Ab jetzt gilt dein neues Passwort. Du wurdest überall abgemeldet; melde dich damit an.",
        "verify-email": "Deine Adresse ist bestätigt. Du kannst dich jetzt anmelden.",
        "confirm-email": "Dein Konto hat seine neue Adresse. Die alte weiß es und kann die Änderung zurücknehmen.",
        "undo-email-change": "Dein Konto hat wieder seine alte Adresse. Dorthin ist ein Link unterwegs, mit dem du ein"
        " neues Passwort wählst.",
        "undo-deletion": "Dein Konto bleibt. Du kannst dich jetzt anmelden.",
        "log-out": "Du bist abgemeldet.",
    },
    required="Das wird gebraucht.",
    fields={
        "email": "Das ist keine E-Mail-Adresse. Sie sieht aus wie name@example.org.",
        "display_name": "Dieser Name ist zu lang.",
    },
    passwords={
        _TOO_SHORT: "Ein Passwort braucht mindestens {0} Zeichen.",
        _NAMED: "Ein Passwort darf nicht die E-Mail-Adresse oder der Name dieses Dienstes sein, was auch immer darum"
        " herum steht.",
        _COMMON: "Dieses Passwort gehört zu den häufigsten, und die werden zuerst probiert.",
        _LEAKED: "Dieses Passwort ist aus einem Datenleck bekannt, und solche werden zuerst probiert.",
        _TOO_LONG: "Dieses Passwort ist zu lang.",
    },
)

_SPANISH = FormWords(
    error="Error",
    failed="No ha funcionado. No se ha cambiado nada; inténtalo de nuevo.",
    problems={
        "invalid-input": "Falta algo o algo no es correcto. Está marcado abajo.",
        "invalid-token": "Este enlace ya no funciona: se ha usado, ha caducado o se ha enviado otro más nuevo.",
        "wrong-credentials": "La dirección y la contraseña no van juntas. Si has olvidado tu contraseña, pide un enlace"
        " con el que elegir una nueva.",
        "email-not-verified": "Primero hay que verificar tu dirección. Sigue el enlace del correo que te enviamos, o"
        " pide aquí otro.",
        "unauthenticated": "No has iniciado sesión.",
        "cross-origin": "Tu navegador no dice que este formulario lo haya enviado nuestra propia página, así que no se"
        " ha hecho nada. Envíalo desde aquí.",
    },
    another="Pide aquí otro.",
    wait=lambda number, minutes: (
        f"Demasiados intentos. Inténtalo de nuevo en {number} {'minutos' if minutes else 'segundos'}."
    ),
    done={
        "reset-password": "Tu contraseña nueva vale desde ahora. Se han cerrado todas tus sesiones; inicia sesión con"
        " ella.",
        "verify-email": "Tu dirección está verificada. Ya puedes iniciar sesión.",
        "confirm-email": "Tu cuenta tiene su dirección nueva. Hemos avisado a la antigua, que puede deshacer el"
        " cambio.",
        "undo-email-change": "Tu cuenta vuelve a tener su dirección antigua. Allí te llegará un enlace para elegir una"
        " contraseña nueva.",
        "undo-deletion": "Tu cuenta se queda. Ya puedes iniciar sesión.",
        "log-out": "Has cerrado la sesión.",
    },
    required="Esto hace falta.",
    fields={
        "email": "Esto no es una dirección de correo. Tiene la forma nombre@example.org.",
        "display_name": "Este nombre es demasiado largo.",
    },
    passwords={
        _TOO_SHORT: "Una contraseña necesita al menos {0} caracteres.",
        _NAMED: "Una contraseña no puede ser la dirección de correo ni el nombre de este servicio, se ponga lo que se"
        " ponga alrededor.",
        _COMMON: "Esta contraseña está entre las más comunes, que son las primeras que se prueban.",
        _LEAKED: "Esta contraseña se conoce por una filtración de datos, y esas son las primeras que se prueban.",
        _TOO_LONG: "Esta contraseña es demasiado larga.",
    },
)

WORDS: Mapping[str, FormWords] = {"en": _ENGLISH, "de": _GERMAN, "es": _SPANISH}
