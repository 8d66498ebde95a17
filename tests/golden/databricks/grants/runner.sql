-- runner: runs syncs. Owns the private tables and the public views, reads what the models read.
grant use catalog on catalog <catalog> to `backfeed_runner`;
create schema if not exists <catalog>.backfeed;
grant use schema, create table, select, modify on schema <catalog>.backfeed to `backfeed_runner`;
create schema if not exists <catalog>.backfeed_audit;
grant use schema, create table, select, modify on schema <catalog>.backfeed_audit to `backfeed_runner`;
grant use schema on schema <catalog>.crm to `backfeed_runner`;
grant use schema on schema <catalog>.product to `backfeed_runner`;
grant select on table <catalog>.crm.customers to `backfeed_runner`;
grant select on table <catalog>.crm.orders to `backfeed_runner`;
grant select on table <catalog>.product.usage to `backfeed_runner`;
