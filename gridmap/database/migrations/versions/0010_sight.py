"""Who may see and do what, kept by the database: row-level security, also for the owner of the tables.

Three roles. The owner, whoever runs migrations, keeps everything. `gridmap_service` answers requests: each of
its transactions says who asks (gridmap.database.asker), and sees what that one may see; without it nothing of
reports, cases and people. `gridmap_loader` adds reports and the cases that they open.

Sight is worked out here, from the duties of today, once for each query: the functions below run as their
owner. What a table lets be seen is said once, in SEEN.
"""

# ruff: noqa: S608 -- policies take no parameters; all their parts are written here
from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from gridmap.database.roles import LOADER, SERVICE, ensure

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    ensure(connection)
    handled_by()
    cells_by_grid()
    op.add_column("work", sa.Column("recorded_by", sa.Text(), server_default="", nullable=False))
    name = str(connection.scalar(sa.text("SELECT current_schema()")))
    schema = connection.dialect.identifier_preparer.quote(name)
    for statement in (ASKER + SIGHT).format(schema=schema).split(";\n\n"):
        op.execute(statement)
    op.execute("ALTER TABLE work ALTER recorded_by SET DEFAULT coalesce(asker_name(), '')")
    op.execute(f"REVOKE EXECUTE ON FUNCTION {', '.join(AS_OWNER)} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {', '.join(AS_OWNER)} TO {SERVICE}")
    op.execute(f"GRANT USAGE ON SCHEMA {schema} TO {SERVICE}, {LOADER}")
    views(int(str(connection.scalar(sa.text("SHOW server_version_num")))))
    policies()
    rights()


def handled_by() -> None:
    """Whose a case is or ever was: the recipients of all its tasks, from its history."""
    op.add_column(
        "case_file", sa.Column("recipients", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.execute(RECIPIENTS)
    op.alter_column("case_file", "recipients", server_default=None)
    op.create_index("ix_case_file_recipients", "case_file", ["recipients"], postgresql_using="gin")
    op.create_index("ix_case_file_grid", "case_file", ["grid_version", "opened_at"])
    op.create_index("ix_report_correction_recorded_at", "report_correction", ["recorded_at"])


RECIPIENTS = """
    UPDATE case_file f SET recipients = said.recipients FROM (
        SELECT case_id, array_agg(DISTINCT recipient) AS recipients FROM (
            SELECT case_id, jsonb_array_elements(details->'tasks')->>'recipient' AS recipient
            FROM case_move WHERE move = 'dispatch'
            UNION ALL
            SELECT case_id, details->>'to' FROM case_move WHERE move = 'pass_on'
        ) task GROUP BY case_id
    ) said WHERE said.case_id = f.id
    """


def cells_by_grid() -> None:
    """Cells told apart by the grid and community of their reports, as counts are; made from the reports."""
    op.execute("LOCK TABLE report_delta, report_count, report_cell IN ACCESS EXCLUSIVE MODE")
    op.execute("DROP VIEW report_cells")
    op.drop_table("report_cell")
    key = ("jurisdiction", "month", "category", "cell_x", "cell_y", "grid_version", "community_version")
    op.create_table(
        "report_cell",
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("cell_x", sa.Integer(), nullable=False),
        sa.Column("cell_y", sa.Integer(), nullable=False),
        sa.Column("grid_version", sa.BigInteger(), nullable=False),
        sa.Column("community_version", sa.BigInteger(), nullable=False),
        sa.Column("reports", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_report_cell")),
    )
    op.execute(CELLS)


# all reports, less those that are still among the deltas
CELLS = """
    INSERT INTO report_cell
    SELECT jurisdiction, month, category, cell_x, cell_y, grid_version, community_version, sum(reports) FROM (
        SELECT r.jurisdiction, date_trunc('month', r.occurred_at AT TIME ZONE j.time_zone)::date AS month,
               r.category, least(floor((ST_X(geom) + 180) / 360 * 2097152), 2097151)::integer AS cell_x,
               floor((1 - asinh(tan(radians(greatest(least(ST_Y(geom), 85.05), -85.05)))) / pi()) / 2
                     * 2097152)::integer AS cell_y,
               coalesce(r.grid_version, 0) AS grid_version,
               coalesce(r.community_version, 0) AS community_version, count(*) AS reports
        FROM report r JOIN jurisdiction j ON j.code = r.jurisdiction
        WHERE geom IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7
        UNION ALL
        SELECT jurisdiction, month, category, cell_x, cell_y, grid_version, community_version, -reports
        FROM report_delta WHERE cut = 0 AND cell_x IS NOT NULL
    ) counted GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(reports) <> 0
    """

# -- who asks, and what they may see -----------------------------------------------------------------------

ASKER = """
CREATE FUNCTION asker_jurisdiction() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('gridmap.jurisdiction', true), '') $$;

CREATE FUNCTION asker_name() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('gridmap.asker', true), '') $$;

CREATE FUNCTION asker_is(VARIADIC roles text[]) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(string_to_array(current_setting('gridmap.roles', true), ',') && roles, false) $$;

CREATE FUNCTION asker_sees_all() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT asker_is('administrator', 'office') $$;

"""

# As gridmap.people.sight.of_person; −1 stands for everything. Versions of all kinds of area are numbered
# together, so one array holds all that a sight is made of. Whoever moves a report out of their sight by a
# correction sees it, and its case, until that transaction ends.
SIGHT = """
CREATE FUNCTION sight_of(of_jurisdiction text, of_person text, on_day date) RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp
AS $$ BEGIN RETURN (
    SELECT coalesce(array_agg(seen.id ORDER BY seen.id), '{{}}') FROM (
        SELECT -1::bigint AS id FROM duty d
        WHERE d.jurisdiction = of_jurisdiction AND d.person = of_person AND d.valid @> on_day
          AND d.area_kind = 'subdistrict'
        UNION
        SELECT v.id FROM duty d JOIN area_version v ON v.jurisdiction = d.jurisdiction
          AND v.kind = CASE d.area_kind WHEN 'unit' THEN 'building' ELSE d.area_kind END
          AND v.code = CASE d.area_kind WHEN 'unit' THEN regexp_replace(d.area_code, '-[0-9]+$', '')
                                        ELSE d.area_code END
        WHERE d.jurisdiction = of_jurisdiction AND d.person = of_person AND d.valid @> on_day
    ) seen
); END $$;

CREATE FUNCTION asker_today() RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp
AS $$ BEGIN RETURN (
    SELECT (now() AT TIME ZONE j.time_zone)::date FROM jurisdiction j WHERE j.code = asker_jurisdiction()
); END $$;

CREATE FUNCTION sight() RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp
AS $$ BEGIN
    IF asker_sees_all() THEN
        RETURN ARRAY[-1];
    END IF;
    RETURN sight_of(asker_jurisdiction(), nullif(current_setting('gridmap.person', true), ''), asker_today());
END $$;

CREATE FUNCTION sight_of_grids() RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp
AS $$ DECLARE seen bigint[] := sight(); BEGIN RETURN seen || ARRAY(
    SELECT g.id FROM area_version c JOIN area_version g ON g.jurisdiction = c.jurisdiction
      AND g.kind = 'grid' AND g.parent_code = c.code
    WHERE c.id = ANY (seen) AND c.kind = 'community'
); END $$;

CREATE FUNCTION asker_recipients() RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp
AS $$ BEGIN RETURN ARRAY(
    SELECT unnest(ARRAY['post:' || d.post || '@' || d.area_kind || ':' || d.area_code, 'party:' || d.party])
    FROM duty d
    WHERE d.jurisdiction = asker_jurisdiction() AND d.valid @> asker_today()
      AND d.person = nullif(current_setting('gridmap.person', true), '')
); END $$;

CREATE FUNCTION private_categories() RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp
AS $$ BEGIN RETURN ARRAY(
    SELECT c.code FROM category c
    WHERE c.private AND coalesce(c.jurisdiction, asker_jurisdiction()) = asker_jurisdiction()
); END $$;

CREATE FUNCTION corrected_now() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp ROWS 1
AS $$ BEGIN RETURN QUERY
    SELECT c.report_id FROM report_correction c
    WHERE c.recorded_at = now() AND c.jurisdiction = asker_jurisdiction();
END $$;

CREATE FUNCTION handled_cases() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp
AS $$ BEGIN RETURN QUERY
    WITH RECURSIVE corrected AS (
        SELECT l.case_id AS id FROM corrected_now() now (id) JOIN case_report l ON l.report_id = now.id
        UNION
        SELECT f.merged_into FROM case_file f JOIN corrected ON f.id = corrected.id
        WHERE f.merged_into IS NOT NULL
    ), mine AS (
        SELECT f.id FROM case_file f
        WHERE f.jurisdiction = asker_jurisdiction() AND f.recipients && asker_recipients()
        UNION
        SELECT f.id FROM case_file f JOIN mine ON f.merged_into = mine.id
    )
    SELECT mine.id FROM mine UNION SELECT corrected.id FROM corrected;
END $$;

CREATE FUNCTION handled_reports() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp
AS $$ BEGIN RETURN QUERY
    SELECT l.report_id FROM handled_cases() mine (id) JOIN case_report l ON l.case_id = mine.id
    UNION SELECT * FROM corrected_now();
END $$;

CREATE FUNCTION cases_waiting_for(in_jurisdiction text, recipients_asked text[]) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp
ROWS 20 AS $$ BEGIN RETURN QUERY
    SELECT f.id FROM case_file f WHERE f.jurisdiction = in_jurisdiction AND f.waiting_for && recipients_asked;
END $$"""
AS_OWNER = (
    *("sight_of(text, text, date)", "asker_today()", "sight()", "sight_of_grids()", "asker_recipients()"),
    *("private_categories()", "corrected_now()", "handled_cases()", "handled_reports()"),
    "cases_waiting_for(text, text[])",
)

# -- views: they are asked with the rights of whoever asks --------------------------------------------------

VIEWS = {
    "report_counts": """
        SELECT jurisdiction, cut, month, grid_version, community_version, category, method,
               reports, near_edge FROM report_count
        UNION ALL
        SELECT jurisdiction, cut, month, grid_version, community_version, category, method,
               reports, near_edge FROM report_delta
        """,
    "report_cells": """
        SELECT jurisdiction, month, category, cell_x, cell_y, grid_version, community_version, reports
        FROM report_cell
        UNION ALL
        SELECT jurisdiction, month, category, cell_x, cell_y, grid_version, community_version, reports
        FROM report_delta WHERE cut = 0 AND cell_x IS NOT NULL
        """,
}


def views(version: int) -> None:
    """Before PostgreSQL 15 a view is asked with its owner's rights, but not a function that it is made of."""
    op.execute("DROP VIEW report_counts")
    for name, query in VIEWS.items():
        if version >= 150_000:
            op.execute(f"CREATE VIEW {name} WITH (security_invoker = true) AS {query}")
        else:
            columns = query.split("FROM")[0].replace("SELECT", "")
            for statement in by_function(name, query, columns):
                op.execute(statement)
    if version >= 150_000:
        op.execute("ALTER VIEW report_as_sent SET (security_invoker = true)")


TYPES = {
    **dict.fromkeys(("jurisdiction", "category", "method"), "text"),
    **dict.fromkeys(("cut", "grid_version", "community_version", "reports", "near_edge"), "bigint"),
    **dict.fromkeys(("cell_x", "cell_y"), "integer"),
    "month": "date",
}


def by_function(name: str, query: str, columns: str) -> tuple[str, str]:
    """The view over a function that the planner puts its query in the place of, with the asker's rights."""
    returned = ", ".join(f"{each.strip()} {TYPES[each.strip()]}" for each in columns.split(","))
    function = (
        f"CREATE FUNCTION {name}_of_asker() RETURNS TABLE ({returned}) LANGUAGE sql STABLE PARALLEL SAFE"
    )
    return f"{function} AS $$ {query} $$", f"CREATE VIEW {name} AS SELECT * FROM {name}_of_asker()"


# -- policies ----------------------------------------------------------------------------------------------

OWN = "jurisdiction = (SELECT asker_jurisdiction())"
OFFICE = f"{OWN} AND (SELECT asker_sees_all())"
NOBODY_ASKS = "(SELECT asker_jurisdiction()) IS NULL"
SIGHTED = "(SELECT sight())::bigint[]"
PLACE = "grid_version, community_version, compound_version, building_version"
CORRECTING = "(SELECT EXISTS (SELECT FROM corrected_now()))"
OF_REPORT = "EXISTS (SELECT FROM report r WHERE r.id = report_id AND r.occurred_at = {table}.occurred_at)"
# Private are the reports and cases of some categories: they are for the office, and for those who handle
# them. Whoever has or had a task of a case sees that case, wherever it lies.
SEEN = {
    "report": f"""{OWN} AND ((SELECT asker_sees_all())
        OR category <> ALL ((SELECT private_categories())::text[]) AND ARRAY[-1, {PLACE}] && {SIGHTED}
        OR id IN (SELECT mine FROM handled_reports() mine))""",
    "case_file": f"""{OWN} AND ((SELECT asker_sees_all())
        OR NOT private AND ARRAY[-1, {PLACE}] && {SIGHTED}
        OR id IN (SELECT mine FROM handled_cases() mine))""",
    # counts know no compounds and buildings; of private categories only who sees everything has them
    **dict.fromkeys(
        ("report_count", "report_delta", "report_cell"),
        f"""{OWN} AND (-1 = ANY ({SIGHTED})
        OR ARRAY[grid_version, community_version] && {SIGHTED}
           AND category <> ALL ((SELECT private_categories())::text[]))""",
    ),
    **dict.fromkeys(
        ("report_key", "report_correction"),
        f"{OWN} AND ((SELECT asker_sees_all()) OR {OF_REPORT})",
    ),
    "report_cut": f"""(SELECT asker_sees_all())
        AND cut IN (SELECT e.id FROM edition e WHERE e.jurisdiction = asker_jurisdiction()) OR {OF_REPORT}""",
    **dict.fromkeys(
        ("case_move", "case_report", "case_notice"),
        f"{OWN} AND ((SELECT asker_sees_all()) OR EXISTS (SELECT FROM case_file f WHERE f.id = case_id))",
    ),
    "work": f"""{OWN} AND (ARRAY[-1, grid_version] && (SELECT sight_of_grids())::bigint[]
        OR recorded_by = (SELECT asker_name()))""",
    "work_report": "EXISTS (SELECT FROM work w WHERE w.id = work_id)",
    "inspection": f"{OWN} AND (-1 = ANY ({SIGHTED}) OR inspected_by = (SELECT asker_name()))",
    "report_import": f"{OWN} AND -1 = ANY ({SIGHTED})",
    "bulletin_file": "EXISTS (SELECT FROM bulletin b WHERE b.id = bulletin_id)",
    # whom a jurisdiction's people are is for all who work there, and for nobody else
    **dict.fromkeys(
        ("person", "party", "duty", "bulletin", "job", "heat_scale", "heat_scale_past", "inspection_plan"),
        OWN,
    ),
    "people_change": OFFICE,
    # signing in comes before anybody asks; then each has their own, and the office those of its people
    "account": f"{NOBODY_ASKS} OR {OFFICE} OR {OWN} AND 'account:' || login = (SELECT asker_name())",
    "session": f"{NOBODY_ASKS} OR {OFFICE} OR EXISTS (SELECT FROM account a WHERE a.id = account_id)",
    "token": f"{NOBODY_ASKS} OR {OFFICE} OR {OWN} AND 'token:' || name = (SELECT asker_name())",
    "case_checkpoint": "false",
    "case_checkpoint_head": "false",
}
# What requests add and change. Nothing is deleted, and no column changed that is not named here.
ADDED = {
    **{table: SEEN[table] for table in ("case_move", "case_notice", "work_report", "report_correction")},
    "report_delta": f"{OWN} AND {CORRECTING}",
    **dict.fromkeys(("work", "job"), OWN),
    **dict.fromkeys(("heat_scale", "person", "party", "duty", "account", "token"), OFFICE),
    "people_change": f"{NOBODY_ASKS} OR {OWN}",  # what a trigger writes down of what was let through
    "session": NOBODY_ASKS,
}
CHANGED = {
    **{table: SEEN[table] for table in ("case_file", "session", "token")},
    **{table: SEEN[table] for table in ("report", "report_cut")},  # by a correction: see WRITTEN
    **dict.fromkeys(("person", "party", "duty"), OFFICE),
    "account": f"{NOBODY_ASKS} OR {OFFICE}",
}
WRITTEN = {"report": CORRECTING, "report_cut": CORRECTING}  # what must hold besides once it is changed
COLUMNS = {
    "case_file": f"""state, seq, head, changed_at, waiting_for, recipients, supervised, merged_into,
                     category, private, geom, {PLACE}""",
    "report": f"""category, lon, lat, datum, accuracy_m, geom, named_code, method, {PLACE}, edge_distance_m,
                  candidates, needs_review""",
    "report_cut": "grid_version, method, near_edge",
    "account": "name, person, roles, password_hash, password_set_at, disabled_at, recorded_at, recorded_by",
    "session": "seen_at, revoked_at",
    "token": "last_used_at, revoked_at",
    "person": "name, phone, left_on, recorded_at, recorded_by",
    "party": "kind, name, name_en, area_kind, area_code, phone, valid, recorded_at, recorded_by",
    "duty": "valid, recorded_at, recorded_by",
}
OPEN = (
    *("jurisdiction", "edition", "area", "area_version", "place", "place_past", "backdrop", "category"),
    *("post", "work_kind", "case_rules", "calendar_day"),
)
LOADED = ("report", "report_key", "report_delta", "case_file", "case_move", "case_report", "case_notice")


def policies() -> None:
    for table, rule in SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owner_keeps ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)")
        seen = rule.format(table=table)
        op.execute(f"CREATE POLICY seen ON {table} FOR SELECT TO {SERVICE} USING ({seen})")
    for table, rule in ADDED.items():
        added = rule.format(table=table)
        op.execute(f"CREATE POLICY added ON {table} FOR INSERT TO {SERVICE} WITH CHECK ({added})")
    for table, rule in CHANGED.items():
        mine = rule.format(table=table)
        both = f"USING ({mine}) WITH CHECK (({mine}) AND {WRITTEN.get(table, 'true')})"
        op.execute(f"CREATE POLICY changed ON {table} FOR UPDATE TO {SERVICE} {both}")
    for table in LOADED:
        op.execute(f"CREATE POLICY known ON {table} FOR SELECT TO {LOADER} USING (true)")
        op.execute(f"CREATE POLICY loaded ON {table} FOR INSERT TO {LOADER} WITH CHECK (true)")


def rights() -> None:
    seen = [table for table, rule in SEEN.items() if rule != "false"]
    op.execute(f"GRANT SELECT ON {', '.join((*seen, *OPEN, *VIEWS))} TO {SERVICE}")
    op.execute(f"GRANT INSERT ON {', '.join(ADDED)} TO {SERVICE}")
    for table, columns in COLUMNS.items():
        op.execute(f"GRANT UPDATE ({columns}) ON {table} TO {SERVICE}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_attempt TO {SERVICE}")
    # asking for a job and cancelling it, in procrastinate's own tables: they hold no more than its number
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON procrastinate_jobs TO {SERVICE}")
    op.execute(f"GRANT INSERT ON procrastinate_events TO {SERVICE}")
    sequences = "procrastinate_jobs_id_seq, procrastinate_events_id_seq"
    op.execute(f"GRANT USAGE ON SEQUENCE {sequences} TO {SERVICE}")
    op.execute(f"GRANT SELECT, INSERT ON {', '.join(LOADED)} TO {LOADER}")
    op.execute(f"GRANT SELECT ON {', '.join(OPEN)} TO {LOADER}")
