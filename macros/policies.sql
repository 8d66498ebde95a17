{#
  The policies of a sync as SQL expressions: keys, fingerprints, null policy, comparison with the acknowledged and the
  live value, and what happens to one field. `field`, `column` and `key` are entries of `sync`; see runner/sync/sync-context.ts.
#}

{# ---- keys: trimmed; blank is no key; a sensitive key is known by its hash everywhere, because keys stand in every log ---- #}

{% macro key_text(columns) -%}
{% if sync.key_is_hashed %}{{ sql.sha256(sql.text_literal(sync.key_scope ~ ':') ~ ' || ' ~ policies.plain_key(columns)) }}{% else %}{{ policies.plain_key(columns) }}{% endif %}
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
{% if field.constant is not none -%}
{{ policies.desired_of(field, sql.text_literal(field.constant)) if field.type.kind == 'text' else sql.cast(sql.text_literal(field.constant), field.type) }}
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

{# The number with no more places than the CRM keeps; what has more never gets this far. -#}
{% macro in_places(number, field) -%}
{% if field.places is not none and field.type.kind == 'decimal' and (field.type.scale is none or field.type.scale > field.places) %}round({{ number }}, {{ field.places }}){% else %}{{ number }}{% endif %}
{%- endmacro %}

{# Somebody else wrote the field since we did: the live value is not the acknowledged one. #}
{% macro crm_changed(field, row='') -%}
{%- set acked = row ~ 'acked_' ~ field.slug -%}
{%- set live = row ~ 'live_' ~ field.slug -%}
{% if field.opaque %}false{% else %}{{ row }}op = 'update' and {{ row }}known_{{ field.slug }} and not coalesce(
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

{# ---- fold: what state holds after a plan is settled ---- #}

{# What a person said is to be taken as the starting point: the CRM's value of that moment. #}
{% macro base_value(field, live) %}{{ policies.typed_text(live, field.type) }}{% endmacro %}

{# A row with a field that is still held stays open, so that it is looked at again. #}
{% macro done_disposition() -%}
case when {% for field in sync.fields %}action_{{ field.slug }} = 'held' or {% endfor %}false then 'held' else 'synced' end
{%- endmacro %}

{% macro folded_known(field) -%}
case
    when action_{{ field.slug }} in ('adopt', 'base') or is_acknowledged and action_{{ field.slug }} in ('set', 'clear') then true
    when is_unknown and action_{{ field.slug }} in ('set', 'clear') then false
    else known_{{ field.slug }}
  end
{%- endmacro %}

{# An attempt that may have been applied: what the CRM holds may be ours, so it is neither drift nor a first contact. #}
{% macro folded_unsettled(field) -%}
case
    when action_{{ field.slug }} in ('adopt', 'base') or is_acknowledged and action_{{ field.slug }} in ('set', 'clear') then false
    when is_unknown and action_{{ field.slug }} in ('set', 'clear') then true
    else unsettled_{{ field.slug }}
  end
{%- endmacro %}

{% macro folded_value(field) -%}
case
    when action_{{ field.slug }} = 'clear' and (is_acknowledged or is_unknown) or is_unknown and action_{{ field.slug }} = 'set' then {{ sql.null_of_type(field.type) }}
    when action_{{ field.slug }} = 'base' then {{ policies.base_value(field, 'live_' ~ field.slug) }}
    when action_{{ field.slug }} = 'adopt' or is_acknowledged and action_{{ field.slug }} = 'set' then desired_{{ field.slug }}
    when known_{{ field.slug }} then acked_{{ field.slug }}
  end
{%- endmacro %}

{# Null makes an open row a candidate again, 0 keeps a row that left from leaving once more. #}
{% macro folded_fingerprint(disposition, fingerprint) %}case when {{ disposition }} = 'synced' then {{ fingerprint }} when {{ disposition }} = 'removed' then 0 end{% endmacro %}

{# ---- bulk jobs ---- #}

{# What a CSV cell cannot carry exactly goes by request: the sign for "cleared", no text at all, carriage returns, NUL, long texts. #}
{% macro fits_csv(body) -%}
length({{ body }}) <= 100000
{%- for mark in ['"#N/A"', ':""', '\\r', '\\u0000'] %} and replace({{ body }}, {{ sql.text_literal(mark) }}, '') = {{ body }}{% endfor %}
{%- endmacro %}

{# One mark per field: the columns a row needs. A cleared reference is another column than one that is set. #}
{% macro field_set() -%}
{% for field in sync.fields %}{% if field.in_body %}case action_{{ field.slug }} when 'set' then 's' when 'clear' then {% if field.reference %}'c'{% else %}'s'{% endif %} else '-' end || {% endif %}{% endfor %}''
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

{# What is locked with the row: its new parent, or the one it has. #}
{% macro parent() -%}
{% if sync.parent %}coalesce({{ sql.cast('desired_' ~ sync.parent.slug, {kind: 'text'}) }}, live_{{ sync.parent.slug }}){% else %}{{ sql.null_of('text') }}{% endif %}
{%- endmacro %}
