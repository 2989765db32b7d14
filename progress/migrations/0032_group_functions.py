"""The functions of a heartbeat, for a whole group of learners; and what keeps updates in place.

What a statement costs before it touches a row (starting its plan, reading the checks and generated
columns of its table anew) was two fifths of PostgreSQL's time for a heartbeat. A group of
deliveries pays it once. Where the tables are spread over shards, each learner's rows are asked for
by themselves, with the functions of 0020 and 0029.

An index on a column that moves with every heartbeat made each of them write to all of the
session's indexes. The sweep finds what is open by its start instead. And pages of busy rows keep
room for their next versions, which then need no new entry in any index.
"""

from django.db import migrations, models

# Plans are made once for a connection, and go by index also while tables are small.
PLANS = """LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
    SET enable_mergejoin = off SET enable_material = off"""

# A multirange as JSON, `[[1,2],[4,9]]`, and back. STABLE, as the casts of multiranges are, so that
# they become part of the statement that uses them.
SPANS = """
CREATE OR REPLACE FUNCTION progress_spans_v2(spans int8multirange) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE
RETURN translate(spans::text, '{})', '[]]')::json;

CREATE OR REPLACE FUNCTION progress_spans_v2(spans json) RETURNS int8multirange
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (
    '{' || translate(substr(spans::text, 2, length(spans::text) - 2), ']', ')') || '}'
)::int8multirange;

-- Whether the tables are spread over shards (docs/scaling.md).
CREATE OR REPLACE FUNCTION progress_is_distributed_v1() RETURNS boolean
LANGUAGE sql STABLE RETURN to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL;
"""

# No row for what isn't there; or, when it must not wait, for an enrolment in use at this moment.
OPEN = f"""
CREATE OR REPLACE FUNCTION progress_open_group_v1(wanted json, waits boolean)
RETURNS TABLE (enrolment bigint, opened text) {PLANS} AS $$
DECLARE
    held bigint[];
BEGIN
    IF progress_is_distributed_v1() THEN
        RETURN QUERY SELECT w.enrolment, progress_open_v1(
            w.learner, w.enrolment, w.session, w.contents, w.events, waits)
        FROM json_to_recordset(wanted) AS w(
            learner bigint, enrolment bigint, session uuid, contents bigint[], events uuid[])
        ORDER BY w.enrolment;
        RETURN;
    END IF;

    -- The lock order: progress by enrolment, then sessions (progress/operations/locking.py).
    IF waits THEN
        SELECT array_agg(locked.enrollment_id) INTO held FROM (
            SELECT p.enrollment_id
            FROM json_to_recordset(wanted) AS w(learner bigint, enrolment bigint)
            JOIN progress_courseprogress p
                ON p.enrollment_id = w.enrolment AND p.user_id = w.learner
            ORDER BY p.enrollment_id FOR UPDATE OF p
        ) locked;
    ELSE
        SELECT array_agg(locked.enrollment_id) INTO held FROM (
            SELECT p.enrollment_id
            FROM json_to_recordset(wanted) AS w(learner bigint, enrolment bigint)
            JOIN progress_courseprogress p
                ON p.enrollment_id = w.enrolment AND p.user_id = w.learner
            ORDER BY p.enrollment_id FOR UPDATE OF p SKIP LOCKED
        ) locked;
    END IF;
    IF held IS NULL THEN RETURN; END IF;
    PERFORM 1
    FROM json_to_recordset(wanted) AS w(learner bigint, enrolment bigint, session uuid)
    JOIN progress_learningsession s
        ON s.session_id = w.session AND s.user_id = w.learner AND s.enrollment_id = w.enrolment
    WHERE w.enrolment = ANY(held) FOR UPDATE OF s;

    RETURN QUERY SELECT w.enrolment, json_build_object(
        'session', (SELECT row_to_json(own) FROM (SELECT
            s.session_id, s.enrollment_id, s.user_id, s.course_id, s.start_time,
            s.last_event_at AS last_activity_at, s.end_time, s.end_reason, s.active_until,
            s.last_sequence, s.active_ms, s.idle_ms, s.distractions, s.pages_viewed,
            s.videos_watched, s.quizzes_attempted, s.opened, s.played, s.answered,
            progress_spans_v2(s.elapsed_spans) AS elapsed_spans, s.positions,
            ARRAY(
                SELECT upper(o.elapsed_spans) FROM progress_learningsession o
                WHERE o.user_id = w.learner AND o.enrollment_id = w.enrolment
                AND o.end_time IS NULL
            ) AS open_ends
        ) own),
        'progress', (SELECT row_to_json(own) FROM (SELECT
            p.enrollment_id, p.user_id, p.course_id, p.chain_length,
            encode(p.chain_hash, 'base64') AS chain_hash, p.updated_at, p.completion_bp,
            p.completed_at, p.structure_version, p.module_progress, p.time_ms,
            progress_spans_v2(p.active_spans) AS active_spans,
            progress_spans_v2(p.elapsed_spans) AS elapsed_spans,
            p.past_active_until, p.past_elapsed_until, p.past_elapsed_ms, p.coverage_spent_ms,
            p.current_module_id, p.ended_sessions, p.ended_ms, p.resume_content_id,
            p.resume_session, p.resume_intent_at, p.resume_position_milli,
            p.resume_updated_at, p.waived, p.waivers_declined
        ) own),
        'course', (SELECT row_to_json(own) FROM (SELECT
            c.id AS pk, c.structure_version, c.created_at, c.plausibility
        ) own),
        'is_active', u.is_active,
        'is_enrolled', e.unenrolled_at IS NULL,
        'contents', ARRAY(SELECT row_to_json(own) FROM (SELECT
            k.enrollment_id, k.content_id, k.user_id, k.media_version, k.first_event_at,
            k.last_event_at, k.completion_bp, k.completed_at,
            progress_spans_v2(k.coverage) AS coverage, k.dwell_ppm, k.reported_bp, k.replayed_ms,
            k.withheld_ms, k.time_ms, k.last_position_milli, k.last_position_at,
            k.last_position_session, k.last_position_sequence, k.view_count, k.play_count,
            k.pause_count, k.seek_count, k.download_count, k.answered_bp, k.best_score_bp
            FROM progress_contentprogress k
            WHERE k.user_id = w.learner AND k.enrollment_id = w.enrolment
            AND k.content_id = ANY(w.contents)
        ) own),
        'others', ARRAY(
            SELECT json_build_array(k.content_id, k.completion_bp, k.completed_at, k.best_score_bp)
            FROM progress_contentprogress k
            WHERE k.user_id = w.learner AND k.enrollment_id = w.enrolment
            AND k.content_id <> ALL(w.contents)
        ),
        'accepted', ARRAY(SELECT row_to_json(own) FROM (SELECT
            i.event_id, encode(i.fingerprint, 'base64') AS fingerprint, i.record
            FROM progress_contentinteraction i
            WHERE i.user_id = w.learner AND i.session_id = s.session_id
            AND i.session_started_at = s.start_time AND i.status = 'accepted'
            AND i.event_id = ANY(w.events)
        ) own)
    )::text
    FROM json_to_recordset(wanted) AS w(
        learner bigint, enrolment bigint, session uuid, contents bigint[], events uuid[])
    JOIN progress_learningsession s
        ON s.session_id = w.session AND s.user_id = w.learner AND s.enrollment_id = w.enrolment
    JOIN progress_courseprogress p
        ON p.enrollment_id = w.enrolment AND p.user_id = w.learner
    JOIN progress_enrollment e ON e.id = w.enrolment AND e.user_id = w.learner
    JOIN progress_user u ON u.id = w.learner
    JOIN progress_course c ON c.id = s.course_id
    WHERE w.enrolment = ANY(held);
END $$;
"""

# Of contents, `added` are rows that weren't there: the enrolment is locked, nobody else adds them.
WRITE = f"""
CREATE OR REPLACE FUNCTION progress_write_group_v1(
    sessions json, progress json, contents json, added json, evidence json
) RETURNS void {PLANS} AS $$
BEGIN
    IF progress_is_distributed_v1() THEN
        PERFORM progress_write_v2(
            (p ->> 'user_id')::bigint,
            (p ->> 'enrollment_id')::bigint,
            (
                SELECT each FROM json_array_elements(sessions) each
                WHERE each ->> 'enrollment_id' = p ->> 'enrollment_id'
            ),
            p,
            (
                SELECT coalesce(json_agg(each), '[]') FROM (
                    SELECT json_array_elements(contents) AS each
                    UNION ALL SELECT json_array_elements(added)
                ) whole WHERE each ->> 'enrollment_id' = p ->> 'enrollment_id'
            ),
            (
                SELECT coalesce(json_agg(each), '[]') FROM json_array_elements(evidence) each
                WHERE each ->> 'enrollment_id' = p ->> 'enrollment_id'
            )
        )
        FROM json_array_elements(progress) p;
        RETURN;
    END IF;

    UPDATE progress_contentprogress k SET
        media_version = own.media_version,
        last_event_at = own.last_event_at,
        completion_bp = own.completion_bp,
        completed_at = own.completed_at,
        coverage = progress_spans_v2(own.coverage),
        dwell_ppm = own.dwell_ppm,
        reported_bp = own.reported_bp,
        replayed_ms = own.replayed_ms,
        withheld_ms = own.withheld_ms,
        time_ms = own.time_ms,
        last_position_milli = own.last_position_milli,
        last_position_at = own.last_position_at,
        last_position_session = own.last_position_session,
        last_position_sequence = own.last_position_sequence,
        view_count = own.view_count,
        play_count = own.play_count,
        pause_count = own.pause_count,
        seek_count = own.seek_count,
        download_count = own.download_count,
        answered_bp = own.answered_bp,
        best_score_bp = own.best_score_bp
    FROM json_to_recordset(contents) AS own(
        user_id bigint, enrollment_id bigint, content_id bigint, media_version int,
        last_event_at timestamptz, completion_bp int, completed_at timestamptz, coverage json,
        dwell_ppm int[], reported_bp int, replayed_ms bigint, withheld_ms bigint, time_ms bigint,
        last_position_milli bigint, last_position_at timestamptz, last_position_session uuid,
        last_position_sequence bigint, view_count int, play_count int, pause_count int,
        seek_count int, download_count int, answered_bp int, best_score_bp int)
    WHERE k.user_id = own.user_id AND k.enrollment_id = own.enrollment_id
    AND k.content_id = own.content_id;

    IF json_array_length(added) > 0 THEN
        INSERT INTO progress_contentprogress (
            enrollment_id, content_id, user_id, media_version, first_event_at, last_event_at,
            completion_bp, completed_at, coverage, dwell_ppm, reported_bp, replayed_ms,
            withheld_ms, time_ms, last_position_milli, last_position_at, last_position_session,
            last_position_sequence, view_count, play_count, pause_count, seek_count,
            download_count, answered_bp, best_score_bp)
        SELECT
            enrollment_id, content_id, user_id, media_version, first_event_at, last_event_at,
            completion_bp, completed_at, progress_spans_v2(coverage), dwell_ppm, reported_bp,
            replayed_ms, withheld_ms, time_ms, last_position_milli, last_position_at,
            last_position_session, last_position_sequence, view_count, play_count, pause_count,
            seek_count, download_count, answered_bp, best_score_bp
        FROM json_to_recordset(added) AS own(
            user_id bigint, enrollment_id bigint, content_id bigint, media_version int,
            first_event_at timestamptz, last_event_at timestamptz, completion_bp int,
            completed_at timestamptz, coverage json, dwell_ppm int[], reported_bp int,
            replayed_ms bigint, withheld_ms bigint, time_ms bigint, last_position_milli bigint,
            last_position_at timestamptz, last_position_session uuid,
            last_position_sequence bigint, view_count int, play_count int, pause_count int,
            seek_count int, download_count int, answered_bp int, best_score_bp int);
    END IF;

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
        elapsed_spans = progress_spans_v2(own.elapsed_spans),
        positions = own.positions
    FROM json_to_recordset(sessions) AS own(
        user_id bigint, enrollment_id bigint, session_id uuid, end_time timestamptz,
        end_reason text, last_activity_at timestamptz, active_until bigint, last_sequence bigint,
        active_ms bigint, idle_ms bigint, distractions int, pages_viewed int, videos_watched int,
        quizzes_attempted int, opened bigint[], played bigint[], answered bigint[],
        elapsed_spans json, positions jsonb)
    WHERE s.session_id = own.session_id AND s.user_id = own.user_id
    AND s.enrollment_id = own.enrollment_id;

    UPDATE progress_courseprogress p SET
        completion_bp = own.completion_bp,
        completed_at = own.completed_at,
        structure_version = own.structure_version,
        module_progress = own.module_progress,
        time_ms = own.time_ms,
        active_spans = progress_spans_v2(own.active_spans),
        elapsed_spans = progress_spans_v2(own.elapsed_spans),
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
    FROM json_to_recordset(progress) AS own(
        user_id bigint, enrollment_id bigint, completion_bp int, completed_at timestamptz,
        structure_version int, module_progress jsonb, time_ms bigint, active_spans json,
        elapsed_spans json, past_active_until bigint, past_elapsed_until bigint,
        past_elapsed_ms bigint, coverage_spent_ms bigint, current_module_id bigint,
        ended_sessions int, ended_ms bigint, resume_content_id bigint, resume_session uuid,
        resume_intent_at timestamptz, resume_position_milli bigint, resume_updated_at timestamptz,
        waived bigint[], chain_length bigint, chain_hash text, updated_at timestamptz)
    WHERE p.enrollment_id = own.enrollment_id AND p.user_id = own.user_id;

    INSERT INTO progress_contentinteraction (
        enrollment_id, user_id, session_id, session_started_at, content_id, chain_index,
        chain_hash, record, event_id, fingerprint, sequence, interaction_type, status, code,
        received_at, occurred_at, is_active, video_position, reading_position, credited_ms,
        covered_ms, withheld_ms, withheld_active_ms, withheld_reason)
    SELECT
        enrollment_id, user_id, session_id, session_started_at, content_id, chain_index,
        decode(chain_hash, 'base64'), record, event_id, decode(fingerprint, 'base64'), sequence,
        interaction_type, status, code, received_at, occurred_at, is_active, video_position,
        reading_position, credited_ms, covered_ms, withheld_ms, withheld_active_ms,
        withheld_reason
    FROM json_to_recordset(evidence) AS own(
        user_id bigint, enrollment_id bigint, session_id uuid, session_started_at timestamptz,
        content_id bigint, chain_index bigint, chain_hash text, record text, event_id uuid,
        fingerprint text, sequence bigint, interaction_type text, status text, code text,
        received_at timestamptz, occurred_at timestamptz, is_active boolean,
        video_position numeric, reading_position numeric, credited_ms bigint, covered_ms bigint,
        withheld_ms bigint, withheld_active_ms bigint, withheld_reason text);
END $$;
"""

DROP = """
DROP FUNCTION progress_write_group_v1;
DROP FUNCTION progress_open_group_v1;
DROP FUNCTION progress_is_distributed_v1;
DROP FUNCTION progress_spans_v2(json);
DROP FUNCTION progress_spans_v2(int8multirange);
"""

ROOM = """
ALTER TABLE progress_courseprogress SET (fillfactor = 70);
ALTER TABLE progress_learningsession SET (fillfactor = 70);
ALTER TABLE progress_contentprogress SET (fillfactor = 85);
"""
NO_ROOM = """
ALTER TABLE progress_courseprogress RESET (fillfactor);
ALTER TABLE progress_learningsession RESET (fillfactor);
ALTER TABLE progress_contentprogress RESET (fillfactor);
"""

NEW_INDEX = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS "session_open_by_start"
ON "progress_learningsession" ("start_time", "session_id") WHERE "end_time" IS NULL
"""
OLD_INDEX = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS "session_open_by_silence"
ON "progress_learningsession" ("last_event_at") WHERE "end_time" IS NULL
"""


class Migration(migrations.Migration):
    atomic = False  # indexes are made while everybody else works
    dependencies = [("progress", "0031_key_details")]

    operations = [
        migrations.RunSQL([SPANS, OPEN, WRITE], DROP),
        migrations.RunSQL(ROOM, NO_ROOM),
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    NEW_INDEX, 'DROP INDEX CONCURRENTLY IF EXISTS "session_open_by_start"'
                ),
                migrations.RunSQL(
                    'DROP INDEX CONCURRENTLY IF EXISTS "session_open_by_silence"', OLD_INDEX
                ),
            ],
            [
                migrations.AddIndex(
                    model_name="learningsession",
                    index=models.Index(
                        fields=["start_time", "session_id"],
                        condition=models.Q(end_time=None),
                        name="session_open_by_start",
                    ),
                ),
                migrations.RemoveIndex("learningsession", "session_open_by_silence"),
            ],
        ),
    ]
