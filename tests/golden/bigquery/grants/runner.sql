-- runner: runs syncs. Owns the private tables and the public views, reads what the models read.
-- to run queries, on the project: gcloud projects add-iam-policy-binding <project> --role roles/bigquery.jobUser --member "serviceAccount:backfeed-runner@<project>.iam.gserviceaccount.com"
create schema if not exists `<project>.backfeed`;
grant `roles/bigquery.dataEditor` on schema `<project>.backfeed` to "serviceAccount:backfeed-runner@<project>.iam.gserviceaccount.com";
create schema if not exists `<project>.backfeed_audit`;
grant `roles/bigquery.dataEditor` on schema `<project>.backfeed_audit` to "serviceAccount:backfeed-runner@<project>.iam.gserviceaccount.com";
grant `roles/bigquery.dataViewer` on table `<project>.crm.customers` to "serviceAccount:backfeed-runner@<project>.iam.gserviceaccount.com";
grant `roles/bigquery.dataViewer` on table `<project>.crm.orders` to "serviceAccount:backfeed-runner@<project>.iam.gserviceaccount.com";
grant `roles/bigquery.dataViewer` on table `<project>.product.usage` to "serviceAccount:backfeed-runner@<project>.iam.gserviceaccount.com";
