"""A learner's progress in a course as readers of it need it: all rows by one statement.

Called by name and version (`progress.state.course_rows`), like the functions of a heartbeat: a
change is a new version beside the old one, which stays for a release. Every statement names the
learner, so that one shard can answer it. The plan is made once for a connection.
"""

from django.db import migrations

# NULL: no such enrolment. Without an `enrolment`, it is the current one.
COURSE = """
CREATE FUNCTION progress_course_v1(learner bigint, course bigint, enrolment bigint)
RETURNS text LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    found json;
BEGIN
    SELECT row_to_json(whole) INTO found FROM (
        SELECT
            e.id AS pk, e.user_id, e.course_id, e.cycle,
            u.is_active AND e.is_current AND e.unenrolled_at IS NULL AS is_open,
            (SELECT row_to_json(own) FROM (SELECT
                c.id AS pk, c.structure_version, c.created_at
            ) own) AS course,
            (SELECT row_to_json(own) FROM (SELECT
                p.enrollment_id, p.course_id, p.chain_length, p.completed_at, p.time_ms,
                p.time_spent_minutes, p.current_module_id, p.session_start_time, p.total_sessions,
                p.avg_session_duration, p.resume_content_id, p.resume_position_milli,
                p.resume_updated_at, p.waived, p.waivers_declined
            ) own) AS course_progress,
            ARRAY(
                SELECT json_build_array(
                    k.content_id, k.media_version, k.completion_bp, k.completed_at,
                    progress_spans_v1(k.coverage), k.reported_bp, k.time_ms,
                    k.last_position_milli, k.download_count, k.answered_bp, k.best_score_bp)
                FROM progress_contentprogress k
                WHERE k.user_id = learner AND k.enrollment_id = e.id
                ORDER BY k.content_id
            ) AS contents,
            ARRAY(
                SELECT json_build_array(
                    w.content_id, w.because_id, w.reason, w.score_bp, w.granted_at)
                FROM progress_waiver w
                WHERE w.user_id = learner AND w.enrollment_id = e.id AND w.declined_at IS NULL
                AND p.waived <> '{}'
                ORDER BY w.id
            ) AS waivers
        FROM progress_enrollment e
        JOIN progress_courseprogress p ON p.user_id = e.user_id AND p.enrollment_id = e.id
        JOIN progress_user u ON u.id = e.user_id
        JOIN progress_course c ON c.id = e.course_id
        WHERE e.user_id = learner AND e.course_id = course
        AND (e.id = enrolment OR (enrolment IS NULL AND e.is_current))
    ) whole;
    RETURN found::text;
END $$;
"""

DROP = "DROP FUNCTION progress_course_v1;"


class Migration(migrations.Migration):
    dependencies = [("progress", "0026_row_changes")]

    operations = [migrations.RunSQL(COURSE, DROP)]
