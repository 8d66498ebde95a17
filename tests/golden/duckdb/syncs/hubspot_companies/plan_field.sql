-- Grain: one field of one planned row with something to say about it. What may be kept of a value is decided here, per field.

select plan_id, seq, row_key, 'plan', action_plan,
  live_plan, cast(acked_plan as varchar), case when action_plan <> 'clear' then desired_plan end,
  case when live_plan is not null then sha256('salt' || live_plan) end, case when cast(acked_plan as varchar) is not null then sha256('salt' || cast(acked_plan as varchar)) end, case when action_plan <> 'clear' then case when desired_plan is not null then sha256('salt' || desired_plan) end end,
  known_plan, op = 'update' and known_plan and not coalesce(
    case when acked_plan is null then not coalesce(regexp_matches(live_plan, '[^\t-\r ]'), false) else trim(live_plan) = trim(cast(acked_plan as varchar)) end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_companies as changes
where action_plan <> 'none'
union all
select plan_id, seq, row_key, 'health_score', action_health_score,
  live_health_score, cast(cast(acked_health_score as bigint) as varchar), case when action_health_score <> 'clear' then cast(desired_health_score as varchar) end,
  case when live_health_score is not null then sha256('salt' || live_health_score) end, case when cast(cast(acked_health_score as bigint) as varchar) is not null then sha256('salt' || cast(cast(acked_health_score as bigint) as varchar)) end, case when action_health_score <> 'clear' then case when cast(desired_health_score as varchar) is not null then sha256('salt' || cast(desired_health_score as varchar)) end end,
  known_health_score, op = 'update' and known_health_score and not coalesce(
    case when acked_health_score is null then not coalesce(regexp_matches(live_health_score, '[^\t-\r ]'), false) else case when live_health_score like '%.%' then rtrim(rtrim(live_health_score, '0'), '.') else live_health_score end = case when cast(cast(acked_health_score as bigint) as varchar) like '%.%' then rtrim(rtrim(cast(cast(acked_health_score as bigint) as varchar), '0'), '.') else cast(cast(acked_health_score as bigint) as varchar) end end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_companies as changes
where action_health_score <> 'none'
union all
select plan_id, seq, row_key, 'intent_segment', action_intent_segment,
  live_intent_segment, cast(acked_intent_segment as varchar), case when action_intent_segment <> 'clear' then desired_intent_segment end,
  case when live_intent_segment is not null then sha256('salt' || live_intent_segment) end, case when cast(acked_intent_segment as varchar) is not null then sha256('salt' || cast(acked_intent_segment as varchar)) end, case when action_intent_segment <> 'clear' then case when desired_intent_segment is not null then sha256('salt' || desired_intent_segment) end end,
  known_intent_segment, op = 'update' and known_intent_segment and not coalesce(
    case when acked_intent_segment is null then not coalesce(regexp_matches(live_intent_segment, '[^\t-\r ]'), false) else trim(live_intent_segment) = trim(cast(acked_intent_segment as varchar)) end, false), 'ignore', 'warehouse'
from backfeed.changes_hubspot_companies as changes
where action_intent_segment <> 'none'
