"""Cases: histories that are only added to, reports and notices of cases, checkpoints, rules, calendars;
corrections of reports; inspections."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    *("case_move", "case_report", "case_notice", "case_checkpoint", "case_checkpoint_head", "case_rules"),
    *("report_correction", "inspection"),
)


def upgrade() -> None:
    for statement in TABLES.split(";"):
        op.execute(statement)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER keep_rows BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION keep_rows()"
        )
    op.execute(
        "CREATE TRIGGER keep_rows BEFORE DELETE ON case_file FOR EACH ROW EXECUTE FUNCTION keep_rows()"
    )
    for table in (*APPEND_ONLY, "case_file"):
        op.execute(
            f"CREATE TRIGGER keep_all_rows BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION keep_rows()"
        )
    op.execute(KEEP_REPORTS)
    op.execute(
        "CREATE TRIGGER keep_reports BEFORE UPDATE ON report FOR EACH ROW EXECUTE FUNCTION keep_reports()"
    )
    op.execute(AS_SENT)


# A report changes only by a correction that is written down in the same transaction, and only in what a
# correction can say.
KEEP_REPORTS = """
    CREATE FUNCTION keep_reports() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM report_correction c WHERE c.report_id = OLD.id
                   AND c.occurred_at = OLD.occurred_at AND c.recorded_at = now())
           AND (NEW.id, NEW.occurred_at, NEW.recorded_at, NEW.jurisdiction, NEW.client_id, NEW.description)
               = (OLD.id, OLD.occurred_at, OLD.recorded_at, OLD.jurisdiction, OLD.client_id, OLD.description)
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'a report changes only by a correction'
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """
AS_SENT = """
    CREATE VIEW report_as_sent AS
    SELECT r.id, r.occurred_at, r.recorded_at, r.jurisdiction, r.client_id, s.category, r.description,
           r.import_id, s.lon, s.lat, s.datum, s.accuracy_m, s.geom, s.named_code, s.method, s.grid_version,
           s.community_version, s.compound_version, s.building_version, s.edge_distance_m, s.candidates,
           s.needs_review
    FROM report r
    LEFT JOIN report_correction c ON c.report_id = r.id AND c.occurred_at = r.occurred_at AND c.number = 1
    CROSS JOIN LATERAL jsonb_populate_record(r, coalesce(c.was, '{}'::jsonb)) s
    """
TABLES = """
CREATE TABLE case_file (
    id UUID NOT NULL,
    jurisdiction TEXT NOT NULL,
    category TEXT NOT NULL,
    private BOOLEAN NOT NULL,
    geom geometry(POINT,4326),
    grid_version BIGINT,
    community_version BIGINT,
    compound_version BIGINT,
    building_version BIGINT,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state TEXT NOT NULL,
    seq INTEGER NOT NULL,
    head BYTEA NOT NULL,
    waiting_for TEXT[] NOT NULL,
    supervised BOOLEAN DEFAULT false NOT NULL,
    merged_into UUID,
    CONSTRAINT pk_case_file PRIMARY KEY (id),
    CONSTRAINT ck_case_file_state CHECK (
        state IN ('collected', 'filed', 'dispatched', 'handling', 'answered', 'checked', 'suspended',
        'closed', 'refused', 'voided', 'merged')),
    CONSTRAINT ck_case_file_merged CHECK ((state = 'merged') = (merged_into IS NOT NULL)),
    CONSTRAINT fk_case_file_jurisdiction FOREIGN KEY(jurisdiction) REFERENCES jurisdiction (code),
    CONSTRAINT fk_case_file_merged_into FOREIGN KEY(merged_into) REFERENCES case_file (id)
);
CREATE INDEX ix_case_file_geom ON case_file USING gist (geom);
CREATE INDEX ix_case_file_listing ON case_file (jurisdiction, opened_at, id);
CREATE INDEX ix_case_file_merged_into ON case_file (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX ix_case_file_state ON case_file (jurisdiction, state);
CREATE INDEX ix_case_file_waiting_for ON case_file USING gin (waiting_for);
CREATE TABLE case_move (
    case_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    jurisdiction TEXT NOT NULL,
    move TEXT NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    actor TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    reason TEXT NOT NULL,
    details JSONB NOT NULL,
    previous BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_case_move PRIMARY KEY (case_id, seq),
    CONSTRAINT fk_case_move_case_id FOREIGN KEY(case_id) REFERENCES case_file (id),
    CONSTRAINT fk_case_move_jurisdiction FOREIGN KEY(jurisdiction) REFERENCES jurisdiction (code)
);
CREATE TABLE case_report (
    report_id UUID NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    case_id UUID NOT NULL,
    jurisdiction TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_case_report PRIMARY KEY (report_id, occurred_at),
    CONSTRAINT fk_case_report_report_id_occurred_at FOREIGN KEY(report_id, occurred_at)
        REFERENCES report (id, occurred_at),
    CONSTRAINT fk_case_report_case_id FOREIGN KEY(case_id) REFERENCES case_file (id),
    CONSTRAINT fk_case_report_jurisdiction FOREIGN KEY(jurisdiction) REFERENCES jurisdiction (code)
);
CREATE INDEX ix_case_report_case_id ON case_report (case_id);
CREATE TABLE case_notice (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    jurisdiction TEXT NOT NULL,
    case_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    report_id UUID NOT NULL,
    kind TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_case_notice PRIMARY KEY (id),
    CONSTRAINT fk_case_notice_case_id_seq FOREIGN KEY(case_id, seq) REFERENCES case_move (case_id, seq),
    CONSTRAINT ck_case_notice_kind CHECK (
        kind IN ('collected', 'filed', 'refused', 'merged', 'closed', 'voided', 'reopened',
        'corrected')),
    CONSTRAINT fk_case_notice_jurisdiction FOREIGN KEY(jurisdiction) REFERENCES jurisdiction (code)
);
CREATE INDEX ix_case_notice_report_id ON case_notice (report_id);
CREATE TABLE case_checkpoint (
    jurisdiction TEXT NOT NULL,
    number INTEGER NOT NULL,
    day DATE NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    cases INTEGER NOT NULL,
    heads BYTEA NOT NULL,
    previous BYTEA NOT NULL,
    public_key BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    CONSTRAINT pk_case_checkpoint PRIMARY KEY (jurisdiction, number),
    CONSTRAINT fk_case_checkpoint_jurisdiction FOREIGN KEY(jurisdiction) REFERENCES jurisdiction (code)
);
CREATE TABLE case_checkpoint_head (
    jurisdiction TEXT NOT NULL,
    number INTEGER NOT NULL,
    case_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_case_checkpoint_head PRIMARY KEY (jurisdiction, number, case_id),
    CONSTRAINT fk_case_checkpoint_head_jurisdiction_number FOREIGN KEY(jurisdiction, number)
        REFERENCES case_checkpoint (jurisdiction, number)
);
CREATE TABLE case_rules (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    jurisdiction TEXT NOT NULL,
    kind TEXT NOT NULL,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    content TEXT NOT NULL,
    loaded_by TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_case_rules PRIMARY KEY (id),
    CONSTRAINT ck_case_rules_kind CHECK (kind IN ('handling', 'routing', 'deadlines')),
    CONSTRAINT fk_case_rules_jurisdiction FOREIGN KEY(jurisdiction) REFERENCES jurisdiction (code)
);
CREATE INDEX ix_case_rules_kind ON case_rules (jurisdiction, kind, id);
CREATE TABLE calendar_day (
    jurisdiction TEXT NOT NULL,
    year SMALLINT NOT NULL,
    day DATE NOT NULL,
    working BOOLEAN NOT NULL,
    name TEXT NOT NULL,
    loaded_by TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_calendar_day PRIMARY KEY (jurisdiction, day, year),
    CONSTRAINT fk_calendar_day_jurisdiction FOREIGN KEY(jurisdiction) REFERENCES jurisdiction (code)
);
CREATE TABLE report_correction (
    report_id UUID NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    number INTEGER NOT NULL,
    jurisdiction TEXT NOT NULL,
    corrected_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    category TEXT NOT NULL,
    lon DOUBLE PRECISION,
    lat DOUBLE PRECISION,
    datum TEXT,
    accuracy_m DOUBLE PRECISION,
    named_code TEXT,
    was JSONB NOT NULL,
    method TEXT NOT NULL,
    grid_version BIGINT,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_report_correction PRIMARY KEY (report_id, occurred_at, number),
    CONSTRAINT fk_report_correction_report_id_occurred_at FOREIGN KEY(report_id, occurred_at)
        REFERENCES report (id, occurred_at),
    CONSTRAINT ck_report_correction_datum CHECK (datum IN ('wgs84', 'cgcs2000', 'gcj02', 'bd09')),
    CONSTRAINT ck_report_correction_method CHECK (method IN ('covers', 'nearest', 'outside', 'named')),
    CONSTRAINT fk_report_correction_jurisdiction FOREIGN KEY(jurisdiction) REFERENCES jurisdiction (code)
);
CREATE TABLE inspection_plan (
    jurisdiction TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    inspector TEXT NOT NULL,
    target TEXT NOT NULL,
    every_days INTEGER NOT NULL,
    category TEXT,
    target_codes TEXT[],
    loaded_by TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_inspection_plan PRIMARY KEY (jurisdiction, code),
    CONSTRAINT ck_inspection_plan_inspector CHECK (inspector IN ('member', 'squad', 'property')),
    CONSTRAINT ck_inspection_plan_target CHECK (target IN ('building', 'place')),
    CONSTRAINT ck_inspection_plan_every_days CHECK (every_days BETWEEN 1 AND 3660),
    CONSTRAINT ck_inspection_plan_targets CHECK (target = 'building' OR target_codes IS NOT NULL),
    CONSTRAINT fk_inspection_plan_jurisdiction FOREIGN KEY(jurisdiction) REFERENCES jurisdiction (code)
);
CREATE TABLE inspection (
    id UUID NOT NULL,
    jurisdiction TEXT NOT NULL,
    plan TEXT NOT NULL,
    target_code TEXT NOT NULL,
    inspected_on DATE NOT NULL,
    inspected_by TEXT NOT NULL,
    trouble BOOLEAN NOT NULL,
    note TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_inspection PRIMARY KEY (id),
    CONSTRAINT fk_inspection_jurisdiction_plan FOREIGN KEY(jurisdiction, plan)
        REFERENCES inspection_plan (jurisdiction, code),
    CONSTRAINT fk_inspection_jurisdiction FOREIGN KEY(jurisdiction) REFERENCES jurisdiction (code)
);
CREATE UNIQUE INDEX uq_inspection_once ON inspection (jurisdiction, plan, target_code, inspected_on)
"""
