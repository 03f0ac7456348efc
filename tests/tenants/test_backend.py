from core.shared.chain import current_chain


def test_a_test_runs_inside_its_chain(chain, hq_client, manager_client, other_client):
    assert current_chain().currency == "CNY"
