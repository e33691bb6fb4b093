"""
Mail for todo-app through Pigeon Post: ``EMAIL_PROVIDER=acme_mail.pigeon``.
"""
