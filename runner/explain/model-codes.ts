/** Codes of templates, SQL, keys, mappings, null policies and rows. Title, meaning, what to do. */
import type { CodeTexts } from '../explain-code.ts'

export const modelCodes: CodeTexts = {
  'E-TPL-SYNTAX': [
    'The template cannot be read',
    'A tag, an expression or a call is not closed or not valid.',
    'Correct the place that is shown.',
  ],
  'E-TPL-UNDEF': [
    'Something in the template is not defined',
    'A variable, member or macro is used that does not exist. Undefined values are errors, also inside conditions.',
    'Correct the name, or define it.',
  ],
  'E-TPL-REF': [
    'Unknown model or source',
    'ref() or source() names something the project does not have.',
    'Correct the name, add the model, or declare the source in a property file.',
  ],
  'E-TPL-CYCLE': [
    'Models read each other in a circle',
    'No order exists in which these models could be built.',
    'Break the circle that the message names.',
  ],
  'E-TPL-SANDBOX': [
    'The template reaches for something it may not have',
    'Templates see data and macros only: no constructors, prototypes, or functions of the machine.',
    'Use the filters and macros that are documented.',
  ],
  'E-TPL-TIMEOUT': [
    'The template takes too long or grows too large',
    'Rendering is limited in time and size.',
    'Look for an endless loop; generate less SQL.',
  ],
  'E-TPL-PATH': [
    'An include leads outside the project',
    'Templates may only include files of the project.',
    'Use a path inside the project.',
  ],
  'E-TPL-SECRET': [
    'A secret would end up in SQL',
    'Compiled SQL is written to files and logs, so secrets are not available in models and vars.',
    'Use the secret in a target or a connection only.',
  ],
  'E-TPL-RAISED': [
    'The template raised this error itself',
    'A macro called exceptions.raise_compiler_error().',
    'The message is that of the macro.',
  ],
  'E-SQL-NOTSELECT': [
    'A model must be one SELECT',
    'The file holds several statements, none, or one that changes data.',
    'Keep one SELECT (or WITH … SELECT) per model, without `;` between statements.',
  ],
  'E-SQL-WAREHOUSE': [
    'The warehouse refused a statement',
    'The message is that of the warehouse; the place is that of the source file where it can be known.',
    'Correct the SQL; `backfeed compile` shows what is sent.',
  ],
  'E-SQL-MISSING': [
    'A table does not exist in the warehouse',
    'A model has not been built, or a source is declared that is not there.',
    'Run `backfeed build`, or correct the declaration of the source.',
  ],
  'W-SQL-STAR': [
    'A model of a sync selects *',
    'A new column upstream changes what the sync sees.',
    'List the columns.',
  ],
  'E-SEED-CSV': [
    'A seed cannot be read',
    'The CSV file is not rectangular, has no header, or holds a value its column type does not take.',
    'Correct the line that is shown, or the `data_type` of the column.',
  ],
  'E-KEY-MISSING': [
    'The primary key is not in the model',
    'The model has no column of that name.',
    'Correct `primary_key:`, or add the column.',
  ],
  'E-KEY-NULL': [
    'Rows without a key',
    'A row without a key cannot be followed from run to run; such rows wait in quarantine.',
    'Filter them out or fill the key in the model.',
  ],
  'E-KEY-DUP': [
    'A key occurs more than once',
    'It is unknown which of the rows is meant, so none of them is sent.',
    'Make the key unique in the model.',
  ],
  'E-KEY-FOLD': [
    'Two keys are one to the CRM',
    'The CRM ignores case and surrounding blanks, so these keys name the same record.',
    'Clean the key in the model.',
  ],
  'E-KEY-TYPE': [
    'The type of the key is not stable',
    'Floats and timestamps do not always have the same text, so a key of that type would change by itself.',
    'Cast the key to text or to an integer in the model.',
  ],
  'E-MAP-COLUMN': [
    'A column is not in the model',
    'The sync names a column the model does not have.',
    'Correct the name, or add the column.',
  ],
  'E-MAP-OBJECT': [
    'Unknown CRM object',
    'The CRM has no object of that name, or the login may not see it.',
    'Use the API name of the object.',
  ],
  'E-MAP-UNKNOWN-FIELD': [
    'Unknown CRM field',
    'The object has no field of that name, or the login may not see it.',
    'Use the API name, or create the field.',
  ],
  'E-MAP-LABEL': [
    'A label instead of an API name',
    'People see the label; requests need the API name.',
    'Use the name the message gives.',
  ],
  'E-MAP-READONLY': [
    'The field cannot be written',
    'It is computed by the CRM: a formula, a roll-up, an automatic number or a system field.',
    'Remove the mapping.',
  ],
  'E-MAP-PERMISSION': [
    'The login may not write the field',
    'The field exists, but the integration user or app lacks the permission.',
    'Grant write access to the field.',
  ],
  'E-MAP-TYPE': [
    'The types do not fit',
    'The column cannot be written into the field without a loss.',
    'Cast the column in the model.',
  ],
  'E-MAP-FLOAT': [
    'A float is mapped',
    'A float has no exact text, so it would seem to change without a change.',
    'Cast it to a decimal with a scale, or to an integer.',
  ],
  'W-MAP-LENGTH': [
    'Values are longer than the field',
    'The rows concerned wait in quarantine; nothing is cut off.',
    'Shorten the values in the model.',
  ],
  'E-MAP-REQUIRED': [
    'A required field is not mapped',
    'The CRM refuses to create a record without it.',
    'Map the field, or use mode: update.',
  ],
  'E-MAP-NOKEY': [
    'The match field is not unique in the CRM',
    'Matching by a field that several records may share would guess.',
    'Make the field unique in the CRM, or use strategy: lookup.',
  ],
  'E-MAP-REFERENCE': [
    'A reference that cannot be followed',
    'The field points to no record, or to another object, or the CRM has no such fields at all.',
    'Name the object the field points to and an External ID of it; without `reference` the column must hold record ids.',
  ],
  'W-MAP-KEY': [
    'A reference by a key that is not unique',
    'The CRM refuses a row whose value belongs to several records, because it would have to guess.',
    'Set Unique on the field in the CRM, or refer by a field that is.',
  ],
  'W-MAP-ORDER': [
    'Children may go before their parents',
    'Another sync creates the records this one points to, and nothing says that it goes first. A row whose parent is missing is refused.',
    'Add the sync of the parents to `depends_on`.',
  ],
  'E-MAP-DUP': [
    'A field is mapped twice',
    'One sync writes the field from two places; CRM names are compared without case.',
    'Remove one of the two.',
  ],
  'E-MAP-OWNED-TWICE': [
    'Two syncs write one field',
    'They would overwrite each other on every run.',
    'Let one sync own the field.',
  ],
  'E-MAP-CREATES-TWICE': [
    'Two syncs create records of one object',
    'Each could create the record the other is about to create.',
    'Let one sync create, and give the other mode: update.',
  ],
  'E-MAP-CRM-OWNED': [
    'A field of the CRM is mapped',
    '`ownership.crm` says that people own the field, so it can never be in a request.',
    'Remove the mapping, or the entry of `ownership.crm`.',
  ],
  'E-MAP-SOURCE': [
    'A mapping has no source, or two',
    'A field comes from a column (`from`) or is a constant (`value`): exactly one of them.',
    'Keep one of the two.',
  ],
  'E-MAP-MATCH': [
    'The match field is mapped to something else',
    'Changing the value a record is found by would lose the record.',
    'Remove the mapping; the match field is written when a record is created.',
  ],
  'E-MAP-STRATEGY': [
    'The match strategy belongs to the other CRM',
    'external_id is a Salesforce way to match, unique_property one of HubSpot; lookup works for both.',
    'Choose the strategy the message lists.',
  ],
  'E-MAP-NOEFFECT': [
    'A setting can never take effect',
    'Two settings of the sync exclude each other, such as mode: update with write: on_create.',
    'Change one of the two.',
  ],
  'W-MAP-SENSITIVE': [
    'A field people usually own',
    'Owner, lifecycle stage, opt-out and the like are mostly edited by people, or start something in the CRM.',
    'Make sure nobody edits it by hand; otherwise list it under `ownership.crm`.',
  ],
  'E-NULL-TWICE': ['Two ways to blank a field', '`clear_when` and `sentinel` are both given.', 'Keep one of the two.'],
  'E-NULL-CONSTANT': [
    'A null policy on a constant',
    'A constant is never null, so the policy could never apply.',
    'Remove the policy.',
  ],
  'E-NULL-FLAG': [
    '`clear_when` is not boolean',
    'Only true blanks the field; another type would have to be guessed.',
    'Make the column boolean in the model.',
  ],
  'E-NULL-REQUIRED': [
    'A clear of a field that is never empty',
    'The CRM keeps a value in the field always: a required field, or a checkbox, which is true or false.',
    'Use on_null: ignore or reject, without clear_when and sentinel; for a checkbox write false.',
  ],
  'E-NULL-REJECT': [
    'A null where the field says reject',
    'The row waits in quarantine until the value is there.',
    'Fill the value in the model, or use on_null: ignore.',
  ],
  'W-NULL-SENTINEL': [
    'A sentinel that looks like a value',
    'The sentinel never occurs, or occurs in a large share of the rows.',
    'Choose a text that cannot be a value.',
  ],
  'E-DATA-RULE': [
    'A row breaks a validation rule',
    'The row waits in quarantine and leaves it by itself once it passes.',
    'Correct the data, the model or the rule.',
  ],
  'E-DATA-EMAIL': ['Not an e-mail address', 'The CRM would refuse the value.', 'Correct the value at its source.'],
  'E-DATA-LENGTH': [
    'A value is too long',
    'The field of the CRM is shorter than the value; nothing is cut off.',
    'Shorten the value in the model.',
  ],
  'E-DATA-RANGE': [
    'A number or a date does not fit',
    'The field of the CRM cannot hold it as it is: too many digits before or behind the point, or a day it does not know. Nothing is rounded.',
    'Round or scale the number in the model; cast it to the precision of the field.',
  ],
  'E-DATA-PICKLIST': [
    'A value is not in the picklist',
    'The CRM takes only the values of its list for this field.',
    'Map the value in the model, or add it in the CRM.',
  ],
  'E-DATA-REF': [
    'A parent record is missing or wrong',
    'The record this row points to is not in the CRM, is the row itself, or its id is no id: 15 or 18 characters, the last three a checksum.',
    'Send the parents first (`depends_on`); correct the value in the model.',
  ],
  'E-DATA-AMBIGUOUS': [
    'Several CRM records match',
    'More than one record answers to the match value, and nothing is guessed.',
    'Merge the records in the CRM, or match on a unique field.',
  ],
  'E-DATA-CLAIMED': [
    'The CRM record belongs to another row',
    'Two rows lead to one record of the CRM.',
    'Make the match value unique in the model.',
  ],
  'E-DATA-GONE': [
    'The CRM record is gone',
    'The record this key was written to was deleted, merged, or no longer has the match value. A new record could be a duplicate, so none is made.',
    'Give the record its match value back, or correct the match value in the model; the row then goes on by itself.',
  ],
  'E-DATA-DRIFT': [
    'The CRM and the warehouse both changed a field',
    'A field holds another value than was last written, and the warehouse has a new one too; on_drift: quarantine leaves the decision to a person.',
    'Take the value of the CRM as the starting point with `backfeed adopt SYNC --keys KEY --apply`, correct one of the two, or choose on_drift: overwrite or keep.',
  ],
}
