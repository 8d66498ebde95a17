-- author: writes models. Builds them in a schema of its own, never touches the private tables.
-- to run queries, on the project: gcloud projects add-iam-policy-binding <project> --role roles/bigquery.jobUser --member "serviceAccount:backfeed-author@<project>.iam.gserviceaccount.com"
create schema if not exists `<project>.backfeed_dev`;
grant `roles/bigquery.dataEditor` on schema `<project>.backfeed_dev` to "serviceAccount:backfeed-author@<project>.iam.gserviceaccount.com";
grant `roles/bigquery.dataViewer` on table `<project>.crm.customers` to "serviceAccount:backfeed-author@<project>.iam.gserviceaccount.com";
grant `roles/bigquery.dataViewer` on table `<project>.crm.orders` to "serviceAccount:backfeed-author@<project>.iam.gserviceaccount.com";
grant `roles/bigquery.dataViewer` on table `<project>.product.usage` to "serviceAccount:backfeed-author@<project>.iam.gserviceaccount.com";
