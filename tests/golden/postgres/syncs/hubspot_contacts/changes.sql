-- Grain: one candidate key, the rows to send first. Key: seq (dense; 1..n are sent in this order), change_id.
-- `body` is the fragment of the request, byte for byte what is sent.

with bodies as (
  select
    decisions.*,
    '"id":' || cast(to_json(cast(decisions.match_value as text)) as text) || ',"idProperty":"email",' || '"properties":{' || substr(
    case when decisions.by_alias then '' else ',"email":' || cast(to_json(cast(decisions.match_value as text)) as text) end
    || case decisions.action_plan when 'set' then ',"plan":' || cast(to_json(cast(decisions.desired_plan as text)) as text) when 'clear' then ',"plan":""' else '' end    || case decisions.action_health_score when 'set' then ',"health_score":' || cast(to_json(cast(cast(decisions.desired_health_score as text) as text)) as text) when 'clear' then ',"health_score":""' else '' end    || case decisions.action_intent_segment when 'set' then ',"intent_segment":' || cast(to_json(cast(decisions.desired_intent_segment as text)) as text) when 'clear' then ',"intent_segment":""' else '' end    || case decisions.action_person_key when 'set' then ',"person_key":' || cast(to_json(cast(decisions.desired_person_key as text)) as text) when 'clear' then ',"person_key":""' else '' end    || case decisions.action_firstname when 'set' then ',"firstname":' || cast(to_json(cast(decisions.desired_firstname as text)) as text) when 'clear' then ',"firstname":""' else '' end    || case decisions.action_lastname when 'set' then ',"lastname":' || cast(to_json(cast(decisions.desired_lastname as text)) as text) when 'clear' then ',"lastname":""' else '' end    || case decisions.action_phone when 'set' then ',"phone":' || cast(to_json(cast(decisions.desired_phone as text)) as text) when 'clear' then ',"phone":""' else '' end
    , 2) || '}' as payload
  from backfeed.decisions_hubspot_contacts as decisions
),
gated as (
  select
    bodies.*,
    md5(payload) as payload_hash
  from bodies
),
held_back as (
  select
    gated.*,
    case
      when last_disposition = 'unknown' and next_attempt_at > cast('2000-01-01T00:00:00.000' as timestamp) and (decision = 'send' or decision = 'noop' and fingerprint is distinct from sent_fingerprint) then 'held'
      when decision <> 'send' then decision
      when last_disposition = 'rejected' and payload_hash = last_payload_hash and last_mapping_hash = '52bd7bf7413be132' and next_attempt_at > cast('2000-01-01T00:00:00.000' as timestamp) then 'held'
      else decision
    end as final_decision
  from gated
),
placed as (
  select
    held_back.*,
    cast(null as text) as parent,
    row_number() over (order by case when final_decision = 'send' then 0 else 1 end, row_key) as seq
  from held_back
)
select
  seq,
  'plan_00' as plan_id,
  '0000000000-' || cast(seq as text) as change_id,
  row_key,
  key_hash,
  fingerprint,
  match_value,
  op,
  final_decision as decision,
  case when final_decision = decision then reason when last_disposition = 'unknown' then 'outcome_unknown' else 'rejected_unchanged' end as reason,
  crm_id,
  match_hash,
  parent,
  case when final_decision = 'send' then 'rest' end as transport,
  case when final_decision = 'send' then ((seq - 1) / 100) + 1 end as batch_no,
  case when final_decision = 'send' then '{"objectWriteTraceId":"' || '0000000000-' || cast(seq as text) || '",' || payload || '}' end as body,
  payload_hash,
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

from placed
