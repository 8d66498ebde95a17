{#
  E.164 (+ and 7 to 15 digits). International numbers begin with + or 00; national ones need `default_country`
  (alpha-2), a constant of the project. What fits neither stays as it is, trimmed, for the phone rule to reject:
  letters and extensions among them, because the CRM would lose them.

  Per country: calling code, trunk prefix, pattern of the national number. Where numbers have one length, the trunk
  prefix may be missing (spreadsheets drop a leading zero); elsewhere the rest would be a guess.
  Source: ITU-T E.164 national numbering plans.
#}
{% macro phone(expr, default_country='') -%}
{%- set plans = {
  'AE': ['971', '0', '[2-9][0-9]{7,8}'],
  'AT': ['43', '0', '[1-9][0-9]{3,12}'],
  'AU': ['61', '0', '[2-478][0-9]{8}'],
  'BE': ['32', '0', '[1-9][0-9]{7,8}'],
  'BR': ['55', '0', '[1-9][0-9]{9,10}'],
  'CA': ['1', '1', '[2-9][0-9]{2}[2-9][0-9]{6}'],
  'CH': ['41', '0', '[1-9][0-9]{8}'],
  'CN': ['86', '0', '[1-9][0-9]{9,10}'],
  'CZ': ['420', '', '[2-9][0-9]{8}'],
  'DE': ['49', '0', '[1-9][0-9]{5,12}'],
  'DK': ['45', '', '[2-9][0-9]{7}'],
  'ES': ['34', '', '[5-9][0-9]{8}'],
  'FI': ['358', '0', '[1-9][0-9]{4,11}'],
  'FR': ['33', '0', '[1-9][0-9]{8}'],
  'GB': ['44', '0', '[1-9][0-9]{8,9}'],
  'GR': ['30', '', '[26][0-9]{9}'],
  'HK': ['852', '', '[2-9][0-9]{7}'],
  'HU': ['36', '06', '[1-9][0-9]{7,8}'],
  'IE': ['353', '0', '[1-9][0-9]{6,9}'],
  'IL': ['972', '0', '[2-9][0-9]{7,8}'],
  'IN': ['91', '0', '[1-9][0-9]{9}'],
  'IT': ['39', '', '[03][0-9]{5,10}'],
  'JP': ['81', '0', '[1-9][0-9]{8,9}'],
  'KR': ['82', '0', '[1-9][0-9]{7,9}'],
  'LU': ['352', '', '[2-9][0-9]{5,8}'],
  'MX': ['52', '', '[1-9][0-9]{9}'],
  'NL': ['31', '0', '[1-9][0-9]{8}'],
  'NO': ['47', '', '[2-9][0-9]{7}'],
  'NZ': ['64', '0', '[2-9][0-9]{7,9}'],
  'PL': ['48', '', '[1-9][0-9]{8}'],
  'PT': ['351', '', '[1-9][0-9]{8}'],
  'RO': ['40', '0', '[2-9][0-9]{8}'],
  'SE': ['46', '0', '[1-9][0-9]{6,8}'],
  'SG': ['65', '', '[3689][0-9]{7}'],
  'TR': ['90', '0', '[2-5][0-9]{9}'],
  'US': ['1', '1', '[2-9][0-9]{2}[2-9][0-9]{6}'],
  'ZA': ['27', '0', '[1-9][0-9]{8}']
} -%}
{%- set plain = sql.regex_replace(sql.plain_spaces(sql.ascii_digits(expr)), "'^ *[Tt][Ee][Ll]:'", "''") -%}
{%- set national = sql.regex_replace(plain, "'[ ()./-]'", "''") -%}
{#- The zero of "+44 (0)20" is for callers from inside the country. -#}
{%- set full = sql.regex_replace(sql.regex_replace(plain, "'[(]0[)]'", "''"), "'[ ()./-]'", "''") -%}
case
    when {{ sql.matches(full, "'[+][1-9][0-9]{6,14}'") }} then {{ full }}
    when {{ sql.matches(full, "'00[1-9][0-9]{6,14}'") }} then '+' || substr({{ full }}, 3)
{% if default_country -%}
{%- if not plans[default_country] %}{{ exceptions.raise_compiler_error('phone: no numbering plan for "' ~ default_country ~ '"; known: ' ~ plans.keys() | join(', ')) }}{% endif -%}
{%- set code = plans[default_country][0] -%}
{%- set trunk = plans[default_country][1] -%}
{%- set digits = plans[default_country][2] -%}
{%- if code == '1' %}
    when {{ sql.matches(full, "'011[1-9][0-9]{6,14}'") }} then '+' || substr({{ full }}, 4)
{% endif -%}
{%- if trunk %}
    when {{ sql.matches(national, sql.text_literal(trunk ~ digits)) }} then '+{{ code }}' || substr({{ national }}, {{ trunk | length + 1 }})
{% endif -%}
{%- if not trunk or ',' not in digits %}
    when {{ sql.matches(national, sql.text_literal(digits)) }} then '+{{ code }}' || {{ national }}
{% endif -%}
{%- endif %}
    else {{ standardize.text(expr) }}
  end
{%- endmacro %}
