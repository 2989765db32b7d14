"""Mail by SMTP, where what becomes of a mail after a lost connection is known or said not to be."""

import smtplib

from django.core.mail.backends.smtp import EmailBackend as DjangoBackend


class HandedOverOrNot(Exception):
    """The connection was lost after the whole mail was handed over, and before the answer: it may
    have been sent."""


class _Careful:
    """For smtplib's classes: notes whether the server has begun to take the mail itself."""

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
            raise HandedOverOrNot(type(error).__name__) from error


class _Smtp(_Careful, smtplib.SMTP):
    pass


class _SmtpSsl(_Careful, smtplib.SMTP_SSL):
    pass


class EmailBackend(DjangoBackend):
    """Django's, which raises HandedOverOrNot where nobody knows."""

    @property
    def connection_class(self):
        return _SmtpSsl if self.use_ssl else _Smtp
