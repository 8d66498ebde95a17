-- auditor: reads the public views, which show what the audit kept, and nothing else.
create role backfeed_auditor;
grant usage on schema backfeed_audit to role backfeed_auditor;
grant select on all tables in schema backfeed_audit to role backfeed_auditor;
-- run as the user that runs syncs, so that views it creates later are readable too:
alter default privileges in schema backfeed_audit grant select on tables to role backfeed_auditor;
