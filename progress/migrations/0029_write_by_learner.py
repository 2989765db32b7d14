"""The second of a heartbeat's functions anew: each statement is one that a shard can answer.

An UPDATE ... FROM json_to_record(...) is not; the record is read beforehand, into a variable.
`progress_write_v1` stays for a release.
"""

from django.db import migrations

WRITE = """
CREATE FUNCTION progress_write_v2(
    learner bigint, enrolment bigint, session json, progress json, contents json, evidence json
) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    s record;
    p record;
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

    SELECT * INTO s FROM json_to_record(session) AS own(
        session_id uuid, end_time timestamptz, end_reason text, last_activity_at timestamptz,
        active_until bigint, last_sequence bigint, active_ms bigint, idle_ms bigint,
        distractions int, pages_viewed int, videos_watched int, quizzes_attempted int,
        opened bigint[], played bigint[], answered bigint[], elapsed_spans json, positions jsonb);
    UPDATE progress_learningsession SET
        end_time = s.end_time,
        end_reason = s.end_reason,
        last_event_at = s.last_activity_at,
        active_until = s.active_until,
        last_sequence = s.last_sequence,
        active_ms = s.active_ms,
        idle_ms = s.idle_ms,
        distractions = s.distractions,
        pages_viewed = s.pages_viewed,
        videos_watched = s.videos_watched,
        quizzes_attempted = s.quizzes_attempted,
        opened = s.opened,
        played = s.played,
        answered = s.answered,
        elapsed_spans = progress_spans_v1(s.elapsed_spans),
        positions = s.positions
    WHERE user_id = learner AND enrollment_id = enrolment AND session_id = s.session_id;

    SELECT * INTO p FROM json_to_record(progress) AS own(
        completion_bp int, completed_at timestamptz, structure_version int, module_progress jsonb,
        time_ms bigint, active_spans json, elapsed_spans json, past_active_until bigint,
        past_elapsed_until bigint, past_elapsed_ms bigint, coverage_spent_ms bigint,
        current_module_id bigint, ended_sessions int, ended_ms bigint, resume_content_id bigint,
        resume_session uuid, resume_intent_at timestamptz, resume_position_milli bigint,
        resume_updated_at timestamptz, waived bigint[], chain_length bigint, chain_hash text,
        updated_at timestamptz);
    UPDATE progress_courseprogress SET
        completion_bp = p.completion_bp,
        completed_at = p.completed_at,
        structure_version = p.structure_version,
        module_progress = p.module_progress,
        time_ms = p.time_ms,
        active_spans = progress_spans_v1(p.active_spans),
        elapsed_spans = progress_spans_v1(p.elapsed_spans),
        past_active_until = p.past_active_until,
        past_elapsed_until = p.past_elapsed_until,
        past_elapsed_ms = p.past_elapsed_ms,
        coverage_spent_ms = p.coverage_spent_ms,
        current_module_id = p.current_module_id,
        ended_sessions = p.ended_sessions,
        ended_ms = p.ended_ms,
        resume_content_id = p.resume_content_id,
        resume_session = p.resume_session,
        resume_intent_at = p.resume_intent_at,
        resume_position_milli = p.resume_position_milli,
        resume_updated_at = p.resume_updated_at,
        waived = p.waived,
        chain_length = p.chain_length,
        chain_hash = decode(p.chain_hash, 'base64'),
        updated_at = p.updated_at
    WHERE user_id = learner AND enrollment_id = enrolment;

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


class Migration(migrations.Migration):
    dependencies = [("progress", "0028_plain_labels")]

    operations = [migrations.RunSQL(WRITE, "DROP FUNCTION progress_write_v2")]
