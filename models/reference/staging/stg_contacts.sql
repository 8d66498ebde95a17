-- Grain: one row per row of contact_dim, mistakes included.
{{ config(materialized='view') }}
select
  contact_key,
  customer_id,
  first_name,
  last_name,
  email,
  phone
from {{ ref('contact_dim') }}
