-- Grain: one version of a sync as it was written. Key: sync_name, config_hash.
select
  c.sync_name,
  c.config_hash,
  c.first_run_id,
  c.actor,
  c.git_sha,
  c.config,
  lag(c.config_hash) over (partition by c.sync_name order by c.logged_at) as previous_config_hash,
  lag(c.config) over (partition by c.sync_name order by c.logged_at) as previous_config,
  c.logged_at as first_used_at
from backfeed.sync_config as c
