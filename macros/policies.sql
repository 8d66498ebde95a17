{#
  The policies of a sync as SQL expressions: keys, fingerprints, null policy, comparison with the acknowledged and the
  live value, and what happens to one field. `field`, `column` and `key` are entries of `sync`; see runner/sync/sync-context.ts.
#}

{# ---- keys: trimmed; blank is no key; a sensitive key is known by its hash everywhere, because keys stand in every log ---- #}

{% macro key_text(columns) %}{{ policies.logged_key(columns, sync.key_is_hashed) }}{% endmacro %}

{% macro logged_key(columns, is_hashed) -%}
{% if is_hashed %}{{ sql.sha256(sql.text_literal(sync.key_scope ~ ':') ~ ' || ' ~ policies.plain_key(columns)) }}{% else %}{{ policies.plain_key(columns) }}{% endif %}
{%- endmacro %}

{% macro plain_key(columns) -%}
{% if columns.length == 1 -%}
nullif({{ sql.trimmed(policies.plain_text(columns[0])) }}, '')
{%- else -%}
'[' || {% for column in columns %}{{ sql.json_text("nullif(trim(" ~ policies.plain_text(column) ~ "), '')") }}{{ " || ',' || " if not loop.last }}{% endfor %} || ']'
{%- endif %}
{%- endmacro %}

{# The raw key is not spelled as the CRM would compare it. #}
{% macro has_blanks(columns) -%}
{% for column in columns %}{{ policies.plain_text(column) }} <> {{ sql.trimmed(policies.plain_text(column)) }}{{ ' or ' if not loop.last }}{% endfor %}
{%- endmacro %}

{% macro plain_text(column) %}{{ sql.canonical(policies.plain_value(column), column.type) }}{% endmacro %}

{# The column as the mapping's type system sees it: timestamps with a zone become UTC. #}
{% macro plain_value(column) -%}
{% if column.type.kind == 'timestamp' and column.zoned %}{{ sql.to_utc(column.name) }}{% else %}{{ column.name }}{% endif %}
{%- endmacro %}

{# A value as the CRM compares match values: trimmed, and folded where case does not count there. #}
{% macro match_form(expr, fold) -%}
{% if fold %}nullif(lower(trim({{ expr }})), ''){% else %}nullif(trim({{ expr }}), ''){% endif %}
{%- endmacro %}

{# The match value as the CRM spells it, so that what is read by it meets the row again. -#}
{% macro match_text(column) -%}
{% if sync.match.kind == 'reference' %}{{ destination.stored_id({aliases: []}, sql.canonical(column.name, column.type)) }}
{%- elif sync.match.kind == 'number' %}{{ sql.plain_number("nullif(trim(" ~ sql.canonical(column.name, column.type) ~ "), '')") }}
{%- else %}nullif(trim({{ sql.canonical(column.name, column.type) }}), '')
{%- endif %}
{%- endmacro %}

{% macro match_hash(expr) %}{{ sql.key_hash([policies.match_form(expr, sync.match.fold)]) }}{% endmacro %}

{# ---- staging: the column after its standardiser, as an expression over the raw column ---- #}

{% macro standardized(column) -%}
{% if column.standardizer == 'email' %}{{ standardize.email(column.name) }}
{%- elif column.standardizer == 'phone' %}{{ standardize.phone(column.name) }}
{%- elif column.standardizer == 'domain' %}{{ standardize.domain(column.name) }}
{%- elif column.standardizer == 'country' %}{{ standardize.country(column.name) }}
{%- elif column.standardizer == 'name' %}{{ standardize.name(column.name) }}
{%- else %}{{ policies.plain_value(column) }}
{%- endif %}
{%- endmacro %}

{#
  The value a field should have, in the field's own type and in the form the CRM will hold it, so that what is sent is what is
  read back. Blank text is no value, because both CRMs would clear on it.
-#}
{% macro desired(field) -%}
{% if not field.mapped -%}
{{ sql.null_of_type(field.type) }}
{%- elif field.constant is not none -%}
{{ policies.typed_constant(field, field.constant) }}
{%- elif field.type.kind == 'text' -%}
{{ policies.desired_of(field, sql.canonical(field.column.name, field.column.type)) }}
{%- elif field.type.kind == 'timestamp' -%}
{{ destination.stored_moment(sql.cast(field.column.name, field.type)) }}
{%- elif field.column.type.kind == field.type.kind and field.column.type.scale == field.type.scale -%}
{{ field.column.name }}
{%- else -%}
{{ sql.cast(field.column.name, field.type) }}
{%- endif %}
{%- endmacro %}

{% macro typed_constant(field, text) -%}
{{ policies.desired_of(field, sql.text_literal(text)) if field.type.kind == 'text' else sql.cast(sql.text_literal(text), field.type) }}
{%- endmacro %}

{% macro desired_of(field, text) -%}
{% if field.kind == 'multi_enumeration' %}nullif({{ sql.sorted_parts(text) }}, '')
{%- elif field.kind == 'reference' %}{{ destination.stored_id(field, text) }}
{%- elif sync.destination == 'hubspot' and (field.fold or field.kind == 'enumeration') %}{{ destination.hubspot_name(text, field.fold) }}
{%- else %}{{ destination.stored_text(text) }}
{%- endif %}
{%- endmacro %}

{# The row itself says that the CRM's value is to be erased: a flag of its own, or a value that stands for it. #}
{% macro has_clear_mark(field) %}{{ 'yes' if field.clear_when or field.sentinel is not none }}{% endmacro %}

{% macro clear_mark(field) -%}
{% if field.clear_when %}coalesce({{ field.clear_when }}, false){% endif %}
{%- if field.clear_when and field.sentinel is not none %} or {% endif %}
{%- if field.sentinel is not none %}coalesce({{ sql.canonical(field.column.name, field.column.type) }} = {{ sql.text_literal(field.sentinel) }}, false){% endif %}
{%- endmacro %}

{# A null never becomes a clear unless the field says so. #}
{% macro can_clear(field) %}{{ 'yes' if field.on_null == 'clear' or policies.has_clear_mark(field) }}{% endmacro %}

{# For a field that can_clear; `row` is a relation with desired_ and clears_ columns. #}
{% macro wants_clear(field, row) -%}
{% if field.on_null == 'clear' %}{{ row }}.desired_{{ field.slug }} is null{% else %}{{ row }}.clears_{{ field.slug }}{% endif %}
{%- endmacro %}

{% macro has_no_value(field, row) -%}
{{ row }}.desired_{{ field.slug }} is null{% if policies.has_clear_mark(field) %} and not {{ row }}.clears_{{ field.slug }}{% endif %}
{%- endmacro %}

{# ---- comparison ---- #}

{# The last acknowledged value is unknown, or differs from what is wanted now. #}
{% macro wants_change(field, staged, acked) -%}
({{ staged }}.desired_{{ field.slug }} is not null and ({{ acked }}.known_{{ field.slug }} is not true or {{ sql.is_distinct(staged ~ '.desired_' ~ field.slug, acked ~ '.acked_' ~ field.slug) }})
{%- if policies.can_clear(field) %}
  or {{ policies.wants_clear(field, staged) }} and ({{ acked }}.known_{{ field.slug }} is not true or {{ acked }}.acked_{{ field.slug }} is not null)
{%- endif %})
{%- endmacro %}

{# Does the CRM's text mean the wanted value? Compared as the field's kind, so that 1.10 equals 1.1. #}
{% macro same_value(field, desired, live) -%}
{% if field.kind == 'number' -%}
{{ sql.plain_number(live) }} = {{ sql.plain_number(sql.canonical(desired, field.type)) }}
{%- elif field.kind == 'boolean' -%}
lower({{ live }}) = {{ sql.canonical(desired, field.type) }}
{%- elif field.kind == 'date' -%}
substr({{ live }}, 1, 10) = {{ sql.canonical(desired, field.type) }}
{%- elif field.kind == 'datetime' -%}
{# Both are UTC in one spelling; Salesforce keeps seconds, HubSpot milliseconds. -#}
{%- set characters = 19 if sync.destination == 'salesforce' else 23 -%}
substr({{ live }}, 1, {{ characters }}) = substr({{ sql.canonical(desired, field.type) }}, 1, {{ characters }})
{%- elif field.kind == 'multi_enumeration' -%}
{# The order is the CRM's own. -#}
{{ sql.sorted_parts(live) }} = {{ desired }}
{%- elif field.reference and field.reference.fold -%}
lower(trim({{ live }})) = lower(trim({{ desired }}))
{%- elif field.multiline -%}
{# Line ends may come back as the CRM's own. -#}
replace(trim({{ live }}), chr(13), '') = replace(trim({{ desired }}), chr(13), '')
{%- else -%}
trim({{ live }}) = trim({{ desired }})
{%- endif %}
{%- endmacro %}

{# The stored text is the wanted value in a form of the CRM's own: in other letters, without blanks, rounded, without seconds. -#}
{% macro same_in_another_form(field, desired, live) -%}
{% if field.kind == 'number' -%}
({% for places in [0, 1, 2, 3, 4, 5, 6] %}{{ sql.try_cast(live, {kind: 'decimal', precision: 38, scale: 10}) }} = round({{ sql.cast(desired, {kind: 'decimal', precision: 38, scale: 10}) }}, {{ places }}){{ ' or ' if not loop.last }}{% endfor %})
{%- elif field.kind == 'datetime' -%}
substr({{ live }}, 1, 16) = substr({{ sql.canonical(desired, field.type) }}, 1, 16)
{%- elif field.type.kind == 'text' -%}
{{ policies.bare_text(live) }} = {{ policies.bare_text(desired) }}
{%- else -%}
{{ policies.same_value(field, desired, live) }}
{%- endif %}
{%- endmacro %}

{# And in another one only. Whatever else a CRM made of a value is no form of it: it stays to be seen as drift. #}
{% macro in_another_form(field, desired, live) -%}
not coalesce({{ policies.same_value(field, desired, live) }}, false) and coalesce({{ policies.same_in_another_form(field, desired, live) }}, false)
{%- endmacro %}

{% macro bare_text(expr) %}translate(lower({{ expr }}), {{ sql.white_space() }}, ''){% endmacro %}

{#
  For a field that `transforms`: the live value is what the CRM made of the acknowledged one. Where that was not told, any other
  form of it counts. `row` is empty or ends in a dot; it has live_, stored_ and acked_ columns.
-#}
{% macro is_as_stored(field, row) -%}
{%- set live = row ~ 'live_' ~ field.slug -%}
{%- set stored = row ~ 'stored_' ~ field.slug -%}
{%- set acked = sql.cast(row ~ 'acked_' ~ field.slug, field.type) -%}
coalesce(case when {{ stored }} is not null then {{ live }} = {{ stored }} else {{ policies.same_in_another_form(field, acked, live) }} end, false)
{%- endmacro %}

{# The number with no more places than the CRM keeps; what has more never gets this far. -#}
{% macro in_places(number, field) -%}
{% if field.places is not none and field.type.kind == 'decimal' and (field.type.scale is none or field.type.scale > field.places) %}round({{ number }}, {{ field.places }}){% else %}{{ number }}{% endif %}
{%- endmacro %}

{# Somebody else wrote the field since we did: the live value is not the acknowledged one. #}
{% macro crm_changed(field, row='') -%}
{%- set acked = row ~ 'acked_' ~ field.slug -%}
{%- set live = row ~ 'live_' ~ field.slug -%}
{% if field.opaque %}false{% else %}{{ row }}op = 'update' and {{ row }}known_{{ field.slug }}{% if field.transforms %} and not {{ policies.is_as_stored(field, row) }}{% endif %} and not coalesce(
    case when {{ acked }} is null then {{ sql.is_blank(live) }} else {{ policies.same_value(field, sql.cast(acked, field.type), live) }} end, false)
{%- endif %}
{%- endmacro %}

{# What people changed is written again only when somebody asked for it, and never back to an earlier stage. #}
{% macro is_repaired(field) %}{{ 'yes' if run.repairs and sync.on_drift == 'overwrite' and not field.forward_only }}{% endmacro %}

{#
  What happens to one field of one row: set, clear, adopt (the CRM already holds it), drift (somebody changed what we
  had acknowledged and the warehouse did not change), conflict (both changed it and a person has to say), held or kept (first
  contact with other data), not_applied (a step back that the CRM would answer with success and not store), none.
  `row` is the relation with op, desired_, clears_, acked_, known_ and live_ columns.
#}
{% macro field_action(field, row) -%}
{%- set desired = row ~ '.desired_' ~ field.slug -%}
{%- set live = row ~ '.live_' ~ field.slug -%}
{%- set known = row ~ '.known_' ~ field.slug -%}
{%- set acked = row ~ '.acked_' ~ field.slug -%}
case
    when {{ row }}.op is null or {{ desired }} is null{% if policies.can_clear(field) %} and not ({{ policies.wants_clear(field, row) }}){% endif %} then 'none'
    when {{ row }}.op = 'create' then case when {{ desired }} is not null then 'set' else 'none' end
{% if field.write == 'on_create' %}
    else 'none'
{% else %}
{% if field.opaque %}
    when {{ known }} and {{ sql.is_same(desired, acked) }} then 'none'
{% else %}
    when {{ policies.same_value(field, desired, live) }}{% if policies.can_clear(field) %} or {{ desired }} is null and {{ sql.is_blank(live) }}{% endif %} then case when {{ known }} and {{ sql.is_same(desired, acked) }} then 'none' else 'adopt' end
{% if field.transforms %}
    when {{ known }} and {{ sql.is_same(desired, acked) }} and {{ policies.is_as_stored(field, row ~ '.') }} then 'none'
{% endif %}
    when {{ known }} and {{ sql.is_same(desired, acked) }} then {% if policies.is_repaired(field) %}case when {{ desired }} is null then 'clear' else 'set' end{% else %}'drift'{% endif %}

{% if sync.on_drift != 'overwrite' %}
    when {{ policies.crm_changed(field, row ~ '.') }} then {{ "'kept'" if sync.on_drift == 'keep' else "'conflict'" }}
{% endif %}
{% endif %}
{% if field.forward_only %}
    when {{ policies.place_in(field.forward_only, desired) }} < {{ policies.place_in(field.forward_only, live) }} then 'not_applied'
{% endif %}
{% if field.write == 'if_empty' %}
    when not ({{ sql.is_blank(live) }}) then 'kept'
{% endif %}
{% if sync.first_sync != 'overwrite' %}
    when not {{ known }} and not {{ row }}.unsettled_{{ field.slug }} and not ({{ sql.is_blank(live) }}) then {{ "'kept'" if sync.first_sync == 'fill_blank' else "'held'" }}
{% endif %}
{% if policies.can_clear(field) %}
    when {{ desired }} is null then 'clear'
{% endif %}
    else 'set'
{% endif %}

  end
{%- endmacro %}

{% macro has_conflict() %}{% for field in sync.fields %}action_{{ field.slug }} = 'conflict' or {% endfor %}false{% endmacro %}

{# The record is the one that was written to, or took that one in. #}
{% macro is_known_record() -%}
{% if sync.match.has_aliases %}(state.crm_id = live_records.record_id or live_records.absorbed like '%;' || state.crm_id || ';%'){% else %}state.crm_id = live_records.record_id{% endif %}
{%- endmacro %}

{# A create that the CRM would refuse. #}
{% macro lacks_required() -%}
{% for field in sync.required_on_create %}action_{{ field.slug }} <> 'set' or {% endfor %}{% if sync.required_one_of.length > 0 %}not ({% for field in sync.required_one_of %}action_{{ field.slug }} = 'set'{{ ' or ' if not loop.last }}{% endfor %}){% else %}false{% endif %}
{%- endmacro %}

{# Null for a value that is not among them. #}
{% macro place_in(values, text) -%}
case {{ text }} {% for value in values %}when {{ sql.text_literal(value) }} then {{ loop.index }} {% endfor %}end
{%- endmacro %}

{# Canonical text back to the field's own type; what is not of that type becomes null. #}
{% macro typed_text(expr, type) -%}
{% if type.kind == 'text' %}{{ expr }}
{%- elif type.kind == 'timestamp' %}{{ sql.try_timestamp(expr) }}
{%- else %}{{ sql.try_cast(expr, type) }}
{%- endif %}
{%- endmacro %}

{# ---- audit: what a log keeps of a value ---- #}

{% macro audit_value(expr, keep) -%}
{% if keep == 'full' %}{{ expr }}
{%- elif keep == 'mask' %}case when {{ expr }} is null then null when {{ sql.text_length(expr) }} < 4 then '***' else substr({{ expr }}, 1, 1) || '***' end
{%- else %}{{ sql.null_of('text') }}
{%- endif %}
{%- endmacro %}

{% macro audit_hash(expr) %}case when {{ expr }} is not null then {{ sql.sha256(sql.text_literal(run.audit_salt) ~ ' || ' ~ expr) }} end{% endmacro %}

{# The place of a row among the batches, from 1; the first batch may be a smaller one. #}
{% macro batch_of(place) -%}
{% if sync.canary > 0 %}case when {{ place }} <= {{ sync.canary }} then 1 else {{ sql.quotient('(' ~ place ~ ' - 1 - ' ~ sync.canary ~ ')', sync.batch_size) }} + 2 end{% else %}{{ sql.quotient('(' ~ place ~ ' - 1)', sync.batch_size) }} + 1{% endif %}
{%- endmacro %}

{# What `changes` keeps of each field: what happens to it, and the values that were compared. #}
{% macro change_fields() -%}
{%- for field in sync.fields %},
  action_{{ field.slug }},
  desired_{{ field.slug }},
  live_{{ field.slug }},
  known_{{ field.slug }},
  unsettled_{{ field.slug }},
  acked_{{ field.slug }}
{%- endfor %}
{%- endmacro %}

{#
  Columns of a plan that says something about each row and sends nothing: `changes` with the action `next_<slug>` in place of the one that was
  decided. The caller adds `from`.
#}
{% macro unsent_changes(reason) -%}
select
  row_number() over (order by row_key) as seq,
  plan_id,
  change_id,
  row_key,
  key_hash,
  fingerprint,
  match_value,
  op,
  'noop' as decision,
  {{ sql.text_literal(reason) }} as reason,
  crm_id,
  match_hash,
  parent,
  {{ sql.null_of('text') }} as transport,
  {{ sql.null_of('bigint') }} as batch_no,
  {{ sql.null_of('text') }} as body,
  payload_hash,
  next_attempt_at
{%- for field in sync.fields %},
  next_{{ field.slug }} as action_{{ field.slug }},
  desired_{{ field.slug }},
  live_{{ field.slug }},
  known_{{ field.slug }},
  unsettled_{{ field.slug }},
  acked_{{ field.slug }}
{%- endfor %}
{%- endmacro %}

{# `changes`, with what state holds of fields that the CRM stores otherwise. #}
{% macro changes_and_stored() -%}
{%- set transforming = sync.fields | selectattr('transforms') -%}
{% if transforming | length == 0 %}{{ sync.work.changes }}{% else %}(
  select given.*{% for field in transforming %}, state.stored_{{ field.slug }}{% endfor %}

  from {{ sync.work.changes }} as given
  left join {{ sync.state }} as state on state.row_key = given.row_key
){% endif %} as changes
{%- endmacro %}

{# What is locked with the row: its new parent, or the one it has. #}
{% macro parent() -%}
{% if sync.parent %}coalesce({{ sql.cast('desired_' ~ sync.parent.slug, {kind: 'text'}) }}, live_{{ sync.parent.slug }}){% else %}{{ sql.null_of('text') }}{% endif %}
{%- endmacro %}
