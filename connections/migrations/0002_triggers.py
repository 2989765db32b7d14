"""Events are written by triggers, in the transaction that makes them true, whoever writes.

A row is inserted or nothing is done: no lock is taken on any row of another table, so the lock
order of a learner's rows stays as it is. `SET LOCAL progress.bulk = 'on'` keeps them silent, for
imports of what is long past. Each WHEN is decided without calling anything: a heartbeat that
completes nothing and moves no percentage costs a comparison.
"""

from django.db import migrations

RECORD = """
CREATE SEQUENCE connections_position;

CREATE FUNCTION connections_record_v1(
    kind text, learner bigint, course bigint, enrolment bigint, about text, known jsonb
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO connections_event
        (type, user_id, course_id, enrollment_id, subject, facts, transaction, recorded_at)
    SELECT kind, learner, course, enrolment, about, known,
        pg_current_xact_id()::text::bigint, clock_timestamp()
    WHERE current_setting('progress.bulk', true) IS DISTINCT FROM 'on';
$$;
"""
RECORD_BACK = """
DROP FUNCTION connections_record_v1(text, bigint, bigint, bigint, text, jsonb);
DROP SEQUENCE connections_position;
"""

# (name, table, when it fires, condition, what it does)
TRIGGERS = [
    (
        "connections_learner_created", "progress_user", "INSERT",
        "NOT NEW.is_staff AND NOT NEW.is_superuser",
        "PERFORM connections_record_v1('learner.created', NEW.id, NULL, NULL, '', '{}');",
    ),
    (
        "connections_learner_deactivated", "progress_user", "UPDATE OF is_active",
        "OLD.is_active AND NOT NEW.is_active",
        "PERFORM connections_record_v1('learner.deactivated', NEW.id, NULL, NULL, '', '{}');",
    ),
    (
        "connections_enrollment_created", "progress_enrollment", "INSERT", "true",
        "PERFORM connections_record_v1('enrollment.created', NEW.user_id, NEW.course_id, NEW.id, '', '{}');",
    ),
    (
        "connections_session_ended", "progress_learningsession", "UPDATE",
        "OLD.end_time IS NULL AND NEW.end_time IS NOT NULL",
        "PERFORM connections_record_v1('session.ended', NEW.user_id, NEW.course_id, NEW.enrollment_id, NEW.session_id::text, '{}');",
    ),
    (
        "connections_content_completed_at_once", "progress_contentprogress", "INSERT",
        "NEW.completed_at IS NOT NULL", "CONTENT",
    ),
    (
        "connections_content_completed", "progress_contentprogress", "UPDATE",
        "OLD.completed_at IS NULL AND NEW.completed_at IS NOT NULL", "CONTENT",
    ),
    (
        "connections_course_progress", "progress_courseprogress", "UPDATE",
        "OLD.completion_bp <> NEW.completion_bp OR OLD.module_progress IS DISTINCT FROM NEW.module_progress",
        """
    PERFORM connections_record_v1('module.completed', NEW.user_id, NEW.course_id, NEW.enrollment_id, module.key, '{}')
    FROM jsonb_each(NEW.module_progress) AS module
    WHERE (module.value->>'is_complete')::boolean
    AND NOT coalesce((OLD.module_progress->module.key->>'is_complete')::boolean, false);
    IF OLD.completed_at IS NULL AND NEW.completed_at IS NOT NULL THEN
        PERFORM connections_record_v1('course.completed', NEW.user_id, NEW.course_id, NEW.enrollment_id, '', '{}');
    END IF;
    IF OLD.completion_bp <> NEW.completion_bp AND EXISTS (
        SELECT FROM connections_endpoint
        WHERE disabled_at IS NULL AND events && ARRAY['*', 'progress.updated']::varchar[]
    ) THEN
        -- Nothing is written where the mark is there already; but it is locked until this commits,
        -- so that it can't be taken away by a reader who doesn't see this change yet.
        INSERT INTO connections_changedprogress (enrollment_id, user_id, course_id, changed_at)
        VALUES (NEW.enrollment_id, NEW.user_id, NEW.course_id, clock_timestamp())
        ON CONFLICT (enrollment_id) DO UPDATE SET changed_at = excluded.changed_at WHERE false;
    END IF;
        """,
    ),
    (
        "connections_certificate_issued", "certificates_certificate", "INSERT", "true",
        "PERFORM connections_record_v1('certificate.issued', NEW.user_id, NEW.course_id, NEW.enrollment_id, NEW.id::text, '{}');",
    ),
    (
        "connections_certificate_revoked", "certificates_revocation", "INSERT", "true",
        """
    PERFORM connections_record_v1('certificate.revoked', c.user_id, c.course_id, c.enrollment_id, c.id::text, '{}')
    FROM certificates_certificate c WHERE c.id = NEW.certificate_id;
        """,
    ),
    (
        "connections_alert_opened", "analytics_alert", "INSERT", "NEW.closed_at IS NULL",
        "PERFORM connections_record_v1('alert.opened', NEW.user_id, NEW.course_id, NEW.enrollment_id, NEW.id::text, '{}');",
    ),
    (
        "connections_alert_closed", "analytics_alert", "UPDATE",
        "OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL",
        "PERFORM connections_record_v1('alert.closed', NEW.user_id, NEW.course_id, NEW.enrollment_id, NEW.id::text, '{}');",
    ),
]  # fmt: skip
CONTENT = """
    PERFORM connections_record_v1('content.completed', NEW.user_id, e.course_id, NEW.enrollment_id,
        NEW.content_id::text, jsonb_build_object('completed_at', NEW.completed_at))
    FROM progress_enrollment e WHERE e.id = NEW.enrollment_id AND e.user_id = NEW.user_id;
"""


def _trigger(name: str, table: str, event: str, condition: str, work: str) -> migrations.RunSQL:
    work = CONTENT if work == "CONTENT" else work
    return migrations.RunSQL(
        f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {work}
    RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON {table}
    FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {name}();
""",
        f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("connections", "0001_initial"),
        ("progress", "0022_plain_words"),
        ("analytics", "0021_plain_words"),
        ("certificates", "0015_plain_words"),
    ]
    operations = [migrations.RunSQL(RECORD, RECORD_BACK), *(_trigger(*each) for each in TRIGGERS)]
