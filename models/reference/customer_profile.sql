-- Grain: one row per row of customer_dim. Key: customer_id, as far as customer_dim keeps it unique.
select
  customers.customer_id,
  customers.company_name,
  customers.domain,
  customers.country,
  customers.region,
  customers.phone,
  customers.plan,
  customers.is_active,
  customers.signed_up_on,
  scores.ltv,
  scores.risk_score,
  scores.health_score,
  case
    when usage_of.events is null then 'dormant'
    when usage_of.events >= 1200 then 'power'
    when usage_of.events >= 300 then 'core'
    else 'light'
  end as usage_segment,
  case
    when scores.intent_score >= 70 then 'hot'
    when scores.intent_score >= 40 then 'warm'
    when scores.intent_score is not null then 'cold'
  end as intent_segment
from {{ ref('stg_customers') }} as customers
left join {{ ref('customer_scores') }} as scores on scores.customer_id = customers.customer_id
left join {{ ref('int_usage_by_customer') }} as usage_of on usage_of.customer_id = customers.customer_id
