-- runner: runs syncs. Owns the private tables and the public views, reads what the models read.
create role if not exists backfeed_runner;
grant usage on warehouse <warehouse> to role backfeed_runner;
grant usage on database <database> to role backfeed_runner;
create schema if not exists <database>.backfeed with managed access;
grant usage, create table, create view on schema <database>.backfeed to role backfeed_runner;
create schema if not exists <database>.backfeed_audit with managed access;
grant usage, create table, create view on schema <database>.backfeed_audit to role backfeed_runner;
grant usage on schema <database>.crm to role backfeed_runner;
grant usage on schema <database>.product to role backfeed_runner;
grant select on table <database>.crm.customers to role backfeed_runner;
grant select on table <database>.crm.orders to role backfeed_runner;
grant select on table <database>.product.usage to role backfeed_runner;
