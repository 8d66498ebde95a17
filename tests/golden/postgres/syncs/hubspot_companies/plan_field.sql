-- Grain: one field of one planned row with something to say about it. What may be kept of a value is decided here, per field.

select plan_id, seq, row_key, 'plan', action_plan,
  live_plan, cast(acked_plan as text), case when action_plan <> 'clear' then desired_plan end,
  case when live_plan is not null then encode(sha256(convert_to('salt' || live_plan, 'UTF8')), 'hex') end, case when cast(acked_plan as text) is not null then encode(sha256(convert_to('salt' || cast(acked_plan as text), 'UTF8')), 'hex') end, case when action_plan <> 'clear' then case when desired_plan is not null then encode(sha256(convert_to('salt' || desired_plan, 'UTF8')), 'hex') end end,
  known_plan, op = 'update' and known_plan and not coalesce(
    case when acked_plan is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_plan), '') = '' else trim(live_plan) = trim(cast(acked_plan as text)) end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_companies as changes
where action_plan <> 'none'
union all
select plan_id, seq, row_key, 'health_score', action_health_score,
  live_health_score, cast(cast(acked_health_score as bigint) as text), case when action_health_score <> 'clear' then cast(desired_health_score as text) end,
  case when live_health_score is not null then encode(sha256(convert_to('salt' || live_health_score, 'UTF8')), 'hex') end, case when cast(cast(acked_health_score as bigint) as text) is not null then encode(sha256(convert_to('salt' || cast(cast(acked_health_score as bigint) as text), 'UTF8')), 'hex') end, case when action_health_score <> 'clear' then case when cast(desired_health_score as text) is not null then encode(sha256(convert_to('salt' || cast(desired_health_score as text), 'UTF8')), 'hex') end end,
  known_health_score, op = 'update' and known_health_score and not coalesce(
    case when acked_health_score is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_health_score), '') = '' else case when live_health_score like '%.%' then rtrim(rtrim(live_health_score, '0'), '.') else live_health_score end = case when cast(cast(acked_health_score as bigint) as text) like '%.%' then rtrim(rtrim(cast(cast(acked_health_score as bigint) as text), '0'), '.') else cast(cast(acked_health_score as bigint) as text) end end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_companies as changes
where action_health_score <> 'none'
union all
select plan_id, seq, row_key, 'intent_segment', action_intent_segment,
  live_intent_segment, cast(acked_intent_segment as text), case when action_intent_segment <> 'clear' then desired_intent_segment end,
  case when live_intent_segment is not null then encode(sha256(convert_to('salt' || live_intent_segment, 'UTF8')), 'hex') end, case when cast(acked_intent_segment as text) is not null then encode(sha256(convert_to('salt' || cast(acked_intent_segment as text), 'UTF8')), 'hex') end, case when action_intent_segment <> 'clear' then case when desired_intent_segment is not null then encode(sha256(convert_to('salt' || desired_intent_segment, 'UTF8')), 'hex') end end,
  known_intent_segment, op = 'update' and known_intent_segment and not coalesce(
    case when acked_intent_segment is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_intent_segment), '') = '' else trim(live_intent_segment) = trim(cast(acked_intent_segment as text)) end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_companies as changes
where action_intent_segment <> 'none'
