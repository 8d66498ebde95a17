// The benchmark's source: N rows x 12 mapped columns of every mappable type, 20 % nulls, in the state the last sync left it;
// then the day after: 1 % changed, 0.1 % new, 0.1 % gone, 0.2 % invalid. Everything is a function of the row number: the same data every time.

/** @type {readonly {name: string, type: string, expression: string}[]} */
export const COLUMNS = [
  { name: 'company_name', type: 'varchar', expression: `'Company ' || (h % 999983)` },
  { name: 'email', type: 'varchar', expression: `'person' || i || '@company' || (h % 50000) || '.example'` },
  { name: 'domain', type: 'varchar', expression: `'company' || (h % 50000) || '.example'` },
  { name: 'country', type: 'varchar', expression: `['DE', 'FR', 'GB', 'JP', 'US'][1 + cast(h % 5 as integer)]` },
  {
    name: 'usage_segment',
    type: 'varchar',
    expression: `['power', 'core', 'light', 'dormant'][1 + cast(h % 4 as integer)]`,
  },
  { name: 'ltv', type: 'decimal(18,2)', expression: `cast((h % 900000000) / 100.0 as decimal(18,2))` },
  { name: 'risk_score', type: 'decimal(5,2)', expression: `cast((h % 10001) / 100.0 as decimal(5,2))` },
  { name: 'active_users', type: 'integer', expression: `cast(h % 5000 as integer)` },
  { name: 'events', type: 'bigint', expression: `cast(h % 80000000 as bigint)` },
  { name: 'is_active', type: 'boolean', expression: `h % 3 = 0` },
  { name: 'signed_up_on', type: 'date', expression: `date '2015-01-01' + cast(h % 4000 as integer)` },
  {
    name: 'last_seen_at',
    type: 'timestamp',
    expression: `timestamp '2026-01-01 00:00:00' + to_seconds(cast(h % 15000000 as integer))`,
  },
]

/** Two columns never hold a null, because a row without them is invalid: the e-mail address and the score with a range. */
const REQUIRED = new Set(['email', 'risk_score'])

/** @param {string} table @param {number} rows */
export function beforeSql(table, rows) {
  const columns = COLUMNS.map(({ name, type, expression }, position) => {
    const value = expression.replaceAll('h %', `hash(i * 31 + ${position}) %`)
    if (REQUIRED.has(name)) return `cast(${value} as ${type}) as ${name}`
    return `case when hash(i * 17 + ${position}) % 5 > 0 then cast(${value} as ${type}) end as ${name}`
  })
  return `create table ${table} as select 'C-' || lpad(cast(i as varchar), 9, '0') as customer_id, ${columns.join(', ')} from range(${rows}) as numbers(i)`
}

/** The next day. Kinds are cut out of the row number's hash, so that they are spread over the whole table and never overlap. */
export function afterSql(table, before, rows) {
  const kind = `hash(customer_id) % 10000`
  const columns = COLUMNS.map(({ name }) => {
    if (name === 'ltv') return `case when kind < 60 then coalesce(ltv, 0) + 1 else ltv end as ltv`
    if (name === 'usage_segment')
      return `case when kind >= 60 and kind < 100 then case when usage_segment = 'power' then 'core' else 'power' end else usage_segment end as usage_segment`
    if (name === 'email') return `case when kind >= 100 and kind < 110 then 'not an address' else email end as email`
    if (name === 'risk_score')
      return `case when kind >= 110 and kind < 120 then cast(250 as decimal(5,2)) else risk_score end as risk_score`
    return name
  })
  const added = `select 'N' || substr(customer_id, 2) as customer_id, ${COLUMNS.map((c) => (c.name === 'email' ? `'new.' || email as email` : c.name)).join(', ')} from ${before} using sample reservoir(${Math.round(rows / 1000)} rows) repeatable (7)`
  return `create table ${table} as select customer_id, ${columns.join(', ')} from (select *, ${kind} as kind from ${before}) as kinds where kind < 120 or kind >= 130 union all by name (${added})`
}
