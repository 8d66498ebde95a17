-- Grain: one candidate key. Key: row_key. What would happen to it and why; nothing is sent from here.
-- Three values meet per field: desired (warehouse), acknowledged (what we wrote last) and live (what the CRM holds now).

with live_records as (
  select
    nullif(trim(match_value), '') as match_form,
    case when min(record_id) = max(record_id) then 1 else 2 end as records,
    min(record_id) as record_id,
    max(live_lead_score__c) as live_lead_score__c,
    max(live_product_usage_segment__c) as live_product_usage_segment__c
  from backfeed.snapshot_salesforce_contacts
  group by nullif(trim(match_value), '')
),
broken_rows as (
  select row_key, max(case when on_fail <> 'skip' then 1 else 0 end) as quarantines, min(case when on_fail <> 'skip' then rule end) as quarantine_rule, min(rule) as rule
  from backfeed.violations_salesforce_contacts
  group by row_key
),
rows_met as (
  select
    staging.*,
    reads.row_key is not null as was_read,
    coalesce(live_records.records, 0) as records,
    live_records.record_id as live_record_id,
    state.crm_id as known_record_id,    state.disposition as last_disposition,
    state.payload_hash as last_payload_hash,
    state.mapping_hash as last_mapping_hash,
    state.next_attempt_at as next_attempt_at,
    state.sent_fingerprint as sent_fingerprint,
    state.match_hash as last_match_hash,
    broken_rows.row_key is not null or (staging.row_key is null) as is_broken,
    coalesce(broken_rows.quarantines, 1) as quarantines,
    coalesce(broken_rows.quarantine_rule, broken_rows.rule, 'key_not_null') as broken_rule,
    case
      when reads.row_key is null then null
      when coalesce(live_records.records, 0) = 1 then 'update'
      when coalesce(live_records.records, 0) = 0 and false then 'create'
    end as op,
    live_records.live_lead_score__c as live_lead_score__c,
    coalesce(state.known_lead_score__c, false) as remembered_lead_score__c,
    coalesce(state.known_lead_score__c and (reads.row_key is null or state.crm_id = live_records.record_id), false) as known_lead_score__c,
    coalesce(state.unsettled_lead_score__c and (state.crm_id is null or live_records.record_id is null or state.crm_id = live_records.record_id), false) as unsettled_lead_score__c,
    state.acked_lead_score__c as acked_lead_score__c,
    live_records.live_product_usage_segment__c as live_product_usage_segment__c,
    coalesce(state.known_product_usage_segment__c, false) as remembered_product_usage_segment__c,
    coalesce(state.known_product_usage_segment__c and (reads.row_key is null or state.crm_id = live_records.record_id), false) as known_product_usage_segment__c,
    coalesce(state.unsettled_product_usage_segment__c and (state.crm_id is null or live_records.record_id is null or state.crm_id = live_records.record_id), false) as unsettled_product_usage_segment__c,
    state.acked_product_usage_segment__c as acked_product_usage_segment__c
  from backfeed.staging_salesforce_contacts as staging
  left join backfeed.known_salesforce_contacts as state on state.row_key = staging.row_key
  left join backfeed.reads_salesforce_contacts as reads on reads.row_key = staging.row_key
  left join live_records on live_records.match_form = nullif(trim(reads.match_value), '')
  left join broken_rows on broken_rows.row_key = staging.row_key
),
fields_decided as (
  select
    rows_met.*,
    case
    when rows_met.op is null or rows_met.desired_lead_score__c is null then 'none'
    when rows_met.op = 'create' then case when rows_met.desired_lead_score__c is not null then 'set' else 'none' end
    when case when rows_met.live_lead_score__c like '%.%' then rtrim(rtrim(rows_met.live_lead_score__c, '0'), '.') else rows_met.live_lead_score__c end = case when cast(rows_met.desired_lead_score__c as text) like '%.%' then rtrim(rtrim(cast(rows_met.desired_lead_score__c as text), '0'), '.') else cast(rows_met.desired_lead_score__c as text) end then case when rows_met.known_lead_score__c and rows_met.desired_lead_score__c is not distinct from rows_met.acked_lead_score__c then 'none' else 'adopt' end
    when rows_met.known_lead_score__c and rows_met.desired_lead_score__c is not distinct from rows_met.acked_lead_score__c then 'drift'
    else 'set'

  end as action_lead_score__c,
    case
    when rows_met.op is null or rows_met.desired_product_usage_segment__c is null then 'none'
    when rows_met.op = 'create' then case when rows_met.desired_product_usage_segment__c is not null then 'set' else 'none' end
    when trim(rows_met.live_product_usage_segment__c) = trim(rows_met.desired_product_usage_segment__c) then case when rows_met.known_product_usage_segment__c and rows_met.desired_product_usage_segment__c is not distinct from rows_met.acked_product_usage_segment__c then 'none' else 'adopt' end
    when rows_met.known_product_usage_segment__c and rows_met.desired_product_usage_segment__c is not distinct from rows_met.acked_product_usage_segment__c then 'drift'
    else 'set'

  end as action_product_usage_segment__c,
case when op = 'update' then count(*) over (partition by live_record_id) else 1 end as claims,
op = 'update' and exists (
      select 1 from backfeed.state_salesforce_contacts as other
      where other.crm_id = rows_met.live_record_id and other.row_key <> rows_met.row_key and other.disposition <> 'removed'
    ) as is_claimed
  from rows_met
),
rows_decided as (
  select
    fields_decided.*,
    case
      when is_broken then case when quarantines = 1 then 'quarantined' else 'skipped' end
      when not was_read then 'noop'
      when records > 1 then 'quarantined'
      when claims > 1 or is_claimed then 'quarantined'
      when op is null then 'skipped'
      when op = 'create' and known_record_id is not null then 'quarantined'
      when op = 'create' and (false) then 'quarantined'
      when op = 'create' then 'send'
      when action_lead_score__c = 'conflict' or action_product_usage_segment__c = 'conflict' or false then 'quarantined'
      when action_lead_score__c in ('set', 'clear') or action_product_usage_segment__c in ('set', 'clear') or false then 'send'
      when action_lead_score__c = 'held' or action_product_usage_segment__c = 'held' or false then 'held'
      else 'noop'
    end as decision,
    case
      when is_broken then broken_rule
      when not was_read then null
      when records > 1 then 'match_ambiguous'
      when claims > 1 or is_claimed then 'match_claimed_twice'
      when op is null then 'record_not_found'
      when op = 'create' and known_record_id is not null then 'record_gone'
      when op = 'create' and (false) then 'required_on_create'
      when action_lead_score__c = 'conflict' or action_product_usage_segment__c = 'conflict' or false then 'drift_conflict'
      when action_lead_score__c = 'held' or action_product_usage_segment__c = 'held' or false then 'first_contact'    end as reason
  from fields_decided
)
select
  row_key,
  key_hash,
  fingerprint,
  match_value,
  op,  decision,
  reason,
  case when op = 'update' and decision not in ('quarantined', 'skipped') then live_record_id else known_record_id end as crm_id,
  case when was_read and decision not in ('quarantined', 'skipped') then hash_record_extended(row(nullif(trim(match_value), '')), 0) else last_match_hash end as match_hash,
  sent_fingerprint,
  last_disposition,
  last_payload_hash,
  last_mapping_hash,
  next_attempt_at,
  case when (decision = 'quarantined' or decision = 'skipped') and action_lead_score__c <> 'conflict' then 'none' else action_lead_score__c end as action_lead_score__c,
  desired_lead_score__c,
  live_lead_score__c,
  case when decision in ('quarantined', 'skipped') then remembered_lead_score__c else known_lead_score__c end as known_lead_score__c,
  unsettled_lead_score__c,
  acked_lead_score__c,
  case when (decision = 'quarantined' or decision = 'skipped') and action_product_usage_segment__c <> 'conflict' then 'none' else action_product_usage_segment__c end as action_product_usage_segment__c,
  desired_product_usage_segment__c,
  live_product_usage_segment__c,
  case when decision in ('quarantined', 'skipped') then remembered_product_usage_segment__c else known_product_usage_segment__c end as known_product_usage_segment__c,
  unsettled_product_usage_segment__c,
  acked_product_usage_segment__c
from rows_decided

union all
select
  row_key,
  key_hash,
  null,
  null,
  null,  'removed',
  'left_the_model',
  crm_id,
  match_hash,
  sent_fingerprint,
  disposition,
  payload_hash,
  mapping_hash,
  next_attempt_at,
  'none',
  cast(null as bigint),
  cast(null as text),
  coalesce(known_lead_score__c, false),
  coalesce(unsettled_lead_score__c, false),
  acked_lead_score__c,
  'none',
  cast(null as text),
  cast(null as text),
  coalesce(known_product_usage_segment__c, false),
  coalesce(unsettled_product_usage_segment__c, false),
  acked_product_usage_segment__c
from backfeed.known_salesforce_contacts
where row_key not in (select row_key from backfeed.staging_salesforce_contacts where row_key is not null)
