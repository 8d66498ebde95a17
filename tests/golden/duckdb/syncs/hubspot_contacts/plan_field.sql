-- Grain: one field of one planned row with something to say about it. What may be kept of a value is decided here, per field.

select plan_id, seq, row_key, 'plan', action_plan,
  live_plan, cast(acked_plan as varchar), case when action_plan <> 'clear' then desired_plan end,
  case when live_plan is not null then sha256('salt' || live_plan) end, case when cast(acked_plan as varchar) is not null then sha256('salt' || cast(acked_plan as varchar)) end, case when action_plan <> 'clear' then case when desired_plan is not null then sha256('salt' || desired_plan) end end,
  known_plan, op = 'update' and known_plan and not coalesce(
    case when acked_plan is null then not coalesce(regexp_matches(live_plan, '[^\t-\r ]'), false) else trim(live_plan) = trim(cast(acked_plan as varchar)) end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_contacts as changes
where action_plan <> 'none'
union all
select plan_id, seq, row_key, 'health_score', action_health_score,
  live_health_score, cast(cast(acked_health_score as bigint) as varchar), case when action_health_score <> 'clear' then cast(desired_health_score as varchar) end,
  case when live_health_score is not null then sha256('salt' || live_health_score) end, case when cast(cast(acked_health_score as bigint) as varchar) is not null then sha256('salt' || cast(cast(acked_health_score as bigint) as varchar)) end, case when action_health_score <> 'clear' then case when cast(desired_health_score as varchar) is not null then sha256('salt' || cast(desired_health_score as varchar)) end end,
  known_health_score, op = 'update' and known_health_score and not coalesce(
    case when acked_health_score is null then not coalesce(regexp_matches(live_health_score, '[^\t-\r ]'), false) else case when live_health_score like '%.%' then rtrim(rtrim(live_health_score, '0'), '.') else live_health_score end = case when cast(cast(acked_health_score as bigint) as varchar) like '%.%' then rtrim(rtrim(cast(cast(acked_health_score as bigint) as varchar), '0'), '.') else cast(cast(acked_health_score as bigint) as varchar) end end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_contacts as changes
where action_health_score <> 'none'
union all
select plan_id, seq, row_key, 'intent_segment', action_intent_segment,
  live_intent_segment, cast(acked_intent_segment as varchar), case when action_intent_segment <> 'clear' then desired_intent_segment end,
  case when live_intent_segment is not null then sha256('salt' || live_intent_segment) end, case when cast(acked_intent_segment as varchar) is not null then sha256('salt' || cast(acked_intent_segment as varchar)) end, case when action_intent_segment <> 'clear' then case when desired_intent_segment is not null then sha256('salt' || desired_intent_segment) end end,
  known_intent_segment, op = 'update' and known_intent_segment and not coalesce(
    case when acked_intent_segment is null then not coalesce(regexp_matches(live_intent_segment, '[^\t-\r ]'), false) else trim(live_intent_segment) = trim(cast(acked_intent_segment as varchar)) end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_contacts as changes
where action_intent_segment <> 'none'
union all
select plan_id, seq, row_key, 'person_key', action_person_key,
  live_person_key, cast(acked_person_key as varchar), case when action_person_key <> 'clear' then desired_person_key end,
  case when live_person_key is not null then sha256('salt' || live_person_key) end, case when cast(acked_person_key as varchar) is not null then sha256('salt' || cast(acked_person_key as varchar)) end, case when action_person_key <> 'clear' then case when desired_person_key is not null then sha256('salt' || desired_person_key) end end,
  known_person_key, op = 'update' and known_person_key and not coalesce(
    case when acked_person_key is null then not coalesce(regexp_matches(live_person_key, '[^\t-\r ]'), false) else trim(live_person_key) = trim(cast(acked_person_key as varchar)) end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_contacts as changes
where action_person_key <> 'none'
union all
select plan_id, seq, row_key, 'firstname', action_firstname,
  case when live_firstname is null then null when length(live_firstname) < 4 then '***' else substr(live_firstname, 1, 1) || '***' end, case when cast(acked_firstname as varchar) is null then null when length(cast(acked_firstname as varchar)) < 4 then '***' else substr(cast(acked_firstname as varchar), 1, 1) || '***' end, case when action_firstname <> 'clear' then case when desired_firstname is null then null when length(desired_firstname) < 4 then '***' else substr(desired_firstname, 1, 1) || '***' end end,
  case when live_firstname is not null then sha256('salt' || live_firstname) end, case when cast(acked_firstname as varchar) is not null then sha256('salt' || cast(acked_firstname as varchar)) end, case when action_firstname <> 'clear' then case when desired_firstname is not null then sha256('salt' || desired_firstname) end end,
  known_firstname, op = 'update' and known_firstname and not coalesce(
    case when acked_firstname is null then not coalesce(regexp_matches(live_firstname, '[^\t-\r ]'), false) else trim(live_firstname) = trim(cast(acked_firstname as varchar)) end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_contacts as changes
where action_firstname <> 'none'
union all
select plan_id, seq, row_key, 'lastname', action_lastname,
  case when live_lastname is null then null when length(live_lastname) < 4 then '***' else substr(live_lastname, 1, 1) || '***' end, case when cast(acked_lastname as varchar) is null then null when length(cast(acked_lastname as varchar)) < 4 then '***' else substr(cast(acked_lastname as varchar), 1, 1) || '***' end, case when action_lastname <> 'clear' then case when desired_lastname is null then null when length(desired_lastname) < 4 then '***' else substr(desired_lastname, 1, 1) || '***' end end,
  case when live_lastname is not null then sha256('salt' || live_lastname) end, case when cast(acked_lastname as varchar) is not null then sha256('salt' || cast(acked_lastname as varchar)) end, case when action_lastname <> 'clear' then case when desired_lastname is not null then sha256('salt' || desired_lastname) end end,
  known_lastname, op = 'update' and known_lastname and not coalesce(
    case when acked_lastname is null then not coalesce(regexp_matches(live_lastname, '[^\t-\r ]'), false) else trim(live_lastname) = trim(cast(acked_lastname as varchar)) end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_contacts as changes
where action_lastname <> 'none'
union all
select plan_id, seq, row_key, 'phone', action_phone,
  case when live_phone is null then null when length(live_phone) < 4 then '***' else substr(live_phone, 1, 1) || '***' end, case when cast(acked_phone as varchar) is null then null when length(cast(acked_phone as varchar)) < 4 then '***' else substr(cast(acked_phone as varchar), 1, 1) || '***' end, case when action_phone <> 'clear' then case when desired_phone is null then null when length(desired_phone) < 4 then '***' else substr(desired_phone, 1, 1) || '***' end end,
  case when live_phone is not null then sha256('salt' || live_phone) end, case when cast(acked_phone as varchar) is not null then sha256('salt' || cast(acked_phone as varchar)) end, case when action_phone <> 'clear' then case when desired_phone is not null then sha256('salt' || desired_phone) end end,
  known_phone, op = 'update' and known_phone and not coalesce(
    case when acked_phone is null then not coalesce(regexp_matches(live_phone, '[^\t-\r ]'), false) else trim(live_phone) = trim(cast(acked_phone as varchar)) end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_contacts as changes
where action_phone <> 'none'
