-- author: writes models. Builds them in a schema of its own, never touches the private tables.
create role backfeed_author;
create schema if not exists backfeed_dev authorization backfeed_author; -- schema: of the author's own target
create schema if not exists backfeed_dev_audit authorization backfeed_author; -- audit schema of the same
grant usage on schema crm to backfeed_author;
grant usage on schema product to backfeed_author;
grant select on crm.customers to backfeed_author;
grant select on crm.orders to backfeed_author;
grant select on product.usage to backfeed_author;
