-- author: writes models. Builds them in a schema of its own, never touches the private tables.
create role backfeed_author;
create schema if not exists backfeed_dev;
grant usage, create on schema backfeed_dev to role backfeed_author;
create schema if not exists backfeed_dev_audit;
grant usage, create on schema backfeed_dev_audit to role backfeed_author;
grant usage on schema crm to role backfeed_author;
grant usage on schema product to role backfeed_author;
grant select on crm.customers to role backfeed_author;
grant select on crm.orders to role backfeed_author;
grant select on product.usage to role backfeed_author;
