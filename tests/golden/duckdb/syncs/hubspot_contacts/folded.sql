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
    max(case when field = 'plan' then value end) as told_plan,
    max(case when field = 'health_score' then value end) as told_health_score,
    max(case when field = 'intent_segment' then value end) as told_intent_segment,
    max(case when field = 'person_key' then value end) as told_person_key,
    max(case when field = 'firstname' then value end) as told_firstname,
    max(case when field = 'lastname' then value end) as told_lastname,
    max(case when field = 'phone' then value end) as told_phone
  from backfeed.stored_hubspot_contacts
  where plan_id = 'plan_00'
  group by row_no
),
settled as (
  select
    changes.*,    told.told_plan,
    state.stored_plan as last_stored_plan,    told.told_health_score,
    state.stored_health_score as last_stored_health_score,    told.told_intent_segment,
    state.stored_intent_segment as last_stored_intent_segment,    told.told_person_key,
    state.stored_person_key as last_stored_person_key,    told.told_firstname,
    state.stored_firstname as last_stored_firstname,    told.told_lastname,
    state.stored_lastname as last_stored_lastname,    told.told_phone,
    state.stored_phone as last_stored_phone,
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
  from backfeed.changes_hubspot_contacts as changes
  left join outcomes on outcomes.row_no = changes.seq
  left join told on told.row_no = changes.seq
  left join backfeed.state_hubspot_contacts as state on state.row_key = changes.row_key
  where changes.row_key is not null
    and changes.plan_id = 'plan_00'
    and changes.decision <> 'kept'
    and not (changes.decision = 'held' and changes.reason = 'outcome_unknown')
),
disposed as (
  select
    settled.*,
    case
      when decision = 'send' then case when outcome = 'succeeded' then case when action_plan = 'held' or action_health_score = 'held' or action_intent_segment = 'held' or action_person_key = 'held' or action_firstname = 'held' or action_lastname = 'held' or action_phone = 'held' or false then 'held' else 'synced' end else coalesce(outcome, 'retryable') end
      when reason = 'adopted' then 'adopted'
      when decision = 'noop' then case when action_plan = 'held' or action_health_score = 'held' or action_intent_segment = 'held' or action_person_key = 'held' or action_firstname = 'held' or action_lastname = 'held' or action_phone = 'held' or false then 'held' else 'synced' end
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
  '52bd7bf7413be132' as mapping_hash,
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
    when action_plan in ('adopt', 'base') or is_acknowledged and action_plan in ('set', 'clear') then true
    when is_unknown and action_plan in ('set', 'clear') then false
    else known_plan
  end as known_plan,
  case
    when action_plan = 'clear' and (is_acknowledged or is_unknown) or is_unknown and action_plan = 'set' then cast(null as varchar)
    when action_plan = 'base' then live_plan
    when action_plan = 'adopt' or is_acknowledged and action_plan = 'set' then desired_plan
    when known_plan then acked_plan
  end as acked_plan,
case
    when action_plan in ('adopt', 'base') or is_acknowledged and action_plan in ('set', 'clear') then false
    when is_unknown and action_plan in ('set', 'clear') then true
    else unsettled_plan
  end as unsettled_plan,
  case
    when action_plan in ('adopt', 'base') or (is_acknowledged or is_unknown) and action_plan = 'clear' or is_unknown and action_plan = 'set' then cast(null as varchar)
    when is_acknowledged and action_plan = 'set' then case when not coalesce(trim(told_plan) = trim(desired_plan), false) and coalesce(translate(lower(told_plan), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_plan), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false) then told_plan end
    when known_plan then last_stored_plan
  end as stored_plan,
  case
    when action_health_score in ('adopt', 'base') or is_acknowledged and action_health_score in ('set', 'clear') then true
    when is_unknown and action_health_score in ('set', 'clear') then false
    else known_health_score
  end as known_health_score,
  case
    when action_health_score = 'clear' and (is_acknowledged or is_unknown) or is_unknown and action_health_score = 'set' then cast(null as bigint)
    when action_health_score = 'base' then try_cast(live_health_score as bigint)
    when action_health_score = 'adopt' or is_acknowledged and action_health_score = 'set' then desired_health_score
    when known_health_score then acked_health_score
  end as acked_health_score,
case
    when action_health_score in ('adopt', 'base') or is_acknowledged and action_health_score in ('set', 'clear') then false
    when is_unknown and action_health_score in ('set', 'clear') then true
    else unsettled_health_score
  end as unsettled_health_score,
  case
    when action_health_score in ('adopt', 'base') or (is_acknowledged or is_unknown) and action_health_score = 'clear' or is_unknown and action_health_score = 'set' then cast(null as varchar)
    when is_acknowledged and action_health_score = 'set' then case when not coalesce(case when told_health_score like '%.%' then rtrim(rtrim(told_health_score, '0'), '.') else told_health_score end = case when cast(desired_health_score as varchar) like '%.%' then rtrim(rtrim(cast(desired_health_score as varchar), '0'), '.') else cast(desired_health_score as varchar) end, false) and coalesce((try_cast(told_health_score as decimal(38, 10)) = round(cast(desired_health_score as decimal(38, 10)), 0) or try_cast(told_health_score as decimal(38, 10)) = round(cast(desired_health_score as decimal(38, 10)), 1) or try_cast(told_health_score as decimal(38, 10)) = round(cast(desired_health_score as decimal(38, 10)), 2) or try_cast(told_health_score as decimal(38, 10)) = round(cast(desired_health_score as decimal(38, 10)), 3) or try_cast(told_health_score as decimal(38, 10)) = round(cast(desired_health_score as decimal(38, 10)), 4) or try_cast(told_health_score as decimal(38, 10)) = round(cast(desired_health_score as decimal(38, 10)), 5) or try_cast(told_health_score as decimal(38, 10)) = round(cast(desired_health_score as decimal(38, 10)), 6)), false) then told_health_score end
    when known_health_score then last_stored_health_score
  end as stored_health_score,
  case
    when action_intent_segment in ('adopt', 'base') or is_acknowledged and action_intent_segment in ('set', 'clear') then true
    when is_unknown and action_intent_segment in ('set', 'clear') then false
    else known_intent_segment
  end as known_intent_segment,
  case
    when action_intent_segment = 'clear' and (is_acknowledged or is_unknown) or is_unknown and action_intent_segment = 'set' then cast(null as varchar)
    when action_intent_segment = 'base' then live_intent_segment
    when action_intent_segment = 'adopt' or is_acknowledged and action_intent_segment = 'set' then desired_intent_segment
    when known_intent_segment then acked_intent_segment
  end as acked_intent_segment,
case
    when action_intent_segment in ('adopt', 'base') or is_acknowledged and action_intent_segment in ('set', 'clear') then false
    when is_unknown and action_intent_segment in ('set', 'clear') then true
    else unsettled_intent_segment
  end as unsettled_intent_segment,
  case
    when action_intent_segment in ('adopt', 'base') or (is_acknowledged or is_unknown) and action_intent_segment = 'clear' or is_unknown and action_intent_segment = 'set' then cast(null as varchar)
    when is_acknowledged and action_intent_segment = 'set' then case when not coalesce(trim(told_intent_segment) = trim(desired_intent_segment), false) and coalesce(translate(lower(told_intent_segment), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_intent_segment), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false) then told_intent_segment end
    when known_intent_segment then last_stored_intent_segment
  end as stored_intent_segment,
  case
    when action_person_key in ('adopt', 'base') or is_acknowledged and action_person_key in ('set', 'clear') then true
    when is_unknown and action_person_key in ('set', 'clear') then false
    else known_person_key
  end as known_person_key,
  case
    when action_person_key = 'clear' and (is_acknowledged or is_unknown) or is_unknown and action_person_key = 'set' then cast(null as varchar)
    when action_person_key = 'base' then live_person_key
    when action_person_key = 'adopt' or is_acknowledged and action_person_key = 'set' then desired_person_key
    when known_person_key then acked_person_key
  end as acked_person_key,
case
    when action_person_key in ('adopt', 'base') or is_acknowledged and action_person_key in ('set', 'clear') then false
    when is_unknown and action_person_key in ('set', 'clear') then true
    else unsettled_person_key
  end as unsettled_person_key,
  case
    when action_person_key in ('adopt', 'base') or (is_acknowledged or is_unknown) and action_person_key = 'clear' or is_unknown and action_person_key = 'set' then cast(null as varchar)
    when is_acknowledged and action_person_key = 'set' then case when not coalesce(trim(told_person_key) = trim(desired_person_key), false) and coalesce(translate(lower(told_person_key), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_person_key), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false) then told_person_key end
    when known_person_key then last_stored_person_key
  end as stored_person_key,
  case
    when action_firstname in ('adopt', 'base') or is_acknowledged and action_firstname in ('set', 'clear') then true
    when is_unknown and action_firstname in ('set', 'clear') then false
    else known_firstname
  end as known_firstname,
  case
    when action_firstname = 'clear' and (is_acknowledged or is_unknown) or is_unknown and action_firstname = 'set' then cast(null as varchar)
    when action_firstname = 'base' then live_firstname
    when action_firstname = 'adopt' or is_acknowledged and action_firstname = 'set' then desired_firstname
    when known_firstname then acked_firstname
  end as acked_firstname,
false as unsettled_firstname,
  case
    when action_firstname in ('adopt', 'base') or (is_acknowledged or is_unknown) and action_firstname = 'clear' or is_unknown and action_firstname = 'set' then cast(null as varchar)
    when is_acknowledged and action_firstname = 'set' then case when not coalesce(trim(told_firstname) = trim(desired_firstname), false) and coalesce(translate(lower(told_firstname), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_firstname), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false) then told_firstname end
    when known_firstname then last_stored_firstname
  end as stored_firstname,
  case
    when action_lastname in ('adopt', 'base') or is_acknowledged and action_lastname in ('set', 'clear') then true
    when is_unknown and action_lastname in ('set', 'clear') then false
    else known_lastname
  end as known_lastname,
  case
    when action_lastname = 'clear' and (is_acknowledged or is_unknown) or is_unknown and action_lastname = 'set' then cast(null as varchar)
    when action_lastname = 'base' then live_lastname
    when action_lastname = 'adopt' or is_acknowledged and action_lastname = 'set' then desired_lastname
    when known_lastname then acked_lastname
  end as acked_lastname,
false as unsettled_lastname,
  case
    when action_lastname in ('adopt', 'base') or (is_acknowledged or is_unknown) and action_lastname = 'clear' or is_unknown and action_lastname = 'set' then cast(null as varchar)
    when is_acknowledged and action_lastname = 'set' then case when not coalesce(trim(told_lastname) = trim(desired_lastname), false) and coalesce(translate(lower(told_lastname), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_lastname), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false) then told_lastname end
    when known_lastname then last_stored_lastname
  end as stored_lastname,
  case
    when action_phone in ('adopt', 'base') or is_acknowledged and action_phone in ('set', 'clear') then true
    when is_unknown and action_phone in ('set', 'clear') then false
    else known_phone
  end as known_phone,
  case
    when action_phone = 'clear' and (is_acknowledged or is_unknown) or is_unknown and action_phone = 'set' then cast(null as varchar)
    when action_phone = 'base' then live_phone
    when action_phone = 'adopt' or is_acknowledged and action_phone = 'set' then desired_phone
    when known_phone then acked_phone
  end as acked_phone,
case
    when action_phone in ('adopt', 'base') or is_acknowledged and action_phone in ('set', 'clear') then false
    when is_unknown and action_phone in ('set', 'clear') then true
    else unsettled_phone
  end as unsettled_phone,
  case
    when action_phone in ('adopt', 'base') or (is_acknowledged or is_unknown) and action_phone = 'clear' or is_unknown and action_phone = 'set' then cast(null as varchar)
    when is_acknowledged and action_phone = 'set' then case when not coalesce(trim(told_phone) = trim(desired_phone), false) and coalesce(translate(lower(told_phone), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_phone), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false) then told_phone end
    when known_phone then last_stored_phone
  end as stored_phone
from disposed
