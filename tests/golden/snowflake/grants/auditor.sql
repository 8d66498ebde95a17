-- auditor: reads the public views, which show what the audit kept, and nothing else.
create role if not exists backfeed_auditor;
grant usage on warehouse <warehouse> to role backfeed_auditor;
grant usage on database <database> to role backfeed_auditor;
grant usage on schema <database>.backfeed_audit to role backfeed_auditor;
grant select on all views in schema <database>.backfeed_audit to role backfeed_auditor;
grant select on future views in schema <database>.backfeed_audit to role backfeed_auditor;
