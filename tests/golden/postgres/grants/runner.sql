-- runner: runs syncs. Owns the private tables and the public views, reads what the models read.
create role backfeed_runner;
create schema if not exists backfeed authorization backfeed_runner;
create schema if not exists backfeed_audit authorization backfeed_runner;
grant usage on schema crm to backfeed_runner;
grant usage on schema product to backfeed_runner;
grant select on crm.customers to backfeed_runner;
grant select on crm.orders to backfeed_runner;
grant select on product.usage to backfeed_runner;
