from tenants.roles import role_name


def test_names_carry_database_and_schema():
    assert role_name(database="revisit", schema="acme", kind="run") == "revisit__acme__run"


def test_long_names_stay_apart_and_within_what_postgresql_keeps():
    names = {
        role_name(database=database, schema="x" * 30, kind=kind)
        for database in ("d" * 62 + "1", "d" * 62 + "2", "数" * 20)
        for kind in ("owner", "run")
    }
    assert len(names) == 6
    assert max(len(name.encode()) for name in names) <= 63
    assert all(name.endswith(("__owner", "__run")) for name in names)
