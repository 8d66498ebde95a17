-- Grain: one row per row of contact_dim. Key: contact_key.
select
  contacts.contact_key,
  contacts.customer_id,
  contacts.email,
  scores.ml_lead_score
from {{ ref('stg_contacts') }} as contacts
left join {{ ref('contact_scores') }} as scores on scores.contact_key = contacts.contact_key
