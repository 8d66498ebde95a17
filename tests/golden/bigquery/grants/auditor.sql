-- auditor: reads the public views, which show what the audit kept, and nothing else.
-- to run queries, on the project: gcloud projects add-iam-policy-binding <project> --role roles/bigquery.jobUser --member "serviceAccount:backfeed-auditor@<project>.iam.gserviceaccount.com"
grant `roles/bigquery.dataViewer` on schema `<project>.backfeed_audit` to "serviceAccount:backfeed-auditor@<project>.iam.gserviceaccount.com";
-- authorise dataset backfeed_audit in dataset backfeed (Sharing > Authorize datasets), so that its views may read what the auditor may not
