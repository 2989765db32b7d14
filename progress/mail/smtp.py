"""Mail by SMTP that knows, when a connection is lost, whether a mail may have been sent."""

import smtplib

from django.core.mail.backends.smtp import EmailBackend as DjangoBackend


class MaybeSent(Exception):
    """The connection was lost after the whole mail was handed over, and before the answer: it may
    have been sent."""


class _NotesData:
    """For smtplib's classes: notes whether the server has accepted the DATA command."""

    _takes_mail = False

    def getreply(self):
        code, words = super().getreply()
        self._takes_mail = code == 354
        return code, words

    def data(self, msg):
        self._takes_mail = False
        try:
            return super().data(msg)
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            if not self._takes_mail:
                raise
            self.close()
            raise MaybeSent(type(error).__name__) from error


class _Smtp(_NotesData, smtplib.SMTP):
    pass


class _SmtpSsl(_NotesData, smtplib.SMTP_SSL):
    pass


class EmailBackend(DjangoBackend):
    """Django's backend, which raises MaybeSent where the outcome is unknown."""

    @property
    def connection_class(self):
        return _SmtpSsl if self.use_ssl else _Smtp
