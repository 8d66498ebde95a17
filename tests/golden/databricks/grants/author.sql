-- author: writes models. Builds them in a schema of its own, never touches the private tables.
grant use catalog on catalog <catalog> to `backfeed_author`;
create schema if not exists <catalog>.backfeed_dev;
grant use schema, create table, select, modify on schema <catalog>.backfeed_dev to `backfeed_author`;
grant use schema on schema <catalog>.crm to `backfeed_author`;
grant use schema on schema <catalog>.product to `backfeed_author`;
grant select on table <catalog>.crm.customers to `backfeed_author`;
grant select on table <catalog>.crm.orders to `backfeed_author`;
grant select on table <catalog>.product.usage to `backfeed_author`;
