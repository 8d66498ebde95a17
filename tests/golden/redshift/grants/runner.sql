-- runner: runs syncs. Owns the private tables and the public views, reads what the models read.
create role backfeed_runner;
create schema if not exists backfeed;
grant usage, create on schema backfeed to role backfeed_runner;
create schema if not exists backfeed_audit;
grant usage, create on schema backfeed_audit to role backfeed_runner;
grant usage on schema crm to role backfeed_runner;
grant usage on schema product to role backfeed_runner;
grant select on crm.customers to role backfeed_runner;
grant select on crm.orders to role backfeed_runner;
grant select on product.usage to role backfeed_runner;
