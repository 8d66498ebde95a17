-- Grain: one candidate key. Key: row_key. What would happen to it and why; nothing is sent from here.
-- Three values meet per field: desired (warehouse), acknowledged (what we wrote last) and live (what the CRM holds now).

with live_records as (
  select
    nullif(trim(match_value), '') as match_form,
    case when min(record_id) = max(record_id) then 1 else 2 end as records,
    min(record_id) as record_id,
    max(own_match_value) as own_match_value,
    max(absorbed) as absorbed,
    max(live_plan) as live_plan,
    max(live_health_score) as live_health_score,
    max(live_intent_segment) as live_intent_segment
  from backfeed.snapshot_hubspot_companies
  group by nullif(trim(match_value), '')
),
broken_rows as (
  select row_key, max(case when on_fail <> 'skip' then 1 else 0 end) as quarantines, min(case when on_fail <> 'skip' then rule end) as quarantine_rule, min(rule) as rule
  from backfeed.violations_hubspot_companies
  group by row_key
),
rows_met as (
  select
    staging.*,
    reads.row_key is not null as was_read,
    coalesce(live_records.records, 0) as records,
    live_records.record_id as live_record_id,
    state.crm_id as known_record_id,    live_records.record_id is not null and nullif(trim(live_records.own_match_value), '') is distinct from nullif(trim(reads.match_value), '') as by_alias,    state.disposition as last_disposition,
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
    live_records.live_plan as live_plan,
    coalesce(state.known_plan, false) as remembered_plan,
    coalesce(state.known_plan and (reads.row_key is null or (state.crm_id = live_records.record_id or live_records.absorbed like '%;' || state.crm_id || ';%')), false) as known_plan,
    coalesce(state.unsettled_plan and (state.crm_id is null or live_records.record_id is null or (state.crm_id = live_records.record_id or live_records.absorbed like '%;' || state.crm_id || ';%')), false) as unsettled_plan,
    state.acked_plan as acked_plan,
    live_records.live_health_score as live_health_score,
    coalesce(state.known_health_score, false) as remembered_health_score,
    coalesce(state.known_health_score and (reads.row_key is null or (state.crm_id = live_records.record_id or live_records.absorbed like '%;' || state.crm_id || ';%')), false) as known_health_score,
    coalesce(state.unsettled_health_score and (state.crm_id is null or live_records.record_id is null or (state.crm_id = live_records.record_id or live_records.absorbed like '%;' || state.crm_id || ';%')), false) as unsettled_health_score,
    state.acked_health_score as acked_health_score,
    live_records.live_intent_segment as live_intent_segment,
    coalesce(state.known_intent_segment, false) as remembered_intent_segment,
    coalesce(state.known_intent_segment and (reads.row_key is null or (state.crm_id = live_records.record_id or live_records.absorbed like '%;' || state.crm_id || ';%')), false) as known_intent_segment,
    coalesce(state.unsettled_intent_segment and (state.crm_id is null or live_records.record_id is null or (state.crm_id = live_records.record_id or live_records.absorbed like '%;' || state.crm_id || ';%')), false) as unsettled_intent_segment,
    state.acked_intent_segment as acked_intent_segment
  from backfeed.staging_hubspot_companies as staging
  left join backfeed.known_hubspot_companies as state on state.row_key = staging.row_key
  left join backfeed.reads_hubspot_companies as reads on reads.row_key = staging.row_key
  left join live_records on live_records.match_form = nullif(trim(reads.match_value), '')
  left join broken_rows on broken_rows.row_key = staging.row_key
),
fields_decided as (
  select
    rows_met.*,
    case
    when rows_met.op is null or rows_met.desired_plan is null then 'none'
    when rows_met.op = 'create' then case when rows_met.desired_plan is not null then 'set' else 'none' end
    when trim(rows_met.live_plan) = trim(rows_met.desired_plan) then case when rows_met.known_plan and rows_met.desired_plan is not distinct from rows_met.acked_plan then 'none' else 'adopt' end
    when rows_met.known_plan and rows_met.desired_plan is not distinct from rows_met.acked_plan then 'drift'
    else 'set'

  end as action_plan,
    case
    when rows_met.op is null or rows_met.desired_health_score is null then 'none'
    when rows_met.op = 'create' then case when rows_met.desired_health_score is not null then 'set' else 'none' end
    when case when rows_met.live_health_score like '%.%' then rtrim(rtrim(rows_met.live_health_score, '0'), '.') else rows_met.live_health_score end = case when cast(rows_met.desired_health_score as varchar) like '%.%' then rtrim(rtrim(cast(rows_met.desired_health_score as varchar), '0'), '.') else cast(rows_met.desired_health_score as varchar) end then case when rows_met.known_health_score and rows_met.desired_health_score is not distinct from rows_met.acked_health_score then 'none' else 'adopt' end
    when rows_met.known_health_score and rows_met.desired_health_score is not distinct from rows_met.acked_health_score then 'drift'
    else 'set'

  end as action_health_score,
    case
    when rows_met.op is null or rows_met.desired_intent_segment is null then 'none'
    when rows_met.op = 'create' then case when rows_met.desired_intent_segment is not null then 'set' else 'none' end
    when trim(rows_met.live_intent_segment) = trim(rows_met.desired_intent_segment) then case when rows_met.known_intent_segment and rows_met.desired_intent_segment is not distinct from rows_met.acked_intent_segment then 'none' else 'adopt' end
    when rows_met.known_intent_segment and rows_met.desired_intent_segment is not distinct from rows_met.acked_intent_segment then 'drift'
    else 'set'

  end as action_intent_segment,
case when op = 'update' then count(*) over (partition by live_record_id) else 1 end as claims,
op = 'update' and exists (
      select 1 from backfeed.state_hubspot_companies as other
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
      when action_plan = 'conflict' or action_health_score = 'conflict' or action_intent_segment = 'conflict' or false then 'quarantined'
      when action_plan in ('set', 'clear') or action_health_score in ('set', 'clear') or action_intent_segment in ('set', 'clear') or false then 'send'
      when action_plan = 'held' or action_health_score = 'held' or action_intent_segment = 'held' or false then 'held'
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
      when action_plan = 'conflict' or action_health_score = 'conflict' or action_intent_segment = 'conflict' or false then 'drift_conflict'
      when action_plan = 'held' or action_health_score = 'held' or action_intent_segment = 'held' or false then 'first_contact'    end as reason
  from fields_decided
)
select
  row_key,
  key_hash,
  fingerprint,
  match_value,
  op,  coalesce(by_alias, false) as by_alias,  decision,
  reason,
  case when op = 'update' and decision not in ('quarantined', 'skipped') then live_record_id else known_record_id end as crm_id,
  case when was_read and decision not in ('quarantined', 'skipped') then hash(nullif(trim(match_value), '')) else last_match_hash end as match_hash,
  sent_fingerprint,
  last_disposition,
  last_payload_hash,
  last_mapping_hash,
  next_attempt_at,
  case when (decision = 'quarantined' or decision = 'skipped') and action_plan <> 'conflict' then 'none' else action_plan end as action_plan,
  desired_plan,
  live_plan,
  case when decision in ('quarantined', 'skipped') then remembered_plan else known_plan end as known_plan,
  unsettled_plan,
  acked_plan,
  case when (decision = 'quarantined' or decision = 'skipped') and action_health_score <> 'conflict' then 'none' else action_health_score end as action_health_score,
  desired_health_score,
  live_health_score,
  case when decision in ('quarantined', 'skipped') then remembered_health_score else known_health_score end as known_health_score,
  unsettled_health_score,
  acked_health_score,
  case when (decision = 'quarantined' or decision = 'skipped') and action_intent_segment <> 'conflict' then 'none' else action_intent_segment end as action_intent_segment,
  desired_intent_segment,
  live_intent_segment,
  case when decision in ('quarantined', 'skipped') then remembered_intent_segment else known_intent_segment end as known_intent_segment,
  unsettled_intent_segment,
  acked_intent_segment
from rows_decided

union all
select
  row_key,
  key_hash,
  null,
  null,
  null,  false,  'removed',
  'left_the_model',
  crm_id,
  match_hash,
  sent_fingerprint,
  disposition,
  payload_hash,
  mapping_hash,
  next_attempt_at,
  'none',
  cast(null as varchar),
  cast(null as varchar),
  coalesce(known_plan, false),
  coalesce(unsettled_plan, false),
  acked_plan,
  'none',
  cast(null as bigint),
  cast(null as varchar),
  coalesce(known_health_score, false),
  coalesce(unsettled_health_score, false),
  acked_health_score,
  'none',
  cast(null as varchar),
  cast(null as varchar),
  coalesce(known_intent_segment, false),
  coalesce(unsettled_intent_segment, false),
  acked_intent_segment
from backfeed.known_hubspot_companies
where row_key not in (select row_key from backfeed.staging_hubspot_companies where row_key is not null)
