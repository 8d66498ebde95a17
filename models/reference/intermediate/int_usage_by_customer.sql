-- Grain: one row per customer that used the product. Key: customer_id.
-- Window: the weeks in product_usage, at most the last {{ var('usage_weeks') }} of them.
{{ config(materialized='view') }}
with latest_week as (
  select max(week_starting) as week_starting from {{ ref('product_usage') }}
)
select
  usage_rows.customer_id,
  cast(sum(usage_rows.events) as bigint) as events,
  cast(max(usage_rows.active_users) as bigint) as peak_active_users
from {{ ref('product_usage') }} as usage_rows
cross join latest_week
where usage_rows.week_starting > latest_week.week_starting - 7 * {{ var('usage_weeks') }}
group by usage_rows.customer_id
