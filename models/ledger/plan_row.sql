-- Grain: one candidate key of a plan. Appended before the header, so that a plan without a header never counts.
{{ config(materialized='append', into=run.ledger.sync_plan_row, columns=['plan_id', 'row_no', 'change_id', 'row_key', 'op', 'crm_id', 'decision', 'reason', 'batch_no', 'payload_hash', 'body_hash', 'before_captured', 'match_value', 'key_hash', 'fingerprint']) }}
select plan_id, seq, change_id, row_key, op, crm_id, decision, reason, batch_no, payload_hash, {{ sql.md5('body') }}, op is not null,
  {{ policies.audit_value('match_value', sync.match.keep) }}, {{ sql.cast('key_hash', {kind: 'text'}) }}, {{ sql.cast('fingerprint', {kind: 'text'}) }}
from {{ sync.work.changes }}
