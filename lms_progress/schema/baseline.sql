-- Made by `manage.py write_baseline` with PostgreSQL 18; not to be edited.
CREATE FUNCTION public.certificates_note_new() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO progress_rowchange AS known
        (table_name, row_id, transaction_id, changed_at, is_deleted)
    SELECT TG_TABLE_NAME, id, pg_current_xact_id()::text::bigint, clock_timestamp(), false
        FROM certificates_certificate WHERE user_id = NEW.user_id AND course_id = NEW.course_id
        ORDER BY id
    ON CONFLICT (table_name, row_id) DO UPDATE SET transaction_id = EXCLUDED.transaction_id,
        changed_at = EXCLUDED.changed_at, is_deleted = false;
    RETURN NULL;
END $$;
CREATE FUNCTION public.certificates_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'the evidence of a certificate is sealed: it never changes'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION public.certificates_refuse_loss() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% stays as it was given out', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION public.certificates_refuse_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'certificate % is issued: its facts never change', OLD.number
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION public.connections_alert_closed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM connections_record_v1('alert.closed', NEW.user_id, NEW.course_id, NEW.enrollment_id, NEW.id::text, '{}');
    RETURN NULL;
END $$;
CREATE FUNCTION public.connections_alert_opened() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM connections_record_v1('alert.opened', NEW.user_id, NEW.course_id, NEW.enrollment_id, NEW.id::text, '{}');
    RETURN NULL;
END $$;
CREATE FUNCTION public.connections_certificate_issued() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM connections_record_v1('certificate.issued', NEW.user_id, NEW.course_id, NEW.enrollment_id, NEW.id::text, '{}');
    RETURN NULL;
END $$;
CREATE FUNCTION public.connections_certificate_revoked() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    
    PERFORM connections_record_v1('certificate.revoked', c.user_id, c.course_id, c.enrollment_id, c.id::text, '{}')
    FROM certificates_certificate c WHERE c.id = NEW.certificate_id;
        
    RETURN NULL;
END $$;
CREATE FUNCTION public.connections_content_completed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    
    PERFORM connections_record_v1('content.completed', NEW.user_id, e.course_id, NEW.enrollment_id,
        NEW.content_id::text, jsonb_build_object('completed_at', NEW.completed_at))
    FROM progress_enrollment e WHERE e.id = NEW.enrollment_id AND e.user_id = NEW.user_id;

    RETURN NULL;
END $$;
CREATE FUNCTION public.connections_content_completed_at_once() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    
    PERFORM connections_record_v1('content.completed', NEW.user_id, e.course_id, NEW.enrollment_id,
        NEW.content_id::text, jsonb_build_object('completed_at', NEW.completed_at))
    FROM progress_enrollment e WHERE e.id = NEW.enrollment_id AND e.user_id = NEW.user_id;

    RETURN NULL;
END $$;
CREATE FUNCTION public.connections_course_progress() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    
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
        
    RETURN NULL;
END $$;
CREATE FUNCTION public.connections_enrollment_created() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM connections_record_v1('enrollment.created', NEW.user_id, NEW.course_id, NEW.id, '', '{}');
    RETURN NULL;
END $$;
CREATE FUNCTION public.connections_learner_created() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM connections_record_v1('learner.created', NEW.id, NULL, NULL, '', '{}');
    RETURN NULL;
END $$;
CREATE FUNCTION public.connections_learner_deactivated() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM connections_record_v1('learner.deactivated', NEW.id, NULL, NULL, '', '{}');
    RETURN NULL;
END $$;
CREATE FUNCTION public.connections_record_v1(kind text, learner bigint, course bigint, enrolment bigint, about text, known jsonb) RETURNS void
    LANGUAGE sql
    AS $$
    INSERT INTO connections_event
        (type, user_id, course_id, enrollment_id, subject, facts, transaction, recorded_at)
    SELECT kind, learner, course, enrolment, about, known,
        pg_current_xact_id()::text::bigint, clock_timestamp()
    WHERE current_setting('progress.bulk', true) IS DISTINCT FROM 'on';
$$;
CREATE FUNCTION public.connections_session_ended() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM connections_record_v1('session.ended', NEW.user_id, NEW.course_id, NEW.enrollment_id, NEW.session_id::text, '{}');
    RETURN NULL;
END $$;
CREATE FUNCTION public.progress_changes_began() RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE
    AS $$SELECT now()::timestamptz$$;
CREATE FUNCTION public.progress_check_test_course() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (
        SELECT FROM progress_course c JOIN progress_user u ON u.id = NEW.user_id
        WHERE c.id = NEW.course_id AND c.is_test AND NOT u.is_test
    ) THEN
        RAISE EXCEPTION 'Only test learners can be in the test course %.', NEW.course_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'test_course_only';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.progress_course_v1(learner bigint, course bigint, enrolment bigint) RETURNS text
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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
CREATE FUNCTION public.progress_is_distributed_v1() RETURNS boolean
    LANGUAGE sql STABLE
    RETURN (to_regclass('pg_catalog.pg_dist_partition'::text) IS NOT NULL);
CREATE FUNCTION public.progress_keep_test_mark() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'Whether % % is a test can not be changed.', TG_TABLE_NAME, OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'test_mark_kept';
END $$;
CREATE FUNCTION public.progress_note_by_certificate_id() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO progress_rowchange AS known
        (table_name, row_id, transaction_id, changed_at, is_deleted)
    VALUES (TG_TABLE_NAME, NEW.certificate_id, pg_current_xact_id()::text::bigint, clock_timestamp(),
        false)
    ON CONFLICT (table_name, row_id) DO UPDATE SET transaction_id = EXCLUDED.transaction_id,
        changed_at = EXCLUDED.changed_at, is_deleted = false;
    RETURN NULL;
END $$;
CREATE FUNCTION public.progress_note_by_enrollment_id() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO progress_rowchange AS known
        (table_name, row_id, transaction_id, changed_at, is_deleted)
    VALUES (TG_TABLE_NAME, NEW.enrollment_id, pg_current_xact_id()::text::bigint, clock_timestamp(),
        false)
    ON CONFLICT (table_name, row_id) DO UPDATE SET transaction_id = EXCLUDED.transaction_id,
        changed_at = EXCLUDED.changed_at, is_deleted = false;
    RETURN NULL;
END $$;
CREATE FUNCTION public.progress_note_by_id() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO progress_rowchange AS known
        (table_name, row_id, transaction_id, changed_at, is_deleted)
    VALUES (TG_TABLE_NAME, NEW.id, pg_current_xact_id()::text::bigint, clock_timestamp(),
        false)
    ON CONFLICT (table_name, row_id) DO UPDATE SET transaction_id = EXCLUDED.transaction_id,
        changed_at = EXCLUDED.changed_at, is_deleted = false;
    RETURN NULL;
END $$;
CREATE FUNCTION public.progress_note_by_requirement_id() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO progress_rowchange AS known
        (table_name, row_id, transaction_id, changed_at, is_deleted)
    VALUES (TG_TABLE_NAME, NEW.requirement_id, pg_current_xact_id()::text::bigint, clock_timestamp(),
        false)
    ON CONFLICT (table_name, row_id) DO UPDATE SET transaction_id = EXCLUDED.transaction_id,
        changed_at = EXCLUDED.changed_at, is_deleted = false;
    RETURN NULL;
END $$;
CREATE FUNCTION public.progress_note_deletion() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    gone jsonb := to_jsonb(OLD);
    learner bigint := coalesce(gone->>'user_id', gone->>'owner_id')::bigint;
    course bigint := (gone->>'course_id')::bigint;
BEGIN
    INSERT INTO progress_rowchange AS known
        (table_name, row_id, transaction_id, changed_at, is_deleted, course_id, user_id, is_test)
    VALUES (TG_TABLE_NAME, (gone->>TG_ARGV[0])::bigint, pg_current_xact_id()::text::bigint,
        clock_timestamp(), true, course, learner,
        coalesce((gone->>'is_test')::boolean,
            EXISTS (SELECT FROM progress_user u WHERE u.id = learner AND u.is_test)
            OR EXISTS (SELECT FROM progress_course c WHERE c.id = course AND c.is_test)))
    ON CONFLICT (table_name, row_id) DO UPDATE SET transaction_id = EXCLUDED.transaction_id,
        changed_at = EXCLUDED.changed_at, is_deleted = true, course_id = EXCLUDED.course_id,
        user_id = EXCLUDED.user_id, is_test = EXCLUDED.is_test;
    RETURN NULL;
END $$;
CREATE FUNCTION public.progress_note_progress_v1() RETURNS trigger
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
    INSERT INTO progress_rowchange AS known
        (table_name, row_id, transaction_id, changed_at, is_deleted)
    SELECT TG_TABLE_NAME, after.enrollment_id, pg_current_xact_id()::text::bigint,
        clock_timestamp(), false
    FROM after_update AS after JOIN before_update AS before USING (enrollment_id)
    WHERE (before.completion_bp, before.completed_at, before.time_ms)
        IS DISTINCT FROM (after.completion_bp, after.completed_at, after.time_ms)
    ORDER BY after.enrollment_id
    ON CONFLICT (table_name, row_id) DO UPDATE SET transaction_id = EXCLUDED.transaction_id,
        changed_at = EXCLUDED.changed_at, is_deleted = false;
    RETURN NULL;
END $$;
CREATE FUNCTION public.progress_open_group_v1(wanted json, waits boolean) RETURNS TABLE(enrolment bigint, opened text)
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_material TO 'off'
    AS $$
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
CREATE FUNCTION public.progress_open_v1(learner bigint, enrolment bigint, session uuid, contents bigint[], events uuid[], waits boolean) RETURNS text
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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
CREATE FUNCTION public.progress_outside_completion_stays() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    withdrawal text[] := '{withdrawn_at,withdrawn_by_id,withdrawn_key,withdrawal_reason}';
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL
       AND to_jsonb(NEW) - withdrawal = to_jsonb(OLD) - withdrawal THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM progress_user u WHERE u.id = OLD.user_id AND u.is_test
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'an outside completion stays as it was recorded; it can be withdrawn, once'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION public.progress_refuse_circle() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('progress_user.manager', 0));
    IF EXISTS (
        SELECT FROM progress_team_v1(NEW.id) AS below(id) WHERE below.id = NEW.manager_id
    ) THEN
        RAISE EXCEPTION 'user % reports to %, directly or through others',
            NEW.manager_id, NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'user_manager_no_circle';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.progress_spans_v1(spans int8multirange) RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (translate((spans)::text, '{})'::text, '[]]'::text))::json;
CREATE FUNCTION public.progress_spans_v1(spans json) RETURNS int8multirange
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (CASE (spans)::text WHEN '[]'::text THEN '{}'::text ELSE replace(replace(replace((spans)::text, '],['::text, '),['::text), '[['::text, '{['::text), ']]'::text, ')}'::text) END)::int8multirange;
CREATE FUNCTION public.progress_spans_v2(spans int8multirange) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (translate((spans)::text, '{})'::text, '[]]'::text))::json;
CREATE FUNCTION public.progress_spans_v2(spans json) RETURNS int8multirange
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN ((('{'::text || translate(substr((spans)::text, 2, (length((spans)::text) - 2)), ']'::text, ')'::text)) || '}'::text))::int8multirange;
CREATE FUNCTION public.progress_start_by_key_v1(key_digest text, key_scopes text[], note_every interval, learner bigint, course bigint, wanted_module bigint, wanted_content bigint, device text, client_session uuid, new_session uuid, moment timestamp with time zone, elapsed text) RETURNS text
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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
CREATE FUNCTION public.progress_start_by_key_v2(key_digest text, key_scopes text[], note_every interval, learner bigint, course bigint, wanted_module bigint, wanted_content bigint, device text, client_session uuid, new_session uuid, moment timestamp with time zone, elapsed text) RETURNS text
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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
    AND NOT EXISTS (
        SELECT 1 FROM progress_user l
        WHERE l.id = learner AND l.is_test <> (d.is_test OR u.is_test))
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
CREATE FUNCTION public.progress_start_v1(learner bigint, course bigint, wanted_module bigint, wanted_content bigint, device text, client_session uuid, new_session uuid, moment timestamp with time zone, elapsed text) RETURNS text
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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
CREATE FUNCTION public.progress_team_v1(leader bigint) RETURNS SETOF bigint
    LANGUAGE sql STABLE ROWS 100
    AS $$
    WITH RECURSIVE team(id) AS (
        SELECT person.id FROM progress_user person WHERE person.manager_id = leader
        UNION
        SELECT person.id FROM progress_user person JOIN team ON person.manager_id = team.id
    )
    SELECT team.id FROM team
$$;
CREATE FUNCTION public.progress_waiver_stays() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.declined_at IS NULL AND NEW.declined_at IS NOT NULL
       AND to_jsonb(NEW) - 'declined_at' = to_jsonb(OLD) - 'declined_at' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM progress_user u WHERE u.id = OLD.user_id AND u.is_test
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a waiver stays as it was granted; it can be declined, once'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION public.progress_write_group_v1(sessions json, progress json, contents json, added json, evidence json) RETURNS void
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_material TO 'off'
    AS $$
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
CREATE FUNCTION public.progress_write_v1(learner bigint, enrolment bigint, session json, progress json, contents json, evidence json) RETURNS void
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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
CREATE FUNCTION public.progress_write_v2(learner bigint, enrolment bigint, session json, progress json, contents json, evidence json) RETURNS void
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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


CREATE TABLE public.account_emailaddress (
    id integer NOT NULL,
    email character varying(254) NOT NULL,
    verified boolean NOT NULL,
    "primary" boolean NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.account_emailaddress ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailaddress_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.account_emailconfirmation (
    id integer NOT NULL,
    created timestamp with time zone NOT NULL,
    sent timestamp with time zone,
    key character varying(64) NOT NULL,
    email_address_id integer NOT NULL
);
ALTER TABLE public.account_emailconfirmation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailconfirmation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_alert (
    id bigint NOT NULL,
    kind character varying(13) NOT NULL,
    state character varying(12) NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    since timestamp with time zone NOT NULL,
    last_seen timestamp with time zone,
    facts jsonb NOT NULL,
    snoozed_until timestamp with time zone,
    closed_at timestamp with time zone,
    closing character varying(7) NOT NULL,
    assigned_to_id bigint,
    course_id bigint NOT NULL,
    enrollment_id bigint NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT alert_closed_for_a_reason CHECK ((((closed_at IS NOT NULL) AND ((state)::text = 'closed'::text) AND (NOT ((closing)::text = ''::text))) OR ((NOT ((state)::text = 'closed'::text)) AND (closed_at IS NULL) AND ((closing)::text = ''::text)))),
    CONSTRAINT alert_snoozed_until_a_moment CHECK ((((snoozed_until IS NOT NULL) AND ((state)::text = 'snoozed'::text)) OR ((NOT ((state)::text = 'snoozed'::text)) AND (snoozed_until IS NULL))))
);
ALTER TABLE public.analytics_alert ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_alert_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_alertstep (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    what character varying(12) NOT NULL,
    until timestamp with time zone,
    alert_id bigint NOT NULL,
    by_id bigint,
    to_id bigint
);
ALTER TABLE public.analytics_alertstep ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_alertstep_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_alertthresholds (
    id smallint NOT NULL,
    switched_off character varying(13)[] NOT NULL,
    never_started_days smallint NOT NULL,
    inactive_times_usual smallint NOT NULL,
    inactive_min_days smallint CONSTRAINT analytics_alertthresholds_inactive_least_days_not_null NOT NULL,
    inactive_max_days smallint CONSTRAINT analytics_alertthresholds_inactive_most_days_not_null NOT NULL,
    inactive_unknown_days smallint NOT NULL,
    pace_after_percent smallint NOT NULL,
    pace_behind_points smallint NOT NULL,
    failing_attempts smallint NOT NULL,
    skipping_min_seconds integer CONSTRAINT analytics_alertthresholds_skipping_least_seconds_not_null NOT NULL,
    skipping_percent smallint NOT NULL,
    integrity_events smallint NOT NULL,
    recent_days smallint NOT NULL,
    cool_down_days smallint NOT NULL,
    CONSTRAINT alert_inactive_min_before_max CHECK ((inactive_min_days <= inactive_max_days)),
    CONSTRAINT alert_thresholds_one_row CHECK ((id = 1)),
    CONSTRAINT analytics_alertthresholds_cool_down_days_check CHECK ((cool_down_days >= 0)),
    CONSTRAINT analytics_alertthresholds_failing_attempts_check CHECK ((failing_attempts >= 0)),
    CONSTRAINT analytics_alertthresholds_id_check CHECK ((id >= 0)),
    CONSTRAINT analytics_alertthresholds_inactive_least_days_check CHECK ((inactive_min_days >= 0)),
    CONSTRAINT analytics_alertthresholds_inactive_most_days_check CHECK ((inactive_max_days >= 0)),
    CONSTRAINT analytics_alertthresholds_inactive_times_usual_check CHECK ((inactive_times_usual >= 0)),
    CONSTRAINT analytics_alertthresholds_inactive_unknown_days_check CHECK ((inactive_unknown_days >= 0)),
    CONSTRAINT analytics_alertthresholds_integrity_events_check CHECK ((integrity_events >= 0)),
    CONSTRAINT analytics_alertthresholds_never_started_days_check CHECK ((never_started_days >= 0)),
    CONSTRAINT analytics_alertthresholds_pace_after_percent_check CHECK ((pace_after_percent >= 0)),
    CONSTRAINT analytics_alertthresholds_pace_behind_points_check CHECK ((pace_behind_points >= 0)),
    CONSTRAINT analytics_alertthresholds_recent_days_check CHECK ((recent_days >= 0)),
    CONSTRAINT analytics_alertthresholds_skipping_least_seconds_check CHECK ((skipping_min_seconds >= 0)),
    CONSTRAINT analytics_alertthresholds_skipping_percent_check CHECK ((skipping_percent >= 0))
);
CREATE TABLE public.analytics_completionforecast (
    enrollment_id bigint NOT NULL,
    as_of timestamp with time zone NOT NULL,
    part smallint NOT NULL,
    left_seconds integer NOT NULL,
    left_contents integer NOT NULL,
    first_at timestamp with time zone,
    median_at timestamp with time zone,
    last_at timestamp with time zone,
    horizon_at timestamp with time zone,
    late_chance double precision,
    insufficient character varying(12) NOT NULL,
    course_id bigint NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT analytics_completionforecast_left_contents_check CHECK ((left_contents >= 0)),
    CONSTRAINT analytics_completionforecast_left_seconds_check CHECK ((left_seconds >= 0)),
    CONSTRAINT analytics_completionforecast_part_check CHECK ((part >= 0)),
    CONSTRAINT forecast_in_order CHECK (((last_at IS NULL) OR (last_at >= first_at))),
    CONSTRAINT forecast_late_chance CHECK (((late_chance IS NULL) OR ((late_chance >= (0.0)::double precision) AND (late_chance <= (1.0)::double precision)))),
    CONSTRAINT forecast_or_why_not CHECK ((((first_at IS NULL) AND (last_at IS NULL) AND (median_at IS NULL) AND (NOT ((insufficient)::text = ''::text))) OR ((first_at IS NOT NULL) AND (horizon_at IS NOT NULL) AND ((insufficient)::text = ''::text))))
);
CREATE TABLE public.analytics_contentcurve (
    id bigint NOT NULL,
    session_month date NOT NULL,
    seen integer[] NOT NULL,
    seek_in integer[] NOT NULL,
    seek_out integer[] NOT NULL,
    pauses integer[] NOT NULL,
    dwell_ms bigint[] NOT NULL,
    edition_id bigint NOT NULL
);
ALTER TABLE public.analytics_contentcurve ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_contentcurve_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_contentday (
    id bigint NOT NULL,
    day date NOT NULL,
    session_month date NOT NULL,
    events integer NOT NULL,
    active_ms bigint NOT NULL,
    covered_ms bigint NOT NULL,
    replayed_ms bigint NOT NULL,
    withheld_ms bigint NOT NULL,
    distractions integer NOT NULL,
    views integer NOT NULL,
    plays integer NOT NULL,
    pauses integer NOT NULL,
    seeks integer NOT NULL,
    content_id bigint NOT NULL,
    CONSTRAINT analytics_contentday_active_ms_check CHECK ((active_ms >= 0)),
    CONSTRAINT analytics_contentday_covered_ms_check CHECK ((covered_ms >= 0)),
    CONSTRAINT analytics_contentday_distractions_check CHECK ((distractions >= 0)),
    CONSTRAINT analytics_contentday_events_check CHECK ((events >= 0)),
    CONSTRAINT analytics_contentday_pauses_check CHECK ((pauses >= 0)),
    CONSTRAINT analytics_contentday_plays_check CHECK ((plays >= 0)),
    CONSTRAINT analytics_contentday_replayed_ms_check CHECK ((replayed_ms >= 0)),
    CONSTRAINT analytics_contentday_seeks_check CHECK ((seeks >= 0)),
    CONSTRAINT analytics_contentday_views_check CHECK ((views >= 0)),
    CONSTRAINT analytics_contentday_withheld_ms_check CHECK ((withheld_ms >= 0))
);
ALTER TABLE public.analytics_contentday ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_contentday_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_contentdropout (
    content_id bigint NOT NULL,
    begun integer NOT NULL,
    "left" integer NOT NULL,
    counted_at timestamp with time zone NOT NULL,
    CONSTRAINT analytics_contentdropout_begun_check CHECK ((begun >= 0)),
    CONSTRAINT analytics_contentdropout_left_check CHECK (("left" >= 0))
);
CREATE TABLE public.analytics_contentedition (
    id bigint NOT NULL,
    since timestamp with time zone,
    media_version integer NOT NULL,
    kind character varying(5) NOT NULL,
    extent bigint,
    buckets integer NOT NULL,
    content_id bigint NOT NULL,
    CONSTRAINT analytics_contentedition_buckets_check CHECK ((buckets >= 0)),
    CONSTRAINT analytics_contentedition_extent_check CHECK ((extent >= 0)),
    CONSTRAINT analytics_contentedition_media_version_check CHECK ((media_version >= 0))
);
ALTER TABLE public.analytics_contentedition ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_contentedition_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_contentreach (
    edition_id bigint NOT NULL,
    learners integer NOT NULL,
    finished integer NOT NULL,
    viewers integer[] NOT NULL,
    drop_offs integer[] NOT NULL,
    replayers integer[] DEFAULT '{}'::integer[] NOT NULL,
    CONSTRAINT analytics_contentreach_finished_check CHECK ((finished >= 0)),
    CONSTRAINT analytics_contentreach_learners_check CHECK ((learners >= 0))
);
CREATE TABLE public.analytics_courseday (
    id bigint NOT NULL,
    day date NOT NULL,
    active_ms bigint NOT NULL,
    hours_ms bigint[] NOT NULL,
    is_stale boolean NOT NULL,
    course_id bigint NOT NULL,
    CONSTRAINT analytics_courseday_active_ms_check CHECK ((active_ms >= 0))
);
ALTER TABLE public.analytics_courseday ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_courseday_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_digest (
    id bigint NOT NULL,
    subject character varying(255) NOT NULL,
    body text NOT NULL,
    written_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    error character varying(255) NOT NULL,
    day date NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.analytics_digest ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_digest_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_digestchoice (
    user_id bigint NOT NULL,
    rhythm character varying(6) NOT NULL
);
CREATE TABLE public.analytics_dismissal (
    id bigint NOT NULL,
    dismissed_at timestamp with time zone NOT NULL,
    content_id bigint NOT NULL,
    enrollment_id bigint NOT NULL,
    until timestamp with time zone
);
ALTER TABLE public.analytics_dismissal ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_dismissal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_escalation (
    id bigint NOT NULL,
    due_on date NOT NULL,
    planned_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    error character varying(255) NOT NULL,
    user_id bigint NOT NULL,
    step_id bigint NOT NULL
);
ALTER TABLE public.analytics_escalation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_escalation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_escalationstep (
    id bigint NOT NULL,
    days integer NOT NULL,
    "to" character varying(11) NOT NULL,
    address character varying(254) NOT NULL,
    requirement_id bigint NOT NULL,
    CONSTRAINT escalation_step_address CHECK ((((("to")::text = 'address'::text) AND (NOT ((address)::text = ''::text))) OR ((NOT (("to")::text = 'address'::text)) AND ((address)::text = ''::text))))
);
ALTER TABLE public.analytics_escalationstep ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_escalationstep_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_exemption (
    id bigint NOT NULL,
    reason character varying(255) NOT NULL,
    since date NOT NULL,
    until date,
    granted_by_id bigint,
    user_id bigint NOT NULL,
    requirement_id bigint NOT NULL,
    CONSTRAINT exemption_ends_after_it_begins CHECK (((until IS NULL) OR (until >= since)))
);
ALTER TABLE public.analytics_exemption ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_exemption_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_foldedcourse (
    course_id bigint NOT NULL,
    structure_version integer NOT NULL,
    completions_version integer NOT NULL,
    CONSTRAINT analytics_foldedcourse_completions_version_check CHECK ((completions_version >= 0)),
    CONSTRAINT analytics_foldedcourse_structure_version_check CHECK ((structure_version >= 0))
);
CREATE TABLE public.analytics_foldedenrollment (
    enrollment_id bigint NOT NULL,
    folded bigint NOT NULL,
    time_zone character varying(64) NOT NULL,
    is_due boolean NOT NULL,
    user_id bigint,
    CONSTRAINT analytics_foldedenrollment_folded_check CHECK ((folded >= 0))
);
CREATE TABLE public.analytics_forecastrecord (
    id bigint NOT NULL,
    week smallint NOT NULL,
    part smallint NOT NULL,
    predicted_at timestamp with time zone NOT NULL,
    hours integer[] NOT NULL,
    horizon_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    level double precision NOT NULL,
    is_calibrated boolean NOT NULL,
    first_at timestamp with time zone,
    last_at timestamp with time zone,
    late_chance double precision,
    is_shown boolean NOT NULL,
    is_settled boolean NOT NULL,
    finished_at timestamp with time zone,
    is_inside boolean,
    was_late boolean,
    course_id bigint NOT NULL,
    enrollment_id bigint NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT analytics_forecastrecord_part_check CHECK ((part >= 0)),
    CONSTRAINT analytics_forecastrecord_week_check CHECK ((week >= 0)),
    CONSTRAINT forecast_record_late_chance CHECK (((late_chance IS NULL) OR ((late_chance >= (0.0)::double precision) AND (late_chance <= (1.0)::double precision))))
);
ALTER TABLE public.analytics_forecastrecord ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_forecastrecord_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_forecastvalidation (
    id bigint NOT NULL,
    part smallint NOT NULL,
    verdict character varying(10) NOT NULL,
    enrollments integer NOT NULL,
    forecasts integer NOT NULL,
    coverage double precision,
    coverage_low double precision,
    coverage_high double precision,
    width_days double precision,
    level double precision NOT NULL,
    is_calibrated boolean NOT NULL,
    late_expected double precision,
    late_seen double precision,
    late_error double precision,
    is_late_valid boolean NOT NULL,
    measured_at timestamp with time zone NOT NULL,
    course_id bigint,
    CONSTRAINT analytics_forecastvalidation_enrollments_check CHECK ((enrollments >= 0)),
    CONSTRAINT analytics_forecastvalidation_forecasts_check CHECK ((forecasts >= 0)),
    CONSTRAINT analytics_forecastvalidation_part_check CHECK ((part >= 0))
);
ALTER TABLE public.analytics_forecastvalidation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_forecastvalidation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_hourlyrate (
    id bigint NOT NULL,
    department character varying(120) NOT NULL,
    amount numeric(9,2) NOT NULL,
    CONSTRAINT hourly_rate_positive CHECK ((amount >= (0)::numeric))
);
ALTER TABLE public.analytics_hourlyrate ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_hourlyrate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_learnercontent (
    id bigint NOT NULL,
    seen int8multirange NOT NULL,
    last_bucket integer,
    last_moment_ms bigint,
    last_index bigint,
    edition_id bigint NOT NULL,
    enrollment_id bigint NOT NULL,
    again int8multirange DEFAULT '{}'::int8multirange NOT NULL,
    user_id bigint
);
ALTER TABLE public.analytics_learnercontent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_learnercontent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_learnerday (
    id bigint NOT NULL,
    day date NOT NULL,
    session_month date NOT NULL,
    active_spans int8multirange NOT NULL,
    active_ms bigint NOT NULL,
    hours_ms integer[] NOT NULL,
    idle_ms bigint NOT NULL,
    session_ids uuid[] NOT NULL,
    sessions integer NOT NULL,
    distractions integer NOT NULL,
    covered_ms bigint NOT NULL,
    replayed_ms bigint NOT NULL,
    withheld_ms bigint NOT NULL,
    events integer NOT NULL,
    contents_completed integer NOT NULL,
    quiz_attempts integer NOT NULL,
    course_id bigint NOT NULL,
    enrollment_id bigint NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT analytics_learnerday_active_ms_check CHECK ((active_ms >= 0)),
    CONSTRAINT analytics_learnerday_contents_completed_check CHECK ((contents_completed >= 0)),
    CONSTRAINT analytics_learnerday_covered_ms_check CHECK ((covered_ms >= 0)),
    CONSTRAINT analytics_learnerday_distractions_check CHECK ((distractions >= 0)),
    CONSTRAINT analytics_learnerday_events_check CHECK ((events >= 0)),
    CONSTRAINT analytics_learnerday_idle_ms_check CHECK ((idle_ms >= 0)),
    CONSTRAINT analytics_learnerday_quiz_attempts_check CHECK ((quiz_attempts >= 0)),
    CONSTRAINT analytics_learnerday_replayed_ms_check CHECK ((replayed_ms >= 0)),
    CONSTRAINT analytics_learnerday_sessions_check CHECK ((sessions >= 0)),
    CONSTRAINT analytics_learnerday_withheld_ms_check CHECK ((withheld_ms >= 0))
);
ALTER TABLE public.analytics_learnerday ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_learnerday_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_learnerhabit (
    enrollment_id bigint NOT NULL,
    first_day date NOT NULL,
    part_of_day character varying(20) NOT NULL,
    days_of_week character varying(20) NOT NULL,
    length character varying(20) NOT NULL,
    rhythm character varying(20) NOT NULL,
    course_id bigint NOT NULL,
    user_id bigint
);
CREATE TABLE public.analytics_learnerquiz (
    id bigint NOT NULL,
    counted jsonb NOT NULL,
    content_id bigint NOT NULL,
    enrollment_id bigint NOT NULL,
    user_id bigint
);
ALTER TABLE public.analytics_learnerquiz ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_learnerquiz_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_learnerskill (
    id bigint NOT NULL,
    skill character varying(100) NOT NULL,
    answers integer NOT NULL,
    "right" integer NOT NULL,
    mastery double precision NOT NULL,
    reviewed_at timestamp with time zone NOT NULL,
    stability_days double precision NOT NULL,
    due_at timestamp with time zone NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT analytics_learnerskill_answers_check CHECK ((answers >= 0)),
    CONSTRAINT analytics_learnerskill_right_check CHECK (("right" >= 0)),
    CONSTRAINT learner_skill_mastery_is_a_share CHECK (((mastery >= (0.0)::double precision) AND (mastery <= (1.0)::double precision))),
    CONSTRAINT learner_skill_right_of_answers CHECK (((answers >= 1) AND ("right" <= answers)))
);
ALTER TABLE public.analytics_learnerskill ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_learnerskill_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_outreach (
    id bigint NOT NULL,
    subject character varying(255) NOT NULL,
    body text NOT NULL,
    written_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    error character varying(255) NOT NULL,
    alert_id bigint NOT NULL,
    written_by_id bigint
);
ALTER TABLE public.analytics_outreach ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_outreach_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_outreachtemplate (
    id bigint NOT NULL,
    name character varying(100) NOT NULL,
    kind character varying(13) NOT NULL,
    subject character varying(200) NOT NULL,
    body text NOT NULL
);
ALTER TABLE public.analytics_outreachtemplate ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_outreachtemplate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_pathchoice (
    enrollment_id bigint NOT NULL,
    chosen_at timestamp with time zone NOT NULL
);
CREATE TABLE public.analytics_peercontent (
    id bigint NOT NULL,
    learners integer NOT NULL,
    went_back integer NOT NULL,
    content_id bigint NOT NULL,
    quiz_id bigint NOT NULL,
    CONSTRAINT analytics_peercontent_learners_check CHECK ((learners >= 0)),
    CONSTRAINT analytics_peercontent_went_back_check CHECK ((went_back >= 0)),
    CONSTRAINT peer_content_share CHECK ((went_back <= learners))
);
ALTER TABLE public.analytics_peercontent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_peercontent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_questionrollup (
    question_id bigint NOT NULL,
    answers integer NOT NULL,
    "right" integer NOT NULL,
    first_answers integer NOT NULL,
    first_right integer NOT NULL,
    first_rest bigint NOT NULL,
    first_rest_squared bigint NOT NULL,
    first_right_rest bigint NOT NULL,
    seconds integer[] NOT NULL,
    content_id bigint NOT NULL,
    CONSTRAINT analytics_questionrollup_answers_check CHECK ((answers >= 0)),
    CONSTRAINT analytics_questionrollup_first_answers_check CHECK ((first_answers >= 0)),
    CONSTRAINT analytics_questionrollup_first_rest_check CHECK ((first_rest >= 0)),
    CONSTRAINT analytics_questionrollup_first_rest_squared_check CHECK ((first_rest_squared >= 0)),
    CONSTRAINT analytics_questionrollup_first_right_check CHECK ((first_right >= 0)),
    CONSTRAINT analytics_questionrollup_first_right_rest_check CHECK ((first_right_rest >= 0)),
    CONSTRAINT analytics_questionrollup_right_check CHECK (("right" >= 0))
);
CREATE TABLE public.analytics_quizrecord (
    content_id bigint NOT NULL,
    first_tries integer NOT NULL,
    first_passed integer NOT NULL,
    next_tries integer NOT NULL,
    next_passed integer NOT NULL,
    CONSTRAINT analytics_quizrecord_first_passed_check CHECK ((first_passed >= 0)),
    CONSTRAINT analytics_quizrecord_first_tries_check CHECK ((first_tries >= 0)),
    CONSTRAINT analytics_quizrecord_next_passed_check CHECK ((next_passed >= 0)),
    CONSTRAINT analytics_quizrecord_next_tries_check CHECK ((next_tries >= 0)),
    CONSTRAINT quiz_record_passed_of_tries CHECK (((first_passed <= first_tries) AND (next_passed <= next_tries)))
);
CREATE TABLE public.analytics_requirement (
    id bigint NOT NULL,
    name character varying(200) NOT NULL,
    departments character varying(120)[] NOT NULL,
    starts_on date NOT NULL,
    due_on date,
    due_days integer,
    enrols boolean NOT NULL,
    is_active boolean NOT NULL,
    course_id bigint NOT NULL,
    CONSTRAINT analytics_requirement_due_days_check CHECK ((due_days >= 0)),
    CONSTRAINT requirement_due_one_way CHECK (((due_on IS NULL) OR (due_days IS NULL)))
);
ALTER TABLE public.analytics_requirement ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_requirement_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_riskadaptation (
    id bigint NOT NULL,
    document jsonb NOT NULL,
    learners integer NOT NULL,
    failed integer NOT NULL,
    trained_at timestamp with time zone NOT NULL,
    base_id bigint NOT NULL,
    course_id bigint,
    CONSTRAINT analytics_riskadaptation_failed_check CHECK ((failed >= 0)),
    CONSTRAINT analytics_riskadaptation_learners_check CHECK ((learners >= 0))
);
ALTER TABLE public.analytics_riskadaptation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_riskadaptation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_riskmodel (
    id bigint NOT NULL,
    version character varying(100) NOT NULL,
    document jsonb NOT NULL,
    metrics jsonb NOT NULL,
    trained_at timestamp with time zone NOT NULL,
    is_active boolean NOT NULL
);
ALTER TABLE public.analytics_riskmodel ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_riskmodel_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_riskprediction (
    id bigint NOT NULL,
    week smallint NOT NULL,
    source character varying(12) NOT NULL,
    predicted_at timestamp with time zone NOT NULL,
    risk double precision NOT NULL,
    is_shown boolean NOT NULL,
    has_failed boolean,
    base_id bigint NOT NULL,
    course_id bigint NOT NULL,
    enrollment_id bigint NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT analytics_riskprediction_week_check CHECK ((week >= 0)),
    CONSTRAINT risk_prediction_is_a_probability CHECK (((risk >= (0.0)::double precision) AND (risk <= (1.0)::double precision)))
);
ALTER TABLE public.analytics_riskprediction ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_riskprediction_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_riskscore (
    enrollment_id bigint NOT NULL,
    as_of timestamp with time zone NOT NULL,
    score smallint,
    band character varying(6) NOT NULL,
    insufficient character varying(12) NOT NULL,
    reasons jsonb NOT NULL,
    course_id bigint NOT NULL,
    model_id bigint NOT NULL,
    user_id bigint NOT NULL,
    source character varying(12) DEFAULT ''::character varying NOT NULL,
    unvalidated jsonb,
    CONSTRAINT analytics_riskscore_score_check CHECK ((score >= 0)),
    CONSTRAINT risk_score_or_why_not CHECK (((((band)::text = ''::text) AND (score IS NULL) AND (NOT ((insufficient)::text = ''::text))) OR (((insufficient)::text = ''::text) AND (score IS NOT NULL) AND (NOT ((band)::text = ''::text))))),
    CONSTRAINT risk_score_to_100 CHECK (((score IS NULL) OR (score <= 100)))
);
CREATE TABLE public.analytics_riskvalidation (
    id bigint NOT NULL,
    week smallint NOT NULL,
    source character varying(12) NOT NULL,
    verdict character varying(14) NOT NULL,
    is_chosen boolean NOT NULL,
    outcomes integer NOT NULL,
    failed integer NOT NULL,
    auc double precision,
    auc_low double precision,
    calibration_error double precision,
    measured_at timestamp with time zone NOT NULL,
    base_id bigint NOT NULL,
    course_id bigint NOT NULL,
    CONSTRAINT analytics_riskvalidation_failed_check CHECK ((failed >= 0)),
    CONSTRAINT analytics_riskvalidation_outcomes_check CHECK ((outcomes >= 0)),
    CONSTRAINT analytics_riskvalidation_week_check CHECK ((week >= 0)),
    CONSTRAINT risk_validation_chosen_is_valid CHECK (((NOT is_chosen) OR ((verdict)::text = 'valid'::text)))
);
ALTER TABLE public.analytics_riskvalidation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_riskvalidation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_rollupsource (
    name character varying(20) NOT NULL,
    passed_id bigint NOT NULL,
    pending_id bigint,
    pending_xmax numeric(20,0),
    folded_at timestamp with time zone,
    pending_at timestamp with time zone
);
CREATE TABLE public.analytics_savedreport (
    id bigint NOT NULL,
    name character varying(100) NOT NULL,
    slug character varying(60) NOT NULL,
    query character varying(500) NOT NULL,
    is_shared boolean NOT NULL,
    schedule character varying(7) NOT NULL,
    ending character varying(4) NOT NULL,
    sent_on date,
    error character varying(255) NOT NULL,
    owner_id bigint NOT NULL
);
ALTER TABLE public.analytics_savedreport ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.analytics_savedreport_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_tracedcontent (
    content_id bigint NOT NULL,
    skills character varying(100)[] NOT NULL
);
CREATE TABLE public.analytics_tracedue (
    user_id bigint NOT NULL
);
CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);
ALTER TABLE public.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);
ALTER TABLE public.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);
ALTER TABLE public.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.authoring_draft (
    id bigint NOT NULL,
    current integer NOT NULL,
    began_at timestamp with time zone NOT NULL,
    course_id bigint NOT NULL,
    CONSTRAINT authoring_draft_current_check CHECK ((current >= 0))
);
ALTER TABLE public.authoring_draft ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.authoring_draft_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.authoring_draftversion (
    id bigint NOT NULL,
    number integer NOT NULL,
    document jsonb NOT NULL,
    saved_at timestamp with time zone NOT NULL,
    draft_id bigint NOT NULL,
    saved_by_id bigint,
    CONSTRAINT authoring_draftversion_number_check CHECK ((number >= 0))
);
ALTER TABLE public.authoring_draftversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.authoring_draftversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.authoring_selfenrollment (
    id bigint NOT NULL,
    is_listed boolean NOT NULL,
    link_key character varying(43),
    due_days integer,
    course_id bigint NOT NULL,
    CONSTRAINT authoring_selfenrollment_due_days_check CHECK ((due_days >= 0)),
    CONSTRAINT self_enrollment_due_days CHECK (((due_days IS NULL) OR ((due_days >= 1) AND (due_days <= 3650))))
);
ALTER TABLE public.authoring_selfenrollment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.authoring_selfenrollment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.authoring_storedfile (
    id bigint NOT NULL,
    public_id uuid NOT NULL,
    role character varying(10) NOT NULL,
    kind character varying(10) NOT NULL,
    language character varying(35) NOT NULL,
    name character varying(200) NOT NULL,
    content_type character varying(100) NOT NULL,
    ending character varying(10) NOT NULL,
    size bigint NOT NULL,
    duration_ms bigint,
    page_count integer,
    words integer,
    stored_as character varying(200) NOT NULL,
    uploaded_at timestamp with time zone NOT NULL,
    removed_at timestamp with time zone,
    course_id bigint NOT NULL,
    media_id bigint,
    uploaded_by_id bigint,
    copied_from character varying(1000) DEFAULT ''::character varying NOT NULL,
    digest character varying(64) DEFAULT ''::character varying NOT NULL,
    problem text DEFAULT ''::text NOT NULL,
    state character varying(10) DEFAULT 'measured'::character varying NOT NULL,
    CONSTRAINT authoring_storedfile_duration_ms_check CHECK ((duration_ms >= 0)),
    CONSTRAINT authoring_storedfile_page_count_check CHECK ((page_count >= 0)),
    CONSTRAINT authoring_storedfile_size_check CHECK ((size >= 0)),
    CONSTRAINT authoring_storedfile_words_check CHECK ((words >= 0)),
    CONSTRAINT stored_file_belongs_to_media CHECK ((((media_id IS NULL) AND ((role)::text = 'content'::text)) OR ((NOT ((role)::text = 'content'::text)) AND (NOT (media_id IS NULL))))),
    CONSTRAINT stored_file_has_bytes_when_measured CHECK (((((state)::text = 'measured'::text) AND (NOT ((stored_as)::text = ''::text)) AND (problem = ''::text)) OR (((state)::text = 'failed'::text) AND ((stored_as)::text = ''::text) AND (NOT (problem = ''::text))) OR (((state)::text = ANY ((ARRAY['waiting'::character varying, 'measuring'::character varying])::text[])) AND ((stored_as)::text = ''::text))))
);
ALTER TABLE public.authoring_storedfile ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.authoring_storedfile_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.authoring_upload (
    id bigint NOT NULL,
    public_id uuid NOT NULL,
    role character varying(10) NOT NULL,
    language character varying(35) NOT NULL,
    name character varying(200) NOT NULL,
    size bigint NOT NULL,
    received bigint NOT NULL,
    parts jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    course_id bigint NOT NULL,
    media_id bigint,
    owner_id bigint NOT NULL,
    checked bigint DEFAULT 0 NOT NULL,
    file_id bigint,
    tries smallint DEFAULT 0 NOT NULL,
    unpacks boolean DEFAULT false NOT NULL,
    CONSTRAINT authoring_upload_checked_check CHECK ((checked >= 0)),
    CONSTRAINT authoring_upload_received_check CHECK ((received >= 0)),
    CONSTRAINT authoring_upload_size_check CHECK ((size >= 0)),
    CONSTRAINT authoring_upload_tries_check CHECK ((tries >= 0)),
    CONSTRAINT upload_not_beyond_its_size CHECK ((received <= size))
);
ALTER TABLE public.authoring_upload ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.authoring_upload_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.axes_accessattempt (
    id integer NOT NULL,
    user_agent character varying(255) NOT NULL,
    ip_address inet,
    username character varying(255),
    http_accept character varying(1025) NOT NULL,
    path_info character varying(255) NOT NULL,
    attempt_time timestamp with time zone NOT NULL,
    get_data text NOT NULL,
    post_data text NOT NULL,
    failures_since_start integer NOT NULL,
    CONSTRAINT axes_accessattempt_failures_since_start_check CHECK ((failures_since_start >= 0))
);
ALTER TABLE public.axes_accessattempt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.axes_accessattempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.axes_accessattemptexpiration (
    access_attempt_id integer NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE public.axes_accessfailurelog (
    id integer NOT NULL,
    user_agent character varying(255) NOT NULL,
    ip_address inet,
    username character varying(255),
    http_accept character varying(1025) NOT NULL,
    path_info character varying(255) NOT NULL,
    attempt_time timestamp with time zone NOT NULL,
    locked_out boolean NOT NULL
);
ALTER TABLE public.axes_accessfailurelog ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.axes_accessfailurelog_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.axes_accesslog (
    id integer NOT NULL,
    user_agent character varying(255) NOT NULL,
    ip_address inet,
    username character varying(255),
    http_accept character varying(1025) NOT NULL,
    path_info character varying(255) NOT NULL,
    attempt_time timestamp with time zone NOT NULL,
    logout_time timestamp with time zone,
    session_hash character varying(64) NOT NULL
);
ALTER TABLE public.axes_accesslog ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.axes_accesslog_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.certificates_certificate (
    id bigint NOT NULL,
    number character varying(24) NOT NULL,
    code character varying(16) NOT NULL,
    learner_name character varying(200) NOT NULL,
    course_code character varying(100) NOT NULL,
    course_title character varying(300) NOT NULL,
    course_version integer NOT NULL,
    time_ms bigint NOT NULL,
    score_bp integer,
    completed_at timestamp with time zone NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    rules jsonb NOT NULL,
    course_id bigint NOT NULL,
    enrollment_id bigint NOT NULL,
    user_id bigint NOT NULL,
    expires_at timestamp with time zone,
    issued_by_id bigint,
    ordinal smallint NOT NULL,
    reissue_reason character varying(255) NOT NULL,
    replaces_id bigint,
    chain_hash character varying(64) NOT NULL,
    chain_length bigint,
    issuer character varying(200) NOT NULL,
    signatory character varying(200) NOT NULL,
    signatory_title character varying(200) NOT NULL,
    CONSTRAINT certificate_expires_after_completion CHECK (((expires_at IS NULL) OR (expires_at > completed_at))),
    CONSTRAINT certificate_issued_after_completion CHECK ((issued_at >= completed_at)),
    CONSTRAINT certificate_reissue_names_what_it_replaces CHECK ((((ordinal = 1) AND (replaces_id IS NULL)) OR ((ordinal > 1) AND (replaces_id IS NOT NULL) AND (NOT ((reissue_reason)::text = ''::text))))),
    CONSTRAINT certificate_score_in_range CHECK (((score_bp IS NULL) OR (score_bp <= 10000))),
    CONSTRAINT certificates_certificate_chain_length_check CHECK ((chain_length >= 0)),
    CONSTRAINT certificates_certificate_course_version_check CHECK ((course_version >= 0)),
    CONSTRAINT certificates_certificate_ordinal_check CHECK ((ordinal >= 0)),
    CONSTRAINT certificates_certificate_score_bp_check CHECK ((score_bp >= 0)),
    CONSTRAINT certificates_certificate_time_ms_check CHECK ((time_ms >= 0))
);
ALTER TABLE public.certificates_certificate ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.certificates_certificate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.certificates_coursedesign (
    course_id bigint NOT NULL,
    design_id bigint NOT NULL
);
CREATE TABLE public.certificates_design (
    id bigint NOT NULL,
    name character varying(100) NOT NULL,
    template character varying(10) NOT NULL,
    language character varying(5) NOT NULL,
    accent character varying(7) NOT NULL,
    issuer character varying(200) NOT NULL,
    signatory character varying(200) NOT NULL,
    signatory_title character varying(200) NOT NULL,
    logo bytea,
    signature bytea,
    is_default boolean NOT NULL
);
ALTER TABLE public.certificates_design ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.certificates_design_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE SEQUENCE public.certificates_number
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE public.certificates_packet (
    id bigint NOT NULL,
    sealed bytea NOT NULL,
    sha256 character varying(64) NOT NULL,
    events bigint NOT NULL,
    first_index bigint NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    certificate_id bigint NOT NULL,
    user_id bigint,
    CONSTRAINT certificates_packet_events_check CHECK ((events >= 0)),
    CONSTRAINT certificates_packet_first_index_check CHECK ((first_index >= 0))
);
ALTER TABLE public.certificates_packet ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.certificates_packet_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.certificates_reminder (
    id bigint NOT NULL,
    days_before smallint NOT NULL,
    due_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    error character varying(255) NOT NULL,
    certificate_id bigint NOT NULL,
    user_id bigint,
    CONSTRAINT certificates_reminder_days_before_check CHECK ((days_before >= 0))
);
ALTER TABLE public.certificates_reminder ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.certificates_reminder_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.certificates_rendition (
    id bigint NOT NULL,
    ordinal smallint NOT NULL,
    pdf bytea NOT NULL,
    picture bytea NOT NULL,
    sha256 character varying(64) NOT NULL,
    rendered_at timestamp with time zone NOT NULL,
    certificate_id bigint NOT NULL,
    signed_by character varying(200) DEFAULT ''::character varying NOT NULL,
    unsigned_sha256 character varying(64) DEFAULT ''::character varying NOT NULL,
    badge bytea,
    missing_characters text DEFAULT ''::text NOT NULL,
    user_id bigint,
    CONSTRAINT certificates_rendition_ordinal_check CHECK ((ordinal >= 0)),
    CONSTRAINT rendition_signed_by_somebody CHECK (((((signed_by)::text = ''::text) AND ((unsigned_sha256)::text = ''::text)) OR (NOT (((unsigned_sha256)::text = ''::text) OR ((signed_by)::text = ''::text)))))
);
ALTER TABLE public.certificates_rendition ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.certificates_rendition_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.certificates_review (
    id bigint NOT NULL,
    reason character varying(255) NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    outcome character varying(10) NOT NULL,
    note character varying(255) NOT NULL,
    certificate_id bigint NOT NULL,
    closed_by_id bigint,
    opened_by_id bigint,
    CONSTRAINT review_ends_with_an_outcome CHECK ((((closed_at IS NULL) AND ((outcome)::text = ''::text)) OR ((closed_at IS NOT NULL) AND (NOT ((outcome)::text = ''::text))))),
    CONSTRAINT review_has_a_reason CHECK ((NOT ((reason)::text = ''::text)))
);
ALTER TABLE public.certificates_review ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.certificates_review_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.certificates_revocation (
    id bigint NOT NULL,
    reason character varying(255) NOT NULL,
    revoked_at timestamp with time zone NOT NULL,
    certificate_id bigint NOT NULL,
    revoked_by_id bigint,
    CONSTRAINT revocation_has_a_reason CHECK ((NOT ((reason)::text = ''::text)))
);
ALTER TABLE public.certificates_revocation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.certificates_revocation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.certificates_validity (
    course_id bigint NOT NULL,
    counted_from character varying(12) NOT NULL,
    months smallint NOT NULL,
    fixed_on date,
    minimum_months smallint NOT NULL,
    opens_days smallint NOT NULL,
    renewal character varying(12) NOT NULL,
    remind_days smallint[] NOT NULL,
    CONSTRAINT certificates_validity_minimum_months_check CHECK ((minimum_months >= 0)),
    CONSTRAINT certificates_validity_months_check CHECK ((months >= 0)),
    CONSTRAINT certificates_validity_opens_days_check CHECK ((opens_days >= 0)),
    CONSTRAINT validity_fixed_day_is_named CHECK (((NOT ((counted_from)::text = 'fixed'::text)) OR (fixed_on IS NOT NULL))),
    CONSTRAINT validity_has_months CHECK (((months >= 1) AND (months <= 600)))
);
CREATE TABLE public.connections_attempt (
    id bigint NOT NULL,
    number integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    duration_ms integer NOT NULL,
    status integer,
    answer text NOT NULL,
    error character varying(500) NOT NULL,
    delivery_id bigint NOT NULL,
    CONSTRAINT connections_attempt_duration_ms_check CHECK ((duration_ms >= 0)),
    CONSTRAINT connections_attempt_number_check CHECK ((number >= 0)),
    CONSTRAINT connections_attempt_status_check CHECK ((status >= 0))
);
ALTER TABLE public.connections_attempt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.connections_attempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.connections_changedprogress (
    enrollment_id bigint NOT NULL,
    user_id bigint NOT NULL,
    course_id bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL
);
CREATE TABLE public.connections_delivery (
    id bigint NOT NULL,
    user_id bigint,
    "position" bigint NOT NULL,
    state character varying(7) NOT NULL,
    body text NOT NULL,
    attempts integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    first_try_at timestamp with time zone,
    next_at timestamp with time zone NOT NULL,
    claimed_until timestamp with time zone,
    settled_at timestamp with time zone,
    last_status integer,
    last_error character varying(500) NOT NULL,
    endpoint_id bigint NOT NULL,
    event_id bigint NOT NULL,
    CONSTRAINT connections_delivery_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT connections_delivery_last_status_check CHECK ((last_status >= 0)),
    CONSTRAINT delivery_settled_or_waiting CHECK ((((settled_at IS NULL) AND ((state)::text = 'waiting'::text)) OR ((NOT ((state)::text = 'waiting'::text)) AND (settled_at IS NOT NULL))))
);
ALTER TABLE public.connections_delivery ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.connections_delivery_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.connections_endpoint (
    id bigint NOT NULL,
    url character varying(2000) NOT NULL,
    description character varying(200) NOT NULL,
    events character varying(40)[] NOT NULL,
    payload character varying(5) NOT NULL,
    secret text NOT NULL,
    previous_secret text NOT NULL,
    previous_until timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone,
    disabled_reason character varying(500) NOT NULL,
    last_success_at timestamp with time zone,
    failing_since timestamp with time zone,
    failures_in_a_row integer NOT NULL,
    retry_at timestamp with time zone,
    owner_id bigint NOT NULL,
    is_test boolean DEFAULT false NOT NULL,
    CONSTRAINT connections_endpoint_failures_in_a_row_check CHECK ((failures_in_a_row >= 0)),
    CONSTRAINT endpoint_wants_something CHECK ((NOT (events = '{}'::character varying(40)[])))
);
ALTER TABLE public.connections_endpoint ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.connections_endpoint_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.connections_event (
    id bigint NOT NULL,
    uid uuid DEFAULT gen_random_uuid() NOT NULL,
    type character varying(40) NOT NULL,
    key character varying(120),
    user_id bigint,
    course_id bigint,
    enrollment_id bigint,
    subject character varying(64) DEFAULT ''::character varying NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    transaction bigint DEFAULT 0 NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    "position" bigint,
    data jsonb,
    CONSTRAINT event_published_whole CHECK ((((data = 'null'::jsonb) AND ("position" IS NULL)) OR ((data IS NOT NULL) AND ("position" IS NOT NULL))))
);
ALTER TABLE public.connections_event ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.connections_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.connections_groupmembership (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    group_id bigint NOT NULL
);
ALTER TABLE public.connections_groupmembership ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.connections_groupmembership_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE SEQUENCE public.connections_position
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE public.connections_provisionedgroup (
    id bigint NOT NULL,
    display_name character varying(120) NOT NULL,
    name_key character varying(240) NOT NULL,
    external_id character varying(120) NOT NULL,
    revision bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    modified_at timestamp with time zone NOT NULL,
    CONSTRAINT connections_provisionedgroup_revision_check CHECK ((revision >= 0))
);
ALTER TABLE public.connections_provisionedgroup ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.connections_provisionedgroup_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.connections_provisionedperson (
    user_id bigint NOT NULL,
    full_name character varying(200) NOT NULL,
    display_name character varying(200) NOT NULL,
    formatted_name character varying(200) NOT NULL,
    given_name character varying(200) NOT NULL,
    family_name character varying(200) NOT NULL,
    deleted_at timestamp with time zone
);
CREATE TABLE public.django_admin_log (
    id integer NOT NULL,
    action_time timestamp with time zone NOT NULL,
    object_id text,
    object_repr character varying(200) NOT NULL,
    action_flag smallint NOT NULL,
    change_message text NOT NULL,
    content_type_id integer,
    user_id bigint NOT NULL,
    CONSTRAINT django_admin_log_action_flag_check CHECK ((action_flag >= 0))
);
ALTER TABLE public.django_admin_log ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_admin_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_celery_beat_clockedschedule (
    id integer NOT NULL,
    clocked_time timestamp with time zone NOT NULL
);
ALTER TABLE public.django_celery_beat_clockedschedule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_celery_beat_clockedschedule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_celery_beat_crontabschedule (
    id integer NOT NULL,
    minute character varying(240) NOT NULL,
    hour character varying(96) NOT NULL,
    day_of_week character varying(64) NOT NULL,
    day_of_month character varying(124) NOT NULL,
    month_of_year character varying(64) NOT NULL,
    timezone character varying(63) NOT NULL
);
ALTER TABLE public.django_celery_beat_crontabschedule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_celery_beat_crontabschedule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_celery_beat_intervalschedule (
    id integer NOT NULL,
    every integer NOT NULL,
    period character varying(24) NOT NULL
);
ALTER TABLE public.django_celery_beat_intervalschedule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_celery_beat_intervalschedule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_celery_beat_periodictask (
    id integer NOT NULL,
    name character varying(200) NOT NULL,
    task character varying(200) NOT NULL,
    args text NOT NULL,
    kwargs text NOT NULL,
    queue character varying(200),
    exchange character varying(200),
    routing_key character varying(200),
    expires timestamp with time zone,
    enabled boolean NOT NULL,
    last_run_at timestamp with time zone,
    total_run_count integer NOT NULL,
    date_changed timestamp with time zone NOT NULL,
    description text NOT NULL,
    crontab_id integer,
    interval_id integer,
    solar_id integer,
    one_off boolean NOT NULL,
    start_time timestamp with time zone,
    priority integer,
    headers text NOT NULL,
    clocked_id integer,
    expire_seconds integer,
    CONSTRAINT django_celery_beat_periodictask_expire_seconds_check CHECK ((expire_seconds >= 0)),
    CONSTRAINT django_celery_beat_periodictask_priority_check CHECK ((priority >= 0)),
    CONSTRAINT django_celery_beat_periodictask_total_run_count_check CHECK ((total_run_count >= 0))
);
ALTER TABLE public.django_celery_beat_periodictask ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_celery_beat_periodictask_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_celery_beat_periodictasks (
    ident smallint NOT NULL,
    last_update timestamp with time zone NOT NULL
);
CREATE TABLE public.django_celery_beat_solarschedule (
    id integer NOT NULL,
    event character varying(24) NOT NULL,
    latitude numeric(9,6) NOT NULL,
    longitude numeric(9,6) NOT NULL
);
ALTER TABLE public.django_celery_beat_solarschedule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_celery_beat_solarschedule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);
ALTER TABLE public.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);
ALTER TABLE public.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);
CREATE TABLE public.knox_authtoken (
    digest character varying(128) NOT NULL,
    created timestamp with time zone NOT NULL,
    user_id bigint NOT NULL,
    expiry timestamp with time zone,
    token_key character varying(25) NOT NULL
);
CREATE TABLE public.progress_accommodation (
    id bigint NOT NULL,
    quiz_time_percent smallint NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT accommodation_quiz_time_known CHECK ((quiz_time_percent = ANY (ARRAY[100, 125, 150, 200]))),
    CONSTRAINT progress_accommodation_quiz_time_percent_check CHECK ((quiz_time_percent >= 0))
);
ALTER TABLE public.progress_accommodation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_accommodation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_choice (
    id bigint NOT NULL,
    text character varying(1000) NOT NULL,
    is_correct boolean NOT NULL,
    "position" integer NOT NULL,
    retired_at timestamp with time zone,
    question_id bigint NOT NULL,
    code character varying(100),
    match_code character varying(100) DEFAULT ''::character varying NOT NULL,
    explanation text DEFAULT ''::text NOT NULL,
    image character varying(1000) DEFAULT ''::character varying NOT NULL,
    image_alt character varying(500) DEFAULT ''::character varying NOT NULL,
    CONSTRAINT choice_image_is_described CHECK ((((image)::text = ''::text) OR (NOT ((image_alt)::text = ''::text)))),
    CONSTRAINT progress_choice_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.progress_choice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_choice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_content (
    id bigint NOT NULL,
    code character varying(100) NOT NULL,
    title character varying(300) NOT NULL,
    content_type character varying(10) NOT NULL,
    url character varying(1000) NOT NULL,
    "position" integer NOT NULL,
    required boolean NOT NULL,
    weight integer NOT NULL,
    complete_at_bp integer,
    skills character varying(100)[] NOT NULL,
    hidden boolean NOT NULL,
    release_at timestamp with time zone,
    is_reported boolean NOT NULL,
    media_version integer NOT NULL,
    duration_ms bigint,
    page_count integer,
    reading_seconds integer,
    completes_on_download boolean NOT NULL,
    pass_bp integer,
    max_attempts integer,
    retired_at timestamp with time zone,
    module_id bigint NOT NULL,
    alternative_group character varying(100) DEFAULT ''::character varying NOT NULL,
    is_remedial boolean DEFAULT false NOT NULL,
    completes_on_confirmation boolean DEFAULT false NOT NULL,
    view_seconds integer,
    edition_since timestamp with time zone,
    completes_on_score boolean DEFAULT false NOT NULL,
    pools jsonb DEFAULT '{}'::jsonb NOT NULL,
    shuffles_choices boolean DEFAULT false NOT NULL,
    shuffles_questions boolean DEFAULT false NOT NULL,
    grace_seconds integer,
    time_limit_seconds integer,
    CONSTRAINT content_complete_at_in_range CHECK (((complete_at_bp IS NULL) OR ((complete_at_bp >= 1) AND (complete_at_bp <= 10000)))),
    CONSTRAINT content_confirmation_of_embed CHECK (((NOT completes_on_confirmation) OR (((content_type)::text = 'embed'::text) AND (view_seconds IS NULL)))),
    CONSTRAINT content_draws_of_quiz CHECK ((((content_type)::text = 'quiz'::text) OR ((pools = '{}'::jsonb) AND (NOT shuffles_choices) AND (NOT shuffles_questions)))),
    CONSTRAINT content_duration_above_0 CHECK (((duration_ms IS NULL) OR (duration_ms >= 1))),
    CONSTRAINT content_pages_above_0 CHECK (((page_count IS NULL) OR (page_count >= 1))),
    CONSTRAINT content_pass_in_range CHECK (((pass_bp IS NULL) OR (pass_bp <= 10000))),
    CONSTRAINT content_quiz_has_no_complete_at CHECK (((NOT ((content_type)::text = 'quiz'::text)) OR (complete_at_bp IS NULL))),
    CONSTRAINT content_remedial_is_optional CHECK (((NOT is_remedial) OR (NOT required))),
    CONSTRAINT content_score_of_embed CHECK (((NOT completes_on_score) OR ((NOT completes_on_confirmation) AND ((content_type)::text = 'embed'::text) AND (view_seconds IS NULL)))),
    CONSTRAINT content_time_limit_of_quiz CHECK ((((grace_seconds IS NULL) AND (time_limit_seconds IS NULL)) OR (((content_type)::text = 'quiz'::text) AND (time_limit_seconds >= 1)))),
    CONSTRAINT content_type_known CHECK (((content_type)::text = ANY ((ARRAY['video'::character varying, 'audio'::character varying, 'document'::character varying, 'text'::character varying, 'quiz'::character varying, 'embed'::character varying])::text[]))),
    CONSTRAINT content_view_seconds_of_embed CHECK (((view_seconds IS NULL) OR (((content_type)::text = 'embed'::text) AND (view_seconds >= 1)))),
    CONSTRAINT content_weight_1_to_1000 CHECK (((weight >= 1) AND (weight <= 1000))),
    CONSTRAINT progress_content_complete_at_bp_check CHECK ((complete_at_bp >= 0)),
    CONSTRAINT progress_content_duration_ms_check CHECK ((duration_ms >= 0)),
    CONSTRAINT progress_content_grace_seconds_check CHECK ((grace_seconds >= 0)),
    CONSTRAINT progress_content_max_attempts_check CHECK ((max_attempts >= 0)),
    CONSTRAINT progress_content_media_version_check CHECK ((media_version >= 0)),
    CONSTRAINT progress_content_page_count_check CHECK ((page_count >= 0)),
    CONSTRAINT progress_content_pass_bp_check CHECK ((pass_bp >= 0)),
    CONSTRAINT progress_content_position_check CHECK (("position" >= 0)),
    CONSTRAINT progress_content_reading_seconds_check CHECK ((reading_seconds >= 0)),
    CONSTRAINT progress_content_time_limit_seconds_check CHECK ((time_limit_seconds >= 0)),
    CONSTRAINT progress_content_view_seconds_check CHECK ((view_seconds >= 0)),
    CONSTRAINT progress_content_weight_check CHECK ((weight >= 0))
);
ALTER TABLE public.progress_content ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_content_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_content_prerequisites (
    id bigint NOT NULL,
    from_content_id bigint NOT NULL,
    to_content_id bigint NOT NULL
);
ALTER TABLE public.progress_content_prerequisites ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_content_prerequisites_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_content_waives (
    id bigint NOT NULL,
    from_content_id bigint NOT NULL,
    to_content_id bigint NOT NULL
);
ALTER TABLE public.progress_content_waives ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_content_waives_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_contentinteraction (
    id bigint NOT NULL,
    enrollment_id bigint NOT NULL,
    user_id bigint NOT NULL,
    session_id uuid NOT NULL,
    content_id bigint,
    session_started_at timestamp with time zone NOT NULL,
    chain_index bigint NOT NULL,
    chain_hash bytea NOT NULL,
    record text NOT NULL,
    event_id uuid,
    fingerprint bytea NOT NULL,
    sequence bigint,
    interaction_type character varying(10) NOT NULL,
    status character varying(10) NOT NULL,
    code character varying(40) NOT NULL,
    received_at timestamp with time zone NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    is_active boolean NOT NULL,
    video_position numeric(9,3),
    reading_position numeric(7,6),
    credited_ms bigint NOT NULL,
    covered_ms bigint NOT NULL,
    withheld_ms bigint NOT NULL,
    withheld_active_ms bigint NOT NULL,
    withheld_reason character varying(12) NOT NULL,
    CONSTRAINT progress_contentinteraction_chain_index_check CHECK ((chain_index >= 0)),
    CONSTRAINT progress_contentinteraction_covered_ms_check CHECK ((covered_ms >= 0)),
    CONSTRAINT progress_contentinteraction_credited_ms_check CHECK ((credited_ms >= 0)),
    CONSTRAINT progress_contentinteraction_status_check CHECK (((status)::text = ANY ((ARRAY['accepted'::character varying, 'duplicate'::character varying, 'conflict'::character varying, 'rejected'::character varying])::text[]))),
    CONSTRAINT progress_contentinteraction_withheld_active_ms_check CHECK ((withheld_active_ms >= 0)),
    CONSTRAINT progress_contentinteraction_withheld_ms_check CHECK ((withheld_ms >= 0))
)
PARTITION BY RANGE (session_started_at);
CREATE TABLE public.progress_contentinteraction_default (
    id bigint CONSTRAINT progress_contentinteraction_id_not_null NOT NULL,
    enrollment_id bigint CONSTRAINT progress_contentinteraction_enrollment_id_not_null NOT NULL,
    user_id bigint CONSTRAINT progress_contentinteraction_user_id_not_null NOT NULL,
    session_id uuid CONSTRAINT progress_contentinteraction_session_id_not_null NOT NULL,
    content_id bigint,
    session_started_at timestamp with time zone CONSTRAINT progress_contentinteraction_session_started_at_not_null NOT NULL,
    chain_index bigint CONSTRAINT progress_contentinteraction_chain_index_not_null NOT NULL,
    chain_hash bytea CONSTRAINT progress_contentinteraction_chain_hash_not_null NOT NULL,
    record text CONSTRAINT progress_contentinteraction_record_not_null NOT NULL,
    event_id uuid,
    fingerprint bytea CONSTRAINT progress_contentinteraction_fingerprint_not_null NOT NULL,
    sequence bigint,
    interaction_type character varying(10) CONSTRAINT progress_contentinteraction_interaction_type_not_null NOT NULL,
    status character varying(10) CONSTRAINT progress_contentinteraction_status_not_null NOT NULL,
    code character varying(40) CONSTRAINT progress_contentinteraction_code_not_null NOT NULL,
    received_at timestamp with time zone CONSTRAINT progress_contentinteraction_received_at_not_null NOT NULL,
    occurred_at timestamp with time zone CONSTRAINT progress_contentinteraction_occurred_at_not_null NOT NULL,
    is_active boolean CONSTRAINT progress_contentinteraction_is_active_not_null NOT NULL,
    video_position numeric(9,3),
    reading_position numeric(7,6),
    credited_ms bigint CONSTRAINT progress_contentinteraction_credited_ms_not_null NOT NULL,
    covered_ms bigint CONSTRAINT progress_contentinteraction_covered_ms_not_null NOT NULL,
    withheld_ms bigint CONSTRAINT progress_contentinteraction_withheld_ms_not_null NOT NULL,
    withheld_active_ms bigint CONSTRAINT progress_contentinteraction_withheld_active_ms_not_null NOT NULL,
    withheld_reason character varying(12) CONSTRAINT progress_contentinteraction_withheld_reason_not_null NOT NULL,
    CONSTRAINT progress_contentinteraction_chain_index_check CHECK ((chain_index >= 0)),
    CONSTRAINT progress_contentinteraction_covered_ms_check CHECK ((covered_ms >= 0)),
    CONSTRAINT progress_contentinteraction_credited_ms_check CHECK ((credited_ms >= 0)),
    CONSTRAINT progress_contentinteraction_status_check CHECK (((status)::text = ANY ((ARRAY['accepted'::character varying, 'duplicate'::character varying, 'conflict'::character varying, 'rejected'::character varying])::text[]))),
    CONSTRAINT progress_contentinteraction_withheld_active_ms_check CHECK ((withheld_active_ms >= 0)),
    CONSTRAINT progress_contentinteraction_withheld_ms_check CHECK ((withheld_ms >= 0))
);
ALTER TABLE public.progress_contentinteraction ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_contentinteraction_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_contentprogress (
    id bigint NOT NULL,
    completion_bp integer NOT NULL,
    completion_percentage numeric(16,2) GENERATED ALWAYS AS (((completion_bp)::numeric(16,2) / (100)::numeric)) STORED,
    completed_at timestamp with time zone,
    coverage int8multirange NOT NULL,
    dwell_ppm integer[],
    media_version integer NOT NULL,
    reported_bp integer NOT NULL,
    replayed_ms bigint NOT NULL,
    withheld_ms bigint NOT NULL,
    time_ms bigint NOT NULL,
    time_spent_seconds numeric(16,3) GENERATED ALWAYS AS (((time_ms)::numeric(16,3) / (1000)::numeric)) STORED,
    last_position_milli bigint,
    last_position numeric(16,3) GENERATED ALWAYS AS (((last_position_milli)::numeric(16,3) / (1000)::numeric)) STORED,
    last_position_at timestamp with time zone,
    last_position_session uuid,
    last_position_sequence bigint,
    view_count integer NOT NULL,
    play_count integer NOT NULL,
    pause_count integer NOT NULL,
    seek_count integer NOT NULL,
    download_count integer NOT NULL,
    answered_bp integer NOT NULL,
    best_score_bp integer,
    first_event_at timestamp with time zone NOT NULL,
    last_event_at timestamp with time zone NOT NULL,
    content_id bigint NOT NULL,
    user_id bigint NOT NULL,
    enrollment_id bigint NOT NULL,
    CONSTRAINT content_progress_in_range CHECK ((completion_bp <= 10000)),
    CONSTRAINT content_progress_shares_in_range CHECK (((answered_bp <= 10000) AND (reported_bp <= 10000))),
    CONSTRAINT progress_contentprogress_answered_bp_check CHECK ((answered_bp >= 0)),
    CONSTRAINT progress_contentprogress_best_score_bp_check CHECK ((best_score_bp >= 0)),
    CONSTRAINT progress_contentprogress_completion_bp_check CHECK ((completion_bp >= 0)),
    CONSTRAINT progress_contentprogress_download_count_check CHECK ((download_count >= 0)),
    CONSTRAINT progress_contentprogress_media_version_check CHECK ((media_version >= 0)),
    CONSTRAINT progress_contentprogress_pause_count_check CHECK ((pause_count >= 0)),
    CONSTRAINT progress_contentprogress_play_count_check CHECK ((play_count >= 0)),
    CONSTRAINT progress_contentprogress_replayed_ms_check CHECK ((replayed_ms >= 0)),
    CONSTRAINT progress_contentprogress_reported_bp_check CHECK ((reported_bp >= 0)),
    CONSTRAINT progress_contentprogress_seek_count_check CHECK ((seek_count >= 0)),
    CONSTRAINT progress_contentprogress_time_ms_check CHECK ((time_ms >= 0)),
    CONSTRAINT progress_contentprogress_view_count_check CHECK ((view_count >= 0)),
    CONSTRAINT progress_contentprogress_withheld_ms_check CHECK ((withheld_ms >= 0))
)
WITH (fillfactor='85');
ALTER TABLE public.progress_contentprogress ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_contentprogress_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_course (
    id bigint NOT NULL,
    code character varying(100) NOT NULL,
    title character varying(300) NOT NULL,
    description text NOT NULL,
    plausibility character varying(10) NOT NULL,
    structure_version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    path character varying(10) DEFAULT 'fixed'::character varying NOT NULL,
    is_test boolean DEFAULT false NOT NULL,
    CONSTRAINT course_path_known CHECK (((path)::text = ANY ((ARRAY['fixed'::character varying, 'adaptive'::character varying])::text[]))),
    CONSTRAINT course_plausibility CHECK (((plausibility)::text = ANY ((ARRAY['enforce'::character varying, 'observe'::character varying])::text[]))),
    CONSTRAINT progress_course_structure_version_check CHECK ((structure_version >= 0))
);
ALTER TABLE public.progress_course ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_course_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_course_instructors (
    id bigint NOT NULL,
    course_id bigint NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.progress_course_instructors ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_course_instructors_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_courseprogress (
    enrollment_id bigint NOT NULL,
    completion_bp integer NOT NULL,
    completion_percentage numeric(16,2) GENERATED ALWAYS AS (((completion_bp)::numeric(16,2) / (100)::numeric)) STORED,
    completed_at timestamp with time zone,
    structure_version integer NOT NULL,
    module_progress jsonb NOT NULL,
    time_ms bigint NOT NULL,
    time_spent_minutes numeric(16,2) GENERATED ALWAYS AS (((time_ms)::numeric(16,2) / (60000)::numeric)) STORED,
    active_spans int8multirange NOT NULL,
    elapsed_spans int8multirange NOT NULL,
    coverage_spent_ms bigint NOT NULL,
    session_start_time timestamp with time zone,
    total_sessions integer NOT NULL,
    ended_sessions integer NOT NULL,
    ended_ms bigint NOT NULL,
    avg_session_duration numeric(16,2) GENERATED ALWAYS AS (
CASE
    WHEN (ended_sessions = 0) THEN (0)::numeric(16,2)
    ELSE ((ended_ms)::numeric(16,2) / ((ended_sessions * 60000))::numeric)
END) STORED,
    resume_session uuid,
    resume_intent_at timestamp with time zone,
    resume_position_milli bigint,
    resume_updated_at timestamp with time zone,
    chain_length bigint NOT NULL,
    chain_hash bytea NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    course_id bigint NOT NULL,
    current_module_id bigint,
    resume_content_id bigint,
    user_id bigint NOT NULL,
    waived bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    waivers_declined bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    past_active_until bigint,
    past_elapsed_until bigint,
    past_elapsed_ms bigint DEFAULT 0 NOT NULL,
    CONSTRAINT course_progress_100_is_complete CHECK ((((completed_at IS NULL) AND (completion_bp < 10000)) OR ((completed_at IS NOT NULL) AND (completion_bp = 10000)))),
    CONSTRAINT course_progress_in_range CHECK ((completion_bp <= 10000)),
    CONSTRAINT progress_courseprogress_chain_length_check CHECK ((chain_length >= 0)),
    CONSTRAINT progress_courseprogress_completion_bp_check CHECK ((completion_bp >= 0)),
    CONSTRAINT progress_courseprogress_coverage_spent_ms_check CHECK ((coverage_spent_ms >= 0)),
    CONSTRAINT progress_courseprogress_ended_ms_check CHECK ((ended_ms >= 0)),
    CONSTRAINT progress_courseprogress_ended_sessions_check CHECK ((ended_sessions >= 0)),
    CONSTRAINT progress_courseprogress_past_elapsed_ms_check CHECK ((past_elapsed_ms >= 0)),
    CONSTRAINT progress_courseprogress_structure_version_check CHECK ((structure_version >= 0)),
    CONSTRAINT progress_courseprogress_time_ms_check CHECK ((time_ms >= 0)),
    CONSTRAINT progress_courseprogress_total_sessions_check CHECK ((total_sessions >= 0))
)
WITH (fillfactor='70');
CREATE TABLE public.progress_drift (
    id bigint NOT NULL,
    what character varying(200) NOT NULL,
    stored text NOT NULL,
    fresh text NOT NULL,
    found_at timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    enrollment_id bigint NOT NULL
);
ALTER TABLE public.progress_drift ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_drift_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_enrollment (
    id bigint NOT NULL,
    cycle integer NOT NULL,
    is_current boolean NOT NULL,
    enrolled_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    unenrolled_at timestamp with time zone,
    course_id bigint NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT enrollment_cycle_from_1 CHECK ((cycle >= 1)),
    CONSTRAINT progress_enrollment_cycle_check CHECK ((cycle >= 0))
);
ALTER TABLE public.progress_enrollment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_enrollment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_erasure (
    id bigint NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    learner_ids bigint[],
    course_ids bigint[],
    learners integer NOT NULL,
    courses integer NOT NULL,
    rows bigint NOT NULL,
    finished_at timestamp with time zone,
    requested_by_id bigint,
    CONSTRAINT progress_erasure_courses_check CHECK ((courses >= 0)),
    CONSTRAINT progress_erasure_learners_check CHECK ((learners >= 0)),
    CONSTRAINT progress_erasure_rows_check CHECK ((rows >= 0))
);
ALTER TABLE public.progress_erasure ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_erasure_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_evidenceexport (
    id bigint NOT NULL,
    partition character varying(63) NOT NULL,
    file character varying(500) NOT NULL,
    rows bigint NOT NULL,
    last_id bigint,
    sha256 character varying(64) NOT NULL,
    exported_at timestamp with time zone NOT NULL,
    dropped_at timestamp with time zone,
    CONSTRAINT progress_evidenceexport_rows_check CHECK ((rows >= 0))
);
ALTER TABLE public.progress_evidenceexport ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_evidenceexport_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_indexedcontent (
    content_id bigint NOT NULL,
    stamp character varying(64) NOT NULL
);
CREATE TABLE public.progress_job (
    name character varying(200) NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    succeeded_at timestamp with time zone,
    duration_ms bigint,
    rows bigint,
    runs bigint NOT NULL,
    failures bigint NOT NULL,
    failures_in_a_row integer NOT NULL,
    last_error text NOT NULL,
    CONSTRAINT progress_job_duration_ms_check CHECK ((duration_ms >= 0)),
    CONSTRAINT progress_job_failures_check CHECK ((failures >= 0)),
    CONSTRAINT progress_job_failures_in_a_row_check CHECK ((failures_in_a_row >= 0)),
    CONSTRAINT progress_job_rows_check CHECK ((rows >= 0)),
    CONSTRAINT progress_job_runs_check CHECK ((runs >= 0))
);
CREATE TABLE public.progress_keptanswer (
    id bigint NOT NULL,
    caller character varying(80) NOT NULL,
    key character varying(255) NOT NULL,
    fingerprint character varying(64) NOT NULL,
    status smallint NOT NULL,
    content_type character varying(200) NOT NULL,
    body bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT progress_keptanswer_status_check CHECK ((status >= 0))
);
ALTER TABLE public.progress_keptanswer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_keptanswer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_keydetails (
    token_id character varying(128) NOT NULL,
    name character varying(100) NOT NULL,
    scopes character varying(30)[] NOT NULL,
    last_used_at timestamp with time zone,
    is_test boolean DEFAULT false NOT NULL
);
CREATE TABLE public.progress_learningsession (
    session_id uuid NOT NULL,
    device_id character varying(64) NOT NULL,
    client_session_id uuid,
    start_time timestamp with time zone NOT NULL,
    end_time timestamp with time zone,
    end_reason character varying(10) NOT NULL,
    last_event_at timestamp with time zone NOT NULL,
    last_sequence bigint,
    active_ms bigint NOT NULL,
    idle_ms bigint NOT NULL,
    idle_time_minutes numeric(16,2) GENERATED ALWAYS AS (((idle_ms)::numeric(16,2) / (60000)::numeric)) STORED,
    distractions integer NOT NULL,
    pages_viewed integer NOT NULL,
    videos_watched integer NOT NULL,
    quizzes_attempted integer NOT NULL,
    opened bigint[] NOT NULL,
    played bigint[] NOT NULL,
    answered bigint[] NOT NULL,
    elapsed_spans int8multirange NOT NULL,
    positions jsonb NOT NULL,
    content_id bigint,
    course_id bigint NOT NULL,
    enrollment_id bigint NOT NULL,
    user_id bigint NOT NULL,
    module_id bigint,
    active_until bigint,
    CONSTRAINT progress_learningsession_active_ms_check CHECK ((active_ms >= 0)),
    CONSTRAINT progress_learningsession_distractions_check CHECK ((distractions >= 0)),
    CONSTRAINT progress_learningsession_idle_ms_check CHECK ((idle_ms >= 0)),
    CONSTRAINT progress_learningsession_pages_viewed_check CHECK ((pages_viewed >= 0)),
    CONSTRAINT progress_learningsession_quizzes_attempted_check CHECK ((quizzes_attempted >= 0)),
    CONSTRAINT progress_learningsession_videos_watched_check CHECK ((videos_watched >= 0)),
    CONSTRAINT session_end_has_reason CHECK (((((end_reason)::text = ''::text) AND (end_time IS NULL)) OR (((end_reason)::text = ANY ((ARRAY['ended'::character varying, 'expired'::character varying])::text[])) AND (end_time IS NOT NULL)))),
    CONSTRAINT session_ends_after_start CHECK (((end_time IS NULL) OR (end_time >= start_time)))
)
WITH (fillfactor='70');
CREATE TABLE public.progress_module (
    id bigint NOT NULL,
    code character varying(100) NOT NULL,
    title character varying(300) NOT NULL,
    "position" integer NOT NULL,
    retired_at timestamp with time zone,
    course_id bigint NOT NULL,
    CONSTRAINT progress_module_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.progress_module ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_module_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_note (
    id bigint NOT NULL,
    position_milli bigint,
    text character varying(4000) NOT NULL,
    written_at timestamp with time zone NOT NULL,
    content_id bigint NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT note_is_not_empty CHECK ((NOT ((position_milli IS NULL) AND ((text)::text = ''::text)))),
    CONSTRAINT progress_note_position_milli_check CHECK ((position_milli >= 0))
);
ALTER TABLE public.progress_note ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_note_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_outboxmessage (
    id bigint NOT NULL,
    kind character varying(40) NOT NULL,
    key character varying(100) NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    attempts integer NOT NULL,
    last_error text DEFAULT ''::text NOT NULL,
    retry_at timestamp with time zone,
    set_aside_at timestamp with time zone,
    CONSTRAINT progress_outboxmessage_attempts_check CHECK ((attempts >= 0))
);
ALTER TABLE public.progress_outboxmessage ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_outboxmessage_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_outgoingmail (
    id bigint NOT NULL,
    kind character varying(40) NOT NULL,
    key character varying(100) NOT NULL,
    payload jsonb NOT NULL,
    address character varying(320) NOT NULL,
    state character varying(7) NOT NULL,
    attempts integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    first_try_at timestamp with time zone,
    retry_at timestamp with time zone NOT NULL,
    claimed_at timestamp with time zone,
    handed_over_at timestamp with time zone,
    settled_at timestamp with time zone,
    last_error character varying(500) NOT NULL,
    CONSTRAINT progress_outgoingmail_attempts_check CHECK ((attempts >= 0))
);
ALTER TABLE public.progress_outgoingmail ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_outgoingmail_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_outsidecompletion (
    id bigint NOT NULL,
    completed_on date NOT NULL,
    valid_until date,
    basis character varying(20) NOT NULL,
    authority character varying(200) NOT NULL,
    details character varying(500) NOT NULL,
    reference character varying(120) NOT NULL,
    score_bp integer,
    holds_from timestamp with time zone NOT NULL,
    holds_until timestamp with time zone,
    recorded_at timestamp with time zone NOT NULL,
    recorded_key character varying(140) NOT NULL,
    withdrawn_at timestamp with time zone,
    withdrawn_key character varying(140) NOT NULL,
    withdrawal_reason character varying(500) NOT NULL,
    course_id bigint NOT NULL,
    recorded_by_id bigint,
    user_id bigint NOT NULL,
    withdrawn_by_id bigint,
    CONSTRAINT outside_completion_basis_known CHECK (((basis)::text = ANY ((ARRAY['previous_system'::character varying, 'in_person'::character varying, 'outside_certificate'::character varying, 'other'::character varying])::text[]))),
    CONSTRAINT outside_completion_ends_after_it_begins CHECK ((((holds_until IS NULL) AND (valid_until IS NULL)) OR ((holds_until > holds_from) AND (valid_until >= completed_on)))),
    CONSTRAINT outside_completion_has_authority CHECK ((NOT ((authority)::text = ''::text))),
    CONSTRAINT outside_completion_not_in_future CHECK ((holds_from <= recorded_at)),
    CONSTRAINT outside_completion_other_is_said CHECK (((NOT ((basis)::text = 'other'::text)) OR (NOT ((details)::text = ''::text)))),
    CONSTRAINT outside_completion_score_in_range CHECK (((score_bp IS NULL) OR (score_bp <= 10000))),
    CONSTRAINT outside_completion_withdrawn_with_reason CHECK (((((withdrawal_reason)::text = ''::text) AND (withdrawn_at IS NULL)) OR ((withdrawn_at IS NOT NULL) AND (NOT ((withdrawal_reason)::text = ''::text))))),
    CONSTRAINT progress_outsidecompletion_score_bp_check CHECK ((score_bp >= 0))
);
ALTER TABLE public.progress_outsidecompletion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_outsidecompletion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_owndatacopy (
    id bigint NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    expires_at timestamp with time zone,
    stored_as character varying(100) NOT NULL,
    size bigint NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT own_data_copy_finished_has_file CHECK ((((expires_at IS NULL) AND (finished_at IS NULL) AND ((stored_as)::text = ''::text)) OR ((expires_at IS NOT NULL) AND (finished_at IS NOT NULL) AND (NOT ((stored_as)::text = ''::text))))),
    CONSTRAINT progress_owndatacopy_size_check CHECK ((size >= 0))
);
ALTER TABLE public.progress_owndatacopy ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_owndatacopy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_passage (
    id bigint NOT NULL,
    language character varying(35) NOT NULL,
    position_milli bigint NOT NULL,
    later_lines jsonb NOT NULL,
    text text NOT NULL,
    folded text NOT NULL,
    content_id bigint NOT NULL,
    CONSTRAINT progress_passage_position_milli_check CHECK ((position_milli >= 0))
);
ALTER TABLE public.progress_passage ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_passage_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_pastspans (
    enrollment_id bigint NOT NULL,
    active_spans int8multirange NOT NULL,
    elapsed_spans int8multirange NOT NULL,
    user_id bigint NOT NULL
);
CREATE TABLE public.progress_question (
    id bigint NOT NULL,
    code character varying(100) NOT NULL,
    text text NOT NULL,
    "position" integer NOT NULL,
    retired_at timestamp with time zone,
    content_id bigint NOT NULL,
    created_at timestamp with time zone,
    question_type character varying(10) DEFAULT ''::character varying NOT NULL,
    tolerance character varying(40) DEFAULT ''::character varying NOT NULL,
    explanation text DEFAULT ''::text NOT NULL,
    taught_at integer,
    taught_in_id bigint,
    pool character varying(100) DEFAULT ''::character varying NOT NULL,
    image character varying(1000) DEFAULT ''::character varying NOT NULL,
    image_alt character varying(500) DEFAULT ''::character varying NOT NULL,
    CONSTRAINT progress_question_position_check CHECK (("position" >= 0)),
    CONSTRAINT progress_question_taught_at_check CHECK ((taught_at >= 0)),
    CONSTRAINT question_image_is_described CHECK ((((image)::text = ''::text) OR (NOT ((image_alt)::text = ''::text))))
);
ALTER TABLE public.progress_question ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_question_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_quizanswer (
    id bigint NOT NULL,
    revision integer NOT NULL,
    base_revision integer NOT NULL,
    is_conflict boolean NOT NULL,
    choices bigint[] NOT NULL,
    answered_at timestamp with time zone NOT NULL,
    time_ms bigint NOT NULL,
    question_id bigint NOT NULL,
    user_id bigint NOT NULL,
    attempt_id bigint NOT NULL,
    other_answer jsonb,
    is_late boolean DEFAULT false NOT NULL,
    CONSTRAINT progress_quizanswer_base_revision_check CHECK ((base_revision >= 0)),
    CONSTRAINT progress_quizanswer_revision_check CHECK ((revision >= 0)),
    CONSTRAINT progress_quizanswer_time_ms_check CHECK ((time_ms >= 0))
);
ALTER TABLE public.progress_quizanswer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_quizanswer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_quizattempt (
    id bigint NOT NULL,
    number integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    submitted_at timestamp with time zone,
    submitted_sequence bigint,
    submitted_session uuid,
    answers jsonb NOT NULL,
    question_ms jsonb NOT NULL,
    time_ms bigint NOT NULL,
    correct_count integer,
    question_count integer,
    right_questions bigint[],
    score_bp integer,
    passed boolean,
    content_id bigint NOT NULL,
    enrollment_id bigint NOT NULL,
    user_id bigint NOT NULL,
    drawn_questions bigint[],
    closes_at timestamp with time zone,
    ends_at timestamp with time zone,
    CONSTRAINT attempt_score_in_range CHECK (((score_bp IS NULL) OR (score_bp <= 10000))),
    CONSTRAINT attempt_scored_when_submitted CHECK ((((score_bp IS NULL) AND (submitted_at IS NULL)) OR ((score_bp IS NOT NULL) AND (submitted_at IS NOT NULL)))),
    CONSTRAINT progress_quizattempt_correct_count_check CHECK ((correct_count >= 0)),
    CONSTRAINT progress_quizattempt_number_check CHECK ((number >= 0)),
    CONSTRAINT progress_quizattempt_question_count_check CHECK ((question_count >= 0)),
    CONSTRAINT progress_quizattempt_score_bp_check CHECK ((score_bp >= 0)),
    CONSTRAINT progress_quizattempt_time_ms_check CHECK ((time_ms >= 0))
);
ALTER TABLE public.progress_quizattempt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_quizattempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_regrade (
    id bigint NOT NULL,
    score_before_bp integer NOT NULL,
    score_after_bp integer NOT NULL,
    passed_before boolean,
    passed_after boolean,
    reason character varying(255) NOT NULL,
    regraded_at timestamp with time zone NOT NULL,
    attempt_id bigint NOT NULL,
    regraded_by_id bigint,
    user_id bigint NOT NULL,
    CONSTRAINT progress_regrade_score_after_bp_check CHECK ((score_after_bp >= 0)),
    CONSTRAINT progress_regrade_score_before_bp_check CHECK ((score_before_bp >= 0)),
    CONSTRAINT regrade_has_a_reason CHECK ((NOT ((reason)::text = ''::text)))
);
ALTER TABLE public.progress_regrade ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_regrade_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_rowchange (
    table_name character varying(63) NOT NULL,
    row_id bigint NOT NULL,
    transaction_id bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    is_deleted boolean DEFAULT false NOT NULL,
    course_id bigint,
    user_id bigint,
    is_test boolean DEFAULT false NOT NULL
);
CREATE TABLE public.progress_setaside (
    id bigint NOT NULL,
    job character varying(200) NOT NULL,
    "row" bigint NOT NULL,
    error text NOT NULL,
    set_aside_at timestamp with time zone NOT NULL
);
ALTER TABLE public.progress_setaside ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_setaside_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_signin (
    id bigint NOT NULL,
    session_key character varying(40) NOT NULL,
    browser character varying(40) NOT NULL,
    system character varying(40) NOT NULL,
    signed_in_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.progress_signin ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_signin_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_studyreminder (
    user_id bigint NOT NULL,
    hour smallint NOT NULL,
    weekdays smallint NOT NULL,
    looked_on date,
    CONSTRAINT progress_studyreminder_hour_check CHECK ((hour >= 0)),
    CONSTRAINT progress_studyreminder_weekdays_check CHECK ((weekdays >= 0)),
    CONSTRAINT reminder_has_a_day CHECK (((weekdays >= 1) AND (weekdays <= 127))),
    CONSTRAINT reminder_hour_of_a_day CHECK ((hour <= 23))
);
CREATE TABLE public.progress_user (
    id bigint NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    is_superuser boolean NOT NULL,
    username character varying(150) NOT NULL,
    email character varying(254) NOT NULL,
    is_staff boolean NOT NULL,
    is_active boolean NOT NULL,
    date_joined timestamp with time zone NOT NULL,
    full_name character varying(200) NOT NULL,
    department character varying(120) NOT NULL,
    time_zone character varying(64) NOT NULL,
    external_id character varying(120),
    weekly_goal_minutes integer,
    username_key text,
    duplicate_number integer DEFAULT 0 NOT NULL,
    earlier_zones jsonb DEFAULT '[]'::jsonb NOT NULL,
    session_generation integer DEFAULT 0 NOT NULL,
    captions_on boolean DEFAULT false NOT NULL,
    autoplay_next boolean DEFAULT false NOT NULL,
    calendar_number bigint,
    language character varying(16) DEFAULT ''::character varying NOT NULL,
    captions_language character varying(16) DEFAULT ''::character varying NOT NULL,
    streams_from timestamp with time zone,
    manager_id bigint,
    is_test boolean DEFAULT false NOT NULL,
    CONSTRAINT progress_user_calendar_number_check CHECK ((calendar_number >= 0)),
    CONSTRAINT progress_user_duplicate_number_check CHECK ((duplicate_number >= 0)),
    CONSTRAINT progress_user_session_generation_check CHECK ((session_generation >= 0)),
    CONSTRAINT progress_user_weekly_goal_minutes_check CHECK ((weekly_goal_minutes >= 0)),
    CONSTRAINT user_not_own_manager CHECK (((manager_id IS NULL) OR (NOT ((manager_id = id) AND (manager_id IS NOT NULL))))),
    CONSTRAINT user_weekly_goal_within_a_week CHECK (((weekly_goal_minutes IS NULL) OR ((weekly_goal_minutes >= 1) AND (weekly_goal_minutes <= 10080))))
);
CREATE TABLE public.progress_user_groups (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    group_id integer NOT NULL
);
ALTER TABLE public.progress_user_groups ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_user_groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.progress_user ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_user_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_user_user_permissions (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    permission_id integer NOT NULL
);
ALTER TABLE public.progress_user_user_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_user_user_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.progress_waiver (
    id bigint NOT NULL,
    reason character varying(12) NOT NULL,
    score_bp integer,
    granted_at timestamp with time zone NOT NULL,
    declined_at timestamp with time zone,
    because_id bigint NOT NULL,
    content_id bigint NOT NULL,
    enrollment_id bigint NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT progress_waiver_score_bp_check CHECK ((score_bp >= 0)),
    CONSTRAINT waiver_is_not_its_own_reason CHECK ((NOT (content_id = because_id))),
    CONSTRAINT waiver_reason_known CHECK (((reason)::text = ANY ((ARRAY['pre_test'::character varying, 'alternative'::character varying])::text[])))
);
ALTER TABLE public.progress_waiver ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.progress_waiver_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.socialaccount_socialaccount (
    id integer NOT NULL,
    provider character varying(200) NOT NULL,
    uid character varying(191) NOT NULL,
    last_login timestamp with time zone NOT NULL,
    date_joined timestamp with time zone NOT NULL,
    extra_data jsonb NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.socialaccount_socialaccount ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.socialaccount_socialaccount_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.socialaccount_socialapp (
    id integer NOT NULL,
    provider character varying(30) NOT NULL,
    name character varying(40) NOT NULL,
    client_id character varying(191) NOT NULL,
    secret character varying(191) NOT NULL,
    key character varying(191) NOT NULL,
    provider_id character varying(200) NOT NULL,
    settings jsonb NOT NULL
);
ALTER TABLE public.socialaccount_socialapp ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.socialaccount_socialapp_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.socialaccount_socialtoken (
    id integer NOT NULL,
    token text NOT NULL,
    token_secret text NOT NULL,
    expires_at timestamp with time zone,
    account_id integer NOT NULL,
    app_id integer
);
ALTER TABLE public.socialaccount_socialtoken ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.socialaccount_socialtoken_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE ONLY public.progress_contentinteraction ATTACH PARTITION public.progress_contentinteraction_default DEFAULT;




INSERT INTO public.analytics_alertthresholds (id, switched_off, never_started_days, inactive_times_usual, inactive_min_days, inactive_max_days, inactive_unknown_days, pace_after_percent, pace_behind_points, failing_attempts, skipping_min_seconds, skipping_percent, integrity_events, recent_days, cool_down_days) VALUES
	(1, '{}', 7, 3, 7, 28, 14, 25, 25, 2, 120, 30, 3, 14, 7);
























INSERT INTO public.analytics_outreachtemplate (id, name, kind, subject, body) VALUES
	(1, 'Never started', 'never_started', '{course}: ready when you are', 'Hello {name},

you are enrolled in “{course}” and haven''t begun yet. It is due: {due}.

Here you go on: {link}

If something is in your way, just answer this mail.

{sender}'),
	(2, 'Not heard of for a while', 'inactive', '{course}: you are at {percent}', 'Hello {name},

you were last at “{course}” on {last_seen} and are at {percent}. What you have done is kept, and you go on where you were.

Here you go on: {link}

If something is in your way, just answer this mail.

{sender}'),
	(3, 'Keeps failing a quiz', 'failing', '{course}: can I help?', 'Hello {name},

a quiz of “{course}” seems to be harder than it should be. Tell me what is unclear, and we''ll look at it together.

Here you go on: {link}

If something is in your way, just answer this mail.

{sender}'),
	(4, 'For anything', '', '{course}: how is it going?', 'Hello {name},

you are at {percent} of “{course}”. It is due: {due}.

Here you go on: {link}

If something is in your way, just answer this mail.

{sender}');













































INSERT INTO public.django_migrations (id, app, name, applied) VALUES
	(1, 'contenttypes', '0001_initial', now()),
	(2, 'contenttypes', '0002_remove_content_type_name', now()),
	(3, 'auth', '0001_initial', now()),
	(4, 'auth', '0002_alter_permission_name_max_length', now()),
	(5, 'auth', '0003_alter_user_email_max_length', now()),
	(6, 'auth', '0004_alter_user_username_opts', now()),
	(7, 'auth', '0005_alter_user_last_login_null', now()),
	(8, 'auth', '0006_require_contenttypes_0002', now()),
	(9, 'auth', '0007_alter_validators_add_error_messages', now()),
	(10, 'auth', '0008_alter_user_username_max_length', now()),
	(11, 'auth', '0009_alter_user_last_name_max_length', now()),
	(12, 'auth', '0010_alter_group_name_max_length', now()),
	(13, 'auth', '0011_update_proxy_permissions', now()),
	(14, 'auth', '0012_alter_user_first_name_max_length', now()),
	(15, 'progress', '0001_initial', now()),
	(16, 'account', '0001_initial', now()),
	(17, 'account', '0002_email_max_length', now()),
	(18, 'account', '0003_alter_emailaddress_create_unique_verified_email', now()),
	(19, 'account', '0004_alter_emailaddress_drop_unique_email', now()),
	(20, 'account', '0005_emailaddress_idx_upper_email', now()),
	(21, 'account', '0006_emailaddress_lower', now()),
	(22, 'account', '0007_emailaddress_idx_email', now()),
	(23, 'account', '0008_emailaddress_unique_primary_email_fixup', now()),
	(24, 'account', '0009_emailaddress_unique_primary_email', now()),
	(25, 'admin', '0001_initial', now()),
	(26, 'admin', '0002_logentry_remove_auto_add', now()),
	(27, 'admin', '0003_logentry_add_action_flag_choices', now()),
	(28, 'progress', '0002_evidence', now()),
	(29, 'django_celery_beat', '0001_initial', now()),
	(30, 'django_celery_beat', '0002_auto_20161118_0346', now()),
	(31, 'django_celery_beat', '0003_auto_20161209_0049', now()),
	(32, 'django_celery_beat', '0004_auto_20170221_0000', now()),
	(33, 'django_celery_beat', '0005_add_solarschedule_events_choices', now()),
	(34, 'django_celery_beat', '0006_auto_20180322_0932', now()),
	(35, 'django_celery_beat', '0007_auto_20180521_0826', now()),
	(36, 'django_celery_beat', '0008_auto_20180914_1922', now()),
	(37, 'django_celery_beat', '0006_auto_20180210_1226', now()),
	(38, 'django_celery_beat', '0006_periodictask_priority', now()),
	(39, 'django_celery_beat', '0009_periodictask_headers', now()),
	(40, 'django_celery_beat', '0010_auto_20190429_0326', now()),
	(41, 'django_celery_beat', '0011_auto_20190508_0153', now()),
	(42, 'django_celery_beat', '0012_periodictask_expire_seconds', now()),
	(43, 'django_celery_beat', '0013_auto_20200609_0727', now()),
	(44, 'django_celery_beat', '0014_remove_clockedschedule_enabled', now()),
	(45, 'django_celery_beat', '0015_edit_solarschedule_events_choices', now()),
	(46, 'django_celery_beat', '0016_alter_crontabschedule_timezone', now()),
	(47, 'django_celery_beat', '0017_alter_crontabschedule_month_of_year', now()),
	(48, 'django_celery_beat', '0018_improve_crontab_helptext', now()),
	(49, 'django_celery_beat', '0019_alter_periodictasks_options', now()),
	(50, 'progress', '0003_schedule', now()),
	(51, 'progress', '0004_session_by_end', now()),
	(52, 'progress', '0005_weekly_goal', now()),
	(53, 'progress', '0006_jobs', now()),
	(54, 'progress', '0007_nightly_jobs', now()),
	(55, 'progress', '0008_keys_by_learner', now()),
	(56, 'progress', '0009_regrades', now()),
	(57, 'progress', '0010_waivers', now()),
	(58, 'progress', '0011_embed_rules', now()),
	(59, 'progress', '0012_quiz_percentages', now()),
	(60, 'progress', '0013_content_urls', now()),
	(61, 'progress', '0014_username_keys', now()),
	(62, 'progress', '0015_choice_codes', now()),
	(63, 'progress', '0016_last_activity', now()),
	(64, 'progress', '0017_earlier_zones', now()),
	(65, 'progress', '0018_outgoing_mail', now()),
	(66, 'progress', '0019_mail_schedule', now()),
	(67, 'progress', '0020_ingest_functions', now()),
	(68, 'progress', '0021_session_generation', now()),
	(69, 'progress', '0022_plain_words', now()),
	(70, 'progress', '0026_row_changes', now()),
	(71, 'progress', '0027_course_function', now()),
	(72, 'progress', '0028_plain_labels', now()),
	(73, 'progress', '0029_write_by_learner', now()),
	(74, 'progress', '0030_kept_answers', now()),
	(75, 'knox', '0001_initial', now()),
	(76, 'knox', '0002_auto_20150916_1425', now()),
	(77, 'knox', '0003_auto_20150916_1526', now()),
	(78, 'knox', '0004_authtoken_expires', now()),
	(79, 'knox', '0005_authtoken_token_key', now()),
	(80, 'knox', '0006_auto_20160818_0932', now()),
	(81, 'knox', '0007_auto_20190111_0542', now()),
	(82, 'knox', '0008_remove_authtoken_salt', now()),
	(83, 'knox', '0009_extend_authtoken_field', now()),
	(84, 'progress', '0031_key_details', now()),
	(85, 'progress', '0032_group_functions', now()),
	(86, 'progress', '0033_start_function', now()),
	(87, 'progress', '0034_playing_choices', now()),
	(88, 'progress', '0035_notes', now()),
	(89, 'progress', '0036_calendar', now()),
	(90, 'progress', '0037_question_types', now()),
	(91, 'progress', '0038_embed_score', now()),
	(92, 'progress', '0039_explanations', now()),
	(93, 'progress', '0040_language', now()),
	(94, 'progress', '0041_search', now()),
	(95, 'progress', '0042_outside_completions', now()),
	(96, 'progress', '0043_sign_ins', now()),
	(97, 'progress', '0044_study_reminders', now()),
	(98, 'progress', '0045_drawn_questions', now()),
	(99, 'progress', '0046_time_limits', now()),
	(100, 'progress', '0047_overdue_attempts', now()),
	(101, 'progress', '0048_pictures', now()),
	(102, 'progress', '0049_managers', now()),
	(103, 'progress', '0050_teams', now()),
	(104, 'progress', '0051_test_marks', now()),
	(105, 'progress', '0052_erasures', now()),
	(106, 'progress', '0053_test_learner_index', now()),
	(107, 'analytics', '0001_rollups', now()),
	(108, 'analytics', '0002_rollup_schedule', now()),
	(109, 'analytics', '0003_risk', now()),
	(110, 'analytics', '0004_risk_schedule', now()),
	(111, 'analytics', '0005_mastery', now()),
	(112, 'analytics', '0006_mastery_schedule', now()),
	(113, 'analytics', '0007_saved_reports', now()),
	(114, 'analytics', '0008_saved_report_schedule', now()),
	(115, 'analytics', '0009_alerts', now()),
	(116, 'analytics', '0010_alert_schedule', now()),
	(117, 'analytics', '0011_hourly_rates', now()),
	(118, 'analytics', '0012_compliance', now()),
	(119, 'analytics', '0013_compliance_schedule', now()),
	(120, 'analytics', '0014_peer_content', now()),
	(121, 'analytics', '0015_peer_schedule', now()),
	(122, 'analytics', '0016_path_choice', now()),
	(123, 'analytics', '0017_replayers', now()),
	(124, 'analytics', '0018_quiz_records', now()),
	(125, 'analytics', '0019_quiz_record_schedule', now()),
	(126, 'analytics', '0020_plain_help_texts', now()),
	(127, 'analytics', '0021_plain_words', now()),
	(128, 'analytics', '0025_row_changes', now()),
	(129, 'analytics', '0026_plain_labels', now()),
	(130, 'analytics', '0027_learner_columns', now()),
	(131, 'analytics', '0028_dismissals_for_a_while', now()),
	(132, 'analytics', '0029_risk_validation', now()),
	(133, 'analytics', '0030_course_days', now()),
	(134, 'analytics', '0031_fill_course_days', now()),
	(135, 'analytics', '0032_content_dropouts', now()),
	(136, 'analytics', '0033_min_and_max', now()),
	(137, 'analytics', '0034_forecasts', now()),
	(138, 'authoring', '0001_files', now()),
	(139, 'authoring', '0002_drafts', now()),
	(140, 'authoring', '0003_self_enrollment', now()),
	(141, 'authoring', '0004_file_changes', now()),
	(142, 'authoring', '0005_measured_later', now()),
	(143, 'axes', '0001_initial', now()),
	(144, 'axes', '0002_auto_20151217_2044', now()),
	(145, 'axes', '0003_auto_20160322_0929', now()),
	(146, 'axes', '0004_auto_20181024_1538', now()),
	(147, 'axes', '0005_remove_accessattempt_trusted', now()),
	(148, 'axes', '0006_remove_accesslog_trusted', now()),
	(149, 'axes', '0007_alter_accessattempt_unique_together', now()),
	(150, 'axes', '0008_accessfailurelog', now()),
	(151, 'axes', '0009_add_session_hash', now()),
	(152, 'axes', '0010_accessattemptexpiration', now()),
	(153, 'certificates', '0001_initial', now()),
	(154, 'certificates', '0002_numbers', now()),
	(155, 'certificates', '0003_schedule', now()),
	(156, 'certificates', '0004_files_and_revocations', now()),
	(157, 'certificates', '0005_render_schedule', now()),
	(158, 'certificates', '0006_signatures', now()),
	(159, 'certificates', '0007_life', now()),
	(160, 'certificates', '0008_life_schedule', now()),
	(161, 'certificates', '0009_badges', now()),
	(162, 'certificates', '0010_packet', now()),
	(163, 'certificates', '0011_packet_schedule', now()),
	(164, 'certificates', '0012_designs', now()),
	(165, 'certificates', '0013_for_good', now()),
	(166, 'certificates', '0014_missing_characters', now()),
	(167, 'certificates', '0015_plain_words', now()),
	(168, 'certificates', '0017_row_changes', now()),
	(169, 'certificates', '0018_plain_labels', now()),
	(170, 'certificates', '0019_learner_columns', now()),
	(171, 'connections', '0001_initial', now()),
	(172, 'connections', '0002_triggers', now()),
	(173, 'connections', '0003_row_changes', now()),
	(174, 'connections', '0004_provisioning', now()),
	(175, 'connections', '0007_test_endpoints', now()),
	(176, 'progress', '0054_own_data_copies', now()),
	(177, 'progress', '0055_note_progress_together', now()),
	(178, 'sessions', '0001_initial', now()),
	(179, 'socialaccount', '0001_initial', now()),
	(180, 'socialaccount', '0002_token_max_lengths', now()),
	(181, 'socialaccount', '0003_extra_data_default_dict', now()),
	(182, 'socialaccount', '0004_app_provider_id_settings', now()),
	(183, 'socialaccount', '0005_socialtoken_nullable_app', now()),
	(184, 'socialaccount', '0006_alter_socialaccount_extra_data', now());











































SELECT pg_catalog.setval('public.analytics_outreachtemplate_id_seq', 4, true);
SELECT pg_catalog.setval('public.django_migrations_id_seq', 184, true);
ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_email_987c8728_uniq UNIQUE (user_id, email);
ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_key_key UNIQUE (key);
ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_alert
    ADD CONSTRAINT analytics_alert_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_alertstep
    ADD CONSTRAINT analytics_alertstep_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_alertthresholds
    ADD CONSTRAINT analytics_alertthresholds_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_completionforecast
    ADD CONSTRAINT analytics_completionforecast_pkey PRIMARY KEY (enrollment_id);
ALTER TABLE ONLY public.analytics_contentcurve
    ADD CONSTRAINT analytics_contentcurve_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_contentday
    ADD CONSTRAINT analytics_contentday_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_contentdropout
    ADD CONSTRAINT analytics_contentdropout_pkey PRIMARY KEY (content_id);
ALTER TABLE ONLY public.analytics_contentedition
    ADD CONSTRAINT analytics_contentedition_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_contentreach
    ADD CONSTRAINT analytics_contentreach_pkey PRIMARY KEY (edition_id);
ALTER TABLE ONLY public.analytics_courseday
    ADD CONSTRAINT analytics_courseday_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_digest
    ADD CONSTRAINT analytics_digest_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_digestchoice
    ADD CONSTRAINT analytics_digestchoice_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.analytics_dismissal
    ADD CONSTRAINT analytics_dismissal_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_escalation
    ADD CONSTRAINT analytics_escalation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_escalationstep
    ADD CONSTRAINT analytics_escalationstep_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_exemption
    ADD CONSTRAINT analytics_exemption_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_foldedcourse
    ADD CONSTRAINT analytics_foldedcourse_pkey PRIMARY KEY (course_id);
ALTER TABLE ONLY public.analytics_foldedenrollment
    ADD CONSTRAINT analytics_foldedenrollment_pkey PRIMARY KEY (enrollment_id);
ALTER TABLE ONLY public.analytics_forecastrecord
    ADD CONSTRAINT analytics_forecastrecord_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_forecastvalidation
    ADD CONSTRAINT analytics_forecastvalidation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_hourlyrate
    ADD CONSTRAINT analytics_hourlyrate_department_key UNIQUE (department);
ALTER TABLE ONLY public.analytics_hourlyrate
    ADD CONSTRAINT analytics_hourlyrate_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_learnercontent
    ADD CONSTRAINT analytics_learnercontent_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_learnerday
    ADD CONSTRAINT analytics_learnerday_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_learnerhabit
    ADD CONSTRAINT analytics_learnerhabit_pkey PRIMARY KEY (enrollment_id);
ALTER TABLE ONLY public.analytics_learnerquiz
    ADD CONSTRAINT analytics_learnerquiz_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_learnerskill
    ADD CONSTRAINT analytics_learnerskill_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_outreach
    ADD CONSTRAINT analytics_outreach_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_outreachtemplate
    ADD CONSTRAINT analytics_outreachtemplate_name_key UNIQUE (name);
ALTER TABLE ONLY public.analytics_outreachtemplate
    ADD CONSTRAINT analytics_outreachtemplate_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_pathchoice
    ADD CONSTRAINT analytics_pathchoice_pkey PRIMARY KEY (enrollment_id);
ALTER TABLE ONLY public.analytics_peercontent
    ADD CONSTRAINT analytics_peercontent_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_questionrollup
    ADD CONSTRAINT analytics_questionrollup_pkey PRIMARY KEY (question_id);
ALTER TABLE ONLY public.analytics_quizrecord
    ADD CONSTRAINT analytics_quizrecord_pkey PRIMARY KEY (content_id);
ALTER TABLE ONLY public.analytics_requirement
    ADD CONSTRAINT analytics_requirement_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_riskadaptation
    ADD CONSTRAINT analytics_riskadaptation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_riskmodel
    ADD CONSTRAINT analytics_riskmodel_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_riskmodel
    ADD CONSTRAINT analytics_riskmodel_version_key UNIQUE (version);
ALTER TABLE ONLY public.analytics_riskprediction
    ADD CONSTRAINT analytics_riskprediction_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_riskscore
    ADD CONSTRAINT analytics_riskscore_pkey PRIMARY KEY (enrollment_id);
ALTER TABLE ONLY public.analytics_riskvalidation
    ADD CONSTRAINT analytics_riskvalidation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_rollupsource
    ADD CONSTRAINT analytics_rollupsource_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.analytics_savedreport
    ADD CONSTRAINT analytics_savedreport_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_tracedcontent
    ADD CONSTRAINT analytics_tracedcontent_pkey PRIMARY KEY (content_id);
ALTER TABLE ONLY public.analytics_tracedue
    ADD CONSTRAINT analytics_tracedue_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.progress_quizattempt
    ADD CONSTRAINT attempt_number_of_learner_once UNIQUE (user_id, enrollment_id, content_id, number);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.authoring_draft
    ADD CONSTRAINT authoring_draft_course_id_key UNIQUE (course_id);
ALTER TABLE ONLY public.authoring_draft
    ADD CONSTRAINT authoring_draft_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.authoring_draftversion
    ADD CONSTRAINT authoring_draftversion_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.authoring_selfenrollment
    ADD CONSTRAINT authoring_selfenrollment_course_id_key UNIQUE (course_id);
ALTER TABLE ONLY public.authoring_selfenrollment
    ADD CONSTRAINT authoring_selfenrollment_link_key_key UNIQUE (link_key);
ALTER TABLE ONLY public.authoring_selfenrollment
    ADD CONSTRAINT authoring_selfenrollment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.authoring_storedfile
    ADD CONSTRAINT authoring_storedfile_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.authoring_storedfile
    ADD CONSTRAINT authoring_storedfile_public_id_key UNIQUE (public_id);
ALTER TABLE ONLY public.authoring_upload
    ADD CONSTRAINT authoring_upload_file_id_key UNIQUE (file_id);
ALTER TABLE ONLY public.authoring_upload
    ADD CONSTRAINT authoring_upload_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.authoring_upload
    ADD CONSTRAINT authoring_upload_public_id_key UNIQUE (public_id);
ALTER TABLE ONLY public.axes_accessattempt
    ADD CONSTRAINT axes_accessattempt_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.axes_accessattempt
    ADD CONSTRAINT axes_accessattempt_username_ip_address_user_agent_8ea22282_uniq UNIQUE (username, ip_address, user_agent);
ALTER TABLE ONLY public.axes_accessattemptexpiration
    ADD CONSTRAINT axes_accessattemptexpiration_pkey PRIMARY KEY (access_attempt_id);
ALTER TABLE ONLY public.axes_accessfailurelog
    ADD CONSTRAINT axes_accessfailurelog_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.axes_accesslog
    ADD CONSTRAINT axes_accesslog_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.certificates_certificate
    ADD CONSTRAINT certificate_ordinal_once UNIQUE (enrollment_id, ordinal);
ALTER TABLE ONLY public.certificates_certificate
    ADD CONSTRAINT certificates_certificate_code_key UNIQUE (code);
ALTER TABLE ONLY public.certificates_certificate
    ADD CONSTRAINT certificates_certificate_number_key UNIQUE (number);
ALTER TABLE ONLY public.certificates_certificate
    ADD CONSTRAINT certificates_certificate_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.certificates_certificate
    ADD CONSTRAINT certificates_certificate_replaces_id_key UNIQUE (replaces_id);
ALTER TABLE ONLY public.certificates_coursedesign
    ADD CONSTRAINT certificates_coursedesign_pkey PRIMARY KEY (course_id);
ALTER TABLE ONLY public.certificates_design
    ADD CONSTRAINT certificates_design_name_key UNIQUE (name);
ALTER TABLE ONLY public.certificates_design
    ADD CONSTRAINT certificates_design_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.certificates_packet
    ADD CONSTRAINT certificates_packet_certificate_id_key UNIQUE (certificate_id);
ALTER TABLE ONLY public.certificates_packet
    ADD CONSTRAINT certificates_packet_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.certificates_packet
    ADD CONSTRAINT certificates_packet_sha256_key UNIQUE (sha256);
ALTER TABLE ONLY public.certificates_reminder
    ADD CONSTRAINT certificates_reminder_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.certificates_rendition
    ADD CONSTRAINT certificates_rendition_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.certificates_rendition
    ADD CONSTRAINT certificates_rendition_sha256_key UNIQUE (sha256);
ALTER TABLE ONLY public.certificates_review
    ADD CONSTRAINT certificates_review_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.certificates_revocation
    ADD CONSTRAINT certificates_revocation_certificate_id_key UNIQUE (certificate_id);
ALTER TABLE ONLY public.certificates_revocation
    ADD CONSTRAINT certificates_revocation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.certificates_validity
    ADD CONSTRAINT certificates_validity_pkey PRIMARY KEY (course_id);
ALTER TABLE ONLY public.progress_choice
    ADD CONSTRAINT choice_code_once_in_question UNIQUE (question_id, code) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.connections_attempt
    ADD CONSTRAINT connections_attempt_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.connections_changedprogress
    ADD CONSTRAINT connections_changedprogress_pkey PRIMARY KEY (enrollment_id);
ALTER TABLE ONLY public.connections_delivery
    ADD CONSTRAINT connections_delivery_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.connections_endpoint
    ADD CONSTRAINT connections_endpoint_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.connections_event
    ADD CONSTRAINT connections_event_key_key UNIQUE (key);
ALTER TABLE ONLY public.connections_event
    ADD CONSTRAINT connections_event_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.connections_event
    ADD CONSTRAINT connections_event_position_key UNIQUE ("position");
ALTER TABLE ONLY public.connections_event
    ADD CONSTRAINT connections_event_uid_key UNIQUE (uid);
ALTER TABLE ONLY public.connections_groupmembership
    ADD CONSTRAINT connections_groupmembership_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.connections_provisionedgroup
    ADD CONSTRAINT connections_provisionedgroup_name_key_key UNIQUE (name_key);
ALTER TABLE ONLY public.connections_provisionedgroup
    ADD CONSTRAINT connections_provisionedgroup_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.connections_provisionedperson
    ADD CONSTRAINT connections_provisionedperson_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.progress_content
    ADD CONSTRAINT content_code_in_module UNIQUE (module_id, code);
ALTER TABLE ONLY public.analytics_contentcurve
    ADD CONSTRAINT content_curve_of_month_once UNIQUE (edition_id, session_month);
ALTER TABLE ONLY public.analytics_contentday
    ADD CONSTRAINT content_day_once UNIQUE (content_id, day, session_month);
ALTER TABLE ONLY public.analytics_contentedition
    ADD CONSTRAINT content_edition_once UNIQUE (content_id, since);
ALTER TABLE ONLY public.progress_contentprogress
    ADD CONSTRAINT content_progress_of_learner_once UNIQUE (user_id, enrollment_id, content_id);
ALTER TABLE ONLY public.analytics_courseday
    ADD CONSTRAINT course_day_once UNIQUE (course_id, day);
ALTER TABLE ONLY public.connections_delivery
    ADD CONSTRAINT delivery_once UNIQUE (endpoint_id, event_id);
ALTER TABLE ONLY public.analytics_digest
    ADD CONSTRAINT digest_once_a_day UNIQUE (user_id, day);
ALTER TABLE ONLY public.analytics_dismissal
    ADD CONSTRAINT dismissal_once UNIQUE (enrollment_id, content_id);
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_celery_beat_clockedschedule
    ADD CONSTRAINT django_celery_beat_clockedschedule_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_celery_beat_crontabschedule
    ADD CONSTRAINT django_celery_beat_crontabschedule_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_celery_beat_intervalschedule
    ADD CONSTRAINT django_celery_beat_intervalschedule_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_celery_beat_periodictask
    ADD CONSTRAINT django_celery_beat_periodictask_name_key UNIQUE (name);
ALTER TABLE ONLY public.django_celery_beat_periodictask
    ADD CONSTRAINT django_celery_beat_periodictask_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_celery_beat_periodictasks
    ADD CONSTRAINT django_celery_beat_periodictasks_pkey PRIMARY KEY (ident);
ALTER TABLE ONLY public.django_celery_beat_solarschedule
    ADD CONSTRAINT django_celery_beat_solar_event_latitude_longitude_ba64999a_uniq UNIQUE (event, latitude, longitude);
ALTER TABLE ONLY public.django_celery_beat_solarschedule
    ADD CONSTRAINT django_celery_beat_solarschedule_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);
ALTER TABLE ONLY public.authoring_draftversion
    ADD CONSTRAINT draft_version_number_once UNIQUE (draft_id, number);
ALTER TABLE ONLY public.progress_enrollment
    ADD CONSTRAINT enrollment_cycle_once UNIQUE (user_id, course_id, cycle);
ALTER TABLE ONLY public.analytics_escalation
    ADD CONSTRAINT escalation_once UNIQUE (step_id, user_id, due_on);
ALTER TABLE ONLY public.analytics_escalationstep
    ADD CONSTRAINT escalation_step_once UNIQUE (requirement_id, days, "to", address);
ALTER TABLE ONLY public.analytics_forecastrecord
    ADD CONSTRAINT forecast_record_once UNIQUE (enrollment_id, week);
ALTER TABLE ONLY public.analytics_forecastvalidation
    ADD CONSTRAINT forecast_validation_once UNIQUE NULLS NOT DISTINCT (course_id, part);
ALTER TABLE ONLY public.connections_groupmembership
    ADD CONSTRAINT group_member_once UNIQUE (group_id, user_id);
ALTER TABLE ONLY public.progress_keptanswer
    ADD CONSTRAINT kept_answer_once UNIQUE (caller, key);
ALTER TABLE ONLY public.knox_authtoken
    ADD CONSTRAINT knox_authtoken_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY public.analytics_learnercontent
    ADD CONSTRAINT learner_content_once UNIQUE (edition_id, enrollment_id);
ALTER TABLE ONLY public.analytics_learnerday
    ADD CONSTRAINT learner_day_once UNIQUE (enrollment_id, day, session_month);
ALTER TABLE ONLY public.analytics_learnerquiz
    ADD CONSTRAINT learner_quiz_once UNIQUE (content_id, enrollment_id);
ALTER TABLE ONLY public.analytics_learnerskill
    ADD CONSTRAINT learner_skill_once UNIQUE (user_id, skill);
ALTER TABLE ONLY public.progress_module
    ADD CONSTRAINT module_code_in_course UNIQUE (course_id, code);
ALTER TABLE ONLY public.progress_outboxmessage
    ADD CONSTRAINT outbox_message_once UNIQUE (kind, key);
ALTER TABLE ONLY public.progress_outgoingmail
    ADD CONSTRAINT outgoing_mail_once UNIQUE (kind, key);
ALTER TABLE ONLY public.analytics_peercontent
    ADD CONSTRAINT peer_content_once UNIQUE (quiz_id, content_id);
ALTER TABLE ONLY public.progress_accommodation
    ADD CONSTRAINT progress_accommodation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_accommodation
    ADD CONSTRAINT progress_accommodation_user_id_key UNIQUE (user_id);
ALTER TABLE ONLY public.progress_choice
    ADD CONSTRAINT progress_choice_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_content
    ADD CONSTRAINT progress_content_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_content_prerequisites
    ADD CONSTRAINT progress_content_prerequ_from_content_id_to_conte_966c3b15_uniq UNIQUE (from_content_id, to_content_id);
ALTER TABLE ONLY public.progress_content_prerequisites
    ADD CONSTRAINT progress_content_prerequisites_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_content_waives
    ADD CONSTRAINT progress_content_waives_from_content_id_to_conte_81a6f0c0_uniq UNIQUE (from_content_id, to_content_id);
ALTER TABLE ONLY public.progress_content_waives
    ADD CONSTRAINT progress_content_waives_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_contentinteraction
    ADD CONSTRAINT progress_contentinteraction_pkey PRIMARY KEY (id, session_started_at);
ALTER TABLE ONLY public.progress_contentinteraction_default
    ADD CONSTRAINT progress_contentinteraction_default_pkey PRIMARY KEY (id, session_started_at);
ALTER TABLE ONLY public.progress_contentprogress
    ADD CONSTRAINT progress_contentprogress_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_course
    ADD CONSTRAINT progress_course_code_key UNIQUE (code);
ALTER TABLE ONLY public.progress_course_instructors
    ADD CONSTRAINT progress_course_instructors_course_id_user_id_aeb51844_uniq UNIQUE (course_id, user_id);
ALTER TABLE ONLY public.progress_course_instructors
    ADD CONSTRAINT progress_course_instructors_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_course
    ADD CONSTRAINT progress_course_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_courseprogress
    ADD CONSTRAINT progress_courseprogress_pkey PRIMARY KEY (enrollment_id);
ALTER TABLE ONLY public.progress_drift
    ADD CONSTRAINT progress_drift_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_enrollment
    ADD CONSTRAINT progress_enrollment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_erasure
    ADD CONSTRAINT progress_erasure_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_evidenceexport
    ADD CONSTRAINT progress_evidenceexport_file_key UNIQUE (file);
ALTER TABLE ONLY public.progress_evidenceexport
    ADD CONSTRAINT progress_evidenceexport_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_indexedcontent
    ADD CONSTRAINT progress_indexedcontent_pkey PRIMARY KEY (content_id);
ALTER TABLE ONLY public.progress_job
    ADD CONSTRAINT progress_job_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.progress_keptanswer
    ADD CONSTRAINT progress_keptanswer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_keydetails
    ADD CONSTRAINT progress_keydetails_pkey PRIMARY KEY (token_id);
ALTER TABLE ONLY public.progress_learningsession
    ADD CONSTRAINT progress_learningsession_pkey PRIMARY KEY (session_id);
ALTER TABLE ONLY public.progress_module
    ADD CONSTRAINT progress_module_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_note
    ADD CONSTRAINT progress_note_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_outboxmessage
    ADD CONSTRAINT progress_outboxmessage_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_outgoingmail
    ADD CONSTRAINT progress_outgoingmail_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_outsidecompletion
    ADD CONSTRAINT progress_outsidecompletion_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_owndatacopy
    ADD CONSTRAINT progress_owndatacopy_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_passage
    ADD CONSTRAINT progress_passage_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_pastspans
    ADD CONSTRAINT progress_pastspans_pkey PRIMARY KEY (enrollment_id);
ALTER TABLE ONLY public.progress_question
    ADD CONSTRAINT progress_question_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_quizanswer
    ADD CONSTRAINT progress_quizanswer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_quizattempt
    ADD CONSTRAINT progress_quizattempt_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_regrade
    ADD CONSTRAINT progress_regrade_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_rowchange
    ADD CONSTRAINT progress_rowchange_pkey PRIMARY KEY (table_name, row_id);
ALTER TABLE ONLY public.progress_setaside
    ADD CONSTRAINT progress_setaside_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_signin
    ADD CONSTRAINT progress_signin_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_signin
    ADD CONSTRAINT progress_signin_session_key_key UNIQUE (session_key);
ALTER TABLE ONLY public.progress_studyreminder
    ADD CONSTRAINT progress_studyreminder_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.progress_user
    ADD CONSTRAINT progress_user_external_id_key UNIQUE (external_id);
ALTER TABLE ONLY public.progress_user_groups
    ADD CONSTRAINT progress_user_groups_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_user_groups
    ADD CONSTRAINT progress_user_groups_user_id_group_id_70038eb1_uniq UNIQUE (user_id, group_id);
ALTER TABLE ONLY public.progress_user
    ADD CONSTRAINT progress_user_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_user_user_permissions
    ADD CONSTRAINT progress_user_user_permi_user_id_permission_id_41856256_uniq UNIQUE (user_id, permission_id);
ALTER TABLE ONLY public.progress_user_user_permissions
    ADD CONSTRAINT progress_user_user_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_user
    ADD CONSTRAINT progress_user_username_key UNIQUE (username);
ALTER TABLE ONLY public.progress_waiver
    ADD CONSTRAINT progress_waiver_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_question
    ADD CONSTRAINT question_code_once_in_quiz UNIQUE (content_id, code) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.certificates_reminder
    ADD CONSTRAINT reminder_once_for_each_day UNIQUE (certificate_id, days_before);
ALTER TABLE ONLY public.certificates_rendition
    ADD CONSTRAINT rendition_ordinal_once UNIQUE (certificate_id, ordinal);
ALTER TABLE ONLY public.analytics_riskadaptation
    ADD CONSTRAINT risk_adaptation_once UNIQUE NULLS NOT DISTINCT (base_id, course_id);
ALTER TABLE ONLY public.analytics_riskprediction
    ADD CONSTRAINT risk_prediction_once UNIQUE (enrollment_id, week, source, base_id);
ALTER TABLE ONLY public.analytics_riskvalidation
    ADD CONSTRAINT risk_validation_once UNIQUE (course_id, week, source);
ALTER TABLE ONLY public.analytics_savedreport
    ADD CONSTRAINT saved_report_name_once UNIQUE (owner_id, name);
ALTER TABLE ONLY public.progress_learningsession
    ADD CONSTRAINT session_client_id_once UNIQUE (user_id, course_id, client_session_id);
ALTER TABLE ONLY public.progress_setaside
    ADD CONSTRAINT set_aside_once UNIQUE (job, "row");
ALTER TABLE ONLY public.socialaccount_socialaccount
    ADD CONSTRAINT socialaccount_socialaccount_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.socialaccount_socialaccount
    ADD CONSTRAINT socialaccount_socialaccount_provider_uid_fc810c6e_uniq UNIQUE (provider, uid);
ALTER TABLE ONLY public.socialaccount_socialapp
    ADD CONSTRAINT socialaccount_socialapp_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.socialaccount_socialtoken
    ADD CONSTRAINT socialaccount_socialtoken_app_id_account_id_fca4e0ac_uniq UNIQUE (app_id, account_id);
ALTER TABLE ONLY public.socialaccount_socialtoken
    ADD CONSTRAINT socialaccount_socialtoken_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progress_user
    ADD CONSTRAINT user_name_once UNIQUE (username_key, duplicate_number);
CREATE INDEX account_emailaddress_email_03be32b2 ON public.account_emailaddress USING btree (email);
CREATE INDEX account_emailaddress_email_03be32b2_like ON public.account_emailaddress USING btree (email varchar_pattern_ops);
CREATE INDEX account_emailaddress_user_id_2c513194 ON public.account_emailaddress USING btree (user_id);
CREATE INDEX account_emailconfirmation_email_address_id_5b7f8c58 ON public.account_emailconfirmation USING btree (email_address_id);
CREATE INDEX account_emailconfirmation_key_f43612bd_like ON public.account_emailconfirmation USING btree (key varchar_pattern_ops);
CREATE INDEX alert_of_course ON public.analytics_alert USING btree (course_id, opened_at DESC);
CREATE UNIQUE INDEX alert_one_open ON public.analytics_alert USING btree (user_id, course_id, kind) WHERE (NOT ((state)::text = 'closed'::text));
CREATE INDEX alert_standing ON public.analytics_alert USING btree (enrollment_id) WHERE (NOT ((state)::text = 'closed'::text));
CREATE INDEX analytics_alert_assigned_to_id_b7dd4d7c ON public.analytics_alert USING btree (assigned_to_id);
CREATE INDEX analytics_alert_enrollment_id_d6b30770 ON public.analytics_alert USING btree (enrollment_id);
CREATE INDEX analytics_alertstep_alert_id_5ef1cc6e ON public.analytics_alertstep USING btree (alert_id);
CREATE INDEX analytics_completionforecast_user_id_b9dfd213 ON public.analytics_completionforecast USING btree (user_id);
CREATE INDEX analytics_contentedition_content_id_8cc1c3a7 ON public.analytics_contentedition USING btree (content_id);
CREATE INDEX analytics_dismissal_enrollment_id_a1f2f67a ON public.analytics_dismissal USING btree (enrollment_id);
CREATE INDEX analytics_escalation_step_id_175a2cac ON public.analytics_escalation USING btree (step_id);
CREATE INDEX analytics_escalation_user_id_5e450bf9 ON public.analytics_escalation USING btree (user_id);
CREATE INDEX analytics_escalationstep_requirement_id_f9edb01b ON public.analytics_escalationstep USING btree (requirement_id);
CREATE INDEX analytics_exemption_granted_by_id_161b7ce0 ON public.analytics_exemption USING btree (granted_by_id);
CREATE INDEX analytics_exemption_requirement_id_afdb46f5 ON public.analytics_exemption USING btree (requirement_id);
CREATE INDEX analytics_exemption_user_id_fc87135e ON public.analytics_exemption USING btree (user_id);
CREATE INDEX analytics_forecastrecord_user_id_2e35689d ON public.analytics_forecastrecord USING btree (user_id);
CREATE INDEX analytics_hourlyrate_department_6747c7a3_like ON public.analytics_hourlyrate USING btree (department varchar_pattern_ops);
CREATE INDEX analytics_learnercontent_enrollment_id_0bf28f5a ON public.analytics_learnercontent USING btree (enrollment_id);
CREATE INDEX analytics_learnerday_enrollment_id_1c21f31e ON public.analytics_learnerday USING btree (enrollment_id);
CREATE INDEX analytics_learnerhabit_course_id_1ffd32bf ON public.analytics_learnerhabit USING btree (course_id);
CREATE INDEX analytics_learnerquiz_enrollment_id_02d49811 ON public.analytics_learnerquiz USING btree (enrollment_id);
CREATE INDEX analytics_outreach_alert_id_b983ef23 ON public.analytics_outreach USING btree (alert_id);
CREATE INDEX analytics_outreachtemplate_name_f873a9bf_like ON public.analytics_outreachtemplate USING btree (name varchar_pattern_ops);
CREATE INDEX analytics_peercontent_content_id_abf37f93 ON public.analytics_peercontent USING btree (content_id);
CREATE INDEX analytics_questionrollup_content_id_4d0111a3 ON public.analytics_questionrollup USING btree (content_id);
CREATE INDEX analytics_requirement_course_id_b428d7d9 ON public.analytics_requirement USING btree (course_id);
CREATE INDEX analytics_riskadaptation_base_id_14e76029 ON public.analytics_riskadaptation USING btree (base_id);
CREATE INDEX analytics_riskmodel_version_99099712_like ON public.analytics_riskmodel USING btree (version varchar_pattern_ops);
CREATE INDEX analytics_riskprediction_user_id_0fd8dff0 ON public.analytics_riskprediction USING btree (user_id);
CREATE INDEX analytics_riskscore_model_id_38c2de56 ON public.analytics_riskscore USING btree (model_id);
CREATE INDEX analytics_riskscore_user_id_5d2e8b97 ON public.analytics_riskscore USING btree (user_id);
CREATE INDEX analytics_rollupsource_name_a5ef778e_like ON public.analytics_rollupsource USING btree (name varchar_pattern_ops);
CREATE INDEX analytics_savedreport_owner_id_918e5188 ON public.analytics_savedreport USING btree (owner_id);
CREATE UNIQUE INDEX answer_revision_once ON public.progress_quizanswer USING btree (attempt_id, question_id, revision) WHERE (NOT is_conflict);
CREATE UNIQUE INDEX attempt_one_open ON public.progress_quizattempt USING btree (enrollment_id, content_id) WHERE (submitted_at IS NULL);
CREATE INDEX attempt_open_with_limit ON public.progress_quizattempt USING btree (closes_at) WHERE ((closes_at IS NOT NULL) AND (submitted_at IS NULL));
CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);
CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);
CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);
CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);
CREATE INDEX authoring_draftversion_draft_id_2c4bbb69 ON public.authoring_draftversion USING btree (draft_id);
CREATE INDEX authoring_draftversion_saved_by_id_ad3d0b4a ON public.authoring_draftversion USING btree (saved_by_id);
CREATE INDEX authoring_selfenrollment_link_key_a95b5944_like ON public.authoring_selfenrollment USING btree (link_key varchar_pattern_ops);
CREATE INDEX authoring_storedfile_course_id_c2296e90 ON public.authoring_storedfile USING btree (course_id);
CREATE INDEX authoring_storedfile_media_id_2900b94f ON public.authoring_storedfile USING btree (media_id);
CREATE INDEX authoring_storedfile_uploaded_by_id_70783589 ON public.authoring_storedfile USING btree (uploaded_by_id);
CREATE INDEX authoring_upload_course_id_d2889480 ON public.authoring_upload USING btree (course_id);
CREATE INDEX authoring_upload_media_id_09c1f1c2 ON public.authoring_upload USING btree (media_id);
CREATE INDEX authoring_upload_owner_id_c71182c6 ON public.authoring_upload USING btree (owner_id);
CREATE INDEX axes_accessattempt_ip_address_10922d9c ON public.axes_accessattempt USING btree (ip_address);
CREATE INDEX axes_accessattempt_user_agent_ad89678b ON public.axes_accessattempt USING btree (user_agent);
CREATE INDEX axes_accessattempt_user_agent_ad89678b_like ON public.axes_accessattempt USING btree (user_agent varchar_pattern_ops);
CREATE INDEX axes_accessattempt_username_3f2d4ca0 ON public.axes_accessattempt USING btree (username);
CREATE INDEX axes_accessattempt_username_3f2d4ca0_like ON public.axes_accessattempt USING btree (username varchar_pattern_ops);
CREATE INDEX axes_accessfailurelog_ip_address_2e9f5a7f ON public.axes_accessfailurelog USING btree (ip_address);
CREATE INDEX axes_accessfailurelog_user_agent_ea145dda ON public.axes_accessfailurelog USING btree (user_agent);
CREATE INDEX axes_accessfailurelog_user_agent_ea145dda_like ON public.axes_accessfailurelog USING btree (user_agent varchar_pattern_ops);
CREATE INDEX axes_accessfailurelog_username_a8b7e8a4 ON public.axes_accessfailurelog USING btree (username);
CREATE INDEX axes_accessfailurelog_username_a8b7e8a4_like ON public.axes_accessfailurelog USING btree (username varchar_pattern_ops);
CREATE INDEX axes_accesslog_ip_address_86b417e5 ON public.axes_accesslog USING btree (ip_address);
CREATE INDEX axes_accesslog_user_agent_0e659004 ON public.axes_accesslog USING btree (user_agent);
CREATE INDEX axes_accesslog_user_agent_0e659004_like ON public.axes_accesslog USING btree (user_agent varchar_pattern_ops);
CREATE INDEX axes_accesslog_username_df93064b ON public.axes_accesslog USING btree (username);
CREATE INDEX axes_accesslog_username_df93064b_like ON public.axes_accesslog USING btree (username varchar_pattern_ops);
CREATE INDEX certificates_certificate_code_5385c3b7_like ON public.certificates_certificate USING btree (code varchar_pattern_ops);
CREATE INDEX certificates_certificate_course_id_3df6d8a3 ON public.certificates_certificate USING btree (course_id);
CREATE INDEX certificates_certificate_enrollment_id_7720861d ON public.certificates_certificate USING btree (enrollment_id);
CREATE INDEX certificates_certificate_expires_at_1633aa58 ON public.certificates_certificate USING btree (expires_at);
CREATE INDEX certificates_certificate_issued_at_46f79882 ON public.certificates_certificate USING btree (issued_at);
CREATE INDEX certificates_certificate_issued_by_id_30d17c3a ON public.certificates_certificate USING btree (issued_by_id);
CREATE INDEX certificates_certificate_number_5a831df7_like ON public.certificates_certificate USING btree (number varchar_pattern_ops);
CREATE INDEX certificates_certificate_user_id_540f04d7 ON public.certificates_certificate USING btree (user_id);
CREATE INDEX certificates_coursedesign_design_id_53e89664 ON public.certificates_coursedesign USING btree (design_id);
CREATE INDEX certificates_design_name_9bbbb6b0_like ON public.certificates_design USING btree (name varchar_pattern_ops);
CREATE INDEX certificates_packet_sha256_2290ad0b_like ON public.certificates_packet USING btree (sha256 varchar_pattern_ops);
CREATE INDEX certificates_reminder_certificate_id_957b3ac6 ON public.certificates_reminder USING btree (certificate_id);
CREATE INDEX certificates_rendition_certificate_id_4d020c4e ON public.certificates_rendition USING btree (certificate_id);
CREATE INDEX certificates_rendition_sha256_0c86c8d1_like ON public.certificates_rendition USING btree (sha256 varchar_pattern_ops);
CREATE INDEX certificates_review_certificate_id_b62a2554 ON public.certificates_review USING btree (certificate_id);
CREATE INDEX certificates_review_closed_by_id_b3255867 ON public.certificates_review USING btree (closed_by_id);
CREATE INDEX certificates_review_opened_by_id_d097c529 ON public.certificates_review USING btree (opened_by_id);
CREATE INDEX certificates_revocation_revoked_by_id_eecc3c55 ON public.certificates_revocation USING btree (revoked_by_id);
CREATE INDEX change_by_moment ON public.progress_rowchange USING btree (table_name, changed_at);
CREATE INDEX change_by_transaction ON public.progress_rowchange USING btree (table_name, transaction_id);
CREATE INDEX connections_attempt_delivery_id_47c1e9a3 ON public.connections_attempt USING btree (delivery_id);
CREATE INDEX connections_changedprogress_changed_at_12984f04 ON public.connections_changedprogress USING btree (changed_at);
CREATE INDEX connections_delivery_endpoint_id_27f680fd ON public.connections_delivery USING btree (endpoint_id);
CREATE INDEX connections_delivery_event_id_2ec11288 ON public.connections_delivery USING btree (event_id);
CREATE INDEX connections_endpoint_owner_id_60093bf3 ON public.connections_endpoint USING btree (owner_id);
CREATE INDEX connections_event_key_e08f8e40_like ON public.connections_event USING btree (key varchar_pattern_ops);
CREATE INDEX connections_groupmembership_group_id_df05504c ON public.connections_groupmembership USING btree (group_id);
CREATE INDEX connections_groupmembership_user_id_232545f8 ON public.connections_groupmembership USING btree (user_id);
CREATE INDEX connections_provisionedgroup_name_key_3b887b9d_like ON public.connections_provisionedgroup USING btree (name_key varchar_pattern_ops);
CREATE UNIQUE INDEX content_edition_one_first ON public.analytics_contentedition USING btree (content_id) WHERE (since IS NULL);
CREATE INDEX course_day_stale ON public.analytics_courseday USING btree (id) WHERE is_stale;
CREATE INDEX course_progress_to_refold ON public.progress_courseprogress USING btree (course_id, structure_version, enrollment_id) WHERE (completed_at IS NULL);
CREATE INDEX delivery_order ON public.connections_delivery USING btree (endpoint_id, user_id, "position") WHERE ((state)::text = 'waiting'::text);
CREATE INDEX delivery_waiting ON public.connections_delivery USING btree (endpoint_id, next_at) WHERE ((state)::text = 'waiting'::text);
CREATE UNIQUE INDEX design_one_default ON public.certificates_design USING btree (is_default) WHERE is_default;
CREATE INDEX digest_to_send ON public.analytics_digest USING btree (day) WHERE (((error)::text = ''::text) AND (sent_at IS NULL));
CREATE INDEX django_admin_log_content_type_id_c4bce8eb ON public.django_admin_log USING btree (content_type_id);
CREATE INDEX django_admin_log_user_id_c564eba6 ON public.django_admin_log USING btree (user_id);
CREATE INDEX django_celery_beat_periodictask_clocked_id_47a69f82 ON public.django_celery_beat_periodictask USING btree (clocked_id);
CREATE INDEX django_celery_beat_periodictask_crontab_id_d3cba168 ON public.django_celery_beat_periodictask USING btree (crontab_id);
CREATE INDEX django_celery_beat_periodictask_interval_id_a8ca27da ON public.django_celery_beat_periodictask USING btree (interval_id);
CREATE INDEX django_celery_beat_periodictask_name_265a36b7_like ON public.django_celery_beat_periodictask USING btree (name varchar_pattern_ops);
CREATE INDEX django_celery_beat_periodictask_solar_id_a87ce72c ON public.django_celery_beat_periodictask USING btree (solar_id);
CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);
CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);
CREATE UNIQUE INDEX drift_open_once ON public.progress_drift USING btree (enrollment_id, what) WHERE (resolved_at IS NULL);
CREATE UNIQUE INDEX enrollment_one_current ON public.progress_enrollment USING btree (user_id, course_id) WHERE is_current;
CREATE INDEX erasure_unfinished ON public.progress_erasure USING btree (id) WHERE (finished_at IS NULL);
CREATE INDEX escalation_due ON public.analytics_escalation USING btree (step_id) WHERE (((error)::text = ''::text) AND (sent_at IS NULL));
CREATE INDEX event_by_time ON public.connections_event USING btree (recorded_at);
CREATE INDEX event_unpublished ON public.connections_event USING btree (id) WHERE ("position" IS NULL);
CREATE INDEX fold_due ON public.analytics_foldedenrollment USING btree (enrollment_id) WHERE is_due;
CREATE INDEX forecast_of_course ON public.analytics_completionforecast USING btree (course_id, late_chance DESC, enrollment_id);
CREATE INDEX forecast_record_open ON public.analytics_forecastrecord USING btree (horizon_at) WHERE (NOT is_settled);
CREATE INDEX forecast_record_settled ON public.analytics_forecastrecord USING btree (course_id, predicted_at) WHERE is_settled;
CREATE UNIQUE INDEX interaction_chain ON ONLY public.progress_contentinteraction USING btree (enrollment_id, chain_index, session_started_at);
CREATE UNIQUE INDEX interaction_event_accepted_once ON ONLY public.progress_contentinteraction USING btree (session_id, event_id, session_started_at) WHERE (((status)::text = 'accepted'::text) AND (event_id IS NOT NULL));
CREATE INDEX kept_answer_by_age ON public.progress_keptanswer USING btree (created_at);
CREATE INDEX knox_authtoken_digest_188c7e77_like ON public.knox_authtoken USING btree (digest varchar_pattern_ops);
CREATE INDEX knox_authtoken_token_key_8f4f7d47 ON public.knox_authtoken USING btree (token_key);
CREATE INDEX knox_authtoken_token_key_8f4f7d47_like ON public.knox_authtoken USING btree (token_key varchar_pattern_ops);
CREATE INDEX knox_authtoken_user_id_e5a5d899 ON public.knox_authtoken USING btree (user_id);
CREATE INDEX learner_day_of_course ON public.analytics_learnerday USING btree (course_id, day);
CREATE INDEX learner_day_of_user ON public.analytics_learnerday USING btree (user_id, day);
CREATE INDEX mail_by_age ON public.progress_outgoingmail USING btree (created_at);
CREATE INDEX mail_sending ON public.progress_outgoingmail USING btree (claimed_at) WHERE ((state)::text = 'sending'::text);
CREATE INDEX mail_unsent ON public.progress_outgoingmail USING btree (state) WHERE (NOT ((state)::text = 'sent'::text));
CREATE INDEX mail_waiting ON public.progress_outgoingmail USING btree (retry_at) WHERE ((state)::text = 'waiting'::text);
CREATE INDEX note_by_learner ON public.progress_note USING btree (user_id, content_id);
CREATE INDEX outbox_unsent ON public.progress_outboxmessage USING btree (id) WHERE (sent_at IS NULL);
CREATE UNIQUE INDEX outreach_one_open ON public.analytics_outreach USING btree (alert_id) WHERE (((error)::text = ''::text) AND (sent_at IS NULL));
CREATE UNIQUE INDEX outside_completion_once_a_day ON public.progress_outsidecompletion USING btree (user_id, course_id, completed_on) WHERE (withdrawn_at IS NULL);
CREATE UNIQUE INDEX own_data_copy_one_under_way ON public.progress_owndatacopy USING btree (user_id) WHERE (finished_at IS NULL);
CREATE INDEX progress_choice_question_id_c79cafda ON public.progress_choice USING btree (question_id);
CREATE INDEX progress_content_module_id_6d4db4dc ON public.progress_content USING btree (module_id);
CREATE INDEX progress_content_prerequisites_from_content_id_e7c36cf4 ON public.progress_content_prerequisites USING btree (from_content_id);
CREATE INDEX progress_content_prerequisites_to_content_id_01470e71 ON public.progress_content_prerequisites USING btree (to_content_id);
CREATE INDEX progress_content_waives_from_content_id_8791936a ON public.progress_content_waives USING btree (from_content_id);
CREATE INDEX progress_content_waives_to_content_id_3b4a3bbd ON public.progress_content_waives USING btree (to_content_id);
CREATE UNIQUE INDEX progress_contentinteraction_d_enrollment_id_chain_index_ses_idx ON public.progress_contentinteraction_default USING btree (enrollment_id, chain_index, session_started_at);
CREATE UNIQUE INDEX progress_contentinteraction_d_session_id_event_id_session_s_idx ON public.progress_contentinteraction_default USING btree (session_id, event_id, session_started_at) WHERE (((status)::text = 'accepted'::text) AND (event_id IS NOT NULL));
CREATE INDEX progress_contentprogress_content_id_1f2de5e0 ON public.progress_contentprogress USING btree (content_id);
CREATE INDEX progress_contentprogress_enrollment_id_18b36d02 ON public.progress_contentprogress USING btree (enrollment_id);
CREATE INDEX progress_contentprogress_user_id_c6e33c95 ON public.progress_contentprogress USING btree (user_id);
CREATE INDEX progress_course_code_ecba9163_like ON public.progress_course USING btree (code varchar_pattern_ops);
CREATE INDEX progress_course_instructors_course_id_0a8aa3ec ON public.progress_course_instructors USING btree (course_id);
CREATE INDEX progress_course_instructors_user_id_f6fb3b9f ON public.progress_course_instructors USING btree (user_id);
CREATE INDEX progress_courseprogress_user_id_360750d0 ON public.progress_courseprogress USING btree (user_id);
CREATE INDEX progress_drift_enrollment_id_d72f7941 ON public.progress_drift USING btree (enrollment_id);
CREATE INDEX progress_enrollment_course_id_423522a9 ON public.progress_enrollment USING btree (course_id);
CREATE INDEX progress_enrollment_user_id_1d13182b ON public.progress_enrollment USING btree (user_id);
CREATE INDEX progress_erasure_requested_by_id_3a385399 ON public.progress_erasure USING btree (requested_by_id);
CREATE INDEX progress_evidenceexport_file_63f0587a_like ON public.progress_evidenceexport USING btree (file varchar_pattern_ops);
CREATE INDEX progress_job_name_b88dba3e_like ON public.progress_job USING btree (name varchar_pattern_ops);
CREATE INDEX progress_keydetails_token_id_a6bb73f2_like ON public.progress_keydetails USING btree (token_id varchar_pattern_ops);
CREATE INDEX progress_learningsession_course_id_8c494d7e ON public.progress_learningsession USING btree (course_id);
CREATE INDEX progress_learningsession_enrollment_id_0a74d13d ON public.progress_learningsession USING btree (enrollment_id);
CREATE INDEX progress_learningsession_user_id_75aaaf03 ON public.progress_learningsession USING btree (user_id);
CREATE INDEX progress_module_course_id_55225322 ON public.progress_module USING btree (course_id);
CREATE INDEX progress_note_content_id_9b095eac ON public.progress_note USING btree (content_id);
CREATE INDEX progress_outsidecompletion_course_id_086d51e4 ON public.progress_outsidecompletion USING btree (course_id);
CREATE INDEX progress_outsidecompletion_user_id_8d8984a5 ON public.progress_outsidecompletion USING btree (user_id);
CREATE INDEX progress_owndatacopy_user_id_479495f2 ON public.progress_owndatacopy USING btree (user_id);
CREATE INDEX progress_passage_content_id_34528969 ON public.progress_passage USING btree (content_id);
CREATE INDEX progress_pastspans_user_id_50bf3909 ON public.progress_pastspans USING btree (user_id);
CREATE INDEX progress_question_content_id_a8c2a530 ON public.progress_question USING btree (content_id);
CREATE INDEX progress_question_taught_in_id_c42a23b5 ON public.progress_question USING btree (taught_in_id);
CREATE INDEX progress_quizanswer_attempt_id_f07b90d7 ON public.progress_quizanswer USING btree (attempt_id);
CREATE INDEX progress_quizanswer_question_id_00967817 ON public.progress_quizanswer USING btree (question_id);
CREATE INDEX progress_quizanswer_user_id_4e5d5869 ON public.progress_quizanswer USING btree (user_id);
CREATE INDEX progress_quizattempt_content_id_5c54bb8a ON public.progress_quizattempt USING btree (content_id);
CREATE INDEX progress_quizattempt_enrollment_id_2e43bf95 ON public.progress_quizattempt USING btree (enrollment_id);
CREATE INDEX progress_quizattempt_user_id_32b0af9b ON public.progress_quizattempt USING btree (user_id);
CREATE INDEX progress_regrade_attempt_id_6372b683 ON public.progress_regrade USING btree (attempt_id);
CREATE INDEX progress_regrade_regraded_by_id_3cfb655d ON public.progress_regrade USING btree (regraded_by_id);
CREATE INDEX progress_regrade_user_id_a9ce1f1b ON public.progress_regrade USING btree (user_id);
CREATE INDEX progress_signin_session_key_b2ad5d75_like ON public.progress_signin USING btree (session_key varchar_pattern_ops);
CREATE INDEX progress_signin_user_id_31aea891 ON public.progress_signin USING btree (user_id);
CREATE INDEX progress_user_department_b3ecb3d3 ON public.progress_user USING btree (department);
CREATE INDEX progress_user_department_b3ecb3d3_like ON public.progress_user USING btree (department varchar_pattern_ops);
CREATE INDEX progress_user_external_id_46c65fba_like ON public.progress_user USING btree (external_id varchar_pattern_ops);
CREATE INDEX progress_user_groups_group_id_85fb1537 ON public.progress_user_groups USING btree (group_id);
CREATE INDEX progress_user_groups_user_id_a79a90ee ON public.progress_user_groups USING btree (user_id);
CREATE INDEX progress_user_user_permissions_permission_id_25b0bc8b ON public.progress_user_user_permissions USING btree (permission_id);
CREATE INDEX progress_user_user_permissions_user_id_d3a23a46 ON public.progress_user_user_permissions USING btree (user_id);
CREATE INDEX progress_user_username_cdad394d_like ON public.progress_user USING btree (username varchar_pattern_ops);
CREATE INDEX progress_waiver_content_id_7bb1c5c6 ON public.progress_waiver USING btree (content_id);
CREATE INDEX progress_waiver_enrollment_id_50bfd075 ON public.progress_waiver USING btree (enrollment_id);
CREATE INDEX progress_waiver_user_id_df5ff847 ON public.progress_waiver USING btree (user_id);
CREATE INDEX reminder_to_send ON public.certificates_reminder USING btree (due_at) WHERE (((error)::text = ''::text) AND (sent_at IS NULL));
CREATE UNIQUE INDEX review_open_once ON public.certificates_review USING btree (certificate_id) WHERE (closed_at IS NULL);
CREATE UNIQUE INDEX risk_model_one_active ON public.analytics_riskmodel USING btree (is_active) WHERE is_active;
CREATE INDEX risk_of_course ON public.analytics_riskscore USING btree (course_id, score DESC, enrollment_id);
CREATE INDEX risk_prediction_open ON public.analytics_riskprediction USING btree (course_id, enrollment_id) WHERE (has_failed IS NULL);
CREATE INDEX risk_prediction_settled ON public.analytics_riskprediction USING btree (course_id, week, source, predicted_at) WHERE (has_failed IS NOT NULL);
CREATE UNIQUE INDEX risk_validation_one_chosen ON public.analytics_riskvalidation USING btree (course_id, week) WHERE is_chosen;
CREATE INDEX session_by_end ON public.progress_learningsession USING btree (end_time);
CREATE INDEX session_of_enrollment ON public.progress_learningsession USING btree (enrollment_id, start_time DESC);
CREATE INDEX session_open_by_start ON public.progress_learningsession USING btree (start_time, session_id) WHERE (end_time IS NULL);
CREATE INDEX session_open_of_enrollment ON public.progress_learningsession USING btree (enrollment_id) WHERE (end_time IS NULL);
CREATE INDEX socialaccount_socialaccount_user_id_8146e70c ON public.socialaccount_socialaccount USING btree (user_id);
CREATE INDEX socialaccount_socialtoken_account_id_951f210e ON public.socialaccount_socialtoken USING btree (account_id);
CREATE INDEX socialaccount_socialtoken_app_id_636a42d7 ON public.socialaccount_socialtoken USING btree (app_id);
CREATE UNIQUE INDEX stored_file_once_for_media ON public.authoring_storedfile USING btree (media_id, role, language) WHERE (removed_at IS NULL);
CREATE UNIQUE INDEX unique_primary_email ON public.account_emailaddress USING btree (user_id, "primary") WHERE "primary";
CREATE UNIQUE INDEX unique_verified_email ON public.account_emailaddress USING btree (email) WHERE verified;
CREATE INDEX upload_by_update ON public.authoring_upload USING btree (updated_at);
CREATE INDEX user_by_email ON public.progress_user USING btree (upper((email)::text));
CREATE INDEX user_by_manager ON public.progress_user USING btree (manager_id);
CREATE INDEX user_of_tests ON public.progress_user USING btree (id) WHERE is_test;
CREATE UNIQUE INDEX waiver_in_force_once ON public.progress_waiver USING btree (user_id, enrollment_id, content_id) WHERE (declined_at IS NULL);
ALTER INDEX public.interaction_chain ATTACH PARTITION public.progress_contentinteraction_d_enrollment_id_chain_index_ses_idx;
ALTER INDEX public.interaction_event_accepted_once ATTACH PARTITION public.progress_contentinteraction_d_session_id_event_id_session_s_idx;
ALTER INDEX public.progress_contentinteraction_pkey ATTACH PARTITION public.progress_contentinteraction_default_pkey;
CREATE TRIGGER certificate_facts_never_change BEFORE UPDATE ON public.certificates_certificate FOR EACH ROW EXECUTE FUNCTION public.certificates_refuse_update();
CREATE TRIGGER certificate_stays BEFORE DELETE ON public.certificates_certificate FOR EACH ROW EXECUTE FUNCTION public.certificates_refuse_loss();
CREATE TRIGGER connections_alert_closed AFTER UPDATE ON public.analytics_alert FOR EACH ROW WHEN (((old.closed_at IS NULL) AND (new.closed_at IS NOT NULL))) EXECUTE FUNCTION public.connections_alert_closed();
CREATE TRIGGER connections_alert_opened AFTER INSERT ON public.analytics_alert FOR EACH ROW WHEN ((new.closed_at IS NULL)) EXECUTE FUNCTION public.connections_alert_opened();
CREATE TRIGGER connections_certificate_issued AFTER INSERT ON public.certificates_certificate FOR EACH ROW WHEN (true) EXECUTE FUNCTION public.connections_certificate_issued();
CREATE TRIGGER connections_certificate_revoked AFTER INSERT ON public.certificates_revocation FOR EACH ROW WHEN (true) EXECUTE FUNCTION public.connections_certificate_revoked();
CREATE TRIGGER connections_content_completed AFTER UPDATE ON public.progress_contentprogress FOR EACH ROW WHEN (((old.completed_at IS NULL) AND (new.completed_at IS NOT NULL))) EXECUTE FUNCTION public.connections_content_completed();
CREATE TRIGGER connections_content_completed_at_once AFTER INSERT ON public.progress_contentprogress FOR EACH ROW WHEN ((new.completed_at IS NOT NULL)) EXECUTE FUNCTION public.connections_content_completed_at_once();
CREATE TRIGGER connections_course_progress AFTER UPDATE ON public.progress_courseprogress FOR EACH ROW WHEN (((old.completion_bp <> new.completion_bp) OR (old.module_progress IS DISTINCT FROM new.module_progress))) EXECUTE FUNCTION public.connections_course_progress();
CREATE TRIGGER connections_enrollment_created AFTER INSERT ON public.progress_enrollment FOR EACH ROW WHEN (true) EXECUTE FUNCTION public.connections_enrollment_created();
CREATE TRIGGER connections_learner_created AFTER INSERT ON public.progress_user FOR EACH ROW WHEN (((NOT new.is_staff) AND (NOT new.is_superuser))) EXECUTE FUNCTION public.connections_learner_created();
CREATE TRIGGER connections_learner_deactivated AFTER UPDATE OF is_active ON public.progress_user FOR EACH ROW WHEN ((old.is_active AND (NOT new.is_active))) EXECUTE FUNCTION public.connections_learner_deactivated();
CREATE TRIGGER connections_session_ended AFTER UPDATE ON public.progress_learningsession FOR EACH ROW WHEN (((old.end_time IS NULL) AND (new.end_time IS NOT NULL))) EXECUTE FUNCTION public.connections_session_ended();
CREATE TRIGGER note_changed AFTER UPDATE ON public.analytics_alert FOR EACH ROW WHEN (((((((((((((((old.id IS DISTINCT FROM new.id) OR ((old.kind)::text IS DISTINCT FROM (new.kind)::text)) OR ((old.state)::text IS DISTINCT FROM (new.state)::text)) OR (old.opened_at IS DISTINCT FROM new.opened_at)) OR (old.since IS DISTINCT FROM new.since)) OR (old.last_seen IS DISTINCT FROM new.last_seen)) OR (old.facts IS DISTINCT FROM new.facts)) OR (old.snoozed_until IS DISTINCT FROM new.snoozed_until)) OR (old.closed_at IS DISTINCT FROM new.closed_at)) OR ((old.closing)::text IS DISTINCT FROM (new.closing)::text)) OR (old.assigned_to_id IS DISTINCT FROM new.assigned_to_id)) OR (old.course_id IS DISTINCT FROM new.course_id)) OR (old.enrollment_id IS DISTINCT FROM new.enrollment_id)) OR (old.user_id IS DISTINCT FROM new.user_id))) EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.analytics_completionforecast FOR EACH ROW WHEN ((((((((((((((old.enrollment_id IS DISTINCT FROM new.enrollment_id) OR (old.as_of IS DISTINCT FROM new.as_of)) OR (old.part IS DISTINCT FROM new.part)) OR (old.left_seconds IS DISTINCT FROM new.left_seconds)) OR (old.left_contents IS DISTINCT FROM new.left_contents)) OR (old.first_at IS DISTINCT FROM new.first_at)) OR (old.median_at IS DISTINCT FROM new.median_at)) OR (old.last_at IS DISTINCT FROM new.last_at)) OR (old.horizon_at IS DISTINCT FROM new.horizon_at)) OR (old.late_chance IS DISTINCT FROM new.late_chance)) OR ((old.insufficient)::text IS DISTINCT FROM (new.insufficient)::text)) OR (old.course_id IS DISTINCT FROM new.course_id)) OR (old.user_id IS DISTINCT FROM new.user_id))) EXECUTE FUNCTION public.progress_note_by_enrollment_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.analytics_escalation FOR EACH ROW WHEN ((((((((old.id IS DISTINCT FROM new.id) OR (old.due_on IS DISTINCT FROM new.due_on)) OR (old.planned_at IS DISTINCT FROM new.planned_at)) OR (old.sent_at IS DISTINCT FROM new.sent_at)) OR ((old.error)::text IS DISTINCT FROM (new.error)::text)) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.step_id IS DISTINCT FROM new.step_id))) EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.analytics_escalationstep FOR EACH ROW WHEN ((((((old.id IS DISTINCT FROM new.id) OR (old.days IS DISTINCT FROM new.days)) OR ((old."to")::text IS DISTINCT FROM (new."to")::text)) OR ((old.address)::text IS DISTINCT FROM (new.address)::text)) OR (old.requirement_id IS DISTINCT FROM new.requirement_id))) EXECUTE FUNCTION public.progress_note_by_requirement_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.analytics_exemption FOR EACH ROW WHEN ((((((((old.id IS DISTINCT FROM new.id) OR ((old.reason)::text IS DISTINCT FROM (new.reason)::text)) OR (old.since IS DISTINCT FROM new.since)) OR (old.until IS DISTINCT FROM new.until)) OR (old.granted_by_id IS DISTINCT FROM new.granted_by_id)) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.requirement_id IS DISTINCT FROM new.requirement_id))) EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.analytics_hourlyrate FOR EACH ROW WHEN ((((old.id IS DISTINCT FROM new.id) OR ((old.department)::text IS DISTINCT FROM (new.department)::text)) OR (old.amount IS DISTINCT FROM new.amount))) EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.analytics_learnerskill FOR EACH ROW WHEN ((((((((((old.id IS DISTINCT FROM new.id) OR ((old.skill)::text IS DISTINCT FROM (new.skill)::text)) OR (old.answers IS DISTINCT FROM new.answers)) OR (old."right" IS DISTINCT FROM new."right")) OR (old.mastery IS DISTINCT FROM new.mastery)) OR (old.reviewed_at IS DISTINCT FROM new.reviewed_at)) OR (old.stability_days IS DISTINCT FROM new.stability_days)) OR (old.due_at IS DISTINCT FROM new.due_at)) OR (old.user_id IS DISTINCT FROM new.user_id))) EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.analytics_outreach FOR EACH ROW WHEN (((((((((old.id IS DISTINCT FROM new.id) OR ((old.subject)::text IS DISTINCT FROM (new.subject)::text)) OR (old.body IS DISTINCT FROM new.body)) OR (old.written_at IS DISTINCT FROM new.written_at)) OR (old.sent_at IS DISTINCT FROM new.sent_at)) OR ((old.error)::text IS DISTINCT FROM (new.error)::text)) OR (old.alert_id IS DISTINCT FROM new.alert_id)) OR (old.written_by_id IS DISTINCT FROM new.written_by_id))) EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.analytics_outreachtemplate FOR EACH ROW WHEN ((((((old.id IS DISTINCT FROM new.id) OR ((old.name)::text IS DISTINCT FROM (new.name)::text)) OR ((old.kind)::text IS DISTINCT FROM (new.kind)::text)) OR ((old.subject)::text IS DISTINCT FROM (new.subject)::text)) OR (old.body IS DISTINCT FROM new.body))) EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.analytics_requirement FOR EACH ROW WHEN ((((((((((old.id IS DISTINCT FROM new.id) OR ((old.name)::text IS DISTINCT FROM (new.name)::text)) OR (old.departments IS DISTINCT FROM new.departments)) OR (old.starts_on IS DISTINCT FROM new.starts_on)) OR (old.due_on IS DISTINCT FROM new.due_on)) OR (old.due_days IS DISTINCT FROM new.due_days)) OR (old.enrols IS DISTINCT FROM new.enrols)) OR (old.is_active IS DISTINCT FROM new.is_active)) OR (old.course_id IS DISTINCT FROM new.course_id))) EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.analytics_riskscore FOR EACH ROW WHEN ((((((((((old.enrollment_id IS DISTINCT FROM new.enrollment_id) OR (old.as_of IS DISTINCT FROM new.as_of)) OR (old.score IS DISTINCT FROM new.score)) OR ((old.band)::text IS DISTINCT FROM (new.band)::text)) OR ((old.insufficient)::text IS DISTINCT FROM (new.insufficient)::text)) OR (old.reasons IS DISTINCT FROM new.reasons)) OR (old.course_id IS DISTINCT FROM new.course_id)) OR (old.model_id IS DISTINCT FROM new.model_id)) OR (old.user_id IS DISTINCT FROM new.user_id))) EXECUTE FUNCTION public.progress_note_by_enrollment_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.analytics_savedreport FOR EACH ROW WHEN (((((((((((old.id IS DISTINCT FROM new.id) OR ((old.name)::text IS DISTINCT FROM (new.name)::text)) OR ((old.slug)::text IS DISTINCT FROM (new.slug)::text)) OR ((old.query)::text IS DISTINCT FROM (new.query)::text)) OR (old.is_shared IS DISTINCT FROM new.is_shared)) OR ((old.schedule)::text IS DISTINCT FROM (new.schedule)::text)) OR ((old.ending)::text IS DISTINCT FROM (new.ending)::text)) OR (old.sent_on IS DISTINCT FROM new.sent_on)) OR ((old.error)::text IS DISTINCT FROM (new.error)::text)) OR (old.owner_id IS DISTINCT FROM new.owner_id))) EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.authoring_storedfile FOR EACH ROW WHEN (((((((((((((((((((old.id IS DISTINCT FROM new.id) OR (old.public_id IS DISTINCT FROM new.public_id)) OR ((old.role)::text IS DISTINCT FROM (new.role)::text)) OR ((old.kind)::text IS DISTINCT FROM (new.kind)::text)) OR ((old.language)::text IS DISTINCT FROM (new.language)::text)) OR ((old.name)::text IS DISTINCT FROM (new.name)::text)) OR ((old.content_type)::text IS DISTINCT FROM (new.content_type)::text)) OR ((old.ending)::text IS DISTINCT FROM (new.ending)::text)) OR (old.size IS DISTINCT FROM new.size)) OR (old.duration_ms IS DISTINCT FROM new.duration_ms)) OR (old.page_count IS DISTINCT FROM new.page_count)) OR (old.words IS DISTINCT FROM new.words)) OR ((old.stored_as)::text IS DISTINCT FROM (new.stored_as)::text)) OR (old.uploaded_at IS DISTINCT FROM new.uploaded_at)) OR (old.removed_at IS DISTINCT FROM new.removed_at)) OR (old.course_id IS DISTINCT FROM new.course_id)) OR (old.media_id IS DISTINCT FROM new.media_id)) OR (old.uploaded_by_id IS DISTINCT FROM new.uploaded_by_id))) EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.certificates_certificate FOR EACH ROW WHEN ((((((((((((((((((((((((((old.id IS DISTINCT FROM new.id) OR ((old.number)::text IS DISTINCT FROM (new.number)::text)) OR ((old.code)::text IS DISTINCT FROM (new.code)::text)) OR ((old.learner_name)::text IS DISTINCT FROM (new.learner_name)::text)) OR ((old.course_code)::text IS DISTINCT FROM (new.course_code)::text)) OR ((old.course_title)::text IS DISTINCT FROM (new.course_title)::text)) OR (old.course_version IS DISTINCT FROM new.course_version)) OR (old.time_ms IS DISTINCT FROM new.time_ms)) OR (old.score_bp IS DISTINCT FROM new.score_bp)) OR (old.completed_at IS DISTINCT FROM new.completed_at)) OR (old.issued_at IS DISTINCT FROM new.issued_at)) OR (old.rules IS DISTINCT FROM new.rules)) OR (old.course_id IS DISTINCT FROM new.course_id)) OR (old.enrollment_id IS DISTINCT FROM new.enrollment_id)) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.expires_at IS DISTINCT FROM new.expires_at)) OR (old.issued_by_id IS DISTINCT FROM new.issued_by_id)) OR (old.ordinal IS DISTINCT FROM new.ordinal)) OR ((old.reissue_reason)::text IS DISTINCT FROM (new.reissue_reason)::text)) OR (old.replaces_id IS DISTINCT FROM new.replaces_id)) OR ((old.chain_hash)::text IS DISTINCT FROM (new.chain_hash)::text)) OR (old.chain_length IS DISTINCT FROM new.chain_length)) OR ((old.issuer)::text IS DISTINCT FROM (new.issuer)::text)) OR ((old.signatory)::text IS DISTINCT FROM (new.signatory)::text)) OR ((old.signatory_title)::text IS DISTINCT FROM (new.signatory_title)::text))) EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.certificates_rendition FOR EACH ROW WHEN ((((((((((((old.id IS DISTINCT FROM new.id) OR (old.ordinal IS DISTINCT FROM new.ordinal)) OR (old.pdf IS DISTINCT FROM new.pdf)) OR (old.picture IS DISTINCT FROM new.picture)) OR ((old.sha256)::text IS DISTINCT FROM (new.sha256)::text)) OR (old.rendered_at IS DISTINCT FROM new.rendered_at)) OR (old.certificate_id IS DISTINCT FROM new.certificate_id)) OR ((old.signed_by)::text IS DISTINCT FROM (new.signed_by)::text)) OR ((old.unsigned_sha256)::text IS DISTINCT FROM (new.unsigned_sha256)::text)) OR (old.badge IS DISTINCT FROM new.badge)) OR (old.missing_characters IS DISTINCT FROM new.missing_characters))) EXECUTE FUNCTION public.progress_note_by_certificate_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.certificates_review FOR EACH ROW WHEN ((((((((((old.id IS DISTINCT FROM new.id) OR ((old.reason)::text IS DISTINCT FROM (new.reason)::text)) OR (old.opened_at IS DISTINCT FROM new.opened_at)) OR (old.closed_at IS DISTINCT FROM new.closed_at)) OR ((old.outcome)::text IS DISTINCT FROM (new.outcome)::text)) OR ((old.note)::text IS DISTINCT FROM (new.note)::text)) OR (old.certificate_id IS DISTINCT FROM new.certificate_id)) OR (old.closed_by_id IS DISTINCT FROM new.closed_by_id)) OR (old.opened_by_id IS DISTINCT FROM new.opened_by_id))) EXECUTE FUNCTION public.progress_note_by_certificate_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.certificates_revocation FOR EACH ROW WHEN ((((((old.id IS DISTINCT FROM new.id) OR ((old.reason)::text IS DISTINCT FROM (new.reason)::text)) OR (old.revoked_at IS DISTINCT FROM new.revoked_at)) OR (old.certificate_id IS DISTINCT FROM new.certificate_id)) OR (old.revoked_by_id IS DISTINCT FROM new.revoked_by_id))) EXECUTE FUNCTION public.progress_note_by_certificate_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.connections_endpoint FOR EACH ROW WHEN ((((((((((old.url)::text IS DISTINCT FROM (new.url)::text) OR ((old.description)::text IS DISTINCT FROM (new.description)::text)) OR (old.events IS DISTINCT FROM new.events)) OR ((old.payload)::text IS DISTINCT FROM (new.payload)::text)) OR (old.disabled_at IS DISTINCT FROM new.disabled_at)) OR ((old.disabled_reason)::text IS DISTINCT FROM (new.disabled_reason)::text)) OR (old.last_success_at IS DISTINCT FROM new.last_success_at)) OR (old.failing_since IS DISTINCT FROM new.failing_since))) EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.progress_course FOR EACH ROW WHEN ((((((((((old.id IS DISTINCT FROM new.id) OR ((old.code)::text IS DISTINCT FROM (new.code)::text)) OR ((old.title)::text IS DISTINCT FROM (new.title)::text)) OR (old.description IS DISTINCT FROM new.description)) OR ((old.plausibility)::text IS DISTINCT FROM (new.plausibility)::text)) OR (old.structure_version IS DISTINCT FROM new.structure_version)) OR (old.created_at IS DISTINCT FROM new.created_at)) OR (old.retired_at IS DISTINCT FROM new.retired_at)) OR ((old.path)::text IS DISTINCT FROM (new.path)::text))) EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.progress_courseprogress REFERENCING OLD TABLE AS before_update NEW TABLE AS after_update FOR EACH STATEMENT EXECUTE FUNCTION public.progress_note_progress_v1();
CREATE TRIGGER note_changed AFTER UPDATE ON public.progress_enrollment FOR EACH ROW WHEN (((((((((old.id IS DISTINCT FROM new.id) OR (old.cycle IS DISTINCT FROM new.cycle)) OR (old.is_current IS DISTINCT FROM new.is_current)) OR (old.enrolled_at IS DISTINCT FROM new.enrolled_at)) OR (old.due_at IS DISTINCT FROM new.due_at)) OR (old.unenrolled_at IS DISTINCT FROM new.unenrolled_at)) OR (old.course_id IS DISTINCT FROM new.course_id)) OR (old.user_id IS DISTINCT FROM new.user_id))) EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.progress_outsidecompletion FOR EACH ROW WHEN ((((((((((((((((((((old.id IS DISTINCT FROM new.id) OR (old.completed_on IS DISTINCT FROM new.completed_on)) OR (old.valid_until IS DISTINCT FROM new.valid_until)) OR ((old.basis)::text IS DISTINCT FROM (new.basis)::text)) OR ((old.authority)::text IS DISTINCT FROM (new.authority)::text)) OR ((old.details)::text IS DISTINCT FROM (new.details)::text)) OR ((old.reference)::text IS DISTINCT FROM (new.reference)::text)) OR (old.score_bp IS DISTINCT FROM new.score_bp)) OR (old.holds_from IS DISTINCT FROM new.holds_from)) OR (old.holds_until IS DISTINCT FROM new.holds_until)) OR (old.recorded_at IS DISTINCT FROM new.recorded_at)) OR ((old.recorded_key)::text IS DISTINCT FROM (new.recorded_key)::text)) OR (old.withdrawn_at IS DISTINCT FROM new.withdrawn_at)) OR ((old.withdrawn_key)::text IS DISTINCT FROM (new.withdrawn_key)::text)) OR ((old.withdrawal_reason)::text IS DISTINCT FROM (new.withdrawal_reason)::text)) OR (old.course_id IS DISTINCT FROM new.course_id)) OR (old.recorded_by_id IS DISTINCT FROM new.recorded_by_id)) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.withdrawn_by_id IS DISTINCT FROM new.withdrawn_by_id))) EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.progress_user FOR EACH ROW WHEN (((((((((((old.username)::text IS DISTINCT FROM (new.username)::text) OR ((old.email)::text IS DISTINCT FROM (new.email)::text)) OR ((old.full_name)::text IS DISTINCT FROM (new.full_name)::text)) OR ((old.department)::text IS DISTINCT FROM (new.department)::text)) OR ((old.time_zone)::text IS DISTINCT FROM (new.time_zone)::text)) OR ((old.external_id)::text IS DISTINCT FROM (new.external_id)::text)) OR (old.is_active IS DISTINCT FROM new.is_active)) OR ((old.language)::text IS DISTINCT FROM (new.language)::text)) OR (old.manager_id IS DISTINCT FROM new.manager_id))) EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_changed AFTER UPDATE ON public.progress_waiver FOR EACH ROW WHEN ((((((((((old.id IS DISTINCT FROM new.id) OR ((old.reason)::text IS DISTINCT FROM (new.reason)::text)) OR (old.score_bp IS DISTINCT FROM new.score_bp)) OR (old.granted_at IS DISTINCT FROM new.granted_at)) OR (old.declined_at IS DISTINCT FROM new.declined_at)) OR (old.because_id IS DISTINCT FROM new.because_id)) OR (old.content_id IS DISTINCT FROM new.content_id)) OR (old.enrollment_id IS DISTINCT FROM new.enrollment_id)) OR (old.user_id IS DISTINCT FROM new.user_id))) EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_deleted AFTER DELETE ON public.analytics_alert FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('id');
CREATE TRIGGER note_deleted AFTER DELETE ON public.analytics_completionforecast FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('enrollment_id');
CREATE TRIGGER note_deleted AFTER DELETE ON public.analytics_escalation FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('id');
CREATE TRIGGER note_deleted AFTER DELETE ON public.analytics_exemption FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('id');
CREATE TRIGGER note_deleted AFTER DELETE ON public.analytics_hourlyrate FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('id');
CREATE TRIGGER note_deleted AFTER DELETE ON public.analytics_learnerskill FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('id');
CREATE TRIGGER note_deleted AFTER DELETE ON public.analytics_outreach FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('id');
CREATE TRIGGER note_deleted AFTER DELETE ON public.analytics_outreachtemplate FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('id');
CREATE TRIGGER note_deleted AFTER DELETE ON public.analytics_requirement FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('id');
CREATE TRIGGER note_deleted AFTER DELETE ON public.analytics_riskscore FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('enrollment_id');
CREATE TRIGGER note_deleted AFTER DELETE ON public.analytics_savedreport FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('id');
CREATE TRIGGER note_deleted AFTER DELETE ON public.authoring_storedfile FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('id');
CREATE TRIGGER note_deleted AFTER DELETE ON public.certificates_certificate FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('id');
CREATE TRIGGER note_deleted AFTER DELETE ON public.connections_endpoint FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('id');
CREATE TRIGGER note_deleted AFTER DELETE ON public.progress_course FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('id');
CREATE TRIGGER note_deleted AFTER DELETE ON public.progress_enrollment FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('id');
CREATE TRIGGER note_deleted AFTER DELETE ON public.progress_outsidecompletion FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('id');
CREATE TRIGGER note_deleted AFTER DELETE ON public.progress_user FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('id');
CREATE TRIGGER note_deleted AFTER DELETE ON public.progress_waiver FOR EACH ROW EXECUTE FUNCTION public.progress_note_deletion('id');
CREATE TRIGGER note_new AFTER INSERT ON public.analytics_alert FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_new AFTER INSERT ON public.analytics_completionforecast FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_enrollment_id();
CREATE TRIGGER note_new AFTER INSERT ON public.analytics_escalation FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_new AFTER INSERT ON public.analytics_escalationstep FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_requirement_id();
CREATE TRIGGER note_new AFTER INSERT ON public.analytics_exemption FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_new AFTER INSERT ON public.analytics_hourlyrate FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_new AFTER INSERT ON public.analytics_learnerskill FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_new AFTER INSERT ON public.analytics_outreach FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_new AFTER INSERT ON public.analytics_outreachtemplate FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_new AFTER INSERT ON public.analytics_requirement FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_new AFTER INSERT ON public.analytics_riskscore FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_enrollment_id();
CREATE TRIGGER note_new AFTER INSERT ON public.analytics_savedreport FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_new AFTER INSERT ON public.authoring_storedfile FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_new AFTER INSERT ON public.certificates_certificate FOR EACH ROW EXECUTE FUNCTION public.certificates_note_new();
CREATE TRIGGER note_new AFTER INSERT ON public.certificates_rendition FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_certificate_id();
CREATE TRIGGER note_new AFTER INSERT ON public.certificates_review FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_certificate_id();
CREATE TRIGGER note_new AFTER INSERT ON public.certificates_revocation FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_certificate_id();
CREATE TRIGGER note_new AFTER INSERT ON public.connections_endpoint FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_new AFTER INSERT ON public.progress_course FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_new AFTER INSERT ON public.progress_enrollment FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_new AFTER INSERT ON public.progress_outsidecompletion FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_new AFTER INSERT ON public.progress_user FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER note_new AFTER INSERT ON public.progress_waiver FOR EACH ROW EXECUTE FUNCTION public.progress_note_by_id();
CREATE TRIGGER outside_completion_stays BEFORE DELETE OR UPDATE ON public.progress_outsidecompletion FOR EACH ROW EXECUTE FUNCTION public.progress_outside_completion_stays();
CREATE TRIGGER packet_never_changes BEFORE UPDATE ON public.certificates_packet FOR EACH ROW EXECUTE FUNCTION public.certificates_refuse_change();
CREATE TRIGGER packet_stays BEFORE DELETE ON public.certificates_packet FOR EACH ROW EXECUTE FUNCTION public.certificates_refuse_loss();
CREATE TRIGGER rendition_stays BEFORE DELETE OR UPDATE ON public.certificates_rendition FOR EACH ROW EXECUTE FUNCTION public.certificates_refuse_loss();
CREATE TRIGGER revocation_stays BEFORE DELETE OR UPDATE ON public.certificates_revocation FOR EACH ROW EXECUTE FUNCTION public.certificates_refuse_loss();
CREATE TRIGGER test_course_only AFTER INSERT ON public.progress_enrollment FOR EACH ROW EXECUTE FUNCTION public.progress_check_test_course();
CREATE TRIGGER test_course_only AFTER INSERT ON public.progress_outsidecompletion FOR EACH ROW EXECUTE FUNCTION public.progress_check_test_course();
CREATE TRIGGER test_mark_kept BEFORE UPDATE ON public.progress_course FOR EACH ROW WHEN ((old.is_test IS DISTINCT FROM new.is_test)) EXECUTE FUNCTION public.progress_keep_test_mark();
CREATE TRIGGER test_mark_kept BEFORE UPDATE ON public.progress_user FOR EACH ROW WHEN ((old.is_test IS DISTINCT FROM new.is_test)) EXECUTE FUNCTION public.progress_keep_test_mark();
CREATE TRIGGER user_manager_no_circle AFTER UPDATE OF manager_id ON public.progress_user FOR EACH ROW WHEN (((new.manager_id IS NOT NULL) AND (new.manager_id IS DISTINCT FROM old.manager_id))) EXECUTE FUNCTION public.progress_refuse_circle();
CREATE TRIGGER waiver_stays BEFORE DELETE OR UPDATE ON public.progress_waiver FOR EACH ROW EXECUTE FUNCTION public.progress_waiver_stays();
ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_2c513194_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirm_email_address_id_5b7f8c58_fk_account_e FOREIGN KEY (email_address_id) REFERENCES public.account_emailaddress(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_alert
    ADD CONSTRAINT analytics_alert_assigned_to_id_b7dd4d7c_fk_progress_user_id FOREIGN KEY (assigned_to_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_alert
    ADD CONSTRAINT analytics_alert_course_id_e299a649_fk_progress_course_id FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_alert
    ADD CONSTRAINT analytics_alert_enrollment_id_d6b30770_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_alert
    ADD CONSTRAINT analytics_alert_user_id_dc15c219_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_alertstep
    ADD CONSTRAINT analytics_alertstep_alert_id_5ef1cc6e_fk_analytics_alert_id FOREIGN KEY (alert_id) REFERENCES public.analytics_alert(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_alertstep
    ADD CONSTRAINT analytics_alertstep_by_id_63cabba2_fk_progress_user_id FOREIGN KEY (by_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_alertstep
    ADD CONSTRAINT analytics_alertstep_to_id_6825ec2d_fk_progress_user_id FOREIGN KEY (to_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_completionforecast
    ADD CONSTRAINT analytics_completion_course_id_a9f52b93_fk_progress_ FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_completionforecast
    ADD CONSTRAINT analytics_completion_enrollment_id_45fcc472_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_completionforecast
    ADD CONSTRAINT analytics_completion_user_id_b9dfd213_fk_progress_ FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_contentcurve
    ADD CONSTRAINT analytics_contentcur_edition_id_d1c0d614_fk_analytics FOREIGN KEY (edition_id) REFERENCES public.analytics_contentedition(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_contentday
    ADD CONSTRAINT analytics_contentday_content_id_33884f3c_fk_progress_content_id FOREIGN KEY (content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_contentdropout
    ADD CONSTRAINT analytics_contentdro_content_id_51bd79a7_fk_progress_ FOREIGN KEY (content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_contentedition
    ADD CONSTRAINT analytics_contentedi_content_id_8cc1c3a7_fk_progress_ FOREIGN KEY (content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_contentreach
    ADD CONSTRAINT analytics_contentrea_edition_id_a084161a_fk_analytics FOREIGN KEY (edition_id) REFERENCES public.analytics_contentedition(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_courseday
    ADD CONSTRAINT analytics_courseday_course_id_125bde71_fk_progress_course_id FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_digest
    ADD CONSTRAINT analytics_digest_user_id_bc860681_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_digestchoice
    ADD CONSTRAINT analytics_digestchoice_user_id_be18d9b4_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_dismissal
    ADD CONSTRAINT analytics_dismissal_content_id_8872e0a3_fk_progress_content_id FOREIGN KEY (content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_dismissal
    ADD CONSTRAINT analytics_dismissal_enrollment_id_a1f2f67a_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_escalationstep
    ADD CONSTRAINT analytics_escalation_requirement_id_f9edb01b_fk_analytics FOREIGN KEY (requirement_id) REFERENCES public.analytics_requirement(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_escalation
    ADD CONSTRAINT analytics_escalation_step_id_175a2cac_fk_analytics FOREIGN KEY (step_id) REFERENCES public.analytics_escalationstep(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_escalation
    ADD CONSTRAINT analytics_escalation_user_id_5e450bf9_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_exemption
    ADD CONSTRAINT analytics_exemption_granted_by_id_161b7ce0_fk_progress_user_id FOREIGN KEY (granted_by_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_exemption
    ADD CONSTRAINT analytics_exemption_requirement_id_afdb46f5_fk_analytics FOREIGN KEY (requirement_id) REFERENCES public.analytics_requirement(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_exemption
    ADD CONSTRAINT analytics_exemption_user_id_fc87135e_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_foldedcourse
    ADD CONSTRAINT analytics_foldedcourse_course_id_fb53c2d2_fk_progress_course_id FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_foldedenrollment
    ADD CONSTRAINT analytics_foldedenro_enrollment_id_b8005533_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_forecastrecord
    ADD CONSTRAINT analytics_forecastre_course_id_338bfdbb_fk_progress_ FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_forecastrecord
    ADD CONSTRAINT analytics_forecastre_enrollment_id_2c4a88b0_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_forecastrecord
    ADD CONSTRAINT analytics_forecastrecord_user_id_2e35689d_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_forecastvalidation
    ADD CONSTRAINT analytics_forecastva_course_id_346a48b4_fk_progress_ FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_learnercontent
    ADD CONSTRAINT analytics_learnercon_edition_id_7b6ea152_fk_analytics FOREIGN KEY (edition_id) REFERENCES public.analytics_contentedition(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_learnercontent
    ADD CONSTRAINT analytics_learnercon_enrollment_id_0bf28f5a_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_learnerday
    ADD CONSTRAINT analytics_learnerday_course_id_0de70b4f_fk_progress_course_id FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_learnerday
    ADD CONSTRAINT analytics_learnerday_enrollment_id_1c21f31e_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_learnerday
    ADD CONSTRAINT analytics_learnerday_user_id_b7cc7378_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_learnerhabit
    ADD CONSTRAINT analytics_learnerhab_enrollment_id_f2c605b5_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_learnerhabit
    ADD CONSTRAINT analytics_learnerhabit_course_id_1ffd32bf_fk_progress_course_id FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_learnerquiz
    ADD CONSTRAINT analytics_learnerqui_content_id_bcb1a93c_fk_progress_ FOREIGN KEY (content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_learnerquiz
    ADD CONSTRAINT analytics_learnerqui_enrollment_id_02d49811_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_learnerskill
    ADD CONSTRAINT analytics_learnerskill_user_id_25314133_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_outreach
    ADD CONSTRAINT analytics_outreach_alert_id_b983ef23_fk_analytics_alert_id FOREIGN KEY (alert_id) REFERENCES public.analytics_alert(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_outreach
    ADD CONSTRAINT analytics_outreach_written_by_id_3b6878d4_fk_progress_user_id FOREIGN KEY (written_by_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_pathchoice
    ADD CONSTRAINT analytics_pathchoice_enrollment_id_b1142686_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_peercontent
    ADD CONSTRAINT analytics_peerconten_content_id_abf37f93_fk_progress_ FOREIGN KEY (content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_peercontent
    ADD CONSTRAINT analytics_peercontent_quiz_id_870f7f61_fk_progress_content_id FOREIGN KEY (quiz_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_questionrollup
    ADD CONSTRAINT analytics_questionro_content_id_4d0111a3_fk_progress_ FOREIGN KEY (content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_questionrollup
    ADD CONSTRAINT analytics_questionro_question_id_a15aa22b_fk_progress_ FOREIGN KEY (question_id) REFERENCES public.progress_question(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_quizrecord
    ADD CONSTRAINT analytics_quizrecord_content_id_4ef5d9ca_fk_progress_content_id FOREIGN KEY (content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_requirement
    ADD CONSTRAINT analytics_requirement_course_id_b428d7d9_fk_progress_course_id FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_riskadaptation
    ADD CONSTRAINT analytics_riskadapta_base_id_14e76029_fk_analytics FOREIGN KEY (base_id) REFERENCES public.analytics_riskmodel(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_riskadaptation
    ADD CONSTRAINT analytics_riskadapta_course_id_f282c119_fk_progress_ FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_riskprediction
    ADD CONSTRAINT analytics_riskpredic_base_id_ec756b24_fk_analytics FOREIGN KEY (base_id) REFERENCES public.analytics_riskmodel(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_riskprediction
    ADD CONSTRAINT analytics_riskpredic_course_id_de7739c7_fk_progress_ FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_riskprediction
    ADD CONSTRAINT analytics_riskpredic_enrollment_id_b9deecc4_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_riskprediction
    ADD CONSTRAINT analytics_riskprediction_user_id_0fd8dff0_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_riskscore
    ADD CONSTRAINT analytics_riskscore_course_id_0266bc6b_fk_progress_course_id FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_riskscore
    ADD CONSTRAINT analytics_riskscore_enrollment_id_5e8ce7c0_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_riskscore
    ADD CONSTRAINT analytics_riskscore_model_id_38c2de56_fk_analytics_riskmodel_id FOREIGN KEY (model_id) REFERENCES public.analytics_riskmodel(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_riskscore
    ADD CONSTRAINT analytics_riskscore_user_id_5d2e8b97_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_riskvalidation
    ADD CONSTRAINT analytics_riskvalida_base_id_3c6b4342_fk_analytics FOREIGN KEY (base_id) REFERENCES public.analytics_riskmodel(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_riskvalidation
    ADD CONSTRAINT analytics_riskvalida_course_id_0dd48fed_fk_progress_ FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_savedreport
    ADD CONSTRAINT analytics_savedreport_owner_id_918e5188_fk_progress_user_id FOREIGN KEY (owner_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_tracedcontent
    ADD CONSTRAINT analytics_tracedcont_content_id_e141e3b9_fk_progress_ FOREIGN KEY (content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.analytics_tracedue
    ADD CONSTRAINT analytics_tracedue_user_id_82adb8cc_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.authoring_draft
    ADD CONSTRAINT authoring_draft_course_id_b97cb459_fk_progress_course_id FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.authoring_draftversion
    ADD CONSTRAINT authoring_draftversion_draft_id_2c4bbb69_fk_authoring_draft_id FOREIGN KEY (draft_id) REFERENCES public.authoring_draft(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.authoring_draftversion
    ADD CONSTRAINT authoring_draftversion_saved_by_id_ad3d0b4a_fk_progress_user_id FOREIGN KEY (saved_by_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.authoring_selfenrollment
    ADD CONSTRAINT authoring_selfenroll_course_id_a978af2d_fk_progress_ FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.authoring_storedfile
    ADD CONSTRAINT authoring_storedfile_course_id_c2296e90_fk_progress_course_id FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.authoring_storedfile
    ADD CONSTRAINT authoring_storedfile_media_id_2900b94f_fk_authoring FOREIGN KEY (media_id) REFERENCES public.authoring_storedfile(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.authoring_storedfile
    ADD CONSTRAINT authoring_storedfile_uploaded_by_id_70783589_fk_progress_ FOREIGN KEY (uploaded_by_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.authoring_upload
    ADD CONSTRAINT authoring_upload_course_id_d2889480_fk_progress_course_id FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.authoring_upload
    ADD CONSTRAINT authoring_upload_file_id_cd1225c6_fk_authoring_storedfile_id FOREIGN KEY (file_id) REFERENCES public.authoring_storedfile(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.authoring_upload
    ADD CONSTRAINT authoring_upload_media_id_09c1f1c2_fk_authoring_storedfile_id FOREIGN KEY (media_id) REFERENCES public.authoring_storedfile(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.authoring_upload
    ADD CONSTRAINT authoring_upload_owner_id_c71182c6_fk_progress_user_id FOREIGN KEY (owner_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.axes_accessattemptexpiration
    ADD CONSTRAINT axes_accessattemptex_access_attempt_id_6b73a47a_fk_axes_acce FOREIGN KEY (access_attempt_id) REFERENCES public.axes_accessattempt(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.certificates_certificate
    ADD CONSTRAINT certificates_certifi_course_id_3df6d8a3_fk_progress_ FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.certificates_certificate
    ADD CONSTRAINT certificates_certifi_enrollment_id_7720861d_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.certificates_certificate
    ADD CONSTRAINT certificates_certifi_issued_by_id_30d17c3a_fk_progress_ FOREIGN KEY (issued_by_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.certificates_certificate
    ADD CONSTRAINT certificates_certifi_replaces_id_fe1bd395_fk_certifica FOREIGN KEY (replaces_id) REFERENCES public.certificates_certificate(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.certificates_certificate
    ADD CONSTRAINT certificates_certificate_user_id_540f04d7_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.certificates_coursedesign
    ADD CONSTRAINT certificates_coursed_course_id_34d84672_fk_progress_ FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.certificates_coursedesign
    ADD CONSTRAINT certificates_coursed_design_id_53e89664_fk_certifica FOREIGN KEY (design_id) REFERENCES public.certificates_design(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.certificates_packet
    ADD CONSTRAINT certificates_packet_certificate_id_e0f9ab06_fk_certifica FOREIGN KEY (certificate_id) REFERENCES public.certificates_certificate(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.certificates_reminder
    ADD CONSTRAINT certificates_reminde_certificate_id_957b3ac6_fk_certifica FOREIGN KEY (certificate_id) REFERENCES public.certificates_certificate(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.certificates_rendition
    ADD CONSTRAINT certificates_renditi_certificate_id_4d020c4e_fk_certifica FOREIGN KEY (certificate_id) REFERENCES public.certificates_certificate(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.certificates_review
    ADD CONSTRAINT certificates_review_certificate_id_b62a2554_fk_certifica FOREIGN KEY (certificate_id) REFERENCES public.certificates_certificate(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.certificates_review
    ADD CONSTRAINT certificates_review_closed_by_id_b3255867_fk_progress_user_id FOREIGN KEY (closed_by_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.certificates_review
    ADD CONSTRAINT certificates_review_opened_by_id_d097c529_fk_progress_user_id FOREIGN KEY (opened_by_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.certificates_revocation
    ADD CONSTRAINT certificates_revocat_certificate_id_e4a982e4_fk_certifica FOREIGN KEY (certificate_id) REFERENCES public.certificates_certificate(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.certificates_revocation
    ADD CONSTRAINT certificates_revocat_revoked_by_id_eecc3c55_fk_progress_ FOREIGN KEY (revoked_by_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.certificates_validity
    ADD CONSTRAINT certificates_validity_course_id_62c827b7_fk_progress_course_id FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.connections_attempt
    ADD CONSTRAINT connections_attempt_delivery_id_47c1e9a3_fk_connectio FOREIGN KEY (delivery_id) REFERENCES public.connections_delivery(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.connections_delivery
    ADD CONSTRAINT connections_delivery_endpoint_id_27f680fd_fk_connectio FOREIGN KEY (endpoint_id) REFERENCES public.connections_endpoint(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.connections_delivery
    ADD CONSTRAINT connections_delivery_event_id_2ec11288_fk_connections_event_id FOREIGN KEY (event_id) REFERENCES public.connections_event(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.connections_endpoint
    ADD CONSTRAINT connections_endpoint_owner_id_60093bf3_fk_progress_user_id FOREIGN KEY (owner_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.connections_groupmembership
    ADD CONSTRAINT connections_groupmem_group_id_df05504c_fk_connectio FOREIGN KEY (group_id) REFERENCES public.connections_provisionedgroup(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.connections_groupmembership
    ADD CONSTRAINT connections_groupmem_user_id_232545f8_fk_progress_ FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.connections_provisionedperson
    ADD CONSTRAINT connections_provisio_user_id_c17bd7be_fk_progress_ FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_content_type_id_c4bce8eb_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_user_id_c564eba6_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.django_celery_beat_periodictask
    ADD CONSTRAINT django_celery_beat_p_clocked_id_47a69f82_fk_django_ce FOREIGN KEY (clocked_id) REFERENCES public.django_celery_beat_clockedschedule(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.django_celery_beat_periodictask
    ADD CONSTRAINT django_celery_beat_p_crontab_id_d3cba168_fk_django_ce FOREIGN KEY (crontab_id) REFERENCES public.django_celery_beat_crontabschedule(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.django_celery_beat_periodictask
    ADD CONSTRAINT django_celery_beat_p_interval_id_a8ca27da_fk_django_ce FOREIGN KEY (interval_id) REFERENCES public.django_celery_beat_intervalschedule(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.django_celery_beat_periodictask
    ADD CONSTRAINT django_celery_beat_p_solar_id_a87ce72c_fk_django_ce FOREIGN KEY (solar_id) REFERENCES public.django_celery_beat_solarschedule(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.knox_authtoken
    ADD CONSTRAINT knox_authtoken_user_id_e5a5d899_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_accommodation
    ADD CONSTRAINT progress_accommodation_user_id_efa0a7b1_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_choice
    ADD CONSTRAINT progress_choice_question_id_c79cafda_fk_progress_question_id FOREIGN KEY (question_id) REFERENCES public.progress_question(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_content
    ADD CONSTRAINT progress_content_module_id_6d4db4dc_fk_progress_module_id FOREIGN KEY (module_id) REFERENCES public.progress_module(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_content_prerequisites
    ADD CONSTRAINT progress_content_pre_from_content_id_e7c36cf4_fk_progress_ FOREIGN KEY (from_content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_content_prerequisites
    ADD CONSTRAINT progress_content_pre_to_content_id_01470e71_fk_progress_ FOREIGN KEY (to_content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_content_waives
    ADD CONSTRAINT progress_content_wai_from_content_id_8791936a_fk_progress_ FOREIGN KEY (from_content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_content_waives
    ADD CONSTRAINT progress_content_wai_to_content_id_3b4a3bbd_fk_progress_ FOREIGN KEY (to_content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.progress_contentinteraction
    ADD CONSTRAINT progress_contentinteraction_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.progress_learningsession(session_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_contentprogress
    ADD CONSTRAINT progress_contentprog_content_id_1f2de5e0_fk_progress_ FOREIGN KEY (content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_contentprogress
    ADD CONSTRAINT progress_contentprog_enrollment_id_18b36d02_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_contentprogress
    ADD CONSTRAINT progress_contentprogress_user_id_c6e33c95_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_course_instructors
    ADD CONSTRAINT progress_course_inst_course_id_0a8aa3ec_fk_progress_ FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_course_instructors
    ADD CONSTRAINT progress_course_inst_user_id_f6fb3b9f_fk_progress_ FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_courseprogress
    ADD CONSTRAINT progress_courseprogr_course_id_e99f60f8_fk_progress_ FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_courseprogress
    ADD CONSTRAINT progress_courseprogr_current_module_id_14e8fb11_fk_progress_ FOREIGN KEY (current_module_id) REFERENCES public.progress_module(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_courseprogress
    ADD CONSTRAINT progress_courseprogr_enrollment_id_f14dccdb_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_courseprogress
    ADD CONSTRAINT progress_courseprogr_resume_content_id_fbedb9cd_fk_progress_ FOREIGN KEY (resume_content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_courseprogress
    ADD CONSTRAINT progress_courseprogress_user_id_360750d0_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_drift
    ADD CONSTRAINT progress_drift_enrollment_id_d72f7941_fk_progress_enrollment_id FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_enrollment
    ADD CONSTRAINT progress_enrollment_course_id_423522a9_fk_progress_course_id FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_enrollment
    ADD CONSTRAINT progress_enrollment_user_id_1d13182b_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_erasure
    ADD CONSTRAINT progress_erasure_requested_by_id_3a385399_fk_progress_user_id FOREIGN KEY (requested_by_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_indexedcontent
    ADD CONSTRAINT progress_indexedcont_content_id_37c1a92b_fk_progress_ FOREIGN KEY (content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_keydetails
    ADD CONSTRAINT progress_keydetails_token_id_a6bb73f2_fk_knox_authtoken_digest FOREIGN KEY (token_id) REFERENCES public.knox_authtoken(digest) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_learningsession
    ADD CONSTRAINT progress_learningses_content_id_d4e1eeed_fk_progress_ FOREIGN KEY (content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_learningsession
    ADD CONSTRAINT progress_learningses_course_id_8c494d7e_fk_progress_ FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_learningsession
    ADD CONSTRAINT progress_learningses_enrollment_id_0a74d13d_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_learningsession
    ADD CONSTRAINT progress_learningses_module_id_db206e3f_fk_progress_ FOREIGN KEY (module_id) REFERENCES public.progress_module(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_learningsession
    ADD CONSTRAINT progress_learningsession_user_id_75aaaf03_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_module
    ADD CONSTRAINT progress_module_course_id_55225322_fk_progress_course_id FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_note
    ADD CONSTRAINT progress_note_content_id_9b095eac_fk_progress_content_id FOREIGN KEY (content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_note
    ADD CONSTRAINT progress_note_user_id_8db19eaa_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_outsidecompletion
    ADD CONSTRAINT progress_outsidecomp_course_id_086d51e4_fk_progress_ FOREIGN KEY (course_id) REFERENCES public.progress_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_outsidecompletion
    ADD CONSTRAINT progress_outsidecomp_recorded_by_id_ac016c5e_fk_progress_ FOREIGN KEY (recorded_by_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_outsidecompletion
    ADD CONSTRAINT progress_outsidecomp_withdrawn_by_id_43e4b655_fk_progress_ FOREIGN KEY (withdrawn_by_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_outsidecompletion
    ADD CONSTRAINT progress_outsidecompletion_user_id_8d8984a5_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_owndatacopy
    ADD CONSTRAINT progress_owndatacopy_user_id_479495f2_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_passage
    ADD CONSTRAINT progress_passage_content_id_34528969_fk_progress_content_id FOREIGN KEY (content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_pastspans
    ADD CONSTRAINT progress_pastspans_enrollment_id_5d60add9_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_pastspans
    ADD CONSTRAINT progress_pastspans_user_id_50bf3909_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_question
    ADD CONSTRAINT progress_question_content_id_a8c2a530_fk_progress_content_id FOREIGN KEY (content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_question
    ADD CONSTRAINT progress_question_taught_in_id_c42a23b5_fk_progress_content_id FOREIGN KEY (taught_in_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_quizanswer
    ADD CONSTRAINT progress_quizanswer_attempt_id_f07b90d7_fk_progress_ FOREIGN KEY (attempt_id) REFERENCES public.progress_quizattempt(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_quizanswer
    ADD CONSTRAINT progress_quizanswer_question_id_00967817_fk_progress_ FOREIGN KEY (question_id) REFERENCES public.progress_question(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_quizanswer
    ADD CONSTRAINT progress_quizanswer_user_id_4e5d5869_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_quizattempt
    ADD CONSTRAINT progress_quizattempt_content_id_5c54bb8a_fk_progress_content_id FOREIGN KEY (content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_quizattempt
    ADD CONSTRAINT progress_quizattempt_enrollment_id_2e43bf95_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_quizattempt
    ADD CONSTRAINT progress_quizattempt_user_id_32b0af9b_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_regrade
    ADD CONSTRAINT progress_regrade_attempt_id_6372b683_fk_progress_quizattempt_id FOREIGN KEY (attempt_id) REFERENCES public.progress_quizattempt(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_regrade
    ADD CONSTRAINT progress_regrade_regraded_by_id_3cfb655d_fk_progress_user_id FOREIGN KEY (regraded_by_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_regrade
    ADD CONSTRAINT progress_regrade_user_id_a9ce1f1b_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_signin
    ADD CONSTRAINT progress_signin_user_id_31aea891_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_studyreminder
    ADD CONSTRAINT progress_studyreminder_user_id_92d1b04a_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_user_groups
    ADD CONSTRAINT progress_user_groups_group_id_85fb1537_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_user_groups
    ADD CONSTRAINT progress_user_groups_user_id_a79a90ee_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_user
    ADD CONSTRAINT progress_user_manager_id_fk FOREIGN KEY (manager_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_user_user_permissions
    ADD CONSTRAINT progress_user_user_p_permission_id_25b0bc8b_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_user_user_permissions
    ADD CONSTRAINT progress_user_user_p_user_id_d3a23a46_fk_progress_ FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_waiver
    ADD CONSTRAINT progress_waiver_because_id_44a8be7e_fk_progress_content_id FOREIGN KEY (because_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_waiver
    ADD CONSTRAINT progress_waiver_content_id_7bb1c5c6_fk_progress_content_id FOREIGN KEY (content_id) REFERENCES public.progress_content(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_waiver
    ADD CONSTRAINT progress_waiver_enrollment_id_50bfd075_fk_progress_ FOREIGN KEY (enrollment_id) REFERENCES public.progress_enrollment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.progress_waiver
    ADD CONSTRAINT progress_waiver_user_id_df5ff847_fk_progress_user_id FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.socialaccount_socialtoken
    ADD CONSTRAINT socialaccount_social_account_id_951f210e_fk_socialacc FOREIGN KEY (account_id) REFERENCES public.socialaccount_socialaccount(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.socialaccount_socialtoken
    ADD CONSTRAINT socialaccount_social_app_id_636a42d7_fk_socialacc FOREIGN KEY (app_id) REFERENCES public.socialaccount_socialapp(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.socialaccount_socialaccount
    ADD CONSTRAINT socialaccount_social_user_id_8146e70c_fk_progress_ FOREIGN KEY (user_id) REFERENCES public.progress_user(id) DEFERRABLE INITIALLY DEFERRED;
