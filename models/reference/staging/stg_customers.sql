-- Grain: one row per row of customer_dim, mistakes included: nothing is dropped here, so that the sync can say why it held a row back.
{{ config(materialized='view') }}
select
  customer_id,
  company_name,
  website as domain,
  country,
  region,
  phone,
  plan,
  is_active,
  signed_up_on
from {{ ref('customer_dim') }}
