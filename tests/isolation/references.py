"""What in a chain's schema refers outside it, as the catalogue tells."""

from tenants.postgresql_backend.current import connection

# PostgreSQL's own, and the extensions that every chain shares.
ALLOWED = ["pg_catalog", "pg_toast", "information_schema", "ext"]
_DEPENDENCIES = """
WITH object (classid, objid, name, namespace) AS (
    SELECT 'pg_class'::regclass, oid, relname::text, relnamespace FROM pg_class
    UNION ALL SELECT 'pg_type'::regclass, oid, typname, typnamespace FROM pg_type
    UNION ALL SELECT 'pg_proc'::regclass, oid, proname, pronamespace FROM pg_proc
    UNION ALL SELECT 'pg_operator'::regclass, oid, oprname, oprnamespace FROM pg_operator
    UNION ALL SELECT 'pg_opclass'::regclass, oid, opcname, opcnamespace FROM pg_opclass
    UNION ALL SELECT 'pg_collation'::regclass, oid, collname, collnamespace FROM pg_collation
    UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgname, cfgnamespace FROM pg_ts_config
    UNION ALL SELECT 'pg_constraint'::regclass, oid, conname, connamespace FROM pg_constraint
    UNION ALL SELECT 'pg_namespace'::regclass, oid, nspname, oid FROM pg_namespace
    UNION ALL SELECT 'pg_attrdef'::regclass, d.oid, 'default of ' || relname, relnamespace
              FROM pg_attrdef d JOIN pg_class c ON c.oid = adrelid
    UNION ALL SELECT 'pg_rewrite'::regclass, r.oid, 'view ' || relname, relnamespace
              FROM pg_rewrite r JOIN pg_class c ON c.oid = ev_class
    UNION ALL SELECT 'pg_trigger'::regclass, t.oid, tgname, relnamespace
              FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
    UNION ALL SELECT 'pg_policy'::regclass, p.oid, polname, relnamespace
              FROM pg_policy p JOIN pg_class c ON c.oid = polrelid)
SELECT DISTINCT o.name, n.nspname || '.' || r.name
FROM pg_depend d
JOIN object o ON (o.classid, o.objid) = (d.classid, d.objid)
JOIN object r ON (r.classid, r.objid) = (d.refclassid, d.refobjid)
JOIN pg_namespace n ON n.oid = r.namespace
WHERE o.namespace = %(schema)s::text::regnamespace
  AND NOT (n.nspname = %(schema)s::text OR n.nspname = ANY(%(allowed)s::text[]))
ORDER BY 1, 2"""
# A function's body is text to the catalogue, and so is a search path of its own.
_BODIES = """
SELECT p.proname, n.nspname FROM pg_proc p, pg_namespace n
WHERE p.pronamespace = %(schema)s::text::regnamespace
  AND NOT (n.nspname = %(schema)s::text OR n.nspname = ANY(%(allowed)s::text[]))
  AND p.prosrc || coalesce(array_to_string(p.proconfig, ' '), '') ~ ('\\m' || n.nspname || '"?(\\.|,|\\Z|\\s)')
ORDER BY 1, 2"""


def outside_references(schema: str) -> list[tuple[str, str]]:
    """Each object of the schema that needs one elsewhere, and that one."""
    with connection().cursor() as cursor:
        found = []
        for query in (_DEPENDENCIES, _BODIES):
            cursor.execute(query, {"schema": schema, "allowed": ALLOWED})
            found += cursor.fetchall()
        return found
