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
    max(live_intent_segment) as live_intent_segment,
    max(live_person_key) as live_person_key,
    max(live_firstname) as live_firstname,
    max(live_lastname) as live_lastname,
    max(live_phone) as live_phone
  from backfeed.snapshot_hubspot_contacts
  group by nullif(trim(match_value), '')
),
broken_rows as (
  select row_key, max(case when on_fail <> 'skip' then 1 else 0 end) as quarantines, min(case when on_fail <> 'skip' then rule end) as quarantine_rule, min(rule) as rule
  from backfeed.violations_hubspot_contacts
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
      when coalesce(live_records.records, 0) = 0 then 'create'
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
    state.acked_intent_segment as acked_intent_segment,
    live_records.live_person_key as live_person_key,
    coalesce(state.known_person_key, false) as remembered_person_key,
    coalesce(state.known_person_key and (reads.row_key is null or (state.crm_id = live_records.record_id or live_records.absorbed like '%;' || state.crm_id || ';%')), false) as known_person_key,
    coalesce(state.unsettled_person_key and (state.crm_id is null or live_records.record_id is null or (state.crm_id = live_records.record_id or live_records.absorbed like '%;' || state.crm_id || ';%')), false) as unsettled_person_key,
    state.acked_person_key as acked_person_key,
    live_records.live_firstname as live_firstname,
    coalesce(state.known_firstname, false) as remembered_firstname,
    coalesce(state.known_firstname and (reads.row_key is null or (state.crm_id = live_records.record_id or live_records.absorbed like '%;' || state.crm_id || ';%')), false) as known_firstname,
    coalesce(state.unsettled_firstname and (state.crm_id is null or live_records.record_id is null or (state.crm_id = live_records.record_id or live_records.absorbed like '%;' || state.crm_id || ';%')), false) as unsettled_firstname,
    state.acked_firstname as acked_firstname,
    live_records.live_lastname as live_lastname,
    coalesce(state.known_lastname, false) as remembered_lastname,
    coalesce(state.known_lastname and (reads.row_key is null or (state.crm_id = live_records.record_id or live_records.absorbed like '%;' || state.crm_id || ';%')), false) as known_lastname,
    coalesce(state.unsettled_lastname and (state.crm_id is null or live_records.record_id is null or (state.crm_id = live_records.record_id or live_records.absorbed like '%;' || state.crm_id || ';%')), false) as unsettled_lastname,
    state.acked_lastname as acked_lastname,
    live_records.live_phone as live_phone,
    coalesce(state.known_phone, false) as remembered_phone,
    coalesce(state.known_phone and (reads.row_key is null or (state.crm_id = live_records.record_id or live_records.absorbed like '%;' || state.crm_id || ';%')), false) as known_phone,
    coalesce(state.unsettled_phone and (state.crm_id is null or live_records.record_id is null or (state.crm_id = live_records.record_id or live_records.absorbed like '%;' || state.crm_id || ';%')), false) as unsettled_phone,
    state.acked_phone as acked_phone
  from backfeed.staging_hubspot_contacts as staging
  left join backfeed.known_hubspot_contacts as state on state.row_key = staging.row_key
  left join backfeed.reads_hubspot_contacts as reads on reads.row_key = staging.row_key
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
    case
    when rows_met.op is null or rows_met.desired_person_key is null then 'none'
    when rows_met.op = 'create' then case when rows_met.desired_person_key is not null then 'set' else 'none' end
    when trim(rows_met.live_person_key) = trim(rows_met.desired_person_key) then case when rows_met.known_person_key and rows_met.desired_person_key is not distinct from rows_met.acked_person_key then 'none' else 'adopt' end
    when rows_met.known_person_key and rows_met.desired_person_key is not distinct from rows_met.acked_person_key then 'drift'
    else 'set'

  end as action_person_key,
    case
    when rows_met.op is null or rows_met.desired_firstname is null then 'none'
    when rows_met.op = 'create' then case when rows_met.desired_firstname is not null then 'set' else 'none' end
    else 'none'

  end as action_firstname,
    case
    when rows_met.op is null or rows_met.desired_lastname is null then 'none'
    when rows_met.op = 'create' then case when rows_met.desired_lastname is not null then 'set' else 'none' end
    else 'none'

  end as action_lastname,
    case
    when rows_met.op is null or rows_met.desired_phone is null then 'none'
    when rows_met.op = 'create' then case when rows_met.desired_phone is not null then 'set' else 'none' end
    when trim(rows_met.live_phone) = trim(rows_met.desired_phone) then case when rows_met.known_phone and rows_met.desired_phone is not distinct from rows_met.acked_phone then 'none' else 'adopt' end
    when rows_met.known_phone and rows_met.desired_phone is not distinct from rows_met.acked_phone then 'drift'
    when not (not coalesce(regexp_matches(rows_met.live_phone, '[^\t-\r ]'), false)) then 'kept'
    else 'set'

  end as action_phone,
case when op = 'update' then count(*) over (partition by live_record_id) else 1 end as claims,
op = 'update' and exists (
      select 1 from backfeed.state_hubspot_contacts as other
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
      when action_plan = 'conflict' or action_health_score = 'conflict' or action_intent_segment = 'conflict' or action_person_key = 'conflict' or action_firstname = 'conflict' or action_lastname = 'conflict' or action_phone = 'conflict' or false then 'quarantined'
      when action_plan in ('set', 'clear') or action_health_score in ('set', 'clear') or action_intent_segment in ('set', 'clear') or action_person_key in ('set', 'clear') or action_firstname in ('set', 'clear') or action_lastname in ('set', 'clear') or action_phone in ('set', 'clear') or false then 'send'
      when action_plan = 'held' or action_health_score = 'held' or action_intent_segment = 'held' or action_person_key = 'held' or action_firstname = 'held' or action_lastname = 'held' or action_phone = 'held' or false then 'held'
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
      when action_plan = 'conflict' or action_health_score = 'conflict' or action_intent_segment = 'conflict' or action_person_key = 'conflict' or action_firstname = 'conflict' or action_lastname = 'conflict' or action_phone = 'conflict' or false then 'drift_conflict'
      when action_plan = 'held' or action_health_score = 'held' or action_intent_segment = 'held' or action_person_key = 'held' or action_firstname = 'held' or action_lastname = 'held' or action_phone = 'held' or false then 'first_contact'    end as reason
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
  acked_intent_segment,
  case when (decision = 'quarantined' or decision = 'skipped') and action_person_key <> 'conflict' then 'none' else action_person_key end as action_person_key,
  desired_person_key,
  live_person_key,
  case when decision in ('quarantined', 'skipped') then remembered_person_key else known_person_key end as known_person_key,
  unsettled_person_key,
  acked_person_key,
  case when (decision = 'quarantined' or decision = 'skipped') and action_firstname <> 'conflict' then 'none' else action_firstname end as action_firstname,
  desired_firstname,
  live_firstname,
  case when decision in ('quarantined', 'skipped') then remembered_firstname else known_firstname end as known_firstname,
  unsettled_firstname,
  acked_firstname,
  case when (decision = 'quarantined' or decision = 'skipped') and action_lastname <> 'conflict' then 'none' else action_lastname end as action_lastname,
  desired_lastname,
  live_lastname,
  case when decision in ('quarantined', 'skipped') then remembered_lastname else known_lastname end as known_lastname,
  unsettled_lastname,
  acked_lastname,
  case when (decision = 'quarantined' or decision = 'skipped') and action_phone <> 'conflict' then 'none' else action_phone end as action_phone,
  desired_phone,
  live_phone,
  case when decision in ('quarantined', 'skipped') then remembered_phone else known_phone end as known_phone,
  unsettled_phone,
  acked_phone
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
  acked_intent_segment,
  'none',
  cast(null as varchar),
  cast(null as varchar),
  coalesce(known_person_key, false),
  coalesce(unsettled_person_key, false),
  acked_person_key,
  'none',
  cast(null as varchar),
  cast(null as varchar),
  coalesce(known_firstname, false),
  coalesce(unsettled_firstname, false),
  acked_firstname,
  'none',
  cast(null as varchar),
  cast(null as varchar),
  coalesce(known_lastname, false),
  coalesce(unsettled_lastname, false),
  acked_lastname,
  'none',
  cast(null as varchar),
  cast(null as varchar),
  coalesce(known_phone, false),
  coalesce(unsettled_phone, false),
  acked_phone
from backfeed.known_hubspot_contacts
where row_key not in (select row_key from backfeed.staging_hubspot_contacts where row_key is not null)
