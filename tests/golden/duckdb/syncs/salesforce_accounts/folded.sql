-- Grain: one key of a settled plan, as state shall hold it from now on. Key: row_key. Read from the plan and the log only.

with outcomes as (
  select plan_id, row_no, outcome, crm_id, created, attempt, epoch, seq, logged_at
  from (
    select result.*, row_number() over (partition by row_no order by epoch desc, seq desc) as place
    from backfeed.sync_result as result
    where plan_id = 'plan_00' and resolves_epoch <= epoch
  ) as ranked
  where place = 1
),
told as (
  select
    row_no,
    max(case when field = 'LTV__c' then value end) as told_ltv__c,
    max(case when field = 'Product_Usage_Segment__c' then value end) as told_product_usage_segment__c,
    max(case when field = 'Risk_Score__c' then value end) as told_risk_score__c,
    max(case when field = 'Name' then value end) as told_name
  from backfeed.stored_salesforce_accounts
  where plan_id = 'plan_00'
  group by row_no
),
settled as (
  select
    changes.*,    told.told_ltv__c,
    state.stored_ltv__c as last_stored_ltv__c,    told.told_product_usage_segment__c,
    state.stored_product_usage_segment__c as last_stored_product_usage_segment__c,    told.told_risk_score__c,
    state.stored_risk_score__c as last_stored_risk_score__c,    told.told_name,
    state.stored_name as last_stored_name,
    outcomes.outcome,
    outcomes.crm_id as outcome_crm_id,
    outcomes.epoch as outcome_epoch,
    outcomes.seq as outcome_seq,
    outcomes.logged_at as outcome_at,
    state.attempts as last_attempts,
    state.payload_hash as state_payload_hash,
    state.crm_id as state_crm_id,
    state.epoch as state_epoch,
    state.seq as state_seq
  from backfeed.changes_salesforce_accounts as changes
  left join outcomes on outcomes.row_no = changes.seq
  left join told on told.row_no = changes.seq
  left join backfeed.state_salesforce_accounts as state on state.row_key = changes.row_key
  where changes.row_key is not null
    and changes.plan_id = 'plan_00'
    and changes.decision <> 'kept'
    and not (changes.decision = 'held' and changes.reason = 'outcome_unknown')
),
disposed as (
  select
    settled.*,
    case
      when decision = 'send' then case when outcome = 'succeeded' then case when action_ltv__c = 'held' or action_product_usage_segment__c = 'held' or action_risk_score__c = 'held' or action_name = 'held' or false then 'held' else 'synced' end else coalesce(outcome, 'retryable') end
      when reason = 'adopted' then 'adopted'
      when decision = 'noop' then case when action_ltv__c = 'held' or action_product_usage_segment__c = 'held' or action_risk_score__c = 'held' or action_name = 'held' or false then 'held' else 'synced' end
      when decision = 'held' and reason = 'rejected_unchanged' then 'rejected'
      else decision
    end as disposition,
    outcome = 'succeeded' as is_acknowledged,
    outcome = 'unknown' as is_unknown,
    case when outcome = 'rejected' then case when state_payload_hash = payload_hash then coalesce(last_attempts, 0) else 0 end + 1 when decision = 'held' then last_attempts end as attempts
  from settled
)
select
  key_hash,
  row_key,
  coalesce(outcome_crm_id, crm_id, state_crm_id) as crm_id,
  case when disposition = 'synced' then fingerprint when disposition = 'removed' then 0 end as fingerprint,
  '9e8bced20a6a1fd4' as mapping_hash,
  disposition,
  match_hash,
  case when is_unknown then fingerprint end as sent_fingerprint,
  disposition not in ('synced', 'removed') as is_open,
  payload_hash,
  attempts,
  case
    when outcome = 'rejected' then cast('2000-01-01T00:00:00.000' as timestamp) + interval '1 second' * (3600 * least(24, attempts * attempts))
    when outcome = 'unknown' then outcome_at + interval '1 second' * (150)
    else next_attempt_at
  end as next_attempt_at,
  coalesce(outcome_epoch, state_epoch) as epoch,
  coalesce(outcome_seq, state_seq) as seq,
  case
    when action_ltv__c in ('adopt', 'base') or is_acknowledged and action_ltv__c in ('set', 'clear') then true
    when is_unknown and action_ltv__c in ('set', 'clear') then false
    else known_ltv__c
  end as known_ltv__c,
  case
    when action_ltv__c = 'clear' and (is_acknowledged or is_unknown) or is_unknown and action_ltv__c = 'set' then cast(null as decimal(18, 2))
    when action_ltv__c = 'base' then try_cast(live_ltv__c as decimal(18, 2))
    when action_ltv__c = 'adopt' or is_acknowledged and action_ltv__c = 'set' then desired_ltv__c
    when known_ltv__c then acked_ltv__c
  end as acked_ltv__c,
case
    when action_ltv__c in ('adopt', 'base') or is_acknowledged and action_ltv__c in ('set', 'clear') then false
    when is_unknown and action_ltv__c in ('set', 'clear') then true
    else unsettled_ltv__c
  end as unsettled_ltv__c,
  case
    when action_ltv__c in ('adopt', 'base') or (is_acknowledged or is_unknown) and action_ltv__c = 'clear' or is_unknown and action_ltv__c = 'set' then cast(null as varchar)
    when is_acknowledged and action_ltv__c = 'set' then case when not coalesce(case when told_ltv__c like '%.%' then rtrim(rtrim(told_ltv__c, '0'), '.') else told_ltv__c end = case when cast(desired_ltv__c as varchar) like '%.%' then rtrim(rtrim(cast(desired_ltv__c as varchar), '0'), '.') else cast(desired_ltv__c as varchar) end, false) and coalesce((try_cast(told_ltv__c as decimal(38, 10)) = round(cast(desired_ltv__c as decimal(38, 10)), 0) or try_cast(told_ltv__c as decimal(38, 10)) = round(cast(desired_ltv__c as decimal(38, 10)), 1) or try_cast(told_ltv__c as decimal(38, 10)) = round(cast(desired_ltv__c as decimal(38, 10)), 2) or try_cast(told_ltv__c as decimal(38, 10)) = round(cast(desired_ltv__c as decimal(38, 10)), 3) or try_cast(told_ltv__c as decimal(38, 10)) = round(cast(desired_ltv__c as decimal(38, 10)), 4) or try_cast(told_ltv__c as decimal(38, 10)) = round(cast(desired_ltv__c as decimal(38, 10)), 5) or try_cast(told_ltv__c as decimal(38, 10)) = round(cast(desired_ltv__c as decimal(38, 10)), 6)), false) then told_ltv__c end
    when known_ltv__c then last_stored_ltv__c
  end as stored_ltv__c,
  case
    when action_product_usage_segment__c in ('adopt', 'base') or is_acknowledged and action_product_usage_segment__c in ('set', 'clear') then true
    when is_unknown and action_product_usage_segment__c in ('set', 'clear') then false
    else known_product_usage_segment__c
  end as known_product_usage_segment__c,
  case
    when action_product_usage_segment__c = 'clear' and (is_acknowledged or is_unknown) or is_unknown and action_product_usage_segment__c = 'set' then cast(null as varchar)
    when action_product_usage_segment__c = 'base' then live_product_usage_segment__c
    when action_product_usage_segment__c = 'adopt' or is_acknowledged and action_product_usage_segment__c = 'set' then desired_product_usage_segment__c
    when known_product_usage_segment__c then acked_product_usage_segment__c
  end as acked_product_usage_segment__c,
case
    when action_product_usage_segment__c in ('adopt', 'base') or is_acknowledged and action_product_usage_segment__c in ('set', 'clear') then false
    when is_unknown and action_product_usage_segment__c in ('set', 'clear') then true
    else unsettled_product_usage_segment__c
  end as unsettled_product_usage_segment__c,
  case
    when action_product_usage_segment__c in ('adopt', 'base') or (is_acknowledged or is_unknown) and action_product_usage_segment__c = 'clear' or is_unknown and action_product_usage_segment__c = 'set' then cast(null as varchar)
    when is_acknowledged and action_product_usage_segment__c = 'set' then case when not coalesce(trim(told_product_usage_segment__c) = trim(desired_product_usage_segment__c), false) and coalesce(translate(lower(told_product_usage_segment__c), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_product_usage_segment__c), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false) then told_product_usage_segment__c end
    when known_product_usage_segment__c then last_stored_product_usage_segment__c
  end as stored_product_usage_segment__c,
  case
    when action_risk_score__c in ('adopt', 'base') or is_acknowledged and action_risk_score__c in ('set', 'clear') then true
    when is_unknown and action_risk_score__c in ('set', 'clear') then false
    else known_risk_score__c
  end as known_risk_score__c,
  case
    when action_risk_score__c = 'clear' and (is_acknowledged or is_unknown) or is_unknown and action_risk_score__c = 'set' then cast(null as decimal(5, 2))
    when action_risk_score__c = 'base' then try_cast(live_risk_score__c as decimal(5, 2))
    when action_risk_score__c = 'adopt' or is_acknowledged and action_risk_score__c = 'set' then desired_risk_score__c
    when known_risk_score__c then acked_risk_score__c
  end as acked_risk_score__c,
case
    when action_risk_score__c in ('adopt', 'base') or is_acknowledged and action_risk_score__c in ('set', 'clear') then false
    when is_unknown and action_risk_score__c in ('set', 'clear') then true
    else unsettled_risk_score__c
  end as unsettled_risk_score__c,
  case
    when action_risk_score__c in ('adopt', 'base') or (is_acknowledged or is_unknown) and action_risk_score__c = 'clear' or is_unknown and action_risk_score__c = 'set' then cast(null as varchar)
    when is_acknowledged and action_risk_score__c = 'set' then case when not coalesce(case when told_risk_score__c like '%.%' then rtrim(rtrim(told_risk_score__c, '0'), '.') else told_risk_score__c end = case when cast(desired_risk_score__c as varchar) like '%.%' then rtrim(rtrim(cast(desired_risk_score__c as varchar), '0'), '.') else cast(desired_risk_score__c as varchar) end, false) and coalesce((try_cast(told_risk_score__c as decimal(38, 10)) = round(cast(desired_risk_score__c as decimal(38, 10)), 0) or try_cast(told_risk_score__c as decimal(38, 10)) = round(cast(desired_risk_score__c as decimal(38, 10)), 1) or try_cast(told_risk_score__c as decimal(38, 10)) = round(cast(desired_risk_score__c as decimal(38, 10)), 2) or try_cast(told_risk_score__c as decimal(38, 10)) = round(cast(desired_risk_score__c as decimal(38, 10)), 3) or try_cast(told_risk_score__c as decimal(38, 10)) = round(cast(desired_risk_score__c as decimal(38, 10)), 4) or try_cast(told_risk_score__c as decimal(38, 10)) = round(cast(desired_risk_score__c as decimal(38, 10)), 5) or try_cast(told_risk_score__c as decimal(38, 10)) = round(cast(desired_risk_score__c as decimal(38, 10)), 6)), false) then told_risk_score__c end
    when known_risk_score__c then last_stored_risk_score__c
  end as stored_risk_score__c,
  case
    when action_name in ('adopt', 'base') or is_acknowledged and action_name in ('set', 'clear') then true
    when is_unknown and action_name in ('set', 'clear') then false
    else known_name
  end as known_name,
  case
    when action_name = 'clear' and (is_acknowledged or is_unknown) or is_unknown and action_name = 'set' then cast(null as varchar)
    when action_name = 'base' then live_name
    when action_name = 'adopt' or is_acknowledged and action_name = 'set' then desired_name
    when known_name then acked_name
  end as acked_name,
false as unsettled_name,
  case
    when action_name in ('adopt', 'base') or (is_acknowledged or is_unknown) and action_name = 'clear' or is_unknown and action_name = 'set' then cast(null as varchar)
    when is_acknowledged and action_name = 'set' then case when not coalesce(trim(told_name) = trim(desired_name), false) and coalesce(translate(lower(told_name), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_name), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false) then told_name end
    when known_name then last_stored_name
  end as stored_name
from disposed
