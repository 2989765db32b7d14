"""The start of a learning session by one statement, which also reads the learner's progress.

Called by name and version (`progress.ingest.sessions`), like the functions of a heartbeat: a
change is a new version beside the old one, which stays for a release.
"""

from django.db import migrations

# `refused` names why nothing was started: not_enrolled, course_id, module_id or content_id.
START = """
CREATE FUNCTION progress_start_v1(
    learner bigint, course bigint, wanted_module bigint, wanted_content bigint, device text,
    client_session uuid, new_session uuid, moment timestamptz, elapsed text
) RETURNS text LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    enrolment bigint;
    held bigint;
    module bigint := wanted_module;
    own progress_learningsession;
    made boolean := false;
BEGIN
    LOOP
        SELECT e.id INTO enrolment FROM progress_enrollment e
        JOIN progress_user u ON u.id = e.user_id
        WHERE e.user_id = learner AND e.course_id = course AND e.is_current
        AND e.unenrolled_at IS NULL AND u.is_active;
        IF NOT FOUND THEN
            PERFORM 1 FROM progress_course c WHERE c.id = course AND c.retired_at IS NULL;
            RETURN json_build_object(
                'refused', CASE WHEN FOUND THEN 'not_enrolled' ELSE 'course_id' END);
        END IF;
        -- A new cycle may have begun while this waited for the lock.
        EXIT WHEN enrolment = held;
        PERFORM 1 FROM progress_courseprogress p
        WHERE p.user_id = learner AND p.enrollment_id = enrolment FOR UPDATE;
        held := enrolment;
    END LOOP;

    IF wanted_module IS NOT NULL THEN
        PERFORM 1 FROM progress_module m
        WHERE m.id = wanted_module AND m.course_id = course AND m.retired_at IS NULL;
        IF NOT FOUND THEN RETURN json_build_object('refused', 'module_id'); END IF;
    END IF;
    IF wanted_content IS NOT NULL THEN
        SELECT k.module_id INTO module FROM progress_content k
        JOIN progress_module m ON m.id = k.module_id
        WHERE k.id = wanted_content AND m.course_id = course AND k.retired_at IS NULL
        AND (wanted_module IS NULL OR k.module_id = wanted_module);
        IF NOT FOUND THEN RETURN json_build_object('refused', 'content_id'); END IF;
    END IF;

    INSERT INTO progress_learningsession AS s (
        session_id, enrollment_id, user_id, course_id, module_id, content_id, device_id,
        client_session_id, start_time, end_reason, last_event_at, active_ms, idle_ms,
        distractions, pages_viewed, videos_watched, quizzes_attempted, opened, played, answered,
        elapsed_spans, positions)
    VALUES (
        new_session, enrolment, learner, course, module, wanted_content, device,
        client_session, moment, '', moment, 0, 0, 0, 0, 0, 0, '{}', '{}', '{}',
        elapsed::int8multirange, '{}')
    ON CONFLICT (user_id, course_id, client_session_id) DO NOTHING
    RETURNING s.* INTO own;
    made := FOUND;
    IF made THEN
        UPDATE progress_courseprogress p SET
            total_sessions = p.total_sessions + 1,
            session_start_time = moment,
            current_module_id = coalesce(module, p.current_module_id)
        WHERE p.user_id = learner AND p.enrollment_id = enrolment;
    ELSE
        SELECT s.* INTO own FROM progress_learningsession s
        WHERE s.user_id = learner AND s.course_id = course
        AND s.client_session_id = client_session;
    END IF;
    RETURN json_build_object(
        'is_new', made,
        'session', json_build_array(
            own.session_id, own.user_id, own.course_id, own.enrollment_id, own.module_id,
            own.start_time, own.end_time),
        'enrollment', progress_course_v1(learner, course, own.enrollment_id)::json
    );
END $$;
"""

# The same for the holder of an API key, by its digest: an account that starts a session for itself,
# or a service account with the permission. A key with scopes needs all of `key_scopes`. What a key
# is used for is noted, at most once in `note_every`. `refused` is "caller" for all others, who may
# have the right in another way (`progress.api.employee.access` decides that), and for keys that no
# details are stored of yet.
START_BY_KEY = """
CREATE FUNCTION progress_start_by_key_v1(
    key_digest text, key_scopes text[], note_every interval, learner bigint, course bigint,
    wanted_module bigint, wanted_content bigint, device text, client_session uuid,
    new_session uuid, moment timestamptz, elapsed text
) RETURNS text LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    caller bigint;
    last_used timestamptz;
    started json;
BEGIN
    SELECT u.id, d.last_used_at INTO caller, last_used FROM knox_authtoken k
    JOIN progress_keydetails d ON d.token_id = k.digest
    JOIN progress_user u ON u.id = k.user_id
    WHERE k.digest = key_digest AND (k.expiry IS NULL OR k.expiry >= moment) AND u.is_active
    AND (d.scopes = '{}' OR d.scopes::text[] @> key_scopes)
    AND (
        u.id = learner
        OR NOT u.is_staff AND NOT u.is_superuser AND EXISTS (
            SELECT 1 FROM auth_permission p
            JOIN django_content_type t ON t.id = p.content_type_id
            WHERE t.app_label = 'progress' AND p.codename = 'add_learningsession'
            AND (
                EXISTS (
                    SELECT 1 FROM progress_user_user_permissions own
                    WHERE own.user_id = u.id AND own.permission_id = p.id)
                OR EXISTS (
                    SELECT 1 FROM progress_user_groups member
                    JOIN auth_group_permissions granted ON granted.group_id = member.group_id
                    WHERE member.user_id = u.id AND granted.permission_id = p.id)
            )
        )
    );
    IF NOT FOUND THEN RETURN json_build_object('refused', 'caller'); END IF;
    started := progress_start_v1(
        learner, course, wanted_module, wanted_content, device, client_session, new_session,
        moment, elapsed)::json;
    IF started ->> 'refused' IS NULL AND (last_used IS NULL OR moment - last_used >= note_every)
    THEN
        -- Another request of the key may be noting it at this moment: then this one needn't.
        UPDATE progress_keydetails SET last_used_at = moment WHERE token_id = (
            SELECT d.token_id FROM progress_keydetails d WHERE d.token_id = key_digest
            FOR UPDATE SKIP LOCKED);
    END IF;
    RETURN json_build_object('caller', caller, 'started', started);
END $$;
"""

DROP = """
DROP FUNCTION progress_start_by_key_v1;
DROP FUNCTION progress_start_v1;
"""


class Migration(migrations.Migration):
    dependencies = [("progress", "0032_group_functions")]

    operations = [migrations.RunSQL([START, START_BY_KEY], DROP)]
