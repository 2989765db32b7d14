"""The two functions of a heartbeat: lock and read, then write. One learner's rows in each call.

They are called by name and version (`progress.ingest.store`). A change is a new version beside the
old one, which stays for a release, so that processes of both releases can run at once.

Inside, every statement takes a fresh snapshot: what was read is what the locks protect. Each names
the learner, so that it can be answered by one shard. The plans are made once for a connection.
"""

from django.db import migrations

# A multirange as JSON, `[[1,2],[4,9]]`, and back.
SPANS = """
CREATE FUNCTION progress_spans_v1(spans int8multirange) RETURNS json
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN translate(spans::text, '{})', '[]]')::json;

CREATE FUNCTION progress_spans_v1(spans json) RETURNS int8multirange
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE spans::text WHEN '[]' THEN '{}'
    ELSE replace(replace(replace(spans::text, '],[', '),['), '[[', '{['), ']]', ')}')
    END::int8multirange;
"""

# NULL: no such session, or, when it must not wait, one whose enrolment is in use at this moment.
OPEN = """
CREATE FUNCTION progress_open_v1(
    learner bigint, enrolment bigint, session uuid, contents bigint[], events uuid[], waits boolean
) RETURNS text LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    opened json;
BEGIN
    -- The lock order: the enrolment's progress, then its session (progress/operations/locking.py).
    IF waits THEN
        PERFORM 1 FROM progress_courseprogress
        WHERE user_id = learner AND enrollment_id = enrolment FOR UPDATE;
    ELSE
        PERFORM 1 FROM progress_courseprogress
        WHERE user_id = learner AND enrollment_id = enrolment FOR UPDATE SKIP LOCKED;
    END IF;
    IF NOT FOUND THEN RETURN NULL; END IF;
    PERFORM 1 FROM progress_learningsession
    WHERE user_id = learner AND session_id = session AND enrollment_id = enrolment FOR UPDATE;
    IF NOT FOUND THEN RETURN NULL; END IF;

    SELECT row_to_json(whole) INTO opened FROM (
        SELECT
            (SELECT row_to_json(own) FROM (SELECT
                s.session_id, s.enrollment_id, s.user_id, s.course_id, s.start_time,
                s.last_event_at AS last_activity_at, s.end_time, s.end_reason, s.active_until,
                s.last_sequence, s.active_ms, s.idle_ms, s.distractions, s.pages_viewed,
                s.videos_watched, s.quizzes_attempted, s.opened, s.played, s.answered,
                progress_spans_v1(s.elapsed_spans) AS elapsed_spans, s.positions,
                ARRAY(
                    SELECT upper(o.elapsed_spans) FROM progress_learningsession o
                    WHERE o.user_id = learner AND o.enrollment_id = enrolment
                    AND o.end_time IS NULL
                ) AS open_ends
            ) own) AS session,
            (SELECT row_to_json(own) FROM (SELECT
                p.enrollment_id, p.user_id, p.course_id, p.chain_length,
                encode(p.chain_hash, 'base64') AS chain_hash, p.updated_at, p.completion_bp,
                p.completed_at, p.structure_version, p.module_progress, p.time_ms,
                progress_spans_v1(p.active_spans) AS active_spans,
                progress_spans_v1(p.elapsed_spans) AS elapsed_spans,
                p.past_active_until, p.past_elapsed_until, p.past_elapsed_ms, p.coverage_spent_ms,
                p.current_module_id, p.ended_sessions, p.ended_ms, p.resume_content_id,
                p.resume_session, p.resume_intent_at, p.resume_position_milli,
                p.resume_updated_at, p.waived, p.waivers_declined
            ) own) AS progress,
            (SELECT row_to_json(own) FROM (SELECT
                c.id AS pk, c.structure_version, c.created_at, c.plausibility
            ) own) AS course,
            u.is_active,
            e.unenrolled_at IS NULL AS is_enrolled,
            ARRAY(SELECT row_to_json(own) FROM (SELECT
                k.enrollment_id, k.content_id, k.user_id, k.media_version, k.first_event_at,
                k.last_event_at, k.completion_bp, k.completed_at,
                progress_spans_v1(k.coverage) AS coverage, k.dwell_ppm, k.reported_bp, k.replayed_ms, k.withheld_ms, k.time_ms, k.last_position_milli,
                k.last_position_at, k.last_position_session, k.last_position_sequence,
                k.view_count, k.play_count, k.pause_count, k.seek_count, k.download_count,
                k.answered_bp, k.best_score_bp
                FROM progress_contentprogress k
                WHERE k.user_id = learner AND k.enrollment_id = enrolment
                AND k.content_id = ANY(contents)
            ) own) AS contents,
            ARRAY(
                SELECT json_build_array(
                    k.content_id, k.completion_bp, k.completed_at, k.best_score_bp)
                FROM progress_contentprogress k
                WHERE k.user_id = learner AND k.enrollment_id = enrolment
                AND k.content_id <> ALL(contents)
            ) AS others,
            ARRAY(SELECT row_to_json(own) FROM (SELECT
                i.event_id, encode(i.fingerprint, 'base64') AS fingerprint, i.record
                FROM progress_contentinteraction i
                WHERE i.user_id = learner AND i.session_id = s.session_id
                AND i.session_started_at = s.start_time AND i.status = 'accepted'
                AND i.event_id = ANY(events)
            ) own) AS accepted
        FROM progress_learningsession s
        JOIN progress_courseprogress p
            ON p.user_id = s.user_id AND p.enrollment_id = s.enrollment_id
        JOIN progress_enrollment e ON e.user_id = s.user_id AND e.id = s.enrollment_id
        JOIN progress_user u ON u.id = s.user_id
        JOIN progress_course c ON c.id = s.course_id
        WHERE s.user_id = learner AND s.session_id = session AND s.enrollment_id = enrolment
    ) whole;
    RETURN opened::text;
END $$;
"""

WRITE = """
CREATE FUNCTION progress_write_v1(
    learner bigint, enrolment bigint, session json, progress json, contents json, evidence json
) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    INSERT INTO progress_contentprogress AS k (
        enrollment_id, content_id, user_id, media_version, first_event_at, last_event_at,
        completion_bp, completed_at, coverage, dwell_ppm, reported_bp, replayed_ms, withheld_ms,
        time_ms, last_position_milli, last_position_at, last_position_session,
        last_position_sequence, view_count, play_count, pause_count, seek_count, download_count,
        answered_bp, best_score_bp)
    SELECT
        enrolment, content_id, learner, media_version, first_event_at, last_event_at,
        completion_bp, completed_at, progress_spans_v1(coverage), dwell_ppm, reported_bp,
        replayed_ms, withheld_ms, time_ms, last_position_milli, last_position_at,
        last_position_session, last_position_sequence, view_count, play_count, pause_count,
        seek_count, download_count, answered_bp, best_score_bp
    FROM json_to_recordset(contents) AS own(
        content_id bigint, media_version int, first_event_at timestamptz,
        last_event_at timestamptz, completion_bp int, completed_at timestamptz, coverage json,
        dwell_ppm int[], reported_bp int, replayed_ms bigint, withheld_ms bigint, time_ms bigint,
        last_position_milli bigint, last_position_at timestamptz, last_position_session uuid,
        last_position_sequence bigint, view_count int, play_count int, pause_count int,
        seek_count int, download_count int, answered_bp int, best_score_bp int)
    ON CONFLICT (user_id, enrollment_id, content_id) DO UPDATE SET
        media_version = excluded.media_version,
        last_event_at = excluded.last_event_at,
        completion_bp = excluded.completion_bp,
        completed_at = excluded.completed_at,
        coverage = excluded.coverage,
        dwell_ppm = excluded.dwell_ppm,
        reported_bp = excluded.reported_bp,
        replayed_ms = excluded.replayed_ms,
        withheld_ms = excluded.withheld_ms,
        time_ms = excluded.time_ms,
        last_position_milli = excluded.last_position_milli,
        last_position_at = excluded.last_position_at,
        last_position_session = excluded.last_position_session,
        last_position_sequence = excluded.last_position_sequence,
        view_count = excluded.view_count,
        play_count = excluded.play_count,
        pause_count = excluded.pause_count,
        seek_count = excluded.seek_count,
        download_count = excluded.download_count,
        answered_bp = excluded.answered_bp,
        best_score_bp = excluded.best_score_bp;

    UPDATE progress_learningsession s SET
        end_time = own.end_time,
        end_reason = own.end_reason,
        last_event_at = own.last_activity_at,
        active_until = own.active_until,
        last_sequence = own.last_sequence,
        active_ms = own.active_ms,
        idle_ms = own.idle_ms,
        distractions = own.distractions,
        pages_viewed = own.pages_viewed,
        videos_watched = own.videos_watched,
        quizzes_attempted = own.quizzes_attempted,
        opened = own.opened,
        played = own.played,
        answered = own.answered,
        elapsed_spans = progress_spans_v1(own.elapsed_spans),
        positions = own.positions
    FROM json_to_record(session) AS own(
        session_id uuid, end_time timestamptz, end_reason text, last_activity_at timestamptz,
        active_until bigint, last_sequence bigint, active_ms bigint, idle_ms bigint,
        distractions int, pages_viewed int, videos_watched int, quizzes_attempted int,
        opened bigint[], played bigint[], answered bigint[], elapsed_spans json, positions jsonb)
    WHERE s.user_id = learner AND s.enrollment_id = enrolment AND s.session_id = own.session_id;

    UPDATE progress_courseprogress p SET
        completion_bp = own.completion_bp,
        completed_at = own.completed_at,
        structure_version = own.structure_version,
        module_progress = own.module_progress,
        time_ms = own.time_ms,
        active_spans = progress_spans_v1(own.active_spans),
        elapsed_spans = progress_spans_v1(own.elapsed_spans),
        past_active_until = own.past_active_until,
        past_elapsed_until = own.past_elapsed_until,
        past_elapsed_ms = own.past_elapsed_ms,
        coverage_spent_ms = own.coverage_spent_ms,
        current_module_id = own.current_module_id,
        ended_sessions = own.ended_sessions,
        ended_ms = own.ended_ms,
        resume_content_id = own.resume_content_id,
        resume_session = own.resume_session,
        resume_intent_at = own.resume_intent_at,
        resume_position_milli = own.resume_position_milli,
        resume_updated_at = own.resume_updated_at,
        waived = own.waived,
        chain_length = own.chain_length,
        chain_hash = decode(own.chain_hash, 'base64'),
        updated_at = own.updated_at
    FROM json_to_record(progress) AS own(
        completion_bp int, completed_at timestamptz, structure_version int, module_progress jsonb,
        time_ms bigint, active_spans json, elapsed_spans json, past_active_until bigint,
        past_elapsed_until bigint, past_elapsed_ms bigint, coverage_spent_ms bigint,
        current_module_id bigint, ended_sessions int, ended_ms bigint, resume_content_id bigint,
        resume_session uuid, resume_intent_at timestamptz, resume_position_milli bigint,
        resume_updated_at timestamptz, waived bigint[], chain_length bigint, chain_hash text,
        updated_at timestamptz)
    WHERE p.user_id = learner AND p.enrollment_id = enrolment;

    INSERT INTO progress_contentinteraction (
        enrollment_id, user_id, session_id, session_started_at, content_id, chain_index,
        chain_hash, record, event_id, fingerprint, sequence, interaction_type, status, code,
        received_at, occurred_at, is_active, video_position, reading_position, credited_ms,
        covered_ms, withheld_ms, withheld_active_ms, withheld_reason)
    SELECT
        enrolment, learner, session_id, session_started_at, content_id, chain_index,
        decode(chain_hash, 'base64'), record, event_id, decode(fingerprint, 'base64'), sequence,
        interaction_type, status, code, received_at, occurred_at, is_active, video_position,
        reading_position, credited_ms, covered_ms, withheld_ms, withheld_active_ms,
        withheld_reason
    FROM json_to_recordset(evidence) AS own(
        session_id uuid, session_started_at timestamptz, content_id bigint, chain_index bigint,
        chain_hash text, record text, event_id uuid, fingerprint text, sequence bigint,
        interaction_type text, status text, code text, received_at timestamptz,
        occurred_at timestamptz, is_active boolean, video_position numeric,
        reading_position numeric, credited_ms bigint, covered_ms bigint, withheld_ms bigint,
        withheld_active_ms bigint, withheld_reason text)
    ORDER BY chain_index;
END $$;
"""

DROP = """
DROP FUNCTION progress_write_v1;
DROP FUNCTION progress_open_v1;
DROP FUNCTION progress_spans_v1(json);
DROP FUNCTION progress_spans_v1(int8multirange);
"""


class Migration(migrations.Migration):
    dependencies = [("progress", "0019_mail_schedule")]

    operations = [migrations.RunSQL([SPANS, OPEN, WRITE], DROP)]
