-- Grain: one broken rule of one staged row. Key: row_key, rule. Reasons are static texts: they never contain values.
{{ config(materialized='table') }}
select row_key, 'key_not_null' as rule, {{ sql.text_literal(sync.key_label) }} as field, 'quarantine' as on_fail, 'E-KEY-NULL' as code, 'the primary key is empty' as reason, candidate_rows as source_rows
from {{ sync.work.staging }}
where row_key is null

union all
select staging.row_key, 'key_unique', {{ sql.text_literal(sync.key_label) }}, 'quarantine', 'E-KEY-DUP', 'the primary key stands more than once in the model', duplicates.source_rows
from {{ sync.work.staging }} as staging
join {{ sync.work.duplicates }} as duplicates on duplicates.scope = 'key' and duplicates.value = staging.row_key

union all
select row_key, 'match_not_null', {{ sql.text_literal(sync.match.field) }}, 'quarantine', 'E-KEY-NULL', 'the match value is empty', 1
from {{ sync.work.staging }}
where match_value is null and row_key is not null
{%- for check in sync.unique_checks %}

union all
select staging.row_key, {{ sql.text_literal(check.rule) }}, {{ sql.text_literal(check.label) }}, {{ sql.text_literal(check.on_fail) }}, {{ sql.text_literal(check.code) }}, {{ sql.text_literal(check.reason) }}, duplicates.source_rows
from {{ sync.work.staging }} as staging
join {{ sync.work.duplicates }} as duplicates
  on duplicates.scope = {{ sql.text_literal(check.scope) }}
  and duplicates.value = {{ policies.match_form(sql.canonical('staging.' ~ check.column.name, check.column.type), check.fold) }}
{%- if check.scope == 'match' and sync.match.is_key %}
  and staging.candidate_rows = 1 -- the same key twice is already said above
{%- endif %}
{%- endfor %}
{%- for limit in sync.match.limits %}

union all
select row_key, {{ sql.text_literal(sync.match.field ~ '_' ~ limit.name) }}, {{ sql.text_literal(sync.match.field) }}, 'quarantine', {{ sql.text_literal(limit.code) }}, {{ sql.text_literal(limit.reason) }}, 1
from {{ sync.work.staging }}
where {{ rules.exceeds('match_value', limit) }}
{%- endfor %}
{%- for field in sync.fields %}
{%- if field.on_null == 'reject' %}

union all
select row_key, {{ sql.text_literal(field.to ~ '_null') }}, {{ sql.text_literal(field.to) }}, 'quarantine', 'E-NULL-REJECT', 'the value is null and the field says on_null: reject', 1
from {{ sync.work.staging }} as staging
where {{ policies.has_no_value(field, 'staging') }}
{%- endif %}
{%- for limit in field.limits %}

union all
select row_key, {{ sql.text_literal(field.to ~ '_' ~ limit.name) }}, {{ sql.text_literal(field.to) }}, 'quarantine', {{ sql.text_literal(limit.code) }}, {{ sql.text_literal(limit.reason) }}, 1
from {{ sync.work.staging }}
where {{ rules.breaks_limit(field, limit) }}
{%- endfor %}
{%- endfor %}
{%- for rule in sync.rules %}

union all
select row_key, {{ sql.text_literal(rule.name) }}, {{ sql.text_literal(rule.label) }}, {{ sql.text_literal(rule.on_fail) }}, {{ sql.text_literal(rule.code) }}, {{ sql.text_literal(rule.reason) }}, 1
from {{ sync.work.staging }}
where {{ rules.breaks(rule) }}
{%- endfor %}
