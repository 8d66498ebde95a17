-- INV-02 One record belongs to one key
-- Two keys that write to one record overwrite each other for ever.
with last_links as (
  select org_id, object, sync_name, row_key, crm_id, logged_at
  from (
    select link.*, row_number() over (partition by org_id, object, sync_name, row_key order by logged_at desc, run_id desc) as place
    from {{ run.ledger.sync_identity }} as link
  ) as ranked
  where place = 1
),
{{ checks.states() }}
select last_links.sync_name, max(last_links.logged_at) as found_at, 'record ' || last_links.crm_id || ' is claimed by ' || {{ sql.cast('count(distinct last_links.row_key)', {kind: 'text'}) }} || ' keys' as finding
from last_links
left join states on states.sync_name = last_links.sync_name and states.row_key = last_links.row_key
where coalesce(states.disposition, 'unknown') <> 'removed'
group by last_links.sync_name, last_links.org_id, last_links.object, last_links.crm_id
having count(distinct last_links.row_key) > 1
