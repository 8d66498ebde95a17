-- Grain: one row per customer to send to Salesforce. Key: customer_id.
select
  customer_id,
  company_name,
  region,
  is_active,
  cast(ltv as numeric(18, 2)) as ltv,
  usage_segment,
  cast(risk_score as numeric(5, 2)) as risk_score
from {{ ref('customer_profile') }}
