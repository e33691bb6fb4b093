"""
The driving side of the hexagon: all that a shell may ask of the core.
"""

from __future__ import annotations

from datetime import timedelta

from attrs import frozen

from todo_core.model.limit import Limit
from todo_core.model.link import Frontend
from todo_core.model.password import PasswordRules
from todo_core.ports import Ports
from todo_core.use_cases.accounts import Register, ResendVerification, VerifyEmail
from todo_core.use_cases.courier import DeliverMail
from todo_core.use_cases.limits import AdmitRequest
from todo_core.use_cases.mailing import MailLife, WriteMail
from todo_core.use_cases.operator import CreateUser, MakeResetLink, SendPasswordReset
from todo_core.use_cases.outbox import CountMail, DropMail, ListMail, RetryMail, ShowMail
from todo_core.use_cases.password_reset import CheckPasswordReset, ConfirmPasswordReset, RequestPasswordReset
from todo_core.use_cases.pruning import Prune
from todo_core.use_cases.sessions import LogIn, LogOut, WhoAmI
from todo_core.use_cases.suppressions import ListSuppressions, ReceiveMailEvents, RemoveSuppression
from todo_core.use_cases.todos import AddTodo, DeleteTodo, EditTodo, GetTodo, ListTodos


@frozen
class Limits:
    """
    How often things may be asked; ``requests`` is None where the operator wants no general limit.
    """

    log_in: Limit = Limit("log-in", 5, timedelta(minutes=1))
    register: Limit = Limit("register", 3, timedelta(hours=1))
    verify: Limit = Limit("verify", 3, timedelta(hours=1))
    reset: Limit = Limit("reset", 3, timedelta(hours=1))
    reset_client: Limit = Limit("reset-client", 20, timedelta(hours=1))
    requests: Limit | None = Limit("requests", 60, timedelta(minutes=1))


@frozen
class Policy:
    """
    What an operator may choose.
    """

    frontend: Frontend
    reset_life: timedelta = timedelta(hours=1)
    verification_life: timedelta = timedelta(days=1)
    session_life: timedelta = timedelta(days=7)
    password_rules: PasswordRules = PasswordRules()
    verification_required: bool = True
    version_required: bool = False
    limits: Limits = Limits()
    lease: timedelta = timedelta(seconds=90)
    max_attempts: int = 50
    pause: timedelta = timedelta(seconds=15)


@frozen
class Core:
    """
    The use cases, each ready to be awaited: ``await core.request_password_reset(email=...)``.
    """

    register: Register
    verify_email: VerifyEmail
    resend_verification: ResendVerification
    log_in: LogIn
    who_am_i: WhoAmI
    log_out: LogOut
    request_password_reset: RequestPasswordReset
    check_password_reset: CheckPasswordReset
    confirm_password_reset: ConfirmPasswordReset
    add_todo: AddTodo
    list_todos: ListTodos
    get_todo: GetTodo
    edit_todo: EditTodo
    delete_todo: DeleteTodo
    deliver_mail: DeliverMail
    list_mail: ListMail
    show_mail: ShowMail
    retry_mail: RetryMail
    drop_mail: DropMail
    count_mail: CountMail
    prune: Prune
    receive_mail_events: ReceiveMailEvents
    list_suppressions: ListSuppressions
    remove_suppression: RemoveSuppression
    admit_request: AdmitRequest
    create_user: CreateUser
    send_password_reset: SendPasswordReset
    make_reset_link: MakeResetLink

    @classmethod
    def build(cls, ports: Ports, policy: Policy) -> Core:
        """
        Put the use cases together: the only wiring the core needs, and it is type-checked.
        """
        mail_life = MailLife(policy.reset_life, policy.verification_life)
        write_mail = WriteMail(ports.clock, ports.randomness, mail_life)
        return cls(
            register=Register(
                clock=ports.clock,
                randomness=ports.randomness,
                hasher=ports.hasher,
                rate_limiter=ports.rate_limiter,
                unit_of_work=ports.unit_of_work,
                write_mail=write_mail,
                rules=policy.password_rules,
                limit=policy.limits.register,
                verification_required=policy.verification_required,
            ),
            verify_email=VerifyEmail(
                clock=ports.clock,
                randomness=ports.randomness,
                link_signer=ports.link_signer,
                unit_of_work=ports.unit_of_work,
            ),
            resend_verification=ResendVerification(
                rate_limiter=ports.rate_limiter,
                unit_of_work=ports.unit_of_work,
                write_mail=write_mail,
                limit=policy.limits.verify,
            ),
            log_in=LogIn(
                clock=ports.clock,
                randomness=ports.randomness,
                hasher=ports.hasher,
                access_tokens=ports.access_tokens,
                rate_limiter=ports.rate_limiter,
                unit_of_work=ports.unit_of_work,
                limit=policy.limits.log_in,
                session_life=policy.session_life,
                verification_required=policy.verification_required,
            ),
            who_am_i=WhoAmI(clock=ports.clock, access_tokens=ports.access_tokens, unit_of_work=ports.unit_of_work),
            log_out=LogOut(clock=ports.clock, randomness=ports.randomness, unit_of_work=ports.unit_of_work),
            request_password_reset=RequestPasswordReset(
                rate_limiter=ports.rate_limiter,
                unit_of_work=ports.unit_of_work,
                write_mail=write_mail,
                limit=policy.limits.reset,
                client_limit=policy.limits.reset_client,
            ),
            check_password_reset=CheckPasswordReset(
                clock=ports.clock, link_signer=ports.link_signer, unit_of_work=ports.unit_of_work
            ),
            confirm_password_reset=ConfirmPasswordReset(
                clock=ports.clock,
                randomness=ports.randomness,
                hasher=ports.hasher,
                link_signer=ports.link_signer,
                unit_of_work=ports.unit_of_work,
                write_mail=write_mail,
                rules=policy.password_rules,
            ),
            add_todo=AddTodo(clock=ports.clock, randomness=ports.randomness, unit_of_work=ports.unit_of_work),
            list_todos=ListTodos(unit_of_work=ports.unit_of_work),
            get_todo=GetTodo(unit_of_work=ports.unit_of_work),
            edit_todo=EditTodo(
                clock=ports.clock, unit_of_work=ports.unit_of_work, version_required=policy.version_required
            ),
            delete_todo=DeleteTodo(unit_of_work=ports.unit_of_work, version_required=policy.version_required),
            deliver_mail=DeliverMail(
                clock=ports.clock,
                randomness=ports.randomness,
                email=ports.email,
                renderer=ports.renderer,
                link_signer=ports.link_signer,
                unit_of_work=ports.unit_of_work,
                frontend=policy.frontend,
                lease=policy.lease,
                max_attempts=policy.max_attempts,
                pause=policy.pause,
            ),
            list_mail=ListMail(unit_of_work=ports.unit_of_work),
            show_mail=ShowMail(unit_of_work=ports.unit_of_work),
            retry_mail=RetryMail(clock=ports.clock, unit_of_work=ports.unit_of_work, life=mail_life),
            drop_mail=DropMail(unit_of_work=ports.unit_of_work),
            count_mail=CountMail(clock=ports.clock, unit_of_work=ports.unit_of_work),
            prune=Prune(clock=ports.clock, rate_limiter=ports.rate_limiter, unit_of_work=ports.unit_of_work),
            receive_mail_events=ReceiveMailEvents(
                clock=ports.clock,
                randomness=ports.randomness,
                mail_hooks=ports.mail_hooks,
                unit_of_work=ports.unit_of_work,
            ),
            list_suppressions=ListSuppressions(unit_of_work=ports.unit_of_work),
            remove_suppression=RemoveSuppression(unit_of_work=ports.unit_of_work),
            admit_request=AdmitRequest(rate_limiter=ports.rate_limiter, limit=policy.limits.requests),
            create_user=CreateUser(
                clock=ports.clock,
                randomness=ports.randomness,
                hasher=ports.hasher,
                unit_of_work=ports.unit_of_work,
                rules=policy.password_rules,
            ),
            send_password_reset=SendPasswordReset(unit_of_work=ports.unit_of_work, write_mail=write_mail),
            make_reset_link=MakeResetLink(
                clock=ports.clock,
                randomness=ports.randomness,
                link_signer=ports.link_signer,
                unit_of_work=ports.unit_of_work,
                frontend=policy.frontend,
                life=policy.reset_life,
            ),
        )
