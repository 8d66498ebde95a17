-- auditor: reads the public views, which show what the audit kept, and nothing else.
create role backfeed_auditor;
grant usage on schema backfeed_audit to backfeed_auditor;
grant select on all tables in schema backfeed_audit to backfeed_auditor;
-- views are replaced when Backfeed is upgraded; new ones of the runner are readable too:
alter default privileges for role backfeed_runner in schema backfeed_audit grant select on tables to backfeed_auditor;
