-- Grain: one row per customer to send to HubSpot. Key: customer_id; companies are found by their domain.
select
  customer_id,
  domain,
  is_active,
  plan,
  health_score,
  intent_segment
from {{ ref('customer_profile') }}
