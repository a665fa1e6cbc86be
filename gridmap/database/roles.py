"""The roles that the database is used as, besides that of its owner, who made the tables.

`gridmap_service` answers requests: it sees what the policies of migration 0010 let whoever asks see, and
nothing while nobody is said to ask. `gridmap_loader` adds what comes in, one by one or as files: it changes
and deletes nothing. Both own nothing. They are of the whole server, shared by all databases on it.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import URL, Connection

from gridmap.errors import DatabaseUnavailable

SERVICE, LOADER = "gridmap_service", "gridmap_loader"
ROLES = (SERVICE, LOADER)

_STAND = sa.text(
    """
    SELECT coalesce(bool_and(r.oid IS NOT NULL), false), current_user,
           coalesce(bool_and(r.oid IS NOT NULL AND pg_has_role(current_user, r.oid, 'MEMBER')), false)
    FROM unnest(CAST(:roles AS text[])) wanted (name) LEFT JOIN pg_roles r ON r.rolname = wanted.name
    """
)
# Another database of the server may be about it too: it waits for that, and then there is the role.
_MAKE = """
    DO $$
    BEGIN
        CREATE ROLE {role} NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
    """
_BARE = sa.text(
    """
    SELECT p.oid::regprocedure::text FROM pg_proc p
    WHERE p.oid = to_regprocedure('geometry_overlaps(geometry, geometry)') AND NOT p.proleakproof
      AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
    """
)
# Another database of the server may be about it too: then that has done it.
_SPARE = """
    DO $$
    BEGIN
        IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
           AND NOT (SELECT rolbypassrls FROM pg_roles WHERE rolname = '{role}') THEN
            ALTER ROLE {role} BYPASSRLS;
        END IF;
    EXCEPTION WHEN internal_error THEN NULL;  -- "tuple concurrently updated"
    END $$
    """
NO_RIGHT = "42501"


def ensure(connection: Connection) -> None:
    """Make the roles where they are missing, and let whoever opens the database act as them.

    Raises DatabaseUnavailable with what an administrator must run where that is not ours to do.
    """
    there, user, ours = connection.execute(_STAND, {"roles": list(ROLES)}).one()
    if there and ours:
        return
    try:
        with connection.begin_nested():
            for role in ROLES:
                connection.exec_driver_sql(_MAKE.format(role=role))
            connection.exec_driver_sql(f"GRANT {', '.join(ROLES)} TO CURRENT_USER")
    except sa.exc.ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != NO_RIGHT:
            raise
        make = "" if there else "".join(f" CREATE ROLE {role};" for role in ROLES)
        raise DatabaseUnavailable(
            f"the database user {user} may not make the roles that gridmap serves as; let an administrator"
            f' run{make} GRANT {", ".join(ROLES)} TO "{user}";'
        ) from None


def let_in(connection: Connection) -> None:
    """Let both log in themselves: for a server that only we can reach."""
    query = sa.text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:roles) AND NOT rolcanlogin")
    for role in connection.scalars(query, {"roles": list(ROLES)}).all():
        connection.exec_driver_sql(f"ALTER ROLE {role} LOGIN")


def trust_boxes(connection: Connection) -> None:
    """Say of PostGIS's && that it tells nothing of what it compares but whether the boxes meet.

    PostGIS does not say so itself, and then a policy keeps the index of places from being used. Only a
    superuser may, so on a server of somebody else's tiles take longer until its administrator does.
    """
    for function in connection.scalars(_BARE).all():
        connection.exec_driver_sql(f"ALTER FUNCTION {function} LEAKPROOF")


def spare_loader(connection: Connection) -> None:
    """Let no policy hold for the loader: PostgreSQL refuses COPY where any does. Its own let it see and add
    all of the tables that it fills; what it may do is what it is granted, as before.

    Only a superuser may; elsewhere its rows take the way round of copying.copy_rows.
    """
    connection.exec_driver_sql(_SPARE.format(role=LOADER))


def login_as(url: str, role: str) -> URL:
    """The same database, logging in as a role that was let in."""
    return sa.make_url(url).set(username=role, password=None)
