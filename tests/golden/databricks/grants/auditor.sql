-- auditor: reads the public views, which show what the audit kept, and nothing else.
grant use catalog on catalog <catalog> to `backfeed_auditor`;
grant use schema, select on schema <catalog>.backfeed_audit to `backfeed_auditor`;
