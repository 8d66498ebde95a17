{# What the invariants under models/audit/checks share. `run.states` lists the state table of every sync that has one. #}

{# Physical copies of an append that was repeated count once. #}
{% macro results() %}
  select *
  from (
    select result.*, row_number() over (partition by event_id order by logged_at) as copy_no
    from {{ run.ledger.sync_result }} as result
  ) as single_results
  where copy_no = 1
{%- endmacro %}

{# Whatever a run is called, it may send, unless it only planned. #}
{% macro writes(r) %}{{ r }}.kind <> 'plan'{% endmacro %}

{# It was past its guards: only then may anything have been sent. #}
{% macro has_begun(r) %}{{ checks.writes(r) }} and {{ r }}.run_id in (select begun.run_id from {{ run.ledger.sync_run_event }} as begun where begun.event = 'sending'){% endmacro %}

{# Plans whose outcomes are all in the log. #}
{% macro ended_plans() %}
  select distinct r.plan_id, r.sync_name, r.org_id, r.epoch, r.started_at
  from {{ run.ledger.sync_run }} as r
  join {{ run.ledger.sync_plan }} as p on p.plan_id = r.plan_id
  join {{ run.ledger.sync_run_event }} as e on e.run_id = r.run_id
  where {{ checks.writes('r') }} and e.event in ('succeeded', 'partial', 'failed', 'interrupted', 'crashed')
{%- endmacro %}

{# A common table expression: one row per key of each sync. -#}
{% macro states() %}states as (
{%- for state in run.states %}
  select {{ sql.text_literal(state.sync) }} as sync_name, row_key, crm_id, {{ sql.cast('fingerprint', {kind: 'text'}) }} as fingerprint, disposition, is_open, epoch, seq from {{ state.relation }}
  union all
{%- endfor %}
  select {{ sql.null_of('text') }} as sync_name, {{ sql.null_of('text') }} as row_key, {{ sql.null_of('text') }} as crm_id, {{ sql.null_of('text') }} as fingerprint, {{ sql.null_of('text') }} as disposition, {{ sql.null_of('bool') }} as is_open, {{ sql.null_of('bigint') }} as epoch, {{ sql.null_of('bigint') }} as seq
  from {{ run.ledger.sync_schema }} where 1 = 0
)
{%- endmacro %}

{% macro sync_names() %}{% for state in run.states %}{{ sql.text_literal(state.sync) }}, {% endfor %}''{% endmacro %}

{% macro row_of(row) %}{{ row }}.plan_id || ' row ' || {{ sql.cast(row ~ '.row_no', {kind: 'text'}) }}{% endmacro %}
