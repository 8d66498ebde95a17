-- INV-06 Only mapped fields of the warehouse were planned
-- A field that is not in the mapping, or that the CRM owns, is never set or cleared.
select r.sync_name, r.started_at as found_at, {{ checks.row_of('f') }} || ' writes field ' || f.field as finding
from {{ run.ledger.sync_plan_field }} as f
join {{ run.ledger.sync_run }} as r on r.plan_id = f.plan_id
left join {{ run.ledger.sync_mapping }} as m on m.sync_name = r.sync_name and m.mapping_hash = r.mapping_hash and m.field = f.field
where f.action in ('set', 'clear') and (m.field is null or m.owner = 'crm')
