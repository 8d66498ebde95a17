-- INV-01 One key has one record made by us
-- A key with two created records is a duplicate in the CRM.
select sync_name, max(logged_at) as found_at, 'key ' || row_key || ' has ' || {{ sql.cast('count(distinct crm_id)', {kind: 'text'}) }} || ' created records' as finding
from {{ run.ledger.sync_identity }}
where how = 'created'
group by sync_name, org_id, object, row_key
having count(distinct crm_id) > 1
