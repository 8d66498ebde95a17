// What the plan is measured against: the floor nothing can go below, and the shape most people write first.
// The floor hashes the columns because counting them does not read them: DuckDB counts a text column without unpacking it.
import { COLUMNS } from './plan-data.mjs'

const names = COLUMNS.map((c) => c.name)

/** One scan of all columns of the source and one join with the state on the key. */
export function floorSql({ source, state, stateKey }) {
  return `select bit_xor(hash(${names.map((name) => `s.${name}`).join(', ')})), count(t.${stateKey}) from ${source} s full join ${state} t on t.${stateKey} = s.customer_id`
}

/** A table per step, every row normalised and validated, values compared column by column in a full join. */
export function naiveStatements({ source, state, schema }) {
  const standardised = names.map((name) => (standardise[name] ? `${standardise[name]} as ${name}` : name))
  const different = names.map((name) => `v.${name} is distinct from t.${name}`)
  return [
    `create or replace table ${schema}.naive_staging as select trim(customer_id) as customer_id, ${standardised.join(', ')} from ${source}`,
    `create or replace table ${schema}.naive_duplicates as select customer_id from ${schema}.naive_staging group by customer_id having count(*) > 1`,
    `create or replace table ${schema}.naive_violations as select customer_id, case when not regexp_full_match(email, '[^@ ]+@[^@ ]+\\.[a-z]+') then 'email' when not risk_score between 0 and 100 then 'risk_score' else 'duplicate' end as rule
       from ${schema}.naive_staging where not regexp_full_match(email, '[^@ ]+@[^@ ]+\\.[a-z]+') or not risk_score between 0 and 100 or customer_id in (select customer_id from ${schema}.naive_duplicates)`,
    `create or replace table ${schema}.naive_valid as select * from ${schema}.naive_staging where customer_id not in (select customer_id from ${schema}.naive_violations)`,
    `create or replace table ${schema}.naive_changes as select v.*, t.customer_id is null as is_new, [${names.map((name, i) => `case when ${different[i]} then '${name}' end`).join(', ')}] as changed
       from ${schema}.naive_valid v left join ${state} t on t.customer_id = v.customer_id where t.customer_id is null or ${different.join(' or ')}`,
    `create or replace table ${schema}.naive_removed as select t.customer_id from ${state} t left join ${schema}.naive_staging v on v.customer_id = t.customer_id where v.customer_id is null`,
  ]
}

const standardise = {
  company_name: 'trim(company_name)',
  email: 'lower(trim(email))',
  domain: `lower(regexp_replace(trim(domain), '^(https?://)?(www\\.)?', ''))`,
  country: 'upper(trim(country))',
  usage_segment: 'lower(trim(usage_segment))',
}
