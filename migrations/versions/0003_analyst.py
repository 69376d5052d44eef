"""The role `analyst`, which may read and nothing else.

Roles belong to the whole server, not to one database: another database's migration may have made it already, and the
one who migrates may not be allowed to make roles. Neither stops the migration; what is missing is said in a NOTICE.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None

MAKE_THE_ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'analyst') THEN
        CREATE ROLE analyst NOLOGIN;
        COMMENT ON ROLE analyst IS 'Reads the tables and views of caucasus-watch; granted to the logins of analysts';
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN
        NULL; -- Another database's migration made it at the same moment.
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'role analyst is missing and % may not make it: docs/data.md, "Reading as an analyst", says how', current_user;
END
$$
"""

# Outboxes, and the errors of deliveries, may hold addresses with keys in them: the outboxes are for the services alone,
# of the deliveries all columns but that one are readable. A later revision that makes a table with secrets revokes likewise.
# Only relations of ours are granted: others may live in the same schema, and are not ours to give.
GRANT = """
DO $$
DECLARE
    relation regclass;
    readable text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'analyst') THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO analyst', current_schema());
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT ON TABLES TO analyst', current_schema());
    FOR relation IN
        SELECT oid FROM pg_class
        WHERE relnamespace = quote_ident(current_schema())::regnamespace
            AND relkind IN ('r', 'p', 'v', 'm')
            AND pg_has_role(relowner, 'USAGE')
            AND relname NOT IN ('fetcher_outbox', 'classifier_outbox', 'alerter_outbox', 'deliveries')
    LOOP
        EXECUTE format('GRANT SELECT ON %s TO analyst', relation);
    END LOOP;
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO readable
    FROM pg_attribute
    WHERE attrelid = 'deliveries'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'last_error';
    EXECUTE format('GRANT SELECT (%s) ON deliveries TO analyst', readable);
END
$$
"""

REVOKE = """
DO $$
DECLARE
    relation regclass;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'analyst') THEN
        RETURN;
    END IF;
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I REVOKE SELECT ON TABLES FROM analyst', current_schema());
    FOR relation IN
        SELECT oid FROM pg_class
        WHERE relnamespace = quote_ident(current_schema())::regnamespace
            AND relkind IN ('r', 'p', 'v', 'm')
            AND pg_has_role(relowner, 'USAGE')
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM analyst', relation);
    END LOOP;
    EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM analyst', current_schema());
END
$$
"""


def upgrade() -> None:
    """Make the role where it is missing, and let it read what is here and what comes later."""
    op.execute(MAKE_THE_ROLE)
    op.execute(GRANT)


def downgrade() -> None:
    """Take its rights; the role itself may serve other databases and stays."""
    op.execute(REVOKE)
