"""What is done about people who are late: who is written to, and who is enrolled."""

from datetime import UTC, date
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.utils import timezone

from analytics.models import Escalation, EscalationStep, Requirement
from progress.mail import outgoing
from progress.models import Enrollment, User
from tests.factories import a_user
from tests.support.compliance import look_after, required
from tests.support.learners import DAY, an_instructor_of, complete, someone

TODAY = date(2026, 5, 3)


def test_each_step_is_taken_once_and_only_the_latest(course, teacher):
    someone(course, full_name="Lena", email="lena@example.org")
    requirement = required(course, due_on=timezone.localdate() + 3 * DAY)
    for days, to in ((-14, "learner"), (-7, "learner"), (1, "learner"), (7, "instructors")):
        EscalationStep.objects.create(requirement=requirement, days=days, to=to)
    now = timezone.now()
    look_after(now)
    assert look_after(now) == 0
    (first,) = mail.outbox
    assert first.to == ["lena@example.org"] and first.subject == "Due soon: Fire safety"
    look_after(now + 4 * DAY)
    assert [message.subject for message in mail.outbox[1:]] == ["Overdue: Fire safety"]
    look_after(now + 11 * DAY)
    (message,) = mail.outbox[2:]
    assert message.to == ["teacher@example.org"] and "Lena" in message.body
    assert message.subject == "Fire safety for all: 1 person hasn't completed it"
    assert Escalation.objects.filter(sent_at__isnull=False).count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "subject"),
    [("de", "Bald fällig: Fire safety"), ("es", "Vence pronto: Fire safety"), ("", "Due soon")],
)
def test_a_learner_is_written_to_in_their_language_and_others_in_the_sites(
    course, teacher, language, subject
):
    someone(course, full_name="Lena", email="lena@example.org", language=language)
    requirement = required(course, due_on=timezone.localdate() + 3 * DAY)
    for to in ("learner", "instructors"):
        EscalationStep.objects.create(requirement=requirement, days=-7, to=to)
    User.objects.filter(pk=teacher.pk).update(language="de")
    look_after()
    by_address = {message.to[0]: message.subject for message in mail.outbox}
    assert by_address["lena@example.org"].startswith(subject)
    assert by_address["teacher@example.org"].startswith("Fire safety for all: 1 person")


@pytest.mark.django_db
def test_an_address_hears_of_all_in_one_mail(course):
    for name in ("Lena", "Omar", "Ida"):
        someone(course, full_name=name)
    complete(course, someone(course, full_name="Done"), timezone.now())
    requirement = required(course)
    EscalationStep.objects.create(requirement=requirement, days=0, to="address", address="hr@x.org")
    look_after()
    (message,) = mail.outbox
    assert message.to == ["hr@x.org"] and "3 people haven't completed it" in message.subject
    assert "Done" not in message.body


@pytest.mark.django_db
def test_people_who_share_an_address_get_a_mail_each(course):
    for name in ("Ann", "Ben"):
        someone(course, full_name=name, email="home@x.org")
    EscalationStep.objects.create(requirement=required(course), days=0)
    look_after()
    first, second = mail.outbox
    assert first.to == second.to == ["home@x.org"]
    assert "Hello Ann," in first.body and "Ben" not in first.body
    assert "Hello Ben," in second.body and "Ann" not in second.body
    assert Escalation.objects.exclude(sent_at=None).count() == 2


@pytest.mark.django_db
def test_instructors_are_written_to_each_and_one_refused_keeps_it_from_no_other(
    course, teacher, monkeypatch
):
    other = an_instructor_of(course)
    User.objects.filter(pk=other.pk).update(email="other@example.org")
    someone(course, full_name="Lena")
    EscalationStep.objects.create(requirement=required(course), days=0, to="instructors")
    whole = EmailMessage.send

    def refuses_one(message, *arguments, **options):
        if message.to == ["teacher@example.org"]:
            raise SMTPRecipientsRefused({message.to[0]: (550, b"no such box")})
        whole(message, *arguments, **options)

    monkeypatch.setattr(EmailMessage, "send", refuses_one)
    look_after()
    assert [message.to for message in mail.outbox] == [["other@example.org"]]
    assert Escalation.objects.get().error == "" and Escalation.objects.get().sent_at


@pytest.mark.django_db
def test_killed_while_one_is_written_to_the_others_hear_of_it_and_nobody_twice(course, monkeypatch):
    for name in ("Ann", "Ben", "Cas"):
        someone(course, full_name=name, email=f"{name}@x.org")
    EscalationStep.objects.create(requirement=required(course), days=0)
    whole = EmailMessage.send

    def dies_at_ben(message, *arguments, **options):
        whole(message, *arguments, **options)
        if message.to == ["Ben@x.org"]:
            raise Killed

    class Killed(BaseException):
        pass

    monkeypatch.setattr(EmailMessage, "send", dies_at_ben)
    with pytest.raises(Killed):
        look_after()
    look_after()
    assert [message.to[0] for message in mail.outbox] == ["Ann@x.org", "Ben@x.org", "Cas@x.org"]
    errors = dict(Escalation.objects.values_list("user__full_name", "error"))
    assert errors == {"Ann": "", "Ben": outgoing.INTERRUPTED, "Cas": ""}


@pytest.mark.django_db
def test_when_the_mail_server_fails_a_step_is_taken_later(course, monkeypatch):
    someone(course, full_name="Ann", email="ann@x.org")
    EscalationStep.objects.create(requirement=required(course), days=0)

    def fails(message, *arguments, **options):
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr(EmailMessage, "send", fails)
        with pytest.raises(ConnectionRefusedError):
            look_after()
    assert Escalation.objects.get().error == ""
    look_after(timezone.now() + DAY / 24)
    assert len(mail.outbox) == 1 and Escalation.objects.get().sent_at is not None


@pytest.mark.django_db
def test_people_with_an_obligation_are_enrolled_once_with_the_due_day(course):
    person = a_user(full_name="Ida", department="Care")
    a_user(full_name="Other", department="Law")
    due_on = timezone.localdate() + 10 * DAY
    required(course, departments=["Care"], due_on=due_on, enrols=True)
    look_after()
    look_after()
    (enrollment,) = Enrollment.objects.filter(course=course)
    assert enrollment.user == person
    assert timezone.localdate(enrollment.due_at, UTC) == due_on


@pytest.mark.django_db
def test_without_a_mail_address_the_reason_is_kept(course):
    someone(course, email="")
    EscalationStep.objects.create(requirement=required(course), days=0)
    look_after()
    assert "mail address" in Escalation.objects.get().error and not mail.outbox


@pytest.mark.django_db
def test_what_makes_no_sense_is_named(course):
    both = Requirement(name="x", course=course, due_on=TODAY, due_days=3)
    with pytest.raises(ValidationError, match="not both"):
        both.full_clean()
    nowhere = EscalationStep(requirement=required(course), days=1, to="address")
    with pytest.raises(ValidationError, match="An address is given"):
        nowhere.full_clean()
