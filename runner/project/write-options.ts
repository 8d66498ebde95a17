/** How a write runs in the CRM beyond the values it sets; what is absent has the safe value. Salesforce only. */
export interface WriteOptions {
  /** Which assignment rule may give the record to somebody: `none` (default), the `active` one, or a rule by id. */
  assignmentRule?: string
  duplicateRule?: {
    /** Save although an alerting duplicate rule matches. Never the default. */
    allowSave?: boolean
    /** Compare only with records that the integration user may see. */
    asCurrentUser?: boolean
  }
}
