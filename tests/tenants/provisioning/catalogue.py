"""All there is in a chain's schema, in a form that two chains can be compared by."""

from typing import Any

from tenants.postgresql_backend.current import connection

QUERIES = {
    "relations": """
        SELECT c.relname, c.relkind, c.relpersistence, c.reloptions, pg_get_userbyid(c.relowner),
               (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(c.relacl) a), obj_description(c.oid, 'pg_class')
        FROM pg_class c WHERE c.relnamespace = %(schema)s::regnamespace ORDER BY 1""",
    "columns": r"""
        SELECT c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
               a.attgenerated, pg_get_expr(d.adbin, d.adrelid), a.attcollation::regcollation::text,
               -- The options a column can be given; a server build may stamp more of its own there.
               (SELECT array_agg(o ORDER BY o) FROM unnest(a.attoptions) o WHERE o LIKE 'n\_distinct%%')
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = %(schema)s::regnamespace ORDER BY 1, 2""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = %(schema)s ORDER BY 1, 2",
    "constraints": """
        SELECT conrelid::regclass::text, conname, contype, condeferrable, condeferred, convalidated,
               pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = %(schema)s::regnamespace ORDER BY 1, 2""",
    "sequences": """
        SELECT sequencename, data_type::text, start_value, increment_by, cycle
        FROM pg_sequences WHERE schemaname = %(schema)s ORDER BY 1""",
    "functions": """
        SELECT proname, pg_get_functiondef(oid), pg_get_userbyid(proowner) FROM pg_proc
        WHERE pronamespace = %(schema)s::regnamespace ORDER BY 1""",
    "triggers": """
        SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = %(schema)s::regnamespace AND NOT t.tgisinternal ORDER BY 1, 2""",
    "default rights": """
        SELECT defaclobjtype, (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(defaclacl) a)
        FROM pg_default_acl WHERE defaclnamespace = %(schema)s::regnamespace ORDER BY 1""",
    "schema": """
        SELECT pg_get_userbyid(nspowner), (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(nspacl) a)
        FROM pg_namespace WHERE oid = %(schema)s::regnamespace""",
}


def catalogue(schema: str) -> dict[str, Any]:
    """Structure, rights and rows; where the schema's own name occurs, `<schema>` stands."""
    with connection().as_login():
        found = {name: [_neutral(row, schema) for row in _rows(query, schema)] for name, query in QUERIES.items()}
    tables = [row[0] for row in found["relations"] if row[1] == "r"]
    counters = {
        name: _rows(f'SELECT last_value, is_called FROM "{schema}"."{name}"', schema)
        for name, *_kind in found["sequences"]
    }
    return {**found, "counters": counters, "rows": {table: _table_rows(schema, table) for table in tables}}


def _rows(query: str, schema: str) -> list[tuple[Any, ...]]:
    with connection().cursor() as cursor:
        cursor.execute(query, {"schema": schema})
        return cursor.fetchall()


def _table_rows(schema: str, table: str) -> list[Any]:
    """Migrations bear the time they were run at; they are compared without it, and as a set."""
    if table == "django_migrations":
        return sorted(_rows(f'SELECT app, name FROM "{schema}".django_migrations', schema))
    return _rows(f'SELECT to_jsonb(t) FROM "{schema}"."{table}" t ORDER BY to_jsonb(t)::text', schema)


def _neutral(value: Any, schema: str) -> Any:
    if isinstance(value, str):
        return value.replace(schema, "<schema>")
    if isinstance(value, (list, tuple)):
        return [_neutral(one, schema) for one in value]
    return value
