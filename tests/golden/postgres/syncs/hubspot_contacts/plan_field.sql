-- Grain: one field of one planned row with something to say about it. What may be kept of a value is decided here, per field.

select plan_id, seq, row_key, 'plan', action_plan,
  live_plan, cast(acked_plan as text), case when action_plan <> 'clear' then desired_plan end,
  case when live_plan is not null then encode(sha256(convert_to('salt' || live_plan, 'UTF8')), 'hex') end, case when cast(acked_plan as text) is not null then encode(sha256(convert_to('salt' || cast(acked_plan as text), 'UTF8')), 'hex') end, case when action_plan <> 'clear' then case when desired_plan is not null then encode(sha256(convert_to('salt' || desired_plan, 'UTF8')), 'hex') end end,
  known_plan, op = 'update' and known_plan and not coalesce(
    case when acked_plan is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_plan), '') = '' else trim(live_plan) = trim(cast(acked_plan as text)) end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_contacts as changes
where action_plan <> 'none'
union all
select plan_id, seq, row_key, 'health_score', action_health_score,
  live_health_score, cast(cast(acked_health_score as bigint) as text), case when action_health_score <> 'clear' then cast(desired_health_score as text) end,
  case when live_health_score is not null then encode(sha256(convert_to('salt' || live_health_score, 'UTF8')), 'hex') end, case when cast(cast(acked_health_score as bigint) as text) is not null then encode(sha256(convert_to('salt' || cast(cast(acked_health_score as bigint) as text), 'UTF8')), 'hex') end, case when action_health_score <> 'clear' then case when cast(desired_health_score as text) is not null then encode(sha256(convert_to('salt' || cast(desired_health_score as text), 'UTF8')), 'hex') end end,
  known_health_score, op = 'update' and known_health_score and not coalesce(
    case when acked_health_score is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_health_score), '') = '' else case when live_health_score like '%.%' then rtrim(rtrim(live_health_score, '0'), '.') else live_health_score end = case when cast(cast(acked_health_score as bigint) as text) like '%.%' then rtrim(rtrim(cast(cast(acked_health_score as bigint) as text), '0'), '.') else cast(cast(acked_health_score as bigint) as text) end end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_contacts as changes
where action_health_score <> 'none'
union all
select plan_id, seq, row_key, 'intent_segment', action_intent_segment,
  live_intent_segment, cast(acked_intent_segment as text), case when action_intent_segment <> 'clear' then desired_intent_segment end,
  case when live_intent_segment is not null then encode(sha256(convert_to('salt' || live_intent_segment, 'UTF8')), 'hex') end, case when cast(acked_intent_segment as text) is not null then encode(sha256(convert_to('salt' || cast(acked_intent_segment as text), 'UTF8')), 'hex') end, case when action_intent_segment <> 'clear' then case when desired_intent_segment is not null then encode(sha256(convert_to('salt' || desired_intent_segment, 'UTF8')), 'hex') end end,
  known_intent_segment, op = 'update' and known_intent_segment and not coalesce(
    case when acked_intent_segment is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_intent_segment), '') = '' else trim(live_intent_segment) = trim(cast(acked_intent_segment as text)) end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_contacts as changes
where action_intent_segment <> 'none'
union all
select plan_id, seq, row_key, 'person_key', action_person_key,
  live_person_key, cast(acked_person_key as text), case when action_person_key <> 'clear' then desired_person_key end,
  case when live_person_key is not null then encode(sha256(convert_to('salt' || live_person_key, 'UTF8')), 'hex') end, case when cast(acked_person_key as text) is not null then encode(sha256(convert_to('salt' || cast(acked_person_key as text), 'UTF8')), 'hex') end, case when action_person_key <> 'clear' then case when desired_person_key is not null then encode(sha256(convert_to('salt' || desired_person_key, 'UTF8')), 'hex') end end,
  known_person_key, op = 'update' and known_person_key and not coalesce(
    case when acked_person_key is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_person_key), '') = '' else trim(live_person_key) = trim(cast(acked_person_key as text)) end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_contacts as changes
where action_person_key <> 'none'
union all
select plan_id, seq, row_key, 'firstname', action_firstname,
  case when live_firstname is null then null when char_length(live_firstname) < 4 then '***' else substr(live_firstname, 1, 1) || '***' end, case when cast(acked_firstname as text) is null then null when char_length(cast(acked_firstname as text)) < 4 then '***' else substr(cast(acked_firstname as text), 1, 1) || '***' end, case when action_firstname <> 'clear' then case when desired_firstname is null then null when char_length(desired_firstname) < 4 then '***' else substr(desired_firstname, 1, 1) || '***' end end,
  case when live_firstname is not null then encode(sha256(convert_to('salt' || live_firstname, 'UTF8')), 'hex') end, case when cast(acked_firstname as text) is not null then encode(sha256(convert_to('salt' || cast(acked_firstname as text), 'UTF8')), 'hex') end, case when action_firstname <> 'clear' then case when desired_firstname is not null then encode(sha256(convert_to('salt' || desired_firstname, 'UTF8')), 'hex') end end,
  known_firstname, op = 'update' and known_firstname and not coalesce(
    case when acked_firstname is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_firstname), '') = '' else trim(live_firstname) = trim(cast(acked_firstname as text)) end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_contacts as changes
where action_firstname <> 'none'
union all
select plan_id, seq, row_key, 'lastname', action_lastname,
  case when live_lastname is null then null when char_length(live_lastname) < 4 then '***' else substr(live_lastname, 1, 1) || '***' end, case when cast(acked_lastname as text) is null then null when char_length(cast(acked_lastname as text)) < 4 then '***' else substr(cast(acked_lastname as text), 1, 1) || '***' end, case when action_lastname <> 'clear' then case when desired_lastname is null then null when char_length(desired_lastname) < 4 then '***' else substr(desired_lastname, 1, 1) || '***' end end,
  case when live_lastname is not null then encode(sha256(convert_to('salt' || live_lastname, 'UTF8')), 'hex') end, case when cast(acked_lastname as text) is not null then encode(sha256(convert_to('salt' || cast(acked_lastname as text), 'UTF8')), 'hex') end, case when action_lastname <> 'clear' then case when desired_lastname is not null then encode(sha256(convert_to('salt' || desired_lastname, 'UTF8')), 'hex') end end,
  known_lastname, op = 'update' and known_lastname and not coalesce(
    case when acked_lastname is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_lastname), '') = '' else trim(live_lastname) = trim(cast(acked_lastname as text)) end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_contacts as changes
where action_lastname <> 'none'
union all
select plan_id, seq, row_key, 'phone', action_phone,
  case when live_phone is null then null when char_length(live_phone) < 4 then '***' else substr(live_phone, 1, 1) || '***' end, case when cast(acked_phone as text) is null then null when char_length(cast(acked_phone as text)) < 4 then '***' else substr(cast(acked_phone as text), 1, 1) || '***' end, case when action_phone <> 'clear' then case when desired_phone is null then null when char_length(desired_phone) < 4 then '***' else substr(desired_phone, 1, 1) || '***' end end,
  case when live_phone is not null then encode(sha256(convert_to('salt' || live_phone, 'UTF8')), 'hex') end, case when cast(acked_phone as text) is not null then encode(sha256(convert_to('salt' || cast(acked_phone as text), 'UTF8')), 'hex') end, case when action_phone <> 'clear' then case when desired_phone is not null then encode(sha256(convert_to('salt' || desired_phone, 'UTF8')), 'hex') end end,
  known_phone, op = 'update' and known_phone and not coalesce(
    case when acked_phone is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_phone), '') = '' else trim(live_phone) = trim(cast(acked_phone as text)) end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_contacts as changes
where action_phone <> 'none'
