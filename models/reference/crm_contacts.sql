-- Grain: one row per person. Key: contact_key; people are found by their e-mail address.
-- A customer_id that customer_dim holds twice says nothing certain about its people: they keep what the CRM has (nulls are ignored).
with certain_customers as (
  select customer_id from {{ ref('customer_profile') }} group by customer_id having count(*) = 1
)
select
  leads.contact_key,
  leads.email,
  people.first_name,
  people.last_name,
  people.phone,
  profile.plan,
  profile.health_score,
  profile.intent_segment,
  profile.usage_segment,
  leads.ml_lead_score
from {{ ref('lead_scores') }} as leads
join {{ ref('stg_contacts') }} as people on people.contact_key = leads.contact_key
left join certain_customers on certain_customers.customer_id = leads.customer_id
left join {{ ref('customer_profile') }} as profile on profile.customer_id = certain_customers.customer_id
