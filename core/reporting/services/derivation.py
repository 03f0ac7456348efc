"""The SQL that derives facts from visits, written from the words of the metric dictionary.

Every statement starts with a relation `affected(client_id)`: the clients whose facts are made anew.
"""

ONE_BY_ONE = "SELECT unnest(%s::bigint[]) AS client_id"


def from_table(table: str) -> str:
    """The clients of a table of ours (its name is never input)."""
    return f"SELECT client_id FROM {table}"  # noqa: S608


COLUMNS = (
    "client_id, store_id, category_id, day, location_id, lead_category_id, staff_id, member_tier_id, "
    "is_lead, is_first_visit, is_first_purchase, is_chain_purchase, is_store_purchase, "
    "chain_visit_prev, chain_visit_next, chain_visit_next_location_id, "
    "chain_purchase_prev, chain_purchase_next, chain_purchase_next_location_id, "
    "store_visit_prev, store_visit_next, store_purchase_prev, store_purchase_next, staff_next"
)

# `line`: kept lines, numbered so that the first line of the first visit of any day has the day's lowest position.
# `grouped`: visit days at a store, for all categories and for each; `lead` is its first line.
# `dated`: which row leads the client's day, and whether the day is a purchase day.
DERIVE = """
    store_rank AS (
        SELECT id, row_number() OVER (ORDER BY code COLLATE "C") AS rank FROM stores_store
    ), line AS MATERIALIZED (
        SELECT v.client_id, v.store_id, v.day, l.category_id, l.staff_id,
               CASE WHEN l.paid_by_card THEN 0 ELSE l.amount END AS paid,
               row_number() OVER (ORDER BY v.client_id, v.day, v.start_time, r.rank, v.id, l.id) AS position
        FROM affected a
        JOIN visits_visit v ON v.client_id = a.client_id
        JOIN visits_visitline l ON l.visit_id = v.id
        JOIN store_rank r ON r.id = v.store_id
        WHERE v.voided_at IS NULL AND l.quantity > 0
    ), grouped AS (
        SELECT client_id, day, store_id, category_id, sum(paid) AS paid,
               min(ARRAY[position, category_id, staff_id]) AS lead
        FROM line
        GROUP BY GROUPING SETS ((client_id, day, store_id), (client_id, day, store_id, category_id))
    ), location AS (
        SELECT id, store_id, valid_from,
               lead(valid_from, 1, 'infinity') OVER (PARTITION BY store_id ORDER BY valid_from) AS valid_to
        FROM stores_storelocation
    ), tier AS (
        SELECT t.client_id, t.tier_id, t.valid_from,
               lead(t.valid_from, 1, 'infinity') OVER (PARTITION BY t.client_id ORDER BY t.valid_from) AS valid_to
        FROM membership_clienttier t JOIN affected USING (client_id)
    ), served AS (
        SELECT client_id, staff_id, day,
               lead(day) OVER (PARTITION BY client_id, staff_id ORDER BY day) AS next_day
        FROM (SELECT DISTINCT client_id, staff_id, day FROM line WHERE staff_id IS NOT NULL) AS days
    ), dated AS (
        SELECT g.client_id, g.store_id, g.category_id, g.day, location.id AS location_id,
               g.lead[2] AS lead_category_id, g.lead[3] AS staff_id, tier.tier_id AS member_tier_id,
               g.lead[1] = min(g.lead[1]) OVER same_day AS is_lead,
               sum(g.paid) OVER same_day > 0 AS is_chain_purchase,
               g.paid > 0 AS is_store_purchase
        FROM grouped g
        JOIN location ON location.store_id = g.store_id AND g.day >= location.valid_from AND g.day < location.valid_to
        LEFT JOIN tier ON tier.client_id = g.client_id AND g.day >= tier.valid_from AND g.day < tier.valid_to
        WINDOW same_day AS (PARTITION BY g.client_id, g.category_id, g.day)
    ), streamed AS (
        SELECT d.client_id, d.store_id, d.category_id, d.day, d.location_id, d.lead_category_id, d.staff_id,
               d.member_tier_id, d.is_lead,
               d.day = min(d.day) OVER whole AS is_first_visit,
               coalesce(d.day = min(d.day) FILTER (WHERE d.category_id IS NULL AND d.is_lead AND d.is_chain_purchase)
                                OVER whole, false) AS is_first_purchase,
               d.is_chain_purchase, d.is_store_purchase,
               CASE WHEN d.is_lead THEN lag(d.day) OVER chain_visit END AS chain_visit_prev,
               CASE WHEN d.is_lead THEN lead(d.day) OVER chain_visit END AS chain_visit_next,
               CASE WHEN d.is_lead THEN lead(d.location_id) OVER chain_visit END AS chain_visit_next_location_id,
               CASE WHEN d.is_lead AND d.is_chain_purchase THEN lag(d.day) OVER chain_purchase END
                   AS chain_purchase_prev,
               CASE WHEN d.is_lead AND d.is_chain_purchase THEN lead(d.day) OVER chain_purchase END
                   AS chain_purchase_next,
               CASE WHEN d.is_lead AND d.is_chain_purchase THEN lead(d.location_id) OVER chain_purchase END
                   AS chain_purchase_next_location_id,
               lag(d.day) OVER store_visit AS store_visit_prev,
               lead(d.day) OVER store_visit AS store_visit_next,
               CASE WHEN d.is_store_purchase THEN lag(d.day) OVER store_purchase END AS store_purchase_prev,
               CASE WHEN d.is_store_purchase THEN lead(d.day) OVER store_purchase END AS store_purchase_next
        FROM dated d
        WINDOW whole AS (PARTITION BY d.client_id),
            chain_visit AS (PARTITION BY d.client_id, d.category_id, d.is_lead ORDER BY d.day),
            chain_purchase AS (
                PARTITION BY d.client_id, d.category_id, d.is_lead, d.is_chain_purchase ORDER BY d.day),
            store_visit AS (PARTITION BY d.client_id, d.category_id, d.store_id ORDER BY d.day),
            store_purchase AS (
                PARTITION BY d.client_id, d.category_id, d.store_id, d.is_store_purchase ORDER BY d.day)
    ), derived AS (
        SELECT s.*, served.next_day AS staff_next
        FROM streamed s
        LEFT JOIN served ON served.client_id = s.client_id AND served.staff_id = s.staff_id AND served.day = s.day
    )
"""
