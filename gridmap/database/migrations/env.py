"""Alembic's entry: runs on the connection that `migrations.upgrade` hands over."""

from alembic import context
from geoalchemy2 import alembic_helpers

from gridmap.database.tables import metadata


def include_object(obj, name, kind, reflected, compare_to):  # type: ignore[no-untyped-def]
    """Leave PostGIS's and procrastinate's tables and the monthly partitions of `report` to their makers."""
    if kind == "table" and reflected and name.startswith(("report_2", "procrastinate_")):
        return False
    # what PostgreSQL adds for each of them to a foreign key that refers to `report`
    if (
        kind == "foreign_key_constraint"
        and reflected
        and obj.elements[0].target_fullname.startswith("report_2")
    ):
        return False
    return alembic_helpers.include_object(obj, name, kind, reflected, compare_to)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_object=include_object,
    render_item=alembic_helpers.render_item,
)
with context.begin_transaction():
    context.run_migrations()
