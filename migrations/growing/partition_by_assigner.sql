-- Spreads task_period over 16 parts by its assigner (PostgreSQL 13 or later). docs/growing.md says when and why.
--
-- Stop web and scheduler, back up, then run it in one transaction: it is done whole, or not at all.
--
--     psql "$DATABASE_URL" -v ON_ERROR_STOP=1 --single-transaction -f migrations/growing/partition_by_assigner.sql
--
-- The program needs no change. Every key names the assigner from now on, as PostgreSQL asks of a table in parts:
-- that a task has one stretch a day holds within its assigner, which a task never changes.

-- Somebody who is still at work makes it fail, instead of waiting for ever.
SET LOCAL lock_timeout = '10s';
LOCK TABLE task_period IN ACCESS EXCLUSIVE MODE;

ALTER TABLE task_period RENAME TO task_period_whole;
ALTER SEQUENCE task_period_id_seq OWNED BY NONE;

CREATE TABLE task_period (LIKE task_period_whole INCLUDING DEFAULTS) PARTITION BY HASH (assigner_id);

DO $parts$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF task_period FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            'task_period_' || lpad(part::text, 2, '0'), part
        );
    END LOOP;
END
$parts$;

INSERT INTO task_period SELECT * FROM task_period_whole ORDER BY assigner_id, id;

DO $check$
BEGIN
    IF (SELECT count(*) FROM task_period) <> (SELECT count(*) FROM task_period_whole) THEN
        RAISE EXCEPTION 'not every row arrived';
    END IF;
END
$check$;

DROP TABLE task_period_whole;

ALTER TABLE task_period
    ADD CONSTRAINT pk_task_period PRIMARY KEY (id, assigner_id),
    ADD CONSTRAINT uq_task_period_task_id_valid_from UNIQUE (task_id, valid_from, assigner_id),
    ADD CONSTRAINT fk_task_period_task_id FOREIGN KEY (task_id) REFERENCES task (id),
    ADD CONSTRAINT fk_task_period_assigner_id FOREIGN KEY (assigner_id) REFERENCES unit (id),
    ADD CONSTRAINT fk_task_period_unit_id FOREIGN KEY (unit_id) REFERENCES unit (id);

CREATE UNIQUE INDEX uq_task_period_assigner_id ON task_period (assigner_id, task_id, valid_from);

CREATE INDEX ix_task_period_gave ON task_period (unit_id, assigner_id) WHERE task_id > 0;

CREATE INDEX ix_task_period_open
    ON task_period (
        assigner_id, valid_to, valid_from, unit_id, state, due_on, task_id, directive_id, leader_id, given_on)
    WHERE state IN ('not_started', 'in_progress', 'awaiting_confirmation');

CREATE INDEX ix_task_period_open_ended
    ON task_period (
        assigner_id,
        (CASE WHEN (valid_to - valid_from) <= 16 THEN 16 WHEN (valid_to - valid_from) <= 64 THEN 64
              WHEN (valid_to - valid_from) <= 256 THEN 256 WHEN (valid_to - valid_from) <= 1024 THEN 1024
              ELSE 73050 END),
        valid_to, valid_from, unit_id, state, due_on, task_id, directive_id, leader_id, given_on)
    WHERE state IN ('not_started', 'in_progress', 'awaiting_confirmation') AND valid_to < '9999-12-31';

CREATE INDEX ix_task_period_completed
    ON task_period (assigner_id, valid_from, valid_to, unit_id, due_on, reported_on, state, task_id)
    WHERE state = 'completed';

CREATE INDEX ix_task_period_completed_of_papers
    ON task_period (
        assigner_id, valid_from, valid_to, directive_id, leader_id, given_on, due_on, reported_on, state, task_id)
    WHERE state = 'completed';

ALTER SEQUENCE task_period_id_seq OWNED BY task_period.id;

ANALYZE task_period;
