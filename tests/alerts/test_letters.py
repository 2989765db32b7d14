"""Letters to learners: begun with a template, previewed, sent once."""

from smtplib import SMTPRecipientsRefused

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.utils import timezone

from analytics.alerts import alert_mail
from analytics.models import Alert, AlertStep, Outreach, OutreachTemplate
from analytics.tasks import send_alert_mail
from progress.jobs import Run
from progress.mail import outgoing
from progress.models import Enrollment
from tests.factories import a_course_of
from tests.support.admin import VIDEO, text_of
from tests.support.alerts import DAY, an_alert, an_idle_learner, watch
from tests.support.learners import an_instructor_of, learn

pytestmark = pytest.mark.django_db
WRITE = "/admin/insight/alerts/write/"
LETTER = {"subject": "{course}:\n{percent}", "body": "Hello {name}, due {due}. {sender}"}


@pytest.fixture
def teacher(course):
    person = an_instructor_of(course)
    person.full_name, person.email = "Ines", "ines@example.org"
    person.save()
    return person


@pytest.fixture
def window(teacher, sign_in):
    return sign_in(teacher)


def send(window, *alerts, **changes):
    asked = LETTER | changes | {"step": "send", "alert": [alert.pk for alert in alerts]}
    return window.post(WRITE, asked, follow=True)


def post(now=None) -> int:
    run = Run("send", now or timezone.now())
    alert_mail.send(run)
    return run.rows


def test_a_letter_begins_with_the_template_of_its_kind(window, course):
    OutreachTemplate.objects.all().delete()
    kinds = {"failing": "No", "": "How is it going?", "never_started": "Ready when you are"}
    for kind, subject in kinds.items():
        OutreachTemplate.objects.create(name=subject, kind=kind, subject=subject, body="{name}")
    alert = an_alert(course)
    page = window.get(WRITE, {"alert": alert.pk})
    assert 'value="Ready when you are"' in page.content.decode()
    assert [each.kind for each in page.context["templates"]] == ["", "never_started"]
    other = OutreachTemplate.objects.get(kind="")
    asked = {"alert": alert.pk, "step": "template", "template": other.pk}
    assert f'value="{other.subject}"' in window.post(WRITE, asked).content.decode()


def test_the_preview_is_what_is_sent(window, course, mailoutbox):
    alert = an_alert(course, full_name="Lena & Co {course}")
    page = window.post(WRITE, LETTER | {"alert": alert.pk, "step": "preview"})
    assert "Hello Lena &amp; Co {course}, due no fixed day. Ines" in page.content.decode()
    assert not Outreach.objects.exists()
    assert "1 letter is on its way." in text_of(send(window, alert))
    assert post() == 1
    (mail,) = mailoutbox
    assert (mail.to, mail.reply_to) == (["them@example.org"], ["ines@example.org"])
    assert mail.subject == "Fire safety: 0\N{NO-BREAK SPACE}%"
    assert mail.body == "Hello Lena & Co {course}, due no fixed day. Ines"


def test_a_letter_is_sent_once_and_acknowledges(window, teacher, course, mailoutbox):
    alert = an_alert(course)
    send(window, alert)
    assert "already had a letter on its way" in text_of(send(window, alert))
    assert (post(), post()) == (1, 0)
    assert len(mailoutbox) == 1
    alert.refresh_from_db()
    assert alert.state == "acknowledged"
    assert list(alert.steps.values_list("what", "by")) == [("written", teacher.pk)]
    page = window.get(f"/admin/insight/courses/{course.pk}/learners/{alert.user_id}/")
    assert "by Ines" in text_of(page) and "Sent" in text_of(page)
    # Once it is sent, another may be written.
    assert "1 letter is on its way." in text_of(send(window, alert))


def test_a_learner_with_two_alerts_gets_one_letter(window, course, mailoutbox):
    person = an_idle_learner(course)
    Enrollment.objects.filter(user=person).update(due_at=timezone.now() - DAY)
    watch()
    alerts = list(Alert.objects.all())
    assert {alert.kind for alert in alerts} == {"never_started", "pace"}
    asked = {"alert": [alert.pk for alert in alerts]}
    assert "A letter to 1 learner" in text_of(window.post(WRITE, asked))
    assert "1 letter is on its way." in text_of(send(window, *alerts))
    assert "already had a letter on its way" in text_of(send(window, alerts[1]))
    assert post() == 1
    assert set(Alert.objects.values_list("state", flat=True)) == {"acknowledged"}


def test_the_database_lets_one_letter_of_an_alert_wait(course):
    alert = an_alert(course)
    fields = {"alert": alert, "subject": "a", "body": "b", "written_at": timezone.now()}
    Outreach.objects.create(**fields)
    with pytest.raises(IntegrityError, match="outreach_one_open"), transaction.atomic():
        Outreach.objects.create(**fields)


def test_a_learner_who_came_back_meanwhile_gets_no_letter(window, course, mailoutbox):
    alert = an_alert(course)
    send(window, alert)
    learn(course, alert.user, ago=DAY / 24)
    watch()
    assert post() == 0 and mailoutbox == []
    assert Outreach.objects.get().error == "The alert has been closed in the meantime."


def test_learners_without_an_address_are_counted(window, course):
    alert = an_alert(course, email="")
    assert "1 of them has no email address" in text_of(window.get(WRITE, {"alert": alert.pk}))
    text = text_of(send(window, alert))
    assert "0 letters are on their way." in text and "1 learner has no email address." in text
    assert Alert.objects.get().state == "open" and not AlertStep.objects.exists()


def test_a_refused_address_is_kept_with_its_reason_and_a_lost_server_is_tried_again(
    window, course, monkeypatch
):
    send(window, an_alert(course))

    def lose(mail):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", lose)
    with pytest.raises(ConnectionRefusedError):
        post()
    assert Outreach.objects.get().error == ""

    def refuse(mail):
        raise SMTPRecipientsRefused({"them@example.org": (550, b"no such box")})

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    assert post(timezone.now() + DAY) == 0
    assert "no such box" in Outreach.objects.get().error


def test_killed_while_it_is_sent_a_letter_comes_once_at_most_and_says_so(
    window, course, monkeypatch, mailoutbox
):
    class Killed(BaseException):
        """As the process ends in the middle of it."""

    send(window, an_alert(course))
    whole = EmailMessage.send

    def send_and_die(message, *arguments, **options):
        assert Outreach.objects.get().error == outgoing.INTERRUPTED
        whole(message, *arguments, **options)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(EmailMessage, "send", send_and_die)
        with pytest.raises(Killed):
            post()
    assert post() == 0 and len(mailoutbox) == 1
    letter = Outreach.objects.get()
    assert letter.sent_at is None and letter.error == outgoing.INTERRUPTED


def test_nobody_writes_to_learners_of_others(window, course, sign_in):
    other = a_course_of(VIDEO)
    theirs = an_alert(other)
    for step in ("template", "preview", "send"):
        asked = LETTER | {"alert": theirs.pk, "step": step}
        answer = window.post(WRITE, asked, follow=True)
        assert "them@example.org" not in answer.content.decode()
    assert window.get(WRITE, {"alert": theirs.pk}).status_code == 302
    assert not Outreach.objects.exists()
    assert sign_in(theirs.user).post(WRITE, LETTER | {"alert": theirs.pk}).status_code == 302


def test_a_placeholder_that_nothing_fills_is_named(window, course):
    alert = an_alert(course)
    answer = send(window, alert, body="Hello {nmae}")
    assert "There is no value to fill in for {nmae}." in text_of(answer)
    assert not Outreach.objects.exists()
    template = OutreachTemplate(name="x", subject="{who}", body="{name}")
    with pytest.raises(ValidationError, match="who"):
        template.full_clean()


def test_the_task_sends(window, course, mailoutbox):
    send(window, an_alert(course))
    send_alert_mail()
    assert len(mailoutbox) == 1
