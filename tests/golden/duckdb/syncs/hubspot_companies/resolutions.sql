-- Grain: one unresolved row and what the CRM holds of it now. Key: plan_id, row_no. `outcome` is null where nothing can be said yet.

with live_records as (
  select
    nullif(trim(match_value), '') as match_form,
    case when min(record_id) = max(record_id) then 1 else 2 end as records,
    min(record_id) as record_id,
    max(live_plan) as live_plan,
    max(live_health_score) as live_health_score,
    max(live_intent_segment) as live_intent_segment
  from backfeed.snapshot_hubspot_companies
  group by nullif(trim(match_value), '')
),
sent_fields as (
  select plan_id, row_no,
    max(case when field = 'plan' then action end) as action_plan,
    max(case when field = 'plan' then desired_value end) as sent_plan,
    max(case when field = 'plan' then desired_hash end) as sent_hash_plan,
    max(case when field = 'plan' then before_hash end) as before_hash_plan,
    max(case when field = 'plan' then base_value end) as base_plan,
    max(case when field = 'plan' then case when base_known then 1 else 0 end end) as base_known_plan,
    max(case when field = 'plan' then case when crm_changed then 1 else 0 end end) as crm_changed_plan,
    max(case when field = 'health_score' then action end) as action_health_score,
    max(case when field = 'health_score' then desired_value end) as sent_health_score,
    max(case when field = 'health_score' then desired_hash end) as sent_hash_health_score,
    max(case when field = 'health_score' then before_hash end) as before_hash_health_score,
    max(case when field = 'health_score' then base_value end) as base_health_score,
    max(case when field = 'health_score' then case when base_known then 1 else 0 end end) as base_known_health_score,
    max(case when field = 'health_score' then case when crm_changed then 1 else 0 end end) as crm_changed_health_score,
    max(case when field = 'intent_segment' then action end) as action_intent_segment,
    max(case when field = 'intent_segment' then desired_value end) as sent_intent_segment,
    max(case when field = 'intent_segment' then desired_hash end) as sent_hash_intent_segment,
    max(case when field = 'intent_segment' then before_hash end) as before_hash_intent_segment,
    max(case when field = 'intent_segment' then base_value end) as base_intent_segment,
    max(case when field = 'intent_segment' then case when base_known then 1 else 0 end end) as base_known_intent_segment,
    max(case when field = 'intent_segment' then case when crm_changed then 1 else 0 end end) as crm_changed_intent_segment
  from backfeed.sync_plan_field
  where action in ('set', 'clear') and plan_id in (select plan_id from backfeed.unresolved_hubspot_companies)
  group by plan_id, row_no
),
met as (
  select
    unresolved.*,
    coalesce(live_records.records, 0) as records,
    live_records.record_id,
    live_records.live_plan,
    sent_fields.action_plan,
    sent_fields.sent_plan,
    sent_fields.sent_hash_plan,
    sent_fields.before_hash_plan,
    sent_fields.base_plan,
    sent_fields.base_known_plan,
    sent_fields.crm_changed_plan,
    live_records.live_health_score,
    sent_fields.action_health_score,
    sent_fields.sent_health_score,
    sent_fields.sent_hash_health_score,
    sent_fields.before_hash_health_score,
    sent_fields.base_health_score,
    sent_fields.base_known_health_score,
    sent_fields.crm_changed_health_score,
    live_records.live_intent_segment,
    sent_fields.action_intent_segment,
    sent_fields.sent_intent_segment,
    sent_fields.sent_hash_intent_segment,
    sent_fields.before_hash_intent_segment,
    sent_fields.base_intent_segment,
    sent_fields.base_known_intent_segment,
    sent_fields.crm_changed_intent_segment
  from backfeed.unresolved_hubspot_companies as unresolved
  left join sent_fields on sent_fields.plan_id = unresolved.plan_id and sent_fields.row_no = unresolved.row_no
  left join live_records on live_records.match_form = nullif(trim(unresolved.match_value), '')
),
compared as (
  select
    met.*,
    case
    when met.action_plan is null then null
    when met.action_plan = 'clear' and not coalesce(regexp_matches(met.live_plan, '[^\t-\r ]'), false) then 'sent'
    when met.action_plan = 'set' and coalesce(trim(met.live_plan) = trim(met.sent_plan), false) then 'sent'
    when case when met.live_plan is not null then sha256('salt' || met.live_plan) end is not distinct from met.before_hash_plan then 'before'
    else 'other'
  end as found_plan,
    case
    when met.action_health_score is null then null
    when met.action_health_score = 'clear' and not coalesce(regexp_matches(met.live_health_score, '[^\t-\r ]'), false) then 'sent'
    when met.action_health_score = 'set' and coalesce(case when met.live_health_score like '%.%' then rtrim(rtrim(met.live_health_score, '0'), '.') else met.live_health_score end = case when cast(try_cast(met.sent_health_score as bigint) as varchar) like '%.%' then rtrim(rtrim(cast(try_cast(met.sent_health_score as bigint) as varchar), '0'), '.') else cast(try_cast(met.sent_health_score as bigint) as varchar) end, false) then 'sent'
    when case when met.live_health_score is not null then sha256('salt' || met.live_health_score) end is not distinct from met.before_hash_health_score then 'before'
    else 'other'
  end as found_health_score,
    case
    when met.action_intent_segment is null then null
    when met.action_intent_segment = 'clear' and not coalesce(regexp_matches(met.live_intent_segment, '[^\t-\r ]'), false) then 'sent'
    when met.action_intent_segment = 'set' and coalesce(trim(met.live_intent_segment) = trim(met.sent_intent_segment), false) then 'sent'
    when case when met.live_intent_segment is not null then sha256('salt' || met.live_intent_segment) end is not distinct from met.before_hash_intent_segment then 'before'
    else 'other'
  end as found_intent_segment
  from met
),
counted as (
  select
    compared.*,
    case when found_plan = 'sent' then 1 else 0 end + case when found_health_score = 'sent' then 1 else 0 end + case when found_intent_segment = 'sent' then 1 else 0 end + 0 as found_sent,
    case when found_plan = 'before' then 1 else 0 end + case when found_health_score = 'before' then 1 else 0 end + case when found_intent_segment = 'before' then 1 else 0 end + 0 as found_before,
    case when found_plan = 'other' then 1 else 0 end + case when found_health_score = 'other' then 1 else 0 end + case when found_intent_segment = 'other' then 1 else 0 end + 0 as found_other
  from compared
)
select
  counted.*,
  case
    when records > 1 then null
    when records = 1 and found_before + found_other = 0 then case when found_sent > 0 or op = 'create' then 'succeeded' end
    when is_settled = 0 then null
    when records = 0 then case when op = 'create' then 'retryable' else 'rejected' end
    else 'retryable'
  end as outcome,
  case
    when records = 0 and op = 'update' then 'E-DATA-GONE'
    when records = 1 and op = 'update' and found_sent + found_other = 0 or records = 0 then 'E-RUN-NOT-APPLIED'
    else 'E-RUN-OVERWRITTEN'
  end as code
from counted
