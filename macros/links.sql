{# Records that hold a row's value of `sync.twins.field` without carrying its key; see runner/sync/links/twin-lookup.ts. #}

{# As the index compares: case ignored; a domain without scheme, path and www., as HubSpot keeps it. -#}
{% macro row_form(row) -%}
{%- set text = sql.canonical(row ~ '.' ~ sync.twins.column.name, sync.twins.column.type) -%}
{{ policies.match_form(standardize.domain(text) if sync.twins.field == 'domain' else text, true) }}
{%- endmacro %}

{# Rows that already stand for a record by the sync that is linked. -#}
{% macro linked_keys() -%}
select row_key from {{ run.ledger.sync_identity }} where org_id = {{ sql.text_literal(run.org_id) }} and sync_name = {{ sql.text_literal(sync.twins.of) }} and row_key is not null
{%- endmacro %}

{# Its key found no record; of a run also: the row never had one. -#}
{% macro may_have_twin() -%}
reads.row_key is not null and coalesce(live_records.records, 0) = 0{% if not sync.twins.adopts %} and state.crm_id is null{% endif %}
{%- endmacro %}

{% macro live_record_id() -%}
{% if sync.twins.adopts %}coalesce(live_records.record_id, case when {{ links.may_have_twin() }} and twin_records.twins = 1 then twin_records.record_id end){% else %}live_records.record_id{% endif %}
{%- endmacro %}

{% macro grouped_twins() -%}
  select
    {{ policies.match_form('twin_value', true) }} as twin_form,
    case when min(record_id) = max(record_id) and count(*) = count(record_id) then 1 else 2 end as twins,
    min(record_id) as record_id,
    max(twin_key) as twin_key
  from {{ sync.work.twins }}
  group by {{ policies.match_form('twin_value', true) }}
{%- endmacro %}

{# Decisions about a row of `fields_decided` whose record was not found by its key. -#}
{% macro decision() -%}
      when twins > 1 then 'quarantined'
      when twins = 1 and {{ links.has_other_key() }} then 'quarantined'
{%- if not sync.twins.adopts %}
      when twins = 1 then 'held'
      when op = 'create' and twin_claims > 1 then 'quarantined'
{%- endif %}
{%- endmacro %}

{% macro reason() -%}
      when twins > 1 then 'link_ambiguous'
      when twins = 1 and {{ links.has_other_key() }} then 'link_taken'
{%- if not sync.twins.adopts %}
      when twins = 1 then 'link_first'
      when op = 'create' and twin_claims > 1 then 'link_shared'
{%- endif %}
{%- endmacro %}

{# Rows without a record that would make one each for the same value. -#}
{% macro claims() -%}
case when twin_form is null then 1 else count(*) over (partition by op, twin_form) end
{%- endmacro %}

{% macro has_other_key() -%}
coalesce({{ policies.match_form('twin_key', sync.match.fold) }} <> {{ policies.match_form('match_value', sync.match.fold) }}, false)
{%- endmacro %}

{# Another row already stands for the record, by this sync or by the one that is linked. -#}
{% macro is_claimed(row) -%}
op = 'update' and exists (
      select 1 from {{ run.ledger.sync_identity }} as other
      where other.org_id = {{ sql.text_literal(run.org_id) }}
        and other.sync_name in ({{ sql.text_literal(sync.name) }}, {{ sql.text_literal(sync.twins.of) }})
        and other.crm_id = {{ row }}.live_record_id and other.row_key <> {{ row }}.row_key
    )
{%- endmacro %}

{# Reasons with the ids a person needs to decide; at most ten of them. -#}
{% macro quarantined_twins() -%}
select waiting.row_key, waiting.reason, {{ sql.text_literal(sync.twins.field) }},
  case waiting.reason when 'link_ambiguous' then 'E-DATA-AMBIGUOUS' else 'E-DATA-CLAIMED' end,
  case waiting.reason
    when 'link_ambiguous' then {{ sql.text_literal('several ' ~ sync.object ~ ' have the ' ~ sync.twins.field ~ ' of this row: ') }} || named.ids
    else {{ sql.text_literal('the one of ' ~ sync.object ~ ' with the ' ~ sync.twins.field ~ ' of this row already carries another ' ~ sync.match.field ~ ': ') }} || named.ids
  end,
  1
from {{ sync.work.changes }} as waiting
join {{ sync.work.staging }} as staging on staging.row_key = waiting.row_key
join (
  select twin_form, string_agg(named, ', ' order by place) as ids
  from (
    select twin_form, place, case when place > 10 then '…' when record_id is null then 'too many to list' else record_id {% if sync.match.keep == 'full' %}|| coalesce(' (' || twin_key || ')', ''){% endif %} end as named
    from (
      select {{ policies.match_form('twin_value', true) }} as twin_form, record_id, max(twin_key) as twin_key,
        row_number() over (partition by {{ policies.match_form('twin_value', true) }} order by record_id) as place
      from {{ sync.work.twins }}
      group by {{ policies.match_form('twin_value', true) }}, record_id
    ) as numbered
    where place <= 11
  ) as listed
  group by twin_form
) as named on named.twin_form = {{ links.row_form('staging') }}
where waiting.decision = 'quarantined' and waiting.reason in ('link_ambiguous', 'link_taken')

union all
select row_key, reason, {{ sql.text_literal(sync.twins.field) }}, 'E-DATA-CLAIMED', {{ sql.text_literal('several rows without a record have the same ' ~ sync.twins.field ~ '; each would make one of ' ~ sync.object) }}, 1
from {{ sync.work.changes }}
where decision = 'quarantined' and reason = 'link_shared'
{%- endmacro %}
