/** Rows of the failure matrix that no test carries. */
const noMarker =
  'records are created by a key that the CRM keeps unique, or not at all (E-MAP-NOKEY): there are no creates by marker'

export const NOT_APPLICABLE: Readonly<Record<string, string>> = {
  F28: noMarker,
  F29: noMarker,
  F35: noMarker,
  F50: 'the fence field in the CRM is not offered; lease, settling and drift check stand for it (F49)',
  F58: 'there is no BigQuery adapter yet',
  F59: 'there are no Redshift and Databricks adapters yet',
  F86: 'a name may resolve to anything: what counts is the certificate for the vendor’s name (F85), and no other host is accepted',
}
