-- Grain: one row of the saved plan that is applied. Key: row_key. Every row is decided anew; it is sent only where that comes to the very
-- change that was planned, on the record and over the values that were planned. So a plan shrinks and never grows. Rows that were right
-- already, or gone from the model, and still are, come along: state learns it, nothing is sent.

with planned_rows as (
  select row_key, decision, op, crm_id, payload_hash
  from backfeed.sync_plan_row
  where plan_id = 'plan_00' and decision in ('send', 'noop', 'removed')
),
planned_fields as (
  select
    row_key,
    max(case when field = 'plan' then 1 else 0 end) as writes_plan,
    max(case when field = 'plan' then before_hash end) as before_plan,
    max(case when field = 'health_score' then 1 else 0 end) as writes_health_score,
    max(case when field = 'health_score' then before_hash end) as before_health_score,
    max(case when field = 'intent_segment' then 1 else 0 end) as writes_intent_segment,
    max(case when field = 'intent_segment' then before_hash end) as before_intent_segment,
    max(case when field = 'person_key' then 1 else 0 end) as writes_person_key,
    max(case when field = 'person_key' then before_hash end) as before_person_key,
    max(case when field = 'firstname' then 1 else 0 end) as writes_firstname,
    max(case when field = 'firstname' then before_hash end) as before_firstname,
    max(case when field = 'lastname' then 1 else 0 end) as writes_lastname,
    max(case when field = 'lastname' then before_hash end) as before_lastname,
    max(case when field = 'phone' then 1 else 0 end) as writes_phone,
    max(case when field = 'phone' then before_hash end) as before_phone
  from backfeed.sync_plan_field
  where plan_id = 'plan_00' and action in ('set', 'clear')
  group by row_key
),
met_again as (
  select
    met.*,
    '"id":' || cast(to_json(met.match_value) as varchar) || ',"idProperty":"email",' || '"properties":{' || substr(
    case when met.by_alias then '' else ',"email":' || cast(to_json(met.match_value) as varchar) end
    || case met.action_plan when 'set' then ',"plan":' || cast(to_json(met.desired_plan) as varchar) when 'clear' then ',"plan":""' else '' end    || case met.action_health_score when 'set' then ',"health_score":' || cast(to_json(cast(met.desired_health_score as varchar)) as varchar) when 'clear' then ',"health_score":""' else '' end    || case met.action_intent_segment when 'set' then ',"intent_segment":' || cast(to_json(met.desired_intent_segment) as varchar) when 'clear' then ',"intent_segment":""' else '' end    || case met.action_person_key when 'set' then ',"person_key":' || cast(to_json(met.desired_person_key) as varchar) when 'clear' then ',"person_key":""' else '' end    || case met.action_firstname when 'set' then ',"firstname":' || cast(to_json(met.desired_firstname) as varchar) when 'clear' then ',"firstname":""' else '' end    || case met.action_lastname when 'set' then ',"lastname":' || cast(to_json(met.desired_lastname) as varchar) when 'clear' then ',"lastname":""' else '' end    || case met.action_phone when 'set' then ',"phone":' || cast(to_json(met.desired_phone) as varchar) when 'clear' then ',"phone":""' else '' end
    , 2) || '}' as payload,
    planned_rows.decision as planned_decision,
    planned_rows.payload_hash as planned_payload_hash,
    met.op is distinct from planned_rows.op or met.crm_id is distinct from planned_rows.crm_id      or planned_fields.writes_plan = 1 and planned_fields.before_plan is distinct from case when met.live_plan is not null then sha256('salt' || met.live_plan) end      or planned_fields.writes_health_score = 1 and planned_fields.before_health_score is distinct from case when met.live_health_score is not null then sha256('salt' || met.live_health_score) end      or planned_fields.writes_intent_segment = 1 and planned_fields.before_intent_segment is distinct from case when met.live_intent_segment is not null then sha256('salt' || met.live_intent_segment) end      or planned_fields.writes_person_key = 1 and planned_fields.before_person_key is distinct from case when met.live_person_key is not null then sha256('salt' || met.live_person_key) end      or planned_fields.writes_firstname = 1 and planned_fields.before_firstname is distinct from case when met.live_firstname is not null then sha256('salt' || met.live_firstname) end      or planned_fields.writes_lastname = 1 and planned_fields.before_lastname is distinct from case when met.live_lastname is not null then sha256('salt' || met.live_lastname) end      or planned_fields.writes_phone = 1 and planned_fields.before_phone is distinct from case when met.live_phone is not null then sha256('salt' || met.live_phone) end as has_drifted
  from backfeed.met_hubspot_contacts as met
  join planned_rows on planned_rows.row_key = met.row_key
  left join planned_fields on planned_fields.row_key = met.row_key
)
select
  row_key,
  key_hash,
  fingerprint,
  match_value,
  op,  by_alias,  case
    when planned_decision <> 'send' then decision
    when not coalesce(has_drifted, false) and decision = 'send' and md5(payload) = planned_payload_hash then 'send'
    else 'held'
  end as decision,
  case
    when planned_decision <> 'send' then reason
    when coalesce(has_drifted, false) then 'drifted_since_plan'
    when decision = 'send' and md5(payload) = planned_payload_hash then reason
    else 'changed_since_plan'
  end as reason,
  crm_id,
  match_hash,
  sent_fingerprint,
  last_disposition,
  last_payload_hash,
  last_mapping_hash,
  next_attempt_at,
  action_plan,
  desired_plan,
  live_plan,
  known_plan,
  unsettled_plan,
  acked_plan,
  action_health_score,
  desired_health_score,
  live_health_score,
  known_health_score,
  unsettled_health_score,
  acked_health_score,
  action_intent_segment,
  desired_intent_segment,
  live_intent_segment,
  known_intent_segment,
  unsettled_intent_segment,
  acked_intent_segment,
  action_person_key,
  desired_person_key,
  live_person_key,
  known_person_key,
  unsettled_person_key,
  acked_person_key,
  action_firstname,
  desired_firstname,
  live_firstname,
  known_firstname,
  unsettled_firstname,
  acked_firstname,
  action_lastname,
  desired_lastname,
  live_lastname,
  known_lastname,
  unsettled_lastname,
  acked_lastname,
  action_phone,
  desired_phone,
  live_phone,
  known_phone,
  unsettled_phone,
  acked_phone

from met_again
where planned_decision = 'send' or decision = planned_decision
