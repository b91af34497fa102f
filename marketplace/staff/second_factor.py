"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes that replace it.

The secret is encrypted like other personal fields. A code is taken once: never again in its step of
30 seconds, nor any of an earlier step, so somebody who looks over a shoulder gains nothing. Wrong
codes are counted for the account from everywhere: only who gave its password gets here, so no
stranger can lock its owner out, and who has stolen the password cannot guess on from other lines.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import math
import secrets
from enum import StrEnum

import pyotp
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.audit import Actor, ActorKind, note
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.kernel.ids import CODE_SYMBOLS
from marketplace.kernel.messages import Message
from marketplace.kernel.typed import code as typed_code
from marketplace.staff import sessions
from marketplace.staff.models import RecoveryCode, User
from marketplace.staff.roles import needs_second_factor
from marketplace.staff.service import NOT_THE_PASSWORD, matches

STEP_SECONDS = 30
DRIFT = (0, -1, 1)
"""Steps that the clock of a telephone may be off, the likeliest first."""
RECOVERY_CODES, RECOVERY_LENGTH = 10, 20
"""How many are made, and of how many of the 17 unambiguous symbols: 81 bits each."""
GROUP = 4
DIGITS = 6
"""Of a code."""
WRONG_CODE = Message(
    "验证码不对，或已经用过。请等手机上换了新的 %(digits)s 位数字，再写一次", digits=DIGITS
)
MOST_WRONG, WINDOW = 20, dt.timedelta(hours=1)
"""Wrong codes of one account within a window, after which the second step waits for its end."""


class StepStopped(DomainError):
    """Too many codes of the account were wrong; ``extra['retry_after']`` is in seconds."""

    code = "second_step_stopped"
    http_status = 429
    message = (
        "这个账号的验证码错得太多，两步登录先停了。请过 %(minutes)s 分钟再试，或打电话给我们重设。"
        "要是错的不是您，别人知道了您的密码，请尽快改"
    )


class Given(StrEnum):
    """What somebody proved the second factor with."""

    APP = "app"
    RECOVERY = "recovery"


def locked(session: Session, user_id: int) -> User:
    """Return an account with its row locked."""
    return session.scalars(
        sa.select(User)
        .where(User.id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def prepare(user: User) -> None:
    """Give an account a new secret to be proved: nobody has seen it before."""
    user.totp_pending = pyotp.random_base32()


def address_of(user: User, *, issuer: str) -> str:
    """Return the ``otpauth`` address of the secret that waits to be proved."""
    return pyotp.TOTP(user.totp_pending or "", digits=DIGITS).provisioning_uri(
        name=user.login, issuer_name=issuer
    )


def enrol(session: Session, *, user_id: int, typed: str, keep: int, now: dt.datetime) -> list[str]:
    """Make the waiting secret the account's own, proved by a code; returns its recovery codes.

    Every session of the account ends but the one to ``keep``, in which it was proved.

    Raises:
        Invalid: the code is wrong, or no secret waits: it was proved a moment ago.
    """
    user = locked(session, user_id)
    step = _step_of(user.totp_pending, typed, now)
    if user.totp_pending is None or step is None:
        raise Invalid({"code": WRONG_CODE})
    renewed = user.totp_secret is not None
    user.totp_secret, user.totp_pending, user.totp_step = user.totp_pending, None, step
    sessions.end(session, user_id=user.id, now=now, but=keep)
    _note(session, user, "account.second_factor_set", now, renewed=renewed)
    return _new_codes(session, user)


def prove(session: Session, *, user_id: int, typed: str, now: dt.datetime) -> Given | None:
    """Take a code of the app or a recovery code, once; ``None`` when it is wrong, which is counted.

    Not an error: the transaction that counts has to be kept, with the row locked since the look.

    Raises:
        StepStopped: so many were wrong that none is looked at.
    """
    user = locked(session, user_id)
    until = stopped_until(user.wrong_codes, user.wrong_codes_since, now=now)
    if until is not None:
        wait = math.ceil((until - now).total_seconds())
        raise StepStopped(minutes=-(-wait // 60), extra={"retry_after": wait})
    given = _taken(session, user, typed, now)
    if given is None:
        _count_wrong(session, user, now)
    return given


def _taken(session: Session, user: User, typed: str, now: dt.datetime) -> Given | None:
    step = _step_of(user.totp_secret, typed, now)
    if step is not None and (user.totp_step is None or step > user.totp_step):
        user.totp_step = step
        return Given.APP
    code = session.scalars(
        sa.select(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.digest == _digest(user.id, typed),
            RecoveryCode.used_at.is_(None),
        )
        .with_for_update()
    ).one_or_none()
    if user.totp_secret is None or code is None:
        return None
    code.used_at = now
    _note(session, user, "account.recovery_code_used", now, left=left(session, user.id) - 1)
    return Given.RECOVERY


def _count_wrong(session: Session, user: User, now: dt.datetime) -> None:
    """Count a wrong code; a right one forgives none, or its owner would help who guesses."""
    if user.wrong_codes_since is None or now >= user.wrong_codes_since + WINDOW:
        user.wrong_codes, user.wrong_codes_since = 0, now
    user.wrong_codes += 1
    if user.wrong_codes == MOST_WRONG:
        note(
            session,
            actor=Actor(ActorKind.VISITOR),
            action="account.second_step_stopped",
            subject=("staff_user", user.id),
            now=now,
        )


def stopped_until(wrong: int, since: dt.datetime | None, *, now: dt.datetime) -> dt.datetime | None:
    """Return until when no code of an account is looked at; ``None`` while codes are."""
    if since is None or wrong < MOST_WRONG or now >= since + WINDOW:
        return None
    return since + WINDOW


def left(session: Session, user_id: int) -> int:
    """Return how many recovery codes an account still has."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(RecoveryCode)
            .where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
        )
        or 0
    )


def begin_anew(session: Session, *, user_id: int, password: str, now: dt.datetime) -> None:
    """Let the owner of an account set up another telephone; the old one works until then.

    Raises:
        Invalid: the password is wrong.
    """
    user = _own(session, user_id, password)
    prepare(user)
    _note(session, user, "account.second_factor_begun", now)


def new_codes(session: Session, *, user_id: int, password: str, now: dt.datetime) -> list[str]:
    """Replace the recovery codes of an account; returns the new ones.

    Raises:
        Invalid: the password is wrong, or the account has no second factor.
    """
    user = _own(session, user_id, password)
    if user.totp_secret is None:
        raise Invalid({"password": "先设置好两步登录，才有备用码"})
    _note(session, user, "account.recovery_codes_made", now)
    return _new_codes(session, user)


def give_up(session: Session, *, user_id: int, password: str, now: dt.datetime) -> None:
    """Sign in with the password alone from now on, where the role may.

    Raises:
        Invalid: the password is wrong, or the role must have a second factor.
    """
    user = _own(session, user_id, password)
    if needs_second_factor(user.role):
        raise Invalid({"password": "名录办的账号必须用两步登录，不能关闭"})
    if user.totp_secret is not None:
        clear(session, user)
        _note(session, user, "account.second_factor_off", now)


def clear(session: Session, user: User) -> None:
    """Take the second factor off an account: where it must have one, it is set up anew.

    What was wrong before counts no more.
    """
    user.wrong_codes, user.wrong_codes_since = 0, None
    user.totp_secret = user.totp_pending = user.totp_step = None
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def code_now(secret: str, now: dt.datetime) -> str:
    """Return the code that an app with this secret shows now."""
    return pyotp.TOTP(secret, digits=DIGITS).at(now)


def _own(session: Session, user_id: int, password: str) -> User:
    user = locked(session, user_id)
    if not matches(user.password_hash, password):
        raise Invalid({"password": NOT_THE_PASSWORD})
    return user


def _step_of(secret: str | None, typed: str, now: dt.datetime) -> int | None:
    """Return the step of 30 seconds whose code was typed, within the drift of clocks."""
    digits = typed_code(typed)
    if secret is None or not digits.isascii():
        return None
    totp, present = pyotp.TOTP(secret, digits=DIGITS), int(now.timestamp()) // STEP_SECONDS
    for drift in DRIFT:
        expected = totp.at((present + drift) * STEP_SECONDS)
        if hmac.compare_digest(expected, digits):
            return present + drift
    return None


def _new_codes(session: Session, user: User) -> list[str]:
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    made = [
        "".join(secrets.choice(CODE_SYMBOLS) for _ in range(RECOVERY_LENGTH))
        for _ in range(RECOVERY_CODES)
    ]
    session.add_all(RecoveryCode(user_id=user.id, digest=_digest(user.id, code)) for code in made)
    session.flush()
    return [
        " ".join(code[start : start + GROUP] for start in range(0, RECOVERY_LENGTH, GROUP))
        for code in made
    ]


def _digest(user_id: int, typed: str) -> str:
    code = typed_code(typed)[: 2 * RECOVERY_LENGTH]
    return hashlib.sha256(f"{user_id}:{code}".encode()).hexdigest()


def _note(session: Session, user: User, action: str, now: dt.datetime, **detail: object) -> None:
    note(
        session,
        actor=Actor(ActorKind.STAFF, str(user.id)),
        action=action,
        subject=("staff_user", user.id),
        now=now,
        **detail,
    )
