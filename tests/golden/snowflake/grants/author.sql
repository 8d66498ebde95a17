-- author: writes models. Builds them in a schema of its own, never touches the private tables.
create role if not exists backfeed_author;
grant usage on warehouse <warehouse> to role backfeed_author;
grant usage on database <database> to role backfeed_author;
create schema if not exists <database>.backfeed_dev;
grant usage, create table, create view on schema <database>.backfeed_dev to role backfeed_author;
grant usage on schema <database>.crm to role backfeed_author;
grant usage on schema <database>.product to role backfeed_author;
grant select on table <database>.crm.customers to role backfeed_author;
grant select on table <database>.crm.orders to role backfeed_author;
grant select on table <database>.product.usage to role backfeed_author;
