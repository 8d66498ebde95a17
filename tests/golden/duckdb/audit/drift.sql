-- Grain: one field that the CRM changed after it was written and that a plan therefore met with another value. Key: run_id, row_no, field.
select f.run_id, f.sync_name, f.row_no, f.row_key, f.crm_id, f.field, f.base_value as written_value, f.before_value as crm_value, f.action, case when f.action = 'drift' then 'left alone' else 'overwritten' end as decision, f.planned_at
from backfeed_audit.field_changes as f
where f.action = 'drift' or f.crm_changed and f.action in ('set', 'clear')
