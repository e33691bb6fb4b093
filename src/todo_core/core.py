"""
The driving side of the hexagon: all that a shell may ask of the core.
"""

from __future__ import annotations

from attrs import frozen

from todo_core.model.policy import Policy
from todo_core.ports import Ports
from todo_core.use_cases.accounts import Register, ResendVerification, VerifyEmail
from todo_core.use_cases.batch import WriteSingly, WriteTogether
from todo_core.use_cases.calendars import EndCalendar, MakeCalendar, ReadCalendar
from todo_core.use_cases.changes import FollowChanges
from todo_core.use_cases.check_password import CheckPassword
from todo_core.use_cases.coming import ListComing
from todo_core.use_cases.courier import DeliverMail
from todo_core.use_cases.credentials import ChangePassword, Reauthenticate
from todo_core.use_cases.deletion import CancelDeletion, KeepAccount, RequestDeletion, UndoDeletion
from todo_core.use_cases.email_change import ConfirmEmailChange, RequestEmailChange, UndoEmailChange
from todo_core.use_cases.events import ListEvents
from todo_core.use_cases.exchange import ExportTodos, ImportTodos
from todo_core.use_cases.export import ExportData
from todo_core.use_cases.limits import AdmitRequest, CountBadTokens
from todo_core.use_cases.lists import AddList, DeleteList, EditList, GetList, ListLists
from todo_core.use_cases.mailing import MailLife, WriteMail
from todo_core.use_cases.once import Once
from todo_core.use_cases.operator import CreateUser, MakeResetLink, SendPasswordReset
from todo_core.use_cases.outbox import CountMail, DropMail, ListMail, RetryMail, ShowMail
from todo_core.use_cases.own_sessions import EndOtherSessions, EndSession, ListSessions
from todo_core.use_cases.password_reset import (
    CheckPasswordReset,
    ConfirmPasswordReset,
    JudgePassword,
    RequestPasswordReset,
)
from todo_core.use_cases.profile import ChangeProfile
from todo_core.use_cases.pruning import Prune
from todo_core.use_cases.reading_todos import ReadTodos
from todo_core.use_cases.recovery import DisableUser, EnableUser, RevokeSessions, SettleRestore
from todo_core.use_cases.sessions import LogIn, LogOut, WhoAmI
from todo_core.use_cases.suppressions import ListSuppressions, ReceiveMailEvents, RemoveSuppression
from todo_core.use_cases.todos import AddTodo, DeleteTodo, EditTodo, GetTodo, ListTags, ListTodos, RestoreTodo
from todo_core.use_cases.writing_todos import WriteTodos


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
    list_sessions: ListSessions
    end_session: EndSession
    end_other_sessions: EndOtherSessions
    request_password_reset: RequestPasswordReset
    check_password_reset: CheckPasswordReset
    judge_password: JudgePassword
    confirm_password_reset: ConfirmPasswordReset
    change_profile: ChangeProfile
    list_events: ListEvents
    export_data: ExportData
    request_deletion: RequestDeletion
    cancel_deletion: CancelDeletion
    undo_deletion: UndoDeletion
    change_password: ChangePassword
    request_email_change: RequestEmailChange
    confirm_email_change: ConfirmEmailChange
    undo_email_change: UndoEmailChange
    add_todo: AddTodo
    list_todos: ListTodos
    get_todo: GetTodo
    list_coming: ListComing
    edit_todo: EditTodo
    delete_todo: DeleteTodo
    restore_todo: RestoreTodo
    write_together: WriteTogether
    write_singly: WriteSingly
    list_tags: ListTags
    add_list: AddList
    list_lists: ListLists
    get_list: GetList
    edit_list: EditList
    delete_list: DeleteList
    read_todos: ReadTodos
    export_todos: ExportTodos
    import_todos: ImportTodos
    make_calendar: MakeCalendar
    end_calendar: EndCalendar
    read_calendar: ReadCalendar
    follow_changes: FollowChanges
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
    disable_user: DisableUser
    enable_user: EnableUser
    revoke_sessions: RevokeSessions
    settle_restore: SettleRestore

    @classmethod
    def build(cls, ports: Ports, policy: Policy) -> Core:
        """
        Put the use cases together: the only wiring the core needs, and it is type-checked.
        """
        mail_life = MailLife(policy.reset_life, policy.verification_life)
        write_mail = WriteMail(ports.clock, ports.randomness, mail_life)
        once = Once(ports.clock, ports.unit_of_work)
        write_todos = WriteTodos(ports.clock, ports.randomness, policy.version_required)
        read_todos = ReadTodos(ports.unit_of_work)
        count_bad_tokens = CountBadTokens(ports.rate_limiter, policy.limits.bad_tokens)
        check_password = CheckPassword(policy.password_rules, ports.common_passwords, ports.breached_passwords)
        reauthenticate = Reauthenticate(
            ports.hasher, ports.rate_limiter, policy.limits.log_in, policy.limits.log_in_day
        )
        keep_account = KeepAccount(ports.clock, ports.randomness)
        return cls(
            register=Register(
                clock=ports.clock,
                randomness=ports.randomness,
                hasher=ports.hasher,
                rate_limiter=ports.rate_limiter,
                unit_of_work=ports.unit_of_work,
                write_mail=write_mail,
                check_password=check_password,
                limit=policy.limits.register,
                verification_required=policy.verification_required,
            ),
            verify_email=VerifyEmail(
                clock=ports.clock,
                randomness=ports.randomness,
                link_signer=ports.link_signer,
                unit_of_work=ports.unit_of_work,
                count_bad_tokens=count_bad_tokens,
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
                day_limit=policy.limits.log_in_day,
                session_life=policy.session_life,
                verification_required=policy.verification_required,
            ),
            who_am_i=WhoAmI(
                clock=ports.clock,
                access_tokens=ports.access_tokens,
                unit_of_work=ports.unit_of_work,
                idle=policy.session_idle,
            ),
            log_out=LogOut(clock=ports.clock, randomness=ports.randomness, unit_of_work=ports.unit_of_work),
            list_sessions=ListSessions(clock=ports.clock, unit_of_work=ports.unit_of_work, idle=policy.session_idle),
            end_session=EndSession(clock=ports.clock, randomness=ports.randomness, unit_of_work=ports.unit_of_work),
            end_other_sessions=EndOtherSessions(
                clock=ports.clock, randomness=ports.randomness, unit_of_work=ports.unit_of_work
            ),
            request_password_reset=RequestPasswordReset(
                rate_limiter=ports.rate_limiter,
                unit_of_work=ports.unit_of_work,
                write_mail=write_mail,
                limit=policy.limits.reset,
                client_limit=policy.limits.reset_client,
            ),
            check_password_reset=CheckPasswordReset(
                clock=ports.clock,
                link_signer=ports.link_signer,
                unit_of_work=ports.unit_of_work,
                count_bad_tokens=count_bad_tokens,
            ),
            judge_password=JudgePassword(
                clock=ports.clock,
                link_signer=ports.link_signer,
                unit_of_work=ports.unit_of_work,
                check_password=check_password,
                count_bad_tokens=count_bad_tokens,
            ),
            confirm_password_reset=ConfirmPasswordReset(
                clock=ports.clock,
                randomness=ports.randomness,
                hasher=ports.hasher,
                link_signer=ports.link_signer,
                unit_of_work=ports.unit_of_work,
                write_mail=write_mail,
                check_password=check_password,
                rate_limiter=ports.rate_limiter,
                log_in_limit=policy.limits.log_in_day,
                count_bad_tokens=count_bad_tokens,
            ),
            change_profile=ChangeProfile(renderer=ports.renderer, unit_of_work=ports.unit_of_work),
            list_events=ListEvents(unit_of_work=ports.unit_of_work),
            export_data=ExportData(clock=ports.clock, randomness=ports.randomness, unit_of_work=ports.unit_of_work),
            request_deletion=RequestDeletion(
                clock=ports.clock,
                randomness=ports.randomness,
                unit_of_work=ports.unit_of_work,
                write_mail=write_mail,
                reauthenticate=reauthenticate,
            ),
            cancel_deletion=CancelDeletion(unit_of_work=ports.unit_of_work, keep_account=keep_account),
            undo_deletion=UndoDeletion(
                clock=ports.clock,
                link_signer=ports.link_signer,
                unit_of_work=ports.unit_of_work,
                keep_account=keep_account,
                count_bad_tokens=count_bad_tokens,
            ),
            change_password=ChangePassword(
                clock=ports.clock,
                randomness=ports.randomness,
                hasher=ports.hasher,
                unit_of_work=ports.unit_of_work,
                write_mail=write_mail,
                check_password=check_password,
                reauthenticate=reauthenticate,
            ),
            request_email_change=RequestEmailChange(
                clock=ports.clock,
                randomness=ports.randomness,
                rate_limiter=ports.rate_limiter,
                unit_of_work=ports.unit_of_work,
                write_mail=write_mail,
                reauthenticate=reauthenticate,
                limit=policy.limits.verify,
            ),
            confirm_email_change=ConfirmEmailChange(
                clock=ports.clock,
                randomness=ports.randomness,
                link_signer=ports.link_signer,
                unit_of_work=ports.unit_of_work,
                write_mail=write_mail,
                count_bad_tokens=count_bad_tokens,
                verification_required=policy.verification_required,
            ),
            undo_email_change=UndoEmailChange(
                clock=ports.clock,
                randomness=ports.randomness,
                link_signer=ports.link_signer,
                unit_of_work=ports.unit_of_work,
                write_mail=write_mail,
                count_bad_tokens=count_bad_tokens,
                verification_required=policy.verification_required,
            ),
            add_todo=AddTodo(once=once, write=write_todos),
            list_todos=ListTodos(unit_of_work=ports.unit_of_work),
            get_todo=GetTodo(unit_of_work=ports.unit_of_work),
            list_coming=ListComing(unit_of_work=ports.unit_of_work),
            edit_todo=EditTodo(unit_of_work=ports.unit_of_work, write=write_todos),
            delete_todo=DeleteTodo(unit_of_work=ports.unit_of_work, write=write_todos),
            restore_todo=RestoreTodo(unit_of_work=ports.unit_of_work, write=write_todos),
            write_together=WriteTogether(once=once, write=write_todos),
            write_singly=WriteSingly(once=once, write=write_todos),
            list_tags=ListTags(unit_of_work=ports.unit_of_work),
            add_list=AddList(clock=ports.clock, randomness=ports.randomness, once=once),
            list_lists=ListLists(unit_of_work=ports.unit_of_work),
            get_list=GetList(unit_of_work=ports.unit_of_work),
            edit_list=EditList(
                clock=ports.clock, unit_of_work=ports.unit_of_work, version_required=policy.version_required
            ),
            delete_list=DeleteList(
                clock=ports.clock, unit_of_work=ports.unit_of_work, version_required=policy.version_required
            ),
            read_todos=read_todos,
            export_todos=ExportTodos(unit_of_work=ports.unit_of_work, read=read_todos),
            import_todos=ImportTodos(clock=ports.clock, randomness=ports.randomness, once=once),
            make_calendar=MakeCalendar(clock=ports.clock, randomness=ports.randomness, unit_of_work=ports.unit_of_work),
            end_calendar=EndCalendar(unit_of_work=ports.unit_of_work),
            read_calendar=ReadCalendar(clock=ports.clock, unit_of_work=ports.unit_of_work, read=read_todos),
            follow_changes=FollowChanges(clock=ports.clock, unit_of_work=ports.unit_of_work, idle=policy.session_idle),
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
                check_password=check_password,
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
            disable_user=DisableUser(clock=ports.clock, randomness=ports.randomness, unit_of_work=ports.unit_of_work),
            enable_user=EnableUser(clock=ports.clock, randomness=ports.randomness, unit_of_work=ports.unit_of_work),
            revoke_sessions=RevokeSessions(
                clock=ports.clock, randomness=ports.randomness, unit_of_work=ports.unit_of_work
            ),
            settle_restore=SettleRestore(clock=ports.clock, unit_of_work=ports.unit_of_work),
        )
